from __future__ import annotations

from kubeshark_nb.store.overlay import Overlay


def test_what_was_put_last_stands_for_the_row():
    overlay = Overlay()
    overlay.put(7, b"one")
    overlay.put(2**50, b"")
    overlay.put(7, b"another")
    assert (overlay.get(7), overlay.get(2**50), overlay.get(8)) == (b"another", b"", None)
    assert overlay.rows() == {7, 2**50}


def test_an_overlay_above_another_leaves_it_as_it_is():
    base = Overlay()
    base.put(1, b"base")
    base.put(2, b"base")
    above = Overlay(base)
    above.put(2, b"above")
    assert [above.get(row) for row in (1, 2, 3)] == [b"base", b"above", None]
    assert (base.get(2), len(above), 1 in above, 3 in above) == (b"base", 2, True, False)
    assert list(above.over([1, 2, 3], [memoryview(b"x")] * 3)) == [b"base", b"above", b"x"]
