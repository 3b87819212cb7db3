"""What a user may ask of a session: each check gives its value back, or one line that says what is wrong with it."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from itertools import count
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kubeshark_nb.errors import CaptureError, NodeError, ScriptError
from kubeshark_nb.node.spec import CaptureSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Container

LONGEST_NAME = 200  # bytes of a node's name, which is a folder's name, too
HUB = "hub"
MOST_SHARDS = 256


class Takes(NamedTuple):
    """What an option takes: values of ``kind`` that fit, given on as ``made`` makes them; in words for whoever errs."""

    kind: type | tuple[type, ...]
    made: Callable[[Any], object]
    words: str
    fits: Callable[[Any], bool] = lambda _: True

    def value(self, what: str, given: object) -> Any:
        """``given`` as the node gets it. Raises CaptureError, which calls it ``what``."""
        if not isinstance(given, self.kind) or isinstance(given, bool) or not self.fits(given):
            raise CaptureError(f"{what} is {shown(given)}; give {self.words}")
        return self.made(given)


PATH = (str, Path)
NAME = Takes(str, str, "the node's name, a text")
FILE = Takes(PATH, str, "its path; several files are several arguments")
NODES = Takes(Mapping, dict, "names and their files, such as {'a': 'a.pcap', 'b': ['b1.pcap', 'b2.pcap']}")
OPTIONS = {
    "live": Takes(str, str, "the name of a network interface"),
    "pipe": Takes(str, str, "a command that writes pcap, as one text"),
    "hub": Takes(str, str, "the address of a hub, such as ws://127.0.0.1:8898/ws"),
    "bpf": Takes(str, str, "a filter such as 'tcp port 80'"),
    "duration": Takes(Real, float, "more than 0 seconds, or leave it out", lambda given: given > 0),
    "count": Takes(Integral, int, "more than 0 packets, as a whole number, or leave it out", lambda given: given > 0),
    "ring": Takes(Integral, int, "more than 0 MB, as a whole number, or leave it out", lambda given: given > 0),
    "keep": Takes(Integral, int, "the MB that packets may take on disk, 0 to keep none", lambda given: given >= 0),
    "names": Takes(PATH, str, "the path of a file of names"),
    "keylog": Takes(PATH, str, "the path of a TLS key log"),
    "speed": Takes((str, Real), str, "'max', or a factor such as '1x' and '10x'"),
    "shards": Takes(Integral, int, f"1 to {MOST_SHARDS}, or leave it out", lambda given: 0 <= given <= MOST_SHARDS),
    "cache": Takes(Integral, int, "the MB that items may take on disk, 0 to keep none", lambda given: given >= 0),
}


def shown(given: object) -> str:
    """What was given, for a message: other things than texts and numbers by their type, as they may hold a password."""
    return reprlib.repr(given) if isinstance(given, str | Real) else f"of type {type(given).__name__}"


def seconds(limit: object) -> float:
    """``limit`` as a number. Raises ScriptError unless it is one of more than 0."""
    if not isinstance(limit, int | float) or not limit > 0:
        raise ScriptError("limit", None, None, f"{shown(limit)} is no time for a hook; give the seconds it may take")
    return float(limit)


def node_name(name: str, what: str = "node") -> str:
    """``name`` as it is. Raises CaptureError when no folder can have it; a name that is no text it calls ``what``."""
    NAME.value(what, name)
    if not name.isprintable() or "/" in name or name in {"", ".", ".."} or len(name.encode()) > LONGEST_NAME:
        raise CaptureError(f"{name!r} cannot be a node's name: no '/' and no '..', and 1 to {LONGEST_NAME} bytes")
    if name == HUB:
        raise CaptureError(f"{HUB!r} cannot be a node's name: it is what scripts call the hub")
    return name


def address(ip: str) -> str:
    """``ip`` as it is usually written. Raises NodeError when it is no IPv4 or IPv6 address."""
    try:
        return str(ip_address(ip))
    except ValueError:
        raise NodeError(f"ip={ip!r} is no address; give the node's IPv4 or IPv6 address, such as 10.0.0.1") from None


def node_captures(
    files: Sequence[str | Path], node: str | None, nodes: Mapping[str, Any] | None, options: Mapping[str, Any]
) -> dict[str, CaptureSpec]:
    """Which node reads what, by the nodes' names (``""``: the one that is there).

    One argument is one node: a folder, a pattern or a snapshot gives it an ordered chain of files. Several arguments
    are a node each, named after the files, unless ``node`` names the one that reads all of them. ``nodes`` says it
    name by name.

    Raises:
        CaptureError: a name or an option is wrong.
    """
    if nodes is not None:
        if files or node is not None:
            raise CaptureError("nodes= names every node and its files; give no other files, and no node=")
        named = NODES.value("nodes", nodes)
        if not named:
            raise CaptureError("nodes= is empty; name at least one node and its file")
        return {
            node_name(name, "a name in nodes"): capture_spec(chain_of(name, what), options)
            for name, what in named.items()
        }
    if node is not None or len(files) < 2:  # noqa: PLR2004 - one or several
        return {"" if node is None else node_name(node): capture_spec(files, options)}
    chains: dict[str, CaptureSpec] = {}
    for file in files:
        chains[free_name(stem(str(file)), chains)] = capture_spec([file], options)
    return chains


def chain_of(node: str, what: object) -> list[str | Path]:
    """One file or several, as several. Raises CaptureError when they are none."""
    chain = [what] if isinstance(what, PATH) else what
    if not isinstance(chain, Sequence) or not all(isinstance(file, PATH) for file in chain):
        raise CaptureError(f"nodes[{node!r}] is {shown(what)}; give a file, or a list of files")
    return list(chain)


def stem(file: str) -> str:
    """What a file calls its node: its name without what follows the first dot."""
    base = file.rstrip("/").rpartition("/")[2].lstrip(".")
    name = "".join(letter for letter in base.partition(".")[0] if letter.isprintable())
    return name.encode()[: LONGEST_NAME - 10].decode(errors="ignore") or "node"


def free_name(name: str, taken: Container[str]) -> str:
    """``name``, with a number when it is taken (``hub`` is: that is what the hub is called)."""
    if name not in taken and name != HUB:
        return name
    return next(f"{name}-{number}" for number in count(2) if f"{name}-{number}" not in taken)


def capture_spec(files: Sequence[str | Path], options: Mapping[str, Any]) -> CaptureSpec:
    """What `Session.capture` was told; an option that is ``None`` was not given. Raises CaptureError."""
    for name in options:
        if name not in OPTIONS:
            raise CaptureError(f"{name!r} is no option of a capture; there are node, nodes, {', '.join(OPTIONS)}")
    names = tuple(FILE.value("a capture file", file) for file in files)
    if any(not name or "\0" in name for name in names):
        raise CaptureError("a file's name cannot be empty, or hold a NUL")
    given = {name: OPTIONS[name].value(name, value) for name, value in options.items() if value is not None}
    return CaptureSpec(files=names, **given)
