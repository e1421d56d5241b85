"""The theme's pages without the weight of what is not used: our layout, and a font of the icons in use."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pydata_sphinx_theme
from fontTools.subset import Options, Subsetter, load_font, save_font

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

TEMPLATES = Path(__file__).parent / "templates"

ICON_FONT = Path("theme/pydata_sphinx_theme/static/vendor/fontawesome/webfonts/fa-solid-900.ttf")
"""The icons, in the package of the theme."""

FONT = "icons.woff"
"""The font of the icons in use, in the site's static folder; `course.css` names it."""

BUTTONS = ("bars", "list", "magnifying-glass", "circle-half-stroke", "moon", "sun", "xmark")
ARROWS = ("angle-down", "angle-left", "angle-right", "chevron-down")
MARKS = (  # of admonitions and links
    "bell",
    "circle-check",
    "circle-exclamation",
    "circle-info",
    "circle-xmark",
    "download",
    "lightbulb",
    "magnifying-glass-minus",
    "pencil",
    "share",
    "triangle-exclamation",
    "up-right-from-square",
)


def connect(app: Sphinx) -> None:
    """Let Sphinx use our layout, and put the font of icons beside the styles."""
    app.connect("config-inited", _add_templates)
    app.connect("build-finished", _write_icons)


def _add_templates(app: Sphinx, config: Config) -> None:
    # First: the themes put their own folders into this list, too.
    config.templates_path.insert(0, str(TEMPLATES))


def _write_icons(app: Sphinx, error: Exception | None) -> None:
    if error is None and app.builder.format == "html":
        write_icons(Path(app.outdir, "_static", FONT))


def write_icons(target: Path) -> None:
    """Write the font of the icons in use.

    Parameters
    ----------
    target : the file to write, in the format WOFF.
    """
    options = Options(flavor="woff", notdef_outline=True, layout_features=[])
    options.recalc_timestamp = False
    font = load_font(str(Path(pydata_sphinx_theme.__file__).parent / ICON_FONT), options)
    subsetter = Subsetter(options)
    subsetter.populate(glyphs=[*BUTTONS, *ARROWS, *MARKS])
    subsetter.subset(font)
    save_font(font, str(target), options)
