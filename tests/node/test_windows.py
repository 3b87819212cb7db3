"""Where windows end makes no difference: the same items, the same ids, the same counts."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubeshark_nb.capture.merge import part
from kubeshark_nb.capture.source import open_source
from kubeshark_nb.dissectors.keylog import KeyLog
from kubeshark_nb.items.names import NameTable
from kubeshark_nb.model import NodeInfo, Stats
from kubeshark_nb.node.dissection import Dissection
from kubeshark_nb.packets.decode import decode
from kubeshark_nb.streams.limits import StreamLimits
from kubeshark_nb.streams.tcp import TcpTable
from tests import craft
from tests.captures.goldens import FOLDER, names

SHOP = Path(__file__).parents[2] / "notebooks" / "captures" / "shop.pcap.gz"
S = 1_000_000_000
GET = b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Cut:
    """A source whose batches are cut after so many frames, again and again."""

    def __init__(self, source, sizes):
        self._source, self._sizes = source, sizes

    def __getattr__(self, name):
        return getattr(self._source, name)

    def batches(self):
        turn = 0
        for batch in self._source.batches():
            at = 0
            while at < len(batch):
                size = self._sizes[turn % len(self._sizes)]
                piece = part(batch, slice(at, at + size))
                piece.first = batch.first + at
                yield piece
                at, turn = at + size, turn + 1


def told(path, *sizes, keys=None):
    stats = Stats()
    reading = Dissection(Cut(open_source(path), sizes), NodeInfo(), NameTable(), stats, keys=KeyLog(keys))
    items = [(item.stream, item.index, item.json) for window in reading.windows() for item in window.items]
    return sorted(items), stats


@pytest.mark.parametrize("name", names())
def test_recorded_captures(name):
    keys = FOLDER / f"{name}.keylog"
    keys = keys if keys.exists() else None
    whole = told(FOLDER / f"{name}.pcap.gz", 1 << 16, keys=keys)
    assert whole[0]
    for sizes in ([1000], [64], [3, 50, 1, 7]):
        assert told(FOLDER / f"{name}.pcap.gz", *sizes, keys=keys) == whole


def test_many_short_streams_that_fall_silent(tmp_path):
    path = tmp_path / "shop.pcap"
    path.write_bytes(gzip.decompress(SHOP.read_bytes())[:3_000_000])
    whole = told(path, 1 << 16)
    for size in (1000, 64):
        assert told(path, size) == whole


def written(tmp_path, frames):
    path = tmp_path / "a.pcap"
    path.write_bytes(craft.pcap(frames))
    return path


def exchange(number, seq, ports=(50000, 80)):
    asked, at = GET % number, 1000 + seq * len(GET % 1)
    return [craft.segment(0, asked, at, ports=ports), craft.segment(1, OK, 9000 + seq * len(OK), ports=ports)]


def test_silence_ends_a_stream_wherever_the_window_ends(tmp_path):
    """A connection, and a conversation of datagrams, that go on after their time each become two."""
    moments = [0, 1, 400, 401, 1200]
    frames = [
        (craft.START + second * S + number, frame)
        for turn, second in enumerate(moments)
        for number, frame in enumerate([*exchange(turn, turn), craft.datagram(b"?" * 30, ports=(7, 8))])
    ]
    path = written(tmp_path, frames)
    whole, stats = told(path, 1 << 16)
    assert len({stream for stream, _, _ in whole if not stream.endswith("udp.pcap")}) == 3
    assert stats.streams == 6
    for size in (1, 2, 5):
        assert told(path, size) == (whole, stats)


def pieces(number):
    """A datagram in two fragments."""
    whole = craft.udp(b"?" * 40, (7, 8))
    for at, piece, more in ((0, whole[:24], 0x2000), (24, whole[24:], 0)):
        packet = bytearray(craft.ip(17, piece))
        packet[4:8] = struct.pack(">HH", number, more | at // 8)
        yield craft.ethernet(bytes(packet))


def unknown(turn):
    """A segment of a protocol nobody knows: what pairs messages looks at their times, which must not matter here."""
    return craft.segment(turn % 2, b"?" * 10, 1000 + turn * 10)


def test_clocks_that_run_back(tmp_path):
    """What has been silent is told by the latest time so far: a packet from the future makes everything so."""
    frames = []
    for turn, second in enumerate([0, 1, 9000, 2, 3]):
        frames += [(craft.START + second * S, unknown(turn)), (craft.START + second * S, craft.datagram(b"?" * 30))]
        frames += [(craft.START + second * S, piece) for piece in pieces(turn)]
    path = written(tmp_path, frames)
    whole, stats = told(path, 1 << 16)
    assert stats.streams == 6
    assert stats.reasons["IP packets put together from fragments"] == 5
    for size in (1, 2, 3, 7):
        assert told(path, size) == (whole, stats)


def said(turn, who):
    if who < 3:
        return [craft.datagram(b"?" * 30, ports=(who, 10))]
    return pieces(turn % 4) if who < 5 else [unknown(turn)]


@given(
    st.lists(st.tuples(st.sampled_from([0, 1, 2, 20, 50, 400, 1000, 9000]), st.integers(0, 6)), max_size=16),
    st.lists(st.integers(1, 9), min_size=1, max_size=4),
)
@settings(max_examples=60, deadline=None)
def test_clocks_that_run_as_they_like(tmp_path_factory, moments, sizes):
    frames = [
        (craft.START + second * S + turn * craft.MS, frame)
        for turn, (second, who) in enumerate(moments)
        for frame in said(turn, who)
    ]
    path = written(tmp_path_factory.mktemp("back"), frames)
    assert told(path, *sizes) == told(path, 1 << 16)


class Ear:
    """Each side as one text: bytes, and how many are missing between them."""

    caller = None

    def __init__(self):
        self.heard = ["", ""]

    def data(self, side, chunk):
        self.heard[side] += (f"<{chunk.gap}>" if chunk.gap else "") + chunk.data.decode()

    def end(self, side, why, _time_ns):
        self.heard[side] += f"<{why}>"


def heard(path, *sizes):
    ears, stats = [], Stats()
    table = TcpTable(lambda _opened: ears.append(Ear()) or ears[-1], StreamLimits(), stats)
    for batch in Cut(open_source(path), sizes).batches():
        table.window(decode(batch), int(batch.time_ns.max()))
    table.finish()
    return [ear.heard for ear in ears], stats


@given(st.lists(st.integers(0, 60), min_size=2, max_size=40), st.lists(st.integers(1, 9), min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_holes_are_given_up_at_the_same_moment(tmp_path_factory, order, sizes):
    """Segments lost, late and repeated, a third of a second apart: some holes last longer than we wait."""
    turns = [0, *(1 + one % 20 for one in order), 21]
    frames = [
        (craft.START + at * S // 3, frame) for at, turn in enumerate(turns) for frame in exchange(turn % 10, turn)
    ]
    path = written(tmp_path_factory.mktemp("holes"), frames)
    assert heard(path, *sizes) == heard(path, 1 << 16)


def test_a_pipeline_of_a_whole_window_loses_no_pair(tmp_path):
    asked = b"".join(GET % number for number in range(5000))
    answered = OK * 5000
    frames = [craft.segment(0, b"", 999, craft.SYN), craft.segment(1, b"", 8999, craft.SYN | craft.ACK)]
    frames += [craft.segment(0, asked[at : at + 1400], 1000 + at) for at in range(0, len(asked), 1400)]
    frames += [craft.segment(1, answered[at : at + 1400], 9000 + at) for at in range(0, len(answered), 1400)]
    items, stats = told(written(tmp_path, frames), 1 << 16)
    assert len(items) == 5000
    assert all(b'"error":null' in document for _, _, document in items)
    assert stats.undissected == 0
