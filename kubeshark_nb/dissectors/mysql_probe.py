"""How a MySQL connection is recognised: a greeting, a login or a command that makes sense."""

from __future__ import annotations

import re

from kubeshark_nb.dissectors.dissector import Says
from kubeshark_nb.dissectors.mysql_login import LOGIN_SIZE
from kubeshark_nb.dissectors.mysql_words import COMMANDS, EXECUTE, INIT_DB, PING, PREPARE, QUERY

HEAD = 4  # length and sequence number
LOGIN_NUMBERS = (1, 2)  # sequence numbers of a login: behind the greeting, behind the wish to encrypt
FIRST_NUMBERS = (0, *LOGIN_NUMBERS)
MAX_LOGIN = 1 << 16
FILLER = slice(13, 32)  # of a login, with the header
GREETING = re.compile(rb"..\0\0\x0a(?:\d[ -~]{0,60}(?:\0|\Z)|\Z)", re.DOTALL)
REFUSAL = re.compile(rb"..\0\0\xff[\x00-\xff][\x03-\x0f](?:#[0-9A-Z]{5})?[ -~]{8}", re.DOTALL)
TEXT = re.compile(rb"(?:\0\x01)?[\s/(]*[A-Za-z_`*-][^\x00-\x08\x0e-\x1f]*")


def probe(head: bytes) -> Says:
    """The greeting of a server, or one command that makes sense."""
    if len(head) <= HEAD:
        return Says.MORE if len(head) < HEAD or head[3] in FIRST_NUMBERS else Says.NO
    if GREETING.match(head) or REFUSAL.match(head):
        return Says.SERVER
    size = int.from_bytes(head[:3], "little")
    if head[3] in LOGIN_NUMBERS:
        if LOGIN_SIZE <= size < MAX_LOGIN and not any(head[FILLER]):
            return Says.CLIENT if len(head) > FILLER.start else Says.MORE
        return Says.MORE if head[3] == 1 and _chain(head) else Says.NO
    return Says.CLIENT if not head[3] and _commands(head) else Says.NO


def _commands(head: bytes) -> bool:
    """Whether ``head`` is commands, one after the other, and the first says something that cannot be chance."""
    at = 0
    while at + HEAD < len(head):
        size = int.from_bytes(head[at : at + 3], "little")
        if head[at + 3] or head[at + HEAD] not in COMMANDS or not size:
            return False
        at += HEAD + size
    size = int.from_bytes(head[:3], "little")
    if at > len(head) and size > 1 << 20:
        return False
    command = head[HEAD]
    if command in (QUERY, PREPARE, INIT_DB):
        return TEXT.fullmatch(head[HEAD + 1 : HEAD + size]) is not None
    return (command == PING and size == 1) or (command == EXECUTE and head[10:14] == b"\1\0\0\0")


def _chain(head: bytes) -> bool:
    """Whether ``head`` may be answers: packets numbered from 1."""
    at, number = 0, 1
    while at + HEAD <= len(head):
        if head[at + 3] not in (number & 0xFF, 1):
            return False
        number = head[at + 3] + 1
        at += HEAD + int.from_bytes(head[at : at + 3], "little")
    return at == len(head)
