"""Links: every one within the built site leads to something; those that lead elsewhere can be asked for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest
from click.testing import CliRunner

from crmkit.cli import main
from crmkit.site.build import Site
from crmkit.site.links import State, check_links

# ---- within the site ----

ROOT_ADDRESS = "https://course.example/"
"""Where the site is thought to be, so that relative addresses can be joined and others told apart."""


@dataclass
class Page(HTMLParser):
    """The places of a page that links can lead to, and the addresses that it asks for."""

    ids: set[str] = field(default_factory=set)
    addresses: list[str] = field(default_factory=list)
    base: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" or (name == "name" and tag == "a"):
                self.ids.add(value or "")
            elif tag == "base" and name == "href":
                self.base = value or ""
            elif name in ("href", "src", "poster", "action", "data-frames"):
                self.addresses.append(value or "")
            elif name == "srcset":
                self.addresses += [part.split()[0] for part in (value or "").split(",")]


def read(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def dead_links(folder: Path) -> list[str]:
    """Return each address of a built page that leads to no file, or to no place in its file."""
    pages = {path: read(path) for path in sorted(folder.rglob("*.html")) if path.parent.name != "_static"}
    dead = []
    for path, page in pages.items():
        here = urljoin(ROOT_ADDRESS, path.relative_to(folder).as_posix())
        for address in page.addresses:
            whole, place = urldefrag(urljoin(urljoin(here, page.base), address))
            if not whole.startswith(ROOT_ADDRESS):
                if whole.startswith("file:"):
                    dead.append(f"{path.relative_to(folder)}: {address}")
                continue
            target = folder / unquote(urlsplit(whole).path).lstrip("/")
            if target.is_dir() and (target / "index.html").is_file():
                target /= "index.html"
            known = pages[target].ids if target in pages else set()
            # "#" alone and "#top" lead to the top of any page.
            if not target.exists() or (place and place != "top" and unquote(place) not in known):
                dead.append(f"{path.relative_to(folder)}: {address}")
    return dead


def test_every_link_within_the_site_leads_to_a_file_and_to_a_place_in_it(site: Site) -> None:
    assert dead_links(site.folder) == []


def test_a_dead_link_is_found_whatever_is_dead_about_it(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/note.html").write_text('<p id="here">Up: <a href="../index.html#top">top</a></p>')
    (tmp_path / "index.html").write_text(
        '<a href="a/note.html#here"></a><a href="a/note.html?x=1"></a><a href="#"></a>'
        '<a href="gone.html"></a>'
        '<a href="a/note.html#nowhere"></a><img src="a/lost.png"/><a href="https://elsewhere.example/x"></a>'
    )
    assert dead_links(tmp_path) == [
        "index.html: gone.html",
        "index.html: a/note.html#nowhere",
        "index.html: a/lost.png",
    ]


# ---- to other sites ----


class Elsewhere(BaseHTTPRequestHandler):
    """A site with one page, its old address, a guarded page and nothing else."""

    ANSWERS = {"/good": 200, "/old": 301, "/guarded": 403}  # noqa: RUF012

    def do_HEAD(self) -> None:
        self.send_response(self.ANSWERS.get(self.path, 404))
        if self.path == "/old":
            self.send_header("Location", "/good")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD  # noqa: N815  the base class calls it so

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    """Return the address of a server with good, moved, guarded and dead pages."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Return the folder of a book with a page; the command wants a folder of solutions, too."""
    (tmp_path / "solutions").mkdir()
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: index\n")
    (tmp_path / "_config.yml").write_text("sphinx:\n  config:\n    linkcheck_anchors: false\n")
    return tmp_path


def test_each_address_elsewhere_is_asked_for(book: Path, elsewhere: str) -> None:
    names = ("good", "good#place", "old", "guarded", "gone")
    text = "\n\n".join(f"[{name}]({elsewhere}/{name})" for name in names)
    (book / "index.md").write_text(f"# Milk\n\n{text}\n\n[here](#milk)\n")
    links = {link.address.removeprefix(elsewhere): link for link in check_links(book)}
    assert {address: link.state for address, link in links.items()} == {
        "/good": State.WORKING,
        "/good#place": State.WORKING,
        "/old": State.MOVED,
        "/guarded": State.REFUSED,
        "/gone": State.DEAD,
    }
    assert links["/old"].answer == f"{elsewhere}/good"
    assert links["/gone"].file == "index.md"
    assert links["/gone"].answer.startswith("404 ")
    assert not (book / "_build" / "html").exists()


def test_the_command_fails_only_for_a_dead_link_and_names_it(
    book: Path, elsewhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(book)
    (book / "index.md").write_text(f"# Milk\n\n[old]({elsewhere}/old)\n\n[gone]({elsewhere}/gone)\n")
    done = CliRunner().invoke(main, ["links"])
    assert done.exit_code == 1
    assert f"dead: {elsewhere}/gone (index.md:5; 404 " in done.output
    assert f"moved for good: {elsewhere}/old (index.md:3; {elsewhere}/good)" in done.output
    (book / "index.md").write_text(f"# Milk\n\n[old]({elsewhere}/old)\n")
    assert CliRunner().invoke(main, ["links"]).exit_code == 0
