"""`chapters/concepts.csv`: where each concept of the course is taught, and how it is practised."""

import re
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from docutils.nodes import make_id

from crmkit import widgets
from crmkit.exercise import key

ROOT = Path(__file__).parents[2]
CONCEPTS = pd.read_csv(ROOT / "chapters" / "concepts.csv", dtype=str)
STEMS = sorted(path.stem for path in (ROOT / "chapters").glob("*.ipynb"))

# The five source documents of the course and how many concepts each holds: S0-01 … S0-57 and so on.
SIZES = {"S0": 57, "S1": 55, "S2": 51, "S3": 51, "S4": 58}
EVERY = {f"{source}-{number:02}" for source, size in SIZES.items() for number in range(1, size + 1)}


def anchors(stem: str) -> set[str]:
    """The places of a chapter that a link can point at: its headings and its labels."""
    cells = nbformat.read(ROOT / "chapters" / f"{stem}.ipynb", as_version=4).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    headings = re.findall(r"^#{1,4} (.+)$", text, re.MULTILINE)
    labels = re.findall(r"^\(([\w:.-]+)\)=$", text, re.MULTILINE)
    return {make_id(heading) for heading in headings} | set(labels)


def test_every_concept_of_the_course_is_taught():
    assert len(EVERY) == 272
    assert set(CONCEPTS["concept"]) == EVERY


def test_a_concept_is_listed_once_for_each_chapter():
    assert not CONCEPTS.duplicated(["concept", "chapter"]).any()
    assert not CONCEPTS.isna().any(axis=None)


@pytest.mark.parametrize("stem", STEMS)
def test_a_reader_can_point_at_each_concept_of_a_chapter(stem: str):
    rows = CONCEPTS[CONCEPTS["chapter"] == stem]
    assert len(rows)
    assert set(rows["anchor"]) - anchors(stem) == set()


def test_the_file_names_only_chapters_that_exist():
    assert set(CONCEPTS["chapter"]) <= set(STEMS)


@pytest.mark.parametrize("row", list(CONCEPTS.itertuples()), ids=lambda row: f"{row.concept}-{row.chapter}")
def test_a_concept_is_practised_where_the_file_says(row: tuple):
    kind, _, name = row.practice.partition(" ")
    topics = {question.rpartition("-q")[0] for question in solved(row.chapter)}
    if kind == "question":
        assert name in solved(row.chapter)
    elif kind == "widget":
        (topic,) = topics
        assert widgets.find(f"{topic}.{name}")
    elif kind == "quick":
        assert int(name) >= 1
    else:
        assert kind in {"data", "case"}
        assert not name


def solved(stem: str) -> set[str]:
    """The ids of the questions of a chapter's exercise, those marked by hand included."""
    cells = nbformat.read(ROOT / "solutions" / f"{stem}.ipynb", as_version=4).cells
    checked = {found[1] for cell in cells if (found := re.match(r'check\("([\w-]+)"', cell.source))}
    (topic,) = {question.rpartition("-q")[0] for question in checked}
    assert checked == set(key.topics()[topic])
    by_hand = {cell.metadata.get("nbgrader", {}).get("grade_id", "") for cell in cells}
    return checked | {ident for ident in by_hand if ident.startswith(f"{topic}-q")}
