"""Building a small book of one page, with the real configuration."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from pages import ROOT

from crmkit.site.build import BuildError, build

SOURCES = ("_config.yml", "package.json", "package-lock.json", "references.bib")


@pytest.fixture
def book(tmp_path: Path, npm_packages: Path) -> Path:
    """Return the folder of a book with one page; it shares the project's npm packages."""
    for name in SOURCES:
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "assets", tmp_path / "assets")
    (tmp_path / npm_packages.name).symlink_to(npm_packages)
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: index\n")
    (tmp_path / "index.md").write_text("# Milk\n\nFresh, {cite:t}`nagle2018`.\n\n```{bibliography}\n```\n")
    return tmp_path


def write_chapter(book: Path, minutes: int) -> None:
    """Give the book one chapter, which takes some minutes."""
    text = f"# 02 · Pricing lab\n\n*Time:* about {minutes} minutes."
    cell = {"cell_type": "markdown", "source": text, "metadata": {}}
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    (book / "chapters").mkdir(exist_ok=True)
    (book / "chapters" / "02-pricing.ipynb").write_text(json.dumps(notebook))
    (book / "_toc.yml").write_text("format: jb-book\nroot: index\nchapters:\n- file: chapters/02-pricing\n")


def test_a_warning_fails_the_build_and_is_told_and_does_not_pass_the_second_time(book: Path) -> None:
    (book / "index.md").write_text("# Milk\n\nSee {ref}`nowhere`.\n")
    for _ in range(2):
        with pytest.raises(BuildError, match=r"index\.md:3: WARNING: undefined label: 'nowhere'"):
            build(book)


def test_a_build_tells_its_steps_sets_formulas_and_takes_a_changed_script_along(book: Path) -> None:
    (book / "index.md").write_text("# Milk $p$\n\n$$\na &= 1 \\\\\nb &= 2\n$$\n")
    told: list[str] = []
    site = build(book, lite=False, progress=told.append)
    assert (site.pages, site.widgets) == (1, 0)
    assert (site.folder / "index.html").is_file()
    steps = ["contents read", "npm packages", "KaTeX copied", "widgets found", "widgets baked", "pages"]
    assert [line.partition(" (")[0] for line in told][:6] == steps
    *steps, last = told
    assert all(step.endswith(" s)") for step in steps)
    assert last == "no browser edition: its buttons lead nowhere until the site is built with it"

    page = (site.folder / "index.html").read_text(encoding="utf-8")
    assert page.count('class="katex-display"') == 1
    katex = site.folder / "_static/katex"
    assert "_static/katex/katex.min.css" in page
    fonts = re.findall(r"url\((fonts/[^)]+\.woff2)\)", (katex / "katex.min.css").read_text(encoding="utf-8"))
    assert fonts
    assert [font for font in fonts if not (katex / font).is_file()] == []

    (book / "assets" / "quick.js").write_text('"use strict";\n')
    assert build(book, lite=False).folder == site.folder
    assert (site.folder / "_static" / "quick.js").read_text() == '"use strict";\n'


def test_a_widget_that_is_gone_is_named_with_its_notebook(book: Path) -> None:
    bundle = {"application/vnd.crmkit.widget+json": {"widget": "pricing.no_such_widget"}}
    output = {"output_type": "execute_result", "data": bundle, "metadata": {}, "execution_count": 1}
    cell = {"cell_type": "code", "source": "", "metadata": {}, "execution_count": 1, "outputs": [output]}
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (book / "index.md").unlink()
    (book / "index.ipynb").write_text(json.dumps(notebook))
    with pytest.raises(BuildError, match=r"index\.ipynb shows a widget that is gone: .*no_such_widget"):
        build(book)


def test_a_widget_that_a_page_asks_for_in_vain_is_named_with_the_page(book: Path) -> None:
    (book / "index.md").write_text("# Milk\n\n:::{widget} pricing.no_such_widget\n:::\n")
    with pytest.raises(BuildError, match=r"index\.md shows a widget that is gone: .*no_such_widget'"):
        build(book)


def test_a_page_made_from_a_chapter_follows_it(book: Path) -> None:
    (book / "index.md").write_text("# Milk\n\n```{course-map}\nMix:\n  02-pricing: Match?\n```\n")
    for minutes in (75, 60):
        write_chapter(book, minutes)
        page = (build(book, lite=False).folder / "index.html").read_text(encoding="utf-8")
        assert f">{minutes} min</span>" in page


def test_a_document_that_is_missing_is_named(book: Path) -> None:
    (book / "index.md").unlink()
    with pytest.raises(BuildError, match="'index'"):
        build(book)


def test_a_formula_that_cannot_be_set_is_named_with_its_place(book: Path) -> None:
    (book / "index.md").write_text("# Milk\n\nA price $\\frac{1}$.\n")
    with pytest.raises(BuildError, match=r"index\.md:3: WARNING: a formula cannot be set: KaTeX parse error"):
        build(book)
