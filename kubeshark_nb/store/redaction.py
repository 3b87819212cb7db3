"""What is hidden when items leave: secrets by name, and whatever else the user names by path.

One policy for every way out. Bodies are opaque text to it: name what is secret in them by path
(``response.content.text.json()..password``), or hide them whole (``bodies=True``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from kubeshark_nb.kfl.ast import Deep, Member, Step
from kubeshark_nb.kfl.redact import REDACTED, parse_path, redacted
from kubeshark_nb.store.arrays import array
from kubeshark_nb.store.envelope import SOURCES, Path
from kubeshark_nb.store.secrets import (
    REDIS_SECRETS,
    SECRET_HEADERS,
    SECRET_KEYS,
    URL_SECRET,
    URLS,
    USER_INFO,
    plain,
    scrubbed,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@dataclass(frozen=True)
class Redaction:
    """What to hide, by name (``-`` and ``_`` and case do not matter) and by path.

    Attributes:
        headers: header names; every cookie is hidden as well.
        keys: names of query and form parameters, in the URL too.
        paths: as KFL's ``redact("…")`` takes them.
        bodies: hide every body.

    Raises:
        ValueError: a path cannot be read.
    """

    headers: frozenset[str] = SECRET_HEADERS
    keys: frozenset[str] = SECRET_KEYS
    paths: tuple[str, ...] = ()
    bodies: bool = False
    _steps: tuple[tuple[Step, ...], ...] = field(init=False, repr=False, compare=False, default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "_steps", tuple(parse_path(path) for path in (*self.paths, *self._of_bodies())))

    def document(self, document: bytes | memoryview) -> bytes:
        """``document`` (item JSON) without what is to be hidden."""
        return orjson.dumps(self.item(orjson.loads(document)))

    def item(self, item: Any) -> Any:
        """A copy of a parsed ``item`` without what is to be hidden."""
        if isinstance(item, dict):
            item = {**item, **{side: _side(self, item[side]) for side in ("request", "response") if side in item}}
        for steps in self._steps:
            item = redacted(item, steps)
        return item

    def table(self, table: pa.Table) -> pa.Table:
        """Envelope columns without what is to be hidden."""
        for name in self._hidden_columns & set(table.column_names):
            column = table.column(name)
            blank = array([BLANK[column.type]] * table.num_rows, column.type)
            table = table.set_column(table.column_names.index(name), name, blank)
        return _scrubbed_summary(table) if "path" in table.column_names else table

    def is_secret(self, name: str) -> bool:
        """Whether a parameter of this name is hidden."""
        return plain(name) in self.keys or plain(name).replace("-", "") in self.keys

    @cached_property
    def _hidden_columns(self) -> set[str]:
        return {
            name for name, paths in SOURCES.items() for path in paths for steps in self._steps if _meets(steps, path)
        }

    def _of_bodies(self) -> tuple[str, ...]:
        return BODIES if self.bodies else ()


def _side(policy: Redaction, message: Any) -> Any:
    """A request or response without secrets known by name."""
    if not isinstance(message, dict):
        return message
    if message.get("command") in REDIS_SECRETS:
        return {**message, **{name: REDACTED for name in ("key", "value") if message.get(name)}}
    return {name: MEMBERS[name](policy, value) if name in MEMBERS else value for name, value in message.items()}


def _named(values: Any, hide: Callable[[str, Any], Any]) -> Any:
    """Named values, each what ``hide(name, value)`` makes of it: an object, or a list of {name, value}."""
    if isinstance(values, dict):
        return {name: hide(name, value) for name, value in values.items()}
    if isinstance(values, list):
        return [_pair(each, hide) for each in values]
    return values


def _pair(each: Any, hide: Callable[[str, Any], Any]) -> Any:
    if not isinstance(each, dict) or "value" not in each:
        return each
    return {**each, "value": hide(str(each.get("name", "")), each["value"])}


def _headers(policy: Redaction, headers: Any) -> Any:
    def hide(name: str, value: Any) -> Any:
        if plain(name) in policy.headers:
            return REDACTED
        return scrubbed(value) if plain(name) in URLS else value

    return _named(headers, hide)


def _cookies(_policy: Redaction, cookies: Any) -> Any:
    return _named(cookies, lambda _name, _value: REDACTED)


def _parameters(policy: Redaction, parameters: Any) -> Any:
    return _named(parameters, lambda name, value: REDACTED if policy.is_secret(name) else value)


def _post_data(policy: Redaction, data: Any) -> Any:
    return {**data, "params": _parameters(policy, data.get("params"))} if isinstance(data, dict) else data


def _url(_policy: Redaction, value: Any) -> Any:
    return scrubbed(value)


def _credentials(_policy: Redaction, value: Any) -> Any:
    """The answer of an AMQP login: user name and password between zero bytes."""
    return REDACTED if isinstance(value, str) and value else value


MEMBERS: dict[str, Callable[[Redaction, Any], Any]] = {
    "headers": _headers,
    "cookies": _cookies,
    "queryString": _parameters,
    "postData": _post_data,
    "url": _url,
    "targetUri": _url,
    "path": _url,
    "redirectURL": _url,
    "response": _credentials,
}
BODIES = (
    "request.postData.text",
    "request.postData.params",
    "request.body",
    "response.content.text",
    "response.body",
    "request.value",
    "response.value",
    "request.payload",
    "response.payload",
    "data",
)
BLANK: dict[pa.DataType, Any] = {pa.utf8(): REDACTED, pa.int64(): 0, pa.bool_(): False}


def _scrubbed_summary(table: pa.Table) -> pa.Table:
    path = table.column("path")
    for pattern, tail in ((URL_SECRET, ""), (USER_INFO, "@")):
        path = pc.replace_substring_regex(path, pattern, rf"\1{REDACTED}{tail}")
    if {"protocol", "method"} <= set(table.column_names):
        login = pc.and_(pc.equal(table.column("protocol"), "REDIS"), pc.is_in(table.column("method"), LOGINS))
        path = pc.if_else(login, REDACTED, path)
    return table.set_column(table.column_names.index("path"), "path", path)


LOGINS = array(REDIS_SECRETS, pa.utf8())


def _meets(steps: Iterable[Step], path: Path) -> bool:
    """Whether what ``steps`` select may be, hold or lie in what ``path`` leads to; true when in doubt."""
    for at, step in enumerate(steps):
        if at == len(path):
            return True
        if isinstance(step, Deep):
            return step.name in path[at:] or path[-1] in ("payload", "data")
        if isinstance(step, Member) and step.name != path[at]:
            return False
    return True
