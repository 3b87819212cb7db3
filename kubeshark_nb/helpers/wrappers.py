"""``wrapper.*``: combinations of other helpers, most of them in JavaScript; ``buildHAR`` is here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from kubeshark_nb.helpers.namespace import script_beside

if TYPE_CHECKING:
    from kubeshark_nb.helpers.namespace import Exports


class Wrappers:
    """The namespace ``wrapper``; comes after the helpers it combines."""

    name = "wrapper"
    javascript = script_beside(__file__)

    def exports(self) -> Exports:
        """See the module."""
        return {"buildHAR": ("o", self.build_har)}

    def build_har(self, items: Any) -> str:
        """HAR 1.2 of the HTTP items among ``items``, as JSON text."""
        from kubeshark_nb.store.har import entry_of

        given = items if isinstance(items, list) else [items]
        entries = [entry_of(item) for item in given if _is_http(item)]
        creator = {"name": "kubeshark_nb", "version": "1.2"}
        return orjson.dumps({"log": {"version": "1.2", "creator": creator, "entries": entries}}).decode()


def _is_http(item: Any) -> bool:
    return isinstance(item, dict) and (item.get("protocol") or {}).get("name") == "http"
