"""Write what is made from the description of the API: ``python -m tests.write_reference``, or ``make reference``.

Makes ``kubeshark_nb/widgets/kfl_api.json`` (the names of the filter languages, for completion and the editor) and the
pages of ``notebooks/reference``.
"""

from __future__ import annotations

import json
from pathlib import Path

from kubeshark_nb.kfl.reference import entries

PROJECT = Path(__file__).parents[1]
NAMES = PROJECT / "kubeshark_nb" / "widgets" / "kfl_api.json"
PAGES = PROJECT / "notebooks" / "reference"


def names() -> str:
    """The text of ``kfl_api.json``: each name once, KFL 1 first."""
    found: dict[str, dict[str, str]] = {}
    for each in entries():
        kind = "function" if each.kind == "helper" else each.kind
        found.setdefault(each.name, {"name": each.name, "kind": kind, "text": each.doc})
    lines = ",\n".join(f"  {json.dumps(each, ensure_ascii=False)}" for each in found.values())
    return f"[\n{lines}\n]\n"


def main() -> None:
    NAMES.write_text(names(), encoding="utf-8")
    from kubeshark_nb.widgets.reference import pages  # reads the names just written

    PAGES.mkdir(exist_ok=True)
    for old in PAGES.glob("*.md"):
        old.unlink()
    for name, text in pages().items():
        (PAGES / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
