"""Tree -> closures. A closure takes an item and gives a value, or `MISSING` when a path led nowhere.

`MISSING` travels up through every operator; a group, and the query as a whole, turns it into false. That is the
original's rule that a missing path makes the nearest enclosing parentheses false.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubeshark_nb.kfl import comparisons, helpers, xmltree
from kubeshark_nb.kfl.ast import (
    Call,
    Compare,
    Dangling,
    Group,
    Literal,
    Logic,
    Member,
    Negative,
    Node,
    Not,
    Regex,
    Selector,
)
from kubeshark_nb.kfl.constants import value_of
from kubeshark_nb.kfl.helpers import BadArgumentError, Known, constant
from kubeshark_nb.kfl.lexer import error_at
from kubeshark_nb.kfl.paths import getter
from kubeshark_nb.kfl.regex import searcher
from kubeshark_nb.kfl.values import MISSING, Getter, truth

if TYPE_CHECKING:
    from collections.abc import Callable


class Compiler:
    """Compiles the nodes read from ``text``, to which errors point. ``known`` is what `now()` and its kin see."""

    def __init__(self, text: str, known: Known) -> None:
        self._text = text
        self._known = known

    def test(self, node: Node) -> Getter:
        """Whether ``node`` is true: True, False or `MISSING`."""
        match node:
            case Compare():
                return self._compare(node)
            case Logic(terms=terms, ops=ops):
                return _logic([self.test(term) for term in terms], ops)
            case Group(inner=inner):
                return _group_test(self.test(inner))
        get = self.value(node)
        return lambda item: truth(get(item))

    def value(self, node: Node) -> Getter:  # noqa: PLR0911 - one case per kind of node
        """The value of ``node``."""
        match node:
            case Literal(value=value):
                return constant(value)
            case Regex(pattern=pattern):
                return constant(pattern)
            case Selector():
                return self._selector(node)
            case Not(operand=operand):
                return _inverted(self.value(operand))
            case Negative(operand=operand):
                return _negated(self.value(operand))
            case Group(inner=inner):
                return _found_or_false(self.value(inner))
            case Compare() | Logic():
                return self.test(node)

    # -- comparisons -------------------------------------------------------------------------------------------------

    def _compare(self, node: Compare) -> Getter:
        if node.op in comparisons.EQUALITIES:
            return self._equality(node.left, node.right, wanted=node.op == "==")
        left, right = node.left, node.right
        if (constant := value_of(right, self._known)) is not MISSING:
            return comparisons.in_order(node.op, self.value(left), constant)
        if (constant := value_of(left, self._known)) is not MISSING:
            return comparisons.in_order(comparisons.MIRRORED[node.op], self.value(right), constant)
        return comparisons.both_in_order(node.op, self.value(left), self.value(right))

    def _equality(self, left: Node, right: Node, *, wanted: bool) -> Getter:
        if isinstance(left, Regex | Literal) and not isinstance(right, Regex):
            left, right = right, left
        if isinstance(right, Regex):
            return comparisons.matches(self.value(left), self._searcher(right), wanted=wanted)
        if (constant := value_of(right, self._known)) is not MISSING:
            return comparisons.equals(self.value(left), constant, wanted=wanted)
        return comparisons.both_equal(self.value(left), self.value(right), wanted=wanted)

    def _searcher(self, node: Regex) -> Any:
        try:
            return searcher(node.pattern)
        except ValueError as error:
            raise error_at(self._text, node.at, f"error parsing regexp: {error}") from None

    # -- selectors ---------------------------------------------------------------------------------------------------

    def _selector(self, node: Selector) -> Getter:
        """A path, cut at its calls: each call works on what the part before it gives."""
        if [step.name for step in node.steps if isinstance(step, Member)] == ["now"] and len(node.steps) == 1:
            return constant(self._known.now_ms)
        get: Getter | None = None
        path: list[Any] = []
        after = ""
        for step in node.steps:
            if isinstance(step, Dangling):
                raise error_at(self._text, step.at, "not terminated: a name is expected after the last dot")
            if not isinstance(step, Call):
                path.append(step)
                continue
            get, path, after = self._call(step, _joined(get, path, after)), [], step.name
        return _joined(get, path, after) or constant(MISSING)

    def _call(self, call: Call, receiver: Getter | None) -> Getter:
        build = helpers.HELPERS.get(call.name)
        if build is None:
            for argument in call.arguments:
                self.value(argument)  # only its errors matter: an unknown helper is a missing path
            return constant(MISSING)
        try:
            return build(receiver, call.arguments, self._known)
        except BadArgumentError as error:
            raise error_at(self._text, call.at, str(error)) from None


def _joined(get: Getter | None, path: list[Any], after: str) -> Getter | None:
    """``path`` on what ``get`` gives, ``get`` being the result of the helper ``after`` (an empty text when none)."""
    if get is None:
        return getter(path) if path else None
    if not path and after != "xml":
        return get
    tail = getter(path)
    if after == "xml":
        return _found_or_false(_piped(get, tail), xmltree.as_text)
    return _found_or_false(_piped(get, tail)) if after in helpers.DOCUMENTS else _piped(get, tail)


def _piped(first: Getter, second: Getter) -> Getter:
    return lambda item: second(first(item))


def _found_or_false(get: Getter, convert: Getter = lambda value: value) -> Getter:
    def found(item: Any) -> Any:
        value = get(item)
        return False if value is MISSING else convert(value)

    return found


def _group_test(test: Getter) -> Getter:
    return lambda item: test(item) is True


def _inverted(get: Getter) -> Getter:
    """`!`: turns booleans round and leaves everything else as it is."""

    def inverted(item: Any) -> Any:
        value = get(item)
        return not value if type(value) is bool else value

    return inverted


def _negated(get: Getter) -> Getter:
    """`-`: turns numbers round and leaves everything else as it is."""

    def negated(item: Any) -> Any:
        value = get(item)
        return -value if type(value) in (int, float) else value

    return negated


# -- logic -----------------------------------------------------------------------------------------------------------


def _logic(tests: list[Getter], ops: tuple[str, ...]) -> Getter:
    if set(ops) == {"and"} and len(tests) in _ALL:
        return _ALL[len(tests)](*tests)
    if ops == ("or",):
        return _either(*tests)
    return _chain(tests, ops)


def _both(first: Getter, second: Getter) -> Getter:
    def test(item: Any) -> Any:
        result = first(item)
        return second(item) if result is True else result

    return test


def _all_three(first: Getter, second: Getter, third: Getter) -> Getter:
    def test(item: Any) -> Any:
        result = first(item)
        if result is True:
            result = second(item)
        return third(item) if result is True else result

    return test


def _either(first: Getter, second: Getter) -> Getter:
    def test(item: Any) -> Any:
        result = first(item)
        return second(item) if result is False else result

    return test


def _chain(tests: list[Getter], ops: tuple[str, ...]) -> Getter:
    """Any mixture, from the left: a result that its operator cannot change any more is the result of the rest too."""
    goes_on = tuple(zip(tests, [op == "and" for op in ops], strict=False))
    last = tests[-1]

    def test(item: Any) -> Any:
        for each, unless in goes_on:
            result = each(item)
            if result is not unless:
                return result
        return last(item)

    return test


_ALL: dict[int, Callable[..., Getter]] = {2: _both, 3: _all_three}
