"""However many processes share out a capture's dissection, what comes of it is the same to the byte."""

import gzip
import os
import signal
import struct
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import kubeshark_nb as ks
from kubeshark_nb.capture import open_source
from kubeshark_nb.items.names import NameTable
from kubeshark_nb.model import NodeInfo, Stats
from kubeshark_nb.node.dissection import Dissection, in_order
from kubeshark_nb.node.lanes import Share
from kubeshark_nb.node.parcel import Packer, count_in
from tests import craft

SHOP = Path(__file__).parents[2] / "notebooks" / "captures" / "shop.pcap.gz"
SERVERS = [f"10.9.0.{number}" for number in range(1, 5)]
NUMBERS = (1, 2, 4, 7)


def dns_answer(server: int, number: int) -> bytes:
    """An answer that calls a server by a name."""
    name = b"".join(bytes([len(part)]) + part for part in (f"s{server}".encode(), b"shop", b"svc")) + b"\0"
    address = bytes(map(int, SERVERS[server].split(".")))
    record = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + address
    return struct.pack(">HHHHHH", number, 0x8180, 1, 1, 0, 0) + name + struct.pack(">HH", 1, 1) + record


def frame(source: str, target: str, protocol: int, payload: bytes) -> bytes:
    return craft.ethernet(craft.ip(protocol, payload, source, target))


class Client:
    """One connection to a server: requests and answers with correct sequence numbers."""

    def __init__(self, port: int, server: int) -> None:
        self.ports = (port, 80)
        self.ends = ("10.0.0.5", SERVERS[server])
        self.seq = [1000, 5000]

    def say(self, side: int, data: bytes, flags: int = craft.PSH | craft.ACK) -> bytes:
        ports, ends = (self.ports, self.ends) if side == 0 else (self.ports[::-1], self.ends[::-1])
        made = frame(*ends, 6, craft.tcp(data, self.seq[side], ports, flags))
        self.seq[side] += len(data) + (flags & craft.SYN > 0) + (flags & craft.FIN > 0)
        return made


EVENTS = st.lists(
    st.tuples(
        st.integers(0, 9),  # which connection
        st.sampled_from(["ask", "answer", "both", "lose", "dns", "syn", "fin", "noise", "silence"]),
        st.integers(0, 3),  # which server, or how long
    ),
    min_size=5,
    max_size=60,
)


def frames_of(events: list[tuple[int, str, int]]) -> list[tuple[int, bytes]]:  # noqa: C901 - a table of events
    clients = {number: Client(40_000 + number, number % len(SERVERS)) for number in range(10)}
    now, made = craft.START, []
    for step, (who, what, which) in enumerate(events):
        client = clients[who]
        now += 3_000_000
        ask = f"GET /{step} HTTP/1.1\r\nHost: a\r\n\r\n".encode()
        answer = f"HTTP/1.1 {200 + which} OK\r\nContent-Length: 2\r\n\r\nok".encode()
        match what:
            case "ask":
                made.append((now, client.say(0, ask)))
            case "answer":
                made.append((now, client.say(1, answer)))
            case "both":
                made += [(now, client.say(0, ask)), (now + 1_000_000, client.say(1, answer))]
            case "lose":
                client.say(1, answer)
            case "dns":
                made.append((now, frame("10.0.0.53", "10.0.0.5", 17, craft.udp(dns_answer(which, step), (53, 5000)))))
            case "syn":
                client.seq = [step * 7919, step * 104_729]
                made.append((now, client.say(0, b"", craft.SYN)))
            case "fin":
                made.append((now, client.say(which % 2, b"", craft.FIN | craft.ACK)))
            case "noise":
                made.append((now, frame("10.0.0.5", SERVERS[which], 17, craft.udp(bytes([which] * 9), (700 + who, 9)))))
            case "silence":
                now += which * 120_000_000_000
    return made


