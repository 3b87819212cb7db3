"""A strict stand-in for OpenAI's chat completions (platform.openai.com/docs/api-reference/chat/create)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from werkzeug import Request, Response

KEY = "sk-proj-abcdefghijklmnopqrstuvwxyz"
ALLOWED = {"model", "messages", "max_completion_tokens"}


@dataclass
class OpenAI:
    """The requests it got, and what it answers."""

    text: str = "No."
    finish: str = "stop"
    asked: list[dict] = field(default_factory=list)

    def serve(self, server):
        server.expect_request("/v1/chat/completions", method="POST").respond_with_handler(self.complete)
        self.base = server.url_for("/v1")
        return self

    def complete(self, request: Request) -> Response:
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return error(401, f"Incorrect API key provided: {request.headers.get('Authorization')}", "invalid_api_key")
        body = request.get_json()
        if unknown := set(body) - ALLOWED:
            return error(400, f"Unsupported parameter: {unknown}", "unsupported_parameter")
        if not isinstance(body["max_completion_tokens"], int) or body["max_completion_tokens"] < 1:
            return error(400, "Invalid 'max_completion_tokens'", "integer_below_min_value")
        self.asked.append(body)
        return answer(body["model"], self.text, self.finish)


def error(status: int, message: str, code: str) -> Response:
    document = {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}}
    return Response(json.dumps(document), status, content_type="application/json")


def answer(model: str, text: str, finish: str) -> Response:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    document = {"id": "c", "object": "chat.completion", "created": 1, "model": model, "choices": [choice]}
    return Response(json.dumps({**document, "usage": usage}), content_type="application/json")
