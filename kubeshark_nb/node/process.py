"""A node in a child process: started, asked, interrupted, and when need be killed and started again."""

from __future__ import annotations

import signal
import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from contextlib import suppress
from itertools import count
from subprocess import TimeoutExpired
from typing import TYPE_CHECKING, Any, Protocol

from kubeshark_nb.errors import NodeError
from kubeshark_nb.node.report import Report
from kubeshark_nb.node.spawn import spawn

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from kubeshark_nb.node.spec import NodeSpec

GRACE = 5.0  # seconds between asking a node to stop and killing it
TICK = 0.1  # seconds between two looks at whether the user pressed Stop


class Link(Protocol):
    """How the session talks to a node, wherever it runs."""

    @property
    def alive(self) -> bool:
        """Whether the node can be called."""

    def call(self, method: str, *arguments: Any) -> Any:
        """Call ``method`` of the node and return what it returns."""

    def tell(self, method: str, *arguments: Any) -> None:
        """Let the node call ``method`` before whatever it is asked later, and do not wait. A dead one hears nothing."""

    def wait(self, tick: Callable[[], object]) -> None:
        """Until the run that goes on has ended; ``tick`` is called meanwhile."""

    def interrupt(self) -> None:
        """Ask the node to stop what it does."""

    def kill(self) -> None:
        """End the node at once, with everything it knows."""

    def become(self, spec: NodeSpec, enter: Callable[[Report], None], died: Callable[[str], None]) -> None:
        """Forget the node that was, and be another one."""

    def close(self) -> None:
        """End the node and everything it started."""


class InlineNode:
    """A node in this very process: for tests and for ``Session(inline=True)``."""

    def __init__(
        self, spec: NodeSpec, enter: Callable[[Report], None], died: Callable[[str], None] = lambda _: None
    ) -> None:
        self.alive = True
        self.become(spec, enter, died)

    def call(self, method: str, *arguments: Any) -> Any:
        """See `Link`."""
        return getattr(self._node, method)(*arguments)

    def tell(self, method: str, *arguments: Any) -> None:
        """See `Link`."""
        self.call(method, *arguments)

    def wait(self, tick: Callable[[], object]) -> None:
        """See `Link`; here this is where the work is done."""
        while self._node.busy:
            self._node.step()
            tick()

    def interrupt(self) -> None:
        """See `Link`; whoever could ask is busy with the node."""

    def kill(self) -> None:
        """See `Link`; a process cannot end a part of itself."""

    def become(self, spec: NodeSpec, enter: Callable[[Report], None], _died: Callable[[str], None]) -> None:
        """See `Link`."""
        from kubeshark_nb.node.hub import node_for

        self._node = node_for(spec, enter)

    def close(self) -> None:
        """See `Link`."""
        self._node.close()


