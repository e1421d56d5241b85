"""Feedback for a student: one page per assignment, with what went well, what to mend and what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from crmkit.grading import late
from crmkit.grading.gradebook import Assignment, Gradebook
from crmkit.grading.headings import Headings
from crmkit.grading.marks import Item, Mark, Override, Status
from crmkit.grading.outcomes import Kind, Shown, shown
from crmkit.grading.page import Picture, picture, render
from crmkit.grading.roster import Student

MOST_CODE = 20_000
"""Characters of an answer that a page shows."""
TOLD = ("ERROR", "TIMED_OUT", "DIED")
"""Outcomes whose message holds the error already."""
MANY = 3
"""Questions that are named one by one in what to do next."""
NO_PAGE = {Status.MISSING: "nothing handed in", Status.WAITING: "not graded yet"}
"""Where there is nothing to say yet; a page on an older submission stays."""


@dataclass(frozen=True)
class Answer:
    """One question on the page.

    Parameters
    ----------
    question : its id.
    anchor : its place on the page.
    number, title : what it is called, with its number, and the number alone.
    shown : its outcome.
    points, earned : what there is to earn, and what was; None while it is to be marked by hand.
    said : what the check said.
    decided : that the instructor gave the points, and why; or "".
    code, text, error : what the student wrote, what it printed, and the error that it stopped with.
    pictures : what it drew.
    refused : figures that are not shown.
    prose : whether the answer is text that a person reads, and not code.
    """

    question: str
    anchor: str
    number: str
    title: str
    shown: Shown
    points: float
    earned: float | None
    said: tuple[str, ...]
    decided: str
    code: str
    text: str
    error: str
    pictures: tuple[Picture, ...]
    refused: int
    prose: bool

    @property
    def full(self) -> bool:
        """Whether it earned all there was."""
        return self.earned is not None and self.earned >= self.points

    @property
    def score(self) -> str:
        """The points in words."""
        return f"{_points(self.points)}, not marked yet" if self.earned is None else _of(self)


@dataclass(frozen=True)
class Feedback:
    """What a feedback page says.

    Parameters
    ----------
    title, student, ident, stem : whose page it is, on what.
    score, out_of : the large number and the words beside it.
    notes : when it was handed in, lateness, overrides: a sentence each.
    warning : why there is no mark, or why it may change; or "".
    answers : the questions in the notebook's order.
    well : the questions that earned all their points.
    slips : misconceptions: the question and what was taken for what.
    steps : what to do next, a sentence or two each.
    """

    title: str
    student: str
    ident: str
    stem: str
    score: str
    out_of: str
    notes: tuple[str, ...]
    warning: str
    answers: tuple[Answer, ...]
    well: tuple[Answer, ...]
    slips: tuple[tuple[Answer, str], ...]
    steps: tuple[str, ...]

    def page(self) -> str:
        """Return the HTML page."""
        return render("feedback.html", feedback=self)


def feedback(
    student: Student,
    assignment: Assignment,
    mark: Mark,
    attempt: Mapping[str, Any] | None,
    overrides: Iterable[Override],
    headings: Headings,
) -> Feedback:
    """Return what to tell a student about an assignment.

    Parameters
    ----------
    student, assignment : whose page, on what.
    mark : the mark that counts.
    attempt : the attempt that it rests on, as the gradebook keeps it, or None.
    overrides : every override of this student in this assignment, in the order in which they were made.
    headings : what exercise, questions and chapter are called.
    """
    standing = _standing(overrides)
    answers = tuple(_answers(mark, attempt, standing, headings))
    return Feedback(
        headings.title,
        student.name,
        student.student_id,
        assignment.assignment,
        *_score(mark),
        notes=tuple(_notes(assignment, mark, standing)),
        warning=_warning(mark, headings),
        answers=answers,
        well=tuple(each for each in answers if each.full),
        slips=tuple(_slips(answers, attempt)),
        steps=tuple(_steps(mark, answers, headings)),
    )


def pages(
    book: Gradebook, stem: str, headings: Headings, skipped: dict[str, list[str]]
) -> Iterator[tuple[str, str]]:
    """Yield each student's id with the page about an assignment, in the order of ids.

    Parameters
    ----------
    skipped : takes the ids of the students without a page, by the reason.
    """
    marks = {mark.student: mark for mark in book.marks(stem)}
    assignment = next(each for each in book.assignments() if each.assignment == stem)
    made: dict[str, list[Override]] = {}
    for override in book.overrides(stem):
        made.setdefault(override.student, []).append(override)
    for student in book.students():
        mark = marks[student.student_id]
        if mark.status in NO_PAGE:
            skipped.setdefault(NO_PAGE[mark.status], []).append(mark.student)
            continue
        decided = made.get(mark.student, [])
        yield mark.student, feedback(student, assignment, mark, book.attempt(mark), decided, headings).page()


Standing = dict[tuple[str, str | None, str | None], Override]


def _standing(overrides: Iterable[Override]) -> Standing:
    """Return the last word on each matter, unless that was to withdraw it."""
    last = {(each.field, each.question, each.content): each for each in overrides}
    return {
        about: each for about, each in last.items() if each.new or (each.new == 0 and about[0] != "excused")
    }


def _score(mark: Mark) -> tuple[str, str]:
    if mark.status is Status.EXCUSED:
        return "Excused", ""
    score = mark.score_so_far
    if score is None:
        return "No mark yet", ""
    unmarked = sum(item.points for item in mark.items if item.earned is None)
    if mark.status is Status.TO_MARK:
        return f"{score:g}", f"of {_points(mark.points - unmarked)} so far"
    return f"{score:g}", f"of {_points(mark.points)}"


def _notes(assignment: Assignment, mark: Mark, standing: Standing) -> Iterator[str]:
    if mark.submitted:
        clock = assignment.policy.clock
        due = f"; due {_time(assignment.due, clock)}" if assignment.due else ""
        yield f"Handed in {_time(mark.submitted, clock)}{due} ({assignment.policy.zone} time)."
    if "excused" in {field for field, _, _ in standing}:
        yield f"Your instructor excused you: {_why(standing['excused', None, None])}"
    elif mark.overridden:
        yield (
            f"Your instructor set the score to {_points(mark.score or 0)}: "
            f"{_why(standing['points', None, None])}"
        )
    else:
        said = _lateness(mark, assignment.policy.per_day > 0, standing.get(("penalty", None, None)))
        if sentences := " ".join(said):
            yield sentences


def _time(text: str, clock: tzinfo) -> str:
    there = late.instant(text).astimezone(clock)
    return f"{there.day} {there:%B %Y, %H:%M}"


def _lateness(mark: Mark, costs: bool, decided: Override | None) -> Iterator[str]:
    free = mark.days_late - mark.days_charged
    late_by = f"{_count(mark.days_late, 'day')} late"
    if decided is not None:
        why = f"Your instructor set what lateness costs to {decided.new:g}%: {_why(decided)}"
        yield f"{late_by}. {why}" if mark.days_late else why
    elif mark.days_late and not costs:
        yield f"{late_by}. Nothing is taken off."
    elif free:
        covered = f"{free} of them covered" if mark.days_charged else "covered"
        yield f"{late_by}, {covered} by your free late days."
    elif mark.days_late:
        yield f"{late_by}."
    if mark.earned and mark.penalty:
        left = late.reduced(mark.earned, mark.penalty)
        yield f"Of the {_points(mark.earned)} earned, {mark.penalty:g}% is taken off: {left:g} count."


def _warning(mark: Mark, headings: Headings) -> str:
    if mark.status is Status.UNGRADABLE:
        return f"Your file could not be graded: {_sentence(mark.reason)}"
    if mark.outdated and mark.items:
        return "The exercise was corrected after this was graded. It will be graded again."
    if mark.status is Status.TO_MARK:
        names = _listed(f"“{headings.name(question)}”" for question in mark.to_mark)
        return f"Your instructor still marks {names}; the score will change."
    return ""


def _answers(
    mark: Mark, attempt: Mapping[str, Any] | None, standing: Standing, headings: Headings
) -> Iterator[Answer]:
    graded = {each["question"]: each for each in attempt["items"]} if attempt else {}
    ran = {each["question"]: each for each in attempt["transcript"]} if attempt else {}
    for position, item in enumerate(mark.items, 1):
        check, cell = graded.get(item.question, {}), ran.get(item.question, {})
        number = headings.number(item.question, position)
        said, figures = tuple(check.get("said", ())), cell.get("figures", [])
        drawn = [
            picture(each, f"Figure {which} of {len(figures)} that your code drew for question {number}")
            for which, each in enumerate(figures, 1)
        ]
        pictures = tuple(each for each in drawn if each)
        given = standing.get(("points", item.question, mark.content))
        yield Answer(
            question=item.question,
            anchor=f"question-{position}",
            number=number,
            title=headings.of(item.question),
            shown=shown(item.outcome, item.earned),
            points=item.points,
            earned=item.earned,
            said=said,
            decided=_decided(item, given, check.get("earned")),
            code=_cut(cell.get("code", "")),
            text=cell.get("text", ""),
            error="" if item.outcome in TOLD and said else cell.get("error", ""),
            pictures=pictures,
            refused=len(drawn) - len(pictures),
            prose=item.question in headings.prose or item.outcome == "BY_HAND",
        )


def _decided(item: Item, given: Override | None, before: float | None) -> str:
    if given is None or not item.overridden or item.earned is None:
        return ""
    if before in (None, item.earned):
        return f"Your instructor gave {_points(item.earned)}: {_why(given)}"
    return f"Your instructor gave {_points(item.earned)} instead of {before:g}: {_why(given)}"


def _cut(code: str) -> str:
    return code if len(code) <= MOST_CODE else f"{code[:MOST_CODE]}\n… cut: your file has all of it"


def _slips(answers: Sequence[Answer], attempt: Mapping[str, Any] | None) -> Iterator[tuple[Answer, str]]:
    met = {each["question"]: each["mistake"] for each in attempt["items"]} if attempt else {}
    for each in answers:
        if met.get(each.question) and not each.full:
            yield each, met[each.question]


def _steps(mark: Mark, answers: Sequence[Answer], headings: Headings) -> Iterator[str]:
    if mark.status is Status.UNGRADABLE:
        yield "Open a fresh copy of the exercise, put your answers into its cells, and save it as a notebook."
        yield "Then ask your instructor whether you can hand it in again."
        return
    left = [each for each in answers if not each.full and each.earned is not None]
    by_kind = {kind: [each for each in left if each.shown.kind is kind] for kind in Kind}
    chapter = f"the chapter “{headings.chapter}”" if headings.chapter else "the chapter"

    def names(chosen: Iterable[Answer]) -> str:
        return _listed(f"“{headings.name(each.question)}”" for each in chosen)

    if thought := sorted(by_kind[Kind.SLIP] + by_kind[Kind.WRONG], key=answers.index):
        yield (
            f"Read again in {chapter} what belongs to {names(thought)}. Then change your answer and run its "
            "check."
        )
    if lost := by_kind[Kind.LOST]:
        yield f"Open a fresh copy of the exercise, and put your answer to {names(lost)} into its own cell."
    if form := by_kind[Kind.FORM]:
        yield f"For {names(form)}, compare what is asked for with what you gave: type, parts, order."
    if failed := by_kind[Kind.FAILED]:
        yield (
            f"Restart the kernel and run the notebook from the top; mend {names(failed)} until each cell "
            "runs by itself."
        )
    if untouched := by_kind[Kind.OPEN]:
        first = next((each for each in untouched if not each.prose), None)
        start = f'hint("{first.question}") helps you to begin.' if first else ""
        if first and len(untouched) > MANY:
            yield f"{len(untouched)} questions are not attempted yet. Try {names([first])} first: {start}"
        else:
            yield f"Try {names(untouched)}: not attempted yet. {start}".strip()
    if by_hand := by_kind[Kind.BY_HAND]:
        yield f"Read what your instructor says about {names(by_hand)}, and write that part again."
    if answers and not left:
        yield "There is nothing to mend. Explain one of your answers to somebody who missed it; then go on."


def _why(override: Override) -> str:
    return _sentence(override.why)


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?", "。", "！", "？")) else f"{text}."


def _listed(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _count(number: float, noun: str) -> str:
    return f"{number:g} {noun}{'' if number == 1 else 's'}"


def _points(number: float) -> str:
    return _count(number, "point")


def _of(answer: Answer) -> str:
    return f"{answer.earned:g} of {_points(answer.points)}"
