"""Nodes on a dask cluster: each is one task that runs the same node code in a child process of its worker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubeshark_nb.errors import NodeError

if TYPE_CHECKING:
    from kubeshark_nb.cluster.link import Cluster


def connected(where: Any, store: str) -> Cluster | None:
    """The cluster behind a client or an address, ``None`` for none. Raises NodeError: nobody answers there."""
    if where is None:
        return None
    try:
        from kubeshark_nb.cluster.link import Cluster

        return Cluster(where, store)
    except ImportError:
        raise NodeError("a cluster needs dask: pip install 'kubeshark-nb[cluster]'") from None
