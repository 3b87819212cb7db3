"""Compiled comprehensions: loops over the elements of a list or the keys of a map.

What a loop binds travels in a copy of the item, under a key no document has, so compiled queries hold no state and
threads may share them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from kubeshark_nb.kfl.cel.closures import Getter, boolean
from kubeshark_nb.kfl.cel.values import BOOL, LIST, FailedError

Body = Callable[[list[Any], str, dict[str, Any]], Any]


def over(source: Getter, key: str, body: Body) -> Getter:
    """``body`` run over what ``source`` gives; ``key`` is where it finds the current element."""

    def run(item: Any) -> Any:
        found = source(item)
        if type(found) not in (list, dict):
            raise FailedError("no such overload")
        return body(list(found), key, dict(item) if type(item) is dict else {})

    return run


def _quantified(*, decisive: bool) -> Callable[[Getter], Any]:
    """`exists` (``decisive`` is True) and `all`: a decisive element wins, even over elements that fail."""

    def build(test: Getter) -> Any:
        def run(elements: list[Any], key: str, item: dict[str, Any]) -> bool:
            failure = None
            for item[key] in elements:
                try:
                    if boolean(test(item)) is decisive:
                        return decisive
                except FailedError as error:
                    failure = error
            if failure:
                raise failure
            return not decisive

        return run

    return build


def _bound_each(elements: list[Any], key: str, item: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item[key] in elements:
        yield item


def _exists_one(test: Getter) -> Any:
    return lambda elements, key, item: sum(boolean(test(each)) for each in _bound_each(elements, key, item)) == 1


def _filter(test: Getter) -> Any:
    return lambda elements, key, item: [each[key] for each in _bound_each(elements, key, item) if boolean(test(each))]


def _map(test: Getter, transform: Getter | None = None) -> Any:
    if transform is None:
        return lambda elements, key, item: [test(each) for each in _bound_each(elements, key, item)]
    return lambda elements, key, item: [
        transform(each) for each in _bound_each(elements, key, item) if boolean(test(each))
    ]


COMPREHENSIONS: dict[str, tuple[tuple[int, ...], Callable[..., Any], str]] = {
    "all": ((2,), _quantified(decisive=False), BOOL),
    "exists": ((2,), _quantified(decisive=True), BOOL),
    "exists_one": ((2,), _exists_one, BOOL),
    "existsOne": ((2,), _exists_one, BOOL),
    "filter": ((2,), _filter, LIST),
    "map": ((2, 3), _map, LIST),
}
"""Macro -> numbers of arguments, how to build its loop, kind of its result."""
