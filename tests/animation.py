"""Make the README's animation: JupyterLab runs the quick-start, one picture a step.

    python -m tests.animation [FILE]          (make animation)

Looks through a real browser at a real JupyterLab, like the tests in ``tests/browser``.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.browser.conftest import CHROMIUM, EXPOSE, FLAGS, PROJECT, READY, Notebook, Server

if TYPE_CHECKING:
    from playwright.sync_api import Page

TARGET = PROJECT / "notebooks" / "quickstart.webp"
SIZE = {"width": 1080, "height": 680}
MOST = 2 << 20  # bytes of the file
REPAINT = """() => new Promise(done => {
  document.body.style.opacity = 0.99;
  const back = () => { document.body.style.opacity = ''; setTimeout(done, 300); };
  requestAnimationFrame(() => requestAnimationFrame(back));
})"""  # without a graphics card, Chromium sometimes leaves thin lines of a picture out until it paints anew
SETTLED = 1500  # ms after which nothing moves any more


class Film:
    """Pictures of a page, each with how long it is shown."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._pictures: list[Image.Image] = []
        self._times: list[int] = []

    def take(self, seconds: float) -> None:
        """One picture, when the page has settled."""
        self._page.wait_for_timeout(SETTLED)
        self._page.evaluate(REPAINT)
        self._pictures.append(Image.open(io.BytesIO(self._page.screenshot())).convert("RGB"))
        self._times.append(int(seconds * 1000))

    def write(self, path: Path) -> int:
        """All pictures as one endless animation, each a whole one (differences lose thin lines); its size in bytes."""
        first, *others = self._pictures
        first.save(path, save_all=True, append_images=others, duration=self._times, loop=0, quality=80, kmax=1)
        return path.stat().st_size


def play(book: Notebook, film: Film) -> None:
    """Run the quick-start from top to bottom, and look at what is worth it."""
    film.take(2)
    for text, wanted, seconds in STEPS:
        number = book.find(text)
        book.show(number)
        if text.startswith("%%"):
            film.take(1.6)
        book.run(number)
        book.page.wait_for_function(RAN, arg=number)
        if wanted:
            book.show(number)  # cells far away are not in the page
            book.cell(number).locator(wanted).first.wait_for()
            book.cell(number).locator(wanted).last.scroll_into_view_if_needed()
            film.take(seconds)
        if text == ITEMS:
            book.page.locator(".ks-row.ks-failed").nth(2).click()
            book.page.wait_for_selector(".ks-detail-summary")
            film.take(2.8)


ITEMS = "%kubeshark_items http and"
RAN = "number => window.jupyterapp.shell.currentWidget.content.widgets[number].model.executionCount > 0"
STEPS = [  # what a cell says, what its output has when it is worth a look, seconds to look at it
    ("%load_ext", "", 0),
    ("%kubeshark_capture captures", "", 0),
    ("%%kubeshark_script verdicts", ".jp-OutputArea-output", 1.6),
    (ITEMS, ".ks-row.ks-failed", 2),
    ("%%kubeshark_script minutes", ".ks-line", 2.6),
    ("%kubeshark_jobs", ".ks-job-tag", 2),
    ("%%kubeshark_script pager", "", 0),
    ("%kubeshark_effects", ".ks-effect-line", 2.6),
    ("df = %kubeshark_items", "", 0),
    ("resample", "img", 3),
]


def main() -> None:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET
    with tempfile.TemporaryDirectory() as root, sync_playwright() as playwright:
        server = Server(Path(root))
        try:
            server.copy_notebooks()
            page = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS).new_page(viewport=SIZE)
            page.set_default_timeout(90000)
            page.add_init_script(EXPOSE)
            page.goto(f"{server.url}/lab/tree/quickstart.ipynb?reset")
            page.evaluate(READY)
            book = Notebook(page)
            book.theme("Light")
            book.command("application:toggle-left-area")
            film = Film(page)
            play(book, film)
            size = film.write(target)
        finally:
            server.stop_kernels()
            server.stop()
    print(f"{target}: {size:,} bytes")
    if size > MOST:
        sys.exit(f"more than {MOST:,} bytes: a README should not take that long to load")


if __name__ == "__main__":
    main()
