"""Compare our items of the other protocols with what tshark found in the same captures.

    python tests/oracle_services.py CORPUS [PROTOCOL...] [--only CAPTURE] [--show N]

CORPUS holds the captures, ``CORPUS/oracle/<capture>.json`` the truth. A record is one message; it agrees when the other
side has one with the same fields, and each is used once. What differs and why: tests/README.md.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from kubeshark_nb.capture import open_source
from kubeshark_nb.errors import CaptureError
from kubeshark_nb.items.names import NameTable
from kubeshark_nb.model import NodeInfo, Stats
from kubeshark_nb.node.dissection import Dissection
from tests.judged import Tally

Doc = dict[str, Any]


def read(capture: Path) -> tuple[list[Doc], Stats]:
    stats = Stats()
    dissection = Dissection(open_source(str(capture)), NodeInfo(), NameTable(), stats)
    return [json.loads(item.json) for window in dissection.windows() for item in window.items], stats


# --- Redis: the type of every value ---------------------------------------------------------------------------------

REDIS = {"Simple String": "string", "Bulk String": "bulk_string", "Array": "array", "Integer": "integer",
         "Error": "error", "Null": "bulk_string"}  # fmt: skip
KEYWORDS = ("MESSAGE", "PMESSAGE", "SUBSCRIBE")


def redis_ours(items: list[Doc]) -> list[Any]:
    """Of connections in RESP3 only the commands: this tshark does not know its types."""
    new = {
        item["stream"]
        for item in items
        if not {item[member].get("type", "") for member in ("request", "response")} <= {*REDIS, ""}
    }
    found = []
    for item in items:
        pushed = item["request"]["keyword"] in KEYWORDS or item["request"]["type"] == "Push"
        for member, client in (("request", not pushed), ("response", False)):
            kind = item[member].get("type")
            if kind and (client or item["stream"] not in new):
                found.append((client, "array" if client else REDIS[kind]))
    return found


def redis_theirs(record: Doc) -> list[Any]:
    pdus = record["redis"]["pdus"]
    new = {one["stream"] for one in pdus if not one["to_server"] and "fragment" in one["values"]}
    found = []
    for one in pdus:
        if one["to_server"] or one["stream"] not in new:
            kinds = [value.partition(":")[0] for value in one["values"]]
            found += [(one["to_server"], "array" if one["to_server"] else kind) for kind in kinds]
    return found


# --- Kafka: header of each request, correlation id of each response -------------------------------------------------


def kafka_ours(items: list[Doc]) -> list[Any]:
    found = []
    for item in items:
        request, response = item["request"], item["response"]
        if request:
            found.append(
                ("request", request["apiKey"], request["apiVersion"], request["correlationID"], request["clientID"])
            )
        if response:
            found.append(("response", response["correlationID"]))
    return found


def kafka_theirs(record: Doc) -> list[Any]:
    return [
        ("response", one["correlation_id"])
        if one["request"] is None
        else ("request", one["request"], one["version"], one["correlation_id"], one["client_id"])
        for one in record["kafka"]
    ]


# --- AMQP: class and method of every method frame; a frame of content belongs to its method ---------------------------


def amqp_ours(items: list[Doc]) -> list[Any]:
    from pamqp.commands import INDEX_MAPPING

    from kubeshark_nb.dissectors.amqp_message import spoken

    numbers = {spoken(method.name): (index >> 16, index & 0xFFFF) for index, method in INDEX_MAPPING.items()}
    names = [item[member].get("method", "empty") for item in items for member in ("request", "response")]
    return [numbers[name] for name in names if name != "empty"]


def amqp_theirs(record: Doc) -> list[Any]:
    return [(one["cls"], one["method"]) for one in record["amqp"] if one["type"] == 1]


# --- ICMP: version, type and code of every message ----------------------------------------------------------------


def icmp_ours(items: list[Doc]) -> list[Any]:
    return [(one["version"], one["typeCode"]) for item in items for one in (item["request"], item["response"]) if one]


def icmp_theirs(record: Doc) -> list[Any]:
    from kubeshark_nb.dissectors.icmp_names import NAMES4, NAMES6, type_code

    return [(one["v"], type_code({4: NAMES4, 6: NAMES6}[one["v"]], one["type"], one["code"])) for one in record["icmp"]]


# --- databases: which statements there were ------------------------------------------------------------------------


def bare(query: str) -> str:
    """tshark drops line breaks and what is not ASCII."""
    return "".join(letter for letter in query if letter.isascii() and not letter.isspace() and letter != "\\")


def queries(items: list[Doc]) -> list[Any]:
    return sorted({bare(item["request"].get("query", "")) for item in items} - {""})


def postgresql_theirs(record: Doc) -> list[Any]:
    return sorted({bare(query) for one in record["pgsql"] for query in one["queries"]} - {""})


def mysql_ours(items: list[Doc]) -> list[Any]:
    commands = [item["request"]["command"] for item in items if item["request"]["command"] != "CONNECT"]
    return [("command", name.removeprefix("COM_")) for name in commands] + queries(items)


def mysql_theirs(record: Doc) -> list[Any]:
    from kubeshark_nb.dissectors.mysql_words import COMMANDS

    commands = record["mysql"]["commands"]
    texts = {bare(one["query"] or "") for one in commands} - {""}
    return [("command", COMMANDS.get(one["command"])) for one in commands] + sorted(texts)


def mongodb_ours(items: list[Doc]) -> list[Any]:
    return [one["opcode"] for item in items for one in (item["request"], item["response"]) if one]


def mongodb_theirs(record: Doc) -> list[Any]:
    from kubeshark_nb.dissectors.mongodb_message import OPCODES

    return [OPCODES[one["opcode"]] for one in record["mongo"]]


# --- LDAP, RADIUS, Diameter: every message ----------------------------------------------------------------------------


def ldap_ours(items: list[Doc]) -> list[Any]:
    from kubeshark_nb.dissectors.ldap_message import APPLICATION, OPERATIONS

    numbers = {name: tag & APPLICATION for tag, name in OPERATIONS.items()}
    found = []
    for item in items:
        for one in (item["request"], item["response"]):
            if one:
                found.append((one["messageId"], numbers[one["type"]]))
                for part, number in (("entries", 4), ("references", 19), ("intermediate", 25)):
                    found += [(one["messageId"], number)] * one.get(part, 0)
    return found


def ldap_theirs(record: Doc) -> list[Any]:
    return [(one["id"], one["op"]) for one in record["ldap"]]


def radius_ours(items: list[Doc]) -> list[Any]:
    return [(one["code"], one["identifier"]) for item in items for one in (item["request"], item["response"]) if one]


def radius_theirs(record: Doc) -> list[Any]:
    return [(one["code"], one["id"]) for one in record["radius"]]


def diameter_ours(items: list[Doc]) -> list[Any]:
    both = [(one, member == "request") for item in items for member in ("request", "response") if (one := item[member])]
    return [(one["commandCode"], request, one["hopByHop"]) for one, request in both]


def diameter_theirs(record: Doc) -> list[Any]:
    return [(one["cmd"], one["request"], int(one["hbh"], 16)) for one in record["diameter"]]


PROTOCOLS = {
    "ldap": ("LDAP", ldap_ours, ldap_theirs),
    "radius": ("RADIUS", radius_ours, radius_theirs),
    "diameter": ("DIAMETER", diameter_ours, diameter_theirs),
    "mongodb": ("MongoDB", mongodb_ours, mongodb_theirs),
    "mysql": ("MySQL", mysql_ours, mysql_theirs),
    "postgresql": ("PostgreSQL", queries, postgresql_theirs),
    "icmp": ("ICMPv4|ICMPv6", icmp_ours, icmp_theirs),
    "amqp": ("AMQP", amqp_ours, amqp_theirs),
    "redis": ("REDIS", redis_ours, redis_theirs),
    "kafka": ("KAFKA", kafka_ours, kafka_theirs),
}


def compare(mine: list[Any], theirs: list[Any]) -> tuple[int, list[Any], list[Any]]:
    both = Counter(mine) & Counter(theirs)
    return both.total(), list((Counter(mine) - both).elements()), list((Counter(theirs) - both).elements())


def captures(corpus: Path, only: str | None) -> list[tuple[Path, Doc]]:
    found = []
    for path in sorted((corpus / "oracle").glob("*.json")):
        capture = corpus / path.name.removesuffix(".json")
        record = json.loads(path.read_text())
        if capture.exists() and "http" in record and only in (None, capture.name):
            found.append((capture, record))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("protocols", nargs="*", default=[])
    parser.add_argument("--only", help="one capture")
    parser.add_argument("--all", action="store_true", help="also captures without a record: nothing may be found there")
    parser.add_argument("--show", type=int, default=3, help="differences shown per capture")
    arguments = parser.parse_args()
    chosen = {name: PROTOCOLS[name] for name in (arguments.protocols or PROTOCOLS)}
    tally = Tally()
    for capture, record in captures(arguments.corpus, arguments.only):
        truths = {name: theirs(record) for name, (_, _, theirs) in chosen.items()}
        if not arguments.all and not any(truths.values()):
            continue
        try:
            items, stats = read(capture)
        except CaptureError as error:
            print(f"{capture.name}: {error}")
            continue
        for name, (abbr, ours, _) in chosen.items():
            mine = ours([item for item in items if item["protocol"]["abbr"] in abbr.split("|")])
            same, extra, missing = compare(mine, truths[name])
            tally.add(capture.name, name, same, extra, missing, show=arguments.show)
            if extra or missing:
                print(f"  {stats.reasons}")
    tally.total(chosen)


if __name__ == "__main__":
    main()
