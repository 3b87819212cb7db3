"""What a shell does to a command: signals that end it, and output that is closed, full, or of no interest any more."""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO, Self, TextIO

from kubeshark_nb.errors import KubesharkError
from kubeshark_nb.items.escape import visible

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
CLOSED = "standard output is closed; leave it open, or have it written to a file"


class OutputError(KubesharkError):
    """Standard output does not take what is written."""


class Signals:
    """Within this context a signal ends the command by way of every ``with`` and ``finally``, up to here.

    Attributes:
        latest: the signal that came, ``None`` while none did. What was interrupted may say so in words of its own, or
            as an end like any other: this is what counts.
    """

    def __init__(self) -> None:
        self.latest: signal.Signals | None = None

    def __enter__(self) -> Self:
        mine = threading.current_thread() is threading.main_thread()  # Python asks for that
        numbers = [signal.SIGINT, *ENDING] if mine else []
        heard = [number for number in numbers if signal.getsignal(number) not in (signal.SIG_IGN, None)]  # nohup
        self._before = {number: signal.signal(number, self._came) for number in heard}
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        return self.latest is not None and kind in (KeyboardInterrupt, SystemExit)

    def _came(self, number: int, _frame: FrameType | None) -> None:
        self.latest = signal.Signals(number)
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        for other in ENDING:  # a supervisor may send several, or one twice: what ends is not disturbed
            signal.signal(other, signal.SIG_IGN)
        raise SystemExit(128 + number)


def prepare() -> None:
    """Make the three streams safe to use: one that is closed takes nothing, letters it has not become escapes."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:  # noqa: PLR2004 - no file of ours may take its place
        pass
    os.close(number)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115 - for as long as the process lives
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def needed() -> None:
    """Ask before the work is done. Raises OutputError when there is no standard output."""
    if sys.stdout is None:
        raise OutputError(CLOSED)


@contextmanager
def standard_output() -> Iterator[BinaryIO]:
    """Where bytes go.

    Raises:
        BrokenPipeError: who reads it has enough; there is nothing to be said of that.
        OutputError: it is closed, or has no room.
    """
    needed()
    try:
        yield sys.stdout.buffer
        sys.stdout.flush()
    except BrokenPipeError:
        silence(sys.stdout)
        raise
    except OSError as error:
        silence(sys.stdout)
        raise OutputError(f"standard output: {error.strerror or error}; make room there, or write elsewhere") from None


def tell(line: str) -> None:
    """A line on standard error; when that cannot be written there is nobody to tell."""
    try:
        print(visible(line), file=sys.stderr, flush=True)  # noqa: T201 - a command prints
    except OSError:
        silence(sys.stderr)


def silence(stream: TextIO) -> None:
    """What ``stream`` still holds, and what is yet to come, goes nowhere: Python's last flush finds a taker."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
    with suppress(OSError):
        stream.flush()
