"""A JupyterLab and a page of a browser to measure in."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import CHROMIUM, EXPOSE, FLAGS, Server

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def lab() -> Iterator[tuple[Server, Page]]:
    """Both, as long as the context lasts."""
    with contextlib.ExitStack() as stack:
        server = Server(Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))))
        stack.callback(server.stop)
        browser = stack.enter_context(sync_playwright()).chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1360, "height": 1500})
        page.add_init_script(EXPOSE)
        yield server, page
