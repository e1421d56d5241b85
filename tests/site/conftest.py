"""The real site, built once (widgets from the cache), served to one Chromium in each process."""

from __future__ import annotations

import fcntl
import os
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import axe
import pytest
from browser import EXECUTABLE, Visit, launch, visit
from pages import DOCUMENTS, ROOT, Open
from playwright.sync_api import Browser, sync_playwright

from crmkit.quick import MIME as QUICK_MIME
from crmkit.site.build import Site, build
from crmkit.site.contents import shown_in
from crmkit.site.npm import MODULES
from crmkit.site.serve import Server, serve
from crmkit.widgets.widget import MIME as WIDGET_MIME


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test every page, every widget on a page, or every page with quick questions."""
    if "page_name" in metafunc.fixturenames:
        metafunc.parametrize("page_name", list(DOCUMENTS))
    if "widget_place" in metafunc.fixturenames:
        places = [
            pytest.param((page, position), id=f"{page}-{shown['widget']}")
            for page, path in DOCUMENTS.items()
            for position, shown in enumerate(shown_in(path, WIDGET_MIME))
        ]
        metafunc.parametrize("widget_place", places)
    if "quick_page" in metafunc.fixturenames:
        pages = [page for page, path in DOCUMENTS.items() if any(shown_in(path, QUICK_MIME))]
        metafunc.parametrize("quick_page", pages)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip loudly where there is no Chromium."""
    if EXECUTABLE.exists():
        return
    reason = f"NOT TESTED IN A BROWSER: there is no {EXECUTABLE}; install it with `apt-get install chromium`"
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=reason))


@contextmanager
def in_turn(factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep out the other processes of a test run; gives the folder that they share."""
    folder = factory.getbasetemp().parent
    with (folder / "in-turn.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


@pytest.fixture(scope="session")
def npm_packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the site's npm packages, with those of the tests; nothing installs them later."""
    with in_turn(tmp_path_factory):
        axe.source()
    return ROOT / MODULES


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, npm_packages: Path) -> Site:
    """Return the site, built by the first process of a test run that asks for it; the others wait."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return build(ROOT)
    with in_turn(tmp_path_factory) as folder:
        built = folder / "site.pickle"
        if not built.exists():
            built.write_bytes(pickle.dumps(build(ROOT)))
        site: Site = pickle.loads(built.read_bytes())
        return site


@pytest.fixture(scope="session")
def server(site: Site) -> Iterator[Server]:
    with serve(site.folder, port=0) as running:
        yield running


@pytest.fixture(scope="session")
def course(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of the site, published below `/course/` as on many hosts."""
    host = tmp_path_factory.mktemp("host")
    (host / "course").symlink_to(site.folder)
    with serve(host, port=0) as running:
        yield f"{running.address}course/"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = launch(playwright)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Browser, server: Server) -> Iterator[Open]:
    """Return a function that opens a page of the site by name, in a context of its own."""
    opened: list[Visit] = []

    def open_(name: str, **options: Any) -> Visit:
        opened.append(visit(browser, f"{server.address}{name}.html", server.address, **options))
        return opened[-1]

    yield open_
    for each in opened:
        each.context.close()


@pytest.fixture(scope="session")
def settled_page(browser: Browser, server: Server) -> Iterator[Open]:
    """Return a function that gives a loaded page by name, the same one to all tests that ask alike.

    Setting the formulas of a chapter takes longer than most tests. A test that takes a settled page leaves
    it as usable as it found it; one that bends it opens its own.
    """
    settled: dict[tuple[str, str], Visit] = {}

    def get(name: str, **options: Any) -> Visit:
        key = name, repr(options)
        if key not in settled:
            settled[key] = visit(browser, f"{server.address}{name}.html", server.address, **options)
            settled[key].page.wait_for_load_state("networkidle")
        return settled[key]

    yield get
    for each in settled.values():
        each.context.close()
