"""Arrow arrays from Python values and to numpy, by way of their buffers.

`pyarrow.array`, `scalar` and `to_numpy` import pandas the first time they are called (0.3 s and 60 MB in every node
process, and before the first query); `array` also stops at text with a lone surrogate, which is not worth losing an
item for.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence, Sized

    from numpy.typing import NDArray


def integers(values: Sequence[int]) -> pa.Array:
    """An int64 array."""
    return _fixed(pa.int64(), np.array(values, np.int64))


def flags(values: Sequence[bool]) -> pa.Array:
    """A bool array."""
    packed = np.packbits(np.array(values, bool), bitorder="little")
    return pa.Array.from_buffers(pa.bool_(), len(values), [None, pa.py_buffer(packed)])


def texts(values: Sequence[str]) -> pa.Array:
    """A utf8 array; what has no UTF-8 form becomes ``?``."""
    joined = "".join(values)
    if joined.isascii():  # nearly always: then a character is a byte
        return _variable(pa.utf8(), np.dtype(np.int32), values, joined.encode())
    encoded = [value.encode("utf-8", "replace") for value in values]
    return _variable(pa.utf8(), np.dtype(np.int32), encoded, b"".join(encoded))


def blobs(values: Sequence[bytes]) -> pa.Array:
    """A large_binary array."""
    return _variable(pa.large_binary(), np.dtype(np.int64), values, b"".join(values))


MAKERS: dict[pa.DataType, Callable[[Any], pa.Array]] = {
    pa.int64(): integers,
    pa.bool_(): flags,
    pa.utf8(): texts,
    pa.large_binary(): blobs,
}


def array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """An array of ``kind``, one of `MAKERS`, without nulls."""
    return MAKERS[kind](values)


def scalar(value: Any, kind: pa.DataType) -> pa.Scalar:
    """One value of ``kind``, for comparisons with a column."""
    return array([value], kind)[0]


def numbers(column: pa.ChunkedArray) -> NDArray[np.int64]:
    """The values of an int64 column without nulls."""
    parts = [np.frombuffer(chunk.buffers()[1], np.int64)[chunk.offset :][: len(chunk)] for chunk in _filled(column)]
    return np.concatenate([np.zeros(0, np.int64), *parts])


def booleans(column: pa.ChunkedArray) -> NDArray[np.bool_]:
    """The values of a bool column without nulls."""
    return np.concatenate([np.zeros(0, np.bool_), *(_bits(chunk) for chunk in _filled(column))])


def listed(column: pa.Array) -> list[Any]:
    """The values of a column of one of `MAKERS`' kinds, without nulls."""
    if not len(column):
        return []
    if column.type == pa.int64():
        return list(numbers(pa.chunked_array([column])).tolist())
    if column.type == pa.bool_():
        return list(booleans(pa.chunked_array([column])).tolist())
    width = np.dtype(np.int64 if column.type == pa.large_binary() else np.int32)
    _, places, data = column.buffers()
    ends = np.frombuffer(places, width)[column.offset :][: len(column) + 1].tolist()
    content = memoryview(data) if data is not None else memoryview(b"")
    pieces = [bytes(content[start:end]) for start, end in pairwise(ends)]
    return pieces if column.type == pa.large_binary() else [piece.decode() for piece in pieces]


def _bits(chunk: pa.Array) -> NDArray[np.bool_]:
    packed = np.frombuffer(chunk.buffers()[1], np.uint8)
    return np.unpackbits(packed, bitorder="little")[chunk.offset :][: len(chunk)].view(np.bool_)


def _filled(column: pa.ChunkedArray) -> list[pa.Array]:
    return [chunk for chunk in column.chunks if len(chunk)]


def _fixed(kind: pa.DataType, values: NDArray[Any]) -> pa.Array:
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(values)])


def _variable(kind: pa.DataType, offset: np.dtype[Any], values: Sequence[Sized], joined: bytes) -> pa.Array:
    offsets = np.zeros(len(values) + 1, offset)
    np.cumsum(np.fromiter(map(len, values), np.int64, len(values)), out=offsets[1:])
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(offsets), pa.py_buffer(joined)])
