"""One JupyterLab server and one Chromium for the whole run, a page for each test."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

PROJECT = Path(__file__).parents[2]
ARTEFACTS = PROJECT / "tests" / "artefacts"
EXTENSION = PROJECT / "kubeshark_nb" / "labextension"
CHROMIUM = os.environ.get("KUBESHARK_NB_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# What `--expose-app-in-browser` does, for JupyterLab and Notebook alike (side by side they undo each other's flag).
EXPOSE = """
const parse = JSON.parse;
JSON.parse = (...given) => {
  const value = parse(...given);
  if (value && typeof value === 'object' && 'exposeAppInBrowser' in value) value.exposeAppInBrowser = true;
  return value;
};"""
READY = """async () => {
  const soon = () => new Promise(done => setTimeout(done, 100));
  while (!window.jupyterapp?.shell?.currentWidget?.sessionContext) await soon();
  const panel = window.jupyterapp.shell.currentWidget;
  await panel.context.ready;
  await panel.sessionContext.ready;
  while (!panel.sessionContext.session?.kernel) await soon();
  await panel.sessionContext.session.kernel.info;
}"""


class Notebook:
    """A notebook open in JupyterLab."""

    exposed = EXPOSE

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, server: Server, name: str, app: str = "lab/tree") -> None:
        """Goes to a notebook and waits for its kernel."""
        self.page.goto(f"{server.url}/{app}/{name}?reset")
        self.page.evaluate(READY)

    def command(self, name: str, **arguments: object) -> None:
        """Runs a command of JupyterLab, without waiting for its promise (it may never settle for Playwright)."""
        self.page.evaluate("([name, args]) => { window.jupyterapp.commands.execute(name, args); }", [name, arguments])

    def run_all(self) -> None:
        self.command("notebook:run-all-cells")

    def run(self, number: int) -> None:
        """Runs one cell."""
        self.page.evaluate(
            "number => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = number; }", number
        )
        self.command("notebook:run-cell")

    def idle(self, seconds: float = 60) -> None:
        """Waits until every cell has run."""
        self.page.wait_for_function(
            """() => {
              const all = window.jupyterapp.shell.currentWidget.content.widgets;
              const cells = all.filter(cell => cell.model.type === 'code');
              return cells.every(cell => cell.model.executionCount || !cell.model.sharedModel.getSource().trim());
            }""",
            timeout=seconds * 1000,
        )

    def idle_kernel(self) -> None:
        """Waits until the kernel has nothing to do."""
        self.page.wait_for_timeout(300)
        self.page.wait_for_function(
            "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'"
        )

    def output(self, cell: int) -> str:
        """The text of one cell's output area (cells counted from 0)."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(cell).locator(".jp-Cell-outputWrapper").inner_text()

    def cell(self, number: int):
        return self.page.locator(".jp-Notebook .jp-Cell").nth(number)

    def show(self, number: int) -> None:
        """Scrolls to a cell; JupyterLab keeps cells far away out of the page."""
        self.page.evaluate(
            "number => { window.jupyterapp.shell.currentWidget.content.scrollToItem(number, 'start'); }", number
        )

    def find(self, text: str) -> int:
        """The number of the first cell whose source contains ``text``."""
        return self.page.evaluate(
            """text => window.jupyterapp.shell.currentWidget.content.widgets
                 .findIndex(cell => cell.model.type === 'code' && cell.model.sharedModel.getSource().includes(text))""",
            text,
        )

    def theme(self, name: str) -> None:
        """Light or dark."""
        self.command("apputils:change-theme", theme=f"JupyterLab {name}")
        wanted = "true" if name == "Light" else "false"
        self.page.wait_for_selector(f'body[data-jp-theme-light="{wanted}"]', state="attached")
        self.page.wait_for_selector("#jupyterlab-splash", state="detached")

    def shot(self, name: str, selector: str | None = None) -> None:
        """Keeps a picture among the artefacts."""
        ARTEFACTS.mkdir(exist_ok=True)
        target = self.page.locator(selector).first if selector else self.page
        target.screenshot(path=str(ARTEFACTS / f"{name}.png"))


