"""The instructor's report on an assignment: scores, questions, misconceptions, and what went wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from crmkit.grading import late
from crmkit.grading.export import spreadsheet
from crmkit.grading.gradebook import Gradebook, GradebookError
from crmkit.grading.headings import Headings
from crmkit.grading.items import ItemStatistics, ScoreStatistics, item_statistics, score_statistics
from crmkit.grading.marks import Decisions, Item, Mark, Override, Status, items_that_count
from crmkit.grading.outcomes import Kind, shown
from crmkit.grading.page import own_picture, render, visible
from crmkit.grading.roster import Student
from crmkit.widgets import style

SMALL = 30
"""Students below whom correlations are called rough."""
WEAK, EASY, HARD = 0.2, 0.9, 0.3
"""A discrimination below which, and difficulties above and below which a question is pointed out."""
LABEL = 14
"""Characters of a question's id that a figure has room for."""
COLOURS = {
    Kind.RIGHT: style.GREEN,
    Kind.BY_HAND: style.BLUE,
    Kind.SLIP: style.RED,
    Kind.WRONG: style.ORANGE,
    Kind.FORM: style.YELLOW,
    Kind.FAILED: style.PURPLE,
    Kind.LOST: style.BLACK,
    Kind.OPEN: "#C8C8C8",
}


@dataclass(frozen=True)
class Taken:
    """One student's attempt, as the report looks at it.

    Parameters
    ----------
    student : who.
    items : the questions with the points that count, none if the submission could not be graded.
    reason : why it could not be graded, or "".
    seconds : how long the run took, or None.
    """

    student: Student
    items: tuple[Item, ...]
    reason: str = ""
    seconds: float | None = None


@dataclass(frozen=True)
class Misconception:
    """A declared mistake, and the students whom it hit."""

    question: str
    mistake: str
    students: tuple[str, ...]


@dataclass(frozen=True)
class Trouble:
    """What kept an answer, or a whole submission, from being judged."""

    student: str
    question: str
    what: str
    reason: str = ""


