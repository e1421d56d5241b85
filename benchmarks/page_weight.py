"""What a reader's browser fetches for each page of the published course, and how soon a widget moves.

`python benchmarks/page_weight.py` serves `_build/html` compressed, as web servers do, opens each page in a
Chromium that has nothing in its cache, and prints a line for each. Bytes are those of the answers' bodies.
"""

from __future__ import annotations

import gzip
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Any, Literal

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "site"))

from browser import launch
from pages import DOCUMENTS, ROOT
from playwright.sync_api import Browser, Page, sync_playwright

GOAL_BYTES = 1_200_000
GOAL_MILLISECONDS = 2000
ROUNDS = 3
QUIET, PATIENCE = 2_000, 60_000  # milliseconds

KINDS = {
    ".html": "html",
    ".css": "css",
    ".js": "scripts",
    ".woff2": "fonts",
    ".woff": "fonts",
    ".ttf": "fonts",
    ".png": "pictures",
    ".svg": "pictures",
    ".webp": "pictures",
}
COMPRESSED = {".html", ".css", ".js", ".svg", ".ttf"}

MOVE = """
async () => {
  const frame = () => new Promise(requestAnimationFrame);
  const until = async (ready) => {
    while (!ready()) await frame();
  };
  const ready = "figure.crmkit-widget:has(.crmkit-controls:not([hidden]) input[type=range])";
  await until(() => document.querySelector(ready));
  const figure = document.querySelector(ready);
  const [slider, image] = ["input[type=range]", "img"].map((part) => figure.querySelector(part));
  const before = image.src;
  slider.focus();
  slider.value = Number(slider.value) + (slider.value === slider.max ? -1 : 1);
  slider.dispatchEvent(new Event("input"));
  await until(() => image.src !== before && image.complete);
  return performance.now();
}
"""


@cache
def body(path: Path) -> bytes:
    content = path.read_bytes()
    return gzip.compress(content, 9) if path.suffix in COMPRESSED else content


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder compressed, and notes what it sent."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *args: Any, sent: list[tuple[str, int]], **options: Any) -> None:
        self.sent = sent
        super().__init__(*args, **options)

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return
        content = body(path)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Length", str(len(content)))
        if path.suffix in COMPRESSED:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(content)
        self.sent.append((KINDS.get(path.suffix, "other"), len(content)))

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def serving(folder: Path) -> Iterator[tuple[str, list[tuple[str, int]]]]:
    """Serve a folder; give its address and the record of what is sent."""
    sent: list[tuple[str, int]] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, sent=sent, directory=str(folder)))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", sent
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def until_quiet(page: Page, sent: list[tuple[str, int]]) -> None:
    """Return when the page has asked for nothing for a while."""
    before = -1
    while before != len(sent):
        before = len(sent)
        page.wait_for_timeout(QUIET)


@contextmanager
def opening(browser: Browser, address: str, wait_until: Literal["commit", "load"]) -> Iterator[Page]:
    """Open an address with nothing in the cache."""
    context = browser.new_context()
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(address, wait_until=wait_until)
    yield page
    context.close()


def milliseconds_to_first_move(browser: Browser, address: str) -> float:
    """Return when the first slider of a page had shown its next picture, counted from the page's start."""
    with opening(browser, address, "commit") as page:
        milliseconds: float = page.evaluate(MOVE)
    return milliseconds


def main() -> None:
    folder = ROOT / "_build" / "html"
    kinds = sorted(set(KINDS.values()))
    print("page".ljust(32), "requests", "kB".rjust(6), *(kind.rjust(8) for kind in kinds), "first move, ms")
    with serving(folder) as (origin, sent), sync_playwright() as playwright:
        browser = launch(playwright)
        for name in DOCUMENTS:
            address = f"{origin}{name}.html"
            sent.clear()
            with opening(browser, address, "load") as page:
                until_quiet(page, sent)
                movable = page.locator("figure.crmkit-widget input[type=range]").count()
            requests, weights = len(sent), Counter[str]()
            for kind, size in sent:
                weights[kind] += size
            moves = [milliseconds_to_first_move(browser, address) for _ in range(ROUNDS if movable else 0)]
            total = sum(weights.values())
            print(
                name.ljust(32),
                str(requests).rjust(8),
                f"{total / 1000:6.0f}",
                *(f"{weights[kind] / 1000:8.0f}" for kind in kinds),
                f"{median(moves):14.0f}" if moves else "",
                "over the goal" if total > GOAL_BYTES else "",
                "slower than the goal" if moves and median(moves) > GOAL_MILLISECONDS else "",
                flush=True,
            )


if __name__ == "__main__":
    main()
