"""Key logs: lines, growing files, secrets blocks of pcapng files."""

from __future__ import annotations

import gzip
import json
from struct import pack

import pytest

from kubeshark_nb.capture import open_source
from kubeshark_nb.dissectors.keylog import KeyLog
from kubeshark_nb.errors import CaptureError
from kubeshark_nb.items.names import NameTable
from kubeshark_nb.model import NodeInfo, Stats
from kubeshark_nb.node.dissection import Dissection
from tests.captures.goldens import FOLDER

RANDOM, SECRET = "ab" * 32, "cd" * 48
LINE = f"CLIENT_RANDOM {RANDOM} {SECRET}"
ASK = ("CLIENT_RANDOM", bytes.fromhex(RANDOM))


def fed(*texts: str) -> KeyLog:
    keys = KeyLog()
    keys.feed(texts)
    return keys


@pytest.mark.parametrize(
    "text", [LINE, LINE + "\n", f"# a comment\n{LINE}\r\n\n", LINE.replace("ab", "AB"), f"x\n{LINE}\nRSA 00 11"]
)
def test_lines(text):
    keys = fed(text)
    assert keys
    assert keys.secret(*ASK) == bytes.fromhex(SECRET)
    assert keys.secret("SERVER_TRAFFIC_SECRET_0", ASK[1]) is None


@pytest.mark.parametrize(
    "text", ["", LINE[:-1], LINE.replace(" ", "_"), "CLIENT_RANDOM " + RANDOM, LINE.replace("ab", "xy")]
)
def test_what_is_no_line(text):
    assert not fed(text)
    assert fed(text).secret(*ASK) is None


def test_a_file_that_grows(tmp_path):
    path = tmp_path / "keys.log"
    path.write_text("")
    keys = KeyLog(path)
    assert keys.secret(*ASK) is None
    for cut in (30, 100, len(LINE)):
        path.write_text(LINE[:cut])
        found = keys.secret(*ASK)
    assert found == bytes.fromhex(SECRET)
    path.unlink()
    assert keys.secret("OTHER", ASK[1]) is None


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(CaptureError, match="key log"):
        KeyLog(tmp_path / "nothing")


def block(kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    return pack("<LL", kind, len(body) + 12) + body + pack("<L", len(body) + 12)


def test_secrets_blocks_open_a_capture(tmp_path):
    pcap = gzip.decompress((FOLDER / "tls.pcap.gz").read_bytes())
    secrets = (FOLDER / "tls.keylog").read_bytes()
    blocks = [block(0x0A0D0D0A, pack("<LHHq", 0x1A2B3C4D, 1, 0, -1)), block(1, pack("<HHL", 1, 0, 0))]
    blocks.append(block(10, pack("<LL", 0x544C534B, len(secrets)) + secrets))
    at = 24
    while at < len(pcap):
        seconds, micros, size = (int.from_bytes(pcap[at + 4 * n : at + 4 * n + 4], "little") for n in range(3))
        ticks = seconds * 1_000_000 + micros
        frame = pcap[at + 16 : at + 16 + size]
        blocks.append(block(6, pack("<LLLLL", 0, ticks >> 32, ticks & 0xFFFFFFFF, size, size) + frame))
        at += 16 + size
    (tmp_path / "tls.pcapng").write_bytes(b"".join(blocks))
    node = Dissection(open_source(tmp_path / "tls.pcapng"), NodeInfo(), NameTable(), Stats())
    items = [json.loads(item.json) for window in node.windows() for item in window.items]
    assert [item["response"]["status"] for item in items if item["tls"]] == [200] * 9
