"""The gradebook: append-only attempts, audited overrides, and the mark that counts for each student.

Every change is one transaction, so that a process that is killed leaves all of it or nothing. What was
submitted, graded or decided is only ever added to; the database itself refuses to change or delete it.
"""

from __future__ import annotations

import json
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import sqlalchemy as sa
from sqlalchemy import select

from crmkit.grading import late
from crmkit.grading.attempt import (
    RELEASE,
    check_stem,
    check_student,
    check_submission,
    check_text,
    checked,
    first_double,
    number,
)
from crmkit.grading.database import (
    Database,
    GradebookError,
    assignments,
    attempts,
    items,
    overrides,
    releases,
    students,
    submissions,
)
from crmkit.grading.marks import NONE_YET, Decisions, Graded, Item, Mark, Override, Submission, mark, newest
from crmkit.grading.roster import Student


@dataclass(frozen=True)
class Assignment:
    """An assignment: its stem, title and points, when it is due (ISO 8601), and what lateness costs."""

    assignment: str
    title: str
    points: float
    due: str | None = None
    policy: late.Policy = field(default_factory=late.Policy)


@dataclass(frozen=True)
class Points:
    """Points that an instructor gives for a question, or for the whole assignment; None withdraws them."""

    student: str
    assignment: str
    question: str | None
    points: float | None
    why: str

    def given_before(self, now: Mark, standing: Decisions) -> float | None:
        """Return the points that an override gave before and that still stand."""
        if self.question is None:
            return standing.score
        return standing.of_question(self.question, now.content or "")

    def decide(self, now: Mark, standing: Decisions) -> dict[str, Any]:
        """Return the override, or say why it cannot be."""
        where = f"{self.student}, {self.question or self.assignment}"
        item = None if self.question is None else _item(now, self.question)
        most = item.points if item else now.points
        if self.points is not None and number(self.points, where, "points") > most:
            raise GradebookError(f"{where}: {self.points:g} points is more than the {most:g} there are")
        _check_withdrawal(self.points, self.given_before(now, standing), where)
        return {
            "field": "points",
            "question": self.question,
            "content": now.content if item else None,
            "old": item.earned if item else now.score,
            "new": self.points,
        }


def _known() -> sa.Select[Any]:
    """Return a query of what the gradebook knows of an attempt: its student, its release, its submission."""
    of: dict[str, sa.BindParameter[str]] = {
        name: sa.bindparam(name) for name in ("student", "assignment", "content", "release", "submitted")
    }
    student = select(students.c.student_id).filter_by(student_id=of["student"])
    release = select(sa.func.max(releases.c.seq)).filter_by(
        assignment=of["assignment"], release=of["release"]
    )
    noted = select(sa.func.max(submissions.c.seq)).where(
        submissions.c.assignment == of["assignment"],
        submissions.c.student == of["student"],
        submissions.c.content == of["content"],
        submissions.c.submitted.is_not_distinct_from(of["submitted"]),
    )
    parts = {"student": student, "release": release, "submission": noted}
    return select(*(part.scalar_subquery().label(name) for name, part in parts.items()))


# Built once, because building takes longer than running.
KNOWN = _known()
ADD_ITEMS = sa.insert(items)
ADD_SUBMISSION = sa.insert(submissions).values(
    {name: sa.bindparam(name) for name in ("assignment", "student", "content", "submitted")}
)


