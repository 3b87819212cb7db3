"""The shop's capture with nothing in it that says who called whom."""

import gzip
import struct
from pathlib import Path

SHOP = Path(__file__).parents[2] / "notebooks" / "captures" / "shop.pcap.gz"
SYN = 2


def without_syns(path: Path, most: int = 400_000) -> Path:
    """Write it to ``path``: packets with SYN are left out, UDP payloads are of no known protocol.

    The capture is little-endian pcap of Ethernet frames with IPv4 and no options.
    """
    content = gzip.decompress(SHOP.read_bytes())[:most]
    kept, at = [content[:24]], 24
    while at + 16 <= len(content):
        size = struct.unpack_from("<I", content, at + 8)[0]
        frame = content[at + 16 : at + 16 + size]
        if len(frame) < size:
            break
        tcp = frame[23] == 6
        if not (tcp and frame[14 + (frame[14] & 15) * 4 + 13] & SYN):
            payload = b"" if tcp else b"\xff" * (size - 42)
            kept.append(content[at : at + 16 + size - len(payload)] + payload)
        at += 16 + size
    path.write_bytes(b"".join(kept))
    return path
