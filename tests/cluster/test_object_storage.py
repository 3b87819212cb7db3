"""Captures and items in S3 (moto's server, signatures checked): nothing besides what the package brings is needed."""

import pytest
from distributed import Client, LocalCluster

import kubeshark_nb as ks
from kubeshark_nb.node.identity import remote_stamp
from tests.test_many_nodes import SCRIPT, talk
from tests.vendors.servers import amazon

PLACE = f"s3://{amazon.BUCKET}/results/incident-7"


@pytest.fixture(scope="module")
def storage():
    with amazon.running() as server:
        yield server


@pytest.fixture
def s3(storage, monkeypatch):
    for name, value in (
        ("AWS_ENDPOINT_URL", storage.url),
        ("AWS_ACCESS_KEY_ID", storage.key_id),
        ("AWS_SECRET_ACCESS_KEY", storage.access_key),
        ("AWS_DEFAULT_REGION", amazon.REGION),
    ):
        monkeypatch.setenv(name, value)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    return storage.client("s3")


@pytest.fixture
def client(s3):
    with (
        LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None, processes=True) as cluster,
        Client(cluster) as made,
    ):
        yield made


def names(s3) -> list[str]:
    """What lies in the place: the run's folder, and the file in it."""
    found = s3.list_objects_v2(Bucket=amazon.BUCKET, Prefix="results/incident-7/").get("Contents", [])
    return sorted(one["Key"].removeprefix("results/incident-7/") for one in found if one["Size"])


def test_captures_are_read_there_and_items_left_there(client, s3):
    for name in "ab":
        s3.put_object(Bucket=amazon.BUCKET, Key=f"in/{name}.pcap", Body=talk(name, 5, 1_700_000_000_000_000_000))
    with ks.Session(cluster=client, store=PLACE) as session:
        session.capture(nodes={name: f"s3://{amazon.BUCKET}/in/{name}.pcap" for name in "ab"})
        run = session.replay_script(SCRIPT, "s.js")
        assert (run.ended, run.items) == ("done", 10)
        files = [f"{session.cluster.run}/node%3D{name}.{kind}" for name in "ab" for kind in ("json", "parquet")]
        assert [name.replace("=", "%3D") for name in names(s3)] == files
        found = session.cluster.query('http and request.path == "/b/3"')
        assert [item["request"]["path"] for item in found] == ["/b/3"]
        assert len(session.items) == 10
        session.replay_script(SCRIPT, "s.js")
        assert session.ledger.recalled == {"a", "b"}


def test_a_bucket_that_is_not_there_is_said_before_anything_runs(client, s3, tmp_path):
    (tmp_path / "a.pcap").write_bytes(talk("a", 5, 1_700_000_000_000_000_000))
    with ks.Session(cluster=client, store="s3://nobody-has-this/x") as session:
        session.capture(tmp_path / "a.pcap")
        session.load_script(SCRIPT, "s.js")
        with pytest.raises(
            ks.NodeError, match=r"s3://nobody-has-this/x/kubeshark-\w+: .*workers need a folder or address"
        ):
            session.run()


def test_an_object_that_is_replaced_is_another_one(s3):
    address = f"s3://{amazon.BUCKET}/in/c.pcap"
    assert remote_stamp(address) == ""
    stamps = set()
    for size in (1, 2):
        s3.put_object(Bucket=amazon.BUCKET, Key="in/c.pcap", Body=b"x" * size)
        stamps.add(remote_stamp(address))
    assert len(stamps - {""}) == 2
