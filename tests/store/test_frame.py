from __future__ import annotations

import pytest

from kubeshark_nb.errors import StoreError
from tests.store.factory import many


def test_the_dtypes_are_what_one_works_with(stored):
    frame = stored(many(30)).to_pandas()
    kinds = {name: str(kind) for name, kind in frame.dtypes.items()}
    assert kinds["time"] == kinds["ready"] == "datetime64[ns, UTC]"
    assert {kinds[name] for name in ("node", "protocol", "method", "src_name", "dst_ip", "error")} == {"category"}
    assert {kinds[name] for name in ("status", "elapsed_us", "request_size", "src_port")} == {"int64"}
    assert {kinds[name] for name in ("tls", "passed", "failed")} == {"bool"}
    assert frame["time"].iloc[3].isoformat() == "2023-11-14T22:13:20.003000+00:00"
    assert frame["status"].value_counts().to_dict() == {200: 27, 500: 3}


def test_columns_may_be_values_of_the_document(stored):
    names = [
        "index",
        "request.headers.Host",
        'request.headers["X-Trace"]',
        "request.pathSegments[1]",
        "no.such",
        "request",
    ]
    frame = stored(many(3)).to_pandas(columns=names)
    assert list(frame.columns) == names
    assert frame["request.headers.Host"].tolist() == ["orders.shop"] * 3
    assert frame["request.pathSegments[1]"].tolist() == ["0", "1", "2"]
    assert frame["no.such"].isna().all()
    assert frame["request"].str.startswith('{"method":"GET"').all()


def test_values_of_several_types_become_text(stored):
    items = many(3)
    mixed = [
        items[0],
        items[1]._replace(json=items[1].json.replace(b'"requestSize":90', b'"requestSize":"big"')),
        items[2],
    ]
    assert stored(mixed).to_pandas(columns=["requestSize"])["requestSize"].tolist() == ["90", "big", "90"]


def test_a_view_keeps_its_order_in_every_table(stored):
    items = stored(many(5000))
    view = items.query("response.status == 500")[::-1]
    assert view.to_pandas()["index"].tolist() == [item["index"] for item in view]
    assert view.to_arrow(["index", "json"])["index"].to_pylist()[:2] == [4990, 4980]


def test_arrow_of_everything_is_not_copied(stored):
    """Fixed-width columns of a single segment are the mapped file itself."""
    items = stored(many(100))
    column = items.to_arrow(["status"])["status"].chunk(0)
    piece = items.view().state.pieces[0].batch.column("status")
    assert column.buffers()[1].address == piece.buffers()[1].address


@pytest.mark.parametrize("name", ["request.*", "..name", "a[", "request.body.json().x"])
def test_what_is_no_column_is_refused(stored, name):
    with pytest.raises(StoreError, match="is no column"):
        stored(many(1)).to_pandas(columns=[name])


@pytest.mark.parametrize("columns", ["time", [5]])
def test_columns_are_a_list_of_names(stored, columns):
    with pytest.raises(StoreError, match="columns is a list of names"):
        stored(many(3)).to_pandas(columns=columns)
