r"""What a prefilter tree says of a document's bytes, so that documents are not parsed in vain.

`Document(text)` nodes ask for text that the JSON of every match holds. In JSON a character of text is written as
itself, as ``\uXXXX``, or, for quotes, backslashes, controls and the slash, with a short escape; a node's text has none
of the former three. So the search is exact for documents without ``\u`` and ``\/`` (column ``escaped``), which is why
the caller does not ask it about the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubeshark_nb.kfl.prefilter import All, Any, Document, Node

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Test = Callable[[bytes], bool]


def needles(node: Node) -> Test | None:
    """Whether a document may be one that ``node`` is true of, by its bytes; ``None`` when they say nothing."""
    match node:
        case Document(text=text):
            return _has(text.encode())
        case All(parts=parts):
            return _every([test for part in parts if (test := needles(part))])
        case Any(parts=parts):
            tests = [needles(part) for part in parts]
            return _some([test for test in tests if test]) if all(tests) else None
    return None


def _has(text: bytes) -> Test:
    return lambda document: text in document


def _every(tests: Sequence[Test]) -> Test | None:
    if len(tests) < 2:  # noqa: PLR2004 (nothing to combine)
        return tests[0] if tests else None
    return lambda document: all(test(document) for test in tests)


def _some(tests: Sequence[Test]) -> Test | None:
    return (lambda document: any(test(document) for test in tests)) if tests else None