@dataclass(frozen=True)
class Report:
    """What the attempts of a class say about an assignment.

    Parameters
    ----------
    stem, headings : which assignment, and what its questions are called.
    taken : one attempt for each student who has one.
    statuses : how many students stand where.
    first : whether these are first attempts, and not those that count.
    """

    stem: str
    headings: Headings
    taken: tuple[Taken, ...]
    statuses: Mapping[Status, int]
    first: bool

    @cached_property
    def graded(self) -> tuple[Taken, ...]:
        """The attempts that could be graded."""
        return tuple(each for each in self.taken if not each.reason)

    @cached_property
    def worth(self) -> dict[str, float]:
        """The points of each question, in the notebook's order."""
        return {item.question: item.points for each in self.graded for item in each.items}

    @cached_property
    def unmarked(self) -> dict[str, int]:
        """The questions without statistics, and how many answers are still to be marked by hand."""
        return dict(
            Counter(item.question for each in self.graded for item in each.items if item.earned is None)
        )

    @cached_property
    def table(self) -> pd.DataFrame:
        """The points earned, a row for each student and a column for each question that is marked."""
        rows = {
            each.student.student_id: {item.question: item.earned for item in each.items}
            for each in self.graded
        }
        marked = [question for question in self.worth if question not in self.unmarked]
        return pd.DataFrame.from_dict(rows, orient="index").reindex(columns=marked).astype(float)

    @cached_property
    def scores(self) -> ScoreStatistics:
        """What is known of the sum of the questions."""
        return score_statistics(self.table, self.worth)

    @cached_property
    def items(self) -> list[ItemStatistics]:
        """What is known of each question that is marked."""
        return item_statistics(self.table, self.worth)

    @cached_property
    def kinds(self) -> dict[str, Counter[Kind]]:
        """How often each kind of outcome was met, by question."""
        found: dict[str, Counter[Kind]] = {question: Counter() for question in self.worth}
        for each in self.graded:
            for item in each.items:
                found[item.question][shown(item.outcome, item.earned).kind] += 1
        return found

    @cached_property
    def misconceptions(self) -> list[Misconception]:
        """The declared mistakes that were met, those of most students first."""
        met: dict[tuple[str, str], list[str]] = {}
        for each in self.graded:
            for item in each.items:
                if item.mistake:
                    met.setdefault((item.question, item.mistake), []).append(each.student.student_id)
        ordered = sorted(met.items(), key=lambda pair: -len(pair[1]))
        return [Misconception(question, said, tuple(who)) for (question, said), who in ordered]

    @cached_property
    def troubles(self) -> list[Trouble]:
        """Submissions that could not be graded, and answers that ended in an error, a time-out or nowhere."""
        found = [
            Trouble(each.student.student_id, "", "Could not be graded", each.reason)
            for each in self.taken
            if each.reason
        ]
        for each in self.graded:
            for item in each.items:
                about = shown(item.outcome, item.earned)
                if about.kind in (Kind.FAILED, Kind.LOST):
                    found.append(Trouble(each.student.student_id, item.question, about.word))
        return found

    @cached_property
    def stopped(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """The questions with troubles: question, what happened, and to whom."""
        met: dict[tuple[str, str], list[str]] = {}
        for each in self.troubles:
            if each.question:
                met.setdefault((each.question, each.what), []).append(each.student)
        places = list(self.worth)
        ordered = sorted(met.items(), key=lambda pair: places.index(pair[0][0]))
        return [(question, what, tuple(who)) for (question, what), who in ordered]

    def remarks(self, item: ItemStatistics) -> list[str]:
        """Return what an instructor should look at in a question."""
        said = []
        if item.n and item.difficulty is not None:
            if item.difficulty >= EASY:
                said.append("easy")
            elif item.difficulty <= HARD:
                said.append("hard")
        if item.discrimination is None:
            said.append("discrimination cannot be told")
        elif item.discrimination < 0:
            said.append("negative: those who do well elsewhere miss it; look at the question and its key")
        elif item.discrimination < WEAK:
            said.append("tells students apart weakly")
        return said

    @cached_property
    def findings(self) -> list[str]:
        """The report in a few sentences."""
        return list(_findings(self))

    def page(self) -> str:
        """Return the report as an HTML page."""
        drawn = [draw(self) for draw in (draw_scores, draw_questions, draw_outcomes)]
        figures = [own_picture(style.encode_png(figure), says) for figure, says in drawn]
        return render("report.html", report=self, figures=figures)

    def files(self) -> dict[str, bytes]:
        """Return the report's files by name: the page, and a CSV for each of its tables."""
        tables = {
            "students": _students(self),
            "answers": _answers(self),
            "questions": _questions(self),
            "misconceptions": _misconceptions(self),
            "troubles": _troubles(self),
        }
        return {"report.html": self.page().encode()} | {
            f"{name}.csv": spreadsheet([_visible(row) for row in rows]) for name, rows in tables.items()
        }


def report(book: Gradebook, stem: str, headings: Headings, *, counted: bool = False) -> Report:
    """Return the report on an assignment.

    Parameters
    ----------
    counted : whether to look at the attempts that count, and not at each student's first.

    Raises
    ------
    GradebookError : the gradebook has no such assignment, or no attempt at it.
    """
    marks = {mark.student: mark for mark in book.marks(stem)}
    attempts: dict[str, list[dict[str, Any]]] = {}
    for attempt in book.attempts(stem, transcripts=False):
        attempts.setdefault(attempt["student"], []).append(attempt)
    made: dict[str, list[Override]] = {}
    for override in book.overrides(stem):
        made.setdefault(override.student, []).append(override)
    newest = next((mark.release for mark in marks.values() if mark.release and not mark.outdated), None)
    taken = []
    for student in book.students():
        own = attempts.get(student.student_id, [])
        chosen = _counted(own, marks[student.student_id]) if counted else _first(own, newest)
        if chosen is not None:
            taken.append(_taken(student, chosen, Decisions(made.get(student.student_id, ()))))
    if not taken:
        raise GradebookError(f"{stem}: nothing is graded yet; run crmkit autograde {stem}")
    statuses = Counter(mark.status for mark in marks.values())
    return Report(stem, headings, tuple(taken), statuses, not counted)


def _first(attempts: Sequence[dict[str, Any]], newest: str | None) -> dict[str, Any] | None:
    """Return the attempt on what was handed in first, against the newest release if there is one."""
    if not attempts:
        return None
    # Where a time is not known, the order of grading stands.
    first = attempts[0]
    if all(each["submitted"] for each in attempts):
        first = min(attempts, key=lambda each: late.instant(each["submitted"]))
    same = [each for each in attempts if each["content"] == first["content"]]
    return next((each for each in same if each["release"] == newest), same[-1])


def _counted(attempts: Sequence[dict[str, Any]], mark: Mark) -> dict[str, Any] | None:
    about = (mark.content, mark.release)
    return next((each for each in attempts if (each["content"], each["release"]) == about), None)


def _taken(student: Student, attempt: Mapping[str, Any], decisions: Decisions) -> Taken:
    items = [
        Item(each["question"], each["points"], each["earned"], each["outcome"], each["mistake"])
        for each in attempt["items"]
    ]
    if attempt["status"] == "ungradable":
        return Taken(student, (), attempt["reason"] or "no reason was recorded", attempt["seconds"])
    return Taken(student, items_that_count(items, attempt["content"], decisions), seconds=attempt["seconds"])


# Words


def shorten(question: str) -> str:
    """Return a question's id as a figure's axis has room for it."""
    return question if len(question) <= LABEL else f"{question[: LABEL - 1]}…"


def _findings(report: Report) -> Iterator[str]:
    scores, items = report.scores, [each for each in report.items if each.difficulty is not None]
    n = len(report.graded)
    if n and scores.n and scores.questions:
        yield (
            f"The middle half of {_students_in(scores.n)} earned {scores.lower:g} to {scores.upper:g} of "
            f"{scores.points:g} points."
        )
    if items:
        hardest = min(items, key=lambda each: each.difficulty or 0)
        yield (
            f"Hardest is “{report.headings.of(hardest.question)}”, with {_percent(hardest.difficulty)} of "
            "its points earned."
        )
    if report.misconceptions:
        top = report.misconceptions[0]
        yield (
            f"The slip met most ({len(top.students)} of {_students_in(n)}) is in "
            f"“{report.headings.of(top.question)}”: {top.mistake}"
        )
    wrong_way = [each for each in items if each.discrimination is not None and each.discrimination < 0]
    for each in wrong_way:
        yield (
            f"Look at “{report.headings.of(each.question)}”: students who do well elsewhere miss it "
            f"(discrimination {style.number(each.discrimination or 0, '.2f')})."
        )
    if 0 < n < SMALL:
        yield f"With {_students_in(n)}, correlations and alpha are rough: a few answers move them a lot."
    for question, count in report.unmarked.items():
        waiting = f"{count} answer{' is' if count == 1 else 's are'} still to be marked by hand"
        yield f"Without figures yet: “{report.headings.of(question)}”; {waiting}."


def _students_in(n: int) -> str:
    return f"{n} student{'' if n == 1 else 's'}"


def _points(number: float) -> str:
    return f"{number:g} point{'' if number == 1 else 's'}"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f}%"


