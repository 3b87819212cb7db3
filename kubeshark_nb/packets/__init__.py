"""Frames to packets: link types, tunnels, IP and fragments, whole batches at a time."""
