"""HAR 1.2 as a JSON schema, written from the text of http://www.softwareishard.com/blog/har-12-spec/.

Members not named there must begin with an underscore.
"""

from __future__ import annotations

TEXT = {"type": "string"}
SIZE = {"type": "integer", "minimum": -1}
MILLISECONDS = {"type": "number", "minimum": 0}
OPTIONAL_MILLISECONDS = {"anyOf": [{"type": "number", "minimum": 0}, {"const": -1}]}
MOMENT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"}


def members(required, optional=()):
    """An object with these members, and its own ones after an underscore."""
    return {
        "type": "object",
        "required": list(required),
        "properties": {**required, **dict(optional)},
        "patternProperties": {"^_": {}},
        "additionalProperties": False,
    }


def each(schema):
    return {"type": "array", "items": schema}


COMMENT = {"comment": TEXT}
NAMED = members({"name": TEXT, "value": TEXT}, COMMENT)
COOKIE = members(
    {"name": TEXT, "value": TEXT},
    {"path": TEXT, "domain": TEXT, "expires": MOMENT, "httpOnly": {"type": "boolean"}, "secure": {"type": "boolean"}}
    | COMMENT,
)
PARAM = members({"name": TEXT}, {"value": TEXT, "fileName": TEXT, "contentType": TEXT} | COMMENT)
POST_DATA = members({"mimeType": TEXT, "params": each(PARAM), "text": TEXT}, COMMENT)
CONTENT = members(
    {"size": {"type": "integer"}, "mimeType": TEXT}, {"compression": SIZE, "text": TEXT, "encoding": TEXT} | COMMENT
)
HEADS = {"httpVersion": TEXT, "cookies": each(COOKIE), "headers": each(NAMED), "headersSize": SIZE, "bodySize": SIZE}
URL = {"type": "string", "pattern": "^[a-zA-Z][a-zA-Z0-9+.-]*://"}
REQUEST = members({"method": TEXT, "url": URL, "queryString": each(NAMED), **HEADS}, {"postData": POST_DATA} | COMMENT)
RESPONSE = members(
    {"status": {"type": "integer"}, "statusText": TEXT, "content": CONTENT, "redirectURL": TEXT, **HEADS}, COMMENT
)
CACHE = members({}, COMMENT)
TIMINGS = members(
    {"send": MILLISECONDS, "wait": MILLISECONDS, "receive": MILLISECONDS},
    dict.fromkeys(("blocked", "dns", "connect", "ssl"), OPTIONAL_MILLISECONDS) | COMMENT,
)
ENTRY = members(
    {
        "startedDateTime": MOMENT,
        "time": MILLISECONDS,
        "request": REQUEST,
        "response": RESPONSE,
        "cache": CACHE,
        "timings": TIMINGS,
    },
    {"pageref": TEXT, "serverIPAddress": TEXT, "connection": TEXT} | COMMENT,
)
PROGRAM = members({"name": TEXT, "version": TEXT}, COMMENT)
HAR = members(
    {
        "log": members(
            {"version": {"const": "1.2"}, "creator": PROGRAM, "entries": each(ENTRY)}, {"browser": PROGRAM} | COMMENT
        )
    }
)
