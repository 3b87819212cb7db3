"""The one door between helpers and services: every call is checked, recorded or sent, and shown without its secrets."""

from __future__ import annotations

import itertools
import json
from collections import Counter, OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kubeshark_nb.errors import VendorError
from kubeshark_nb.model import Effect, NodeInfo
from kubeshark_nb.vendors.breaker import Breaker
from kubeshark_nb.vendors.clients import Clients
from kubeshark_nb.vendors.context import CallContext, Deadline, Reply, Surroundings
from kubeshark_nb.vendors.failure import ServiceError, attempt
from kubeshark_nb.vendors.outbox import Outbox
from kubeshark_nb.vendors.policy import Failure, VendorPolicy
from kubeshark_nb.vendors.quiet import quieten
from kubeshark_nb.vendors.secrets import Secrets

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kubeshark_nb.vendors.call import Call

TRAFFIC_HOOKS = frozenset({"onPacketCaptured", "onItemCaptured", "onItemQueried"})
PREVIEW = 2000
KEPT = 1000
LONGEST_S = 20.0


@dataclass(frozen=True, slots=True, repr=False)
class _Errand:
    """A call on its way: what, where from, under which name, and what it may use."""

    call: Call
    context: CallContext
    helper: str
    here: Surroundings

    @property
    def line(self) -> str:
        """What shares a fate: one service at one target."""
        return f"{self.call.service} {self.call.target()}"


@dataclass(frozen=True, slots=True)
class _Outcome:
    errand: _Errand
    answer: Any = None
    error: ServiceError | None = None


