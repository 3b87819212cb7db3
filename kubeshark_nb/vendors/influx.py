"""InfluxDB 2: one point (influxdb-client, synchronous: its batching mode loses errors)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from kubeshark_nb.vendors.call import Call, host, secret


@dataclass(frozen=True, slots=True, repr=False)
class Influx(Call):
    """``vendor.influxdb(…)`` in either order of arguments; answers nothing."""

    helper: ClassVar[str] = "vendor.influxdb"
    service: ClassVar[str] = "influxdb"
    required: ClassVar[tuple[str, ...]] = ("url", "bucket")
    waits: ClassVar[bool] = False
    url: str
    token: str = secret()
    organization: str = ""
    bucket: str = ""
    measurement: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, Any] = field(default_factory=dict)

    def target(self) -> str:
        return f"{host(self.url)} {self.bucket}"
