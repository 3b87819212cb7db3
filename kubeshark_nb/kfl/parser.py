"""Tokens -> tree. The grammar, its levels and the wording of its errors are those of the original (FACTS d.2, d.6).

| level      | rule                                             |
|------------|--------------------------------------------------|
| Logical    | Equality { (`and` / `or`) Equality }             |
| Equality   | Comparison [ (`==` / `!=`) Equality ]            |
| Comparison | Unary [ (`>` / `>=` / `<` / `<=`) Comparison ]   |
| Unary      | (`!` / `-`) Unary, or a primary                  |
| primary    | literal, `r"…"`, `(` query `)`, or a selector    |
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from kubeshark_nb.errors import KFLError
from kubeshark_nb.kfl.ast import (
    Call,
    Compare,
    Dangling,
    Deep,
    Every,
    Group,
    Index,
    Literal,
    Logic,
    Member,
    Negative,
    Node,
    Not,
    Regex,
    Scalar,
    Selector,
    Step,
)
from kubeshark_nb.kfl.lexer import END, IDENT, NUMBER, STRING, Token, error_at, tokens

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

MAX_DEPTH = 80
"""Deepest nesting of parentheses, operators and arguments."""

WORDS: dict[str, Scalar] = {"true": True, "false": False, "nil": None}
IN_BRACKETS = '(<string> | <char> | <rawstring> | "*") "]"'


def parse(text: str) -> Node:
    """The tree of ``text``; an empty text is the literal `true`. Raises KFLError."""
    if not text:
        return Literal(value=True, at=0)
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
        node = self._logical("")
        if self._token.kind != END:
            raise self._unexpected()
        return node

    # -- levels ------------------------------------------------------------------------------------------------------

    def _logical(self, expected: str) -> Node:
        at = self._token.at
        terms, ops = [self._equality(expected)], []
        while self._token.text in ("and", "or"):
            ops.append(self._take().text)
            terms.append(self._equality("Logical"))
        return Logic(tuple(terms), tuple(ops), at) if ops else terms[0]

    def _equality(self, expected: str) -> Node:
        left = self._comparison(expected)
        if self._token.text not in ("=", "!"):
            return left
        operator = self._take()
        self._expect("=")
        return self._deeper(lambda: Compare(f"{operator.text}=", left, self._equality("Equality"), operator.at))

    def _comparison(self, expected: str) -> Node:
        left = self._unary(expected)
        if self._token.text not in ("<", ">"):
            return left
        operator = self._take()
        op = operator.text + (self._take().text if self._token.text == "=" else "")
        return self._deeper(lambda: Compare(op, left, self._comparison("Comparison"), operator.at))

    def _unary(self, expected: str) -> Node:
        if self._token.text == "!":
            at = self._take().at
            return self._deeper(lambda: Not(self._unary("Unary"), at))
        if self._token.text == "-":
            at = self._take().at
            return self._deeper(lambda: Negative(self._unary("Unary"), at))
        return self._primary(expected)

    def _primary(self, expected: str) -> Node:
        token = self._token
        if token.kind in (NUMBER, STRING):
            return Literal(self._take().value, token.at)
        if token.text == "(":
            return self._group()
        if token.kind != IDENT:
            raise self._unexpected(expected)
        if token.text == "r" and self._tokens[self._next + 1].kind == STRING:
            self._take()
            return Regex(str(self._take().value), token.at)
        if token.text in WORDS:
            return Literal(WORDS[self._take().text], token.at)
        return self._selector()

    def _group(self) -> Node:
        at = self._take().at
        inner = self._deeper(lambda: self._logical('Expression ")"'))
        self._expect(")")
        return Group(inner, at)

    # -- selectors ---------------------------------------------------------------------------------------------------

    def _selector(self) -> Selector:
        at = self._token.at
        steps: list[Step] = [self._named()]
        while self._token.text in (".", "["):
            steps.append(self._bracket() if self._token.text == "[" else self._dot())
        return Selector(tuple(steps), at)

    def _named(self) -> Step:
        token = self._take()
        if self._token.text != "(":
            return Member(token.text, token.at)
        return Call(token.text, self._deeper(self._arguments), token.at)

    def _dot(self) -> Step:
        dot = self._take()
        if self._token.kind == IDENT:
            return self._named()
        if self._token.text == "*":
            self._take()
            return Every(dot.at)
        if self._token.text == ".":
            self._take()
            if self._token.kind != IDENT:
                raise self._unexpected("<ident>")
            return Deep(self._take().text, dot.at)
        return Dangling(dot.at)

    def _bracket(self) -> Step:
        at = self._take().at
        token = self._token
        step: Step
        if token.kind == NUMBER and token.text.isdigit():
            step = Index(int(token.text[:18]), at)
        elif token.kind == STRING:
            step = Member(str(token.value), at)
        elif token.text == "*":
            step = Every(at)
        else:
            raise self._unexpected(IN_BRACKETS)
        self._take()
        self._expect("]")
        return step

    def _arguments(self) -> tuple[Node, ...]:
        self._take()
        found: list[Node] = []
        while self._token.text != ")":
            if found:
                self._expect(",", shown=")")
            if self._token.kind == IDENT and self._tokens[self._next + 1].text == ":":
                self._take()
                self._take()
            found.append(self._logical("Parameter" if found else ")"))
        self._take()
        return tuple(found)

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
            raise self._unexpected(f'"{shown or text}"')
        self._take()

    def _unexpected(self, expected: str = "") -> KFLError:
        shown = self._token.text.replace("\\", "\\\\").replace('"', '\\"')
        hint = f" (expected {expected})" if expected else ""
        return error_at(self._text, self._token.at, f'unexpected token "{shown}"{hint}')

    def _deeper(self, rule: Callable[[], T]) -> T:
        """What ``rule`` reads, one level further down."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise error_at(self._text, self._token.at, f"nested more than {MAX_DEPTH} levels deep")
        found = rule()
        self._depth -= 1
        return found
