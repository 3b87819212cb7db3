"""The reference lists what the languages know, and nothing else."""

from __future__ import annotations

from kubeshark_nb import kfl
from kubeshark_nb.kfl.helpers import HELPERS
from kubeshark_nb.kfl.reference import HELPERS as DESCRIBED
from kubeshark_nb.kfl.reference import entries


def test_every_helper_is_described():
    assert set(DESCRIBED) == set(HELPERS)


def test_every_entry_is_a_name_its_language_accepts():
    for entry in entries():
        assert entry.doc
        if entry.kind in ("macro", "field"):
            assert kfl.validate(f"{entry.name}", language=entry.language)
        if entry.kind == "variable":
            assert kfl.validate(f"dyn({entry.name}) == 1", language="kfl2"), entry.name


def test_hints():
    assert [hint.text.split(":")[0] for hint in kfl.hints("a and b or\n foo()")] == [
        "and, or have the same rank and group to the right",
        "there is no helper foo()",
    ]
    assert kfl.hints("a and b or\n foo()")[1][:2] == (2, 2)
    assert kfl.hints("a and b") == []
    assert kfl.hints("a && b || c") == []
    assert "macro" in kfl.hints("http()")[1].text
