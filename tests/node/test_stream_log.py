"""Streams lead back to their packets, as tshark-readable pcap, from Python and from scripts."""

import gzip
from dataclasses import replace
from pathlib import Path

import pytest

import kubeshark_nb as ks
from kubeshark_nb.capture.spool import Spool
from kubeshark_nb.helpers.packetfile import Record, read
from kubeshark_nb.items.names import NameTable
from kubeshark_nb.node.opened import OpenedStreams
from kubeshark_nb.node.stream_log import StreamLog
from kubeshark_nb.packets.decode import decode
from kubeshark_nb.traffic import UDP
from tests import craft
from tests.capture.test_spool import made
from tests.packets.test_fragments import cut4

QUESTION = b"\0\7\1\0\0\1\0\0\0\0\0\0\1a\4test\0\0\1\0\1"
SHOP = Path(__file__).parents[2] / "notebooks" / "captures" / "shop.pcap.gz"


@pytest.fixture
def session(tmp_path):
    cut = tmp_path / "short.pcap"
    cut.write_bytes(gzip.decompress(SHOP.read_bytes())[:1_000_000])
    with ks.Session(inline=True) as made:
        made.capture(cut)
        yield made


def test_a_pcap_of_some_items_replays_to_these_items(session, tmp_path):
    wanted = session.items.query("http and response.status >= 400")
    wanted.to_pcap(tmp_path / "some.pcap")
    with ks.Session(inline=True) as again:
        again.capture(tmp_path / "some.pcap")
        found = again.items.query("http and response.status >= 400")
        assert len(found) == len(wanted) > 0
        assert [item["request"] for item in found] == [item["request"] for item in wanted]
        assert [item["startTime"] for item in found] == [item["startTime"] for item in wanted]


def test_every_packet_of_every_stream_is_there_once(session):
    session.run()
    streams = session._fleet.first.link._node.streams
    packets = [packet for name in streams.names() for packet in streams.packets(name)[1]]
    assert len(packets) == session.stats.packets
    assert len(streams.names()) == session.stats.streams


def test_an_unknown_stream_is_said(session):
    session.run()
    with pytest.raises(ks.NodeError, match="000000000000"):
        session._fleet.first.link.call("packets_of", "000000000000.pcap")


def test_scripts_snapshot_streams(session):
    session.replay_script(
        """
        var path, snapshot;
        function onItemCaptured(data) {
          if (path || data.protocol.name !== "http") return;
          path = pcap.path(data.stream);
          file.copy(path, "copy.pcap");
          snapshot = pcap.snapshot([data.stream]);
        }
        """,
        "a.js",
    )
    folder = session.folder / "node-1" / "data"
    assert session.errors == []
    assert session.globals["path"].startswith("pcaps/0000")
    assert (folder / "copy.pcap").stat().st_size == (folder / session.globals["snapshot"]).stat().st_size > 500


@pytest.mark.parametrize("inline", [True, False])
def test_packets_of_what_arrives_are_kept(session, tmp_path, inline):
    session.run()
    wanted = session.items.query("http")
    wanted.to_pcap(tmp_path / "file.pcap")
    with ks.Session(inline=inline) as live:
        live.capture(pipe=f"cat {tmp_path / 'short.pcap'}")
        live.run()
        live.items.query("http").to_pcap(tmp_path / "pipe.pcap")
    assert (tmp_path / "pipe.pcap").read_bytes() == (tmp_path / "file.pcap").read_bytes()


def test_a_script_has_the_packets_of_a_stream_that_still_goes_on(tmp_path):
    with ks.Session(inline=True) as live:
        live.capture(pipe=f"cat {tmp_path / 'a.pcap'}")
        (tmp_path / "a.pcap").write_bytes(craft.pcap([craft.datagram(QUESTION) for _ in range(3)]))
        live.load_script("function onItemCaptured(d) { file.copy(pcap.path(d.stream), 'b'); test.pass(d); }", "a")
        assert live.run().passed == 3
        assert read(live.folder / "node-1" / "data" / "b") == (1, [Record(*one) for one in kept(live)])


def kept(session):
    (name,) = session._fleet.first.link._node.streams.names()
    return session._fleet.first.link.call("packets_of", name)[1]


def test_packets_that_had_to_make_room_are_said_to_be_gone(tmp_path):
    frames = [craft.datagram(bytes(1400), ports=(5000 + number % 10, 7)) for number in range(4000)]
    (tmp_path / "a.pcap").write_bytes(craft.pcap([*frames[:2000], craft.datagram(b"x" * 99, ports=(9, 7)), *frames]))
    with ks.Session(inline=True) as live:
        live.capture(pipe=f"cat {tmp_path / 'a.pcap'}", keep=2)
        live.run()
        with pytest.raises(ks.CaptureError, match=r"packets of 000000002001_udp.pcap are gone: only .*--keep MB"):
            live._fleet.first.link.call("packets_of", "000000002001_udp.pcap")
        _, packets = live._fleet.first.link.call("packets_of", "000000000001_udp.pcap")
        assert 0 < len(packets) < 600
        names = live._fleet.first.link._node.streams.names()
        assert "000000000001_udp.pcap" in names
        assert "000000002001_udp.pcap" not in names


def test_with_keep_0_nothing_is_kept(tmp_path, session):
    with ks.Session(inline=True) as live:
        live.capture(pipe=f"cat {tmp_path / 'short.pcap'}", keep=0)
        live.run()
        with pytest.raises(ks.NodeError, match="--keep 0"):
            live.items.to_pcap(tmp_path / "x.pcap")


def test_fragments_belong_to_the_stream_of_their_packet(tmp_path):
    whole = craft.ip(17, craft.udp(QUESTION + bytes(100)))
    other = craft.datagram(b"z" * 60, ports=(4, 5))
    (tmp_path / "a.pcap").write_bytes(craft.pcap([*(craft.ethernet(one) for one in cut4(whole, 64)), other]))
    with ks.Session(inline=True) as made:
        made.capture(tmp_path / "a.pcap")
        made.run()
        names = made._fleet.first.link._node.streams.names()
        assert [len(made._fleet.first.link.call("packets_of", name)[1]) for name in names] == [3, 1]


class Rushed(Spool):
    """A spool whose receiver makes room between the index and the frames."""

    asked = 0

    def chunks(self, after=0):
        self.asked += 1
        if self.asked == 3:
            self.write(some(2001))
        return super().chunks(after)


def some(first):
    return replace(made([craft.datagram(bytes(1400))] * 500), first=first)


def test_packets_that_go_while_they_are_looked_for_are_left_out(tmp_path):
    spool = Rushed(tmp_path, 3 << 20)
    for first in (1, 501, 1001, 1501):
        spool.write(some(first))
        while spool.read(0):
            pass
    opened = OpenedStreams()
    opened.add(1, int(decode(some(1)).flow[0]), UDP)
    before = spool._chunks[0].first
    link, packets = StreamLog(lambda: spool, NameTable(), opened).packets("000000000001_udp.pcap")
    assert spool._chunks[0].first > before
    assert (link, len(packets)) == (1, 2001 - spool._chunks[0].first)
    assert {data for _, _, data in packets} == {craft.datagram(bytes(1400))}
