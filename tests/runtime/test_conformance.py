"""Our own scripts with the behaviour of public ones, on the reference capture: what they print, call, schedule, leave.

``scripts/expected.json`` was compared with the reference's cases by `conformance.main`.
"""

from __future__ import annotations

import orjson
import pytest

from kubeshark_nb.model import NS_PER_S
from tests.runtime.conformance import CLOCK, ENV, SCRIPTS, Case, outcome, reference_items
from tests.runtime.stage import item, packets

EXPECTED = orjson.loads((SCRIPTS / "expected.json").read_bytes())


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_script(name):
    assert outcome(name) == EXPECTED[name]


def played(name: str, items=None, *, hub: bool = False, env=None) -> Case:
    case = Case(hub=hub)
    case.env = env or ENV
    case.play((SCRIPTS / name).read_text(), items=items or reference_items(), captured=packets([]))
    return case


def test_a_trigger_that_is_on_sends_one_message_with_two_files():
    (call,) = played("triggers_on.js").calls
    assert call[0] == "vendor.slackBot"
    assert sorted(call[-1]) == ["000000000001.pcap", "data.json"]


def test_without_a_secret_the_shared_configuration_is_used():
    env = {key: value for key, value in ENV.items() if key != "AWS_SECRET_ACCESS_KEY"}
    case = played("record_calls_broken.js", env=env)
    (call,) = case.calls
    assert len(call) == 4
    assert not list(case.folder.glob("apicalls*"))


def test_an_outlier_among_sixty_is_named():
    items = [item(CLOCK, n, elapsedTime=1000 if n == 59 else 10 + n % 3) for n in range(60)]
    assert played("latency_bands.js", items).texts[-1] == "Anomaly in client.shop: 1000"


def test_messages_and_events_on_the_hub():
    case = played("hub_groups.js", hub=True)
    case.player.call_hub_action("count", {"key": "a", "value": 3})
    assert case.texts == ['count: {"key":"a","value":3}', '{"a":[3]}']
    logs = played("log_report.js", hub=True)
    logs.player.event("onLogCall", "error", '{"message": "boom"}')
    logs.player.event("onLogCall", "info", '{"message": "quiet"}')
    logs.player.event("onPodEvent", "ADDED", {"ObjectMeta": {"Name": "web"}})
    assert logs.texts[2:] == ["\x1b[31merror\x1b[0m boom", "\x1b[36mADDED\x1b[0m web"]


def test_the_same_run_three_times_is_the_same():
    def everything() -> str:
        case = Case(hub=False)
        for number, name in enumerate(sorted(EXPECTED)):
            if name != "returns_early.js":
                case.player.load(f"s{number}.js", (SCRIPTS / name).read_text(), ENV)
        case.load(
            "jobs.schedule('r', '*/3 * * * * *', function () { console.log(Math.random(), "
            "file.mkdirTemp('x'), Date()) })",
            "r.js",
        )
        case.items(*reference_items())
        case.player.finish(CLOCK + 130 * NS_PER_S)
        runs = [
            (job.tag, job.runs, [(run.time, run.error, run.lines) for run in job.history]) for job in case.player.jobs()
        ]
        return repr((case.kept.lines, case.kept.effects, case.kept.errors, runs))

    assert everything() == everything() == everything()
