"""Streams lead back to their packets, as tshark-readable pcap, from Python and from scripts."""

import gzip
from pathlib import Path

import pytest

import kubeshark_nb as ks

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
