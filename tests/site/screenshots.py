"""Pictures of every page for people to look at: `python tests/site/screenshots.py`.

They go to `_build/screenshots/`: 1280 and 390 pixels wide, light and dark.
"""

from __future__ import annotations

import sys

from browser import PHONE, launch, visit
from pages import DOCUMENTS, ROOT
from playwright.sync_api import sync_playwright

from crmkit.site.serve import serve

DESK = {"viewport": {"width": 1280, "height": 900}}


def main() -> None:
    target = ROOT / "_build" / "screenshots"
    target.mkdir(parents=True, exist_ok=True)
    with serve(ROOT / "_build" / "html", port=0) as server, sync_playwright() as playwright:
        browser = launch(playwright)
        for name in DOCUMENTS:
            for width, options in (("1280", DESK), ("390", PHONE)):
                for dark in (False, True):
                    address = f"{server.address}{name}.html"
                    opened = visit(browser, address, server.address, dark=dark, **options)
                    opened.page.wait_for_load_state("networkidle")
                    opened.page.evaluate("Promise.all([...document.images].map((image) => image.decode()))")
                    file = target / f"{name.replace('/', '-')}-{width}-{'dark' if dark else 'light'}.png"
                    opened.page.screenshot(path=file, full_page=True)
                    opened.context.close()
                    print(file.relative_to(ROOT), file=sys.stderr)


if __name__ == "__main__":
    main()
