"""The proxies of the environment (``HTTPS_PROXY``, ``NO_PROXY``), for libraries that do not look there themselves."""

from __future__ import annotations

from urllib.parse import urlsplit


def proxy_for(url: str) -> str | None:
    """The URL of the proxy that requests to ``url`` go through, ``None`` when they go straight."""
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(url)
    if proxy_bypass(parts.hostname or ""):
        return None
    return getproxies().get(parts.scheme)
