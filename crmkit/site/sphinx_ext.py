"""The Sphinx extension of the site: widgets, quick questions, made pages, and ways to work on them.

MyST-NB knows `InteractiveRenderer` by its entry point `myst_nb.mime_renderers`; `_config.yml` lists this
module among the extensions.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes

from crmkit import quick, widgets
from crmkit.quick import MIME as QUICK_MIME
from crmkit.site import accessible, address, formulas, head, launch, lost, paper, search, shown, terms, theme
from crmkit.site.directives import add_directives
from crmkit.site.quick_html import quick_html
from crmkit.site.widget_html import widget_html
from crmkit.widgets.widget import MIME as WIDGET_MIME

if TYPE_CHECKING:
    from myst_nb.core.render import MimeData, NbElementRenderer
    from sphinx.application import Sphinx
    from sphinx.config import Config
    from sphinx.environment import BuildEnvironment


PARTS = (shown, theme, formulas, address, search, head, lost, terms, accessible, paper, launch)
"""What else has a hand in the pages, each with a function `connect`."""


class InteractiveRenderer:
    """Renders widgets, quick questions and pictures with words; what else a bundle holds is left to MyST-NB.

    Only HTML prefers ours: for every other builder the bundle's picture or text remains first.
    """

    mime_priority_overrides: ClassVar[list[tuple[str, str, int | None]]] = [
        ("html", WIDGET_MIME, 1),
        ("html", QUICK_MIME, 1),
    ]

    @staticmethod
    def handle_mime(renderer: NbElementRenderer, data: MimeData, inline: bool) -> list[nodes.Element] | None:
        """Return the interactive figure or questions, a picture with its words, or None for anything else."""
        if words := data.output_metadata.get(data.mime_type, {}).get("alt"):
            return accessible.described(renderer.render_image(data), words)
        if inline or data.mime_type not in (WIDGET_MIME, QUICK_MIME):
            return None
        env: BuildEnvironment = renderer.renderer.sphinx_env
        ident = f"cell-{data.cell_index}-{data.output_index}"
        if data.mime_type == WIDGET_MIME:
            name = data.content["widget"]
            to_root = "../" * env.docname.count("/")
            html = widget_html(widgets.find(name), ident=ident, to_root=to_root)
        else:
            name = data.content["questions"]
            html = quick_html(quick.find(name), ident=ident)
        shown.note_shown(env, data.mime_type, name)
        return [nodes.raw("", html, format="html")]


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the extension."""
    # Jupyter Book sets this value of sphinx_comments even where that extension is left out.
    app.add_config_value("comments_config", {}, "env")
    app.add_config_value("crmkit_assets", "", "html")
    app.connect("config-inited", _note_assets)
    add_directives(app)
    for part in PARTS:
        part.connect(app)
    return {
        "parallel_read_safe": True,
        "parallel_write_safe": True,
        "env_version": _version_of_code(),
    }


def _version_of_code() -> int:
    # Pages that were read by other code than this are read again.
    sources = sorted(Path(__file__).parent.rglob("*.py"))
    found = shown.digest(*(hashlib.sha256(source.read_bytes()).hexdigest() for source in sources))
    return int(found[:12], 16)


def _note_assets(app: Sphinx, config: Config) -> None:
    # Sphinx copies scripts and styles only when it writes a page, and writes pages when their sources or
    # the configuration change. So the content of the assets is made part of the configuration.
    folders = [Path(app.confdir, folder) for folder in config.html_static_path]
    files = sorted(file for folder in folders for file in folder.rglob("*") if file.is_file())
    config.crmkit_assets = shown.digest(*(hashlib.sha256(file.read_bytes()).hexdigest() for file in files))
