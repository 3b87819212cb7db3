"""Frames -> packets: link types, tags, tunnels, IPv4 and IPv6, whole batches at a time."""