class Gradebook:
    """A gradebook, made if it is not there. A context manager.

    Parameters
    ----------
    place : path of an SQLite file, or the URL of one (`sqlite:///…`) or of a Postgres database
        (`postgresql+psycopg://user:password@host/name`).
    create : whether to make it if it is not there.

    Raises
    ------
    GradebookError : it cannot be opened, is no gradebook, or was written by a newer crmkit.
    """

    def __init__(self, place: str | Path, *, create: bool = True) -> None:
        self._database = Database(place, create=create)
        self._read, self._write = self._database.read, self._database.write
        adding = self._database.insert(attempts).on_conflict_do_nothing()
        self._add_attempt = adding.returning(attempts.c.attempt)

    def __enter__(self) -> Gradebook:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections to the database."""
        self._database.close()

    # The class

    def enrol(self, roster: Iterable[Student]) -> None:
        """Take over a roster: add or change its students; those not on it are no longer enrolled.

        Their attempts stay, and count again if they come back.

        Raises
        ------
        GradebookError : an id that is none, one that is there twice, or a text that cannot be stored.
        """
        rows = [asdict(student) | {"enrolled": True} for student in roster]
        for row in rows:
            check_student(row["student_id"])
            for text in row.values():
                check_text(row["student_id"], str(text))
        twice = first_double(row["student_id"] for row in rows)
        if twice is not None:
            raise GradebookError(f"the roster has {twice} twice")
        with self._write() as connection:
            connection.execute(sa.update(students).values(enrolled=False))
            if rows:
                insert = self._database.insert(students)
                changed = {each.name: each for each in insert.excluded if each.name != "student_id"}
                connection.execute(
                    insert.on_conflict_do_update(index_elements=["student_id"], set_=changed), rows
                )

    def students(self) -> list[Student]:
        """Return the enrolled students, in the order of their ids."""
        with self._read() as connection:
            return _enrolled(connection)

    def add_assignment(self, assignment: str, title: str, points: float) -> None:
        """Add an assignment, or change its title and points; what was said about lateness stays.

        Parameters
        ----------
        assignment : its stem, such as `02-pricing`.
        title : what marks are exported under.
        points : what it is worth.
        """
        check_stem(assignment)
        check_text(assignment, title)
        if not title.strip() or not title.isprintable():
            raise GradebookError(f"{assignment}: a title is one line of text, not {title!r}")
        if number(points, assignment, "points") <= 0:
            raise GradebookError(f"{assignment}: an assignment is worth more than 0 points")
        row = {"assignment": assignment, "title": title, "points": points, "policy": asdict(late.Policy())}
        insert = self._database.insert(assignments).values(row)
        changed = {"title": insert.excluded.title, "points": insert.excluded.points}
        with self._write() as connection:
            connection.execute(insert.on_conflict_do_update(index_elements=["assignment"], set_=changed))

    def set_due(self, assignment: str, due: str | None, policy: late.Policy | None = None) -> None:
        """Say when an assignment is due and what lateness costs.

        Parameters
        ----------
        due : ISO 8601, in the policy's zone if it names none; None for an assignment that is never late.
        policy : nothing is taken off unless it says so.
        """
        policy = policy or late.Policy()
        try:
            moment = late.instant(due, policy.zone) if due is not None else None
        except ValueError as error:
            raise GradebookError(f"{assignment}: {error}") from error
        # With the offset of the class's clock, so that the gradebook shows what was announced.
        stored = moment.astimezone(policy.clock).isoformat() if moment else None
        with self._write() as connection:
            _find(connection, assignment)
            change = sa.update(assignments).where(assignments.c.assignment == assignment)
            connection.execute(change.values(due=stored, policy=asdict(policy)))

    def assignments(self) -> list[Assignment]:
        """Return the assignments, in the order of their stems."""
        with self._read() as connection:
            rows = connection.execute(select(assignments).order_by(assignments.c.assignment))
            return [_assignment(row) for row in rows]

    def add_release(self, assignment: str, release: str) -> None:
        """Make a release the newest of its assignment, the one that submissions are to be graded against.

        One that was the newest before and was replaced becomes the newest again.
        """
        if not RELEASE.fullmatch(release):
            raise GradebookError(f"{assignment}: {release!r} is no release; its id is hexadecimal")
        with self._write() as connection:
            _find(connection, assignment)
            if _newest_release(connection, assignment) != release:
                row = {"assignment": assignment, "release": release, "at": _now()}
                connection.execute(sa.insert(releases).values(row))

    # Attempts

    def note_submissions(self, assignment: str, found: Mapping[str, tuple[str, str | None]]) -> None:
        """Note the submissions that lie there to be graded, before those already graded are passed over.

        A student who hands in A, then B, then A again is marked for A; without this note, nothing would say
        that A came back.

        Parameters
        ----------
        found : by student, the sha256 of the newest submission and when it was handed in (ISO 8601, or None).
        """
        for student, (content, submitted) in found.items():
            check_submission(student, content, submitted)
        with self._write() as connection:
            _find(connection, assignment)
            seen = _submissions(connection, [assignment])[assignment]
            unknown = found.keys() - set(connection.scalars(select(students.c.student_id)))
            if unknown:
                raise GradebookError(f"{min(unknown)} is not on the roster")
            rows = []
            for student, (content, submitted) in found.items():
                last = newest(seen[student]) if student in seen else None
                if last is None or (last.content, last.submitted) != (content, submitted):
                    times = {"content": content, "submitted": submitted}
                    rows.append({"assignment": assignment, "student": student, **times})
            if rows:
                connection.execute(sa.insert(submissions), rows)

    def record(self, attempt: Mapping[str, Any]) -> bool:
        """Record an attempt, all of it or nothing.

        Parameters
        ----------
        attempt : what a worker returned: `student`, `assignment`, `content`, `release`, `submitted`,
            `graded`, `status`, `reason`, `seconds`, `cpu`, `peak_mb`, `items` and `transcript`.

        Returns
        -------
        bool : False if this submission's attempt against this release is there already, which then stands.

        Raises
        ------
        GradebookError : the attempt is malformed, or of an unknown student, assignment or release.
        """
        row, questions = checked(attempt)
        student, assignment = row["student"], row["assignment"]
        with self._write() as connection:
            known = connection.execute(KNOWN, row).one()
            if known.student is None:
                raise GradebookError(f"{student} is not on the roster; see crmkit collect")
            if known.release is None:
                _find(connection, assignment)
                raise GradebookError(f"{assignment}: there is no release {row['release']}; add it first")
            added = connection.scalar(self._add_attempt, row)
            if added is None:
                return False
            if questions:
                connection.execute(ADD_ITEMS, [each | {"attempt": added} for each in questions])
            if known.submission is None:
                connection.execute(ADD_SUBMISSION, row)
        return True

    def done(self, assignment: str, release: str) -> set[tuple[str, str]]:
        """Return student and content of every attempt against a release."""
        query = select(attempts.c.student, attempts.c.content).filter_by(
            assignment=assignment, release=release
        )
        with self._read() as connection:
            return {(student, content) for student, content in connection.execute(query)}

    def attempts(
        self, assignment: str, student: str | None = None, *, transcripts: bool = True
    ) -> list[dict[str, Any]]:
        """Return the attempts at an assignment as they were recorded, in that order.

        Parameters
        ----------
        student : only this student's.
        transcripts : without them, the key `transcript` is missing; they are most of what there is to read.
        """
        query = select(attempts).filter_by(assignment=assignment).order_by(attempts.c.attempt)
        if student is not None:
            query = query.filter_by(student=student)
        return self._attempts(query, transcripts)

    def attempt(self, counted: Mark) -> dict[str, Any] | None:
        """Return the attempt that a mark rests on, as it was recorded, or None."""
        key = {name: getattr(counted, name) for name in ("assignment", "student", "content", "release")}
        found = self._attempts(select(attempts).filter_by(**key), transcripts=True)
        return found[0] if found else None

    def _attempts(self, query: sa.Select[Any], transcripts: bool) -> list[dict[str, Any]]:
        if not transcripts:
            query = query.with_only_columns(*(each for each in attempts.c if each.name != "transcript"))
        chosen = select(items).where(
            items.c.attempt.in_(query.with_only_columns(attempts.c.attempt).order_by(None))
        )
        with self._read() as connection:
            rows = connection.execute(query).mappings().all()
            questions = defaultdict(list)
            for item in connection.execute(chosen.order_by(items.c.attempt, items.c.position)).mappings():
                kept = {name: value for name, value in item.items() if name not in ("attempt", "position")}
                questions[item["attempt"]].append(kept)
        found = []
        for row in rows:
            attempt = {name: value for name, value in row.items() if name != "attempt"}
            attempt["items"] = questions[row["attempt"]]
            if transcripts:
                attempt["transcript"] = json.loads(zlib.decompress(row["transcript"]))
            found.append(attempt)
        return found

    # Marks

    def marks(self, assignment: str) -> list[Mark]:
        """Return the mark that counts for each enrolled student, in the order of their ids.

        It rests on the student's newest submission, as graded against the newest release; where that is still
        to be done, on the release before, and the mark says so.
        """
        with self._read() as connection:
            return _marks(connection, assignment, _enrolled(connection))

    # Overrides

    def override(
        self,
        student: str,
        assignment: str,
        points: float | None,
        *,
        question: str | None = None,
        who: str,
        why: str,
    ) -> Override:
        """Give points for a question, or a score for the whole assignment, and return the override.

        This is also how questions that are marked by hand get their points. Points of a question are for the
        newest submission; when another one comes, it is marked anew. A score stands whatever is submitted,
        and nothing is taken off it for lateness.

        Parameters
        ----------
        points : the points given; None withdraws what was given before.
        question : the question's id, or None for the whole assignment.
        who, why : the instructor and the reason, for the record.

        Raises
        ------
        GradebookError : an unknown student, assignment or question, or points that cannot be given.
        """
        given = Points(student, assignment, question, points, why)
        return self._decide(student, assignment, given.decide, who, why)

    def override_all(self, given: Iterable[Points], *, who: str) -> list[Override]:
        """Give many points at once, as by a table in which they were marked by hand: all of them or none.

        Points that stand already are passed over, so the same table can be given again when it has grown.
        """
        made = []
        with self._write() as connection:
            for each in given:
                now, standing = _situation(connection, each.student, each.assignment)
                row = each.decide(now, standing)
                if each.given_before(now, standing) != each.points:
                    made.append(_keep(connection, now, row, who, each.why))
        return made

    def set_penalty(
        self, student: str, assignment: str, percent: float | None, *, who: str, why: str
    ) -> Override:
        """Set the per cent that lateness costs a student in an assignment; None goes back to the policy.

        Free late days are not used up by an assignment whose penalty is set.
        """

        def decide(now: Mark, standing: Decisions) -> dict[str, Any]:
            where = f"{student}, {assignment}"
            if percent is not None and number(percent, where, "a penalty") > 100:
                raise GradebookError(f"{where}: a penalty is 0 to 100 per cent, not {percent:g}")
            _check_withdrawal(percent, standing.penalty, where)
            return {"field": "penalty", "question": None, "content": None, "old": now.penalty, "new": percent}

        return self._decide(student, assignment, decide, who, why)

    def excuse(self, student: str, assignment: str, excused: bool = True, *, who: str, why: str) -> Override:
        """Excuse a student from an assignment, or no longer."""

        def decide(now: Mark, standing: Decisions) -> dict[str, Any]:
            if standing.excused == excused:
                raise GradebookError(
                    f"{student} is {'' if excused else 'not '}excused from {assignment} already"
                )
            row = {"field": "excused", "question": None, "content": None}
            return row | {"old": float(standing.excused), "new": float(excused)}

        return self._decide(student, assignment, decide, who, why)

    def _decide(
        self,
        student: str,
        assignment: str,
        decide: Callable[[Mark, Decisions], dict[str, Any]],
        who: str,
        why: str,
    ) -> Override:
        with self._write() as connection:
            now, standing = _situation(connection, student, assignment)
            return _keep(connection, now, decide(now, standing), who, why)

    def overrides(self, assignment: str | None = None, student: str | None = None) -> list[Override]:
        """Return every override ever made, in that order, of one assignment or student if so asked."""
        given = {"assignment": assignment, "student": student}
        query = select(overrides).filter_by(
            **{name: value for name, value in given.items() if value is not None}
        )
        with self._read() as connection:
            return [_override(row) for row in connection.execute(query.order_by(overrides.c.seq))]


# Inside a transaction


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _assignment(row: Any) -> Assignment:
    return Assignment(row.assignment, row.title, row.points, row.due, late.Policy(**row.policy))


def _find(connection: sa.Connection, assignment: str) -> Assignment:
    row = connection.execute(select(assignments).filter_by(assignment=assignment)).one_or_none()
    if row is None:
        there = ", ".join(
            connection.scalars(select(assignments.c.assignment).order_by(assignments.c.assignment))
        )
        raise GradebookError(f"the gradebook has no assignment {assignment!r}; it has {there or 'none yet'}")
    return _assignment(row)


def _situation(connection: sa.Connection, student: str, assignment: str) -> tuple[Mark, Decisions]:
    """Return a student's mark in an assignment, and the overrides that stand."""
    row = connection.execute(select(students).filter_by(student_id=student, enrolled=True)).one_or_none()
    if row is None:
        raise GradebookError(f"{student!r} is not on the roster; see crmkit collect")
    (now,) = _marks(connection, assignment, [_student(row)])
    return now, _decisions(connection, [assignment], student)[assignment].get(student, NONE_YET)


