"""The items that every recorded capture makes: written here, compared by ``tests/dissectors/test_recorded.py``.

    python -m tests.captures.goldens [NAME...]

Look at the difference before you commit it: these files say what is right.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from kubeshark_nb.capture import open_source
from kubeshark_nb.dissectors.keylog import KeyLog
from kubeshark_nb.items.names import NameTable
from kubeshark_nb.model import NodeInfo, Stats
from kubeshark_nb.node.dissection import Dissection

FOLDER = Path(__file__).parent


def names() -> list[str]:
    """Of the captures."""
    return sorted(path.name.removesuffix(".pcap.gz") for path in FOLDER.glob("*.pcap.gz"))


def items(name: str) -> list[dict[str, Any]]:
    """Of one capture, in the order of the node; the descriptors, which are the same everywhere, by their name."""
    keys = FOLDER / f"{name}.keylog"
    source = open_source(FOLDER / f"{name}.pcap.gz")
    node = Dissection(source, NodeInfo(), NameTable(), Stats(), keys=KeyLog(keys if keys.exists() else None))
    documents = [json.loads(item.json) for window in node.windows() for item in window.items]
    return [document | {"protocol": document["protocol"]["longName"]} for document in documents]


def golden(name: str) -> Path:
    """Where the right items of a capture stand."""
    return FOLDER / f"{name}.items.json"


def main() -> None:
    for name in sys.argv[1:] or names():
        lines = [json.dumps(item, ensure_ascii=False) for item in items(name)]
        golden(name).write_text("[\n" + ",\n".join(lines) + "\n]\n")
        print(f"{name}: {len(lines)} items")


if __name__ == "__main__":
    main()
