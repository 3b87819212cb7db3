"""Starting a child process of ours: a pipe to talk, and a lifeline that it follows into death."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO, TYPE_CHECKING

from kubeshark_nb.errors import NodeError

if TYPE_CHECKING:
    from collections.abc import Mapping

PACKAGE = Path(__file__).parents[2]
# Scripts read local time as UTC wherever they run, and numpy's idle threads would spin beside the JavaScript. Blocks of
# some MB come and go with every window: where glibc keeps them, the system need not find and clear new pages each time,
# and where Arrow asks glibc for its own, they are the same ones.
SURROUNDINGS = {
    "TZ": "UTC",
    "OPENBLAS_NUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(32 << 20),
}


@dataclass(frozen=True, slots=True)
class Child:
    """A child process. ``connection`` takes and gives Python objects, ``pipe`` is the same end for bytes."""

    process: subprocess.Popen[bytes]
    pipe: socket.socket
    connection: Connection
    lifeline: int

    def end(self) -> None:
        """Kill it and let go of everything."""
        self.process.kill()
        self.process.wait()
        self.connection.close()
        self.pipe.close()
        os.close(self.lifeline)


def spawn(module: str, log: Path, environment: Mapping[str, str] | None = None) -> Child:
    """Run ``module`` with the numbers of its socket and its lifeline; what it prints goes to the file ``log``.

    The child has its own process session: a notebook's Stop reaches the kernel only, and the kernel decides.

    Raises:
        NodeError: ``log`` cannot be written, or the system has no room for another process.
    """
    surroundings = environment or os.environ
    path = os.pathsep.join([str(PACKAGE), surroundings.get("PYTHONPATH", "")])
    with opened(log) as output, ExitStack() as given, ExitStack() as kept:
        try:
            ours, theirs = socket.socketpair()
            kept.callback(ours.close)
            given.callback(theirs.close)
            ends, lifeline = os.pipe()
            kept.callback(os.close, lifeline)
            given.callback(os.close, ends)
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-m", module, str(theirs.fileno()), str(ends)],
                pass_fds=(theirs.fileno(), ends),
                stdin=None,  # ours: it may be the capture
                stdout=output,
                stderr=output,
                start_new_session=True,
                env={**surroundings, **SURROUNDINGS, "PYTHONPATH": path},
            )
            kept.callback(process.wait)
            kept.callback(process.kill)
            connection = Connection(os.dup(ours.fileno()))
        except OSError as error:
            raise NodeError(f"no process can be started: {error.strerror}; close other sessions or files") from None
        kept.pop_all()
    return Child(process, ours, connection, lifeline)


def opened(log: Path) -> IO[bytes]:
    """Where the child's own words go."""
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        return log.open("wb")
    except OSError as error:
        raise NodeError(f"{log.parent}: {error.strerror}; the node needs a folder it can write") from None