class NodeProcess:
    """A node in a child process, which lives until `close` or until this process ends, however it ends.

    ``died`` is told, on another thread, when the child ends unasked: its owner makes a new one. The child has its own
    process session, so that a notebook's Stop reaches the kernel only, and the kernel decides: SIGINT first (JavaScript
    state is kept), SIGKILL after ``grace`` seconds.
    """

    def __init__(
        self,
        spec: NodeSpec,
        enter: Callable[[Report], None],
        died: Callable[[str], None] = lambda _: None,
        *,
        grace: float = GRACE,
    ) -> None:
        self._spec = spec
        self._enter = enter
        self._died = died
        self._grace = grace
        self._numbers = count()
        self._pending: dict[int, Future[Any]] = {}
        self._ready = threading.Event()
        self._idle = threading.Event()
        self._idle.set()
        self._lock = threading.Lock()
        self._end = threading.Lock()
        self._closing = self._gone = False
        self._start()

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the child runs."""
        return self._process.poll() is None

    def call(self, method: str, *arguments: Any) -> Any:
        """See `Link`. Stop (KeyboardInterrupt) interrupts the node, and kills it when it does not listen.

        Raises:
            NodeError: the node died or had to be killed.
            KubesharkError: whatever the node's method raised.
        """
        if method == "start":
            self._idle.clear()
        future = self._ask(method, arguments)
        try:
            return self._result(future)
        except BaseException:
            if method == "start":
                self._idle.set()
            raise

    def tell(self, method: str, *arguments: Any) -> None:
        """See `Link`."""
        if self.alive:
            self._ask(method, arguments)

    def wait(self, tick: Callable[[], object]) -> None:
        """See `Link`."""
        try:
            while not self._idle.wait(TICK):
                tick()
        except KeyboardInterrupt:
            self.interrupt()
            if not self._idle.wait(self._grace):
                self.kill()
                raise NodeError(self._obituary("did not stop and was killed")) from None

    def interrupt(self) -> None:
        """Ask the node to stop what it does; its JavaScript state is kept. One that still starts can't be asked yet."""
        if self._ready.wait(GRACE) and self.alive:
            self._process.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """End the child at once. Its JavaScript state is lost."""
        self._process.kill()
        self._process.wait()
        self._reader.join(GRACE)

    def become(self, spec: NodeSpec, enter: Callable[[Report], None], died: Callable[[str], None]) -> None:
        """See `Link`. Raises NodeError: the child has died."""
        self._spec, self._enter, self._died = spec, enter, died
        self.call("become", spec)

    def close(self) -> None:
        """See `Link`. Whoever comes second waits until it is done."""
        with self._end:
            if not self._closing:
                self._closing = True
                self.kill()
                self._child.end()

    def _start(self) -> None:
        self._log = self._spec.folder / "node.log"  # for good, whatever node it becomes
        self._child = spawn("kubeshark_nb.node.child", self._log)
        self._process = self._child.process
        self._connection = self._child.connection
        self._connection.send(self._spec)
        self._reader = threading.Thread(target=self._read, args=(self._connection,), daemon=True, name="node-reader")
        self._reader.start()

    def _ask(self, method: str, arguments: tuple[Any, ...]) -> Future[Any]:
        future: Future[Any] = Future()
        sent = False
        with self._lock, suppress(OSError):
            number = next(self._numbers)
            self._pending[number] = future
            self._connection.send((number, method, arguments))
            sent = True
        if not sent:
            with suppress(TimeoutExpired):
                self._process.wait(GRACE)  # then its cause of death is known
            self._lost()
        return future

    def _result(self, future: Future[Any]) -> Any:
        while True:
            try:
                return future.result(TICK)
            except NotYet:
                continue
            except KeyboardInterrupt:
                self.interrupt()
                return self._last_words(future)

    def _last_words(self, future: Future[Any]) -> Any:
        try:
            return future.result(self._grace)
        except NotYet:
            self.kill()
            raise NodeError(self._obituary("did not stop and was killed")) from None

    def _read(self, connection: Connection) -> None:
        try:
            while True:
                self._take(*connection.recv())
        except (EOFError, OSError):
            self._process.wait()
            self._lost()

    def _take(self, kind: str, *content: Any) -> None:
        if kind == "ready":
            self._ready.set()
            return
        if kind == "report":
            self._enter(content[0])
            if content[0].finished is not None:
                self._idle.set()
            return
        number, error, value = content
        future = self._pending.pop(number, None)
        if future is None:  # given up already
            return
        if error is None:
            future.set_result(value)
        else:
            future.set_exception(error)

    def _lost(self) -> None:
        """The child is gone: nobody may wait for it any longer. Whoever notices first, reader or caller, says so."""
        message = self._obituary(f"died ({self._cause(self._process.poll())})")
        with self._lock:
            pending, self._pending = self._pending, {}
            first, self._gone = not self._gone, True
        for future in pending.values():
            future.set_exception(NodeError(message))
        if not first:
            return
        if not self._idle.is_set():
            self._enter(Report(node=self._spec.info.name, finished=message))
        self._idle.set()
        if not self._closing:
            self._died(message)

    def _obituary(self, what: str) -> str:
        return (
            f"node {self._spec.info.name!r} {what}: its JavaScript state and jobs are lost, "
            "stored items are kept; it starts again and reloads its scripts on the next use"
        )

    def _cause(self, code: int | None) -> str:
        if code is None:
            return "connection lost"
        if code == -signal.SIGKILL:
            return "killed by SIGKILL, perhaps for want of memory"
        return signal.Signals(-code).name if code < 0 else f"exit code {code}: {self._last_line()}"

    def _last_line(self) -> str:
        with suppress(OSError):  # its folder is gone, with what it said
            if lines := self._log.read_text(errors="replace").strip().splitlines():
                return lines[-1]
        return "it said nothing"
