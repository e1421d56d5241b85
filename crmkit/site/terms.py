"""Links to the glossary: a term in bold, where a chapter introduces it, leads to its entry."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform

from crmkit.site.concepts import GLOSSARY, glossary_terms
from crmkit.site.course import CHAPTERS
from crmkit.site.shown import digest

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def connect(app: Sphinx) -> None:
    """Let Sphinx link the terms."""
    app.add_transform(TermLinks)
    # Sphinx keeps what it has read; with another value it reads all pages again.
    app.add_config_value("crmkit_terms", digest(inspect.getsource(sys.modules[__name__])), "env")


class TermLinks(SphinxTransform):
    """Links each term of the glossary once in a chapter, the first time it is in bold."""

    default_priority = 400

    def apply(self, **kwargs: Any) -> None:
        """Link the terms of the page that is being read."""
        glossary = Path(self.env.srcdir, GLOSSARY)
        if not self.env.docname.startswith(f"{CHAPTERS}/") or not glossary.is_file():
            return
        self.env.note_dependency(str(glossary))
        left = {term.lower(): term for term in glossary_terms(glossary.read_text(encoding="utf-8"))}
        for strong in list(self.document.findall(nodes.strong)):
            text = strong.astext().lower()
            term = left.pop(text, None) or left.pop(text.removesuffix("s"), None)
            if term and isinstance(strong.parent, nodes.paragraph):
                link = addnodes.pending_xref(
                    "",
                    reftype="term",
                    refdomain="std",
                    reftarget=term,
                    refdoc=self.env.docname,
                    refexplicit=True,
                    refwarn=True,
                )
                strong.replace_self(link)
                link += strong
