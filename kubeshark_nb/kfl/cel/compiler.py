"""CEL tree -> typed closures. Kinds are checked on the way, so a query that cannot work is refused with its place.

A closure takes an item and gives a value, or raises FailedError. What a comprehension binds travels in a copy of the
item, under a key no document has, so compiled queries hold no state and threads may share them.
"""

from __future__ import annotations

from collections.abc import Callable
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
from kubeshark_nb.kfl.cel.functions import FUNCTIONS, METHODS, call, fitting
from kubeshark_nb.kfl.cel.values import BOOL, DOUBLE, DYN, INT, LIST, MAP, STRING, TIMESTAMP, FailedError, Timestamp
from kubeshark_nb.kfl.cel.variables import CASELESS, VARIABLES, getter
from kubeshark_nb.kfl.lexer import error_at
from kubeshark_nb.kfl.regex import searcher

if TYPE_CHECKING:
    from kubeshark_nb.errors import KFLError

Getter = Callable[[Any], Any]
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
        return _RULES[type(node)](self, node)

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
        return Typed(MAP, lambda item: _built(entries, item))

    # -- operators ---------------------------------------------------------------------------------------------------

    def _unary(self, node: Unary) -> Typed:
        operand = self._typed(node.operand)
        get = operand.get
        if node.op == "!":
            if operand.kind not in (BOOL, DYN):
                raise self._no_overload(node, "!_", operand)
            return Typed(BOOL, lambda item: not _boolean(get(item)))
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
            return Typed(BOOL, _equals_constant(left.get, _respelled(left, node.right.value), wanted=wanted))
        if isinstance(node.left, Const) and left.kind == right.kind:
            return Typed(BOOL, _equals_constant(right.get, _respelled(right, node.left.value), wanted=wanted))
        one, other, equal = left.get, right.get, values.equal
        return Typed(BOOL, lambda item: equal(one(item), other(item)) is wanted)

    def _membership(self, node: Binary, left: Typed, right: Typed) -> Typed:
        if right.kind not in (LIST, MAP, DYN):
            raise self._no_overload(node, "_in_", left, right)
        value, container = left.get, right.get
        if right.variable in CASELESS:
            return Typed(BOOL, lambda item: _succeeds(values.folded, container(item), value(item)))
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
            getters.append(typed.get if typed.kind == BOOL else _checked(typed.get))
        return Typed(BOOL, _joined(tuple(getters), decisive=node.op == "||"))

    def _conditional(self, node: Conditional) -> Typed:
        test, yes, no = self._typed(node.test), self._typed(node.yes), self._typed(node.no)
        if test.kind not in (BOOL, DYN):
            raise self._error(node.test, f"expected type 'bool' but found '{test.kind}'")
        if yes.kind != no.kind and DYN not in (yes.kind, no.kind):
            raise self._no_overload(node, "_?_:_", test, yes, no)
        check, one, other = test.get, yes.get, no.get
        return Typed(
            yes.kind if yes.kind == no.kind else DYN, lambda item: (one if _boolean(check(item)) else other)(item)
        )

    # -- calls -------------------------------------------------------------------------------------------------------

    def _call(self, node: Call) -> Typed:
        if node.receiver is None:
            if node.name == "has":
                return self._has(node)
            if node.name == "now" and not node.arguments:
                now = self._now
                return Typed(TIMESTAMP, lambda _item: now)
        elif node.name in _COMPREHENSIONS:
            return self._comprehension(node, node.receiver)
        return self._function(node)

    def _function(self, node: Call) -> Typed:
        method = node.receiver is not None
        if (
            node.name not in FUNCTIONS
            or method != (node.name in METHODS and node.name != "size")
            and node.name != "size"
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
            return Typed(DYN, _folded_get(*(argument.get for argument in arguments)))
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
        return lambda item: search(_string(get(item)))

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
        return Typed(BOOL, lambda item: _succeeds(get, item))

    def _comprehension(self, node: Call, receiver: Node) -> Typed:
        source = self._typed(receiver)
        if source.kind not in (LIST, MAP, DYN):
            raise self._error(node, f"expression of type '{source.kind}' cannot be the range of {node.name}()")
        lengths, build, result = _COMPREHENSIONS[node.name]
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
        return Typed(result, _over(source.get, BOUND + name, build(*(body.get for body in bodies))))

    def _no_overload(self, node: Node, name: str, *operands: Typed) -> KFLError:
        kinds = ", ".join(operand.kind for operand in operands)
        return self._error(node, f"found no matching overload for '{name}' applied to '({kinds})'")


_RULES: dict[type, Callable[[Any, Any], Typed]] = {
    Const: Compiler._const,
    Ident: Compiler._ident,
    Select: Compiler._select,
    Index: Compiler._index,
    ListOf: Compiler._list,
    MapOf: Compiler._map,
    Unary: Compiler._unary,
    Binary: Compiler._binary,
    Logic: Compiler._logic,
    Conditional: Compiler._conditional,
    Call: Compiler._call,
}


# -- closures --------------------------------------------------------------------------------------------------------


def _picked(operand: Typed, key: Any) -> Getter:
    container, find = operand.get, _finder(operand)
    return lambda item: find(container(item), key)


def _finder(operand: Typed) -> Callable[[Any, Any], Any]:
    return values.folded if operand.variable in CASELESS else values.element


def _built(entries: list[tuple[Getter, Getter]], item: Any) -> dict[Any, Any]:
    built = {}
    for key, value in entries:
        name = key(item)
        if type(name) not in (str, int, bool) or name in built:
            raise FailedError("a map has each key once, and keys are strings, numbers or booleans")
        built[name] = value(item)
    return built


def _equals_constant(get: Getter, constant: Any, *, wanted: bool) -> Getter:
    if wanted:
        return lambda item: get(item) == constant
    return lambda item: get(item) != constant


def _respelled(operand: Typed, constant: Any) -> Any:
    """AMQP methods are written with a dot in queries and with a blank in items."""
    return constant.replace(".", " ") if operand.variable == "amqp_method" and type(constant) is str else constant


def _may_be(key: tuple[str, str, str], op: str, left: str, right: str) -> bool:
    return key[0] == op and left in (key[1], DYN) and right in (key[2], DYN)


def _boolean(value: Any) -> bool:
    if type(value) is not bool:
        raise FailedError("no such overload")
    return value


def _string(value: Any) -> str:
    if type(value) is not str:
        raise FailedError("no such overload")
    return value


def _checked(get: Getter) -> Getter:
    return lambda item: _boolean(get(item))


def _succeeds(evaluate: Callable[..., Any], *arguments: Any) -> bool:
    try:
        evaluate(*arguments)
    except FailedError:
        return False
    return True


def _joined(getters: tuple[Getter, ...], *, decisive: bool) -> Getter:
    """`||` (``decisive`` is True) or `&&`: a decisive term wins, even over terms that fail."""

    def slowly(item: Any) -> bool:
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

    def joined(item: Any) -> bool:
        try:
            for get in getters:
                if get(item) is decisive:
                    return decisive
        except FailedError:
            return slowly(item)
        return not decisive

    return joined


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
    if len(getters) == 2:  # noqa: PLR2004 - the usual number, kept free of a loop
        first, second = getters
        return Typed(result, lambda item: run(first(item), second(item)))
    return Typed(result, lambda item: run(*(get(item) for get in getters)))


def _folded_get(container: Getter, key: Getter, default: Getter) -> Getter:
    def get(item: Any) -> Any:
        try:
            return values.folded(container(item), key(item))
        except FailedError:
            return default(item)

    return get


def _over(source: Getter, key: str, body: Callable[[list[Any], str, dict[str, Any]], Any]) -> Getter:
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
                    if _boolean(test(item)) is decisive:
                        return decisive
                except FailedError as error:
                    failure = error
            if failure:
                raise failure
            return not decisive

        return run

    return build


def _bound_each(elements: list[Any], key: str, item: dict[str, Any]) -> Any:
    for item[key] in elements:
        yield item


def _exists_one(test: Getter) -> Any:
    return lambda elements, key, item: sum(_boolean(test(each)) for each in _bound_each(elements, key, item)) == 1


def _filter(test: Getter) -> Any:
    return lambda elements, key, item: [each[key] for each in _bound_each(elements, key, item) if _boolean(test(each))]


def _map(test: Getter, transform: Getter | None = None) -> Any:
    if transform is None:
        return lambda elements, key, item: [test(each) for each in _bound_each(elements, key, item)]
    return lambda elements, key, item: [
        transform(each) for each in _bound_each(elements, key, item) if _boolean(test(each))
    ]


_COMPREHENSIONS: dict[str, tuple[tuple[int, ...], Callable[..., Any], str]] = {
    "all": ((2,), _quantified(decisive=False), BOOL),
    "exists": ((2,), _quantified(decisive=True), BOOL),
    "exists_one": ((2,), _exists_one, BOOL),
    "existsOne": ((2,), _exists_one, BOOL),
    "filter": ((2,), _filter, LIST),
    "map": ((2, 3), _map, LIST),
}
"""Macro -> numbers of arguments, how to build its loop, kind of its result."""
