"""Bytes to messages to items: one file per protocol, one table that picks."""
