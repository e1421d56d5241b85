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
# Taught by chapters that are not written yet.
MISSING = {
    "06": "S1-04 S1-05 S1-06 S1-07 S1-08 S1-09 S1-10 S3-11 S3-12 S3-13 S3-23 S4-04 S4-05 S4-06 S4-10 S4-11 "
    "S4-12 S4-13 S4-14 S4-15",
    "07": "S1-42 S4-19",
    "08": "S1-12 S1-13 S1-14 S1-15 S3-09 S3-14 S3-15 S3-24 S3-25 S3-26 S3-27 S4-01 S4-02 S4-03 S4-07 S4-08 "
    "S4-09 S4-16 S4-18 S4-20 S4-45 S4-52 S4-53 S4-54 S4-55",
    "09": "S0-50 S1-01 S1-02 S1-03 S1-11 S1-25 S1-26 S1-27 S1-28 S1-29 S1-30 S1-31 S1-32 S1-33 S1-34 S1-35 "
    "S1-37 S1-39 S1-40 S1-43 S1-44 S1-45 S1-46 S1-47 S1-48 S1-49 S1-50 S1-51 S1-52 S1-53 S1-54 S3-22 S4-43 "
    "S4-44 S4-48 S4-49",
    "10": "S4-21 S4-22 S4-23 S4-24 S4-25 S4-26 S4-27 S4-28 S4-29 S4-30 S4-31 S4-32 S4-33 S4-34 S4-35 S4-36 "
    "S4-37",
    "11": "S4-38 S4-39 S4-40 S4-41 S4-42 S4-46 S4-47 S4-50 S4-51 S4-56 S4-57",
}


def anchors(stem: str) -> set[str]:
    """The places of a chapter that a link can point at: its headings and its labels."""
    cells = nbformat.read(ROOT / "chapters" / f"{stem}.ipynb", as_version=4).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    headings = re.findall(r"^#{1,4} (.+)$", text, re.MULTILINE)
    labels = re.findall(r"^\(([\w:.-]+)\)=$", text, re.MULTILINE)
    return {make_id(heading) for heading in headings} | set(labels)


def test_every_concept_is_taught_by_a_chapter_or_waits_for_one_that_is_not_written():
    waiting = {
        concept
        for number, concepts in MISSING.items()
        if not any(stem.startswith(number) for stem in STEMS)
        for concept in concepts.split()
    }
    assert EVERY - set(CONCEPTS["concept"]) == waiting
    assert set(CONCEPTS["concept"]) <= EVERY


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
