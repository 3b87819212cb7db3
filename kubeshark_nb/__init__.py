"""Run Kubeshark traffic scripts over live or recorded captures, inside Jupyter.

    %load_ext kubeshark_nb                 # in a notebook: the magics
    import kubeshark_nb as ks              # anywhere: ks.Session, ks.kfl, the errors

Nothing heavy is imported until it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from kubeshark_nb.errors import (
    CaptureError,
    KFLError,
    KubesharkError,
    NodeError,
    ScriptError,
    StoreError,
    VendorError,
)

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from kubeshark_nb import kfl
    from kubeshark_nb.handles import Run, Script
    from kubeshark_nb.magics import current_session
    from kubeshark_nb.session import Session

__version__ = "0.1.0"
__all__ = [
    "CaptureError",
    "KFLError",
    "KubesharkError",
    "NodeError",
    "Run",
    "Script",
    "ScriptError",
    "Session",
    "StoreError",
    "VendorError",
    "current_session",
    "kfl",
]

LAZY = {
    "Session": "kubeshark_nb.session",
    "Run": "kubeshark_nb.handles",
    "Script": "kubeshark_nb.handles",
    "current_session": "kubeshark_nb.magics",
}


def __getattr__(name: str) -> Any:
    if name == "kfl":
        return import_module("kubeshark_nb.kfl")
    if name in LAZY:
        return getattr(import_module(LAZY[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def load_ipython_extension(shell: InteractiveShell) -> None:
    """``%load_ext kubeshark_nb``: the magics, and our errors as one line instead of a traceback."""
    from kubeshark_nb.magics import register

    register(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """``%unload_ext kubeshark_nb``: ends the session and its nodes."""
    from kubeshark_nb.magics import unregister

    unregister(shell)


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Where JupyterLab finds the built extension during development."""
    return [{"src": "labextension", "dest": "kubeshark-nb"}]
