"""The members of HTTP items: headers, cookies, targets, queries, forms, bodies."""

from __future__ import annotations

import json

import pytest

from kubeshark_nb.dissectors.http_head import canonical, parse_head
from kubeshark_nb.dissectors.http_json import (
    parse_target,
    query_string,
    request_opening,
    request_parts,
    response_opening,
    response_parts,
)

HEADS = {
    b"": ({}, {}),
    b"Host: x\r\n": ({"Host": "x"}, {}),
    b"user-agent:curl \r\nx-REQUEST-id:\t7": ({"User-Agent": "curl", "X-Request-Id": "7"}, {}),
    b"Accept: a\r\nAccept: b\r\n": ({"Accept": "a,b"}, {}),
    b"Folded: one\r\n  two\r\nNext: 3\r\n": ({"Folded": "one two", "Next": "3"}, {}),
    b"no colon\r\nA: b\r\n": ({"A": "b"}, {}),
    b'Link: <http://x:80/>; a="b"\r\n': ({"Link": '<http://x:80/>; a="b"'}, {}),
    b"X: caf\xe9\r\nY: caf\xc3\xa9\r\n": ({"X": "caf\xe9", "Y": "caf\xe9"}, {}),
    b'Cookie: a=1; b="2"; broken; c=x=y\r\n': (
        {"Cookie": 'a=1; b="2"; broken; c=x=y'},
        {"a": "1", "b": "2", "c": "x=y"},
    ),
    b"Set-Cookie: a=1; Path=/\r\nSet-Cookie: b=2\r\n": ({"Set-Cookie": "a=1; Path=/,b=2"}, {"a": "1", "b": "2"}),
}


@pytest.mark.parametrize("block", HEADS)
def test_heads(block):
    head = parse_head(block)
    assert (json.loads(head.headers), json.loads(head.cookies)) == HEADS[block]


def test_wanted_fields_are_there_by_lower_case_name():
    assert parse_head(b"CONTENT-Length: 5\r\nX: y\r\n").fields == {"content-length": "5"}


def test_names_that_are_no_tokens_stay_as_they_are():
    assert canonical(b"sec-websocket-KEY") == "Sec-Websocket-Key"
    assert canonical(b"not (a) token") == "not (a) token"


TARGETS = {
    b"/": ("/", [""], {}),
    b"/items?id=7": ("/items", ["items"], {"id": "7"}),
    b"/a/b/": ("/a/b/", ["a", "b", ""], {}),
    b"/a?x=1&x=2&x=3&y=%20z+q&flag": ("/a", ["a"], {"x": ["1", "2", "3"], "y": " z q", "flag": ""}),
    b"http://host:8/p/q?r=s": ("/p/q", ["p", "q"], {"r": "s"}),
    b"http://host": ("/", [""], {}),
    b"*": ("*", ["*"], {}),
    b"host:443": ("host:443", ["host:443"], {}),
    b"/r?to=http://x/y": ("/r", ["r"], {"to": "http://x/y"}),
}


@pytest.mark.parametrize("raw", TARGETS)
def test_targets(raw):
    target = parse_target(raw)
    members = json.loads(b"{" + target.members + b"}")
    assert members["url"] == members["targetUri"] == raw.decode()
    assert (members["path"], members["pathSegments"], json.loads(target.query)) == TARGETS[raw]


def test_an_empty_query_has_no_members():
    assert query_string("&&") == {}


def request(body, content_type):
    head = parse_head(f"Content-Type: {content_type}\r\n".encode())
    opening = request_opening(b"POST", parse_target(b"/"), b"HTTP/1.1")
    return json.loads(b"".join(request_parts(opening, b"{}", head, body, len(body))))


def response(status, reason, head, body):
    opening = response_opening(status, reason, b"HTTP/1.1")
    return json.loads(b"".join(response_parts(opening, status, head, body, len(body))))


FORM = (
    b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    b'--B\r\nContent-Disposition: form-data; name="f"; filename="x.txt"\r\nContent-Type: text/plain\r\n\r\nhello\r\n--B--\r\n'  # noqa: E501 - told in one line
)
BODIES = {
    "json": (b'{"item":7}', "application/json; charset=utf-8",
             {"mimeType": "application/json", "params": [], "text": '{"item":7}'}),
    "binary": (b"\0\1\xff", "application/octet-stream",
               {"mimeType": "application/octet-stream", "params": [], "text": "AAH/", "encoding": "base64"}),
    "form": (b"a=1&b=x+y%21", "application/x-www-form-urlencoded",
             {"mimeType": "application/x-www-form-urlencoded", "text": "", "params": [
                 {"name": "a", "value": "1", "fileName": "", "contentType": ""},
                 {"name": "b", "value": "x y!", "fileName": "", "contentType": ""}]}),
    "multipart": (FORM, 'multipart/form-data; boundary="B"',
                  {"mimeType": "multipart/form-data", "text": "", "params": [
                      {"name": "a", "value": "1", "fileName": "", "contentType": ""},
                      {"name": "f", "value": "hello", "fileName": "x.txt", "contentType": "text/plain"}]}),
}  # fmt: skip


@pytest.mark.parametrize("case", BODIES)
def test_posted_bodies(case):
    body, content_type, expected = BODIES[case]
    assert request(body, content_type)["postData"] == expected


def test_members_stand_in_kubesharks_order():
    head = parse_head(b"Content-Type: text/plain\r\nLocation: /new\r\n")
    assert list(request(b"x", "text/plain")) == (
        [
            "method",
            "url",
            "targetUri",
            "path",
            "pathSegments",
            "httpVersion",
            "headers",
            "cookies",
            "queryString",
            "headersSize",
            "bodySize",
            "postData",
        ]
    )
    document = response(302, "whatever", head, b"hello")
    assert list(document) == [
        "status",
        "statusText",
        "httpVersion",
        "headers",
        "cookies",
        "content",
        "redirectURL",
        "headersSize",
        "bodySize",
    ]
    assert document["content"] == {"size": 5, "mimeType": "text/plain", "encoding": "base64", "text": "aGVsbG8="}
    assert (document["statusText"], document["redirectURL"]) == ("Found", "/new")


def test_an_empty_body_has_no_text():
    document = response(299, "Mine", parse_head(b""), b"")
    assert document["content"] == {"size": 0, "mimeType": "", "encoding": "base64"}
    assert document["statusText"] == "Mine"
