"""CEL tokens -> tree (https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax).

Why not a library's parser: celpy's is the maintained pure-Python one, but its grammar backtracks exponentially on a
string that never ends (22 backslash escapes take a second, 40 take days), and a query bar must not hang; the Rust
package gives no tree. Their evaluators are no option either, see `kubeshark_nb.kfl.cel`.
"""

from __future__ import annotations

from itertools import count as count_from
from typing import TYPE_CHECKING, TypeVar

from kubeshark_nb.errors import KFLError
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
from kubeshark_nb.kfl.cel.lexer import BYTES, DOUBLE, END, IDENT, INT, STRING, Token, tokens
from kubeshark_nb.kfl.lexer import error_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

MAX_DEPTH = 40
"""Deepest nesting, and most operators of one rank in a row (`&&` and `||` aside)."""

WORDS = {
    "true": Const("bool", value=True, at=0),
    "false": Const("bool", value=False, at=0),
    "null": Const("null", None, 0),
}
RANKS = (("==", "!=", "<", "<=", ">", ">=", "in"), ("+", "-"), ("*", "/", "%"))
RESERVED = frozenset(
    (
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "let",
        "loop",
        "package",
        "namespace",
    )
) | {"return", "var", "void", "while"}
_LITERALS = {INT: "int", DOUBLE: "double", STRING: "string", BYTES: "bytes"}
_INT_MAX = 2**63 - 1


def parse(text: str) -> Node:
    """The tree of ``text``; blank text is `true`. Raises KFLError."""
    try:
        return _Parser(text).query()
    except RecursionError:
        raise KFLError("the query is nested too deeply for the stack of its caller") from None


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens(text)
        self._next = 0
        self._depth = 0

    def query(self) -> Node:
        if self._token.kind == END:
            return Const("bool", value=True, at=0)
        node = self._expression()
        if self._token.kind != END:
            raise self._unexpected()
        return node

    # -- levels ------------------------------------------------------------------------------------------------------

    def _expression(self) -> Node:
        return self._deeper(self._conditional)

    def _conditional(self) -> Node:
        test = self._logic("||", lambda: self._logic("&&", lambda: self._binary(0)))
        if self._token.text != "?":
            return test
        at = self._take().at
        yes = self._expression()
        self._expect(":")
        return Conditional(test, yes, self._expression(), at)

    def _logic(self, op: str, rule: Callable[[], Node]) -> Node:
        at = self._token.at
        terms = [rule()]
        while self._token.text == op:
            self._take()
            terms.append(rule())
        return Logic(op, tuple(terms), at) if len(terms) > 1 else terms[0]

    def _binary(self, rank: int) -> Node:
        if rank == len(RANKS):
            return self._unary()
        left = self._binary(rank + 1)
        for _ in self._in_a_row(RANKS[rank]):
            op = self._take()
            left = Binary(op.text, left, self._binary(rank + 1), op.at)
        return left

    def _unary(self) -> Node:
        op = self._token
        if op.text not in ("!", "-"):
            return self._member()
        self._take()
        if op.text == "-" and self._token.kind in (INT, DOUBLE):
            return self._negative(op)
        return Unary(op.text, self._deeper(self._unary), op.at)

    def _negative(self, op: Token) -> Node:
        """A negative literal: its own rule, because -2^63 is one and 2^63 is none."""
        token = self._take()
        literal = Const(_LITERALS[token.kind], -token.value, op.at)  # type: ignore[operator] # a number's token
        return self._postfix(literal)

    def _member(self) -> Node:
        return self._postfix(self._primary())

    def _postfix(self, node: Node) -> Node:
        for _ in self._in_a_row((".", "[")):
            token = self._take()
            if token.text == "[":
                node = Index(node, self._expression(), token.at)
                self._expect("]")
                continue
            if self._token.kind != IDENT:
                raise self._unexpected("a name")
            name = self._take()
            called = self._token.text == "("
            node = Call(name.text, node, self._arguments(")"), name.at) if called else Select(node, name.text, name.at)
        return node

    # -- primaries ---------------------------------------------------------------------------------------------------

    def _primary(self) -> Node:
        token = self._token
        if token.kind in _LITERALS:
            return self._literal()
        if token.text == "(":
            self._take()
            node = self._expression()
            self._expect(")")
            return node
        if token.text == "[":
            return ListOf(self._arguments("]"), token.at)
        if token.text == "{":
            return self._map()
        if token.text == ".":
            self._take()
        return self._name()

    def _literal(self) -> Node:
        token = self._take()
        if token.kind == INT and int(token.value or 0) > _INT_MAX:
            raise error_at(self._text, token.at, "an integer does not fit in 64 bits")
        return Const(_LITERALS[token.kind], token.value, token.at)

    def _name(self) -> Node:
        token = self._token
        if token.kind != IDENT or token.text in RESERVED or token.text == "in":
            raise self._unexpected()
        self._take()
        if token.text in WORDS:
            return Const(WORDS[token.text].kind, WORDS[token.text].value, token.at)
        if self._token.text == "(":
            return Call(token.text, None, self._arguments(")"), token.at)
        return Ident(token.text, token.at)

    def _arguments(self, end: str) -> tuple[Node, ...]:
        self._take()
        found: list[Node] = []
        while self._token.text != end:
            if found:
                self._expect(",", shown=f'"," or "{end}"')
                if self._token.text == end and end == "]":
                    break
            found.append(self._expression())
        self._take()
        return tuple(found)

    def _map(self) -> Node:
        at = self._take().at
        entries: list[tuple[Node, Node]] = []
        while self._token.text != "}":
            if entries:
                self._expect(",", shown='"," or "}"')
            key = self._expression()
            self._expect(":")
            entries.append((key, self._expression()))
        self._take()
        return MapOf(tuple(entries), at)

    # -- tokens ------------------------------------------------------------------------------------------------------

    @property
    def _token(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._tokens[self._next]
        self._next += token.kind != END
        return token

    def _expect(self, text: str, shown: str = "") -> None:
        if self._token.text != text:
            raise self._unexpected(shown or f'"{text}"')
        self._take()

    def _unexpected(self, expected: str = "") -> KFLError:
        shown = self._token.text.replace("\\", "\\\\").replace('"', '\\"')
        hint = f" (expected {expected})" if expected else ""
        return error_at(self._text, self._token.at, f'unexpected token "{shown}"{hint}')

    def _in_a_row(self, texts: tuple[str, ...]) -> Iterator[None]:
        """Once for each of the next operators, up to the limit: every one makes the tree deeper."""
        for count in count_from(0):
            if self._token.text not in texts:
                return
            if count == MAX_DEPTH:
                raise error_at(self._text, self._token.at, f"more than {MAX_DEPTH} operators in a row")
            yield

    def _deeper(self, rule: Callable[[], T]) -> T:
        """What ``rule`` reads, one level further down."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise error_at(self._text, self._token.at, f"nested more than {MAX_DEPTH} levels deep")
        found = rule()
        self._depth -= 1
        return found
