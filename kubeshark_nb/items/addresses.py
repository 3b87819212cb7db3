"""Which texts are addresses, as name files and name tables spell them."""

from __future__ import annotations

import re
from ipaddress import ip_address

PLACE = re.compile(r"(?:\[(?P<v6>[^\]]+)\]|(?P<v4>[0-9.]+)):(?P<port>[0-9]{1,5})", re.ASCII)
LAST_PORT = 65535


def is_address(text: str) -> bool:
    """Whether ``text`` is ``ip``, ``ip:port`` or, for IPv6, ``[ip]:port``."""
    if _is_ip(text):
        return True
    found = PLACE.fullmatch(text)
    return found is not None and int(found["port"]) <= LAST_PORT and _is_ip(found["v6"] or found["v4"])


def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
