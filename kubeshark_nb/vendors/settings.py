"""What holds for every service alike: time-outs, trusted authorities, where private installations answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Settings:
    """Plain values, safe to send to another process.

    Attributes:
        connect_s, read_s: seconds to reach a server, and between two of its answers.
        total_s: seconds after which a helper gives up whatever happens; never more than 20.
        ca: PEM file of the certificate authorities trusted by every service; ``None`` trusts the usual public ones.
        endpoints: service name -> base URL, for S3-compatible stores, gateways and private clouds.
        model: the OpenAI model that ``chatgpt.prompt`` asks.
        run_folder: uploads go to ``<NODE>_<IP>_<RUN_ID>/`` (the newer page); False for ``<NODE>_<IP>/`` (the older).
        strict_status: ``vendor.webhook`` throws on statuses from 400; Kubeshark's takes any status as a success.
        queue_size: calls that may wait for a server; back-pressure begins when it is full.
        patience_s: seconds a script waits for room in a full queue before the call is dropped, counted and shown.
        breaker_failures: failures in a row after which a target is left alone for a while.
        breaker_s: seconds of the first such pause; it doubles up to a minute.
        upload_bytes: the largest file that is uploaded.
    """

    connect_s: float = 3.0
    read_s: float = 10.0
    total_s: float = 20.0
    ca: str | None = None
    endpoints: Mapping[str, str] = field(default_factory=dict)
    model: str = "gpt-5.4-mini"
    run_folder: bool = True
    strict_status: bool = False
    queue_size: int = 256
    patience_s: float = 2.0
    breaker_failures: int = 5
    breaker_s: float = 10.0
    upload_bytes: int = 1 << 30
