"""Small segments made into larger ones, so that hours of live rows do not become a hundred thousand files."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from kubeshark_nb.store.segment import Span, read, write

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FAN = 16  # so many segments of one level become one of the next: every row is written again about log16 times
ENOUGH = 32 << 20  # bytes of documents; so many are merged before there are FAN of them


class Written(NamedTuple):
    """A segment of this writer: its rows, bytes of documents, and how often they have been merged."""

    span: Span
    size: int
    level: int


def ripe(written: Sequence[Written]) -> int:
    """How many of the last segments to merge now; 0 for none."""
    size = 0
    for count, segment in enumerate(reversed(written), 1):
        if segment.level != written[-1].level or segment.size >= ENOUGH // 2:
            break
        size += segment.size
        if count == FAN or (size >= ENOUGH and count > 1):
            return count
    return 0


def merged(folder: Path, parts: Sequence[Written]) -> Written:
    """One segment with the rows of ``parts``, which follow each other; their files go once it is there."""
    batches = [read(folder / part.span.file_name, part.span.first).batch for part in parts]
    whole = pa.Table.from_batches(batches).combine_chunks().to_batches()[0]
    span = write(folder, parts[0].span.first, whole)
    for part in parts:
        (folder / part.span.file_name).unlink(missing_ok=True)
    return Written(span, sum(part.size for part in parts), parts[0].level + 1)
