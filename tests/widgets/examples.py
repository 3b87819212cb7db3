"""The example of a helper or hook, played: one item that works, one that fails, and two minutes of jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubeshark_nb.node.player import Player
from tests.runtime.stage import NODE, START, Kept, Stage, item

if TYPE_CHECKING:
    from kubeshark_nb.widgets.api import Entry

SECONDS = 130
ENV = {
    "SLACK_WEBHOOK": "https://hooks.slack.example/services/T000",
    "SLACK_TOKEN": "xoxb-000",
    "INFLUXDB_TOKEN": "influx-000",
    "ELASTIC_PASSWORD": "elastic-000",
    "AWS_KEY_ID": "AKIA0000",
    "AWS_SECRET": "aws-000",
    "GCS_KEY": '{"client_email": "shop@example", "private_key": "gcs-000"}',
    "AZURE_KEY": "YXp1cmU=",
    "OPENAI_KEY": "sk-000",
}
BROKEN = {"request": {"method": "POST", "path": "/orders", "headers": {}}, "response": {"status": 500, "headers": {}}}


class OneStream:
    """A capture of one stream."""

    def names(self):
        return ["000000000001.pcap"]

    def packets(self, stream):
        return (1, [(START, 60, b"packet")]) if stream in self.names() else None

    def history(self):
        return {"1699999990": {"10.0.0.9": {"FullAddress": "orders.shop", "Namespace": "shop"}}}


def stage_of(entry: Entry) -> Stage:
    """The example after it has seen two items, two packets, and two minutes; hooks of the hub ran on a hub."""
    stage = Stage(env=ENV)
    stage.player.use_streams(OneStream())
    hub = Player(NODE, stage.folder, stage.kept, hub=True, start_ns=START)
    stage.player.on_hub_action = hub.call_hub_action
    for player in (stage.player, *([hub] if "onHubAction" in entry.name else [])):
        player.load("example.js", entry.source, ENV)
    stage.packets(START, START + 1)
    stage.items(item(START + 2), item(START + 3, 1, **BROKEN))
    for hook, values in OTHERS.get(entry.name, ()):
        stage.player.event(hook, *values)
    if entry.name == "onItemQueried":
        stage.player.query([item().json])
    stage.until(SECONDS)
    return stage


OTHERS: dict[str, tuple[tuple[str, tuple[Any, ...]], ...]] = {
    "onPodEvent": (("onPodEvent", ("ADDED", {"ObjectMeta": {"Name": "orders-0", "Namespace": "shop"}})),),
    "onLogCall": (("onLogCall", ("error", {"msg": "disk full"})),),
}


def told(kept: Kept) -> list[str]:
    """What the example brought, as its page shows it: console lines, then calls to services."""
    lines = [f"{'✗ ' if line.level == 'error' else ''}{line.text}" for line in kept.lines if line.level != "clear"]
    calls = [f"→ {effect.helper} {effect.target} ({effect.status})" for effect in kept.effects]
    return "\n".join([*lines, *calls]).splitlines()
