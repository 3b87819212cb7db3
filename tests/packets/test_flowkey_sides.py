"""Which side is which is the same in every process, whatever the hash's multipliers are."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = """
import hashlib, struct, sys
from kubeshark_nb.capture import open_source
from kubeshark_nb.items.names import NameTable
from kubeshark_nb.model import NodeInfo, Stats
from kubeshark_nb.node.dissection import Dissection
from pathlib import Path
said = hashlib.sha256()
for window in Dissection(open_source([sys.argv[1]]), NodeInfo(), NameTable(), Stats()).windows():
    for item in window.items:
        said.update(item.json)
print(said.hexdigest())
"""


def test_a_capture_with_no_beginnings_reads_the_same_in_every_process(tmp_path):
    from tests.packets.beginnings import without_syns

    path = without_syns(tmp_path / "middle.pcap")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    runs = [
        subprocess.run(
            [sys.executable, "-c", CODE, str(path)], capture_output=True, text=True, check=True, env=environment
        ).stdout
        for _ in range(4)
    ]
    assert len(runs[0]) > 60
    assert len(set(runs)) == 1
