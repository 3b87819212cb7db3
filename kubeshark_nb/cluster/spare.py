"""A node process of this worker that waits for the next task: to start one takes a second."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kubeshark_nb.errors import NodeError
from kubeshark_nb.node.process import NodeProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kubeshark_nb.node.report import Report
    from kubeshark_nb.node.spec import NodeSpec

PATIENCE = 60.0  # seconds that it waits: idle, it still takes 100 MB
_lock = threading.Lock()
_waiting: list[tuple[NodeProcess, threading.Timer]] = []


@contextmanager
def hired(spec: NodeSpec, enter: Callable[[Report], None]) -> Iterator[NodeProcess]:
    """A node process for one task. Raises NodeError: none can be started."""
    node = _called(spec, enter) or NodeProcess(spec, enter)
    try:
        yield node
    except BaseException:
        node.close()
        raise
    _wait(node)


def _called(spec: NodeSpec, enter: Callable[[Report], None]) -> NodeProcess | None:
    """The one that waits, as the node of ``spec``."""
    node = _taken()
    if node is None:
        return None
    try:
        node.become(spec, enter, lambda _message: None)
    except NodeError:  # it died meanwhile
        node.close()
        return None
    return node


def _taken(one: NodeProcess | None = None) -> NodeProcess | None:
    """Take out ``one``, or whichever waits; ``None`` when it is not there."""
    with _lock:
        for place, (node, timer) in enumerate(_waiting):
            if one is None or node is one:
                timer.cancel()
                del _waiting[place]
                return node
    return None


def _wait(node: NodeProcess) -> None:
    """One waits, of several the latest."""
    if not node.alive:
        node.close()
        return
    earlier = _taken()
    timer = threading.Timer(PATIENCE, _dismiss, (node,))
    timer.daemon = True
    with _lock:
        _waiting.append((node, timer))
    timer.start()
    if earlier is not None:
        earlier.close()


def _dismiss(node: NodeProcess) -> None:
    if _taken(node) is not None:
        node.close()
