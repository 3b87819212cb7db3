"""The one place that writes item JSON: what a dissector found, inside the envelope of its stream (FACTS c.1)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import orjson

from kubeshark_nb.items.item import Item
from kubeshark_nb.items.names import Name
from kubeshark_nb.items.stamp import rfc3339

if TYPE_CHECKING:
    from kubeshark_nb.items.entry import Entry
    from kubeshark_nb.items.names import NameTable
    from kubeshark_nb.model import NodeInfo

HALF_MS = 500_000
MOMENT = b',"outgoing":false,"timestamp":%d,"startTime":"%b","request":'
SIZES = b',"requestSize":%d,"responseSize":%d,"elapsedTime":%d,"passed":false,"failed":false,"error":'
# an item's columns from `src_ip` to `dst_namespace`, and the members `tls`, `src`, `dst` and `namespace`
Ends = tuple[tuple[str | int, ...], bytes]
ONE_WAY = ("", False), ("", True)  # nearly all streams: they share these
_new = tuple.__new__


class Envelope:
    """Makes the items of one stream. What is the same for all of them is serialised once.

    Args:
        stream: the stream's name, for example ``000000000001.pcap``.
        client, server: ``(ip, port)``; the client is ``src``.
    """

    __slots__ = (
        "_client", "_front", "_index", "_kept", "_kept_for", "_name", "_names", "_origin", "_server", "_settled",
        "_version", "stream", "tls",
    )  # fmt: skip

    def __init__(  # noqa: PLR0913 - one per member it writes
        self,
        node: NodeInfo,
        stream: str,
        names: NameTable,
        client: tuple[str, int],
        server: tuple[str, int],
        *,
        tls: bool = False,
    ) -> None:
        self.stream = stream
        self.tls = tls
        self._names = names
        self._client = client
        self._server = server
        self._index = 0
        self._version = -1
        self._settled = 0
        self._kept: Ends | None = None  # of the latest item, for the next of the same
        self._kept_for = ONE_WAY[False]  # server name, and whether the server is `src`
        self._front, self._origin = _origin(node)
        self._name = stream.encode()

    def turn(self, client: tuple[str, int], server: tuple[str, int]) -> None:
        """The other end turned out to be the client."""
        self._client, self._server = client, server
        self._kept = None

    def item(self, entry: Entry) -> Item:
        """The next item of the stream."""
        (
            protocol, request, response, time_ns, ready_ns, elapsed, request_size, response_size, method, path, status,
            problem, turned, server_name, data,
        ) = entry  # fmt: skip
        index = self._index
        self._index = index + 1
        number = b"%d" % index
        elapsed = max(elapsed, 0)
        who, members = self._ends(time_ns, server_name, turned)
        document = b"".join(
            (
                self._front,
                self._name,
                b"-",
                number,
                b'","index":',
                number,
                b',"stream":"',
                self._name,
                self._origin,
                protocol.json,
                members,
                MOMENT % (time_ns // 1_000_000, rfc3339(time_ns)),
                *(request if type(request) is tuple else (request,)),
                b',"response":',
                *(response if type(response) is tuple else (response,)),
                SIZES % (request_size, response_size, (elapsed + HALF_MS) // 1_000_000),
                b"null" if problem is None else orjson.dumps({"type": problem.type, "msg": problem.text}),
                b',"entryFile":"',
                self._name.replace(b".", b"_"),
                b"-",
                number,
                b'_entry.json","record":""}' if not data else b'_entry.json","record":"","data":%b}' % data,
            )
        )
        row = (
            ready_ns, time_ns, self.stream, index, protocol.abbr, *who, method, path, status, elapsed // 1000,
            request_size, response_size, "" if problem is None else problem.type, self.tls, document,
        )  # fmt: skip
        return _new(Item, row)  # a named tuple's own constructor takes three times as long

    def _ends(self, time_ns: int, server_name: str, turned: bool) -> Ends:  # noqa: FBT001 - called for every item
        """Both ends as they were called at ``time_ns``; kept while that cannot change."""
        kept = self._kept
        unchanged = self._version == self._names.version and time_ns >= self._settled
        if kept is not None and unchanged and self._kept_for == (server_name, turned):
            return kept
        ends, settled = self._looked_up(time_ns, server_name, turned=turned)
        self._kept = ends if time_ns >= settled else None
        self._kept_for = (server_name, turned) if server_name else ONE_WAY[turned]
        self._version, self._settled = self._names.version, settled
        return ends

    def _looked_up(self, time_ns: int, server_name: str, *, turned: bool) -> tuple[Ends, int]:
        """Both ends, and since when they have not changed any more."""
        client, server = self._client, self._server
        caller, since = self._names.known(*client, time_ns)
        called, settled = self._names.known(*server, time_ns)
        if server_name and not called.name:
            called = Name(server_name)
        source, target = ((server, called), (client, caller)) if turned else ((client, caller), (server, called))
        members = b',"tls":%b,"src":%b,"dst":%b,"namespace":%b' % (
            b"true" if self.tls else b"false",
            orjson.dumps(_end(*source)),
            orjson.dumps(_end(*target)),
            orjson.dumps(target[1].namespace or source[1].namespace),
        )
        return ((*_columns(*source), *_columns(*target)), members), max(since, settled)


@lru_cache(maxsize=64)
def _origin(node: NodeInfo) -> tuple[bytes, bytes]:
    """How every document of the node begins, and what stands between its stream's name and its protocol."""
    worker = node.worker.encode()
    shown = orjson.dumps({"ip": node.ip, "name": node.name})
    return b'{"id":"%b/' % worker, b'","worker":"%b","node":%b,"protocol":' % (worker, shown)


def _columns(end: tuple[str, int], name: Name) -> tuple[str, int, str, str]:
    return end[0], end[1], name.name, name.namespace


def _end(end: tuple[str, int], name: Name) -> dict[str, object]:
    document: dict[str, object] = {"ip": end[0], "port": str(end[1]), "name": name.name, "namespace": name.namespace}
    if name.pod:
        document["pod"] = {"name": name.pod, "namespace": name.namespace}
    if name.service:
        document["service"] = name.service
    return document
