"""Which name and namespace an address had at a time."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

NS = 1_000_000_000
FOREVER = 1 << 63
MAX_LEARNED = 100_000


class Name(NamedTuple):
    """What an address is called. ``name`` is ``<service or pod>.<namespace>`` inside the cluster."""

    name: str
    namespace: str = ""
    pod: str = ""
    service: str = ""


NOBODY = Name("")
UNKNOWN = (0, NOBODY)


class NameTable:
    """Names by address, with their history.

    An address is ``ip`` or ``ip:port`` (``[ip]:port`` for IPv6); the one with the port wins. Names that were given win
    over names learned from DNS answers.

    Attributes:
        version: grows with every change, so that whoever keeps a looked-up name knows when to ask again.
        learns: whether `learn` counts at the moment.
        news: names added and learned since somebody emptied it; ``None`` when nobody wants to know.
    """

    def __init__(self) -> None:
        self.version = 0
        self.learns = True
        self.news: list[tuple[str, str, Name, int]] | None = None
        self._given: dict[str, list[tuple[int, Name]]] = {}
        self._learned: dict[str, tuple[int, Name]] = {}
        self._shared: dict[Name, Name] = {}  # many addresses have one name
        self._asked: set[str] = set()  # addresses somebody may remember as unknown

    def add(self, address: str, name: Name, since_ns: int = 0) -> None:
        """``address`` is called ``name`` from ``since_ns`` on (0: since ever)."""
        if self.news is not None:
            self.news.append(("add", address, name, since_ns))
        self._enter(address, name, since_ns)

    def learn(self, address: str, name: Name, since_ns: int) -> None:
        """``name`` resolved to ``address`` in a DNS answer captured at ``since_ns``. The first name stays."""
        if self.learns and address not in self._learned and len(self._learned) < MAX_LEARNED:
            self._learned[address] = (since_ns, self._shared.setdefault(name, name))
            if self.news is not None:
                self.news.append(("learn", address, name, since_ns))
            if address in self._asked:
                self.version += 1

    def lookup(self, ip: str, port: int, time_ns: int) -> Name:
        """The name of ``ip`` (or ``ip:port``) at ``time_ns``; `NOBODY` when there is none."""
        return self.known(ip, port, time_ns)[0]

    def known(self, ip: str, port: int, time_ns: int) -> tuple[Name, int]:
        """`lookup`, and since when (ns) the name has not changed any more, as far as is known."""
        if len(self._asked) > MAX_LEARNED:
            self._asked.clear()
            self.version += 1
        self._asked.add(ip)
        settled, name = self._learned.get(ip, UNKNOWN)
        if time_ns < settled:
            name = NOBODY
        for address in (ip, f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}") if self._given else ():
            if (changes := self._given.get(address)) is not None:
                settled = max(settled, changes[-1][0])
                if at := bisect_right(changes, time_ns, key=_since):
                    name = changes[at - 1][1]
        return name, settled

    def history(self, began_ns: int = 0, until_ns: int = FOREVER) -> dict[str, dict[str, dict[str, str]]]:
        """What ``pcap.nameResolutionHistory()`` gives: second of each change -> address -> name.

        Names known since ever stand under ``began_ns``; later ones than ``until_ns`` are left out.
        """
        changes: dict[int, dict[str, dict[str, str]]] = {}
        for address, since, name in self._all():
            if since <= until_ns:
                second = (since or began_ns) // NS
                changes.setdefault(second, {})[address] = {"FullAddress": name.name, "Namespace": name.namespace}
        return {str(second): dict(sorted(changes[second].items())) for second in sorted(changes)}

    def given(self) -> Iterable[tuple[str, Name]]:
        """Every address that was given a name, and its latest one."""
        return [(address, known[-1][1]) for address, known in self._given.items()]

    def _all(self) -> Iterable[tuple[str, int, Name]]:
        for address, (since, name) in self._learned.items():
            yield address, since, name
        for address, known in self._given.items():
            for since, name in known:
                yield address, since, name

    def _enter(self, address: str, name: Name, since_ns: int) -> None:
        known = self._given.setdefault(address, [])
        at = bisect_right(known, since_ns, key=_since)
        if at and known[at - 1][1] == name:
            return
        if at and known[at - 1][0] == since_ns:
            known[at - 1] = (since_ns, name)
        else:
            known.insert(at, (since_ns, name))
        self.version += 1


def _since(entry: tuple[int, Name]) -> int:
    return entry[0]
