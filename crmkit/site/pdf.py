"""Print the built site as one PDF, with a Chromium that is on the machine.

The document is laid out once and printed twice: only the first print tells on which pages its chapters
begin, which the contents then say.
"""

from __future__ import annotations

import io
import logging
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crmkit.site.book import Book, book
from crmkit.site.serve import Server, serve

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Playwright, Route
    from pypdf import PdfReader

NAME = "crm-in-practice.pdf"
BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
    "microsoft-edge",
)
"""Names under which Chromium and its kin are found on the path."""
CHANNELS = ("chrome", "msedge")
"""Where Playwright knows to look on machines that have programs elsewhere than on the path."""
OLDEST = 131
"""The first version of Chromium that prints what a style puts into the margins of a page."""
FLAGS = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]

_DOCUMENT = "crmkit-book.html"
_PATIENCE = 300_000  # milliseconds for a book of 400 pages on a busy machine

_SETTLED = """
async () => {
  await document.fonts.ready;
  const broken = [];
  for (const image of document.images) await image.decode().catch(() => broken.push(image.src));
  return broken;
}
"""
_NUMBER = """
(pages) => {
  for (const link of document.querySelectorAll(".crmkit-contents a")) {
    link.querySelector(".crmkit-number").textContent = pages[link.getAttribute("href").slice(1)];
  }
}
"""


class PdfError(RuntimeError):
    """The book could not be printed; the message says what to do."""


@dataclass(frozen=True)
class Printed:
    """A printed book."""

    path: Path
    pages: int
    bytes: int
    seconds: float


def print_book(root: Path, site: Path, target: Path, *, paper: str = "A4") -> Printed:
    """Print all pages of a built site, in the order of the table of contents, into one PDF.

    Parameters
    ----------
    root : the project's folder, with `_config.yml` and `_toc.yml`.
    site : the folder of the built site.
    target : the PDF to write.
    paper : the size of the sheets, "A4" or "Letter".

    Raises
    ------
    PdfError : Playwright or a Chromium is missing, or a page did not come out whole.
    """
    started = time.monotonic()
    # Of what Chromium writes it says that there are more objects than it announced; they are all there.
    logging.getLogger("pypdf").setLevel(logging.ERROR)
    try:
        import pypdf  # noqa: F401  asked for before the pages are laid out, which takes a while
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise PdfError(f"printing needs {error.name}: pip install 'crmkit[teach]'") from error
    made = book(root, site)
    with serve(site, port=0) as server, sync_playwright() as playwright:
        browser = _launch(playwright)
        try:
            page = _open(browser, server, made)
            page.evaluate(_NUMBER, _beginnings(_draft(page, paper), made))
            printed = page.pdf(format=paper, tagged=True, outline=True, print_background=True)
        finally:
            browser.close()
    pages = _finish(printed, made, target)
    return Printed(target, pages, target.stat().st_size, time.monotonic() - started)


def _launch(playwright: Playwright) -> Browser:
    from playwright.sync_api import Error

    browser = None
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is not None:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
    for channel in CHANNELS:
        if browser is None:
            try:
                browser = playwright.chromium.launch(channel=channel, args=FLAGS)
            except Error:  # it is not where Playwright looks
                continue
    if browser is None:
        raise PdfError(
            "printing needs Chromium, Chrome or Edge, and none was found; install one, "
            "on Debian and Ubuntu: apt-get install chromium"
        )
    if int(browser.version.partition(".")[0]) < OLDEST:
        version = browser.version
        browser.close()
        raise PdfError(f"the browser found is version {version}; printing needs {OLDEST} or newer")
    return browser


def _open(browser: Browser, server: Server, made: Book) -> Page:
    """Return the document, laid out for paper, with its pictures and its formulas."""
    page = browser.new_page()
    page.set_default_timeout(_PATIENCE)
    strangers: list[str] = []
    address = f"{server.address}{_DOCUMENT}"

    def answer(route: Route) -> None:
        asked = route.request.url
        if asked == address:
            route.fulfill(body=made.html, content_type="text/html; charset=utf-8")
        elif asked.startswith((server.address, "data:", "blob:")):
            route.continue_()
        else:
            strangers.append(asked)
            route.abort()

    page.route("**/*", answer)
    page.emulate_media(media="print", color_scheme="light")
    page.goto(address)
    broken = page.evaluate(_SETTLED)
    if strangers or broken:
        raise PdfError(f"not in the built site: {', '.join([*strangers, *broken])}; build it again")
    return page


def _draft(page: Page, paper: str) -> PdfReader:
    """Return the document printed without its pictures, which take most of the time."""
    from pypdf import PdfReader

    blind = page.add_style_tag(content="img { visibility: hidden }")
    printed = page.pdf(format=paper)
    blind.evaluate("(style) => style.remove()")
    return PdfReader(io.BytesIO(printed))


def _beginnings(reader: PdfReader, made: Book) -> dict[str, int]:
    """Return the number of the page on which each chapter begins."""
    places = reader.named_destinations
    return {
        ident: (reader.get_destination_page_number(places[f"/{ident}"]) or 0) + 1 for ident in made.chapters
    }


def _finish(printed: bytes, made: Book, target: Path) -> int:
    """Write the PDF with what Chromium does not know of the book; return its number of pages."""
    from pypdf import PdfWriter
    from pypdf.generic import BooleanObject, DictionaryObject, NameObject, TextStringObject

    writer = PdfWriter(clone_from=io.BytesIO(printed))
    writer.add_metadata({"/Title": made.title, "/Author": made.author})
    writer.page_mode = "/UseOutlines"
    writer.root_object[NameObject("/Lang")] = TextStringObject(made.language)
    writer.root_object[NameObject("/ViewerPreferences")] = DictionaryObject(
        {NameObject("/DisplayDocTitle"): BooleanObject(True)}
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    writer.write(partial)
    partial.replace(target)
    return len(writer.pages)
