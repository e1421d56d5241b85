"""Say of each header cell what it heads: its column or its row. Neither Sphinx nor pandas does."""

from __future__ import annotations

import re

from crmkit.site.markup import mended

_EMPTY_HEADER = re.compile(r"<th(?=[\s>])([^>]*)>(?:\s|<p></p>)*</th>")
_HEADER = re.compile(r"<th(?=[\s>])(?![^>]*\sscope=)")


def mark_headers(html: str) -> str:
    """Return a part of a page whose header cells have a scope, and in which none is empty.

    A header that spans columns or rows heads all of them. A corner that is left empty becomes a data cell:
    it heads nothing.

    Parameters
    ----------
    html : part of a page.
    """
    in_head = False

    def mark(tag: str) -> str:
        nonlocal in_head
        if tag.startswith(("<thead", "</thead")):
            in_head = tag.startswith("<thead")
        return _HEADER.sub(f'<th scope="{"col" if in_head else "row"}"', tag)

    return mended(_EMPTY_HEADER.sub(r"<td\1></td>", html), tag=mark)
