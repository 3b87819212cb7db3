"""Words for the operators and tests that both languages share."""

from __future__ import annotations

COMPARED = {
    "==": "is",
    "!=": "is not",
    "<": "is below",
    "<=": "is at most",
    ">": "is above",
    ">=": "is at least",
    "in": "is in",
}
TESTED = {"startsWith": "starts with", "endsWith": "ends with", "contains": "contains", "matches": "matches"}
EVERYTHING = "everything"
