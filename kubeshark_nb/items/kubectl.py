"""Addresses with names in what ``kubectl get -o json`` prints (or ``-o yaml``): pods, services, endpoint slices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubeshark_nb.items.names import Name
from kubeshark_nb.items.unfit import UnfitError

if TYPE_CHECKING:
    from collections.abc import Iterator

    Found = Iterator[tuple[str, Name]]

LISTS = ("List", "PodList", "ServiceList", "EndpointSliceList")


def listed(document: dict[str, Any]) -> Found:
    """The addresses of every thing in a list, or of the one thing that was printed.

    Raises:
        UnfitError: something is not as kubectl prints it.
    """
    things = document.get("items") if document["kind"] in LISTS else [document]
    if not isinstance(things, list):
        raise UnfitError(f"a {document['kind']} with no list of items in it")
    for number, thing in enumerate(things):
        try:
            yield from _read(thing)
        except (AttributeError, TypeError, KeyError):
            raise UnfitError(f"items[{number}] is not as kubectl prints it") from None


def _read(thing: dict[str, Any]) -> Found:
    read = KINDS.get(thing.get("kind", ""))
    if read:
        meta = thing.get("metadata") or {}
        yield from read(thing, meta.get("name") or "", meta.get("namespace") or "")


def _pod(pod: dict[str, Any], name: str, namespace: str) -> Found:
    if _part(pod, "spec").get("hostNetwork"):
        return  # shares the machine's address with everything else there
    for entry in _part(pod, "status").get("podIPs") or []:
        yield str(entry["ip"]), Name(f"{name}.{namespace}", namespace, pod=name)


def _service(service: dict[str, Any], name: str, namespace: str) -> Found:
    for address in _part(service, "spec").get("clusterIPs") or []:
        if address and address != "None":
            yield str(address), Name(f"{name}.{namespace}", namespace, service=name)


def _slice(endpoints: dict[str, Any], name: str, namespace: str) -> Found:
    if endpoints.get("addressType") == "FQDN":
        return  # names, and no addresses
    service = (_part(endpoints, "metadata").get("labels") or {}).get("kubernetes.io/service-name", name)
    for endpoint in endpoints.get("endpoints") or []:
        pod = _part(endpoint, "targetRef").get("name", "")
        for address in endpoint.get("addresses") or []:
            for port in endpoints.get("ports") or []:
                if port.get("port") is not None:  # no port stands for every port
                    place = f"[{address}]" if ":" in address else address
                    yield f"{place}:{port['port']}", Name(f"{service}.{namespace}", namespace, pod, service)


def _part(thing: dict[str, Any], name: str) -> dict[str, Any]:
    """A member that may be missing or, as Go writes what is empty, null."""
    return thing.get(name) or {}


KINDS = {"Pod": _pod, "Service": _service, "EndpointSlice": _slice}
