"""``utils.*`` and ``hub.*``: who the node is, YAML, and messages to the hub."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from kubeshark_nb.helpers.namespace import HelperError

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubeshark_nb.helpers.namespace import Exports

HUB = "hub"


class Utils:
    """The namespace ``utils``. ``name`` of the node is ``"hub"`` on the hub."""

    name = "utils"
    javascript = ""

    def __init__(self, node: str) -> None:
        self._node = node

    def exports(self) -> Exports:
        """See the module."""
        return {"nodeName": ("", lambda: self._node), "json2Yaml": ("s", self.json_to_yaml)}

    def json_to_yaml(self, text: str) -> str:
        """JSON text as YAML: keys sorted, block style. Raises HelperError for bad JSON."""
        import yaml

        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise HelperError(f"utils.json2Yaml: {error}") from None
        return yaml.safe_dump(value, default_flow_style=False, sort_keys=True, allow_unicode=True, width=1 << 30)


class Hub:
    """The namespace ``hub``.

    Args:
        act: takes the action and the object of ``hub.action``.
        targeted: the pods the capture targets, ``{"targets": [...], "excluded": [...]}``.
        block: takes pod and namespace of ``hub.blockPod``; the server's reply.
    """

    name = "hub"
    javascript = ""

    def __init__(
        self,
        act: Callable[[str, Any], None],
        targeted: Callable[[], dict[str, Any]],
        block: Callable[[str, str], str],
    ) -> None:
        self._act = act
        self._targeted = targeted
        self._block = block

    def exports(self) -> Exports:
        """See the module; ``targeted`` gives JSON text, as scripts expect."""
        return {
            "action": ("so", self._act),
            "targeted": ("", lambda: orjson.dumps(self._targeted()).decode()),
            "blockPod": ("ss", self._block),
        }
