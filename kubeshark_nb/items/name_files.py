"""Name files: JSON, YAML or hosts, a snapshot's resolution history, and what kubectl prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubeshark_nb.errors import CaptureError
from kubeshark_nb.items.names import NS, Name
from kubeshark_nb.named import user_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubeshark_nb.items.names import NameTable

Given = tuple[str, Name, int]


def read_names(file: str, table: NameTable) -> None:
    """Add every name in ``file`` to ``table``.

    Read are: a mapping of addresses (``ip`` or ``ip:port``) to names, as JSON or YAML, where a name is
    ``name.namespace`` or a mapping of ``name``, ``namespace``, ``pod`` and ``service``; a hosts file;
    ``name_resolution_history.json``; the output of ``kubectl get pods,services,endpointslices -A -o json``.

    Raises:
        CaptureError: the file is not there, or is none of these.
    """
    try:
        text = user_path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CaptureError(
            f"names cannot be read ({getattr(error, 'strerror', None) or 'not text'})", file=file
        ) from None
    for address, name, since in _found(text, file):
        table.add(address, name, since)


def _found(text: str, file: str) -> Iterator[Given]:
    import yaml

    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError:
        document = None
    if not isinstance(document, dict):
        return _hosts(text, file)
    if document.get("kind") in ("List", "PodList", "ServiceList", "EndpointSliceList"):
        return _kubectl(document)
    if document and all(str(key).isdigit() for key in document):
        return _history(document)
    return _mapping(document, file)


def _mapping(document: dict[Any, Any], file: str) -> Iterator[Given]:
    for address, value in document.items():
        if isinstance(value, str):
            yield str(address), named(value), 0
        elif isinstance(value, dict):
            yield str(address), _spelled(value), 0
        else:
            raise CaptureError(f"the name of {address!r} is neither text nor a mapping", file=file)


def named(text: str) -> Name:
    """``orders.shop`` is service or pod ``orders`` in namespace ``shop``; a plain word has no namespace."""
    head, _, namespace = text.partition(".")
    return Name(text, namespace.split(".")[0], service=head if namespace else "")


def _spelled(value: dict[str, Any]) -> Name:
    name, namespace = str(value.get("name", "")), str(value.get("namespace", ""))
    full = name if not namespace or name.endswith(f".{namespace}") else f"{name}.{namespace}"
    return Name(full, namespace, str(value.get("pod", "")), str(value.get("service", "")))


def _hosts(text: str, file: str) -> Iterator[Given]:
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if len(words) == 1:
            raise CaptureError(f"line {number}: an address and no name (expected a mapping or a hosts file)", file=file)
        if words:
            yield words[0], named(words[1]), 0


def _history(document: dict[Any, Any]) -> Iterator[Given]:
    for second, names in document.items():
        for address, value in names.items():
            yield str(address), Name(value.get("FullAddress", ""), value.get("Namespace", "")), int(second) * NS


def _kubectl(document: dict[str, Any]) -> Iterator[Given]:
    for thing in document.get("items", []):
        read = KINDS.get(thing.get("kind", ""))
        if read:
            meta = thing.get("metadata", {})
            yield from (
                (address, name, 0) for address, name in read(thing, meta.get("name", ""), meta.get("namespace", ""))
            )


def _pod(pod: dict[str, Any], name: str, namespace: str) -> Iterator[tuple[str, Name]]:
    if pod.get("spec", {}).get("hostNetwork"):
        return  # shares the machine's address with everything else there
    for entry in pod.get("status", {}).get("podIPs", []):
        yield entry["ip"], Name(f"{name}.{namespace}", namespace, pod=name)


def _service(service: dict[str, Any], name: str, namespace: str) -> Iterator[tuple[str, Name]]:
    for address in service.get("spec", {}).get("clusterIPs", []):
        if address and address != "None":
            yield address, Name(f"{name}.{namespace}", namespace, service=name)


def _slice(endpoints: dict[str, Any], name: str, namespace: str) -> Iterator[tuple[str, Name]]:
    service = endpoints.get("metadata", {}).get("labels", {}).get("kubernetes.io/service-name", name)
    for endpoint in endpoints.get("endpoints", []):
        pod = (endpoint.get("targetRef") or {}).get("name", "")
        for address in endpoint.get("addresses", []):
            for port in endpoints.get("ports") or []:
                place = f"[{address}]" if ":" in address else address
                yield f"{place}:{port.get('port')}", Name(f"{service}.{namespace}", namespace, pod, service)


KINDS = {"Pod": _pod, "Service": _service, "EndpointSlice": _slice}