def files_of(folder: Path, frames: list[tuple[int, bytes]], parts: int) -> list[str]:
    """The frames as a chain of files, so that there are as many windows."""
    size = max(1, len(frames) // parts)
    names = []
    for number, start in enumerate(range(0, max(1, len(frames)), size)):
        path = folder / f"{number:03d}.pcap"
        path.write_bytes(craft.pcap(frames[start : start + size]))
        names.append(str(path))
    return names


def read(files: list[str], parts: int) -> tuple:
    """What ``parts`` readings make of a capture together, window by window."""
    stats, windows, names = Stats(), [], []
    readings = []
    for part in range(parts):
        table = NameTable()
        reading = Dissection(open_source(files), NodeInfo(), table, Stats(), share=Share(part, parts))
        packer = Packer(reading, packets=part == 0)
        readings.append([(window, *packer.packed(window)) for window in reading.windows()])
        names.append(table.history())
    for together in zip(*readings, strict=True):
        for _, parcel, _ in together:
            count_in(stats, parcel.stats)
        items = in_order([item for window, _, _ in together for item in window.items])
        opened = sorted(stream for _, parcel, _ in together for stream in parcel.opened)
        windows.append((together[0][0].end_ns, items, opened, together[0][1].packets))
    assert all(one == names[0] for one in names)
    return windows, stats, names[0]


@given(EVENTS, st.integers(1, 6))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_shares_of_random_captures_come_to_the_whole(tmp_path_factory, events, parts):
    files = files_of(tmp_path_factory.mktemp("chain"), frames_of(events), parts)
    whole = read(files, 1)
    for number in NUMBERS[1:]:
        assert read(files, number) == whole


def test_the_random_captures_have_what_matters(tmp_path):
    """Names from DNS, items of several protocols, gaps and several windows: else the test above shows little."""
    events = [
        (n // 6 % 10, what, n % 4) for n, what in enumerate(["dns", "both", "lose", "both", "noise", "silence"] * 9)
    ]
    windows, stats, names = read(files_of(tmp_path, frames_of(events), 5), 1)
    items = [item for _, own, _, _ in windows for item in own]
    assert names
    assert any(item.dst_name.startswith("s") for item in items)
    assert {"HTTP", "DNS"} <= {item.protocol for item in items}
    assert stats.gaps
    assert len(windows) > 4


def test_dns_in_datagrams_is_shared_out_like_everything_else(tmp_path):
    frames = [
        (
            craft.START + step * craft.MS,
            frame(f"10.0.1.{step % 200}", "10.0.0.53", 17, craft.udp(dns_answer(0, step), (53, step + 1024))),
        )
        for step in range(64)
    ]
    (tmp_path / "a.pcap").write_bytes(craft.pcap(frames))
    made = []
    for part in range(2):
        table = NameTable()
        reading = Dissection(open_source(tmp_path / "a.pcap"), NodeInfo(), table, Stats(), share=Share(part, 2))
        made.append([item.stream for window in reading.windows() for item in window.items])
        assert table.history()
    assert 16 < len(made[0]) < 48
    assert len({*made[0], *made[1]}) == len(made[0]) + len(made[1]) == 64


def account(session: ks.Session) -> tuple:
    """Everything a run said, without wall time."""
    jobs = [
        (job.tag, job.runs, job.failures, [(r.time, r.error, r.lines) for r in job.history]) for job in session.jobs
    ]
    stats = session.stats
    return (
        b"\n".join(session.items.documents()), list(session.console.lines), list(session.effects), jobs,
        session.errors, stats.packets, stats.streams, stats.items, dict(stats.reasons),
    )  # fmt: skip


PIECES = [
    "var f = flows[data.stream] = (flows[data.stream] || 0) + 1; if (f % 3 === 0) console.log(data.id, f);",
    "if (last && last !== data.stream) order = (order * 31 + data.index) % 1000003; last = data.stream;",
    'if (n % 5 === 0) vendor.webhook("POST", "http://127.0.0.1/hook", data.stream, {});',
    "if (n % 4 === 0) test.fail(data); else test.pass(data);",
    'if (n % 11 === 0) throw new Error("at " + n);',
    'if (n % 7 === 0) setTimeout(function () { console.log("later", n, order) }, 40);',
]  # fmt: skip
SCRIPT = """
var n = 0, packets = 0, order = 7, last = "", flows = {};
jobs.schedule("report", "*/5 * * * * *", function () {
  console.log("report", n, packets, order, Math.random(), Object.keys(pcap.nameResolutionHistory()).length);
});
function onPacketCaptured(info) { packets++ }
function onItemCaptured(data) { n++; %s }
"""


def played(files: list[str], script: str, shards: int, *, inline: bool) -> tuple:
    with ks.Session(inline=inline) as session:
        session.capture(*files, node="n", shards=shards)
        session.replay_script(script, "s.js")
        return account(session)


@given(EVENTS, st.integers(1, 4), st.sets(st.sampled_from(PIECES), min_size=1))
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_random_scripts_say_the_same_over_any_number_of_shards(tmp_path_factory, events, parts, pieces):
    files = files_of(tmp_path_factory.mktemp("chain"), frames_of([*events, (0, "both", 1)]), parts)
    script = SCRIPT % " ".join(sorted(pieces))
    whole = played(files, script, 1, inline=True)
    assert played(files, script, 1, inline=False) == whole
    for number in NUMBERS[1:]:
        assert played(files, script, number, inline=number != 2) == whole


def test_a_real_capture_says_the_same_over_any_number_of_shards(tmp_path):
    script = SCRIPT % " ".join(PIECES)
    short = tmp_path / "short.pcap"
    short.write_bytes(gzip.decompress(SHOP.read_bytes())[:1_000_000])
    whole = played([str(short)], script, 1, inline=False)
    assert len(whole[0]) > 500_000
    assert len(whole[1]) > 100
    for number in NUMBERS[1:]:
        assert played([str(short)], script, number, inline=number == 7) == whole


def shards_of(session: ks.Session) -> list[int]:
    """Process ids of the shards of the first node."""
    return children_of(session._fleet.first.link.pid)


def children_of(pid: int) -> list[int]:
    """Process ids of the processes that the main thread of ``pid`` has started."""
    return sorted(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def gone(pids: list[int], seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not any(is_alive(pid) for pid in pids):
            return True
        time.sleep(0.05)
    return False


def is_alive(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def test_a_killed_shard_ends_the_run_and_says_so(endless):
    with ks.Session() as session:
        session.capture(endless, shards=2)
        session.start()
        pids = shards_of(session)
        assert len(pids) == 2
        os.kill(pids[1], signal.SIGKILL)
        with pytest.raises(ks.NodeError, match=r"shard 2 died .*SIGKILL"):
            session.wait()
        assert gone(pids)
        session.capture(SHOP, shards=2)
        assert session.run().ended == "done"


def test_shards_die_with_their_node(endless):
    with ks.Session() as session:
        session.capture(endless, shards=3)
        session.start()
        pids = shards_of(session)
        os.kill(session._fleet.first.link.pid, signal.SIGKILL)
        with pytest.raises(ks.NodeError, match="SIGKILL"):
            session.wait()
        assert len(pids) == 3
        assert gone(pids)


def test_stop_ends_the_shards_and_keeps_the_scripts(endless):
    with ks.Session() as session:
        session.capture(endless, shards=2)
        session.load_script("var n = 0; function onItemCaptured(d) { n++ }", "s.js")
        session.start()
        pids = shards_of(session)
        threading.Timer(0.7, os.kill, (os.getpid(), signal.SIGINT)).start()
        assert session.wait().ended == "stopped"
        assert gone(pids)
        assert session.globals["n"] >= 0
        session.start()
        pids = shards_of(session)
        session.stop()
        assert gone(pids)


def test_shards_that_make_no_sense_are_refused():
    with ks.Session() as session:
        with pytest.raises(ks.CaptureError, match="give 1 to"):
            session.capture(SHOP, shards=-1)
        with pytest.raises(ks.CaptureError, match="replayed as fast as can be"):
            session.capture(SHOP, shards=2, speed="10x")
