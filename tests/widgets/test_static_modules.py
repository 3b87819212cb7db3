"""The ES modules: joined safely, and their pure functions."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys

import pytest

from kubeshark_nb.items.escape import one_line, visible
from kubeshark_nb.widgets.bundle import STATIC, bundle, order
from tests.widgets.engine import call

ENTRIES = sorted(path.name for path in STATIC.glob("*.js") if "export default" in path.read_text())
DECLARED = re.compile(r"^(?:export )?(?:async )?(?:function|const|let|class) (\w+)", re.MULTILINE)


@pytest.mark.parametrize("entry", ENTRIES)
def test_joined_modules_share_no_name(entry):
    names = [name for module in order(entry) for name in DECLARED.findall((STATIC / module).read_text())]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_bundle_imports_nothing_and_exports_once(entry):
    text = bundle(entry)
    assert not re.search(r"^import ", text, re.MULTILINE)
    assert len(re.findall(r"^export default", text, re.MULTILINE)) == 1


def test_nothing_builds_markup_from_text():
    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment"
        r"|\beval\(|new Function|setAttribute\(\"on"
    )
    assert [path.name for path in STATIC.glob("*.js") if forbidden.search(path.read_text())] == []


def test_widgets_ask_a_front_end_for_nothing_but_the_contract_of_anywidget():
    """What VS Code, Colab and others give a module: `render({ model, el })`, see https://anywidget.dev/en/afm."""
    contract = {"get", "set", "save_changes", "send", "on", "off", "widget_manager"}
    used = {name for path in STATIC.glob("*.js") for name in re.findall(r"\bmodel\.(\w+)", path.read_text())}
    assert used <= contract
    foreign = re.compile(r"jupyterapp|@jupyter|require\(|\bimport\(|https?://(?!www\.w3\.org/2000/svg)")
    named = {path.name for path in STATIC.glob("*.js") if foreign.search(code_of(path.read_text()))}
    assert named <= {"copy_as.js"}  # which writes addresses into commands
    renders = [entry for entry in ENTRIES if not re.search(r"render\((\{ model, el: root \})?\)", bundle(entry))]
    assert renders == []


def code_of(text: str) -> str:
    """A module without its comments."""
    return re.sub(r"^\s*(//|\*|/\*\*).*$", "", text, flags=re.MULTILINE)


def test_python_and_javascript_show_the_same_characters_as_escapes():
    plane = [
        chr(code)
        for code in [*range(0xD800), *range(0xE000, 0x10000), *range(0x1F600, 0x1F610), *range(0xE0000, 0xE0100)]
    ]
    text = "".join(plane)
    assert call("text.js", "visible(text)", text=text) == visible(text)
    assert call("text.js", "oneLine(text)", text=text) == one_line(text)


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ("size(428)", "428 B"),
        ("size(1500)", "1.5 KB"),
        ("size(25000)", "25 KB"),
        ("grouped(1234567)", "1,234,567"),
        ("duration(0)", "0 ms"),
        ("duration(350)", "350 µs"),
        ("duration(3000)", "3 ms"),
        ("duration(40210)", "40 ms"),
        ("duration(1250000)", "1.25 s"),
        ("clock(1700000001000000000)", "22:13:21.000"),
        ("longTime(1700000001000000000)", "11/14/2023, 10:13:21.000 PM"),
        ("plural(1, 'item')", "1 item"),
        ("plural(2000, 'item')", "2,000 items"),
    ],
)
def test_figures(expression, shown):
    assert call("text.js", expression) == shown


@pytest.mark.parametrize(
    ("steps", "value", "query"),
    [
        (["response", "status"], 200, "response.status == 200"),
        (["request", "headers", "User-Agent"], "curl", 'request.headers["User-Agent"] == "curl"'),
        (["request", "questions", 0, "name"], "a.b", 'request.questions[0].name == "a.b"'),
        (["request", "path"], 'a"b\\c\nd', r'request.path == "a\"b\\c\nd"'),
        (["tls"], True, "tls == true"),
    ],
)
def test_a_clicked_value_becomes_kfl(steps, value, query):
    assert call("kfl_text.js", "equals(steps, value)", steps=steps, value=value) == query


