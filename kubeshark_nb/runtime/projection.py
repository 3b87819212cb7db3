"""Which members of items scripts read: only these are sent to the interpreter, where views fetch the rest on demand.

Reading all of a 3 KB document takes QuickJS longer than all else that happens to an item, and most hooks look at three
members. What they touch beyond what was sent comes back as misses (views.js); what is often missed is sent then on.
So scripts see no difference, and a hook that looks at everything gets everything. Documents that are no proper Unicode
(lone surrogates) are sent whole.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

Path = tuple[str, ...]

OFTEN = 8  # a member is sent once it is missed in one of so many items
SURE = 3  # misses before that is believed
RECENT = 1024  # items after which misses are forgotten
MOST = 32  # members of one object; a hook that reads more gets all
JUDGED = ("passed", "failed")  # read from every item when its hook is done


class Miss(NamedTuple):
    """Something touched that had not been sent: member ``name`` of the object at ``path``, or, None, all of it."""

    path: Path
    name: str | None
    is_object: bool


class Shape:
    """What is sent of one object: ``members`` by name, those that are themselves sent in part with a shape."""

    def __init__(self, path: Path, names: Iterable[str] = ()) -> None:
        self.path = path
        self.members: dict[str, Shape | None] = dict.fromkeys(names)

    def told(self) -> dict[str, Any]:
        """What views.js calls a shape."""
        parts = [part for name, shape in self.members.items() if shape for part in (name, shape.told())]
        return {"path": self.path, "names": dict.fromkeys(self.members, 1), "parts": parts}

    def schema(self) -> Any:
        """A type that reads these members, as they are, and skips the others."""
        from msgspec import UNSET, Raw, UnsetType, defstruct

        kinds: list[Any] = [Raw if shape is None else shape.schema() | None for shape in self.members.values()]
        fields = [(f"f{number}", kind | UnsetType, UNSET) for number, kind in enumerate(kinds)]
        renamed = {f"f{number}": name for number, name in enumerate(self.members)}
        return defstruct("Sent", fields, rename=renamed, gc=False)


class Projection:
    """The shape that fits the loaded scripts, learned from their misses."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Other scripts: begin anew."""
        self._root: Shape | None = Shape((), JUDGED)
        self._misses: Counter[Miss] = Counter()
        self._items = 0
        self._shaped()

    def of(self, documents: Sequence[bytes], copies: int) -> tuple[bytes, bytes]:
        """The shape and the ``documents`` in it (``copies`` of each), as JSON; of whole documents the shape is null."""
        if self._root is not None:
            try:
                return self._shape, self._project(documents, copies)
            except (ValueError, RecursionError):  # a member that is an object elsewhere is none here
                pass
        return b"null", b"[%b]" % b",".join([document for document in documents for _ in range(copies)])

    def learn(self, misses: Iterable[Sequence[Any]], items: int) -> None:
        """``items`` have been handled, and this was missed."""
        self._items += items
        self._misses.update(Miss(tuple(path), name, is_object) for path, name, is_object in misses)
        often = max(SURE, self._items // OFTEN)
        grown = [self._grow(miss) for miss, number in self._misses.items() if number >= often]
        if any(grown):
            self._shaped()
        if grown or self._items >= RECENT:
            self._items, self._misses = 0, Counter()

    def _grow(self, miss: Miss) -> bool:
        """Send what was missed from now on; whether that is new."""
        parent, shape = None, self._root
        for step in miss.path:
            parent, shape = shape, shape.members.get(step) if shape else None
        if shape is None or miss.name in shape.members:
            return False
        if miss.name is not None and len(shape.members) < MOST:
            shape.members[miss.name] = Shape((*miss.path, miss.name)) if miss.is_object else None
        elif parent is None:
            self._root = None
        else:
            parent.members[miss.path[-1]] = None
        return True

    def _shaped(self) -> None:
        self._shape = b"null" if self._root is None else orjson.dumps(self._root.told())
        if self._root is not None:
            self._project = _projector(self._root)


def _projector(shape: Shape) -> Callable[[Sequence[bytes], int], bytes]:
    """Cuts documents down to ``shape``. Raises ValueError when they have another."""
    from msgspec.json import Decoder, Encoder

    decode, encode = Decoder(shape.schema()).decode, Encoder().encode

    def project(documents: Sequence[bytes], copies: int) -> bytes:
        return encode([sent for sent in map(decode, documents) for _ in range(copies)])

    return project
