"""Slack: an incoming webhook, or a bot that may attach files (slack-sdk)."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from kubeshark_nb.errors import VendorError
from kubeshark_nb.model import moment
from kubeshark_nb.vendors.call import Call, given, host, secret
from kubeshark_nb.vendors.failure import FIRST_ERROR, Misunderstood, Refused
from kubeshark_nb.vendors.folder import inside, opened
from kubeshark_nb.vendors.tls import context

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubeshark_nb.vendors.context import Surroundings

API = "https://slack.com/api/"
BARE_COLOR = re.compile(r"(?:[0-9a-fA-F]{3}){1,2}")
LOGGER = logging.getLogger("slack_sdk.kubeshark_nb")
LOGGER.setLevel(logging.WARNING)  # the webhook client logs its URL, which is a secret, at DEBUG


@dataclass(frozen=True, repr=False)
class SlackWebhook(Call):
    """``vendor.slack(webhookUrl, pretext, text, color)``; answers nothing."""

    helper: ClassVar[str] = "vendor.slack"
    service: ClassVar[str] = "slack"
    required: ClassVar[tuple[str, ...]] = ("url",)
    waits: ClassVar[bool] = False
    url: str = secret()
    pretext: str = ""
    text: str = ""
    color: str = ""

    def target(self) -> str:
        return host(self.url)

    def check(self, here: Surroundings) -> None:
        if given(self.url) and not self.url.startswith(("http://", "https://")):
            raise VendorError("the webhook URL does not begin with http:// or https://")

    def send(self, here: Surroundings) -> None:
        from slack_sdk.webhook import WebhookClient

        client = WebhookClient(self.url, **_options(here))
        reply = client.send(attachments=[attachment(self, here, {})])
        if reply.status_code >= FIRST_ERROR:
            raise Refused(reply.status_code, reply.body, reply.headers)
        if reply.body.lstrip().startswith("<"):
            raise Misunderstood("a web page")


@dataclass(frozen=True, repr=False)
class SlackBot(Call):
    """``vendor.slackBot(token, channelID, pretext, text, color, fields?, files?)``; answers nothing.

    ``files`` maps the name shown to a path inside the node's folder.
    """

    helper: ClassVar[str] = "vendor.slackBot"
    service: ClassVar[str] = "slack"
    required: ClassVar[tuple[str, ...]] = ("token", "channel")
    waits: ClassVar[bool] = False
    token: str = secret()
    channel: str = ""
    pretext: str = ""
    text: str = ""
    color: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    def target(self) -> str:
        return f"channel {self.channel}"

    @property
    def queueable(self) -> bool:
        return not self.files  # a script deletes them right after the call

    def check(self, here: Surroundings) -> None:
        for path in self.files.values():
            inside(path, here)

    def send(self, here: Surroundings) -> None:
        from slack_sdk import WebClient

        client = WebClient(token=self.token, base_url=here.settings.endpoints.get("slack", API), **_options(here))
        posted = client.chat_postMessage(channel=self.channel, attachments=[attachment(self, here, self.fields)])
        if not self.files:
            return
        client.files_upload_v2(
            channel=posted["channel"],  # uploads take an id, where messages take a name too
            thread_ts=posted["ts"],
            request_file_info=False,
            file_uploads=[_upload(name, path, here) for name, path in self.files.items()],
        )


def attachment(call: SlackWebhook | SlackBot, here: Surroundings, fields: Mapping[str, str]) -> dict[str, Any]:
    """The one attachment of a message; a Timestamp field always comes last."""
    stamped = {**fields, "Timestamp": f"{moment(here.time):%Y-%m-%d %H:%M:%S} UTC"}
    return {
        "fallback": call.pretext or call.text,
        "pretext": call.pretext,
        "text": call.text,
        "color": f"#{call.color}" if BARE_COLOR.fullmatch(call.color) else call.color,
        "fields": [{"title": title, "value": value, "short": False} for title, value in stamped.items()],
    }


def _options(here: Surroundings) -> dict[str, Any]:
    """What both clients take. They know one time-out only, for connecting as for reading."""
    seconds = here.settings.read_s
    return {"timeout": seconds, "ssl": context(here.settings), "retry_handlers": [], "logger": LOGGER}


def _upload(name: str, path: str, here: Surroundings) -> dict[str, Any]:
    with opened(path, here) as file:
        return {"filename": name, "title": name, "content": file.read()}