class Server:
    """A JupyterLab server in a folder of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = (root / "server.log").open("w")
        self._process = subprocess.Popen(
            self._command(), cwd=root, env=self._environment(), stdout=self._log, stderr=self._log
        )
        self._await()

    def _command(self) -> list[str]:
        options = {
            "ServerApp.port": self.port,
            "ServerApp.ip": "127.0.0.1",
            "ServerApp.open_browser": "False",
            "IdentityProvider.token": "",
            "ServerApp.disable_check_xsrf": "True",
            "ServerApp.allow_root": "True",
            "ServerApp.root_dir": self.root / "notebooks",
            "LabApp.check_for_updates_frequency": "never",
        }
        chosen = [f"--{name}={value}" for name, value in options.items()]
        return [sys.executable, "-m", "jupyterlab", *chosen]

    def _environment(self) -> dict[str, str]:
        extensions = self.root / "share" / "labextensions"
        extensions.mkdir(parents=True)
        if EXTENSION.is_dir():
            (extensions / "kubeshark-nb").symlink_to(EXTENSION)
        (self.root / "notebooks").mkdir()
        settings = self.root / "JUPYTER_CONFIG_DIR" / "lab" / "user-settings" / "@jupyterlab" / "apputils-extension"
        settings.mkdir(parents=True)
        (settings / "notification.jupyterlab-settings").write_text('{"fetchNews": "false", "checkForUpdates": false}')
        own = {
            name: str(self.root / name)
            for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
        }
        return {**os.environ, **own, "JUPYTER_PATH": str(self.root / "share"), "PYTHONPATH": str(PROJECT)}

    def _await(self) -> None:
        deadline = time.monotonic() + 40
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{self.url}/api", timeout=2).close()
            except OSError:
                time.sleep(0.2)
            else:
                return
        raise RuntimeError(f"JupyterLab did not start:\n{(self.root / 'server.log').read_text()}")

    def write(self, name: str, cells: list[str]) -> None:
        """A notebook of code cells (a cell that begins with ``#md`` is prose)."""
        made = [
            nbformat.v4.new_markdown_cell(text[3:]) if text.startswith("#md") else nbformat.v4.new_code_cell(text)
            for text in cells
        ]
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        nbformat.write(nbformat.v4.new_notebook(cells=made, metadata=kernel), self.root / "notebooks" / name)

    def copy_notebooks(self) -> None:
        """The project's notebooks with their captures."""
        shutil.copytree(PROJECT / "notebooks", self.root / "notebooks", dirs_exist_ok=True)

    def stop_kernels(self) -> None:
        """Ends what a test left running, so that the next one has the machine to itself."""
        with urllib.request.urlopen(f"{self.url}/api/kernels", timeout=10) as answer:
            running = json.load(answer)
        for kernel in running:
            order = urllib.request.Request(f"{self.url}/api/kernels/{kernel['id']}", method="DELETE")
            urllib.request.urlopen(order, timeout=20).close()

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)
        self._log.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory):
    running = Server(tmp_path_factory.mktemp("lab"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def browser():
    assert CHROMIUM, "the browser tests need Chromium: install it, or name it in KUBESHARK_NB_CHROMIUM"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser):
    context = browser.new_context(viewport={"width": 1360, "height": 960})
    context.set_default_timeout(20000)
    opened = context.new_page()
    opened.add_init_script(EXPOSE)
    yield opened
    context.close()


@pytest.fixture
def lab(server: Server, page: Page, request: pytest.FixtureRequest):
    """Opens a notebook with the given cells in JupyterLab, its kernel ready."""
    yield opener(server, page, request, "lab/tree")
    server.stop_kernels()


@pytest.fixture
def notebook7(server: Server, page: Page, request: pytest.FixtureRequest):
    """The same in Notebook 7."""
    yield opener(server, page, request, "notebooks")
    server.stop_kernels()


def opener(server: Server, page: Page, request: pytest.FixtureRequest, app: str):
    def open_notebook(*cells: str, name: str = "") -> Notebook:
        file = name or f"{request.node.name}.ipynb".replace("[", "-").replace("]", "")
        if cells:
            server.write(file, list(cells))
        book = Notebook(page)
        book.open(server, file, app)
        return book

    return open_notebook
