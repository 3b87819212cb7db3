"""Reading one header of many records at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def rows(data: bytes, offsets: NDArray[np.int64], width: int) -> NDArray[np.uint8]:
    """A contiguous ``(len(offsets), width)`` copy of ``data[offset : offset + width]`` of every offset.

    A view whose elements overlap (one may begin at every byte) lets numpy copy each row in one go: several times
    faster than gathering byte by byte.
    """
    anywhere = np.ndarray((len(data) - width + 1,), dtype=f"V{width}", buffer=data, strides=(1,))
    return anywhere[offsets].view(np.uint8).reshape(-1, width)
