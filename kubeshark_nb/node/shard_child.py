"""The process of one shard: dissect, hand over window by window, never more than a few ahead.

Run as ``python -m kubeshark_nb.node.shard_child <socket fd> <lifeline fd>``.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
from contextlib import suppress
from multiprocessing.connection import Connection
from socket import socket
from typing import TYPE_CHECKING

from kubeshark_nb.capture import open_source
from kubeshark_nb.dissectors.keylog import KeyLog
from kubeshark_nb.errors import KubesharkError
from kubeshark_nb.items.name_files import read_names
from kubeshark_nb.items.names import NameTable
from kubeshark_nb.model import Stats
from kubeshark_nb.node.dissection import Dissection
from kubeshark_nb.node.lanes import Share
from kubeshark_nb.node.lifeline import die_with
from kubeshark_nb.node.parcel import Packer, Parcel, send

if TYPE_CHECKING:
    from kubeshark_nb.node.spec import ShardSpec

AHEAD = 2  # windows that wait for the node while the next is being made


class Hatch:
    """A thread that hands parcels over, so that dissecting goes on meanwhile; `put` waits when `AHEAD` are waiting."""

    def __init__(self, pipe: socket) -> None:
        self._pipe = pipe
        self._waiting: queue.Queue[tuple[Parcel, list[bytes]]] = queue.Queue(AHEAD)
        self._thread = threading.Thread(target=self._run, daemon=True, name="hatch")
        self._thread.start()

    def put(self, parcel: Parcel, documents: list[bytes]) -> None:
        """Hand a parcel over, soon."""
        self._waiting.put((parcel, documents))

    def finish(self, error: str = "") -> None:
        """Hand over what waits, and say that this was all."""
        self.put(Parcel(last=True, error=error), [])
        self._thread.join()

    def _run(self) -> None:
        with suppress(OSError):  # the node has gone; its lifeline ends this process
            while True:
                parcel, documents = self._waiting.get()
                send(self._pipe, parcel, documents)
                if parcel.last:
                    return


def dissect(spec: ShardSpec, hatch: Hatch) -> None:
    """Hand over every window of a share. Raises CaptureError."""
    capture = spec.capture
    names = NameTable()
    for file in spec.all_names:
        read_names(file, names)
    reading = Dissection(
        open_source(spec.files),
        spec.node,
        names,
        Stats(),
        keys=KeyLog(capture.keylog or None),
        share=Share(spec.part, capture.shards),
    )
    packer = Packer(reading, packets=spec.part == 0)
    for window in reading.windows():
        hatch.put(*packer.packed(window))


def main(connection: int, lifeline: int) -> None:
    """Dissect what the node asks for."""
    die_with(lifeline)
    node = Connection(connection)
    spec: ShardSpec = node.recv()
    hatch = Hatch(socket(fileno=os.dup(node.fileno())))
    try:
        dissect(spec, hatch)
    except KubesharkError as error:
        hatch.finish(str(error))
    else:
        hatch.finish()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
