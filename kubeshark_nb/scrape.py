"""What scripts gave to ``prometheus.*``, for a Prometheus on this machine to scrape: ``GET /metrics`` on loopback."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

from kubeshark_nb.errors import KubesharkError, NodeError

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = "127.0.0.1"
CONTENT = "text/plain; version=0.0.4; charset=utf-8"


class Scrape:
    """A server on a thread of its own; ``text`` gives the page.

    Only requests that name this machine as it is are answered: a web page elsewhere that finds a name for 127.0.0.1
    learns nothing.

    Raises:
        NodeError: the port is taken.
    """

    def __init__(self, text: Callable[[], str], port: int = 0) -> None:
        try:
            self._server = ThreadingHTTPServer((HERE, port), _handler(text))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise NodeError(f"metrics cannot be served on port {port}: {reason}; take another, or 0 for any") from None
        self._server.daemon_threads = True
        Thread(target=self._server.serve_forever, daemon=True, name="scrape").start()

    @property
    def url(self) -> str:
        """Where to scrape."""
        return f"http://{HERE}:{self._server.server_port}/metrics"

    def close(self) -> None:
        """Nobody is answered any more."""
        self._server.shutdown()
        self._server.server_close()


def _handler(text: Callable[[], str]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _, port = self.request.getsockname()
            if self.headers.get("Host") not in {f"{HERE}:{port}", f"localhost:{port}"}:
                self.send_error(403)
            elif self.path != "/metrics":
                self.send_error(404)
            else:
                self._answer()

        def _answer(self) -> None:
            try:
                page = text().encode()
            except KubesharkError:
                self.send_error(503)
                return
            self.send_response(200)
            self.send_header("Content-Type", CONTENT)
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: object) -> None:
            """A notebook is no place for an access log."""

    return Handler
