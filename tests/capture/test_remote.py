"""Addresses, for real: a web server that breaks off, Amazon's and Google's storage as their stand-ins have it."""

from __future__ import annotations

import contextlib
import threading
from base64 import b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from gcp_storage_emulator.server import create_server

from kubeshark_nb.capture import open_source
from kubeshark_nb.errors import CaptureError
from tests import craft
from tests.capture.test_snapshot import FILES, archive, first_bytes
from tests.vendors.servers import amazon

CAPTURE = craft.pcap([bytes([49 + number]) * 60 for number in range(3)])
MOVED = {"/moved.pcap": "/a.pcap", "/away.pcap": "/locked/a.pcap"}
BIG = craft.pcap([b"x" * 1000] * 20_000)


class Web(BaseHTTPRequestHandler):
    pages = {"/a.pcap": CAPTURE, "/s.tar.gz": archive(FILES), "/big.pcap": BIG, "/cut.pcap": BIG}  # noqa: RUF012
    lock = "Basic " + b64encode(b"me:se cret").decode()

    def do_GET(self):
        path = self.path.partition("?")[0]
        if path in MOVED:
            self.send_response(302)
            self.send_header("Location", MOVED[path])
            self.end_headers()
            return
        locked = path.startswith("/locked") and self.headers.get("Authorization") != self.lock
        page = self.pages.get(path.replace("/locked", ""))
        self.send_response(401 if locked else 404 if page is None else 200)
        self.send_header("Content-Length", str(len(page or b"")))
        self.end_headers()
        if page and not locked:
            self.wfile.write(page[: 9_000_000 if path == "/cut.pcap" else None])

    def log_message(self, *_args):
        pass


@pytest.fixture(scope="module")
def web():
    with ThreadingHTTPServer(("127.0.0.1", 0), Web) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    ("page", "seen"),
    [("/a.pcap?signature=1", "123"), ("/moved.pcap", "123"), ("/s.tar.gz", "123")],
)
def test_a_web_server(web, page, seen):
    assert first_bytes(open_source(f"http://{web}{page}")) == seen


def test_large_files_come_in_pieces(web):
    source = open_source(f"http://{web}/big.pcap")
    assert sum(map(len, source.batches())) == 20_000
    assert source.read_bytes == len(BIG)


def test_a_connection_that_breaks_is_said_and_not_taken_for_the_end(web):
    with pytest.raises(CaptureError, match=r"cut.pcap: .*broke after 9000000 bytes"):
        list(open_source(f"http://{web}/cut.pcap").batches())


def test_passwords_open_and_are_not_shown(web):
    assert first_bytes(open_source(f"http://me:se%20cret@{web}/locked/a.pcap")) == "123"
    with pytest.raises(CaptureError, match="401") as caught:
        open_source(f"http://me:wrong@{web}/locked/a.pcap")
    assert "wrong" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "words"),
    [("http://{web}/none.pcap", "nothing at this address"), ("http://127.0.0.1:1/a.pcap", "refused")],
)
def test_what_cannot_be_opened(web, address, words):
    with pytest.raises(CaptureError, match=words):
        open_source(address.format(web=web))


def test_amazon(monkeypatch):
    with amazon.running() as server:
        server.client("s3").put_object(Bucket=amazon.BUCKET, Key="in/a.pcap", Body=CAPTURE)
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        monkeypatch.setenv("AWS_DEFAULT_REGION", amazon.REGION)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", server.key_id)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", server.access_key)
        assert first_bytes(open_source(f"s3://{amazon.BUCKET}/in/a.pcap")) == "123"
        with pytest.raises(CaptureError, match="nothing at this address"):
            open_source(f"s3://{amazon.BUCKET}/none.pcap")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", server.poor_key_id)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", server.poor_access_key)
        with pytest.raises(CaptureError, match="AccessDenied"):
            open_source(f"s3://{amazon.BUCKET}/in/a.pcap")


def test_google(monkeypatch):
    from google.cloud import storage

    port = amazon.free_port()
    server = create_server("127.0.0.1", port, in_memory=True, default_bucket="captures")
    server.start()
    try:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{port}")
        monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
        client = storage.Client.create_anonymous_client()
        client.bucket("captures").blob("in/a.pcap").upload_from_string(CAPTURE)
        assert first_bytes(open_source("gs://captures/in/a.pcap")) == "123"
        with pytest.raises(CaptureError, match="nothing at this address"):
            open_source("gs://captures/none.pcap")
    finally:
        with contextlib.suppress(Exception):
            server.stop()


def test_a_password_is_in_no_message_and_goes_nowhere_else(web):
    with pytest.raises(CaptureError, match="broke after") as caught:
        list(open_source(f"http://me:se@cret@{web}/cut.pcap?signature=1").batches())
    assert "cret" not in str(caught.value)
    assert "signature" not in str(caught.value)
    with pytest.raises(CaptureError, match="401"):
        open_source(f"http://me:se%20cret@{web}/away.pcap")
