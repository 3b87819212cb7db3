"""A strict stand-in for Elasticsearch 8: product header, media types, one credential, documents that are objects."""

from __future__ import annotations

import base64
import gzip
import json
import re
from dataclasses import dataclass, field

from werkzeug import Request, Response

USER, PASSWORD = "elastic", "p4ssw0rd-changeme"
API_KEY = base64.b64encode(b"id:key-0123456789").decode()
SERVICE_TOKEN = "AAEAAWVsYXN0aWMvZmxlZXQ"
CREDENTIALS = {
    "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode(),
    f"ApiKey {API_KEY}",
    f"Bearer {SERVICE_TOKEN}",
}
MEDIA_TYPE = "application/vnd.elasticsearch+json; compatible-with=8"
INDEX = re.compile(r"[a-z0-9][a-z0-9._-]*")


@dataclass
class Elastic:
    """The documents by index and id."""

    documents: dict[tuple[str, str], dict] = field(default_factory=dict)
    refreshed: bool = False

    def serve(self, server):
        server.expect_request(re.compile("/.*/_doc/.*"), method="PUT").respond_with_handler(self.index)
        return self

    def index(self, request: Request) -> Response:
        if request.headers.get("Authorization") not in CREDENTIALS:
            return reply(401, failure("security_exception", "unable to authenticate"))
        if request.headers["Accept"] != MEDIA_TYPE or request.headers["Content-Type"] != MEDIA_TYPE:
            return reply(400, failure("media_type_header_exception", "Invalid media-type value on headers"))
        _, index, _, number = request.path.split("/")
        if not INDEX.fullmatch(index):
            return reply(400, failure("invalid_index_name_exception", f"Invalid index name [{index}]"))
        document = json.loads(content(request))
        if not isinstance(document, dict):
            return reply(400, failure("document_parsing_exception", "expected an object"))
        self.documents[index, number] = document
        self.refreshed = request.args.get("refresh") in ("true", "")
        return reply(201, {"_index": index, "_id": number, "_version": 1, "result": "created"})


def content(request: Request) -> bytes:
    """Elastic Cloud's clients compress."""
    raw = request.get_data()
    return gzip.decompress(raw) if request.headers.get("Content-Encoding") == "gzip" else raw


def failure(kind: str, reason: str) -> dict:
    return {"error": {"root_cause": [], "type": kind, "reason": reason}}


def reply(status: int, document: dict) -> Response:
    response = Response(json.dumps(document), status, content_type=MEDIA_TYPE)
    response.headers["X-Elastic-Product"] = "Elasticsearch"
    return response
