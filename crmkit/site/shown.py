"""Which pages show which widgets and questions, and whether what they show has changed since.

A page shows by name what the package defines, so it is out of date when the definition is. Kept on the
environment, which Sphinx keeps from build to build.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Iterable
from typing import TYPE_CHECKING

from crmkit import quick, widgets
from crmkit.site import widget_html as widget_html_module
from crmkit.site.bake import folder_name
from crmkit.site.quick_html import quick_html
from crmkit.widgets.widget import MIME as WIDGET_MIME

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

Shown = tuple[str, str]
"""MIME type and name of something interactive."""


def connect(app: Sphinx) -> None:
    """Let Sphinx ask for pages that are out of date, and forget and merge what pages show."""
    app.connect("env-get-outdated", _changed_documents)
    app.connect("env-purge-doc", _forget)
    app.connect("env-merge-info", _merge)


def note_shown(env: BuildEnvironment, mime: str, name: str) -> None:
    """Note that the page being read shows something, and what that is like now."""
    _shown(env).setdefault(env.docname, {})[mime, name] = _signature(mime, name)


def digest(*parts: str) -> str:
    """Return the SHA-256 of some texts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _shown(env: BuildEnvironment) -> dict[str, dict[Shown, str]]:
    found: dict[str, dict[Shown, str]] = vars(env).setdefault("crmkit_shown", {})
    return found


def _signature(mime: str, name: str) -> str:
    if mime == WIDGET_MIME:
        # Its HTML says nothing beyond these; to write it would mean to draw it.
        widget = widgets.find(name)
        markup = inspect.getsource(widget_html_module)
        return digest(folder_name(widget), widget.title, repr(widget.controls), markup)
    return digest(quick_html(quick.find(name), ident=""))


def _changed_documents(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> Iterable[str]:
    for document, shown in _shown(env).items():
        if document not in removed and any(_is_outdated(*key, was) for key, was in shown.items()):
            yield document


def _is_outdated(mime: str, name: str, was: str) -> bool:
    try:
        return _signature(mime, name) != was
    except LookupError:  # gone: reading the document again reports where it was shown
        return True


def _forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    _shown(env).pop(docname, None)


def _merge(app: Sphinx, env: BuildEnvironment, docnames: Iterable[str], other: BuildEnvironment) -> None:
    _shown(env).update({name: shown for name, shown in _shown(other).items() if name in set(docnames)})
