"""Slack: an incoming webhook, or a bot that may attach files (slack-sdk)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from kubeshark_nb.vendors.call import Call, host, secret


@dataclass(frozen=True, slots=True, repr=False)
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


@dataclass(frozen=True, slots=True, repr=False)
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
        return not self.files
