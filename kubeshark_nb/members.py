"""The nodes of a capture as it was named, and the answers of one or all of them."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import orjson

from kubeshark_nb.asked import HUB
from kubeshark_nb.errors import CaptureError
from kubeshark_nb.fleet import KEPT, Fleet, Member
from kubeshark_nb.jobs.scheduler import UnknownJobError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kubeshark_nb.hub import Hub
    from kubeshark_nb.model import NodeInfo
    from kubeshark_nb.node.ledger import Ledger
    from kubeshark_nb.node.spec import CaptureSpec


def members_for(specs: Mapping[str, CaptureSpec], first: NodeInfo, cores: int) -> list[Member]:
    """A node per capture, each looked at; they share ``cores``. Their addresses follow one another: items differ.

    Raises:
        CaptureError: no capture can be read; of several, one that cannot is kept with its fault.
    """
    from kubeshark_nb.node.origin import check, worthwhile

    members, faults = [], []
    for number, (name, spec) in enumerate(specs.items()):
        info = replace(first, name=name or first.name, ip=following(first.ip, number))
        member = Member(info, spec)
        try:
            member.total = check(spec)
            shards = worthwhile(spec, member.total, max(1, cores // len(specs)))
            member.capture = replace(spec, shards=shards)
        except CaptureError as error:
            member.fault = str(error)
            faults.append(error)
        members.append(member)
    if len(faults) == len(members):
        raise faults[0]
    return members


def following(ip: str, number: int) -> str:
    """The address ``number`` places after ``ip``."""
    try:
        return str(ip_address(ip) + number)
    except ValueError:
        return f"{ip}-{number + 1}" if number else ip


class Answers:
    """What nodes answer: one by one, or all together."""

    def __init__(self, fleet: Fleet, hub: Hub, ledger: Callable[[], Ledger]) -> None:
        self._fleet = fleet
        self._hub = hub
        self._ledger = ledger

    def names(self) -> list[str]:
        """The nodes."""
        return list(self._fleet.members)

    def clock(self, node: str) -> int:
        """How late it is on a node (ns)."""
        return self._ledger().clock_of(node)

    def ask(self, node: str, method: str, *arguments: Any) -> Any:
        """What the player of a node or of the hub says; of a node without a process, what is kept of its variables."""
        if node == HUB:
            return self._hub.ask(method, *arguments)
        member = self._fleet.member(node)
        if member.link is None and self._fleet.crowd:
            if method == "globals_names":
                return list(member.variables)
            if method == "globals_get":
                return member.variables[arguments[0]]
        return self._fleet.linked(member).call("ask", method, *arguments)

    def broadcast(self, method: str, *arguments: Any, only: str | None = None) -> None:
        """Let every node that has a process, and the hub, do something. Raises what they raise when all of them do."""
        here = self._fleet.alive or [self._fleet.first]
        everyone = [member.name for member in here] + ([HUB] if self._hub.link else [])
        names = everyone if only is None else [only]
        missing: list[Exception] = []
        for name in names:
            try:
                self.ask(name, method, *arguments)
            except (LookupError, UnknownJobError) as error:
                missing.append(error)
        if len(missing) == len(names):
            raise missing[0]

    def queried(self, documents: list[bytes]) -> list[bytes | None]:
        """`onItemQueried` over what a query returned, on the nodes that have the items."""
        if len(self._fleet.members) == 1:
            changed: list[bytes | None] = self.ask(self._fleet.first.name, "query", documents)
            return changed
        places: dict[str, list[int]] = {}
        for place, document in enumerate(documents):
            places.setdefault(self.owner(orjson.loads(document)), []).append(place)
        answers: list[bytes | None] = [None] * len(documents)
        for node, mine in places.items():
            for place, answer in zip(mine, self.ask(node, "query", [documents[at] for at in mine]), strict=True):
                answers[place] = answer
        return answers

    def owner(self, item: Mapping[str, Any]) -> str:
        """The node whose item it is, the first when it does not say."""
        node = item.get("node")
        name = node.get("name") if isinstance(node, dict) else ""
        return name if name in self._fleet.members else self._fleet.first.name

    def lines(self) -> list[str]:
        """The nodes for a status: a line each while they are few."""
        members = list(self._fleet.members.values())
        if len(members) == 1:
            return [f"node:    {members[0].name} ({members[0].info.ip})"]
        shown = [f"node:    {one.name} ({one.info.ip}), {self._figures(one)}" for one in members[:KEPT]]
        rest = [f"         and {len(members) - KEPT} more nodes"] if len(members) > KEPT else []
        return shown + rest + [f"  {name}: {why}" for name, why in self._fleet.broken if self._fleet.member(name).fault]

    def _figures(self, member: Member) -> str:
        stats = self._ledger().stats_of(member.name)
        return f"{stats.packets:,} packets, {stats.items:,} items, {member.fault or member.ended or 'running'}"
