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
        self._kept: dict[str, tuple[tuple[Name, Name, bytes], tuple[Name, Name, bytes]]] = {}  # by server name
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
        index = self._index
        self._index = index + 1
        source, target = (self._server, self._client) if entry.reversed else (self._client, self._server)
        source_name, target_name, ends = self._ends(entry)
        elapsed = max(entry.elapsed_ns, 0)
        error = b"null" if entry.error is None else orjson.dumps({"type": entry.error.type, "msg": entry.error.text})
        response = entry.response if type(entry.response) is tuple else (entry.response,)
        moment = b',"outgoing":false,"timestamp":%d,"startTime":"%b","request":' % (
            entry.time_ns // 1_000_000,
            rfc3339(entry.time_ns).encode(),
        )
        sizes = b',"requestSize":%d,"responseSize":%d,"elapsedTime":%d,"passed":false,"failed":false,"error":%b%b' % (
            entry.request_size,
            entry.response_size,
            (elapsed + HALF_MS) // 1_000_000,
            error,
            self._tail % index,
        )
        document = b"".join(
            (
                self._head % (index, index),
                entry.protocol.json,
                b',"tls":true' if self.tls else b',"tls":false',
                ends,
                moment,
                entry.request,
                b',"response":',
                *response,
                sizes,
                b',"data":' + entry.data + b"}" if entry.data else b"}",
            )
        )
        row = (
            entry.ready_ns,
            entry.time_ns,
            self.stream,
            index,
            entry.protocol.abbr,
            source[0],
            source[1],
            source_name.name,
            source_name.namespace,
            target[0],
            target[1],
            target_name.name,
            target_name.namespace,
            entry.method,
            entry.path,
            entry.status,
            elapsed // 1000,
            entry.request_size,
            entry.response_size,
            entry.error.type if entry.error else "",
            self.tls,
            document,
        )
        return _new(Item, row)  # a named tuple's own constructor takes three times as long

    def _ends(self, entry: Entry) -> tuple[Name, Name, bytes]:
        """Names of both ends and the members ``src``, ``dst`` and ``namespace``; kept while they cannot change."""
        if self._version != self._names.version:
            self._version = self._names.version
            self._settled = max(self._names.settled(*self._client), self._names.settled(*self._server))
            self._kept.clear()
        if entry.time_ns < self._settled:
            return self._looked_up(entry.time_ns, entry.server_name)[entry.reversed]
        kept = self._kept.get(entry.server_name)
        if kept is None:
            if len(self._kept) >= MAX_KEPT:
                self._kept.clear()
            kept = self._kept[entry.server_name] = self._looked_up(entry.time_ns, entry.server_name)
        return kept[entry.reversed]

    def _looked_up(self, time_ns: int, server_name: str) -> tuple[tuple[Name, Name, bytes], tuple[Name, Name, bytes]]:
        client = self._names.lookup(*self._client, time_ns)
        server = self._names.lookup(*self._server, time_ns)
        if server_name and not server.name:
            server = Name(server_name)
        return (
            (client, server, self._members(client, server, turned=False)),
            (server, client, self._members(server, client, turned=True)),
        )

    def _members(self, source: Name, target: Name, *, turned: bool) -> bytes:
        first, second = (self._server, self._client) if turned else (self._client, self._server)
        return b"".join(
            (
                b',"src":',
                orjson.dumps(_end(first, source)),
                b',"dst":',
                orjson.dumps(_end(second, target)),
                b',"namespace":',
                orjson.dumps(target.namespace or source.namespace),
            )
        )


def _end(end: tuple[str, int], name: Name) -> dict[str, object]:
    document: dict[str, object] = {"ip": end[0], "port": str(end[1]), "name": name.name, "namespace": name.namespace}
    if name.pod:
        document["pod"] = {"name": name.pod, "namespace": name.namespace}
    if name.service:
        document["service"] = name.service
    return document
