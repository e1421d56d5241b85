"""What makes the theme's and Sphinx's pages fit for screen readers and keyboards, in one place.

Buttons of the theme whose names say nothing are written anew in `templates/`; what Sphinx, pandas and
MyST-NB write into an article is mended here.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode, depart_HideCellInput
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.docutils import SphinxTranslator

from crmkit.site import language, markup, shown, tables

TEMPLATES = Path(__file__).parent / "templates"


def connect(app: Sphinx) -> None:
    """Let Sphinx use the templates and mend what it writes."""
    app.add_config_value("crmkit_accessible", "", "html")
    app.connect("config-inited", _prepare)
    app.connect("html-page-context", _mend_article)
    app.add_node(HideCodeCellNode, override=True, html=(_visit_hidden_code, depart_HideCellInput))


def described(pictures: list[nodes.Element], words: str) -> list[nodes.Element]:
    """Return a picture's nodes with its alternative text, of which MyST-NB takes no notice."""
    for picture in pictures:
        picture["alt"] = words
    return pictures


def _prepare(app: Sphinx, config: Config) -> None:
    # Sphinx writes a page again when its source or the configuration changes, so what mends a page is made
    # part of the configuration.
    makers = [*map(Path, (__file__, language.__file__, markup.__file__, tables.__file__))]
    makers += sorted(TEMPLATES.glob("*.html"))
    config.crmkit_accessible = shown.digest(*(file.read_text(encoding="utf-8") for file in makers))


def _mend_article(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    if "body" in context:
        # Docutils gives an entry of a bibliography a role that the standard has dropped.
        listed = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')
        context["body"] = language.mark_chinese(tables.mark_headers(listed))


def _visit_hidden_code(translator: SphinxTranslator, node: HideCodeCellNode) -> None:
    # As MyST-NB writes it, but named by its words: “Toggle hidden content” told neither what nor which way.
    translator.body.append(
        f'<details class="admonition hide {" ".join(node["classes"])}">\n<summary>\n'
        f'<p class="collapsed admonition-title">{escape(node["prompt_show"])}</p>\n'
        f'<p class="expanded admonition-title">{escape(node["prompt_hide"])}</p>\n</summary>\n'
    )
