"""The closures a CEL query is made of, apart from their compiler."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kubeshark_nb.kfl.cel import values
from kubeshark_nb.kfl.cel.values import FailedError

Getter = Callable[[Any], Any]


def built(entries: list[tuple[Getter, Getter]], item: Any) -> dict[Any, Any]:
    """A map literal. Raises FailedError for a key that repeats or cannot be one."""
    built = {}
    for key, value in entries:
        name = key(item)
        if type(name) not in (str, int, bool) or name in built:
            raise FailedError("a map has each key once, and keys are strings, numbers or booleans")
        built[name] = value(item)
    return built


def equals_constant(get: Getter, constant: Any, *, wanted: bool) -> Getter:
    """``==`` (``wanted``) or ``!=`` with a literal of the same kind."""
    if wanted:
        return lambda item: get(item) == constant
    return lambda item: get(item) != constant


def boolean(value: Any) -> bool:
    """``value``, which must be a boolean. Raises FailedError."""
    if not isinstance(value, bool):
        raise FailedError("no such overload")
    return value


def string(value: Any) -> str:
    """``value``, which must be a text. Raises FailedError."""
    if not isinstance(value, str):
        raise FailedError("no such overload")
    return value


def checked(get: Getter) -> Getter:
    """``get`` as a condition."""
    return lambda item: boolean(get(item))


def succeeds(evaluate: Callable[..., Any], *arguments: Any) -> bool:
    """Whether an evaluation has a value."""
    try:
        evaluate(*arguments)
    except FailedError:
        return False
    return True


def joined(getters: tuple[Getter, ...], *, decisive: bool) -> Getter:
    """`||` (``decisive`` is True) or `&&`: a decisive term wins, even over terms that fail."""

    def slowly(item: Any) -> Any:
        failure = None
        for get in getters:
            try:
                if get(item) is decisive:
                    return decisive
            except FailedError as error:
                failure = error
        if failure:
            raise failure
        return not decisive

    def test(item: Any) -> Any:
        try:
            for get in getters:
                if get(item) is decisive:
                    return decisive
        except FailedError:
            return slowly(item)
        return not decisive

    return test


def folded_get(container: Getter, key: Getter, default: Getter) -> Getter:
    """`map_get` on a map whose keys do not mind their case."""

    def get(item: Any) -> Any:
        try:
            return values.folded(container(item), key(item))
        except FailedError:
            return default(item)

    return get
