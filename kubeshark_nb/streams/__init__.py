"""Packets to ordered bytes in both directions, with gaps, time-outs and limits."""
