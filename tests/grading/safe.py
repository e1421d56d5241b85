"""What makes a page safe to open: read with html.parser, and opened in Chromium."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

# The site's tests have Chromium's settings.
sys.path.append(str(Path(__file__).parents[1] / "site"))
browser = import_module("browser")
in_browser = pytest.mark.skipif(
    not browser.EXECUTABLE.exists(),
    reason=f"NOT TESTED IN A BROWSER: there is no {browser.EXECUTABLE}; install it with "
    "`apt-get install chromium`",
)

ALLOWED = frozenset(
    re.findall(
        r"\w+",
        """html head meta title link style body header main nav section div p span bdi strong b small h1 h2 h3
        h4 a ul ol li br details summary pre code samp img figure dl dt dd table thead tbody tr th td""",
    )
)
HOSTILE = (
    "<script>alert(1)</script>",
    "</title></style></pre></code></samp><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)" x="',
    "' autofocus onfocus='alert(1)",
    "<a href='javascript:alert(1)'>https://example.org</a>",
    "{{ 7 * 7 }}{% include 'page.css' %}{# gone #}",
    "&lt;b&gt; &#x3c;script&#x3e; <!-- <![CDATA[ ]]> --!>",
    "\x1b[31mred\x1b[0m \x1b]8;;https://example.org\x07link\x1b]8;;\x07 \x9b31m",
    "\u202eevil\u2066 \u200bhidden\ufeff \x00 \ud800 \x08\r end",
)


class PageReader(HTMLParser):
    """Reads a page: its elements with their attributes' names, its text, and what is not safe in it."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[str] = []
        self.faults: list[str] = []
        self._within = ""
        self.feed(html)
        self.close()

    @property
    def text(self) -> str:
        """All text that is shown, with single spaces."""
        return " ".join(" ".join(self.texts).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._within = tag
        self.elements.append((tag, tuple(sorted(name for name, _ in attrs))))
        if tag not in ALLOWED:
            self.faults.append(f"<{tag}>")
        for name, value in attrs:
            value = value or ""
            self.attributes.append((tag, name, value))
            if name.startswith("on") or name in ("style", "srcdoc", "srcset", "action", "formaction"):
                self.faults.append(f"{name}={value!r}")
            local = value.startswith(("#", "data:image/png;base64,")) or value == "data:,"
            if name in ("href", "src") and not local:
                self.faults.append(f"{name}={value!r}")

    def handle_data(self, data: str) -> None:
        if self._within != "style":
            self.texts.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._within = ""

    def handle_comment(self, data: str) -> None:
        self.faults.append(f"<!--{data}-->")

    def unknown_decl(self, data: str) -> None:
        self.faults.append(f"<![{data}]>")

    def handle_pi(self, data: str) -> None:
        self.faults.append(f"<?{data}>")

    def values(self, tag: str, name: str) -> list[str]:
        """The values of an attribute in all elements of a kind."""
        return [value for of, called, value in self.attributes if (of, called) == (tag, name)]


@contextmanager
def opened(path: Path, **options: Any) -> Iterator[tuple[Page, list[str]]]:
    """Open a file in Chromium; yields the page, and what went wrong so far."""
    with sync_playwright() as playwright:
        chromium = browser.launch(playwright)
        try:
            visited = browser.visit(chromium, path.as_uri(), path.as_uri(), **options)
            yield visited.page, visited.complaints
        finally:
            chromium.close()


def colours(css: str) -> list[dict[str, tuple[float, float, float]]]:
    """The named colours of a style sheet, light and dark, as channels from 0 to 1."""
    found = []
    for block in re.findall(r":root \{(.*?)\}", css, re.DOTALL):
        named = re.findall(r"--([a-z]+): #([0-9a-f]{6});", block)
        found.append(
            {name: tuple(int(code[at : at + 2], 16) / 255 for at in (0, 2, 4)) for name, code in named}
        )
    return found


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """The contrast ratio of WCAG 2.2."""

    def luminance(colour: tuple[float, ...]) -> float:
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
