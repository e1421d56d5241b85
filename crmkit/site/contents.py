"""What the book contains: the documents of its table of contents, and what they show."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from crmkit.widgets import find
from crmkit.widgets.widget import MIME, Widget

_DIRECTIVE = re.compile(r"^(?:`{3,}|:{3,})\{widget\} *(\S+) *$", re.MULTILINE)


def documents(root: Path, toc: Path | None = None) -> list[Path]:
    """Return the source file of every document in the table of contents, in its order.

    Parameters
    ----------
    root : the project's folder.
    toc : the table of contents; by default the folder's `_toc.yml`.

    Raises
    ------
    FileNotFoundError : the table names a document that does not exist.
    """
    from sphinx_external_toc.parsing import parse_toc_yaml

    found = []
    for name in parse_toc_yaml(toc or root / "_toc.yml"):
        candidates = [path for suffix in (".ipynb", ".md") if (path := root / f"{name}{suffix}").is_file()]
        if not candidates:
            raise FileNotFoundError(f"_toc.yml names {name!r}, but there is no {name}.ipynb or {name}.md")
        found.append(candidates[0])
    return found


@dataclass(frozen=True)
class Part:
    """A part of the book: its caption, empty for what stands before the first part, and its documents."""

    caption: str
    documents: tuple[str, ...]


def parts(root: Path) -> list[Part]:
    """Return the parts of the book in the order of `_toc.yml`; a document's name has no suffix.

    Parameters
    ----------
    root : the project's folder.
    """
    from sphinx_external_toc.parsing import parse_toc_yaml

    site_map = parse_toc_yaml(root / "_toc.yml")

    def below(name: str) -> Iterator[str]:
        yield name
        for child in site_map[name].child_files():
            yield from below(child)

    first = Part("", (site_map.root.docname,))
    trees = site_map.root.subtrees
    found = [
        Part(tree.caption or "", tuple(doc for name in tree.files() for doc in below(name))) for tree in trees
    ]
    return [first, *found]


def widgets_shown(shown_by: Iterable[Path], root: Path) -> list[Widget]:
    """Return the widgets that some documents show, each once, in order of appearance.

    Parameters
    ----------
    shown_by : the documents.
    root : the project's folder.

    Raises
    ------
    LookupError : a document shows a widget that the package does not have.
    """
    places: dict[str, Path] = {}
    for document in shown_by:
        for shown in shown_in(document, MIME):
            places.setdefault(shown["widget"], document)
    widgets = []
    for name, document in places.items():
        try:
            widgets.append(find(name))
        except LookupError as error:
            where = document.relative_to(root).as_posix()
            again = "; execute it again" if document.suffix == ".ipynb" else ""
            raise LookupError(f"{where} shows a widget that is gone: {error}{again}") from error
    return widgets


def shown_in(document: Path, mime: str) -> Iterator[dict[str, str]]:
    """Yield what a document shows of a MIME type, in order: a notebook's outputs, a page's directives."""
    text = document.read_text(encoding="utf-8")
    if document.suffix != ".ipynb":
        if mime == MIME:
            yield from ({"widget": name} for name in _DIRECTIVE.findall(text))
        return
    for cell in json.loads(text)["cells"]:
        for output in cell.get("outputs", ()):
            if mime in output.get("data", {}):
                yield output["data"][mime]
