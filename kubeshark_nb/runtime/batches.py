"""What the pump hands to the interpreter: events as one JSON document each, with what is needed to name them later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from kubeshark_nb.model import NS_PER_MS

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(slots=True)
class Batch:
    """``data`` is the document for the core, ``seconds`` the time limit of each call in it.

    All its events happen at ``now`` (ns); ``ids`` names the item of each, where they have one.
    """

    data: bytes = b"null"
    seconds: float = 0.0
    now: int = 0
    ids: Sequence[str] = ()
    events: int = 1

    def time_ns(self, event: int) -> int:  # noqa: ARG002 - batches of captured traffic have a time per event
        """The node's clock at event number ``event``."""
        return self.now

    def item(self, event: int) -> str:
        """The id of the item of event number ``event``, ``""`` when it has none."""
        return self.ids[event] if event < len(self.ids) else ""

    def document(self, event: int) -> bytes:  # noqa: ARG002 - as above
        """The item of event number ``event``, as JSON."""
        return b"null"

    def at(self, event: int) -> tuple[int, str]:
        """Both."""
        return self.time_ns(event), self.item(event)


@dataclass(frozen=True, slots=True)
class Moment:
    """When a batch happens and how long each call in it may take: the node's clock (ns), seconds of wall time.

    ``skip`` scripts have had the first event already, before an interruption.
    """

    now: int
    seconds: float
    skip: int = 0

    def head(self, kind: str, **members: Any) -> dict[str, Any]:
        """The members every batch has."""
        return {"kind": kind, "time": self.now / NS_PER_MS, "skip": self.skip, **members}


def announce(moment: Moment, hook: str, values: Sequence[Any]) -> Batch:
    """One call of ``hook`` with plain ``values``, for every script that has it."""
    text = orjson.dumps(values, default=str).decode()
    return Batch(orjson.dumps(moment.head("announce", hook=hook, values=text)), moment.seconds, moment.now)


def perform(moment: Moment, task: int, script: int, hook: str, *, once: bool) -> Batch:
    """One run of a kept function: a job's task, or a timer (``once``)."""
    head = moment.head("perform", task=task, script=script, hook=hook, once=once)
    return Batch(orjson.dumps(head), moment.seconds, moment.now)


def query(moment: Moment, documents: Sequence[bytes], ids: Sequence[str], text: str, width: int) -> Batch:
    """``onItemQueried`` for ``documents``, each copied for ``width`` scripts."""
    copies = b",".join(document for document in documents for _ in range(width))
    head = orjson.dumps(moment.head("query", query=text))
    return Batch(b'%s,"documents":[%s]}' % (head[:-1], copies), moment.seconds, moment.now, ids, len(documents))
