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


class NameTable:
    """Names by address, with their history.

    An address is ``ip`` or ``ip:port`` (``[ip]:port`` for IPv6); the one with the port wins. Names that were given win
    over names learned from DNS answers.

    Attributes:
        version: grows with every change, so that whoever keeps a looked-up name knows when to ask again.
    """

    def __init__(self) -> None:
        self.version = 0
        self._given: dict[str, list[tuple[int, Name]]] = {}
        self._learned: dict[str, list[tuple[int, Name]]] = {}
        self._asked: set[str] = set()  # addresses somebody may remember as unknown

    def add(self, address: str, name: Name, since_ns: int = 0) -> None:
        """``address`` is called ``name`` from ``since_ns`` on (0: since ever)."""
        self._enter(self._given, address, name, since_ns)

    def learn(self, address: str, name: Name, since_ns: int) -> None:
        """``name`` resolved to ``address`` in a DNS answer captured at ``since_ns``. The first name stays."""
        if address not in self._learned and len(self._learned) < MAX_LEARNED:
            self._learned[address] = [(since_ns, name)]
            if address in self._asked:
                self.version += 1

    def lookup(self, ip: str, port: int, time_ns: int) -> Name:
        """The name of ``ip`` (or ``ip:port``) at ``time_ns``; `NOBODY` when there is none."""
        if len(self._asked) > MAX_LEARNED:
            self._asked.clear()
            self.version += 1
        self._asked.add(ip)
        if not self._given and not self._learned:
            return NOBODY
        for table, address in (
            (self._given, f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"),
            (self._given, ip),
            (self._learned, ip),
        ):
            known = table.get(address)
            if known is not None and (at := bisect_right(known, time_ns, key=_since)):
                return known[at - 1][1]
        return NOBODY

    def settled(self, ip: str, port: int) -> int:
        """Since when (ns) the name of an address has not changed any more, as far as is known."""
        addresses = (ip, f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}")
        known = [table[address] for table in (self._given, self._learned) for address in addresses if address in table]
        return max((one[-1][0] for one in known), default=0)

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

    def _all(self) -> Iterable[tuple[str, int, Name]]:
        for table in (self._learned, self._given):
            for address, known in table.items():
                for since, name in known:
                    yield address, since, name

    def _enter(self, table: dict[str, list[tuple[int, Name]]], address: str, name: Name, since_ns: int) -> None:
        known = table.setdefault(address, [])
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
