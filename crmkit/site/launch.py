"""From a page of the book to working on it: in the browser, or at home with the notebook downloaded.

A chapter and an exercise get, under the title, a link to their notebook in the browser edition and one to
download it, with the line that installs what it needs. All of it is plain HTML; `launch.js` only completes
the line with the address at which the reader found the page.
"""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import nbformat
from docutils import nodes

from crmkit import notebook
from crmkit.data.real import REQUIREMENT
from crmkit.exercise.key import folder
from crmkit.site import shown
from crmkit.site.lite.build import FOLDER as LITE
from crmkit.site.lite.notebooks import FOLDERS, handout
from crmkit.site.lite.wheel import NAME as WHEEL
from crmkit.site.progress import Form, progress_html, questions_of

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config
    from sphinx.environment import BuildEnvironment

PACKAGE = f"{LITE}/static/{WHEEL}"
"""Where the package lies that a student installs, from the site's root."""

GUIDE = "instructor/"
"""A book with documents in this folder is the instructor's edition, which has no browser edition."""

_LINK = re.compile(r"\]\((?![a-z]+:|#|/)([^)\s]+)\.(?:ipynb|md)(#[^)\s]*)?\)")


def connect(app: Sphinx) -> None:
    """Let Sphinx put the ways to work on a page under its title, and the notebooks beside the pages."""
    app.add_config_value("crmkit_launch", "", "html")
    app.connect("config-inited", _note_keys)
    app.connect("doctree-resolved", _offer)
    app.connect("build-finished", _hand_out)


def linked_to_site(given: nbformat.NotebookNode, docname: str, base: str) -> nbformat.NotebookNode:
    """Return the notebook with its links to other notebooks leading to their pages on the site.

    Parameters
    ----------
    given : the notebook; it is changed.
    docname : the document that it is, such as `exercises/02-pricing`.
    base : address of the site, ending in a slash, or empty where it is not known; then nothing changes.
    """
    if base:
        here = urljoin(base, docname)
        for cell in given.cells:
            if cell.cell_type == "markdown":
                cell.source = _LINK.sub(
                    lambda link: f"]({urljoin(here, link[1])}.html{link[2] or ''})", cell.source
                )
    return given


def launch_html(docname: str, *, base: str, browser: bool) -> str:
    """Return the ways to work on a document.

    Parameters
    ----------
    docname : the document, such as `exercises/02-pricing`.
    base : address of the site, ending in a slash, or empty where it is not known.
    browser : whether the site has the browser edition, which also holds the package to install.
    """
    to_root = "../" * docname.count("/")
    file = docname.rpartition("/")[2] + ".ipynb"
    download = f'<a class="crmkit-way" href="{file}" download>Download the notebook</a>\n'
    if not browser:
        return f'<div class="crmkit-launch">\n{download}</div>'
    return (
        '<div class="crmkit-launch">\n'
        f'<a class="crmkit-way crmkit-way-browser" href="{to_root}{LITE}/notebooks/index.html'
        f'?path={docname}.ipynb">Work on it in your browser</a>\n'
        f"{download}{_install_html(file, base=base, to_root=to_root)}"
        '<p class="crmkit-kept">What you do in the browser is kept in this browser alone; '
        "<em>File → Download</em> there gives you a copy.</p>\n"
        '<p class="crmkit-from-disk" hidden>This page was opened from a disk. Working in the browser needs a '
        "web server.</p>\n</div>"
    )


def _install_html(file: str, *, base: str, to_root: str) -> str:
    if base:
        fetch, where = "", urljoin(base, PACKAGE)
    else:
        fetch = (
            f'<span class="crmkit-by-hand"> and <a href="{to_root}{PACKAGE}" download>the course’s package'
            "</a>, into the same folder</span>"
        )
        where = WHEEL
    return (
        '<details class="crmkit-home"><summary>Work on it at home</summary>\n'
        f"<p>You need Python 3.11 or newer. Download the notebook{fetch}. Install once:</p>\n"
        '<div class="highlight-sh notranslate"><div class="highlight">'
        f"<pre>pip install jupyterlab {REQUIREMENT} &quot;"
        f'<span class="crmkit-package" data-address="{to_root}{PACKAGE}">{escape(where)}</span>&quot;</pre>'
        "</div></div>\n"
        f"<p>Then, in the folder of the notebook: <code>jupyter lab {file}</code></p>\n</details>\n"
    )


def _note_keys(app: Sphinx, config: Config) -> None:
    # Sphinx writes a page again when its source or the configuration changes. What is put under its title
    # also depends on the name of the package and on the keys.
    keys = (key.read_text(encoding="utf-8") for key in sorted(folder().glob("*.json")))
    config.crmkit_launch = shown.digest(WHEEL, *keys)


def _offer(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    if not _is_worked_on(app.env, docname):
        return
    title = next(iter(doctree.findall(nodes.title)), None)
    if title is None or title.parent is None:
        return
    html = launch_html(docname, base=_base(app), browser=_has_browser_edition(app.env))
    questions = questions_of(Path(app.env.doc2path(docname)))
    if questions:
        html += "\n" + progress_html(questions, Form.EXERCISE, to_root="../" * docname.count("/"))
    title.parent.insert(title.parent.index(title) + 1, nodes.raw("", html, format="html"))


def _hand_out(app: Sphinx, exception: Exception | None) -> None:
    if exception or app.builder.format != "html":
        return
    for docname in app.env.found_docs:
        if _is_worked_on(app.env, docname):
            given = handout(Path(app.env.doc2path(docname)))
            given = linked_to_site(given, docname, _base(app))
            notebook.write(given, Path(app.outdir, f"{docname}.ipynb"))


def _base(app: Sphinx) -> str:
    address: str = app.config.html_baseurl
    return f"{address.rstrip('/')}/" if address else ""


def _is_worked_on(env: BuildEnvironment, docname: str) -> bool:
    return docname.startswith(tuple(f"{folder}/" for folder in FOLDERS)) and env.doc2path(docname).endswith(
        ".ipynb"
    )


def _has_browser_edition(env: BuildEnvironment) -> bool:
    return not any(docname.startswith(GUIDE) for docname in env.found_docs)
