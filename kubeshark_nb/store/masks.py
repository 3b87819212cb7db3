"""A prefilter tree (`kubeshark_nb.kfl.prefilter`) over whole columns: one boolean per row of a store."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.compute as pc

from kubeshark_nb.kfl import prefilter
from kubeshark_nb.kfl.regex import searcher
from kubeshark_nb.store.arrays import booleans, scalar, texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from kubeshark_nb.kfl.prefilter import Node
    from kubeshark_nb.store.reader import State

    Mask = NDArray[np.bool_]

INT64 = range(-(2**63), 2**63)


def mask_of(node: Node, state: State) -> Mask:
    """For each row, as `State.column` lays them: whether ``node`` is true of it."""
    return EVALUATE[type(node)](node, state)


def _all(node: prefilter.All, state: State) -> Mask:
    mask = np.ones(len(state), np.bool_)
    for part in node.parts:
        mask &= mask_of(part, state)
    return mask


def _any(node: prefilter.Any, state: State) -> Mask:
    mask = np.zeros(len(state), np.bool_)
    for part in node.parts:
        mask |= mask_of(part, state)
    return mask


def _not(node: prefilter.Not, state: State) -> Mask:
    return ~mask_of(node.part, state)


def _compare(node: prefilter.Compare, state: State) -> Mask:
    column, op, value = state.column(node.column), node.op, node.value
    if isinstance(value, bool | str):
        return booleans(COMPARE[op](column, scalar(value, column.type)))
    op, whole = _whole(op, value)
    if whole not in INT64:  # every number of the column lies on the same side of it
        return np.full(len(state), prefilter.COMPARE[op](0, whole), np.bool_)
    return booleans(COMPARE[op](column, scalar(whole, column.type)))


def _whole(op: str, value: float) -> tuple[str, int]:
    """The same comparison of a whole number with a whole number. Never through floats: they lose nanoseconds."""
    if value == math.floor(value):
        return op, int(value)
    if op in ("==", "!="):
        return op, INT64.stop  # what no whole number is equal to
    return ("<=", math.floor(value)) if op in ("<", "<=") else (">=", math.ceil(value))


def _in(node: prefilter.In, state: State) -> Mask:
    return booleans(pc.is_in(state.column(node.column), texts(node.values)))


def _text(node: prefilter.Text, state: State) -> Mask:
    column = state.column(node.column)
    if node.how in TEXT:
        return booleans(TEXT[node.how](column, node.value))
    find = searcher(node.value)  # the very search that evaluation does, once per different text
    distinct = pc.unique(column)
    found = [text for text in distinct.to_pylist() if find(text)]
    return booleans(pc.is_in(column, texts(found)))


def _document(_node: prefilter.Document, state: State) -> Mask:
    return np.ones(len(state), np.bool_)  # no column says it: see `needles`


COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "==": pc.equal,
    "!=": pc.not_equal,
    "<": pc.less,
    "<=": pc.less_equal,
    ">": pc.greater,
    ">=": pc.greater_equal,
}
TEXT: dict[str, Callable[[Any, str], Any]] = {
    "startswith": pc.starts_with,
    "endswith": pc.ends_with,
    "contains": pc.match_substring,
}
EVALUATE: dict[type, Callable[[Any, State], Mask]] = {
    prefilter.All: _all,
    prefilter.Any: _any,
    prefilter.Not: _not,
    prefilter.Compare: _compare,
    prefilter.In: _in,
    prefilter.Text: _text,
    prefilter.Document: _document,
}
