"""Compare our HTTP and DNS items with what tshark found in the same captures.

    python tests/oracle.py CORPUS [NAME...] [--show N]

CORPUS holds the captures, ``CORPUS/oracle/<capture>.json`` the truth. Prints the agreement of every capture that does
not agree in full, and the total. A record agrees when the other side has one with the same fields; each is used once.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from kubeshark_nb.capture import open_source
from kubeshark_nb.dissectors.dns_records import TYPES
from kubeshark_nb.dissectors.keylog import KeyLog
from kubeshark_nb.errors import CaptureError
from kubeshark_nb.items.names import NameTable
from kubeshark_nb.model import NodeInfo, Stats
from kubeshark_nb.node.dissection import Dissection
from tests.judged import Tally

EMPTY = hashlib.sha1(b"").hexdigest()


def items(capture: Path) -> list[dict[str, Any]]:
    secrets = capture.with_suffix(".keylog")
    keys = KeyLog(secrets if secrets.exists() else None)
    dissection = Dissection(open_source(str(capture)), NodeInfo(), NameTable(), Stats(), keys=keys)
    return [json.loads(item.json) for window in dissection.windows() for item in window.items]


def sha1(data: bytes) -> str:
    return hashlib.sha1(data).hexdigest()


def body(response: dict[str, Any]) -> bytes:
    return base64.b64decode(response.get("content", {}).get("text", ""))


def ours(capture: Path) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {"request": [], "response": [], "dns": []}
    for item in items(capture):
        request, response = item["request"], item["response"]
        if item["protocol"]["abbr"] in ("HTTP", "GQL") and item["protocol"]["version"] != "2.0":
            if request:
                found["request"].append((request["method"], request["url"]))
            if response:
                data = body(response)
                found["response"].append((response["status"], len(data), sha1(data)))
        elif item["protocol"]["abbr"] == "DNS":
            names = tuple((name(question["name"]), question["type"]) for question in request["questions"])
            if response:
                found["dns"].append(("response", names, tuple(sorted(one["type"] for one in response["answers"]))))
            kinds = "query" if not response else "query?"  # an answer's question may have been captured, or not
            found["dns"].append((kinds, names, ()))
    return found


def kind(number: int | None) -> str:
    return TYPES.get(number or 0) or f"TYPE{number}"


def name(text: str | None) -> str:
    shown = "" if text in (None, "<Root>") else str(text)
    return re.sub(r"(\\x[0-9a-f]{2}|[^ -~]|\?)+", "?", shown)  # how many characters such bytes are is a matter of taste


def truth(record: dict[str, Any]) -> dict[str, list[Any]]:
    http = record["http"]
    dns = []
    for one in record["dns"]:
        names = tuple((name(query["name"]), kind(query["type"])) for query in one["queries"])
        if one["response"]:
            dns.append(("response", names, tuple(sorted(kind(a["type"]) for a in one["answers"]))))
        else:
            dns.append(("query", names, ()))
    return {
        "request": [(one["method"], one["uri"]) for one in http["requests"]],
        "response": [
            (one["status"], one.get("body_len") or 0, one.get("body_sha1") or EMPTY)
            for one in http["responses"]
            if one["status"] >= 200 or one["status"] == 101
        ],
        "dns": dns,
    }


def compare(mine: list[Any], theirs: list[Any]) -> tuple[int, list[Any], list[Any]]:
    """How many agree, what only we have, what only they have."""
    sure = Counter(one for one in mine if one[0] != "query?")
    perhaps = Counter(("query", *one[1:]) for one in mine if one[0] == "query?")
    both = sure & Counter(theirs)
    missing = Counter(theirs) - both
    both += missing & perhaps
    return both.total(), list((sure - both).elements()), list((missing - perhaps).elements())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--show", type=int, default=3, help="differences shown per capture")
    arguments = parser.parse_args()
    tally = Tally()
    for path in sorted((arguments.corpus / "oracle").glob("*.json")):
        capture = arguments.corpus / path.name.removesuffix(".json")
        if not capture.exists() or (arguments.names and capture.name not in arguments.names):
            continue
        record = json.loads(path.read_text())
        if "http" not in record:
            continue
        try:
            found = ours(capture)
        except CaptureError as error:
            print(f"{capture.name}: {error}")
            continue
        for what, theirs in truth(record).items():
            same, extra, missing = compare(found[what], theirs)
            tally.add(capture.name, what, same, extra, missing, show=arguments.show)
    tally.total(("request", "response", "dns"))


if __name__ == "__main__":
    main()