def _keep(connection: sa.Connection, now: Mark, decided: dict[str, Any], who: str, why: str) -> Override:
    for name, text in (("who", who), ("why", why)):
        check_text(name, text)
        if not text.strip():
            raise GradebookError(f"an override says {name}; give a few words")
    about = {"student": now.student, "assignment": now.assignment}
    row = {**about, **decided, "who": who, "at": _now(), "why": why}
    connection.execute(sa.insert(overrides).values(row))
    return Override(**row)


def _student(row: Any) -> Student:
    return Student(**{each.name: getattr(row, each.name) for each in fields(Student)})


def _enrolled(connection: sa.Connection) -> list[Student]:
    rows = connection.execute(select(students).filter_by(enrolled=True).order_by(students.c.student_id))
    return sorted(map(_student, rows), key=lambda each: each.student_id)


def _override(row: Any) -> Override:
    return Override(**{each.name: getattr(row, each.name) for each in fields(Override)})


def _item(now: Mark, question: str) -> Item:
    if not now.items:
        what = f"{now.student} has no graded submission of {now.assignment}"
        raise GradebookError(f"{what}; give a score for the whole assignment, without a question")
    found = [item for item in now.items if item.question == question]
    if not found:
        there = ", ".join(item.question for item in now.items)
        raise GradebookError(f"{now.assignment} has no question {question!r}; it has {there}")
    return found[0]


