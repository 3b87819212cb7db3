"""Queries that run where the items lie: the workers search, and only the pages that are looked at come back."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import orjson

from kubeshark_nb.cluster.parquet import bring
from kubeshark_nb.cluster.places import place, swept
from kubeshark_nb.store.folder import folder_of
from kubeshark_nb.store.items import Items, open_items

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from distributed import Client

    Match = tuple[int, str, int]  # ready_ns, node, row

PAGE = 500  # items that come back together
Manifest = dict[str, Any]


def here(manifest: Manifest) -> Items:
    """The items of a node on this worker, fetched the first time."""
    run = place("items") / manifest["run"]
    if not run.is_dir():
        swept(run.parent)
    folder = run / folder_of(Path(), manifest["node"]).name  # a store of its own: documents may name other nodes
    bring(manifest, folder)
    os.utime(run)
    return open_items(folder)


def matches(manifest: Manifest, kfl: str) -> list[Match]:
    """Where the items of a node are that match, and when they were ready."""
    items = here(manifest)
    found = items.query(kfl) if kfl else items
    times = found.to_arrow(["ready_ns"]).column("ready_ns").to_pylist() if len(found) else []
    rows = found.view().rows.tolist()
    return [(int(time), manifest["node"], row) for time, row in zip(times, rows, strict=True)]


def documents(manifest: Manifest, rows: Sequence[int]) -> list[bytes]:
    """The documents in some rows."""
    import numpy as np

    view = here(manifest).view()
    return [bytes(document) for document in view.state.documents(np.array(rows, np.int64))]


class Found:
    """What a query found on the cluster, by (ready_ns, node, row): ``len(found)``, ``found[3]``, ``found[10:20]``."""

    def __init__(self, client: Client, manifests: dict[str, Manifest], kfl: str) -> None:
        self._client = client
        self._manifests = manifests
        asked = [client.submit(matches, manifest, kfl, pure=False) for manifest in manifests.values()]
        parts: list[list[Match]] = client.gather(asked)
        self._matches = sorted(match for part in parts for match in part)

    def __len__(self) -> int:
        return len(self._matches)

    @overload
    def __getitem__(self, which: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, which: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, which: int | slice) -> Any:
        if isinstance(which, int):
            return orjson.loads(self._page([self._matches[which]])[0])
        return [orjson.loads(document) for document in self._page(self._matches[which])]

    def __iter__(self) -> Iterator[dict[str, Any]]:
        yield from map(orjson.loads, self.documents())

    def documents(self) -> Iterator[bytes]:
        """The JSON of what was found, page by page."""
        for start in range(0, len(self), PAGE):
            yield from self._page(self._matches[start : start + PAGE])

    def _page(self, wanted: list[Match]) -> list[bytes]:
        rows: dict[str, list[int]] = {}
        for _, node, row in wanted:
            rows.setdefault(node, []).append(row)
        asked = {
            node: self._client.submit(documents, self._manifests[node], some, pure=False) for node, some in rows.items()
        }
        came = {node: iter(self._client.gather(future)) for node, future in asked.items()}
        return [next(came[node]) for _, node, _ in wanted]
