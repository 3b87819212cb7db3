"""Captures that a program writes while we read: a command's standard output, or our own standard input."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, BinaryIO, ClassVar, TextIO, cast

from kubeshark_nb.capture.arriving import QUIET, Arriving
from kubeshark_nb.capture.compression import DAMAGES, EARLY, decompressed
from kubeshark_nb.capture.file import unreadable
from kubeshark_nb.capture.intake import Intake
from kubeshark_nb.capture.pcap import HEADER
from kubeshark_nb.capture.pcapng import PcapngReader
from kubeshark_nb.capture.records import Records
from kubeshark_nb.errors import CaptureError
from kubeshark_nb.named import masked
from kubeshark_nb.traffic import nothing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubeshark_nb.traffic import Batch

PIECE = 1 << 20
BLOCK = 1 << 23  # bytes that one batch may have
GRACE = 3.0  # seconds between asking the command to end and killing it
MOMENT = 0.2  # seconds for what the command left behind to end politely
SHOWN = 300  # characters of its last line
PARENT_DEATH = 1  # prctl(2): PR_SET_PDEATHSIG
SILENT = "nothing came; it must write pcap or pcapng to its standard output (tcpdump -U -w -)"


@dataclass
class Piped(Arriving):
    """A capture that arrives as bytes.

    Attributes:
        silent: what to say when not a byte comes.
    """

    silent: ClassVar[str] = SILENT

    def read_from(self, stream: BinaryIO) -> Iterator[Batch]:
        """The frames in ``stream``, which is read on another thread until it ends."""
        opened: list[BinaryIO] = []

        def read() -> bytes | None:
            if not opened:
                opened.append(decompressed(stream))
            return opened[0].read(PIECE) or None

        intake = Intake(read)
        try:
            yield from self._batches(intake)
        finally:
            intake.close()

    def _batches(self, intake: Intake) -> Iterator[Batch]:
        records: Records | None = None
        head = b""
        while not (intake.ended or self._is_late()):
            piece, damage = self._taken(intake)
            if records is None:
                head += piece
                if len(head) < HEADER and not intake.ended:
                    yield nothing()
                    continue
                if self.stopping and not head:
                    return
                if damage and len(head) < HEADER:
                    raise CaptureError(EARLY.format(error=damage), file=self.name)
                records, piece = Records(self.name, head[:HEADER], self.lost, self.silent), head[HEADER:]
            if damage:
                self.lost(f"compressed captures cut short or damaged ({masked(self.name)}: {damage})")
            yield from records.batches(piece) if piece else [nothing()]
            self._note(records)
        if records and not self.stopping:
            records.end()

    def _taken(self, intake: Intake) -> tuple[bytes, Exception | None]:
        """What has come, or the damage that ends it."""
        try:
            return b"".join(intake.take(QUIET, min(self.pace.bytes, BLOCK))), None
        except DAMAGES as error:
            return b"", error
        except OSError as error:
            raise unreadable(error, self.name) from error

    def _note(self, records: Records) -> None:
        reader = records.reader
        if isinstance(reader, PcapngReader):
            self.names += reader.names
            self.key_log += reader.key_log
            reader.names.clear()
            reader.key_log.clear()


@dataclass
class InputSource(Piped):
    """Our own standard input."""

    silent: ClassVar[str] = "nothing came; pipe a capture into this program (tcpdump -U -w - | ...), or use --pipe"

    def arrivals(self) -> Iterator[Batch]:
        """See `Arriving`."""
        try:
            stream = os.fdopen(os.dup(cast("TextIO", sys.__stdin__).fileno()), "rb", buffering=0)
        except (AttributeError, OSError, ValueError):
            raise CaptureError("is closed; pipe a capture into this program, or use --pipe", file=self.name) from None
        return self.read_from(stream)


@dataclass
class CommandSource(Piped):
    """A command; ``name`` is what a shell is given. It ends with us, whatever happens to us."""

    def arrivals(self) -> Iterator[Batch]:
        """See `Arriving`; afterwards ``ended`` says how the command ended, when not well."""
        process = subprocess.Popen(  # noqa: S602 - the user's own command line, pipes and all
            self.name,
            shell=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - a call into libc, no Python lock is taken
        )
        said = Said(cast("IO[bytes]", process.stderr))
        frames = 0
        try:
            for batch in self.read_from(cast("BinaryIO", process.stdout)):
                frames += len(batch)
                yield batch
                if self.stopping:
                    ended(process)
            self.ended = self._obituary(process, said)
        except CaptureError as error:
            raise CaptureError(self._obituary(process, said) or str(error), file="") from error
        finally:
            ended(process)
        if self.ended and not frames:
            raise CaptureError(self.ended)

    def _obituary(self, process: subprocess.Popen[bytes], said: Said) -> str:
        """How the command ended, ``""`` when well or when it was us."""
        if self.stopping:
            return ""
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)
        code = process.poll()
        if not code:
            return ""
        number = -code if code < 0 else code - 128  # a shell adds 128 to the signal that ended its command
        known = {one.value: one.name for one in signal.Signals}
        how = f"was ended by {known[number]}" if number in known else f"ended with exit code {code}"
        last = said.last()
        return f"the capture command {how}" + (f": {last}" if last else "; it said nothing") + f" ({masked(self.name)})"


class Said:
    """The last lines that a command wrote to its standard error."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._lines: deque[bytes] = deque(maxlen=5)
        self._thread = threading.Thread(target=self._read, args=(stream,), daemon=True, name="stderr")
        self._thread.start()

    def last(self) -> str:
        """The last line, after a moment in which it may still come."""
        self._thread.join(0.5)
        texts = [line.decode("utf-8", "replace").strip() for line in self._lines]
        return next((text[:SHOWN] for text in reversed(texts) if text), "")

    def _read(self, stream: IO[bytes]) -> None:
        with stream:
            while line := stream.readline(PIECE):
                self._lines.append(line[: SHOWN * 4])


def ended(process: subprocess.Popen[bytes]) -> None:
    """End the command and all it started, politely first. What it left behind when it ended itself ends, too."""
    if not _tell(process, signal.SIGTERM):
        process.poll()
        return
    with suppress(subprocess.TimeoutExpired):
        process.wait(GRACE)
    until = time.monotonic() + MOMENT
    while _tell(process, 0) and time.monotonic() < until:
        time.sleep(MOMENT / 20)
    _tell(process, signal.SIGKILL)
    with suppress(subprocess.TimeoutExpired):
        process.wait(GRACE)


def _tell(process: subprocess.Popen[bytes], number: int) -> bool:
    """Send a signal to the command's group; whether there was anybody in it whom we may tell."""
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PARENT_DEATH, signal.SIGTERM)
