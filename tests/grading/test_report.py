"""The instructor's report: whose attempts, what is counted, and that odd classes are told honestly."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from graded import (
    HEADINGS,
    MIDPOINTS,
    OLD_MARGIN,
    STEM,
    a_class,
    attempt,
    item,
    prepared,
    slip,
    ungradable,
)
from safe import HOSTILE, PageReader, in_browser, opened

from crmkit.cli import main
from crmkit.grading.gradebook import Gradebook, GradebookError
from crmkit.grading.headings import Headings
from crmkit.grading.marks import Item, Status
from crmkit.grading.outcomes import Kind
from crmkit.grading.page import visible
from crmkit.grading.report import Report, Taken, draw_outcomes, draw_questions, draw_scores, report
from crmkit.grading.roster import Student

ROOT = Path(__file__).parents[2]
STUDENTS = [Student(f"s{number:03}", f"Student {number}") for number in range(1, 6)]
TABLES = ("students", "answers", "questions", "misconceptions", "troubles")


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Gradebook]:
    with prepared(str(tmp_path / "class" / "gradebook.db"), STUDENTS) as made:
        yield made


def of(book: Gradebook, **options: Any) -> Report:
    return report(book, STEM, HEADINGS, **options)


def points(found: Report) -> dict[str, list[float]]:
    return {str(student): list(row) for student, row in found.table.iterrows()}


def tables(found: Report) -> dict[str, pd.DataFrame]:
    files = found.files()
    return {name: pd.read_csv(io.BytesIO(files[f"{name}.csv"]), encoding="utf-8-sig") for name in TABLES}


def class_report(*attempts: dict[str, Any], students: list[Student] | None = None) -> Report:
    """A report on attempts as they are, without a gradebook."""
    known = {each.student_id: each for each in students or STUDENTS}
    taken = [
        Taken(
            known[each["student"]],
            tuple(Item(*(one[name] for name in ("question", "points", "earned", "outcome", "mistake")))
                  for one in each["items"]),
            each["reason"], each["seconds"],
        )
        for each in attempts
    ]  # fmt: skip
    return Report(STEM, HEADINGS, tuple(taken), Counter({Status.GRADED: len(taken)}), True)


# Whose attempts


def test_first_attempts_are_looked_at_by_default_and_those_that_count_on_request(book):
    book.record(attempt(item("pricing-q1", 0), content="a", submitted="2026-03-01T10:00Z"))
    book.record(attempt(item("pricing-q1", 3), content="b", submitted="2026-03-02T10:00Z"))
    assert points(of(book)) == {"s001": [0]}
    assert points(of(book, counted=True)) == {"s001": [3]}
    assert "Each student's first attempt" in PageReader(of(book).page()).text
    assert "The attempts that count" in PageReader(of(book, counted=True).page()).text


def test_the_first_is_the_one_handed_in_first_in_whatever_order_they_were_graded(book):
    book.record(attempt(item("pricing-q1", 3), content="b", submitted="2026-03-02T01:00+08:00"))
    # In UTC, this is an hour before the one above.
    book.record(attempt(item("pricing-q1", 1), content="a", submitted="2026-03-01T16:00+00:00"))
    assert points(of(book)) == {"s001": [1]}


def test_without_times_the_first_is_the_one_graded_first(book):
    for content, earned in [("b", 2), ("a", 1)]:
        book.record(attempt(item("pricing-q1", earned), content=content, submitted=None))
    assert points(of(book)) == {"s001": [2]}


def test_a_first_attempt_that_was_graded_again_counts_as_against_the_newest_release(book):
    for release, earned in [("bb" * 8, 1), ("cc" * 8, 2)]:
        book.add_release(STEM, release)
        book.record(attempt(item("pricing-q1", earned), release=release))
    assert points(of(book)) == {"s001": [2]}
    book.add_release(STEM, "bb" * 8)  # the correction is taken back
    assert points(of(book)) == {"s001": [1]}


def test_points_given_by_hand_count_for_the_submission_they_were_given_for(book):
    book.record(attempt(item("pricing-q1", 0), content="a", submitted="2026-03-01T10:00Z"))
    book.override("s001", STEM, 2, question="pricing-q1", who="li", why="a typing error")
    book.record(attempt(item("pricing-q1", 0), content="b", submitted="2026-03-02T10:00Z"))
    assert points(of(book)) == {"s001": [2]}
    assert points(of(book, counted=True)) == {"s001": [0]}


def test_who_is_no_longer_enrolled_is_left_out_and_who_handed_nothing_in_is_counted(book):
    book.record(attempt(item("pricing-q1", 3)))
    book.record(attempt(item("pricing-q1", 0), student="s002"))
    book.enrol([each for each in STUDENTS if each.student_id != "s002"])
    assert points(of(book)) == {"s001": [3]}
    assert "1 graded, 3 missing" in PageReader(of(book).page()).text


def test_without_an_attempt_there_is_no_report(book):
    with pytest.raises(GradebookError, match="nothing is graded yet; run crmkit autograde 02-pricing"):
        of(book)


# What it counts


def test_the_numbers_of_a_class_are_those_that_numpy_gives():
    students, attempts = a_class(60)
    found = class_report(*attempts, students=students)
    names = [f"pricing-q{number}" for number in range(1, 6)]
    matrix = np.array([[each["earned"] for each in one["items"][:5]] for one in attempts], dtype=float)
    worth = np.array([3, 2, 3, 2, 4])
    assert [each.question for each in found.items] == names, "the memo has unmarked answers"
    assert [each.difficulty for each in found.items] == pytest.approx(matrix.mean(axis=0) / worth)
    rests = [np.corrcoef(matrix[:, at], np.delete(matrix, at, 1).sum(axis=1))[0, 1] for at in range(5)]
    assert [each.discrimination for each in found.items] == pytest.approx(rests)
    totals = matrix.sum(axis=1)
    assert found.scores.alpha == pytest.approx(5 / 4 * (1 - matrix.var(axis=0).sum() / totals.var()))
    assert (found.scores.mean, found.scores.sd) == pytest.approx((totals.mean(), totals.std(ddof=1)))
    text = PageReader(found.page()).text
    assert f"{found.scores.alpha:.2f} 5 questions, n = 60" in text
    for share, rest in zip(matrix.mean(axis=0) / worth, rests, strict=True):
        assert f"{100 * share:.0f}% {rest:.2f}".replace("-", "−") in text


def test_misconceptions_are_counted_by_students_those_of_most_first():
    found = class_report(
        attempt(slip("pricing-q2", 2, MIDPOINTS), slip("pricing-q3", 3, OLD_MARGIN)),
        attempt(item("pricing-q2", 2, 2), slip("pricing-q3", 3, OLD_MARGIN), student="s002"),
        attempt(item("pricing-q2", 2, 2), item("pricing-q3", 3), student="s003"),
    )
    assert [(each.question, each.mistake, each.students) for each in found.misconceptions] == [
        ("pricing-q3", OLD_MARGIN, ("s001", "s002")),
        ("pricing-q2", MIDPOINTS, ("s001",)),
    ]
    assert f"3 · How much more must a discount sell? {OLD_MARGIN} 2 67%" in PageReader(found.page()).text


def test_a_misconception_that_the_instructor_gave_points_for_was_still_met(book):
    book.record(attempt(slip("pricing-q2", 2, MIDPOINTS)))
    book.override("s001", STEM, 2, question="pricing-q2", who="li", why="well argued")
    assert [each.students for each in of(book).misconceptions] == [("s001",)]


def test_time_outs_errors_and_files_that_could_not_be_graded_are_listed(book):
    book.record(attempt(item("pricing-q1", 0, 3, "TIMED_OUT"), item("pricing-q2", 0, 2, "ERROR")))
    book.record(attempt(item("pricing-q1", 0, 3, "TIMED_OUT"), item("pricing-q2", 2, 2), student="s002"))
    book.record(ungradable("s003", "the file is empty"))
    found = of(book)
    assert len(found.graded) == 2
    text = PageReader(found.page()).text
    assert "s003 could not be graded: the file is empty" in text
    assert "1 · A price from cost Out of time 2 s001, s002" in text
    assert "2 · Elasticity from two points Stopped with an error 1 s001" in text
    assert "2 of 3" in text


def test_each_kind_of_outcome_is_counted_by_question():
    found = class_report(
        attempt(item("pricing-q1", 3), item("pricing-q10", 4, 6, "BY_HAND")),
        attempt(item("pricing-q1", 0), item("pricing-q10", 0, 6, "NOT_ATTEMPTED"), student="s002"),
    )
    assert found.kinds == {
        "pricing-q1": {Kind.RIGHT: 1, Kind.WRONG: 1},
        "pricing-q10": {Kind.BY_HAND: 1, Kind.OPEN: 1},
    }


def test_a_question_with_unmarked_answers_has_no_figures_and_is_in_no_sum():
    # The one who wrote nothing has 0 already: on that alone, the memo would look impossible.
    found = class_report(
        attempt(item("pricing-q1", 3), item("pricing-q10", None, 6)),
        attempt(item("pricing-q1", 0), item("pricing-q10", 0, 6, "NOT_ATTEMPTED"), student="s002"),
    )
    assert [each.question for each in found.items] == ["pricing-q1"]
    assert (found.scores.points, found.unmarked) == (3, {"pricing-q10": 1})
    assert "“10 · The memo”; 1 answer is still to be marked by hand." in PageReader(found.page()).text


def test_a_question_that_an_older_release_did_not_have_has_the_n_of_those_who_met_it():
    found = class_report(
        attempt(item("pricing-q1", 3)),
        attempt(item("pricing-q1", 0), item("pricing-q2", 2, 2), student="s002"),
    )
    assert [(each.question, each.n) for each in found.items] == [("pricing-q1", 2), ("pricing-q2", 1)]
    assert found.scores.questions == ("pricing-q1",)


def test_a_question_that_the_good_miss_is_pointed_out():
    earned = {"s001": (0, 2, 3), "s002": (2, 2, 0), "s003": (0, 0, 3), "s004": (3, 2, 0)}
    found = class_report(
        *(attempt(item("pricing-q1", a), item("pricing-q2", b, 2), item("pricing-q3", c), student=student)
          for student, (a, b, c) in earned.items())
    )  # fmt: skip
    text = PageReader(found.page()).text
    assert "Look at “3 · How much more must a discount sell?”: students who do well elsewhere miss it" in text
    assert "With 4 students, correlations and alpha are rough" in text


# Classes of all sorts


ODD = {
    "one student": [attempt(item("pricing-q1", 3), item("pricing-q2", 0, 2))],
    "two students": [attempt(item("pricing-q1", 3)), attempt(item("pricing-q1", 0), student="s002")],
    "all alike": [
        attempt(item("pricing-q1", 3), item("pricing-q2", 2, 2), student=each.student_id) for each in STUDENTS
    ],
    "nothing right": [attempt(item("pricing-q1", 0), student=each.student_id) for each in STUDENTS],
    "nothing marked yet": [attempt(item("pricing-q10", None, 6))],
    "nothing gradable": [ungradable("s001", "the file is empty")],
    "no points": [attempt(item("pricing-q1", 0, 0), student=each.student_id) for each in STUDENTS],
    "a long id": [attempt(item("a" * 128, 3), item("b" * 128, 0))],
}


@pytest.mark.parametrize("attempts", ODD.values(), ids=ODD)
def test_what_cannot_be_told_is_left_open_and_never_nan(attempts):
    found = class_report(*attempts)
    reader = PageReader(found.page())
    assert reader.faults == []
    words = reader.text.replace("/", " ").split()
    assert not {"nan", "nan%", "None", "inf"} & set(words)
    assert found.scores.alpha is None
    for name, content in found.files().items():
        if name.endswith(".csv"):
            assert b"nan" not in content, name


def test_a_class_that_is_all_alike_is_described_without_correlations():
    found = class_report(*ODD["all alike"])
    text = PageReader(found.page()).text
    assert "1 · A price from cost 3 5 3.00 100% – easy; discrimination cannot be told" in text
    assert "– 0 questions, n = 5" in text


# Figures


def test_each_figure_has_its_numbers_as_alternative_text():
    students, attempts = a_class(60)
    found = class_report(*attempts, students=students)
    page = PageReader(found.page())
    scores, questions, outcomes = page.values("img", "alt")
    assert f"n = 60: from {found.scores.least:g} to {found.scores.most:g} of 14 points" in scores
    for each in found.items:
        assert f"{each.question} {100 * (each.difficulty or 0):.0f}%, {each.discrimination:.2f}" in questions
    assert f"pricing-q1: {found.kinds['pricing-q1'][Kind.RIGHT]} right" in outcomes


def test_the_bars_are_as_long_as_the_numbers():
    students, attempts = a_class(60)
    found = class_report(*attempts, students=students)
    figure, _ = draw_scores(found)
    assert sum(bar.get_height() for bar in figure.axes[0].patches) == 60
    figure, _ = draw_questions(found)
    assert [bar.get_width() for bar in figure.axes[0].patches] == [each.difficulty for each in found.items]
    figure, _ = draw_outcomes(found)
    lengths = Counter(dict.fromkeys(range(6), 0.0))
    for bar in figure.axes[0].patches:
        lengths[round(bar.get_y() + bar.get_height() / 2)] += bar.get_width()
    assert set(lengths.values()) == {60}


def test_a_score_of_half_points_and_the_highest_score_have_a_bar():
    scores = [0, 0.5, 26.5, 27]
    found = class_report(
        *(attempt(item("pricing-q1", earned, 27), student=each.student_id)
          for each, earned in zip(STUDENTS, scores, strict=False))
    )  # fmt: skip
    figure, _ = draw_scores(found)
    assert sum(bar.get_height() for bar in figure.axes[0].patches) == 4


# Tables


def test_the_tables_hold_what_the_page_shows():
    students, attempts = a_class(20)
    found = class_report(*attempts, students=students)
    read = tables(found)
    assert list(read["students"].student_id) == [each.student_id for each in students]
    assert (
        read["students"].loc[:, "pricing-q1":"pricing-q5"].to_numpy().tolist()
        == found.table.to_numpy().tolist()
    )
    assert list(read["questions"].difficulty[:5]) == pytest.approx([each.difficulty for each in found.items])
    assert read["questions"].difficulty.isna()[5]
    answers = read["answers"]
    assert len(answers) == 20 * 6
    hit = answers[answers.outcome == "MISTAKE"].groupby("question").size()
    assert dict(zip(read["misconceptions"].question, read["misconceptions"].students, strict=True)) == dict(
        hit
    )


def test_a_name_that_a_spreadsheet_would_run_gets_an_apostrophe():
    found = class_report(
        attempt(slip("pricing-q2", 2, "=1+1")),
        ungradable("s002", "@SUM(A1)\ud800\0"),
        students=[Student("s001", "=HYPERLINK(1)"), Student("s002", "王 波")],
    )
    read = tables(found)
    assert list(read["students"].name) == ["'=HYPERLINK(1)", "王 波"]
    assert read["misconceptions"].mistake[0] == "'=1+1"
    assert read["troubles"].reason[0] == "'@SUM(A1)⟦U+D800⟧⟦U+0000⟧"


# Harmless


def hostile_report(text: str) -> str:
    students = [Student("s001", text), Student("s002", text)]
    graded = [slip("pricing-q1", 3, text), item("pricing-q2", 0, 2, text), item("pricing-q10", None, 6)]
    broken = ungradable("s002", text)
    found = class_report(attempt(*graded), broken, students=students)
    names = Headings(text, text, {f"pricing-q{number}": text for number in (1, 2, 10)})
    return Report(text, names, found.taken, found.statuses, True).page()


PLAIN = hostile_report("plain")


@pytest.mark.parametrize("text", [*HOSTILE, "".join(HOSTILE)])
def test_a_hostile_text_is_a_text_wherever_it_stands(text):
    html = hostile_report(text)
    page, plain = PageReader(html), PageReader(PLAIN)
    assert page.faults == []
    assert page.elements == plain.elements, "the text changed the page's structure"
    html.encode()
    assert page.text.count(" ".join(visible(text).split())) == plain.text.count("plain") > 8


# The command


def run(*arguments: str) -> Any:
    return CliRunner().invoke(main, ["report", *arguments])


def test_the_command_writes_a_page_and_the_tables(book, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    book.record(attempt(item("pricing-q1", 0), content="a", submitted="2026-03-01T10:00Z"))
    book.record(attempt(item("pricing-q1", 3), content="b", submitted="2026-03-02T10:00Z"))
    folder = tmp_path / "class"
    done = run(STEM, "--class", str(folder))
    assert done.exit_code == 0, done.output
    written = folder / "reports" / STEM
    assert {each.name for each in written.iterdir()} == {"report.html", *(f"{name}.csv" for name in TABLES)}
    assert "Exercise 02 · Pricing lab" in (written / "report.html").read_text(encoding="utf-8")
    assert pd.read_csv(written / "students.csv").earned[0] == 0
    run("--class", str(folder), "--counted")
    assert pd.read_csv(written / "students.csv").earned[0] == 3


def test_a_report_on_nothing_is_one_line(book, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    done = run("--class", str(tmp_path / "class"))
    assert (done.exit_code, done.output.count("\n")) == (1, 1)
    assert "nothing is graded yet" in done.output


# In Chromium


@pytest.mark.browser
@in_browser
def test_the_page_opens_without_a_complaint_on_a_screen_and_on_a_phone(tmp_path):
    students, attempts = a_class(60)
    texts = [slip("pricing-q1", 3, "".join(HOSTILE))]
    path = tmp_path / "report.html"
    broken = attempt(*texts, student="s900")
    everybody = [*students, Student("s900", "Hostile")]
    path.write_text(class_report(*attempts, broken, students=everybody).page(), encoding="utf-8")
    with opened(path, viewport={"width": 1280, "height": 800}) as (page, complaints):
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("[...document.images].map((each) => each.naturalWidth)") == [900] * 3
        assert page.evaluate("document.scripts.length") == 0
        assert complaints == []
