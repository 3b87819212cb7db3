"""Whether a call leaves the notebook: recorded unless the user said otherwise, service by service."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from kubeshark_nb.errors import VendorError
from kubeshark_nb.vendors.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kubeshark_nb.vendors.call import Call

Mode = Literal["record", "live", "off"]
MODES: tuple[Mode, ...] = ("record", "live", "off")
SERVICES = ("webhook", "slack", "influxdb", "elastic", "s3", "kinesis", "gcs", "azure", "chatgpt")
ALIASES = {"influx": "influxdb", "elasticsearch": "elastic", "openai": "chatgpt", "slackBot": "slack"}


@dataclass(frozen=True, slots=True)
class Failure:
    """A scripted answer that throws ``message``, to try what a script does when a service fails."""

    message: str


@dataclass(frozen=True, slots=True)
class VendorPolicy:
    """What the user allowed. Immutable and picklable: a change is a new policy, and a new kernel begins with this one.

    Attributes:
        modes: service -> mode, for those that differ from ``record``.
        replay: live calls are sent during a replay too.
        maximum: how many calls are sent at most, 0 for no limit; later ones are recorded.
        allow_clear: ``*.clear`` may delete.
        answers: helper -> what it answers while it is not sent, in turn; the last one stays.
        settings: time-outs and addresses.
    """

    modes: Mapping[str, Mode] = field(default_factory=dict)
    replay: bool = False
    maximum: int = 0
    allow_clear: bool = False
    answers: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    settings: Settings = field(default_factory=Settings)

    def mode(self, service: str) -> Mode:
        """The mode of ``service``."""
        return self.modes.get(service, "record")

    def switched(
        self,
        mode: str,
        services: Iterable[str] = (),
        *,
        replay: bool = False,
        maximum: int = 0,
        allow_clear: bool = False,
    ) -> VendorPolicy:
        """The policy after ``%kubeshark_vendor MODE [SERVICE…]``; no service means all. Raises VendorError."""
        if mode not in MODES:
            raise VendorError(f"{mode!r} is no mode; use {', '.join(MODES)}")
        chosen = [_service(name) for name in services] or list(SERVICES)
        modes = {**self.modes, **dict.fromkeys(chosen, mode)}
        return replace(self, modes=modes, replay=replay, maximum=maximum, allow_clear=allow_clear)

    def answering(self, helper: str, *values: Any) -> VendorPolicy:
        """The policy that answers ``values`` in turn while ``helper`` is not sent; none gives the usual answer back."""
        answers = {name: given for name, given in self.answers.items() if name != helper}
        return replace(self, answers={**answers, helper: values} if values else answers)

    @property
    def live(self) -> tuple[str, ...]:
        """The services that send, for the banner."""
        return tuple(name for name in SERVICES if self.mode(name) == "live")

    def held_back(self, call: Call, *, live: bool, sent: int) -> str:
        """Why ``call`` is not sent, ``""`` when it is. ``live``: the capture is; ``sent``: calls sent so far."""
        reasons = (
            (self.mode(call.service) != "live", self.mode(call.service)),
            (not live and not self.replay, "this is a replay; send with --replay"),
            (self.maximum and sent >= self.maximum, f"the {self.maximum} calls allowed by --max are sent"),
        )
        return next((reason for applies, reason in reasons if applies), "")


def _service(name: str) -> str:
    service = ALIASES.get(name, name)
    if service not in SERVICES:
        raise VendorError(f"{name!r} is no service; there are {', '.join(SERVICES)}")
    return service
