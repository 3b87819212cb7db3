"""InfluxDB 2: one point (influxdb-client, synchronous: its batching mode loses errors)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

import orjson

from kubeshark_nb.errors import VendorError
from kubeshark_nb.vendors.call import Call, given, host, secret
from kubeshark_nb.vendors.failure import Misunderstood
from kubeshark_nb.vendors.proxy import proxy_for
from kubeshark_nb.vendors.tls import authorities

if TYPE_CHECKING:
    from kubeshark_nb.vendors.context import Surroundings
    from kubeshark_nb.vendors.settings import Settings

WRITTEN = 204


@dataclass(frozen=True, repr=False)
class Influx(Call):
    """``vendor.influxdb(…)`` in either order of arguments; answers nothing."""

    helper: ClassVar[str] = "vendor.influxdb"
    service: ClassVar[str] = "influxdb"
    required: ClassVar[tuple[str, ...]] = ("url", "bucket", "measurement")
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

    def check(self, here: Surroundings) -> None:
        if not flattened(self.data):
            raise VendorError("the data has no field that can be stored: a point without fields is lost silently")
        if given(self.url) and not self.url.startswith(("http://", "https://")):
            raise VendorError("the URL does not begin with http:// or https://")

    def send(self, here: Surroundings) -> None:
        writer = here.clients.get(_writer, self.url, self.token, self.organization, here.settings)
        line = self.line(here.time)
        _, status, _ = writer.post_write_with_http_info(self.organization, self.bucket, line, precision="ns")
        if status != WRITTEN:
            raise Misunderstood(f"HTTP {status} instead of {WRITTEN}")

    def line(self, time_ns: int) -> str:
        """The point in line protocol, stamped ``time_ns``."""
        library: Any = import_module("influxdb_client")  # its types are incomplete
        point = library.Point(self.measurement).time(time_ns, library.WritePrecision.NS)
        for name, value in flattened(self.tags).items():
            text = str(value)
            if given(text):
                point.tag(name, text)
        for name, value in flattened(self.data).items():
            point.field(name, value)
        return str(point.to_line_protocol())


def flattened(document: Mapping[str, Any]) -> dict[str, str | bool | float]:
    """Nested members under dotted names, arrays as JSON text, numbers as floats; null, NaN and infinities left out.

    Always floats: JavaScript turns 1.0 into 1, and ``n=1i`` after ``n=1.5`` is a type conflict.
    """
    flat: dict[str, str | bool | float] = {}
    waiting = [("", document)]
    while waiting:
        prefix, members = waiting.pop()
        for name, value in members.items():
            if isinstance(value, Mapping):
                waiting.append((f"{prefix}{name}.", value))
            elif name and (plain := _plain(value)) is not None:
                flat[f"{prefix}{name}"] = plain
    return flat


def _plain(value: Any) -> str | bool | float | None:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int | float):
        return float(value) if math.isfinite(value) else None
    return orjson.dumps(value, default=str).decode()


def _writer(url: str, token: str, organization: str, settings: Settings) -> Any:
    library: Any = import_module("influxdb_client")
    client = library.InfluxDBClient(
        url=url,
        token=token,
        org=organization,
        timeout=(int(settings.connect_s * 1000), int(settings.read_s * 1000)),
        retries=False,
        proxy=proxy_for(url),
        ssl_ca_cert=authorities(settings),
    )
    return library.WriteService(client.api_client)
