"""A strict stand-in for Azure's Put Blob: it checks the signature ("Authorize with Shared Key", 2015-02-21 on)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from werkzeug import Request, Response

ACCOUNT = "devaccount"
KEY = base64.b64encode(b"an azure account key of 32 bytes").decode()
SIGNED = (
    *("Content-Encoding", "Content-Language", "Content-Length", "Content-MD5", "Content-Type", "Date"),
    *("If-Modified-Since", "If-Match", "If-None-Match", "If-Unmodified-Since", "Range"),
)


@dataclass
class Azure:
    """The blobs by path."""

    blobs: dict[str, bytes] = field(default_factory=dict)

    def serve(self, server):
        server.expect_request(re.compile("/.*"), method="PUT").respond_with_handler(self.put)
        return self

    def put(self, request: Request) -> Response:
        if request.headers.get("Authorization") != f"SharedKey {ACCOUNT}:{signature(request)}":
            return failure(403, "AuthenticationFailed")
        if request.headers.get("x-ms-blob-type") != "BlockBlob":
            return failure(400, "InvalidHeaderValue")
        if not request.path.startswith("/captures/"):
            return failure(404, "ContainerNotFound")
        self.blobs[request.path] = request.get_data()
        headers = {"ETag": '"1"', "Last-Modified": "Tue, 14 Nov 2023 22:13:20 GMT"}
        return Response(status=201, headers=headers)


def signature(request: Request) -> str:
    headers = [request.headers.get(name, "") for name in SIGNED]
    headers[2] = "" if headers[2] == "0" else headers[2]
    own = sorted((n.lower(), v) for n, v in request.headers.items() if n.lower().startswith("x-ms-"))
    raw_path = request.environ["REQUEST_URI"].partition("?")[0]
    resource = [f"/{ACCOUNT}{raw_path}", *(f"{n.lower()}:{unquote(v)}" for n, v in sorted(request.args.items()))]
    text = "\n".join([request.method, *headers, *(f"{name}:{value}" for name, value in own), *resource])
    return base64.b64encode(hmac.digest(base64.b64decode(KEY), text.encode(), hashlib.sha256)).decode()


def failure(status: int, code: str) -> Response:
    body = f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>refused</Message></Error>'
    return Response(body, status, content_type="application/xml", headers={"x-ms-error-code": code})
