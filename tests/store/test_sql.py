from __future__ import annotations

import pytest

from kubeshark_nb.errors import StoreError
from tests.store.factory import many


def test_sql_over_all_items(stored):
    frame = stored(many(3000)).sql("select status, count(*) as n, max(time) as last from items group by 1 order by 1")
    assert frame[["status", "n"]].to_numpy().tolist() == [[200, 2700], [500, 300]]
    assert str(frame["last"].iloc[0]).startswith("2023-11-14 22:13:22.999")


def test_sql_reaches_into_the_document(stored):
    frame = stored(many(5)).sql(
        "select json->>'$.request.headers.Host' as host, \"index\" from items order by position desc"
    )
    assert frame["host"].tolist() == ["orders.shop"] * 5
    assert frame["index"].tolist() == [4, 3, 2, 1, 0]


def test_sql_sees_only_the_view_and_its_order(stored):
    view = stored(many(100)).query("response.status == 500")[::-1]
    assert view.sql('select "index" from items order by position')["index"].tolist() == list(range(90, -1, -10))


def test_a_self_join_reads_the_rows_twice(stored):
    frame = stored(many(20)).sql('select count(*) as n from items a join items b on a."index" = b."index" + 1')
    assert frame["n"].tolist() == [19]


def test_sql_sees_replaced_documents(stored):
    found = stored(many(3)).query('redact("request.path")')
    frame = found.sql("select position, path, json->>'$.request.path' as inner_path from items")
    assert set(frame["path"]) == set(frame["inner_path"]) == {"[REDACTED]"}
    assert sorted(frame["position"]) == [0, 1, 2]


def test_a_bad_statement_is_one_store_error(stored):
    with pytest.raises(StoreError, match="sql: "):
        stored(many(1)).sql("selec 1")


@pytest.mark.parametrize("redact", [False, True])
@pytest.mark.parametrize("statement", ["copy items to '{path}'", "install httpfs", "select * from '/etc/passwd'"])
def test_a_statement_reaches_nothing_but_the_items(stored, tmp_path, statement, redact):
    items = stored(many(3)).redacted() if redact else stored(many(3))
    with pytest.raises(StoreError, match=r"sql: (Permission|Catalog|HTTP|IO|Invalid)"):
        items.sql(statement.format(path=tmp_path / "out.csv"))
    assert not (tmp_path / "out.csv").exists()
