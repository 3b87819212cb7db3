"""Name files: JSON, YAML or hosts, a snapshot's resolution history, and what kubectl prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from kubeshark_nb.errors import CaptureError
from kubeshark_nb.items.addresses import is_address
from kubeshark_nb.items.kubectl import KINDS, LISTS, listed
from kubeshark_nb.items.names import NS, Name
from kubeshark_nb.items.unfit import UnfitError
from kubeshark_nb.named import user_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubeshark_nb.items.names import NameTable

    Given = tuple[str, Name, int]

FORMS = "expected addresses with names (JSON, YAML or hosts), or what kubectl get -A -o json prints"
MEMBERS = ("FullAddress", "Namespace")  # of a resolved address
DIGITS = 10  # of a time in seconds: enough until 2286
SPELLED = ("name", "namespace", "pod", "service")


class NameText(NamedTuple):
    """A name file that is no file of its own: what errors call it, and its text."""

    label: str
    text: bytes


def read_names(file: str | NameText, table: NameTable) -> None:
    """Add every name in ``file`` to ``table``.

    Read are: a mapping of addresses (``ip`` or ``ip:port``) to names, as JSON or YAML, where a name is
    ``name.namespace`` or a mapping of ``name``, ``namespace``, ``pod`` and ``service``; a hosts file;
    ``name_resolution_history.json``; the output of ``kubectl get pods,services,endpointslices -A -o json``.

    Raises:
        CaptureError: the file is not there, or is none of these; it names the entry that does not fit.
    """
    given = file if isinstance(file, NameText) else NameText(file, _content(file))
    try:
        for address, name, since in _found(given.text.decode("utf-8-sig")):
            table.add(address, name, since)
    except UnicodeDecodeError:
        raise CaptureError("names cannot be read (not text)", file=given.label) from None
    except UnfitError as error:
        raise CaptureError(f"{error}; {FORMS}", file=given.label) from None


def _content(file: str) -> bytes:
    try:
        return user_path(file).read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise CaptureError(f"names cannot be read ({getattr(error, 'strerror', None) or error})", file=file) from None


def _found(text: str) -> Iterator[Given]:
    document = _parsed(text)
    if isinstance(document, list):
        raise UnfitError("a list, and no mapping of addresses")
    if not isinstance(document, dict):
        return _hosts(text)
    if document.get("kind") in (*LISTS, *KINDS):
        return ((_checked(address), name, 0) for address, name in listed(document))
    if document and all(str(key).isdecimal() for key in document):
        return _history(document)
    return _mapping(document)


def _parsed(text: str) -> Any:
    """The document, ``None`` when the text is neither JSON nor YAML (a hosts file is not)."""
    import yaml

    try:
        return orjson.loads(text)  # what kubectl prints may have megabytes, for which YAML takes minutes
    except ValueError:
        pass
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return None
    except RecursionError:
        raise UnfitError("nested too deeply") from None
    except Exception as error:  # noqa: BLE001 - its readers of dates and numbers let through what Python raises
        raise UnfitError(f"not YAML ({error}); a name that looks like a date or a number needs quotes") from None


def _mapping(document: dict[Any, Any]) -> Iterator[Given]:
    for key, value in document.items():
        yield _checked(str(key)), _name(f"the name of {key!r}", value), 0


def _checked(address: str) -> str:
    if not is_address(address):
        raise UnfitError(f"{address!r} is no address (ip, ip:port or [ip]:port)")
    return address


def _name(place: str, value: Any) -> Name:
    if isinstance(value, str) and value.strip():
        return named(value)
    if not isinstance(value, dict):
        raise UnfitError(f"{place} is neither text nor a mapping")
    return _spelled(place, value)


def named(text: str) -> Name:
    """``orders.shop`` is service or pod ``orders`` in namespace ``shop``; a plain word has no namespace."""
    head, _, namespace = text.partition(".")
    return Name(text, namespace.split(".")[0], service=head if namespace else "")


def _spelled(place: str, value: dict[Any, Any]) -> Name:
    texts = {key: value.get(key) or "" for key in SPELLED}
    if wrong := next((key for key, text in texts.items() if not isinstance(text, str)), None):
        raise UnfitError(f"{place}: its {wrong!r} is no text")
    name, namespace = texts["name"] or texts["service"] or texts["pod"], texts["namespace"]
    if not name:
        raise UnfitError(f"{place} has none of {', '.join(SPELLED)}")
    full = name if not namespace or name.endswith(f".{namespace}") else f"{name}.{namespace}"
    return Name(full, namespace, texts["pod"], texts["service"])


def _hosts(text: str) -> Iterator[Given]:
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        if not is_address(words[0]):
            raise UnfitError(f"line {number}: {words[0][:40]!r} is no address")
        if len(words) == 1:
            raise UnfitError(f"line {number}: an address and no name")
        yield words[0], named(words[1]), 0


def _history(document: dict[Any, Any]) -> Iterator[Given]:
    found = False
    for second, names in document.items():
        if len(str(second)) > DIGITS:
            raise UnfitError(f"entry {str(second)[:40]!r} is no time in seconds")
        if not isinstance(names, dict):
            raise UnfitError(f"entry {second!r} holds no addresses with names")
        for address, value in names.items():
            # Kubeshark's own table has names beside addresses, each leading to itself: they name nothing here.
            if is_address(str(address)):
                found = True
                yield str(address), _resolved(f"entry {second!r}: {address!r}", value), int(second) * NS
    if not found and any(document.values()):
        raise UnfitError("times with names, and not one address")


def _resolved(place: str, value: Any) -> Name:
    full, namespace = (value.get(key) or "" for key in MEMBERS) if isinstance(value, dict) else (None, None)
    if not (isinstance(full, str) and isinstance(namespace, str)):
        raise UnfitError(f"{place} has no {' and '.join(MEMBERS)} that are texts")
    return Name(full, namespace)
