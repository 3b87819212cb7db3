"""The item in flight: a finished JSON document beside the few columns that every table, query and sort needs."""

from __future__ import annotations

from typing import NamedTuple


class Item(NamedTuple):
    """One dissected item.

    ``json`` is the whole document of FACTS section c, serialised once. It always contains, after ``request`` and
    ``response``, the bytes ``"passed":false,"failed":false`` exactly once as top-level members, so that a verdict can
    be written into it without parsing (`with_verdict`).
    """

    ready_ns: int  # capture time (ns) of the packet that completed it: the order in which hooks see items
    time_ns: int  # capture time (ns) of the request: the document's `timestamp` and `startTime`
    stream: str  # "000000000001.pcap"
    index: int  # type: ignore[assignment]  # position inside the stream, from 0 (Kubeshark's name hides tuple.index)
    protocol: str  # protocol.abbr: "HTTP", "DNS" ...
    src_ip: str
    src_port: int
    src_name: str
    src_namespace: str
    dst_ip: str
    dst_port: int
    dst_name: str
    dst_namespace: str
    method: str  # as shown in the method column
    path: str  # as shown in the summary column
    status: int  # 0 where the protocol has none
    elapsed_us: int
    request_size: int
    response_size: int
    error: str  # error.type, "" when there is none
    tls: bool
    json: bytes


OPEN = b'"passed":false,"failed":false'
WITH = {
    (True, False): b'"passed":true,"failed":false',
    (False, True): b'"passed":false,"failed":true',
    (True, True): b'"passed":true,"failed":true',
}


def with_verdict(document: bytes, *, passed: bool, failed: bool) -> bytes:
    """``document`` (item JSON) with its top-level ``passed`` and ``failed`` set; the same object when both are false.

    The members are searched from the end: every member after ``request`` and ``response`` is written by us, and quotes
    inside strings are escaped in JSON, so the last match is the right one.
    """
    if not (passed or failed):
        return document
    at = document.rfind(OPEN)
    return document[:at] + WITH[passed, failed] + document[at + len(OPEN) :]
