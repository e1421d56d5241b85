"""Say which words of an English page are Chinese, so that they are read aloud and set as Chinese."""

from __future__ import annotations

import re

from crmkit.site.markup import mended

# A run begins and ends with a character, so that brackets around a term stay English.
_HAN = "[㐀-䶿一-鿿]"
_RUN = re.compile(rf"{_HAN}(?:[，。、；：？！·（）《》]*{_HAN})*")


def mark_chinese(html: str) -> str:
    """Return a part of an English page with each run of Chinese characters in a `<span lang="zh">`.

    Parameters
    ----------
    html : part of a page; code and formulas in it are left as they are.
    """
    return mended(html, text=lambda text: _RUN.sub(r'<span lang="zh">\g<0></span>', text))
