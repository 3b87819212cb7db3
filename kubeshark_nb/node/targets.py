"""What ``hub.targeted()`` tells: the pods that name files know, as Kubernetes would write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kubeshark_nb.items.names import NameTable


def targets(names: NameTable, node: str) -> dict[str, Any]:
    """``{"targets": [pod, ...], "excluded": []}``; there is no cluster to ask, so nothing is known to be excluded."""
    pods = {(name.namespace, name.pod): address for address, name in names.given() if name.pod}
    return {
        "targets": [
            {
                "metadata": {"name": pod, "namespace": namespace},
                "spec": {"nodeName": node},
                "status": {"podIP": address},
            }
            for (namespace, pod), address in sorted(pods.items())
        ],
        "excluded": [],
    }
