"""Text that tries to run in the page, to break its layout, or to lie about what it says."""

from __future__ import annotations

from dataclasses import asdict, replace

import pyarrow as pa

from kubeshark_nb.model import ConsoleLine, Effect, Job, JobRun
from tests.browser import corpus

HIT = "window.hits=(window.hits||0)+1"
TEXTS = [
    f"<script>{HIT}</script>",
    f"<img src=x onerror={HIT}>",
    f'"><img src=x onerror="{HIT}">',
    f"'><svg onload={HIT}>",
    f"<svg><animate onbegin={HIT} attributeName=x></svg>",
    f"</textarea></pre></td></style></title><script>{HIT}</script>",
    f"<iframe srcdoc='<script>parent.{HIT}</script>'></iframe>",
    f"<a href='javascript:{HIT}'>click</a>",
    f"javascript:{HIT}",
    f"data:text/html,<script>{HIT}</script>",
    f"[link](javascript:{HIT}) ![image](x) **bold**",
    r"$\href{javascript:window.hits=1}{x}$ \(\unicode{x202e}\)",
    f"<details open ontoggle={HIT}>",
    "<button data-commandlinker-command='notebook:run-all-cells' data-commandlinker-args='{}'>run</button>",
    "{{constructor.constructor('window.hits=1')()}}",
    "\u202egnp.exe\u2066evil\u2069 \u200b\ufeff",
    "\x1b[31mred\x1b[0m \x1b]8;;javascript:window.hits=1\x07x\x1b[2J\x00\x07\x9b31m",
    "=cmd|' /C calc'!A0",
    "a" * 5000,
    "line\nbreak\ttab\r\n" * 30,
    "Z\u0351\u036b\u0343" * 60,
]


def rows() -> list[dict]:
    """Items in which every name is hostile."""
    return [
        {
            **corpus.row(at),
            "protocol": text,
            "method": text,
            "path": text,
            "src_name": text,
            "dst_name": text,
            "error": text,
            "node": text,
            "stream": text,
            "id": str(at),
            "passed": at % 2 == 0,
            "failed": at % 2 == 1,
        }
        for at, text in enumerate(TEXTS)
    ]


def detail(one: dict) -> dict:
    """An item in which every key and value is hostile."""
    text = one["path"]
    good = corpus.document(corpus.row(0))
    request = {
        "method": text,
        "url": text,
        "path": text,
        "headers": {text: text},
        "cookies": {text: text},
        "queryString": {text: [text]},
        "postData": {"mimeType": text, "text": text, "params": []},
    }
    response = {
        "status": 200,
        "statusText": text,
        "headers": {text: text},
        "content": {"mimeType": "text/html", "text": text},
        "nested": [{text: {text: text}}],
    }
    document = {
        **good,
        "protocol": {"name": "http", "abbr": text, "longName": text},
        "request": request,
        "response": response,
        "src": {"name": text, "ip": text},
    }
    return {
        "document": document,
        "console": [asdict(line) for line in lines()],
        "effects": [asdict(effect) for effect in effects()],
    }


def lines() -> list[ConsoleLine]:
    """Console lines, scripts, hooks and nodes."""
    return [ConsoleLine("log", text, corpus.START, text, 1, text, text, text) for text in TEXTS]


def effects() -> list[Effect]:
    """Calls to services."""
    return [Effect(corpus.START, text, text, text, text, text, 1, text, text, text, text) for text in TEXTS]


def columns() -> pa.Table:
    """What the service map adds up, with hostile names and protocols."""
    count = len(TEXTS)
    return pa.table(
        {
            "time_ns": [corpus.START + at * corpus.NS for at in range(count)],
            "protocol": TEXTS,
            "src_name": TEXTS,
            "src_ip": TEXTS,
            "dst_name": [*TEXTS[1:], TEXTS[0]],
            "dst_ip": TEXTS,
            "status": [500] * count,
            "failed": [False] * count,
            "elapsed_us": [1000] * count,
            "error": TEXTS,
        }
    )


def progress() -> dict:
    """Where a run is, in hostile words."""
    return {"state": TEXTS[1], "part": 0.5, "time": corpus.START, "speed": TEXTS[2], "sending": TEXTS[0]}


def stats() -> dict[str, int]:
    """Counts under hostile names."""
    return {text[:300]: at for at, text in enumerate(TEXTS)}


def source(_name: str) -> str:
    """A script full of it."""
    return "\n".join(text.replace("\n", " ") for text in TEXTS)


def item(_number: str) -> dict:
    """What a console line's item leads to."""
    return {**detail(rows()[1]), "row": rows()[1]}


def jobs() -> list[Job]:
    """Jobs with hostile tags, statements and errors."""
    run = JobRun(corpus.START, 0.1, "", 1)
    return [
        Job(text, text, text, text, runs=1, last_run=corpus.START, last_error=text, history=(replace(run, error=text),))
        for text in TEXTS
    ]
