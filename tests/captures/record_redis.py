"""redis-server with redis-cli: RESP2 and RESP3, a transaction, errors, a pipeline, a channel."""

from __future__ import annotations

import socket
import subprocess
import tempfile
import time
from pathlib import Path

from tests.captures.recording import recorded, running

PORT = 6399
WORDS = """SET user:1 ann EX 100
GET user:1
GET nobody
INCR visits
LPUSH queue a b c
LRANGE queue 0 -1
HSET cart:7 item 3 colour grün
HGETALL cart:7
LPUSH user:1 oops
FLY home
MULTI
INCR visits
GET user:1
EXEC
"""


def say(text: str) -> None:
    """Commands, one a line, each sent when the one before was answered."""
    with socket.create_connection(("127.0.0.1", PORT)) as client:
        for line in text.splitlines():
            words = [word.encode() for word in line.split()]
            client.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in words))
            client.recv(1 << 16)


def pipeline() -> None:
    """Twenty commands in one write, then a large value."""
    with socket.create_connection(("127.0.0.1", PORT)) as client:
        client.sendall(b"".join(b"*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n" for _ in range(20)) + b"PING\r\n")
        time.sleep(0.2)
        client.sendall(b"*3\r\n$3\r\nSET\r\n$3\r\nbig\r\n$20000\r\n" + b"x" * 20_000 + b"\r\n")
        time.sleep(0.2)


def channel(*options: str) -> None:
    """Somebody listens, somebody speaks."""
    listener = subprocess.Popen(
        ["redis-cli", "-p", str(PORT), *options, "SUBSCRIBE", "news", "sport"], stdout=subprocess.DEVNULL
    )
    time.sleep(0.3)
    say("PUBLISH news hello\nPUBLISH sport 2:1\nPUBLISH nothing -\n")
    time.sleep(0.2)
    listener.terminate()
    listener.wait()


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        running("redis-server", "--port", str(PORT), "--save", "", port=PORT, cwd=Path(folder)),
        recorded("redis", PORT),
    ):
        say(WORDS)
        say("HELLO 3\n" + WORDS + "ZADD scores 1.5 a 2 b\nZSCORE scores a\nSMEMBERS nobody\n")
        pipeline()
        channel()
        channel("-3")


if __name__ == "__main__":
    main()