# Figures


def draw_scores(report: Report) -> tuple[Figure, str]:
    """Draw how many students earned how many points."""
    scores = report.table[list(report.scores.questions)].sum(axis="columns")
    most = max(report.scores.points, 1)
    width = max(1, int(np.ceil(most / 20)))
    edges = np.arange(0, most + width + 1, width) - 0.5  # whole points are in the middle of a bar
    figure, (ax,) = style.new_figure()
    ax.hist(scores, bins=list(edges), color=style.BLUE, rwidth=0.9)
    ax.set_xlim(edges[0], edges[-1])
    ax.set_xlabel(f"points, of {most:g}")
    ax.set_ylabel("students")
    ax.yaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    found = report.scores
    if found.median is None:
        style.title(ax, "No attempt could be graded")
        return figure, "No attempt could be graded, so there are no scores to show."
    ax.axvline(found.median, color=style.RED, linewidth=1.5)
    style.title(ax, f"At least half of the class has {_points(found.median)} or more")
    return figure, (
        f"Distribution of scores, n = {found.n}: from {found.least:g} to {found.most:g} of {most:g} points, "
        f"median {found.median:g} (the upright line), quartiles {found.lower:g} and {found.upper:g}."
    )


def draw_questions(report: Report) -> tuple[Figure, str]:
    """Draw difficulty and discrimination of each question."""
    items = report.items
    places = np.arange(len(items))
    figure, (left, right) = style.new_figure(2, height=1.25 + 0.24 * max(len(items), 4))
    figure.subplots_adjust(left=0.24, wspace=0.14)
    left.barh(places, [each.difficulty or 0 for each in items], color=style.SKY)
    left.set_yticks(places, [shorten(each.question) for each in items])
    left.set_xlim(0, 1)
    left.set_xticks([0, 0.5, 1])
    left.xaxis.set_major_formatter(PercentFormatter(1))
    left.set_xlabel("points earned (difficulty)")
    told = [(place, each.discrimination) for place, each in zip(places, items, strict=True)
            if each.discrimination is not None]  # fmt: skip
    right.axvline(0, color=style.GREY, linewidth=1)
    right.axvline(WEAK, color=style.GREY, linewidth=1, linestyle=":")
    right.scatter(
        [value for _, value in told], [place for place, _ in told],
        color=[style.BLUE if value >= WEAK else style.RED for _, value in told], zorder=3,
    )  # fmt: skip
    right.set_yticks([])
    right.set_xlim(min([-0.1, *(value - 0.05 for _, value in told)]), 1)
    right.xaxis.set_major_locator(MaxNLocator(4))
    right.set_xlabel("item-rest correlation")
    for ax in (left, right):
        ax.set_ylim(len(items) - 0.4, -0.6)
    style.headline(figure, "How hard each question is, and how well it separates")
    said = [
        f"{each.question} {_percent(each.difficulty)}, "
        + ("no correlation" if each.discrimination is None else style.number(each.discrimination, ".2f"))
        for each in items
    ]
    return figure, (
        "Share of the points earned, and correlation with the rest of the points, by question: "
        f"{'; '.join(said) or 'no question is marked yet'}. Left of the dotted line, at {WEAK:g}, a question "
        "tells students apart weakly."
    )


