"""nghttpd, and nghttpx before it, with nghttp and curl: prior knowledge, upgrade, padding, forms, trailers, GraphQL."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from tests.captures.recording import recorded, run, running

PORT, UPGRADES = 8091, 8092
HOST = f"http://127.0.0.1:{PORT}"
QUERY = json.dumps({"query": "query Cart($id: ID!) { cart(id: $id) { items { sku } } }", "variables": {"id": "7"}})


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "small.json").write_text('{"cart": []}')
        (root / "large.txt").write_text("".join(f"line {number}\n" for number in range(4000)))
        server = ("nghttpd", "--no-tls", "--htdocs", folder, "--trailer", "x-checked: yes", "--echo-upload", str(PORT))
        proxy = ("nghttpx", f"-f127.0.0.1,{UPGRADES};no-tls", f"-b127.0.0.1,{PORT};;proto=h2", "--workers=1")
        with running(*server, port=PORT), running(*proxy, port=UPGRADES), recorded("http2", PORT, UPGRADES):
            run("nghttp", "-n", f"{HOST}/small.json?a=1&b=2", f"{HOST}/large.txt", f"{HOST}/missing")
            run("nghttp", "-nu", f"http://127.0.0.1:{UPGRADES}/small.json", f"http://127.0.0.1:{UPGRADES}/missing")
            run("nghttp", "-n", "--no-dep", "--padding=16", "-H", "cookie: a=1; b=2", f"{HOST}/small.json")
            run("curl", "-s", "--http2-prior-knowledge", "-d", "name=Ann&city=Bonn", f"{HOST}/form")
            run("curl", "-s", "--http2", f"http://127.0.0.1:{UPGRADES}/small.json")
            json_type = "content-type: application/json"
            run("curl", "-s", "--http2-prior-knowledge", "-H", json_type, "-d", QUERY, f"{HOST}/graphql")


if __name__ == "__main__":
    main()
