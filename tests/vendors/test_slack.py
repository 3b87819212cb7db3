"""Slack: what scripts send is what Slack gets, in the shape Slack accepts."""

from __future__ import annotations

import pytest

from kubeshark_nb.errors import VendorError
from kubeshark_nb.vendors import Settings, SlackBot, SlackWebhook
from tests.vendors.servers.slack import HOOK, TOKEN, Slack

STAMP = {"title": "Timestamp", "value": "2023-11-14 22:13:20 UTC", "short": False}


@pytest.fixture
def slack(server):
    return Slack().serve(server)


@pytest.fixture
def desk(office, slack):
    return office.live(Settings(endpoints={"slack": slack.base}))


def test_a_webhook_posts_one_stamped_attachment(desk, here, server, slack):
    assert desk.call(SlackWebhook(server.url_for(HOOK), "Alert", "text", "#ff0000"), here) is None
    assert slack.messages == [
        {
            "attachments": [
                {"fallback": "Alert", "pretext": "Alert", "text": "text", "color": "#ff0000", "fields": [STAMP]}
            ]
        }
    ]


@pytest.mark.parametrize(("color", "sent"), [("ff0000", "#ff0000"), ("#ff0000", "#ff0000"), ("danger", "danger")])
def test_colors_come_with_and_without_a_hash(desk, here, server, slack, color, sent):
    desk.call(SlackWebhook(server.url_for(HOOK), "Alert", "text", color), here)
    assert slack.messages[0]["attachments"][0]["color"] == sent


def test_a_refused_webhook_is_an_error(desk, here, server):
    with pytest.raises(VendorError, match="slack: it answered HTTP 400: invalid_attachments"):
        desk.call(SlackWebhook(server.url_for(HOOK), "Alert", "text", "#reddish"), here)


def test_a_bot_posts_fields_and_shares_files_in_the_thread_of_the_message(office, desk, here, slack):
    files = {"data.json": office.file("tmp/data.json", b'{"a":1}'), "1.pcap": office.file("pcaps/1.pcap", b"\xd4\xc3")}
    call = SlackBot(TOKEN, "#alerts", "Alert", "text", "#ff0000", {"Service": "orders"}, files)
    assert desk.call(call, here) is None
    attachment = slack.messages[0]["attachments"][0]
    assert attachment["fields"] == [{"title": "Service", "value": "orders", "short": False}, STAMP]
    shared = [(file["title"], file["name"], file["content"], file["thread"]) for file in slack.shared]
    assert shared == [
        ("data.json", "data.json", b'{"a":1}', "1700000000.000001"),
        ("1.pcap", "1.pcap", b"\xd4\xc3", "1700000000.000001"),
    ]


@pytest.mark.parametrize(
    ("token", "channel", "reason"),
    [("xoxb-wrong-token", "#alerts", "invalid_auth"), (TOKEN, "#nowhere", "channel_not_found")],
)
def test_what_slack_refuses_is_an_error(office, desk, here, token, channel, reason):
    with pytest.raises(VendorError, match=f"slack: .*{reason}"):
        desk.call(SlackBot(token, channel, "Alert", "text", "#ff0000"), here)
    assert office.effects[0].status == "failed"
    assert token not in str(office.effects)


def test_files_make_the_bot_wait_even_in_a_hook(office, desk, hook, slack):
    path = office.file("data.json", b"{}")
    desk.call(SlackBot(TOKEN, "#alerts", "Alert", "text", "#ff0000", {}, {"data.json": path}), hook)
    assert slack.shared[0]["content"] == b"{}"
