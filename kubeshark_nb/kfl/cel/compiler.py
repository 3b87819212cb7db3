"""CEL tree -> typed closures. Kinds are checked on the way, so a query that cannot work is refused with its place.

A closure takes an item and gives a value, or raises FailedError.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kubeshark_nb.kfl.cel import values
from kubeshark_nb.kfl.cel.ast import (
    Binary,
    Call,
    Conditional,
    Const,
    Ident,
    Index,
    ListOf,
    Logic,
    MapOf,
    Node,
    Select,
    Unary,
)
from kubeshark_nb.kfl.cel.closures import (
    Getter,
    boolean,
    built,
    checked,
    equals_constant,
    folded_get,
    joined,
    string,
    succeeds,
)
from kubeshark_nb.kfl.cel.comprehensions import COMPREHENSIONS, over
from kubeshark_nb.kfl.cel.functions import FUNCTIONS, METHODS, call, fitting
from kubeshark_nb.kfl.cel.values import BOOL, DOUBLE, DYN, INT, LIST, MAP, STRING, TIMESTAMP, FailedError, Timestamp
from kubeshark_nb.kfl.cel.variables import CASELESS, VARIABLES, getter
from kubeshark_nb.kfl.lexer import error_at
from kubeshark_nb.kfl.regex import searcher

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubeshark_nb.errors import KFLError

PAIR = 2
BOUND = "\0"
"""Prefix of the keys under which comprehension variables travel."""


class Typed(NamedTuple):
    """A compiled node: its kind, its closure, and the variable it is, if it is one."""

    kind: str
    get: Getter
    variable: str = ""


class Compiler:
    """Compiles the nodes read from ``text``. ``now_ns`` is what `now()` gives."""

    def __init__(self, text: str, now_ns: int) -> None:
        self._text = text
        self._now = Timestamp(now_ns)
        self._bound: list[str] = []
        self._rules: dict[type, Callable[[Any], Typed]] = {
            Const: self._const,
            Ident: self._ident,
            Select: self._select,
            Index: self._index,
            ListOf: self._list,
            MapOf: self._map,
            Unary: self._unary,
            Binary: self._binary,
            Logic: self._logic,
            Conditional: self._conditional,
            Call: self._call,
        }

    def condition(self, tree: Node) -> Getter:
        """Whether an item matches; an evaluation that fails does not. Raises KFLError when ``tree`` is no condition."""
        compiled = self._typed(tree)
        if compiled.kind not in (BOOL, DYN):
            raise self._error(tree, f"expected type 'bool' but found '{compiled.kind}'")
        get = compiled.get

        def test(item: Any) -> bool:
            try:
                return get(item) is True
            except FailedError:
                return False

        return test

    def constant(self, node: Node) -> Any:
        """The value of a literal, or of a function of literals such as `now()`. Raises ValueError for anything else."""
        match node:
            case Const() | Call(receiver=None, arguments=() | (Const(),)):
                return self._typed(node).get({})
        raise ValueError("the value depends on the item")

    def _typed(self, node: Node) -> Typed:
        return self._rules[type(node)](node)

    def _error(self, node: Node, message: str) -> KFLError:
        return error_at(self._text, node.at, message)

    # -- names and literals ------------------------------------------------------------------------------------------

    def _const(self, node: Const) -> Typed:
        value = node.value
        return Typed(node.kind, lambda _item: value)

    def _ident(self, node: Ident) -> Typed:
        if node.name in self._bound:
            key = BOUND + node.name
            return Typed(DYN, lambda item: item[key])
        if node.name in VARIABLES:
            return self._variable(node.name)
        raise self._error(node, f"undeclared reference to '{node.name}'")

    def _variable(self, name: str) -> Typed:
        return Typed(VARIABLES[name].kind, getter(VARIABLES[name]), name)

    def _select(self, node: Select) -> Typed:
        name = self._dotted(node)
        if name in VARIABLES:
            return self._variable(name)
        if isinstance(node.operand, Ident | Select) and self._unknown(node.operand):
            raise self._error(node.operand, f"undeclared reference to '{name}'")
        operand = self._typed(node.operand)
        if operand.kind not in (MAP, DYN):
            raise self._error(node, f"type '{operand.kind}' does not support field selection")
        return Typed(DYN, _picked(operand, node.name))

    def _unknown(self, node: Node) -> bool:
        """Whether ``node`` is a chain of names that leads to no variable."""
        name = self._dotted(node)
        if not name or name in VARIABLES or name in self._bound:
            return False
        return isinstance(node, Ident) or (isinstance(node, Select) and self._unknown(node.operand))

    def _dotted(self, node: Node) -> str:
        """`a.b.c` as one name, or an empty text when ``node`` is something else or starts at a bound name."""
        names = []
        while isinstance(node, Select):
            names.append(node.name)
            node = node.operand
        if not isinstance(node, Ident) or (names and node.name in self._bound):
            return ""
        return ".".join([node.name, *reversed(names)])

    def _index(self, node: Index) -> Typed:
        operand, key = self._typed(node.operand), self._typed(node.key)
        wanted = {LIST: (INT, DYN), MAP: (STRING, INT, BOOL, DYN), DYN: (STRING, INT, BOOL, DYN)}.get(operand.kind, ())
        if key.kind not in wanted:
            raise self._no_overload(node, "_[_]", operand, key)
        if isinstance(node.key, Const):
            return Typed(DYN, _picked(operand, node.key.value))
        container, look, find = operand.get, key.get, _finder(operand)
        return Typed(DYN, lambda item: find(container(item), look(item)))

    def _list(self, node: ListOf) -> Typed:
        if all(isinstance(item, Const) for item in node.items):
            constants = [item.value for item in node.items if isinstance(item, Const)]
            return Typed(LIST, lambda _item: constants)
        getters = [self._typed(item).get for item in node.items]
        return Typed(LIST, lambda item: [get(item) for get in getters])

    def _map(self, node: MapOf) -> Typed:
        entries = []
        for key, value in node.entries:
            typed = self._typed(key)
            if typed.kind not in (STRING, INT, BOOL, DYN):
                raise self._error(key, f"type '{typed.kind}' cannot be a map key")
            entries.append((typed.get, self._typed(value).get))
        return Typed(MAP, lambda item: built(entries, item))

    # -- operators ---------------------------------------------------------------------------------------------------

    def _unary(self, node: Unary) -> Typed:
        operand = self._typed(node.operand)
        get = operand.get
        if node.op == "!":
            if operand.kind not in (BOOL, DYN):
                raise self._no_overload(node, "!_", operand)
            return Typed(BOOL, lambda item: not boolean(get(item)))
        if operand.kind not in (INT, DOUBLE, DYN):
            raise self._no_overload(node, "-_", operand)
        return Typed(operand.kind, lambda item: values.computed("*", get(item), -1 if type(get(item)) is int else -1.0))

    def _binary(self, node: Binary) -> Typed:
        left, right = self._typed(node.left), self._typed(node.right)
        if node.op in ("==", "!="):
            return self._equality(node, left, right)
        if node.op == "in":
            return self._membership(node, left, right)
        if node.op in values.ORDERS:
            return self._order(node, left, right)
        return self._arithmetic(node, left, right)

    def _equality(self, node: Binary, left: Typed, right: Typed) -> Typed:
        if not values.comparable(left.kind, right.kind):
            raise self._no_overload(node, f"_{node.op}_", left, right)
        wanted = node.op == "=="
        if isinstance(node.right, Const) and left.kind == right.kind:
            return Typed(BOOL, equals_constant(left.get, _respelled(left, node.right.value), wanted=wanted))
        if isinstance(node.left, Const) and left.kind == right.kind:
            return Typed(BOOL, equals_constant(right.get, _respelled(right, node.left.value), wanted=wanted))
        one, other, equal = left.get, right.get, values.equal
        return Typed(BOOL, lambda item: equal(one(item), other(item)) is wanted)

    def _membership(self, node: Binary, left: Typed, right: Typed) -> Typed:
        if right.kind not in (LIST, MAP, DYN):
            raise self._no_overload(node, "_in_", left, right)
        value, container = left.get, right.get
        if right.variable in CASELESS:
            return Typed(BOOL, lambda item: succeeds(values.folded, container(item), value(item)))
        if isinstance(node.right, ListOf) and left.variable == "amqp_method":
            return Typed(BOOL, lambda item: value(item) in [_respelled(left, each) for each in container(item)])
        contains = values.contains
        return Typed(BOOL, lambda item: contains(container(item), value(item)))

    def _order(self, node: Binary, left: Typed, right: Typed) -> Typed:
        one, other = left.get, right.get
        if values.can_order(left.kind, right.kind):
            holds = values.ORDERS[node.op]
            if isinstance(node.right, Const):
                limit = node.right.value
                return Typed(BOOL, lambda item: holds(one(item), limit))
            return Typed(BOOL, lambda item: holds(one(item), other(item)))
        if DYN not in (left.kind, right.kind):
            raise self._no_overload(node, f"_{node.op}_", left, right)
        op, ordered = node.op, values.ordered
        return Typed(BOOL, lambda item: ordered(op, one(item), other(item)))

    def _arithmetic(self, node: Binary, left: Typed, right: Typed) -> Typed:
        one, other, op = left.get, right.get, node.op
        overload = values.ARITHMETIC.get((op, left.kind, right.kind))
        if overload:
            kind, compute = overload
            return Typed(kind, lambda item: compute(one(item), other(item)))
        if not any(_may_be(key, op, left.kind, right.kind) for key in values.ARITHMETIC):
            raise self._no_overload(node, f"_{op}_", left, right)
        computed = values.computed
        return Typed(DYN, lambda item: computed(op, one(item), other(item)))

    def _logic(self, node: Logic) -> Typed:
        getters = []
        for term in node.terms:
            typed = self._typed(term)
            if typed.kind not in (BOOL, DYN):
                raise self._error(term, f"expected type 'bool' but found '{typed.kind}'")
            getters.append(typed.get if typed.kind == BOOL else checked(typed.get))
        return Typed(BOOL, joined(tuple(getters), decisive=node.op == "||"))

    def _conditional(self, node: Conditional) -> Typed:
        test, yes, no = self._typed(node.test), self._typed(node.yes), self._typed(node.no)
        if test.kind not in (BOOL, DYN):
            raise self._error(node.test, f"expected type 'bool' but found '{test.kind}'")
        if yes.kind != no.kind and DYN not in (yes.kind, no.kind):
            raise self._no_overload(node, "_?_:_", test, yes, no)
        check, one, other = test.get, yes.get, no.get
        return Typed(
            yes.kind if yes.kind == no.kind else DYN, lambda item: (one if boolean(check(item)) else other)(item)
        )

    # -- calls -------------------------------------------------------------------------------------------------------

    def _call(self, node: Call) -> Typed:
        if node.receiver is None:
            if node.name == "has":
                return self._has(node)
            if node.name == "now" and not node.arguments:
                now = self._now
                return Typed(TIMESTAMP, lambda _item: now)
        elif node.name in COMPREHENSIONS:
            return self._comprehension(node, node.receiver)
        return self._function(node)

    def _function(self, node: Call) -> Typed:
        method = node.receiver is not None
        if node.name not in FUNCTIONS or (
            method != (node.name in METHODS and node.name != "size") and node.name != "size"
        ):
            raise self._error(node, f"undeclared reference to '{node.name}'")
        parts = [*([node.receiver] if node.receiver else []), *node.arguments]
        arguments = [self._typed(part) for part in parts]
        overloads = fitting(node.name, tuple(argument.kind for argument in arguments))
        if not overloads:
            raise self._no_overload(node, node.name, *arguments)
        if node.name == "matches" and isinstance(parts[1], Const):
            return Typed(BOOL, self._search(parts[1], arguments[0]))
        if node.name == "map_get" and arguments[0].variable in CASELESS:
            return Typed(DYN, folded_get(*(argument.get for argument in arguments)))
        return self._constant(node, parts, _called(node.name, overloads, arguments))

    def _constant(self, node: Node, parts: list[Node], compiled: Typed) -> Typed:
        """``compiled``, computed now when all its parts are literals; what fails now would fail for every item."""
        if not all(isinstance(part, Const) for part in parts):
            return compiled
        try:
            value = compiled.get({})
        except FailedError as error:
            raise self._error(node, str(error)) from None
        return Typed(compiled.kind, lambda _item: value)

    def _search(self, pattern: Const, text: Typed) -> Getter:
        try:
            search = searcher(pattern.value)
        except ValueError as error:
            raise self._error(pattern, f"error parsing regexp: {error}") from None
        get = text.get
        if text.kind == STRING:
            return lambda item: search(get(item))
        return lambda item: search(string(get(item)))

    def _has(self, node: Call) -> Typed:
        match node.arguments:
            case (Select() as selected,):
                found = self._typed(selected)
            case _:
                raise self._error(node, "has() takes one selection, such as has(request.headers.host)")
        get = found.get
        if found.variable:
            default = values.DEFAULTS[found.kind]
            return Typed(BOOL, lambda item: get(item) != default)
        return Typed(BOOL, lambda item: succeeds(get, item))

    def _comprehension(self, node: Call, receiver: Node) -> Typed:
        source = self._typed(receiver)
        if source.kind not in (LIST, MAP, DYN):
            raise self._error(node, f"expression of type '{source.kind}' cannot be the range of {node.name}()")
        lengths, build, result = COMPREHENSIONS[node.name]
        if len(node.arguments) not in lengths or not isinstance(node.arguments[0], Ident):
            raise self._error(node, f"{node.name}() takes a name and an expression")
        name = node.arguments[0].name
        self._bound.append(name)
        bodies = [self._typed(argument) for argument in node.arguments[1:]]
        self._bound.pop()
        for body, argument in zip(
            bodies[:1] if node.name != "map" or len(bodies) > 1 else [], node.arguments[1:], strict=False
        ):
            if body.kind not in (BOOL, DYN):
                raise self._error(argument, f"expected type 'bool' but found '{body.kind}'")
        return Typed(result, over(source.get, BOUND + name, build(*(body.get for body in bodies))))

    def _no_overload(self, node: Node, name: str, *operands: Typed) -> KFLError:
        kinds = ", ".join(operand.kind for operand in operands)
        return self._error(node, f"found no matching overload for '{name}' applied to '({kinds})'")


# -- closures --------------------------------------------------------------------------------------------------------


def _picked(operand: Typed, key: Any) -> Getter:
    container, find = operand.get, _finder(operand)
    return lambda item: find(container(item), key)


def _finder(operand: Typed) -> Callable[[Any, Any], Any]:
    return values.folded if operand.variable in CASELESS else values.element


def _respelled(operand: Typed, constant: Any) -> Any:
    """AMQP methods are written with a dot in queries and with a blank in items."""
    return constant.replace(".", " ") if operand.variable == "amqp_method" and type(constant) is str else constant


def _may_be(key: tuple[str, str, str], op: str, left: str, right: str) -> bool:
    return key[0] == op and left in (key[1], DYN) and right in (key[2], DYN)


def _called(name: str, overloads: list[Any], arguments: list[Typed]) -> Typed:
    getters = [argument.get for argument in arguments]
    kinds = {overload[1] for overload in overloads}
    result = kinds.pop() if len(kinds) == 1 else DYN
    if any(argument.kind == DYN for argument in arguments) and name not in ("map_get", "type", "dyn"):
        return Typed(result, lambda item: call(name, tuple(get(item) for get in getters)))
    run = overloads[0][2]
    if len(getters) == 1:
        only = getters[0]
        return Typed(result, lambda item: run(only(item)))
    if len(getters) == PAIR:
        first, second = getters
        return Typed(result, lambda item: run(first(item), second(item)))
    return Typed(result, lambda item: run(*(get(item) for get in getters)))
