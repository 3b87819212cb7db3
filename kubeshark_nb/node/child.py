"""The child process of a node: serve commands, give the node time, say what happened, die with the kernel.

The node runs in this process's main thread, because only there can a signal interrupt running JavaScript.
Run as ``python -m kubeshark_nb.node.child <socket fd> <lifeline fd>``.
"""

from __future__ import annotations

import gc
import signal
import sys
import time
from contextlib import contextmanager, nullcontext, suppress
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from kubeshark_nb.errors import KubesharkError, NodeError
from kubeshark_nb.node.hub import node_for
from kubeshark_nb.node.lifeline import die_with

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubeshark_nb.node.report import Report
    from kubeshark_nb.node.spec import NodeSpec

UNWATCHED = ("prepare",)  # nobody waits for these: a Stop means what comes after
RECENT = 1.0  # seconds for which a Stop that hit nothing waits for something to hit


class Server:
    """Answers ``(number, method, arguments)`` with ``("reply", number, error or None, value)``; reports go between."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._interruptible = False
        self._missed = -RECENT
        spec: NodeSpec = connection.recv()
        self.node = node_for(spec, self._report)
        signal.signal(signal.SIGINT, self._interrupted)
        gc.freeze()  # modules stay: no collection needs to look at them again
        connection.send(("ready",))

    def serve(self) -> None:
        """Until the kernel closes the connection."""
        while True:
            if self._connection.poll(0 if self.node.busy else None):
                self._answer(*self._connection.recv())
            elif self.node.busy:
                self._step()

    def _step(self) -> None:
        with self._interruptible_work():
            self.node.step()

    def _answer(self, number: int, method: str, arguments: tuple[Any, ...]) -> None:
        error: Exception | None = None
        value = None
        try:
            with nullcontext() if method in UNWATCHED else self._interruptible_work():
                value = getattr(self if method == "become" else self.node, method)(*arguments)
        except (KubesharkError, LookupError) as refused:
            error = refused
        except KeyboardInterrupt:
            error = NodeError("stopped; the scripts and their state are kept")
        except Exception as bug:  # noqa: BLE001 - whatever it is, the kernel must hear of it instead of waiting
            error = NodeError(f"internal error in {method}: {type(bug).__name__}: {bug}")
            sys.excepthook(*sys.exc_info())
        self._connection.send(("reply", number, error, value))

    def become(self, spec: NodeSpec) -> None:
        """Another node takes the place of the one that was here."""
        self.node = node_for(spec, self._report, self.node.leave())

    def _report(self, report: Report) -> None:
        """Send a report whole: a Stop that arrives meanwhile waits until the bytes are out."""
        before, self._interruptible = self._interruptible, False
        self._connection.send(("report", report))
        self._interruptible = before

    @contextmanager
    def _interruptible_work(self) -> Iterator[None]:
        self._interruptible = True
        try:
            if time.monotonic() - self._missed < RECENT:
                raise KeyboardInterrupt
            yield
        finally:
            self._interruptible = False
            self._missed = -RECENT

    def _interrupted(self, *_: object) -> None:
        if self._interruptible:
            raise KeyboardInterrupt
        self._missed = time.monotonic()  # between two pieces of work: the next one is what was meant


def main(connection: int, lifeline: int) -> None:
    """Serve until the kernel is gone."""
    die_with(lifeline)
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):  # the kernel has gone: so do we
        Server(Connection(connection)).serve()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
