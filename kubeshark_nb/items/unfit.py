"""What readers of name files raise; who opened the file adds its name."""

from __future__ import annotations


class UnfitError(ValueError):
    """An entry is not what it should be. The message says which, and why."""
