"""A strict stand-in for Slack's Web API and incoming webhooks: it rejects what Slack rejects.

Sources: api.slack.com/methods/chat.postMessage, files.getUploadURLExternal, files.completeUploadExternal,
api.slack.com/messaging/webhooks.
"""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import dataclass, field

from werkzeug import Request, Response

TOKEN = "xoxb-1111-2222-abcdefghijkl"
HOOK = "/services/T0AAAAAAA/B0BBBBBBB/cccccccccccccccccccccccc"
CHANNELS = {"C0123456789": "C0123456789", "#alerts": "C0123456789"}
COLOR = re.compile(r"#[0-9a-fA-F]{6}|good|warning|danger")


@dataclass
class Slack:
    """What was posted: messages, and files with the thread they were shared in."""

    base: str = ""
    messages: list[dict] = field(default_factory=list)
    uploads: dict[str, dict] = field(default_factory=dict)
    shared: list[dict] = field(default_factory=list)
    numbers: itertools.count = field(default_factory=lambda: itertools.count(1))

    def serve(self, server):
        self.base = server.url_for("/api/")
        server.expect_request(HOOK, method="POST").respond_with_handler(self.webhook)
        methods = {
            "chat.postMessage": self.post_message,
            "files.getUploadURLExternal": self.upload_url,
            "files.completeUploadExternal": self.complete_upload,
        }
        for method, handler in methods.items():
            server.expect_request(f"/api/{method}", method="POST").respond_with_handler(self.authorized(handler))
        server.expect_request(re.compile("/upload/.*"), method="POST").respond_with_handler(self.upload)
        return self

    def webhook(self, request: Request) -> Response:
        message = request.get_json(force=True, silent=True)
        if not isinstance(message, dict):
            return Response("invalid_payload", 400)
        if not message.get("text") and not message.get("attachments"):
            return Response("no_text", 400)
        if not all(COLOR.fullmatch(a.get("color", "")) for a in message["attachments"]):
            return Response("invalid_attachments", 400)
        self.messages.append(message)
        return Response("ok")

    def authorized(self, handler):
        def handle(request: Request) -> Response:
            token = request.headers.get("Authorization", "").removeprefix("Bearer ")
            reply = handler(arguments(request)) if token == TOKEN else {"ok": False, "error": "invalid_auth"}
            return Response(json.dumps(reply), content_type="application/json; charset=utf-8")

        return handle

    def post_message(self, message: dict) -> dict:
        channel = CHANNELS.get(message.get("channel", ""))
        if not channel:
            return {"ok": False, "error": "channel_not_found"}
        attachments = message.get("attachments") or []
        attachments = json.loads(attachments) if isinstance(attachments, str) else attachments
        if not attachments and not message.get("text"):
            return {"ok": False, "error": "no_text"}
        self.messages.append({**message, "attachments": attachments})
        return {"ok": True, "channel": channel, "ts": f"1700000000.{next(self.numbers):06d}", "message": {}}

    def upload_url(self, file: dict) -> dict:
        if not file.get("filename") or int(file.get("length") or 0) <= 0:
            return {"ok": False, "error": "invalid_arguments"}
        number = f"F{next(self.numbers):08d}"
        self.uploads[number] = {"name": file["filename"], "length": int(file["length"]), "content": None}
        return {"ok": True, "file_id": number, "upload_url": self.base.replace("/api/", f"/upload/{number}")}

    def upload(self, request: Request) -> Response:
        file = self.uploads[request.path.rpartition("/")[2]]
        file["content"] = request.get_data()
        return Response("OK") if len(file["content"]) == file["length"] else Response("length", 400)

    def complete_upload(self, share: dict) -> dict:
        if share.get("channel_id") not in CHANNELS.values():
            return {"ok": False, "error": "channel_not_found"}
        files = share["files"]
        for file in json.loads(files) if isinstance(files, str) else files:
            kept = self.uploads[file["id"]]
            if kept["content"] is None:
                return {"ok": False, "error": "file_not_found"}
            self.shared.append({**kept, "title": file["title"], "thread": share.get("thread_ts")})
        return {"ok": True, "files": []}


def arguments(request: Request) -> dict:
    """Slack takes JSON as well as forms."""
    return request.get_json(silent=True) or request.form.to_dict()
