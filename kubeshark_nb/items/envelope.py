"""The one place that writes item JSON: what a dissector found, inside the envelope of its stream (FACTS c.1)."""

from __future__ import annotations

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
# an item's columns from `src_ip` to `dst_namespace`, and the members `tls`, `src`, `dst` and `namespace`
Ends = tuple[tuple[str | int, ...], bytes]
MAX_KEPT = 16  # server names of one stream
_new = tuple.__new__


class Envelope:
    """Makes the items of one stream. What is the same for all of them is serialised once.

    Args:
        stream: the stream's name, for example ``000000000001.pcap``.
        client, server: ``(ip, port)``; the client is ``src``.
    """

    __slots__ = (
        "_client",
        "_head",
        "_index",
        "_kept",
        "_names",
        "_server",
        "_settled",
        "_tail",
        "_version",
        "stream",
        "tls",
    )

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
        self._kept: dict[tuple[str, bool], Ends] = {}  # by server name, and whether the server is `src`
        self._head = b'{"id":"%b/%b-%%d","index":%%d,"stream":"%b","worker":"%b","node":%b,"protocol":' % (
            *(part.replace("%", "%%").encode() for part in (node.worker, stream, stream, node.worker)),
            orjson.dumps({"ip": node.ip, "name": node.name}).replace(b"%", b"%%"),
        )
        self._tail = b',"entryFile":"%b-%%d_entry.json","record":""' % stream.replace(".", "_").encode()

    def turn(self, client: tuple[str, int], server: tuple[str, int]) -> None:
        """The other end turned out to be the client."""
        self._client, self._server = client, server
        self._kept.clear()

    def item(self, entry: Entry) -> Item:
        """The next item of the stream."""
        (
            protocol, request, response, time_ns, ready_ns, elapsed, request_size, response_size, method, path, status,
            problem, turned, server_name, data,
        ) = entry  # fmt: skip
        index = self._index
        self._index = index + 1
        elapsed = max(elapsed, 0)
        who, members = self._ends(time_ns, server_name, turned=turned)
        moment = f',"outgoing":false,"timestamp":{time_ns // 1_000_000},"startTime":"{rfc3339(time_ns)}","request":'
        sizes = b',"requestSize":%d,"responseSize":%d,"elapsedTime":%d,"passed":false,"failed":false,"error":%b%b' % (
            request_size,
            response_size,
            (elapsed + HALF_MS) // 1_000_000,
            b"null" if problem is None else orjson.dumps({"type": problem.type, "msg": problem.text}),
            self._tail % index,
        )
        document = b"".join(
            (
                self._head % (index, index),
                protocol.json,
                members,
                moment.encode(),
                *(request if type(request) is tuple else (request,)),
                b',"response":',
                *(response if type(response) is tuple else (response,)),
                sizes,
                b',"data":' + data + b"}" if data else b"}",
            )
        )
        error = "" if problem is None else problem.type
        row = (
            ready_ns, time_ns, self.stream, index, protocol.abbr, *who, method, path, status, elapsed // 1000,
            request_size, response_size, error, self.tls, document,
        )  # fmt: skip
        return _new(Item, row)  # a named tuple's own constructor takes three times as long

    def _ends(self, time_ns: int, server_name: str, *, turned: bool) -> Ends:
        """Both ends as they were called at ``time_ns``; kept while that cannot change."""
        if self._version != self._names.version:
            self._version = self._names.version
            self._settled = max(self._names.settled(*self._client), self._names.settled(*self._server))
            self._kept.clear()
        if time_ns < self._settled:
            return self._looked_up(time_ns, server_name, turned=turned)
        kept = self._kept.get((server_name, turned))
        if kept is None:
            if len(self._kept) >= MAX_KEPT:
                self._kept.clear()
            kept = self._kept[server_name, turned] = self._looked_up(time_ns, server_name, turned=turned)
        return kept

    def _looked_up(self, time_ns: int, server_name: str, *, turned: bool) -> Ends:
        client, server = self._client, self._server
        caller = self._names.lookup(*client, time_ns)
        called = self._names.lookup(*server, time_ns)
        if server_name and not called.name:
            called = Name(server_name)
        source, target = ((server, called), (client, caller)) if turned else ((client, caller), (server, called))
        members = b',"tls":%b,"src":%b,"dst":%b,"namespace":%b' % (
            b"true" if self.tls else b"false",
            orjson.dumps(_end(*source)),
            orjson.dumps(_end(*target)),
            orjson.dumps(target[1].namespace or source[1].namespace),
        )
        return (*_columns(*source), *_columns(*target)), members


def _columns(end: tuple[str, int], name: Name) -> tuple[str, int, str, str]:
    return end[0], end[1], name.name, name.namespace


def _end(end: tuple[str, int], name: Name) -> dict[str, object]:
    document: dict[str, object] = {"ip": end[0], "port": str(end[1]), "name": name.name, "namespace": name.namespace}
    if name.pod:
        document["pod"] = {"name": name.pod, "namespace": name.namespace}
    if name.service:
        document["service"] = name.service
    return document
