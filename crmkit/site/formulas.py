"""Formulas, set while the site is built: a page that shows one needs KaTeX's styles and fonts, and no script.

KaTeX runs in node, once for each document that is read. A formula also holds its MathML, for screen readers.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

from crmkit.site.npm import MODULES, program

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config
    from sphinx.writers.html5 import HTML5Translator

KATEX = "katex"
"""The npm package, and its folder among the site's static files."""

RENDERER = "katex"
"""The value of Sphinx's `html_math_renderer`."""

SETTER = Path(__file__).with_suffix(".cjs")

_logger = logging.getLogger(__name__)


def connect(app: Sphinx) -> None:
    """Let Sphinx set formulas with KaTeX."""
    app.add_html_math_renderer(RENDERER, (_visit_inline, None), (_visit_block, None))
    app.add_config_value("crmkit_katex", "", "env")
    app.connect("config-inited", _note_version)
    # Before Sphinx copies headings, and the formulas in them, into tables of contents, at 500.
    app.connect("doctree-read", _set_formulas, priority=400)
    app.connect("html-page-context", _add_styles)


def copy(root: Path, static: Path) -> None:
    """Copy KaTeX's styles and fonts into the site's static folder; the folder then holds nothing else of it.

    Parameters
    ----------
    root : the project's folder, with `node_modules`.
    static : the static folder of the built site.
    """
    source, target = root / MODULES / KATEX / "dist", static / KATEX
    shutil.rmtree(target, ignore_errors=True)
    (target / "fonts").mkdir(parents=True)
    shutil.copy2(source / "katex.min.css", target)
    for font in (source / "fonts").glob("*.woff2"):
        shutil.copy2(font, target / "fonts")


def _note_version(app: Sphinx, config: Config) -> None:
    # Pages that are read keep their formulas as they were set; with another KaTeX they are read again.
    package = Path(app.srcdir, MODULES, KATEX, "package.json")
    if package.is_file():  # builders of other formats do without it
        config.crmkit_katex = json.loads(package.read_text(encoding="utf-8"))["version"]


def _set_formulas(app: Sphinx, doctree: nodes.document) -> None:
    if app.builder.format != "html":
        return
    found = [node for kind in (nodes.math, nodes.math_block) for node in doctree.findall(kind)]
    if not found:
        return
    asked = [{"tex": _tex(node), "display": isinstance(node, nodes.math_block)} for node in found]
    command = [str(program("node")), str(SETTER), str(Path(app.srcdir, MODULES, KATEX))]
    done = subprocess.run(
        command, input=json.dumps(asked), capture_output=True, text=True, encoding="utf-8", check=False
    )
    if done.returncode:
        raise RuntimeError(f"node could not run KaTeX for {app.env.docname}:\n{done.stderr.strip()}")
    for node, result in zip(found, json.loads(done.stdout), strict=True):
        if "error" in result:
            _logger.warning("a formula cannot be set: %s", result["error"], location=node)
        node["html"] = result.get("html", "")


def _tex(node: nodes.math | nodes.math_block) -> str:
    # A formula of several lines is a table of them, aligned at its &.
    text = node.astext()
    aligned = isinstance(node, nodes.math_block) and r"\\" in text and not node["nowrap"]
    return rf"\begin{{split}}{text}\end{{split}}" if aligned else text


def _add_styles(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    if doctree is not None and any(
        doctree.findall(lambda node: isinstance(node, nodes.math | nodes.math_block))
    ):
        app.add_css_file(f"{KATEX}/katex.min.css")


def _visit_inline(self: HTML5Translator, node: nodes.math) -> None:
    self.body.append(
        f"{self.starttag(node, 'span', '', CLASS='math notranslate nohighlight')}{node['html']}</span>"
    )
    raise nodes.SkipNode


def _visit_block(self: HTML5Translator, node: nodes.math_block) -> None:
    self.body.append(self.starttag(node, "div", CLASS="math notranslate nohighlight"))
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append(f"{node['html']}</div>\n")
    raise nodes.SkipNode