def _newest_release(connection: sa.Connection, assignment: str) -> str | None:
    query = (
        select(releases.c.release).filter_by(assignment=assignment).order_by(releases.c.seq.desc()).limit(1)
    )
    return connection.scalar(query)


def _submissions(
    connection: sa.Connection, chosen: Sequence[str], student: str | None = None
) -> dict[str, dict[str, list[Submission]]]:
    """Return the submissions of some assignments by assignment and student."""
    query = select(submissions).where(submissions.c.assignment.in_(chosen))
    if student is not None:
        query = query.filter_by(student=student)
    found: dict[str, dict[str, list[Submission]]] = {each: defaultdict(list) for each in chosen}
    for row in connection.execute(query):
        found[row.assignment][row.student].append(Submission(row.content, row.submitted, row.seq))
    return found


def _decisions(
    connection: sa.Connection, chosen: Sequence[str], student: str | None = None
) -> dict[str, dict[str, Decisions]]:
    """Return what was decided in some assignments by assignment and student."""
    query = select(overrides).where(overrides.c.assignment.in_(chosen)).order_by(overrides.c.seq)
    if student is not None:
        query = query.filter_by(student=student)
    found: dict[str, dict[str, list[Override]]] = {each: defaultdict(list) for each in chosen}
    for row in connection.execute(query):
        found[row.assignment][row.student].append(_override(row))
    return {each: {name: Decisions(made) for name, made in of.items()} for each, of in found.items()}