class VendorDesk:
    """Takes the calls of one node's scripts. Use it from one thread; ``record`` and ``failed`` are called on it only.

    Args:
        node: whose calls these are; its name is part of upload folders.
        root: the node's folder; files are read from nowhere else.
        policy: what is sent. Everything is recorded by default.
        secrets: what to hide, shared with the console.
        record: gets the Effect of every call, when its fate is known.
        failed: gets error text and Effect of a call that failed after its hook had gone on (see ``call``).
        live: whether the capture is live; a replay sends only if the policy says so.
    """

    def __init__(  # noqa: PLR0913 - what a node has to give, all by name
        self,
        node: NodeInfo,
        root: Path | None,
        *,
        policy: VendorPolicy | None = None,
        secrets: Secrets | None = None,
        record: Callable[[Effect], None] = lambda _effect: None,
        failed: Callable[[str, Effect], None] = lambda _message, _effect: None,
        live: bool = False,
    ) -> None:
        self.secrets = secrets or Secrets()
        self.counts: Counter[str] = Counter()
        self._node, self._root, self._live = node, root, live
        self._record, self._failed = record, failed
        self._clients = Clients()
        self._kept: OrderedDict[int, _Errand] = OrderedDict()
        self._numbers = itertools.count(1)
        self._outbox: Outbox[_Outcome] | None = None
        self.use(policy or VendorPolicy())

    def use(self, policy: VendorPolicy) -> None:
        """Follow ``policy`` from now on; its maximum counts from here."""
        self.flush()
        self.policy = policy
        self._sent = 0
        self._answered: Counter[str] = Counter()
        self._breaker = Breaker(policy.settings.breaker_failures, policy.settings.breaker_s)
        if self._outbox:
            self._outbox.close()
            self._outbox = None

    def call(self, call: Call, context: CallContext, *, helper: str = "") -> Any:
        """What the script gets: a JSON value or ``None``. Returns within 20 s, whatever a server does.

        ``helper`` is the name the script used, when it differs from ``call.helper``. Calls whose answer nobody needs
        are queued in the hooks that traffic waits for: their failure comes later, through ``failed`` and the Effect.

        Raises:
            VendorError: refused, failed or dropped; the message names service and cause and holds no secret.
        """
        self.collect()
        self.secrets.learn(call.secrets())
        errand = _Errand(call, context, helper or call.helper, self._surroundings(context, next(self._numbers)))
        if self.policy.mode(call.service) == "off":
            self.counts["off"] += 1
            return call.answer(errand.here)
        self._check(errand)
        if reason := self.policy.held_back(call, live=self._live, sent=self._sent):
            return self._hold(errand, reason)
        return self._dispatch(errand)

    def collect(self) -> None:
        """Report queued calls that have ended meanwhile. The node calls this once per window and at its end."""
        for outcome in self._outbox.finished() if self._outbox else ():
            effect = self._settle(outcome)
            if outcome.error:
                self._failed(str(outcome.error), effect)

    def flush(self, seconds: float = LONGEST_S) -> int:
        """Wait for queued calls, at most ``seconds``, and report them; how many are still open."""
        if not self._outbox:
            return 0
        still_open = self._outbox.flush(seconds)
        self.collect()
        return still_open

    def send_now(self, number: int) -> Any:
        """Send the recorded call ``number`` (``Effect.number``) after all. Raises VendorError, as ``call`` does."""
        errand = self._kept.get(number)
        if errand is None:
            raise VendorError(f"call {number} is not kept any more: only the latest {KEPT} recorded calls are")
        here = self._surroundings(errand.context, number)
        errand = replace(errand, here=here)
        self._check(errand)
        problem, status = self._obstacle(errand)
        return self._give_up(errand, status, problem) if problem else self._wait(errand)

    def close(self) -> None:
        """Give queued calls a moment, then let go."""
        self.flush(min(5.0, self.policy.settings.total_s))
        if self._outbox:
            self._outbox.close()
            self._outbox = None

    def _surroundings(self, context: CallContext, number: int) -> Surroundings:
        settings = self.policy.settings
        deadline = Deadline(min(settings.total_s, LONGEST_S))
        return Surroundings(self._node, self._root, settings, self._clients, context.time, number, deadline)

    def _check(self, errand: _Errand) -> None:
        try:
            attempt(errand.call, lambda: errand.call.check(errand.here), self.secrets)
        except ServiceError as error:
            self._note(errand, "refused", str(error))
            raise

    def _hold(self, errand: _Errand, reason: str) -> Any:
        """Record it instead of sending it, and answer as if."""
        self._kept[errand.here.number] = errand
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        answer = self._scripted(errand)
        if isinstance(answer, Failure):
            self._note(errand, "recorded", answer.message)
            raise VendorError(answer.message)
        self._note(errand, "recorded", answer, note="" if reason == "record" else reason)
        return answer

    def _scripted(self, errand: _Errand) -> Any:
        values = self.policy.answers.get(errand.helper) or self.policy.answers.get(errand.call.helper)
        if not values:
            return errand.call.answer(errand.here)
        turn = min(self._answered[errand.helper], len(values) - 1)
        self._answered[errand.helper] += 1
        return values[turn]

    def _dispatch(self, errand: _Errand) -> Any:
        """Send it: beside the traffic where nobody needs the answer, else at once."""
        problem, status = self._obstacle(errand)
        if problem:
            return self._give_up(errand, status, problem)
        self._sent += 1
        if not errand.call.queueable or errand.context.hook not in TRAFFIC_HOOKS:
            return self._wait(errand)
        patience = self.policy.settings.patience_s
        if not self._sender().put(lambda: self._deliver(errand), patience):
            return self._give_up(errand, "dropped", f"the queue was full for {patience:g} s")
        self.counts["queued"] += 1
        return errand.call.answer(errand.here)

    def _obstacle(self, errand: _Errand) -> tuple[str, str]:
        """Why it cannot be sent and what that makes of it; empty when it can."""
        call = errand.call
        if call.clears and not self.policy.allow_clear:
            return "it would delete; allow it with --allow-clear", "refused"
        if absent := call.missing():
            return f"{', '.join(absent)} empty or undefined (is it in env?)", "refused"
        if seconds := self._breaker.closed_for(errand.line):
            return f"left alone for {seconds:.0f} s more after failures in a row", "dropped"
        return "", ""

    def _give_up(self, errand: _Errand, status: str, reason: str) -> Any:
        error = ServiceError(f"{errand.call.service}: {reason}")
        self._note(errand, status, str(error))
        raise error

    def _sender(self) -> Outbox[_Outcome]:
        if self._outbox is None:
            quieten()
            self._outbox = Outbox(self.policy.settings.queue_size)
        return self._outbox

    def _wait(self, errand: _Errand) -> Any:
        """Send it and wait for the answer, never longer than the limit."""
        limit = errand.here.deadline.seconds
        try:
            outcome = self._sender().run(lambda: self._deliver(errand), limit)
        except BaseException:  # Stop, a time limit, or too many calls without an answer
            self._note(errand, "failed", "it was not waited for")
            raise
        if outcome is None:
            late = ServiceError(f"{errand.call.service}: it gave no answer within {limit:g} s", target_ails=True)
            self._judge(errand, late)
            outcome = _Outcome(errand, error=late)
        self._settle(outcome)
        if outcome.error:
            raise outcome.error.with_traceback(None)
        return outcome.answer.value if isinstance(outcome.answer, Reply) else outcome.answer

    def _deliver(self, errand: _Errand) -> _Outcome:
        """In a thread of the outbox: send, tell the breaker, keep the failure."""
        late_start = replace(errand.here, deadline=Deadline(errand.here.deadline.seconds))
        outcome = _Outcome(errand)
        try:
            outcome = replace(outcome, answer=attempt(errand.call, lambda: errand.call.send(late_start), self.secrets))
        except ServiceError as error:
            outcome = replace(outcome, error=error.with_traceback(None))
        self._judge(errand, outcome.error)
        return outcome

    def _judge(self, errand: _Errand, error: ServiceError | None) -> None:
        if error is None:
            self._breaker.succeeded(errand.line)
        elif error.target_ails:
            self._breaker.failed(errand.line, error.pause_s)

    def _settle(self, outcome: _Outcome) -> Effect:
        if outcome.error:
            return self._note(outcome.errand, "failed", str(outcome.error))
        answer = outcome.answer.shown if isinstance(outcome.answer, Reply) else outcome.answer
        return self._note(outcome.errand, "sent", answer)

    def _note(self, errand: _Errand, status: str, answer: Any, note: str = "") -> Effect:
        """Record the Effect: every text in it scrubbed and cut to 2000 characters."""
        self.counts[status] += 1
        call, context = errand.call, errand.context
        preview = (
            call.preview() | ({"missing": call.missing()} if call.missing() else {}) | ({"held": note} if note else {})
        )
        effect = Effect(
            time=context.time,
            helper=errand.helper,
            target=self.secrets.scrub(call.target()),
            request=self._shown(preview),
            status=status,
            script=context.script,
            line=context.line,
            item=context.item,
            node=self._node.name,
            hook=context.hook,
            answer=self._shown(answer) if answer is not None else "",
            number=errand.here.number,
        )
        self._record(effect)
        return effect

    def _shown(self, value: Any) -> str:
        text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
        text = text[: 4 * PREVIEW].encode("utf-8", "replace").decode()  # a lone surrogate of JavaScript's cannot travel
        text = self.secrets.scrub(text)
        return text if len(text) <= PREVIEW else text[: PREVIEW - 1] + "…"
