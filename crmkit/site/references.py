"""How the bibliography looks: by author, titles as their authors wrote them."""

from __future__ import annotations

from typing import Any

from pybtex.style.formatting.plain import Style
from pybtex.style.template import field, sentence


class CourseStyle(Style):
    """Pybtex's plain style without its sentence case, which would write “sherman act” and “chinese”."""

    def format_title(self, e: Any, which_field: str, as_sentence: bool = True) -> Any:
        """Return the title of an entry as it stands in the file."""
        title = field(which_field)
        return sentence[title] if as_sentence else title