def _graded(
    connection: sa.Connection, assignment: str, newest_of: Mapping[str, str], student: str | None = None
) -> dict[str, Graded]:
    """Return, by student, what became of the newest submission against the newest release there is.

    Parameters
    ----------
    newest_of : the content of each student's newest submission.
    """
    ranked = select(releases.c.release, sa.func.max(releases.c.seq).label("seq")).filter_by(
        assignment=assignment
    )
    rank = {row.release: row.seq for row in connection.execute(ranked.group_by(releases.c.release))}
    wanted = (attempts.c.attempt, attempts.c.student, attempts.c.content, attempts.c.release)
    query = select(*wanted, attempts.c.status, attempts.c.reason).filter_by(assignment=assignment)
    questions = select(items).join(attempts).where(attempts.c.assignment == assignment)
    if student is not None:
        query = query.filter_by(student=student)
        questions = questions.where(attempts.c.student == student)
    counted: dict[str, Any] = {}
    for row in connection.execute(query):
        if row.content != newest_of.get(row.student):
            continue
        if row.student not in counted or rank[row.release] > rank[counted[row.student].release]:
            counted[row.student] = row
    of: dict[int, list[Item]] = {row.attempt: [] for row in counted.values()}
    for row in connection.execute(questions.order_by(items.c.position)):
        if row.attempt in of:
            of[row.attempt].append(Item(row.question, row.points, row.earned, row.outcome, row.mistake))
    return {
        name: Graded(row.release, row.status == "ungradable", row.reason, tuple(of[row.attempt]))
        for name, row in counted.items()
    }


