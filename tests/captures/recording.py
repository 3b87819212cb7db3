"""What the recorders share: capture the loopback while something happens, keep the packets and the items they make.

Each ``record_<name>.py`` beside this file plays a conversation between real programs and leaves ``<name>.pcap.gz`` and,
where it is encrypted, ``<name>.keylog``; ``python -m tests.captures.goldens`` then writes the items they make.
Recorders need root for the capture and the programs they name; the tests need neither.
"""

from __future__ import annotations

import gzip
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parent
PATIENCE_S = 10.0


@contextmanager
def recorded(name: str, *ports: int) -> Iterator[None]:
    """Capture TCP traffic of ``ports`` on the loopback into ``<name>.pcap.gz``."""
    file = FOLDER / f"{name}.pcap"
    expression = " or ".join(f"tcp port {port}" for port in ports)
    command = ["tcpdump", "-i", "lo", "-s", "0", "-U", "--immediate-mode", "-w", str(file), expression]
    capture = subprocess.Popen(command, stderr=subprocess.PIPE)
    assert capture.stderr is not None
    capture.stderr.readline()  # "listening on lo"
    time.sleep(0.5)
    try:
        yield
        time.sleep(0.5)
    finally:
        capture.terminate()
        capture.wait()
    (FOLDER / f"{name}.pcap.gz").write_bytes(gzip.compress(file.read_bytes(), 9, mtime=0))
    file.unlink()


@contextmanager
def running(*command: str, port: int, cwd: Path | None = None) -> Iterator[None]:
    """A server, from when ``port`` answers until the end of the block."""
    server = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield
    finally:
        server.terminate()
        server.wait()


def wait_for(port: int) -> None:
    """Until something listens on ``port``; without connecting to it, which would be captured.

    Raises:
        TimeoutError: nothing does.
    """
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on {port}")


def certificate(folder: str) -> None:
    """A key and a certificate that its owner signed: ``key.pem`` and ``cert.pem`` in ``folder``."""
    files = ("-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem")
    new = ("-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2")
    run("openssl", "req", *new, "-subj", "/CN=shop.test", *files)


def run(*command: str) -> None:
    """A client, to its end."""
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=30)
