"""``kubeshark.yaml``: which file counts, and what of it scripts need.

One file is read: the one that is named, else ``./kubeshark.yaml``, else ``~/.kubeshark/config.yaml``; missing keys take
defaults. ``scripting.consts`` is the old name of ``scripting.env``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kubeshark_nb.errors import KubesharkError, ScriptError
from kubeshark_nb.named import user_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LOCAL = Path("kubeshark.yaml")
HOME = Path(".kubeshark") / "config.yaml"


class ConfigError(KubesharkError):
    """The configuration cannot be read; the message names the file and never shows a value of it."""


@dataclass(frozen=True, slots=True)
class Config:
    """What ``scripting`` says. ``file`` is where it was read, ``None`` for the defaults alone.

    ``sources`` are folders of scripts, ``active`` the titles of those that count (all when empty), ``warnings`` what
    the user should hear (a folder that is missing).
    """

    env: Mapping[str, Any] = field(default_factory=dict, repr=False)
    sources: tuple[Path, ...] = ()
    active: tuple[str, ...] = ()
    watch: bool = True
    console: bool = True
    file: Path | None = None
    warnings: tuple[str, ...] = ()

    def scripts(self) -> list[Path]:
        """The active ``*.js`` directly inside the sources, by name, folder after folder. Raises ScriptError."""
        found = [path for folder in self.sources for path in scripts_in(folder)]
        if not self.active:
            return found
        from kubeshark_nb.runtime import syntax

        return [path for path in found if syntax.read(script_text(path)).title in self.active]


def scripts_in(folder: Path) -> list[Path]:
    """Every ``*.js`` directly inside ``folder``, by name. Raises ConfigError when there is no such folder."""
    if not folder.is_dir():
        raise ConfigError(f"{folder}: there is no such folder of scripts")
    return [path for path in sorted(folder.glob("*.js")) if path.is_file()]


def script_text(path: Path) -> str:
    """The JavaScript in a file. Raises ScriptError."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise ScriptError(str(path), None, None, f"cannot be read ({reason})") from None


def find(named: str | Path | None = None, *, here: Path | None = None, home: Path | None = None) -> Path | None:
    """The one file that counts, ``None`` when there is none. Raises ConfigError when the named one is missing."""
    if named is not None:
        path = user_path(named)
        if not path.is_file():
            raise ConfigError(f"{named}: there is no such configuration file")
        return path
    candidates = ((here or Path.cwd()) / LOCAL, (home or Path.home()) / HOME)
    return next((path for path in candidates if path.is_file()), None)


def read(path: Path | None, overrides: Iterable[str] = ()) -> Config:
    """The configuration in ``path`` (`None`: defaults), changed by ``overrides`` such as ``scripting.env.TOKEN=x``.

    Raises:
        ConfigError: it is no YAML, or something in it has the wrong type.
    """
    document = _document(path) if path else {}
    for override in overrides:
        _set(document, override)
    scripting = _mapping(document.get("scripting"), "scripting", path)
    env = _mapping(scripting.get("consts"), "scripting.consts", path) | _mapping(
        scripting.get("env"), "scripting.env", path
    )
    base = path.parent if path else Path.cwd()
    folders = [str(folder) for folder in (scripting.get("source"), *(scripting.get("sources") or [])) if folder]
    found = [base / user_path(folder) for folder in folders]
    return Config(
        env=env,
        sources=tuple(folder for folder in found if folder.is_dir()),
        active=tuple(str(title) for title in scripting.get("active") or []),
        watch=bool(scripting.get("watchScripts", True)),
        console=bool(scripting.get("console", True)),
        file=path,
        warnings=tuple(f"{folder}: there is no such folder of scripts" for folder in found if not folder.is_dir()),
    )


def _document(path: Path) -> dict[str, Any]:
    import yaml

    try:
        document = yaml.safe_load(path.read_bytes())
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {type(error).__name__}: it cannot be read") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise ConfigError(
            f"{path}{place}: this is not YAML ({getattr(error, 'problem', None) or 'bad syntax'})"
        ) from None
    return _mapping(document, "the file", path)


def _set(document: dict[str, Any], override: str) -> None:
    """One ``--set a.b=c``; the value is read as a YAML scalar."""
    import yaml

    name, equals, text = override.partition("=")
    *parents, last = name.split(".")
    if not equals or not last:
        raise ConfigError(f"--set {name}: write key=value")
    place = document
    for part in parents:
        inside = place.get(part)
        if not isinstance(inside, dict):
            inside = place[part] = {}
        place = inside
    try:
        place[last] = yaml.safe_load(text)
    except yaml.YAMLError:
        place[last] = text


def _mapping(value: Any, name: str, path: Path | None) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ConfigError(f"{path}: {name} must be a mapping")
    return {str(key): inside for key, inside in value.items()}
