"""The pages of the site, as the tests speak of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

from browser import Visit

from crmkit.site.build import Site
from crmkit.site.contents import documents

ROOT = Path(__file__).parents[2]

DOCUMENTS = {path.relative_to(ROOT).with_suffix("").as_posix(): path for path in documents(ROOT)}
"""The source of each page, by the page's name, in the order of the table of contents."""

Open = Callable[..., Visit]
"""Opens a page by its name."""


def captions_of(site: Site, frames: str) -> list[str]:
    """Return the baked captions behind a figure's `data-frames`."""
    folder = re.sub(r"^(\.\./)*", "", frames)
    script = (site.folder / folder / "captions.js").read_text(encoding="utf-8")
    captions: list[str] = json.loads(script[script.index("= [") + 2 :].rstrip(";\n"))
    return captions
