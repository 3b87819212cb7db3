"""A canary in every place where secrets travel: with redaction on, no way out may carry it."""

from __future__ import annotations

import base64

import orjson
import pytest

from kubeshark_nb.errors import StoreError
from kubeshark_nb.store.items import Doors
from kubeshark_nb.store.redaction import Redaction
from kubeshark_nb.store.secrets import scrubbed
from tests.store.factory import SECRET, START, document, envelope, http


def with_secrets():
    """Items full of canaries."""
    full = document(0, "000000000001.pcap")
    full["request"]["headers"] |= {"X_API_Key": SECRET, "Referer": f"http://u:{SECRET}@h/?a=1&access_token={SECRET}"}
    full["request"]["postData"] = {
        "mimeType": "application/x-www-form-urlencoded",
        "text": "",
        "params": [{"name": "password", "value": SECRET}, {"name": "user", "value": "ann"}],
    }
    full["response"] |= {"cookies": {"sid": SECRET}, "redirectURL": f"/next?code={SECRET}"}
    full["response"]["headers"] |= {"Set-Cookie": f"sid={SECRET}", "Location": f"/next?code={SECRET}"}
    full["request"]["path"] = f"/items;token={SECRET}"
    listed = document(1, "000000000001.pcap")
    listed["request"]["headers"] = [{"name": "Authorization", "value": SECRET}, {"name": "Host", "value": "h"}]
    login = document(2, "000000000002.pcap")
    login["protocol"] |= {"abbr": "REDIS", "name": "redis"}
    login |= {
        "request": {"type": "Array", "command": "AUTH", "key": SECRET, "value": SECRET},
        "response": {"value": "OK"},
    }
    amqp = document(3, "000000000003.pcap")
    amqp["protocol"] |= {"abbr": "AMQP", "name": "amqp"}
    amqp |= {
        "request": {"method": "connection start"},
        "response": {"mechanism": "PLAIN", "response": f"\0u\0{SECRET}"},
    }
    items = [envelope(whole, START + at) for at, whole in enumerate([full, listed, login, amqp])]
    return [items[0], items[1], items[2]._replace(method="AUTH", path=SECRET), items[3]]


WAYS_OUT = {
    "item": lambda items, _path: orjson.dumps(items[0]),
    "documents": lambda items, _path: b"".join(items.documents()),
    "iteration": lambda items, _path: orjson.dumps(list(items)),
    "slice": lambda items, _path: orjson.dumps(list(items[0:9:1])),
    "query": lambda items, _path: orjson.dumps(list(items.query(""))),
    "page": lambda items, _path: orjson.dumps(items.page(0, 9)),
    "pandas": lambda items, _path: items.to_pandas().to_csv().encode(),
    "pandas nested": lambda items, _path: items.to_pandas(columns=["request.headers", "json"]).to_csv().encode(),
    "arrow": lambda items, _path: str(items.to_arrow().to_pylist()).encode(),
    "parquet": lambda items, path: items.to_parquet(path) and str(read_parquet(path)).encode(),
    "csv": lambda items, path: items.to_csv(path) and path.read_bytes(),
    "jsonl": lambda items, path: items.to_jsonl(path) and path.read_bytes(),
    "har": lambda items, path: items.to_har(path) and path.read_bytes(),
    "sql": lambda items, _path: items.sql("select * from items").to_csv().encode(),
    "picture": lambda items, _path: str(items._repr_mimebundle_()).encode(),
    "accessor": lambda items, _path: items.to_pandas().kubeshark.match("").to_csv().encode(),
}


def read_parquet(path):
    import pyarrow.parquet as pq

    return pq.read_table(path).to_pylist()


@pytest.mark.parametrize("way", WAYS_OUT)
def test_no_way_out_carries_a_secret_once_redaction_is_on(stored, tmp_path, way):
    items = stored(with_secrets())
    out = WAYS_OUT[way](items.redacted(), tmp_path / "out")
    assert SECRET.encode() not in out
    assert b"orders.shop" in out  # what is no secret is still there


@pytest.mark.parametrize("way", sorted(set(WAYS_OUT) - {"accessor"}))
def test_the_canary_is_there_without_redaction(stored, tmp_path, way):
    assert SECRET.encode() in WAYS_OUT[way](stored(with_secrets()), tmp_path / "out")


def test_packets_are_refused_rather_than_leaked(stored, tmp_path):
    items = stored([http(0)], doors=Doors(packets_of=lambda _stream, _node: (1, [(0, 1, b"x")])))
    with pytest.raises(StoreError, match="cannot be redacted"):
        items.redacted().to_pcap(tmp_path / "x.pcap")
    assert list(tmp_path.glob("*.pcap")) == []


@pytest.mark.parametrize(
    ("path", "column"),
    [("src.ip", "src_ip"), ("src", "src_name"), ("..name", "dst_name"), ("dst.*", "dst_port"), ("request", "path"),
     ("request.path", "path"), ("request.method", "method"), ("response.status", "status")],
)  # fmt: skip
def test_a_path_hides_the_column_that_shows_the_same(stored, path, column):
    items = stored([http(3, status=404)])
    before = items.page(0, 1)[0][column]
    hidden = items.redacted(Redaction(paths=(path,))).page(0, 1)[0][column]
    assert hidden in ("[REDACTED]", 0)
    assert hidden != before


def test_paths_reach_into_bodies_and_bodies_can_be_hidden_whole(stored):
    body = base64.b64encode(orjson.dumps({"user": "ann", "password": SECRET})).decode()
    whole = document(0, "000000000001.pcap")
    whole["response"]["content"]["text"] = body
    items = stored([envelope(whole, START)])
    by_path = items.redacted(Redaction(paths=("response.content.text.json()..password",)))
    inner = orjson.loads(base64.b64decode(by_path[0]["response"]["content"]["text"]))
    assert inner == {"user": "ann", "password": "[REDACTED]"}
    assert items.redacted(Redaction(bodies=True))[0]["response"]["content"]["text"] == "[REDACTED]"


def test_a_path_that_cannot_be_read_is_refused():
    with pytest.raises(ValueError, match="cannot read the path"):
        Redaction(paths=("a[",))


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("/a?token=1&b=2", "/a?token=[REDACTED]&b=2"),
        ("/a?b=2&API_Key=x#f", "/a?b=2&API_Key=[REDACTED]#f"),
        ("/a?tokens=1&mytoken=2", "/a?tokens=1&mytoken=2"),
        ("http://u:p@h/a", "http://[REDACTED]@h/a"),
        ("/mail/me@home", "/mail/me@home"),
        ("/a;jsessionid=9/b", "/a;jsessionid=[REDACTED]"),
        ("", ""),
        (None, None),
    ],
)
def test_secrets_in_urls(url, safe):
    assert scrubbed(url) == safe
