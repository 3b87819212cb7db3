"""The hooks a script may define."""

from __future__ import annotations

HOOKS = (
    "onPacketCaptured",
    "onItemCaptured",
    "onItemQueried",
    "onJobPassed",
    "onJobFailed",
    "onHubAction",
    "onPodEvent",
    "onLogCall",
)
