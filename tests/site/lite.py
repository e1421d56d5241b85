"""The browser edition as its tests speak of it: where notebooks are, and what the browser has kept."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

PATIENCE = 300_000
"""Milliseconds for a kernel to start on a busy machine; Python is slow in the browser."""

_STORED = """
    const name = `JupyterLite Storage - ${new URL("..", location).pathname}`;
    const listed = await indexedDB.databases();
    if (!listed.some((each) => each.name === name)) return null;
    const done = (request) => new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = reject;
    });
    const database = await done(indexedDB.open(name));
    const files = database.transaction("files", "readwrite").objectStore("files");
"""
"""Opens the browser's own storage as any page of the site could."""

KEPT = (
    f"async (path) => {{{_STORED} const file = await done(files.get(path)); database.close(); return file; }}"
)
"""Reads a file; nothing if there is none."""

_KEEP = f"async ([path, file]) => {{{_STORED} await done(files.put(file, path)); database.close(); }}"


def address_of(course: str, path: str) -> str:
    """Return the deep link to a notebook."""
    return f"{course}lite/notebooks/index.html?path={path}"


def wait_for_kernel(page: Page) -> None:
    """Wait until Python runs; a cell that is run before may be passed over.

    At first the indicator says idle of no kernel at all.
    """
    for status in ("unknown", "idle"):
        page.locator(f".jp-Notebook-ExecutionIndicator[data-status={status}]").wait_for(state="attached")


def kept(page: Page, path: str) -> Any:
    """Return what the browser has kept of a file, as a model of Jupyter's contents; None if nothing."""
    return page.evaluate(KEPT, path)


def keep(page: Page, path: str, notebook: Any) -> None:
    """Put a notebook into the browser's storage, as if the student had uploaded it."""
    long_ago = "2026-01-01T00:00:00Z"
    model = {
        "name": path.rpartition("/")[2],
        "path": path,
        "type": "notebook",
        "format": "json",
        "mimetype": "application/x-ipynb+json",
        "content": notebook,
        "created": long_ago,
        "last_modified": long_ago,
        "size": 1,
        "writable": True,
    }
    page.evaluate(_KEEP, [path, model])


def run_all(page: Page) -> None:
    """Run all cells of the open notebook from the menu."""
    page.locator(".jp-Notebook .jp-Cell").first.wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
