"""The one door between helpers and services: every call is checked, recorded or sent, and shown without its secrets."""

from __future__ import annotations

import itertools
from collections import Counter, OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kubeshark_nb.errors import VendorError
from kubeshark_nb.vendors.clients import Clients
from kubeshark_nb.vendors.context import CallContext, Deadline, Surroundings
from kubeshark_nb.vendors.dispatcher import Dispatcher
from kubeshark_nb.vendors.errand import Errand, effect_of
from kubeshark_nb.vendors.failure import ServiceError, attempt
from kubeshark_nb.vendors.policy import Failure, VendorPolicy
from kubeshark_nb.vendors.secrets import Secrets

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kubeshark_nb.model import Effect, NodeInfo
    from kubeshark_nb.vendors.call import Call

KEPT = 500
LONGEST_S = 20.0
PARTING_S = 5.0


class VendorDesk:
    """Takes the calls of one node's scripts. Use it from one thread; ``record`` and ``failed`` are called on it only.

    Args:
        node: whose calls these are; its name is part of upload folders.
        root: the node's folder; files are read from nowhere else.
        policy: what is sent. Everything is recorded by default.
        secrets: what to hide, shared with the console.
        record: gets the Effect of every call, when its fate is known.
        failed: gets error text and Effect of a queued call that failed or was dropped (see ``call``).
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
        self._kept: OrderedDict[int, Errand] = OrderedDict()
        self._numbers = itertools.count(1)
        self._dispatcher: Dispatcher | None = None
        self.use(policy or VendorPolicy())

    def use(self, policy: VendorPolicy) -> None:
        """Follow ``policy`` from now on; its maximum counts from here."""
        self.close()
        self.policy = policy
        self._sent = 0
        self._answered: Counter[str] = Counter()

    def call(self, call: Call, context: CallContext, *, helper: str = "") -> Any:
        """What the script gets: a JSON value or ``None``. Returns within 20 s, whatever a server does.

        ``helper`` is the name the script used, when it differs from ``call.helper``. Calls whose answer nobody needs
        are queued in the hooks that traffic waits for; whether they failed or were dropped (a full queue, a target that
        is left alone) shows later, through ``failed`` and the Effect.

        Raises:
            VendorError: refused, failed or dropped; the message names service and cause and holds no secret.
        """
        self.collect()
        self.secrets.learn(call.secrets())
        errand = Errand(call, context, helper or call.helper, self._surroundings(context, next(self._numbers)))
        if self.policy.mode(call.service) == "off":
            self.counts["off"] += 1
            return call.answer(errand.here)
        self._check(errand)
        if reason := self.policy.held_back(call, live=self._live, sent=self._sent):
            return self._hold(errand, reason)
        self._permit(errand)
        self._sent += 1
        return self._queue(errand) if errand.beside_the_traffic else self._wait(errand)

    def collect(self) -> None:
        """Report queued calls that have ended meanwhile. The node calls this once per window and at its end."""
        for outcome in self._dispatcher.finished() if self._dispatcher else ():
            effect = self._note(outcome.errand, outcome.status, outcome.shown)
            if outcome.error:
                self._failed(str(outcome.error), effect)

    def flush(self, seconds: float = LONGEST_S) -> int:
        """Wait for queued calls, at most ``seconds``, and report them; how many are still open."""
        still_open = self._dispatcher.flush(seconds) if self._dispatcher else 0
        self.collect()
        return still_open

    def send_now(self, number: int) -> Any:
        """Send the recorded call ``number`` (``Effect.number``) after all. Raises VendorError, as ``call`` does."""
        kept = self._kept.get(number)
        if kept is None:
            raise VendorError(f"call {number} is not kept any more: only the latest {KEPT} recorded calls are")
        errand = replace(kept, here=self._surroundings(kept.context, number))
        self._check(errand)
        self._permit(errand)
        return self._wait(errand)

    def close(self) -> None:
        """Give queued calls a moment, then let go; what is still open by then is counted as ``abandoned``."""
        self.counts["abandoned"] += self.flush(PARTING_S)
        if self._dispatcher:
            self._dispatcher.close()
            self._dispatcher = None

    def _surroundings(self, context: CallContext, number: int) -> Surroundings:
        settings = self.policy.settings
        deadline = Deadline(min(settings.total_s, LONGEST_S))
        return Surroundings(self._node, self._root, settings, self._clients, context.time, number, deadline)

    def _check(self, errand: Errand) -> None:
        """Refuse what could never be sent, in every mode."""
        try:
            attempt(errand.call, lambda: errand.call.check(errand.here), self.secrets)
        except ServiceError as error:
            self._note(errand, "refused", str(error))
            raise

    def _permit(self, errand: Errand) -> None:
        """Refuse what must not or cannot be sent as things are."""
        absent = ", ".join(errand.call.missing())
        problems = (
            (errand.call.clears and not self.policy.allow_clear, "it would delete; allow it with --allow-clear"),
            (absent, f"{absent} empty or undefined (is it in env?)"),
        )
        for applies, problem in problems:
            if applies:
                raise self._given_up(errand, "refused", problem)

    def _hold(self, errand: Errand, reason: str) -> Any:
        """Record it instead of sending it, and answer as if."""
        self._kept[errand.here.number] = errand
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        answer = self._scripted(errand)
        note = "" if reason == "record" else reason
        if isinstance(answer, Failure):
            self._note(errand, "recorded", answer.message, note)
            raise VendorError(answer.message)
        self._note(errand, "recorded", answer, note)
        return answer

    def _scripted(self, errand: Errand) -> Any:
        """The answer the user prepared, in turn; the service's plausible one when there is none."""
        values = self.policy.answers.get(errand.helper) or self.policy.answers.get(errand.call.helper)
        if not values:
            return errand.call.answer(errand.here)
        turn = min(self._answered[errand.helper], len(values) - 1)
        self._answered[errand.helper] += 1
        return values[turn]

    def _wait(self, errand: Errand) -> Any:
        """Send it and wait for the answer."""
        if problem := self._left_alone(errand):
            raise self._given_up(errand, "dropped", problem)
        try:
            outcome = self._sender().wait(errand)
        except BaseException:  # Stop, a time limit, or too many calls without an answer
            self._note(errand, "failed", "it was not waited for")
            raise
        self._note(errand, outcome.status, outcome.shown)
        if outcome.error:
            raise outcome.error.with_traceback(None)
        return outcome.value

    def _queue(self, errand: Errand) -> Any:
        """Leave it to the queue. That it was dropped does not stop the hook, any more than that it failed would."""
        if problem := self._left_alone(errand) or self._sender().queue(errand):
            message = f"{errand.call.service}: {problem}"
            self._failed(message, self._note(errand, "dropped", message))
        else:
            self.counts["queued"] += 1
        return errand.call.answer(errand.here)

    def _left_alone(self, errand: Errand) -> str:
        seconds = self._sender().closed_for(errand)
        return f"left alone for {seconds:.0f} s more after failures in a row" if seconds else ""

    def _sender(self) -> Dispatcher:
        if self._dispatcher is None:
            self._dispatcher = Dispatcher(self.policy.settings, self.secrets)
        return self._dispatcher

    def _given_up(self, errand: Errand, status: str, reason: str) -> ServiceError:
        error = ServiceError(f"{errand.call.service}: {reason}")
        self._note(errand, status, str(error))
        return error

    def _note(self, errand: Errand, status: str, answer: Any, note: str = "") -> Effect:
        self.counts[status] += 1
        effect = effect_of(errand, status, answer, self.secrets, note)
        self._record(effect)
        return effect
