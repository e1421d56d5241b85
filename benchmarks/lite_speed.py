"""How long a student waits for the browser edition, and what is transferred; printed as JSON.

`python benchmarks/lite_speed.py` builds the site, opens an exercise twice in one browser, first with nothing
kept and then again, and runs its first cells each time.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, Request, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "site"))

from browser import launch
from lite import PATIENCE, address_of, run_all
from pages import ROOT

from crmkit.site.build import build
from crmkit.site.serve import serve

EXERCISE = "exercises/02-pricing.ipynb"


def open_and_check(context: BrowserContext, address: str) -> dict[str, float]:
    """Return the seconds until one can type, until the first verdict shows, and the megabytes until then."""
    page: Page = context.new_page()
    finished: list[Request] = []
    page.on("requestfinished", lambda request: finished.append(request))
    begun = time.monotonic()
    page.goto(address_of(address, EXERCISE))
    page.locator(".jp-CodeCell .cm-content").first.wait_for()
    ready = time.monotonic() - begun
    run_all(page)
    page.locator(".jp-OutputArea [role=status]").first.wait_for()
    checked = time.monotonic() - begun
    transferred = sum(request.sizes()["responseBodySize"] for request in finished)
    page.close()
    return {
        "ready to type, s": round(ready, 1),
        "first check, s": round(checked, 1),
        "transferred, MB": round(transferred / 1e6, 1),
    }


def main() -> None:
    """Measure and print."""
    site = build(ROOT)
    with serve(site.folder, port=0) as server, sync_playwright() as playwright:
        browser = launch(playwright)
        context = browser.new_context(viewport={"width": 1300, "height": 900})
        context.set_default_timeout(PATIENCE)
        found = {name: open_and_check(context, server.address) for name in ("cold", "warm")}
        browser.close()
    print(json.dumps({**found, "load of this machine": os.getloadavg()[0]}, indent=1))


if __name__ == "__main__":
    main()
