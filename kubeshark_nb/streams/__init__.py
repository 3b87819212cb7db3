"""Packets -> ordered bytes of both directions, with every hole stated; bounded in streams, bytes and time."""
