from __future__ import annotations

import orjson
import pytest

from kubeshark_nb.helpers.packetfile import Record, content, read
from kubeshark_nb.model import NS_PER_S
from tests.runtime.stage import START, Stage, item

HISTORY = {"1699999990": {"10.0.0.5": {"FullAddress": "client.shop", "Namespace": "shop"}}}


class Captured:
    """Two streams; their packets alternate in time."""

    def names(self):
        return ["000000000001.pcap", "000000000002.pcap"]

    def packets(self, stream):
        if stream not in self.names():
            return None
        first = int(stream[:12]) - 1
        return 1, [(START + n * 1000, 60, b"%d" % n) for n in range(first, 6, 2)]

    def history(self):
        return HISTORY


@pytest.fixture
def stage():
    made = Stage("")
    made.player.use_streams(Captured())
    return made


def written(stage: Stage, path: str) -> list[bytes]:
    return [record.data for record in read(stage.folder / path)[1]]


def test_history(stage):
    stage.load("console.log(JSON.stringify(pcap.nameResolutionHistory()))")
    assert orjson.loads(stage.texts[0]) == HISTORY


def test_path_names_the_stream_and_its_file_appears_when_used(stage):
    stage.load("var p = pcap.path('000000000001.pcap'); console.log(p); file.copy(p, 'mine.pcap')")
    assert stage.texts == ["pcaps/000000000001.pcap"]
    assert written(stage, "mine.pcap") == [b"0", b"2", b"4"]
    assert not (stage.folder / "pcaps" / "000000000002.pcap").exists()


def test_snapshot_of_everything_into_a_directory_is_the_older_form(stage):
    stage.load('var dir = file.mkdirTemp("snapshots"); var snapshot = pcap.snapshot(dir); console.log(dir, snapshot)')
    directory, path = stage.texts[0].split(" ")
    assert path == f"{directory}/1700000000.pcap"
    assert written(stage, path) == [b"0", b"1", b"2", b"3", b"4", b"5"]


@pytest.mark.parametrize("argument", ["", "[]", "undefined", "null", "5"])
def test_snapshot_of_everything(stage, argument):
    stage.load(f"console.log(pcap.snapshot({argument}))")
    assert stage.texts == ["1700000000.pcap"]
    assert len(written(stage, "1700000000.pcap")) == 6


def test_snapshot_of_some_counts_repeats_once(stage):
    stage.load("console.log(pcap.snapshot(['000000000002.pcap', '000000000002.pcap']))")
    assert written(stage, "1700000000.pcap") == [b"1", b"3", b"5"]


def test_snapshot_of_a_directory_of_ones_own(stage):
    stage.load(
        """var dir = file.mkdirTemp("x"); file.copy(pcap.path("000000000002.pcap"), dir);
        console.log(pcap.snapshot([], dir), pcap.snapshot(["000000000002.pcap"], dir))""",
    )
    assert stage.texts == ["1700000000.pcap 1700000000.pcap"]
    assert written(stage, "1700000000.pcap") == [b"1", b"3", b"5"]


@pytest.mark.parametrize("call", ["pcap.snapshot('no')", "pcap.snapshot(['no.pcap'])", "pcap.snapshot([], 'no')"])
def test_what_is_missing_throws(stage, call):
    stage.load(f"try {{ {call} }} catch (e) {{ console.log(e instanceof Error) }}")
    assert stage.texts == ["true"]


def test_the_history_file_is_there_when_it_is_used(stage):
    stage.load("file.copy('name_resolution_history.json', 'copy.json'); file.delete('name_resolution_history.json')")
    assert orjson.loads((stage.folder / "copy.json").read_bytes()) == HISTORY


def test_snapshot_archive_and_upload_as_the_wrapper_does(stage):
    stage.load("console.log(wrapper.pcapSnapshot('us-east-1', 'AKIA', 'secret', 'bkt'))")
    assert stage.texts == ["https://bkt.s3.us-east-1.amazonaws.com/node-1_10.0.0.1_0/kubeshark_1700000000.tar.gz"]
    assert sorted(path.name for path in stage.folder.iterdir()) == ["pcaps"]


def test_recording_streams_of_a_query(stage):
    stage.env = {"AWS_REGION": "us-east-1", "S3_BUCKET": "bkt", "SLACK_WEBHOOK": "https://hooks.example/x"}
    stage.load(
        """function onItemCaptured(data) {
          wrapper.kflPcapS3(data, {kflArr: ["response.status == 500", "http"], maxMinutes: 1});
        }""",
    )
    stage.items(item(response={"status": 500}), until=START + 91 * NS_PER_S)
    assert [effect.helper for effect in stage.kept.effects] == ["vendor.s3.put", "vendor.slack"] * 2
    assert "kfl_0_kubeshark_" in stage.kept.effects[0].answer
    assert sorted(path.name for path in stage.folder.iterdir()) == ["pcaps"]


@pytest.mark.parametrize("nanoseconds", [0, 1, 999])
def test_packet_files_keep_times(tmp_path, nanoseconds):
    records = [Record(START + nanoseconds, 100, b"abc"), Record(START + 5000, 3, b"xyz")]
    (tmp_path / "a.pcap").write_bytes(content(101, records))
    assert read(tmp_path / "a.pcap") == (101, records)
    (tmp_path / "cut.pcap").write_bytes(content(101, records)[:-1])
    assert read(tmp_path / "cut.pcap") == (101, records[:1])
