"""``console.log``, ``console.error`` and ``console.clear``: text of each argument, joined by blanks.

They live in the interpreter: lines travel to Python in bundles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubeshark_nb.helpers.namespace import script_beside

if TYPE_CHECKING:
    from kubeshark_nb.helpers.namespace import Exports


class Console:
    """The namespace ``console``."""

    name = "console"
    javascript = script_beside(__file__)

    def exports(self) -> Exports:
        """Nothing is done in Python."""
        return {}
