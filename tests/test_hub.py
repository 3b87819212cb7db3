"""The hub: scripts that mention it run there, too, and hear what nodes send, in one order by time."""

from pathlib import Path

import pytest

import kubeshark_nb as ks
from tests.test_many_nodes import talk

SCRIPT = """
var heard = [], ticks = 0;
if (utils.nodeName() === "hub") {
  jobs.schedule("hub only", "*/2 * * * * *", function () { ticks++; console.log("tick", heard.length) });
}
function onItemCaptured(data) {
  if (utils.nodeName() === "hub") throw new Error("no items on the hub");
  hub.action("seen", { path: data.request.path, time: Date.now() });
}
function onHubAction(action, object) {
  if (utils.nodeName() !== "hub") throw new Error("no actions but on the hub");
  heard.push(object.path);
  if (object.time !== Date.now()) console.error("late", object.time, Date.now());
  if (action === "seen" && heard.length % 4 === 0) hub.action("echo", { path: "echo", time: Date.now() });
}
"""


@pytest.fixture
def captures(tmp_path) -> list[Path]:
    paths = []
    for number, name in enumerate("ab"):
        paths.append(tmp_path / f"{name}.pcap")
        paths[-1].write_bytes(talk(name, 5, 1_700_000_000_000_000_000 + number * 300_000_000))
    return paths


@pytest.mark.parametrize("inline", [True, False])
def test_the_hub_hears_all_nodes_in_order_by_time(captures, inline):
    with ks.Session(inline=inline) as session:
        session.capture(*captures)
        run = session.replay_script(SCRIPT, "h.js")
        assert run.errors == 0
        expected = [f"/{name}/{number}" for number in range(5) for name in "ab"]
        hub = session.globals.node("hub")
        assert [path for path in hub["heard"] if path != "echo"] == expected
        assert hub["heard"].count("echo") == 3
        assert hub["ticks"] == 2
        assert [line.text for line in session.console.lines][1:] == ["tick 5", "tick 10"]
        assert [job.node for job in session.jobs] == ["hub"]
        assert session.globals.each("heard") == {"a": [], "b": []}
        session.control_job("run", "hub-only")
        assert hub["ticks"] == 3


def test_a_script_that_does_not_mention_the_hub_does_not_run_there(captures):
    with ks.Session(inline=True) as session:
        session.capture(captures[0])
        session.replay_script("console.log(utils.nodeName())", "s.js")
        assert [line.text for line in session.console.lines] == ["node-1"]
        with pytest.raises(LookupError, match="no script is loaded on the hub"):
            _ = session.globals.node("hub")["x"]
        session.replay_script("console.log(utils.nodeName()) // 'hub'", "s.js")
        assert sorted(line.text for line in session.console.lines) == ["hub", "node-1"]


def test_an_action_without_end_and_one_that_throws_are_contained(captures):
    script = """
    function onItemCaptured(data) { hub.action("go", data.request.path) }
    function onHubAction(action, path) { hub.action("again", path); if (path === "/a/3") throw new Error("three") }
    """
    with ks.Session(inline=True) as session:
        session.capture(captures[0])
        session.replay_script(script, "s.js")
        (error,) = session.errors
        assert (error.hook, error.node) == ("onHubAction", "hub")


def test_the_targets_are_the_pods_that_names_tell_of(captures, tmp_path):
    names = tmp_path / "names.json"
    names.write_text('{"10.0.0.9": {"name": "orders", "namespace": "shop", "pod": "orders-1"}}')
    with ks.Session(inline=True) as session:
        session.capture(captures[0], names=str(names))
        session.replay_script("var t = JSON.parse(hub.targeted());", "s.js")
        (pod,) = session.globals["t"]["targets"]
        assert pod["metadata"] == {"name": "orders-1", "namespace": "shop"}
        assert (pod["spec"]["nodeName"], pod["status"]["podIP"]) == ("node-1", "10.0.0.9")


def test_actions_beyond_what_is_kept_are_said(captures, monkeypatch):
    monkeypatch.setattr("kubeshark_nb.hub.MOST", 1)
    with ks.Session() as session:
        session.capture(*captures)
        session.replay_script(SCRIPT, "s.js")
        assert "beyond the first million were not heard" in str(session.console)


def test_a_run_without_scripts_for_the_hub_ends_it(captures):
    with ks.Session() as session:
        session.capture(*captures)
        session.replay_script(SCRIPT, "s.js")
        session.replay_script("var n = 0", "s.js")
        with pytest.raises(LookupError):
            session.globals.node("hub")["heard"]


def test_a_closed_session_keeps_what_it_has(captures):
    with ks.Session() as session:
        session.capture(captures[0])
        session.replay_script("console.log('kept')", "s.js")
    with pytest.raises(ks.NodeError, match="closed"):
        session.run()
    assert "kept" in str(session.console)
