"""Write a capture file to standard output bit by bit, as a program that captures would: ``pour.py FILE [SECONDS]``.

For trying live captures where none is allowed: ``%kubeshark_capture --pipe "python pour.py shop.pcap.gz"``.
"""

from __future__ import annotations

import gzip
import sys
import time

PIECES = 300


def main() -> None:
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 15.0
    with gzip.open(sys.argv[1]) as file:
        data = file.read()
    size = -(-len(data) // PIECES)
    for start in range(0, len(data), size):
        sys.stdout.buffer.write(data[start : start + size])
        sys.stdout.buffer.flush()
        time.sleep(seconds / PIECES)


if __name__ == "__main__":
    main()
