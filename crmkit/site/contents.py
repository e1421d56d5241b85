"""What the book contains: the documents of its table of contents, and what they show."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from crmkit.widgets import find
from crmkit.widgets.widget import MIME, Widget


def documents(root: Path) -> list[Path]:
    """Return the source file of every document in the table of contents, in its order.

    Parameters
    ----------
    root : the project's folder, with `_toc.yml`.

    Raises
    ------
    FileNotFoundError : the table names a document that does not exist.
    """
    from sphinx_external_toc.parsing import parse_toc_yaml

    found = []
    for name in parse_toc_yaml(root / "_toc.yml"):
        candidates = [path for suffix in (".ipynb", ".md") if (path := root / f"{name}{suffix}").is_file()]
        if not candidates:
            raise FileNotFoundError(f"_toc.yml names {name!r}, but there is no {name}.ipynb or {name}.md")
        found.append(candidates[0])
    return found


def widgets_shown(root: Path) -> list[Widget]:
    """Return the widgets in the outputs of the book's notebooks, each once, in order of appearance.

    Raises
    ------
    LookupError : a notebook shows a widget that the package does not have.
    """
    places: dict[str, Path] = {}
    for document in documents(root):
        for shown in shown_in(document, MIME):
            places.setdefault(shown["widget"], document)
    widgets = []
    for name, document in places.items():
        try:
            widgets.append(find(name))
        except LookupError as error:
            where = document.relative_to(root).as_posix()
            raise LookupError(f"{where} shows a widget that is gone: {error}; execute it again") from error
    return widgets


def shown_in(document: Path, mime: str) -> Iterator[dict[str, str]]:
    """Yield what a notebook's outputs hold of a MIME type, in order; nothing for another document."""
    if document.suffix != ".ipynb":
        return
    for cell in json.loads(document.read_text(encoding="utf-8"))["cells"]:
        for output in cell.get("outputs", ()):
            if mime in output.get("data", {}):
                yield output["data"][mime]
