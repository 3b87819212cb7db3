"""Names by address, port and time."""

from __future__ import annotations

from kubeshark_nb.items.names import NOBODY, Name, NameTable

S = 10**9
OLD, NEW = Name("old.shop", "shop"), Name("new.shop", "shop")


def test_an_address_has_the_name_of_its_time():
    names = NameTable()
    names.add("10.0.0.1", NEW, 100 * S)
    names.add("10.0.0.1", OLD, 50 * S)
    assert [names.lookup("10.0.0.1", 80, second * S) for second in (49, 50, 99, 100)] == [NOBODY, OLD, OLD, NEW]
    assert names.known("10.0.0.1", 80, 99 * S) == (OLD, 100 * S)


def test_a_port_is_more_exact_than_an_address():
    names = NameTable()
    names.add("10.0.0.1", OLD)
    names.add("10.0.0.1:80", NEW)
    names.add("[fd00::1]:80", NEW)
    assert names.lookup("10.0.0.1", 80, 0) == NEW
    assert names.lookup("10.0.0.1", 81, 0) == OLD
    assert names.lookup("fd00::1", 80, 0) == NEW


def test_given_names_win_over_learned_ones_and_the_first_learned_stays():
    names = NameTable()
    names.learn("10.0.0.1", Name("a.example"), 5)
    names.learn("10.0.0.1", Name("b.example"), 6)
    assert names.lookup("10.0.0.1", 0, 4) == NOBODY
    assert names.known("10.0.0.1", 0, 9) == (Name("a.example"), 5)
    names.add("10.0.0.1", OLD)
    assert names.lookup("10.0.0.1", 0, 9) == OLD


def test_whoever_remembers_a_name_hears_of_changes():
    names = NameTable()
    names.lookup("10.0.0.1", 0, 0)
    before = names.version
    names.learn("10.0.0.2", OLD, 1)  # nobody asked for it
    assert names.version == before
    names.learn("10.0.0.1", OLD, 1)
    assert names.version > before


def test_the_history_is_kubesharks():
    names = NameTable()
    names.add("10.0.0.1", OLD)
    names.add("10.0.0.1", NEW, 200 * S)
    names.add("10.0.0.2:80", OLD, 200 * S)
    assert names.history(began_ns=100 * S) == {
        "100": {"10.0.0.1": {"FullAddress": "old.shop", "Namespace": "shop"}},
        "200": {
            "10.0.0.1": {"FullAddress": "new.shop", "Namespace": "shop"},
            "10.0.0.2:80": {"FullAddress": "old.shop", "Namespace": "shop"},
        },
    }
    assert names.history(100 * S, until_ns=150 * S) == {
        "100": {"10.0.0.1": {"FullAddress": "old.shop", "Namespace": "shop"}},
    }
    assert NameTable().history() == {}
