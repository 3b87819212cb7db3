"""The long-lived evaluation: the interpreter pulls batches, Python answers; limits and stops end here.

What a caller sees is simple: `run` plays a feed to its end. A hook that takes too long is ended, counted and skipped;
an interpreter that ran out of memory is replaced and the scripts are loaded again; Stop raises KeyboardInterrupt and
keeps everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from kubeshark_nb.errors import KubesharkError, NodeError, ScriptError
from kubeshark_nb.runtime import syntax
from kubeshark_nb.runtime.batches import Batch
from kubeshark_nb.runtime.engine import Engine, EngineError, parsed
from kubeshark_nb.runtime.feed import Done, Nothing
from kubeshark_nb.runtime.hooks import HOOKS
from kubeshark_nb.runtime.limits import InterruptError, Limits, Watch
from kubeshark_nb.runtime.projection import Projection
from kubeshark_nb.runtime.records import Records
from kubeshark_nb.runtime.scripts import Scripts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kubeshark_nb.model import HookError
    from kubeshark_nb.runtime.feed import Feed
    from kubeshark_nb.runtime.furniture import Furniture
    from kubeshark_nb.runtime.records import Sink
    from kubeshark_nb.runtime.scripts import Script

OK, ERROR, STOP, HALT = range(4)  # as in core.js
CARRY_ON = b"[0,null]"
OUT_OF_MEMORY = "InternalError: out of memory"
REBUILDS = 5


@dataclass(frozen=True, slots=True)
class Where:
    """The place in a script that called a helper: node's clock (ns), script id and name, line, hook, item id."""

    time: int = 0
    script: int = 0
    name: str = ""
    line: int = 0
    hook: str = ""
    item: str = ""