def draw_outcomes(report: Report) -> tuple[Figure, str]:
    """Draw how the answers to each question turned out."""
    questions = list(report.kinds)
    places = np.arange(len(questions))
    met = [kind for kind in COLOURS if any(report.kinds[question][kind] for question in questions)]
    rows = -(-len(met) // 3)
    figure, (ax,) = style.new_figure(height=1.35 + 0.2 * rows + 0.24 * max(len(questions), 4))
    height = figure.get_figheight()
    figure.subplots_adjust(left=0.24, top=1 - (0.42 + 0.2 * rows) / height)
    before = np.zeros(len(questions))
    for kind in met:
        counts = np.array([report.kinds[question][kind] for question in questions])
        ax.barh(places, counts, left=before, color=COLOURS[kind], label=kind.value,
                edgecolor="white", linewidth=0.5)  # fmt: skip
        before = before + counts
    ax.set_yticks(places, [shorten(question) for question in questions])
    ax.set_ylim(len(questions) - 0.4, -0.6)
    ax.set_xlim(0, max(1, *before, 0))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    ax.set_xlabel("students")
    if met:
        figure.legend(
            loc="upper left", bbox_to_anchor=(0.01, 1 - 0.3 / height), ncols=3, frameon=False,
            fontsize=style.SMALL, handlelength=1, columnspacing=1.2, labelspacing=0.3, borderpad=0,
        )  # fmt: skip
    style.headline(figure, "How the answers to each question turned out")
    said = [
        f"{question}: " + ", ".join(f"{count} {kind.value}" for kind in met if (count := counts[kind]))
        for question, counts in report.kinds.items()
    ]
    return figure, f"Outcomes by question. {'; '.join(said) or 'No attempt could be graded'}."


# Tables

Row = Sequence[str | float | None]
Rows = Iterable[Row]


def _visible(row: Row) -> Row:
    return [visible(cell) if isinstance(cell, str) else cell for cell in row]


def _students(report: Report) -> Rows:
    yield ["student_id", "name", "section", "earned", "seconds", "reason", *report.worth]
    for each in report.taken:
        earned = {item.question: item.earned for item in each.items}
        known = [points for points in earned.values() if points is not None]
        yield [
            each.student.student_id, each.student.name, each.student.section,
            sum(known) if each.items else None, each.seconds, each.reason,
            *(earned.get(question) for question in report.worth),
        ]  # fmt: skip


def _answers(report: Report) -> Rows:
    yield ["student_id", "question", "points", "earned", "outcome", "mistake"]
    for each in report.graded:
        for item in each.items:
            yield [
                each.student.student_id,
                item.question,
                item.points,
                item.earned,
                item.outcome,
                item.mistake,
            ]


def _questions(report: Report) -> Rows:
    yield [
        "question", "title", "points", "n", "mean", "difficulty", "discrimination", "unmarked",
        *(kind.value for kind in COLOURS),
    ]  # fmt: skip
    known = {each.question: each for each in report.items}
    for question, points in report.worth.items():
        item = known.get(question)
        numbers = [item.n, item.mean, item.difficulty, item.discrimination] if item else [None] * 4
        kinds = [report.kinds[question][kind] for kind in COLOURS]
        unmarked = report.unmarked.get(question, 0)
        yield [question, report.headings.of(question), points, *numbers, unmarked, *kinds]


def _misconceptions(report: Report) -> Rows:
    yield ["question", "mistake", "students", "share", "student_ids"]
    for each in report.misconceptions:
        share = len(each.students) / len(report.graded)
        yield [each.question, each.mistake, len(each.students), share, " ".join(each.students)]


def _troubles(report: Report) -> Rows:
    yield ["student_id", "question", "what", "reason"]
    for each in report.troubles:
        yield [each.student, each.question, each.what, each.reason]
