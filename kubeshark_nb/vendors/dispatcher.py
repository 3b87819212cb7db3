"""How live calls go out: waited for within the limit, or queued beside the traffic; dead targets are left alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kubeshark_nb.vendors.breaker import Breaker
from kubeshark_nb.vendors.context import Deadline
from kubeshark_nb.vendors.errand import Errand, Outcome
from kubeshark_nb.vendors.failure import ServiceError, attempt
from kubeshark_nb.vendors.outbox import Outbox
from kubeshark_nb.vendors.quiet import quieten

if TYPE_CHECKING:
    from kubeshark_nb.vendors.secrets import Secrets
    from kubeshark_nb.vendors.settings import Settings


class Dispatcher:
    """Sends errands in threads of its own. Threads start with the first errand."""

    def __init__(self, settings: Settings, secrets: Secrets) -> None:
        quieten()
        self._patience = settings.patience_s
        self._secrets = secrets
        self._breaker = Breaker(settings.breaker_failures, settings.breaker_s)
        self._outbox: Outbox[Outcome] = Outbox(settings.queue_size)

    def closed_for(self, errand: Errand) -> float:
        """Seconds its target is still to be left alone, 0 when it may be called."""
        return self._breaker.closed_for(errand.line)

    def wait(self, errand: Errand) -> Outcome:
        """Send it and wait, never longer than the errand has; VendorError when too many calls are still unanswered."""
        limit = errand.here.deadline.seconds
        outcome = self._outbox.run(lambda: self._deliver(errand), limit)
        if outcome is not None:
            return outcome
        late = ServiceError(f"{errand.call.service}: it gave no answer within {limit:g} s", target_ails=True)
        self._judge(errand, late)
        return Outcome(errand, error=late)

    def queue(self, errand: Errand) -> str:
        """Send it when its turn comes; ``""``, or why that will not be. A full queue is waited for a little."""
        if self._outbox.put(lambda: self._deliver(errand), self._patience):
            return ""
        return f"the queue was full for {self._patience:g} s"

    def finished(self) -> list[Outcome]:
        """What became of queued errands since the last time."""
        return self._outbox.finished()

    def flush(self, seconds: float) -> int:
        """Wait for queued errands, at most ``seconds``; how many are still open then."""
        return self._outbox.flush(seconds)

    def close(self) -> None:
        """Let the threads end."""
        self._outbox.close()

    def _deliver(self, errand: Errand) -> Outcome:
        """In a thread: send, tell the breaker, keep the failure. The errand's time begins now."""
        here = replace(errand.here, deadline=Deadline(errand.here.deadline.seconds))
        outcome = Outcome(errand)
        try:
            outcome = replace(outcome, answer=attempt(errand.call, lambda: errand.call.send(here), self._secrets))
        except ServiceError as error:
            outcome = replace(outcome, error=error.with_traceback(None))
        self._judge(errand, outcome.error)
        return outcome

    def _judge(self, errand: Errand, error: ServiceError | None) -> None:
        if error is None:
            self._breaker.succeeded(errand.line)
        elif error.target_ails:
            self._breaker.failed(errand.line, error.pause_s)
