"""HTML that is written already, cut into tags and text, so that a pass over a page can mend either.

A page is made of what Sphinx writes and of what pandas, widgets and others hand in as HTML. To mend both
alike is to mend the text of the page. Nothing is parsed and written anew: what a pass leaves alone stays as
it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable

# Comments, elements inside which a tag would be text or break a picture, and formulas, whose text ends with
# the first closing tag.
_PIECE = re.compile(
    r"""
    (?P<untouched> <!--.*?-->
        | <(?P<code>pre|script|style|svg|option|textarea)\b.*?</(?P=code)\s*>
        | <(?P<formula>span|div)\ class="math\b.*?</(?P=formula)> )
    | (?P<tag> <[^>]*> )
    | (?P<text> [^<]+ )
    """,
    re.DOTALL | re.VERBOSE,
)

Mend = Callable[[str], str]


def mended(html: str, *, tag: Mend = str, text: Mend = str) -> str:
    """Return the page with each tag and each text passed through a function, code and formulas left alone.

    Parameters
    ----------
    html : part of a page; `>` in an attribute is written `&gt;`, as Sphinx and pandas write it.
    tag : takes an opening or closing tag and returns what to write instead.
    text : takes the text between two tags.
    """

    def mend(piece: re.Match[str]) -> str:
        if piece["untouched"]:
            return piece[0]
        return tag(piece[0]) if piece["tag"] else text(piece[0])

    return _PIECE.sub(mend, html)
