"""A strict stand-in for InfluxDB 2's write API: token, organization, bucket, line protocol, and type conflicts."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from werkzeug import Request, Response

TOKEN = "influx-token-0123456789=="
ORGANIZATION, BUCKET = "acme", "traffic"
LINE = re.compile(r"((?:[^\\, ]|\\.)+)((?:,(?:[^\\, =]|\\.)+=(?:[^\\, =]|\\.)+)*) (.+) (\d+)")
FIELD = re.compile(r'((?:[^\\, =]|\\.)+)=("(?:[^"\\]|\\.)*"|[^,]+)(?:,|$)')
TAG = re.compile(r",((?:[^\\, =]|\\.)+)=((?:[^\\, =]|\\.)+)")
KINDS = (
    (re.compile(r'"(?:[^"\\]|\\.)*"'), str, lambda text: unescaped(text[1:-1])),
    (re.compile(r"-?\d+i"), int, lambda text: int(text[:-1])),
    (re.compile(r"true|false"), bool, lambda text: text == "true"),
    (re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"), float, float),
)


@dataclass
class Influx:
    """The points, as (measurement, tags, fields, time), and the type of every field so far."""

    points: list[tuple[str, dict, dict, int]] = field(default_factory=list)
    types: dict[tuple[str, str], type] = field(default_factory=dict)

    def serve(self, server):
        server.expect_request("/api/v2/write", method="POST").respond_with_handler(self.write)
        return self

    def write(self, request: Request) -> Response:
        if request.headers.get("Authorization") != f"Token {TOKEN}":
            return failure(401, "unauthorized", "unauthorized access")
        if (request.args["org"], request.args["bucket"]) != (ORGANIZATION, BUCKET):
            return failure(404, "not found", f'bucket "{request.args["bucket"]}" not found')
        if request.args["precision"] != "ns":
            return failure(400, "invalid", "precision")
        for line in request.get_data(as_text=True).splitlines():
            if problem := self.take(line):
                return failure(*problem)
        return Response(status=204)

    def take(self, line: str) -> tuple[int, str, str] | None:
        parts = LINE.fullmatch(line)
        if not parts:
            return 400, "invalid", f"unable to parse '{line}': missing fields"
        measurement = unescaped(parts[1])
        fields = {}
        for name, text in FIELD.findall(parts[3]):
            kind, value = parsed(text)
            if self.types.setdefault((measurement, name), kind) is not kind:
                return 422, "unprocessable entity", f'field type conflict: input field "{name}" on "{measurement}"'
            fields[unescaped(name)] = value
        tags = {unescaped(name): unescaped(value) for name, value in TAG.findall(parts[2])}
        self.points.append((measurement, tags, fields, int(parts[4])))
        return None


def parsed(text: str) -> tuple[type, object]:
    return next((kind, read(text)) for shape, kind, read in KINDS if shape.fullmatch(text))


def unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def failure(status: int, code: str, message: str) -> Response:
    return Response(json.dumps({"code": code, "message": message}), status, content_type="application/json")