def test_terms_are_added_with_and_once():
    add = "addTerm(query, term)"
    assert call("kfl_text.js", add, query="", term="http") == "http"
    assert call("kfl_text.js", add, query="http", term="tls == true") == "http and tls == true"
    assert call("kfl_text.js", add, query="http and tls == true", term="tls == true") == "http and tls == true"
    assert call("kfl_text.js", add, query="http or dns", term="tls == true") == "(http or dns) and tls == true"


def test_kfl_is_coloured_without_losing_a_character():
    query = 'http and request.path == "a\\"b" or !(response.status >= 500) and startsWith("x") ~ €'
    found = call("kfl_text.js", "tokens(query)", query=query)
    assert "".join(text for _, text in found) == query
    assert {"macro", "keyword", "string", "number", "operator", "name", "call"} <= {kind for kind, _ in found}


def test_completion_knows_the_word_before_the_caret():
    found = call("kfl_text.js", "complete('http and resp', 13)")
    assert found["from"] == 9
    assert "response.status" in found["options"]


@pytest.mark.parametrize("raw", [b"", b"a", b"ab", b"abc", bytes(range(256))])
def test_base64(raw):
    assert call("bytes.js", "[...fromBase64(text)]", text=base64.b64encode(raw).decode()) == list(raw)


@pytest.mark.parametrize(
    "raw", [b"plain", "żółć €😀".encode(), b"\xff\xfe", b"\xc0\x80", b"\xed\xa0\x80", b"ok\xe2\x82"]
)
def test_utf8_is_read_as_strictly_as_python_does(raw):
    try:
        expected = raw.decode()
    except UnicodeDecodeError as fault:
        expected = raw[: fault.start].decode() if fault.reason == "unexpected end of data" else None
    assert call("bytes.js", "utf8(fromBase64(text))", text=base64.b64encode(raw).decode()) == expected


def body(raw: bytes, mime: str) -> dict:
    shown = "b => ({kind: b.kind, value: b.value, text: b.text, raw: b.raw, hex: b.hex ? b.hex() : ''})"
    expression = f"({shown})(readBody(text, 'base64', mime))"
    return call("body.js", expression, text=base64.b64encode(raw).decode(), mime=mime)


@pytest.mark.parametrize(
    ("raw", "mime", "kind"),
    [
        (b'{"a": 1}', "application/json; charset=utf-8", "json"),
        (b'{"a": 1}', "text/plain", "json"),
        (b"{broken", "application/json", "text"),
        (b"a=1&b=two+words", "application/x-www-form-urlencoded", "form"),
        (b'{"query": "{ shop { id } }", "variables": {}}', "application/json", "graphql"),
        (b"\x08\x96\x01\x12\x07testing", "application/x-protobuf", "protobuf"),
        (b"\x00\x00\x00\x00\x03\x08\x96\x01", "application/grpc", "protobuf"),
        (b"\x89PNG\r\n", "image/png", "image"),
        (b"\x00\x01\x02", "application/octet-stream", "hex"),
        (b"hello", "", "text"),
        (b"", "text/plain", "empty"),
        (b"<script>alert(1)</script>", "text/html", "text"),
        (b"<svg onload=alert(1)>", "image/svg+xml", "image"),
    ],
)
def test_bodies_by_type(raw, mime, kind):
    assert body(raw, mime)["kind"] == kind


def test_body_values():
    assert body(b"a=1&b=two+words%20x", "application/x-www-form-urlencoded")["value"] == [
        ["a", "1"],
        ["b", "two words x"],
    ]
    assert body(b"\x08\x96\x01\x12\x07testing", "application/x-protobuf")["value"] == {"1": "150", "2": "testing"}
    assert body(b"ABC\x00", "")["hex"] == "00000000  41 42 43 00                                      ABC."


