"""A call on its way, what became of it, and the Effect that tells of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kubeshark_nb.model import Effect
from kubeshark_nb.vendors.context import CallContext, Reply, Surroundings

if TYPE_CHECKING:
    from kubeshark_nb.vendors.call import Call
    from kubeshark_nb.vendors.failure import ServiceError
    from kubeshark_nb.vendors.secrets import Secrets

PREVIEW = 2000
TRAFFIC_HOOKS = frozenset({"onPacketCaptured", "onItemCaptured", "onItemQueried"})


@dataclass(frozen=True, slots=True, repr=False)
class Errand:
    """A call: what, where from, under which name, and what it may use."""

    call: Call
    context: CallContext
    helper: str
    here: Surroundings

    @property
    def line(self) -> str:
        """What shares a fate: one service at one target."""
        return f"{self.call.service} {self.call.target()}"

    @property
    def beside_the_traffic(self) -> bool:
        """Whether it may be queued: nobody needs its answer, and packets or items wait for the hook to go on."""
        return self.call.queueable and self.context.hook in TRAFFIC_HOOKS


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an errand: an answer, or an error."""

    errand: Errand
    answer: Any = None
    error: ServiceError | None = None

    @property
    def status(self) -> str:
        """The status its Effect gets."""
        return "failed" if self.error else "sent"

    @property
    def shown(self) -> Any:
        """What its Effect shows as the answer."""
        if self.error:
            return str(self.error)
        return self.answer.shown if isinstance(self.answer, Reply) else self.answer

    @property
    def value(self) -> Any:
        """What the script gets."""
        return self.answer.value if isinstance(self.answer, Reply) else self.answer


def effect_of(errand: Errand, status: str, answer: Any, secrets: Secrets, note: str = "") -> Effect:
    """The Effect of ``errand``: every text in it scrubbed and cut to 2000 characters. ``note`` says why it was held."""
    call, context = errand.call, errand.context
    remarks = {"missing": call.missing(), "held": note}
    preview = call.preview() | {name: remark for name, remark in remarks.items() if remark}
    return Effect(
        time=context.time,
        helper=errand.helper,
        target=secrets.scrub(call.target()),
        request=_shown(preview, secrets),
        status=status,
        script=context.script,
        line=context.line,
        item=context.item,
        node=errand.here.node.name,
        hook=context.hook,
        answer="" if answer is None else _shown(answer, secrets),
        number=errand.here.number,
    )


def _shown(value: Any, secrets: Secrets) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    text = text[: 4 * PREVIEW].encode("utf-8", "replace").decode()  # a lone surrogate of JavaScript's cannot travel
    text = secrets.scrub(text)
    return text if len(text) <= PREVIEW else text[: PREVIEW - 1] + "…"
