"""Google Cloud Storage: the service account signs, the file arrives (gcp-storage-emulator)."""

from __future__ import annotations

import urllib.request

import pytest
from gcp_storage_emulator.server import create_server

from kubeshark_nb.errors import VendorError
from kubeshark_nb.vendors import GcsClear, GcsPut, Settings
from tests.vendors.conftest import FOLDER
from tests.vendors.servers.amazon import free_port
from tests.vendors.servers.google import ACCOUNT, BUCKET, Tokens, account_key


@pytest.fixture
def gcs():
    port = free_port()
    emulator = create_server("127.0.0.1", port, in_memory=True, default_bucket=BUCKET)
    emulator.start()
    yield f"http://127.0.0.1:{port}"
    emulator.stop()


@pytest.fixture
def tokens():
    return Tokens()


@pytest.fixture
def key(server, tokens):
    return account_key(tokens.serve(server))


@pytest.fixture
def desk(office, gcs):
    return office.live(Settings(endpoints={"gcs": gcs}))


def stored(url):
    with urllib.request.urlopen(url, timeout=5) as reply:
        return reply.read()


def test_a_file_arrives_and_its_url_is_answered(office, desk, here, gcs, key, tokens):
    url = desk.call(GcsPut(BUCKET, office.file("a.pcap", b"\xd4\xc3" * 9000), key), here)
    assert url == f"{gcs}/{BUCKET}/{FOLDER}/a.pcap"
    assert stored(url) == b"\xd4\xc3" * 9000
    assert tokens.claims[0]["iss"] == ACCOUNT


def test_a_large_file_arrives_whole(office, desk, here, key):
    content = bytes(range(256)) * 40_000
    assert stored(desk.call(GcsPut(BUCKET, office.file("a.pcap", content), key), here)) == content


def test_clear_empties_this_nodes_folders_and_no_other(office, desk, here, gcs, key):
    desk.call(GcsPut(BUCKET, office.file("warm-up"), key), here)
    bucket = GcsClear(BUCKET, key).opened_bucket(desk._surroundings(here, 1))
    mine = [f"node-1_10.0.0.1_6/{n}" for n in range(120)] + ["node-1_10.0.0.1/old"]
    others = ["node-1_10.0.0.11_7/1", "node-1_10.0.0.1_b_10.0.0.2_7/1", "other"]
    for name in mine + others:
        bucket.blob(name).upload_from_string("x")
    assert desk.call(GcsClear(BUCKET, key), here) is None
    assert sorted(blob.name for blob in bucket.list_blobs()) == sorted(others)


def test_a_missing_bucket_is_an_error(office, desk, here, key):
    with pytest.raises(VendorError, match="gcs: it answered HTTP 404"):
        desk.call(GcsPut("no-such-bucket", office.file("a.pcap"), key), here)


def test_a_key_that_google_refuses_is_an_error(office, desk, here, key, server):
    server.clear()
    server.expect_request("/token").respond_with_json({"error": "invalid_grant"}, status=400)
    with pytest.raises(VendorError, match=r"gcs: .*invalid_grant") as failure:
        desk.call(GcsPut(BUCKET, office.file("a.pcap"), key), here)
    assert "PRIVATE KEY" not in str(failure.value)


def test_an_incomplete_key_is_noted_when_recorded_and_an_error_when_live(office, desk, here):
    path = office.file("a.pcap")
    assert office.desk().call(GcsPut(BUCKET, path, {}), here).endswith(f"/{BUCKET}/{FOLDER}/a.pcap")
    assert "key.private_key" in office.effects[0].request
    with pytest.raises(VendorError, match=r"gcs: key\.client_email, key\.private_key, key\.token_uri empty"):
        desk.call(GcsPut(BUCKET, path, {}), here)