def _marks(connection: sa.Connection, assignment: str, chosen: Sequence[Student]) -> list[Mark]:
    this = _find(connection, assignment)
    student = chosen[0].student_id if len(chosen) == 1 else None
    # Free late days are used up in the order of the due dates, so those of earlier assignments come first.
    others = [_assignment(row) for row in connection.execute(select(assignments))] if this.due else []
    before = [each for each in others if _costs(each) and _order(each) <= _order(this)]
    ordered = sorted({each.assignment: each for each in (*before, this)}.values(), key=_order)
    stems = [each.assignment for each in ordered]
    seen = _submissions(connection, stems, student)
    decided = _decisions(connection, stems, student)
    last = {stem: {name: newest(each) for name, each in of.items()} for stem, of in seen.items()}
    newest_of = {name: submission.content for name, submission in last[assignment].items()}
    graded = _graded(connection, assignment, newest_of, student)
    release = _newest_release(connection, assignment)
    found = []
    for each in chosen:
        name = each.student_id
        days = [_days(one, last[one.assignment].get(name)) for one in ordered]
        spared = [decided[stem].get(name, NONE_YET).spare_late_days for stem in stems]
        payable = [0 if spare else late_days for late_days, spare in zip(days, spared, strict=True)]
        charged = late.charged(payable, each.late_days or 0)
        found.append(
            mark(
                name,
                assignment,
                this.points,
                submission=last[assignment].get(name),
                graded=graded.get(name),
                newest_release=release,
                decisions=decided[assignment].get(name, NONE_YET),
                policy=this.policy,
                late_days=days[-1],
                charged_days=charged[-1],
            )
        )
    return found


def _costs(assignment: Assignment) -> bool:
    return assignment.due is not None and assignment.policy.per_day > 0


def _order(assignment: Assignment) -> tuple[datetime, str]:
    due = late.instant(assignment.due) if assignment.due else datetime.max.replace(tzinfo=UTC)
    return due, assignment.assignment


def _days(assignment: Assignment, submission: Submission | None) -> int:
    if assignment.due is None or submission is None or submission.at is None:
        return 0
    return late.days_late(submission.at, late.instant(assignment.due), assignment.policy)


def _check_withdrawal(new: float | None, stands: float | None, where: str) -> None:
    if new is None and stands is None:
        raise GradebookError(f"{where}: there is no override to withdraw")
