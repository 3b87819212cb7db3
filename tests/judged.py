"""Differences from the oracle that were looked at byte by byte: who is right, and why.

The scripts ``oracle*.py`` count by it.

A row holds for as many of the oracle's records of one capture and kind as it says; what is beyond stays unexplained.
"""

# ruff: noqa: E501 - a table of sentences
from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

OURS, THEIRS, NOBODY = "ours is right", "theirs is right", "nobody is right"
EVADER = "suricata-http-evader_http-evader-{}_input.pcap"
ICMP = "RFC 792, RFC 4443: an ICMP error quotes the datagram it is about; the quotation is no message of its own"
FOLDED = "RFC 9112, 5.2: a folded line is its blanks; the coding is chunked, 68 bytes are inside"
HIDDEN = "RFC 9112, 7.1 has no place for these empty lines: a recipient may stop there, ours shows what they hide"
CODING = "RFC 9112, 6.1 knows no such coding; whether a recipient stops, reads on or unpacks is up to it"
PUSHED = "RFC 9113, 4.3: several header blocks in one frame of the capture; the record mixes their streams"
UPGRADED = "RFC 7540, 3.2: the request of stream 1 is the HTTP/1.1 request that asked for the upgrade"


class Judged(NamedTuple):
    """``records`` of ``kind`` in ``capture`` that only the oracle has, in these ``frames``."""

    capture: str
    kind: str
    frames: tuple[int, ...]
    records: int
    verdict: str
    why: str


TABLE = [
    Judged("zeek-http_no-uri.pcap", "request", (4,), 1, OURS, "RFC 9112, 3: HTTP/1.1 is the version, the target is missing"),
    Judged(
        "arkime-gre-erspan-vxlan.pcap", "request", (4,), 1, OURS,
        "RFC 9112, 3: the version stands last; what is between is the target, blank and all",
    ),
    Judged(EVADER.format("057"), "response", (5,), 1, OURS, "RFC 9112, 7: names of codings ignore case, chUnked is chunked"),
    Judged(EVADER.format("059"), "response", (5,), 1, OURS, FOLDED),
    Judged(EVADER.format("060"), "response", (7,), 1, OURS, FOLDED),
    Judged(EVADER.format("061"), "response", (7,), 1, OURS, FOLDED),
    Judged(EVADER.format("074"), "response", (7,), 1, OURS, "68 bytes follow the head, and not chunked; the record has part of the head"),
    Judged(EVADER.format("008"), "response", (5,), 1, NOBODY, "RFC 9112, 2.2: a lone CR in a chunk's line is invalid, or a blank"),
    Judged(EVADER.format("020"), "response", (5,), 1, NOBODY, HIDDEN),
    Judged(EVADER.format("103"), "response", (5,), 1, NOBODY, HIDDEN),
    Judged(EVADER.format("066"), "response", (7,), 1, NOBODY, CODING),
    Judged(EVADER.format("070"), "response", (5,), 1, NOBODY, CODING),
    Judged(EVADER.format("075"), "response", (7,), 1, NOBODY, "RFC 9112, 2.2: a lone CR in a header is invalid, or a blank"),
    Judged("arkime-gre-sample.pcap", "dns", (34, 36), 2, OURS, ICMP),
    Judged("arkime-v6.pcap", "dns", (137,), 1, OURS, ICMP),
    Judged("local-dns.pcap", "dns", (173,), 1, OURS, ICMP),
    Judged("arkime-arkime_synthetic.pcap", "dns", (618, 619), 2, OURS, "RFC 1035, 4.1: only zeros; nothing is asked or answered"),
    Judged(
        "suricata-dns_dns-answer-emptyinput.pcap", "dns", (4, 6), 2, OURS,
        "RFC 2136, 2.3: an update has a zone where a query has questions; ours shows it",
    ),
    Judged("arkime-http2-nghttp2.pcap", "http2 stream", (26, 28), 2, OURS, PUSHED),
    Judged("local-http2_h2c.pcap", "http2 stream", (4,), 1, OURS, PUSHED),
    Judged("local-http2_h2c.pcap", "http2 stream", (), 1, OURS, UPGRADED),
    Judged("scapy-http2_h2c.pcap", "http2 stream", (6,), 1, OURS, UPGRADED),
    Judged(
        "deepflow-http_grpc-server-stream.pcap", "http2 stream", (1,), 1, OURS,
        "17 bytes were not captured; ours finds the next frame (RFC 9113, 4.1) and has what is behind the hole",
    ),
    Judged(
        "arkime-arkime_synthetic.pcap", "server hello", (904,), 1, OURS,
        "RFC 8446, 4.2: an empty supported_versions; the record reads the next extension's type as its content",
    ),
    Judged(
        "zeek-redis_attr.pcap", "redis", (8, 22), 3, OURS,
        "RESP3: an attribute stands beside the array it comes with; the record counts the array's elements as values",
    ),
    Judged("zeek-redis_attr.pcap", "redis", (7, 21), 2, NOBODY, "typed into netcat: an inline command that no Redis has"),
    Judged(
        "arkime-arkime_synthetic.pcap", "radius", (419, 486), 2, OURS,
        "RFC 2865, 3: the attributes do not fill the message's length; a server discards it",
    ),
    *(
        Judged(f"deepflow-mysql_{name}.pcap", "mysql", (1,), 1, NOBODY, "one packet without its connection: no command can be told from it")
        for name in ("mysql-compressed-response", "partial-packet-compressed", "mysql-use")
    ),
    Judged(
        "zeek-mysql_mysql8-navicat-login-failed.pcap", "mysql", (14,), 1, OURS,
        "a step of the login (MySQL protocol, AuthSwitchResponse), not a command",
    ),
]  # fmt: skip


class Tally:
    """Agreement with the oracle by kind of record: as it stands, and after what was judged."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, capture: str, kind: str, same: int, extra: list[Any], missing: list[Any], *, show: int = 3) -> None:
        """One capture's records of a kind: how many agree, those only ours and those only theirs."""
        left = len(missing)
        for row in TABLE:
            if (row.capture, row.kind) == (capture, kind):
                number = min(row.records, left)
                left -= number
                self._counts[kind, row.verdict] += number
        for name, number in (("same", same), ("of", same + len(missing)), ("extra", len(extra)), ("unexplained", left)):
            self._counts[kind, name] += number
        if not extra and not missing:
            return
        print(f"{capture}: {kind} {same}/{same + len(missing)}, {left} not explained, {len(extra)} more of ours")
        for label, some in (("  only theirs", missing), ("  only ours  ", extra)):
            for one in some[:show]:
                print(f"{label} {str(one)[:220]}")

    def total(self, kinds: Any) -> None:
        """One line for each kind."""
        for kind in kinds:
            counts = {
                name: self._counts[kind, name] for name in ("same", "of", "extra", "unexplained", OURS, THEIRS, NOBODY)
            }
            same, of = counts["same"], max(counts["of"], 1)
            good, fair = same + counts[OURS], max(counts["of"] - counts[NOBODY], 1)
            print(
                f"{kind}: {same}/{counts['of']} = {100 * same / of:.2f} % as it stands; judged: ours right {counts[OURS]}, "
                f"theirs {counts[THEIRS]}, nobody {counts[NOBODY]}; then {good}/{fair} = {100 * good / fair:.2f} %; "
                f"not explained {counts['unexplained']}; more of ours {counts['extra']}"
            )
