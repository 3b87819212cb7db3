"""Nodes on a dask cluster: each is one task that runs the same node code in a child process of its worker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubeshark_nb.errors import NodeError
from kubeshark_nb.node.process import NodeProcess

if TYPE_CHECKING:
    from kubeshark_nb.cluster.link import Cluster
    from kubeshark_nb.node.spec import NodeSpec, ScriptSpec


def connected(where: Any, store: str) -> Cluster | None:
    """The cluster behind a client or an address, ``None`` for none. Raises NodeError: nobody answers there."""
    if where is None:
        return None
    try:
        from kubeshark_nb.cluster.link import Cluster

        return Cluster(where, store)
    except ImportError:
        raise NodeError("a cluster needs dask: pip install 'kubeshark-nb[cluster]'") from None


def loads(spec: NodeSpec, scripts: list[ScriptSpec]) -> None:
    """Whether all scripts load, found out on this machine before anything is sent. Raises ScriptError."""
    node = NodeProcess(spec, lambda _report: None)
    try:
        for script in scripts:
            node.call("load", script)
    finally:
        node.close()
