"""How a child process notices that its parent has gone, however that went."""

from __future__ import annotations

import os
import threading


def die_with(lifeline: int) -> None:
    """End this process when the other end of ``lifeline`` is closed, whatever the main thread is doing."""

    def wait() -> None:
        os.read(lifeline, 1)
        os._exit(1)

    threading.Thread(target=wait, daemon=True, name="lifeline").start()
