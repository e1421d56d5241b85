"""From a graded attempt to the mark that counts: overrides, then lateness."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from crmkit.grading import late


class Status(Enum):
    """Where a student stands in an assignment; only `GRADED` has a score."""

    GRADED = "graded"
    TO_MARK = "to mark"
    """Some questions are still to be marked by hand."""
    UNGRADABLE = "ungradable"
    WAITING = "waiting"
    """The newest submission has not been graded yet."""
    MISSING = "missing"
    EXCUSED = "excused"


@dataclass(frozen=True)
class Item:
    """One question of an attempt, as it counts.

    Parameters
    ----------
    question : the question's id.
    points : what the question is worth.
    earned : the points earned, overrides applied; None while it is to be marked by hand.
    outcome : name of the outcome of the check, or of what happened instead.
    mistake : the message of the declared mistake that was met, or "".
    overridden : whether an instructor gave the points.
    """

    question: str
    points: float
    earned: float | None
    outcome: str
    mistake: str = ""
    overridden: bool = False


@dataclass(frozen=True)
class Override:
    """What an instructor decided, and why.

    Parameters
    ----------
    student, assignment : whose mark, in what.
    field : `points`, `penalty` (per cent for lateness) or `excused` (1 or 0).
    question : the question whose points they are, or None for the assignment's score as a whole.
    content : the sha256 of the submission that was marked. The points of a question are for one submission;
        a later one is marked anew. None for what holds for the assignment whatever is submitted.
    old, new : the value before and after; a `new` of None withdraws what stood.
    who, at, why : the instructor, the time (ISO 8601), the reason.
    """

    student: str
    assignment: str
    field: str
    question: str | None
    content: str | None
    old: float | None
    new: float | None
    who: str
    at: str
    why: str


@dataclass(frozen=True)
class Submission:
    """A submission: its content's sha256, when it was handed in (or None), and the order it was seen in."""

    content: str
    submitted: str | None
    seen: int

    @property
    def at(self) -> datetime | None:
        return late.instant(self.submitted) if self.submitted else None


@dataclass(frozen=True)
class Graded:
    """What became of a submission: the release it was graded against, why it could not be, its items."""

    release: str
    ungradable: bool
    reason: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Mark:
    """The mark that counts for a student in an assignment.

    Parameters
    ----------
    student, assignment : whose mark, in what.
    points : what the assignment is worth.
    status : where the student stands.
    score : the points that count, overrides and lateness applied; None unless the status is `GRADED`.
    earned : the points earned before lateness, so far; None where nothing was graded.
    penalty : per cent taken off for lateness.
    days_late : started days after the due time.
    days_charged : of these, the days that no free late day made up for.
    items : the questions as they count.
    overridden : whether an instructor gave the score as a whole.
    submitted, content, release : what was graded, against what.
    outdated : whether a newer release waits to be graded against.
    reason : why the submission is ungradable, or "".
    """

    student: str
    assignment: str
    points: float
    status: Status
    score: float | None = None
    earned: float | None = None
    penalty: float = 0
    days_late: int = 0
    days_charged: int = 0
    items: tuple[Item, ...] = ()
    overridden: bool = False
    submitted: str | None = None
    content: str | None = None
    release: str | None = None
    outdated: bool = False
    reason: str = ""

    @property
    def to_mark(self) -> tuple[str, ...]:
        """The questions still to be marked by hand."""
        return tuple(item.question for item in self.items if item.earned is None)

    @property
    def score_so_far(self) -> float | None:
        """The score, with no points for what is still to be marked by hand."""
        if self.status is Status.TO_MARK and self.earned is not None:
            return late.reduced(self.earned, self.penalty)
        return self.score


class Decisions:
    """The overrides that stand for one student in one assignment: the last word on each matter."""

    def __init__(self, overrides: Iterable[Override]) -> None:
        self._last = {(each.field, each.question, each.content): each.new for each in overrides}

    def of_question(self, question: str, content: str) -> float | None:
        """Return the points given for a question of a submission, or None."""
        return self._last.get(("points", question, content))

    @property
    def score(self) -> float | None:
        """The score given for the assignment as a whole, or None."""
        return self._last.get(("points", None, None))

    @property
    def penalty(self) -> float | None:
        """The per cent set for lateness, or None."""
        return self._last.get(("penalty", None, None))

    @property
    def excused(self) -> bool:
        return bool(self._last.get(("excused", None, None)))

    @property
    def spare_late_days(self) -> bool:
        """Whether lateness was decided on, so that it uses up no free late days."""
        return self.excused or self.score is not None or self.penalty is not None


NONE_YET = Decisions(())


def newest(submissions: Sequence[Submission]) -> Submission:
    """Return the submission handed in last; of those without a time, or of the same, the one seen last."""
    return max(submissions, key=lambda each: (each.at is not None, each.at or each.seen, each.seen))


def items_that_count(items: Iterable[Item], content: str, decisions: Decisions) -> tuple[Item, ...]:
    """Return the items with the points that an instructor gave, at most what a question is worth now."""
    counted = []
    for item in items:
        given = decisions.of_question(item.question, content)
        if given is not None:
            earned = min(given, item.points)
            item = Item(item.question, item.points, earned, item.outcome, item.mistake, overridden=True)
        counted.append(item)
    return tuple(counted)


def mark(
    student: str,
    assignment: str,
    points: float,
    *,
    submission: Submission | None,
    graded: Graded | None,
    newest_release: str | None,
    decisions: Decisions,
    policy: late.Policy,
    late_days: int,
    charged_days: int,
) -> Mark:
    """Return a student's mark in an assignment.

    Parameters
    ----------
    student, assignment, points : whose mark, in what, out of what.
    submission : the newest submission, or None.
    graded : what became of it against the newest release that it was graded against, or None.
    newest_release : the release that it should have been graded against.
    decisions : the overrides that stand.
    policy, late_days, charged_days : what lateness costs, and for how many days of those late.
    """
    items = items_that_count(graded.items, submission.content, decisions) if graded and submission else ()
    earned = sum(item.earned for item in items if item.earned is not None) if graded else None
    percent = late.penalty(charged_days, policy) if decisions.penalty is None else decisions.penalty
    score = None
    if decisions.excused:
        status = Status.EXCUSED
    elif decisions.score is not None:
        status, score = Status.GRADED, min(decisions.score, points)
    elif submission is None:
        status = Status.MISSING
    elif graded is None:
        status = Status.WAITING
    elif graded.ungradable:
        status, earned = Status.UNGRADABLE, None
    elif any(item.earned is None for item in items):
        status = Status.TO_MARK
    else:
        status, score = Status.GRADED, late.reduced(earned or 0, percent)
    return Mark(
        student,
        assignment,
        points,
        status,
        score,
        earned,
        penalty=percent,
        days_late=late_days,
        days_charged=charged_days,
        items=items,
        overridden=decisions.score is not None,
        submitted=submission.submitted if submission else None,
        content=submission.content if submission else None,
        release=graded.release if graded else None,
        outdated=graded is not None and graded.release != newest_release,
        reason=graded.reason if graded else "",
    )
