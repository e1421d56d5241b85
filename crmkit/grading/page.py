"""A self-contained HTML page: every text escaped, nothing that runs, pictures as PNG inside the page.

What students wrote and printed is shown on it, so the page trusts no text: the template's every expression
goes through `visible` and is escaped, and the browser is told to load nothing and run nothing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

FOLDER = Path(__file__).parent / "pages"
# Colours and movements of a terminal: control sequences, titles and links, and what has one letter.
TERMINAL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\^_=>78]")
# Characters that are not seen, or that turn the text after them around: controls, marks of direction,
# invisible spaces and tags, halves of characters. The joiners that scripts and emoji need are not among them.
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
SIGNATURE = b"\x89PNG\r\n\x1a\n"
# What a picture consists of; animations, texts, profiles and addresses are left out.
KEPT = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
MOST_BYTES = 2_000_000
MOST_PIXELS = 4_000
"""Of the width and of the height of a picture."""


def visible(text: str) -> str:
    """Return a text without a terminal's control sequences, with a sign for each character that hides."""
    text = TERMINAL.sub("", text.replace("\r\n", "\n"))
    return UNSEEN.sub(lambda found: f"⟦U+{ord(found[0]):04X}⟧", text)


@dataclass(frozen=True)
class Picture:
    """A picture to show: its address, which holds it, what it says, and its size in pixels."""

    source: str
    says: str
    width: int
    height: int


def picture(encoded: str, says: str) -> Picture | None:
    """Return a picture that a student's code drew, or None for what is no PNG of a reasonable size.

    It is not decoded here. Its parts are read, those that make the picture are kept, and the rest is dropped.

    Parameters
    ----------
    encoded : PNG bytes in base64.
    says : its alternative text.
    """
    if len(encoded) > MOST_BYTES * 4 // 3 + 4:
        return None
    try:
        content = base64.b64decode(encoded, validate=True)
        parts = list(_parts(content))
    except (binascii.Error, ValueError, struct.error):
        return None
    kinds = [kind for kind, _ in parts]
    size = dict(parts).get(b"IHDR", b"")
    if kinds[:1] != [b"IHDR"] or kinds.count(b"IHDR") != 1 or len(size) != 13 or b"IDAT" not in kinds:
        return None
    width, height = struct.unpack(">II", size[:8])
    if not (0 < width <= MOST_PIXELS and 0 < height <= MOST_PIXELS):
        return None
    kept = SIGNATURE + b"".join(_packed(*part) for part in parts if part[0] in KEPT)
    return Picture(_address(kept), says, width, height)


def own_picture(content: bytes, says: str) -> Picture:
    """Return a picture that was drawn here, from its PNG bytes."""
    width, height = struct.unpack(">II", content[16:24])
    return Picture(_address(content), says, width, height)


def _address(content: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


def _parts(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield kind and data of each part of a PNG up to its end; ValueError if it is not whole."""
    if not content.startswith(SIGNATURE):
        raise ValueError("no PNG")
    place, kind = len(SIGNATURE), b""
    while kind != b"IEND":
        size, kind = struct.unpack_from(">I4s", content, place)
        data = content[place + 8 : place + 8 + size]
        if content[place : place + 12 + size] != _packed(kind, data):
            raise ValueError("a damaged PNG")
        place += 12 + size
        yield kind, data


def _packed(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _finalize(value: Any) -> Any:
    if value is None:
        return "–"
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER), autoescape=True, finalize=_finalize, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip


@cache
def _style() -> tuple[Markup, str]:
    """Return the style sheet, and the policy that lets the browser use it and pictures in the page."""
    css = (FOLDER / "page.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    allowed = f"style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    return Markup(css), f"default-src 'none'; {allowed}"


def render(template: str, **values: Any) -> str:
    """Return a page.

    Parameters
    ----------
    template : a file in `pages/`.
    values : what the template shows, as plain texts, numbers and objects of these.
    """
    style, policy = _style()
    return _environment().get_template(template).render(style=style, policy=policy, **values)
