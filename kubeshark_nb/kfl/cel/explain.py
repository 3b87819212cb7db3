"""CEL tree -> words."""

from __future__ import annotations

import json

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
from kubeshark_nb.kfl.words import COMPARED, EVERYTHING, TESTED

JOINED = {"&&": "and", "||": "or"}
COMPUTED = {"+": "plus", "-": "minus", "*": "times", "/": "divided by", "%": "modulo"}
QUANTIFIED = {"exists": "some", "all": "every", "exists_one": "exactly one", "existsOne": "exactly one"}


def in_words(node: Node) -> str:  # noqa: C901, PLR0911 - one case per kind of node
    """What the condition ``node`` looks for."""
    match node:
        case Const(value=True):
            return EVERYTHING
        case Const(value=False):
            return "nothing"
        case Logic(op=op, terms=terms):
            return f" {JOINED[op]} ".join(_term(term) for term in terms)
        case Unary(op="!", operand=operand):
            return f"not {_value(operand)}" if isinstance(operand, Ident) else f"not ({in_words(operand)})"
        case Binary(op=op, left=left, right=right) if op in COMPARED:
            return f"{_value(left)} {COMPARED[op]} {_value(right)}"
        case Call(name=name, receiver=receiver, arguments=(argument,)) if receiver and name in TESTED:
            return f"{_value(receiver)} {TESTED[name]} {_value(argument)}"
        case Call(name="has", receiver=None, arguments=(argument,)):
            return f"{_value(argument)} is there"
        case Call(name=name, receiver=receiver, arguments=(Ident(name=each), test)) if receiver and name in QUANTIFIED:
            return f"{QUANTIFIED[name]} {each} of {_value(receiver)} has ({in_words(test)})"
        case Conditional(test=test, yes=yes, no=no):
            return f"if {in_words(test)} then {in_words(yes)} else {in_words(no)}"
        case Ident(name=name):
            return f"it is {name}"
    return f"{_value(node)} is true"


def _term(node: Node) -> str:
    return f"({in_words(node)})" if isinstance(node, Logic | Conditional) else in_words(node)


def _value(node: Node) -> str:  # noqa: C901, PLR0911 - one case per kind of node
    match node:
        case Const(value=str() | int() | float() | None as value):
            return json.dumps(value, ensure_ascii=False)
        case Const(value=value):
            return str(value)
        case Ident(name=name):
            return name
        case Select(operand=operand, name=name):
            return f"{_value(operand)}.{name}"
        case Index(operand=operand, key=key):
            return f"{_value(operand)}[{_value(key)}]"
        case ListOf(items=items):
            return f"[{', '.join(map(_value, items))}]"
        case MapOf(entries=entries):
            return f"{{{', '.join(f'{_value(key)}: {_value(value)}' for key, value in entries)}}}"
        case Unary(op="-", operand=operand):
            return f"minus {_value(operand)}"
        case Binary(op=op, left=left, right=right) if op in COMPUTED:
            return f"{_value(left)} {COMPUTED[op]} {_value(right)}"
        case Call(name=name, receiver=receiver, arguments=arguments):
            start = f"{_value(receiver)}." if receiver else ""
            return f"{start}{name}({', '.join(map(_value, arguments))})"
    return f"({in_words(node)})"