NASTY = 'it\'s $(reboot) `id` "q" \\ \n é 😀'


def item(**request) -> dict:
    return {
        "protocol": {"name": "http", "abbr": "HTTP"},
        "tls": False,
        "dst": {"ip": "10.0.0.9", "port": "80"},
        "request": {
            "method": "POST",
            "url": "/orders?x=1",
            "path": "/orders",
            "headers": {"Host": "orders.shop", "X-Nasty": NASTY},
            **request,
        },
        "response": {"status": 500},
    }


def test_copied_curl_is_one_quoted_command():
    made = call("copy_as.js", "asCurl(item)", item=item(postData={"mimeType": "", "params": [], "text": NASTY}))
    shell = subprocess.run(
        ["sh", "-c", f"curl() {{ printf '%s\\0' \"$@\"; }}\n{made}"], capture_output=True, check=True
    )
    assert shell.stdout.decode().split("\0")[:-1] == [
        "-X",
        "POST",
        "http://orders.shop/orders?x=1",
        "-H",
        f"X-Nasty: {NASTY}",
        "--data-raw",
        NASTY,
    ]


def test_copied_python_runs(monkeypatch):
    made = call("copy_as.js", "asPython(item)", item=item(postData={"mimeType": "", "params": [], "text": NASTY}))
    sent = {}

    class Requests:
        @staticmethod
        def request(method, url, **rest):
            sent.update(rest, method=method, url=url)
            return type("Response", (), {"status_code": 200, "text": ""})

    monkeypatch.setitem(sys.modules, "requests", Requests)
    exec(compile(made, "copied", "exec"), {})
    assert sent["headers"] == {"X-Nasty": NASTY}
    assert sent["data"] == NASTY.encode()


def test_sections_of_an_http_request():
    parts = call(
        "sections.js",
        "sections(item, 'request')",
        item=item(cookies={"sid": "1"}, postData={"mimeType": "text/plain", "text": "hi", "params": []}),
    )
    assert [table["title"] for table in parts["tables"]] == ["Details", "Headers", "Cookies"]
    assert parts["tables"][2]["rows"] == [{"name": "sid", "value": "1", "steps": ["request", "cookies", "sid"]}]
    assert parts["body"]["text"] == "hi"


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("plain", [["plain", []]]),
        ("\x1b[31mred\x1b[0m no", [["red", ["ks-ansi-fg1"]], [" no", []]]),
        ("\x1b[1;92mok", [["ok", ["ks-ansi-bold", "ks-ansi-fg10"]]]),
        ("\x1b[38;5;200mx", [["x", []]]),
        ("\x1b]8;;http://evil\x07link", [["\x1b]8;;http://evil\x07link", []]]),
        ("\x1b[2Jcleared", [["\x1b[2Jcleared", []]]),
    ],
)
def test_ansi_colours_by_allow_list(text, pieces):
    assert call("ansi.js", "ansiPieces(text).map(piece => [piece.text, piece.classes])", text=text) == pieces


@pytest.mark.parametrize("total", [10, 1000, 1_000_000, 50_000_000])
def test_every_row_can_be_reached_however_many_there_are(total):
    for wanted in (0, 1, total // 2, total - 1):
        shown = call(
            "scroll.js",
            "(v => [firstRow(v, scrollFor(v, reveal(v, 0, wanted))), v.rows])(geometry(total, 28, 420))",
            total=total,
            wanted=wanted,
        )
        first, rows = shown
        assert first - 0.01 <= wanted <= first + rows - 1 + 0.01
    assert call("scroll.js", "geometry(total, 28, 420).spacer", total=total) <= 8_000_000


def test_a_value_that_is_json_in_python_is_json_in_the_engine():
    assert call("text.js", "value", value={"a": ["é", 1.5, None]}) == json.loads('{"a": ["é", 1.5, null]}')