class Pump:
    """One node's interpreter with its scripts.

    Args:
        furniture: the helpers.
        sink: gets console lines and errors.
        node: the node's name, in every line.
        limits: time limits.
        seed: of ``Math.random``: four integers.
        live: whether ``Date`` shows wall time.
        start: the clock (ns) before the first event.
    """

    def __init__(  # noqa: PLR0913 - everything an interpreter is given
        self,
        furniture: Furniture,
        sink: Sink,
        *,
        node: str = "",
        limits: Limits | None = None,
        seed: Sequence[int] = (1, 2, 3, 4),
        live: bool = False,
        start: int = 0,
    ) -> None:
        self.limits = limits or Limits()
        self.scripts = Scripts()
        self.records = Records(self.scripts, node, sink)
        self.watch = Watch(self._where_now)
        self.halt = False  # the order of events has changed: helpers set it, the running batch ends after its event
        self.on_reload: Callable[[Script], None] = lambda _script: None
        self.projection = Projection()
        self._furniture = furniture
        self._functions = {helper.name.encode(): helper.function for helper in furniture.helpers}
        self._options = {"seed": list(seed), "live": live, "hooks": HOOKS}
        self._feed: Feed = Nothing()
        self._batch = Batch(now=start)
        self._running = False  # a batch is with the interpreter
        self._stack = ""
        self._call: tuple[int, int, str, str] = (0, 0, "", "")  # script id, event, hook, stack of the helper call
        self._top_error: HookError | None = None
        self._interrupted = False
        self._lost = ""
        self._muted: set[tuple[int, str]] = set()
        self._strikes: dict[tuple[int, str], int] = {}
        self._build()

    # ---- scripts ----

    def load(self, script: Script) -> None:
        """Run the script's top level and list it.

        Raises:
            ScriptError: it does not compile, or its top level threw or took too long.
            KeyboardInterrupt: stopped.
        """
        if undone := self._core("restore"):
            self.say("warning", f"restored what a script had replaced in the language: {undone}")
        place = script.syntax.illegal_return
        if place is not None:
            raise ScriptError(
                script.name, place.line, place.column, "SyntaxError: Illegal return statement", script.line(place.line)
            )
        error = self._evaluate(script)
        self._check(script)
        if error is not None:
            self._engine.call("unload", script.id)
            raise ScriptError(script.name, error.line or None, error.column or None, error.message, error.source_line)
        self.scripts.add(script)
        self.records.forget(script.name)
        self.projection.reset()

    def unload(self, name: str) -> Script | None:
        """Remove a script's hooks; its name may be unknown."""
        script = self.scripts.remove(name)
        if script is not None:
            self._core("unload", script.id)
        return script

    def listeners(self, hook: str) -> list[Script]:
        """The scripts that get ``hook``, in script-index order."""
        return [s for s in self.scripts if hook in s.syntax.hooks and (s.id, hook) not in self._muted]

    # ---- events ----

    def run(self, feed: Feed) -> None:
        """Play ``feed`` to its end.

        Raises:
            KeyboardInterrupt: stopped; the batch that was running has been reported to the feed as far as it got.
        """
        self._feed = feed
        self.watch.reset()
        with self.watch:
            for _ in range(REBUILDS):
                self._pull_until_done()
                if not self._lost:
                    break
                self._rebuild()
            else:
                raise NodeError(f"the interpreter was lost {REBUILDS} times in one run; the run ends here")
        self._feed = Nothing()
        if self.watch.stopping:
            raise KeyboardInterrupt

    def where(self) -> Where:
        """The place of the helper call that is being answered."""
        script, event, hook, stack = self._call
        place = self.scripts.position(stack)
        return Where(
            self._batch.time_ns(event), script, place.script or self.scripts.name(script), place.line, hook,
            self._batch.item(event),
        )  # fmt: skip

    @property
    def now(self) -> int:
        """The clock (ns) of the event that is being handled, or of the last one."""
        return self._batch.time_ns(self._call[1])

    def set_clock(self, now: int) -> None:
        """Nothing runs: set the clock to ``now`` (ns)."""
        self._batch = Batch(now=now)
        self._call = (0, 0, "", "")
        self._core("clock", now / 1e6)

    def rearm(self) -> None:
        """What runs now gets its whole time limit anew."""
        self.watch.arm(self._batch.seconds or self.limits.load_seconds)

    def say(self, level: Any, text: str) -> None:
        """Write a console line from where a helper was called, or from the node itself."""
        script, event, hook, stack = self._call
        self.records.print(level, text, self._batch.time_ns(event), script, hook, stack, self._batch.item(event))

    def forget(self, task: int) -> None:
        """Let go of a kept function."""
        self._core("forget", task)

    def profile(self) -> list[dict[str, Any]]:
        """The raw timings of each script and hook (see `profile.py`)."""
        found: list[dict[str, Any]] = self._engine.call("profile")
        return found

    def evaluate(self, expression: str) -> Any:
        """The value of our own ``expression``, in which ``core`` is the core; within the load limit."""
        with self.watch:
            self.watch.arm(self.limits.load_seconds)
            try:
                key = self._engine.key
                return self._engine.run(f"{key}.hide(),(function(core){{{expression}}})({key})")
            except InterruptError as interrupt:
                self.watch.disarm()
                if interrupt.why == "stop":
                    raise KeyboardInterrupt from None
                raise EngineError(f"stopped after {self.limits.load_seconds:g} s") from None

    # ---- inside ----

    def _build(self) -> None:
        self._engine = engine = Engine(self._reply)
        self.records.renew()
        engine.call("setup", {**self._options, "time": self._batch.now / 1e6})
        for helper in self._furniture.helpers:
            engine.call("provide", helper.name, helper.path, helper.signature)
        for factory in self._furniture.factories:
            engine.run(f"{engine.key}.furnish({factory})")
        engine.call("seal")

    def _core(self, member: str, *values: Any) -> Any:
        """Call the core; an interpreter that scripts made unusable (a frozen global object) is replaced."""
        try:
            return self._engine.call(member, *values)
        except EngineError as error:
            self._lost = f"the interpreter is unusable ({str(error).splitlines()[0]})"
            self._rebuild()
            return None

    def _rebuild(self) -> None:
        """Replace a lost interpreter and load the scripts again."""
        reason, self._lost = self._lost, ""
        self.watch.disarm()
        self._call = (0, 0, "", "")
        self.say("warning", f"{reason}: the interpreter was replaced, script variables are lost, scripts load again")
        self._build()
        for script in self.scripts:
            self.on_reload(script)
            try:
                self.load(script)
            except ScriptError as error:
                self.scripts.remove(script.name)
                self.say("error", f"not loaded again: {error}")

    def _pull_until_done(self) -> None:
        while True:
            try:
                self._engine.call("pump")
            except InterruptError:
                self.watch.disarm()
                self._interrupted = True
                continue
            except EngineError as error:
                self._fall(str(error).splitlines()[0])
            return

    def _fall(self, reason: str) -> None:
        """The interpreter failed in the middle of a batch: nobody knows how far it got, so it counts as done."""
        self._lost = f"the interpreter failed ({reason})"
        if self._running:
            self._running = False
            self._feed.done(Done(self._batch.events, 0, failure=reason))

    def _evaluate(self, script: Script) -> HookError | None:
        """Run the top level; what it threw."""
        self._top_error = None
        code = script.wrapped(self._engine.key, self._furniture.names)
        self._batch = Batch(now=self._batch.time_ns(self._call[1]))
        self._call = (script.id, 0, "", "")
        with self.watch:
            self.watch.arm(self.limits.load_seconds)
            try:
                self._engine.run(code)
                self.watch.disarm()
            except InterruptError as interrupt:
                self.watch.disarm()
                self._end_load(script, interrupt)
            except EngineError as error:
                message, _, stack = str(error).partition("\n")
                place = self.scripts.position(stack)
                column = syntax.error_column(script.source, place.line, message)
                raise ScriptError(script.name, place.line or None, column, message, place.source_line) from None
        return self._top_error

    def _check(self, script: Script) -> None:
        """A script that leaves an interpreter nobody can use (it froze the global object) is not loaded."""
        try:
            self._engine.call("hide")
        except EngineError as error:
            reason = str(error).splitlines()[0]
            self._lost = f"{script.name} makes the interpreter unusable"
            self._rebuild()
            raise ScriptError(script.name, None, None, f"it makes the interpreter unusable: {reason}") from None

    def _end_load(self, script: Script, interrupt: InterruptError) -> None:
        self._engine.call("unload", script.id)
        if interrupt.why == "stop":
            self.watch.reset()
            raise KeyboardInterrupt from None
        place = self.scripts.position(script.located(interrupt.stack))
        seconds = self.limits.load_seconds
        raise ScriptError(
            script.name, place.line or None, place.column or None,
            f"TimeLimit: its top level ran longer than {seconds:g} s and was stopped", place.source_line,
        ) from None  # fmt: skip

    def _where_now(self) -> str:
        """The stack of the JavaScript that runs; called from the signal handler."""
        self._stack = str(self._engine.call("stack"))
        return self._stack

    def _reply(self, name: bytes, arguments: bytes) -> bytes:
        records, *values = parsed(arguments)
        self._take(records)
        if name == b"pull":
            return self._pull(values)
        if self.watch.ending:
            return b"[2,null]"
        if name == b"document":
            return b"[0,%b]" % self._batch.document(values[0])
        return CARRY_ON if name == b"flush" else self._help(name, values)

    def _help(self, name: bytes, values: list[Any]) -> bytes:
        script, event, hook, stack, arguments = values
        self._call = (script, event, hook, stack)
        try:
            value = self._functions[name](*arguments)
        except (KubesharkError, OSError, ValueError) as error:
            return orjson.dumps([ERROR, _message(error)])
        halt, self.halt = self.halt, False
        return orjson.dumps([HALT if halt else OK, value], default=str)

    def _pull(self, values: list[Any]) -> bytes:
        self.watch.disarm()
        events, skip, running, hook, verdicts, answers, failure, misses = values
        self.projection.learn(misses, len(verdicts))
        if self._interrupted:
            self._interrupted = False
            failure = None if self.watch.stopping else self._too_long(running, hook, events)
        if failure and failure.startswith(OUT_OF_MEMORY):
            self._lost = "out of memory (128 MB)"
        if self._running:
            self._running = False
            self._feed.done(Done(events, skip, verdicts, answers, failure))
        if self._lost or self.watch.stopping:
            return self._pause(events)
        batch = self._feed.next()
        if batch is None:
            return self._pause(events)
        self._running, self._batch, self._call = True, batch, (0, 0, "", "")
        self.watch.arm(batch.seconds)
        return batch.data

    def _pause(self, events: int) -> bytes:
        self._batch = Batch(now=self._batch.time_ns(max(0, events - 1)))
        self._call = (0, 0, "", "")
        return b"null"

    def _too_long(self, script: int, hook: str, event: int) -> str:
        """Count a call that was ended; the third of a kind switches the hook off."""
        seconds = self._batch.seconds
        text = f"TimeLimit: ran longer than {seconds:g} s and was stopped"
        now, item = self._batch.time_ns(event), self._batch.item(event)
        known = self.scripts.by_id(script)
        self.records.fail(script, hook, known.located(self._stack) if known else "", text, now, item)
        key = (script, hook)
        self._strikes[key] = self._strikes.get(key, 0) + 1
        if self._strikes[key] == self.limits.strikes and hook in HOOKS:
            self._muted.add(key)
            self._engine.call("mute", script, hook)
            self._call = (script, event, hook, "")
            self.say(
                "warning", f"{hook} of {self.scripts.name(script)} is switched off: too slow {self._strikes[key]} times"
            )
        return text

    def _take(self, records: list[Any]) -> None:
        if records:
            error = self.records.take(records, self._batch)
            self._top_error = error or self._top_error


def _message(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    return str(error)
