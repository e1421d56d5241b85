"""Chromium as the tests and the screenshots use it: a fresh profile, and no way off this machine."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Route

EXECUTABLE = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Chromium lets a test's own scripts run whatever a page's policy says.
WATCH_POLICY = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.violations.push(`${event.violatedDirective} forbade ${event.blockedURI} ${event.sample}`);
});
"""
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
PATIENCE = 30_000
"""Milliseconds to wait for anything; nothing takes this long but on a busy machine."""


def launch(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=EXECUTABLE, args=FLAGS)


@dataclass
class Visit:
    """A page in a context of its own, with what went wrong while it was open."""

    page: Page
    off_origin: list[str] = field(default_factory=list)
    console_errors: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    @property
    def context(self) -> BrowserContext:
        return self.page.context

    @property
    def violations(self) -> list[str]:
        """What the page's Content-Security-Policy forbade."""
        found: list[str] = self.page.evaluate("window.violations ?? []")
        return found

    @property
    def complaints(self) -> list[str]:
        return [*self.off_origin, *self.console_errors, *self.failed]


def wait_for(page: Page, expression: str, arg: Any = None) -> None:
    """Wait until an expression, or what a function of `arg` returns, is true on the page.

    Playwright's own way compiles the expression in the page, which the page's policy forbids.
    """
    deadline = time.monotonic() + PATIENCE / 1000
    while not page.evaluate(expression, arg):
        assert time.monotonic() < deadline, f"this did not become true: {expression}"
        page.wait_for_timeout(30)


def visit(browser: Browser, address: str, origin: str, *, dark: bool = False, **options: Any) -> Visit:
    """Open an address in a fresh context; every request that leaves the origin is aborted and noted."""
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE)
    context.add_init_script(WATCH_POLICY)
    if dark:
        context.add_init_script("localStorage.setItem('mode', 'dark')")
    opened = Visit(context.new_page())

    def stay_at_home(route: Route) -> None:
        if route.request.url.startswith((origin, "data:", "blob:")):
            route.continue_()
        else:
            opened.off_origin.append(f"asked for {route.request.url}")
            route.abort()

    context.route("**/*", stay_at_home)
    page = opened.page
    page.on("console", lambda said: said.type == "error" and opened.console_errors.append(said.text))
    page.on("pageerror", lambda error: opened.console_errors.append(str(error)))
    page.on(
        "response",
        lambda answer: answer.status >= 400 and opened.failed.append(f"{answer.status} for {answer.url}"),
    )
    page.goto(address)
    return opened
