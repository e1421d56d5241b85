"""The gradebook on SQLite and on Postgres: what it keeps, what counts, what it refuses, and kill -9."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import sqlite3
import stat
import struct
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from crmkit.grading.gradebook import Gradebook, GradebookError, Points
from crmkit.grading.late import Policy, instant
from crmkit.grading.marks import Mark, Status
from crmkit.grading.roster import Student

STEM, NEXT_STEM = "02-pricing", "03-7p"
FIRST, FIXED = "aa" * 8, "bb" * 8
ANNE = "s001"
# What a student's notebook may print: NUL, half a character, an escape, a formula, a text right to left.
HOSTILE = "\x00 \ud800 \x1b[31m =1+1 \u202e </script> '; DROP TABLE items; --"
BY = {"who": "Li", "why": "read it again"}


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def item(question: str, earned: float | None, points: float = 3, **other: Any) -> dict[str, Any]:
    outcome = "BY_HAND" if earned is None else "CORRECT" if earned else "INCORRECT"
    row = {"question": question, "points": points, "earned": earned, "outcome": outcome}
    return {**row, "said": [], "mistake": "", **other}


def attempt(*items: dict[str, Any], content: str = "first", **other: Any) -> dict[str, Any]:
    """An attempt of Anne's, handed in on 1 March unless said otherwise."""
    return {
        "student": ANNE,
        "assignment": STEM,
        "content": sha256(content),
        "release": FIRST,
        "submitted": "2026-03-01T20:00:00+08:00",
        "graded": "2026-04-02T09:00:00+00:00",
        "status": "graded",
        "reason": "",
        "seconds": 0.25,
        "cpu": 0.125,
        "peak_mb": 41.5,
        "items": list(items) or [item("pricing-q1", 3), item("pricing-q2", 0)],
        "transcript": [{"question": "pricing-q1", "code": "x = 1", "text": "", "error": "", "figures": []}],
        **other,
    }


def prepared(place: str) -> Gradebook:
    """A gradebook with two students, an assignment of ten points and its first release."""
    book = Gradebook(place)
    book.enrol([Student(ANNE, "Anne"), Student("s002", "Bo")])
    book.add_assignment(STEM, "Pricing lab", 10)
    book.add_release(STEM, FIRST)
    return book


@pytest.fixture
def book(place: str) -> Iterator[Gradebook]:
    with prepared(place) as made:
        yield made


def marked(book: Gradebook, student: str = ANNE, assignment: str = STEM) -> Mark:
    return next(mark for mark in book.marks(assignment) if mark.student == student)


# Attempts


def test_an_attempt_comes_back_as_it_was_recorded(book):
    hostile = attempt(
        item("pricing-q1", 3, said=[HOSTILE, "第二行"], mistake=HOSTILE),
        item("pricing-q2", 1.5),
        item("pricing-memo", None),
        reason=HOSTILE,
        transcript=[
            {"question": "pricing-q1", "code": HOSTILE, "text": HOSTILE, "error": "", "figures": ["aGk="]}
        ],
    )
    assert book.record(hostile)
    assert book.attempts(STEM) == [hostile]
    assert book.attempt(marked(book)) == hostile


def test_without_transcripts_an_attempt_is_the_same_otherwise(book):
    book.record(attempt())
    found = attempt()
    del found["transcript"]
    assert book.attempts(STEM, transcripts=False) == [found]


def test_attempts_come_in_the_order_recorded_of_all_students_or_of_one(book):
    for student, content in [("s002", "x"), (ANNE, "y"), ("s002", "z")]:
        book.record(attempt(student=student, content=content))
    assert [each["content"] for each in book.attempts(STEM)] == [sha256(each) for each in "xyz"]
    assert [each["content"] for each in book.attempts(STEM, "s002")] == [sha256(each) for each in "xz"]


def test_what_is_recorded_once_stands(book):
    assert book.record(attempt(item("pricing-q1", 3)))
    assert not book.record(attempt(item("pricing-q1", 0)))
    assert [each["items"][0]["earned"] for each in book.attempts(STEM)] == [3]


def test_another_assignment_student_content_or_release_is_another_attempt(book):
    book.add_assignment(NEXT_STEM, "7P", 10)
    book.add_release(NEXT_STEM, FIRST)
    book.add_release(STEM, FIXED)
    others = [{"student": "s002"}, {"assignment": NEXT_STEM}, {"content": "second"}, {"release": FIXED}]
    assert all(book.record(attempt(**other)) for other in [{}, *others])
    assert not any(book.record(attempt(**other)) for other in [{}, *others])


def test_done_are_the_attempts_against_one_release(book):
    book.record(attempt())
    book.add_release(STEM, FIXED)
    book.record(attempt(student="s002", release=FIXED))
    assert book.done(STEM, FIRST) == {(ANNE, sha256("first"))}
    assert book.done(STEM, FIXED) == {("s002", sha256("first"))}
    assert book.done(NEXT_STEM, FIRST) == set()


def test_it_is_all_there_when_opened_again(place):
    with prepared(place) as before:
        before.set_due(STEM, "2026-03-31T23:59", Policy(grace=10, zone="Asia/Shanghai"))
        before.record(attempt())
        marks = before.marks(STEM)
    with Gradebook(place, create=False) as after:
        assert after.attempts(STEM) == [attempt()]
        assert after.marks(STEM) == marks
        (assignment,) = after.assignments()
        assert (assignment.due, assignment.policy.grace) == ("2026-03-31T23:59:00+08:00", 10)


def test_the_same_attempts_from_many_threads_are_recorded_once(book):
    todo = [attempt(content=str(number)) for number in range(20)] * 4
    with ThreadPoolExecutor(8) as pool:
        recorded = list(pool.map(book.record, todo))
    assert sum(recorded) == 20
    assert len(book.attempts(STEM)) == 20


def test_many_threads_may_make_one_gradebook(place):
    def make(_: int) -> None:
        with Gradebook(place) as made:
            made.add_assignment(STEM, "Pricing lab", 10)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(make, range(16)))
    with Gradebook(place) as book:
        assert [each.assignment for each in book.assignments()] == [STEM]


# The mark that counts


def test_points_add_up_to_the_score(book):
    book.record(attempt(item("pricing-q1", 3), item("pricing-q2", 0), item("pricing-q3", 1.5)))
    mark = marked(book)
    assert (mark.status, mark.score, mark.earned, mark.points) == (Status.GRADED, 4.5, 4.5, 10)
    assert [each.earned for each in mark.items] == [3, 0, 1.5]


def test_the_submission_handed_in_last_counts_in_whatever_order_they_are_graded(book):
    book.record(attempt(item("pricing-q1", 2), content="late", submitted="2026-03-02T01:00:00+08:00"))
    # In London's time, this is seven hours after the one above.
    book.record(attempt(item("pricing-q1", 3), content="latest", submitted="2026-03-02T00:00:00+00:00"))
    book.record(attempt(item("pricing-q1", 1), content="early", submitted="2026-03-01T23:00:00+08:00"))
    assert marked(book).score == 3


def test_of_submissions_without_a_time_the_one_seen_last_counts(book):
    for content, earned in [("a", 1), ("b", 2)]:
        book.record(attempt(item("pricing-q1", earned), content=content, submitted=None))
    assert marked(book).score == 2


def test_a_submission_that_comes_back_counts_again(book):
    times = ["2026-03-01T20:00+08:00", "2026-03-02T20:00+08:00", "2026-03-03T20:00+08:00"]
    for content, earned, submitted in [("a", 3, times[0]), ("b", 1, times[1])]:
        book.note_submissions(STEM, {ANNE: (sha256(content), submitted)})
        book.record(attempt(item("pricing-q1", earned), content=content, submitted=submitted))
    assert marked(book).score == 1
    book.note_submissions(STEM, {ANNE: (sha256("a"), times[2])})
    assert (marked(book).score, marked(book).submitted) == (3, times[2])


def test_a_submission_that_comes_back_counts_again_even_without_times(book):
    for content, earned in [("a", 3), ("b", 1), ("a", 3)]:
        book.note_submissions(STEM, {ANNE: (sha256(content), None)})
        book.record(attempt(item("pricing-q1", earned), content=content, submitted=None))
    assert marked(book).score == 3


def test_a_newer_submission_that_is_not_graded_yet_waits(book):
    book.record(attempt(item("pricing-q1", 3)))
    book.note_submissions(STEM, {ANNE: (sha256("second"), "2026-03-05T20:00+08:00")})
    assert (marked(book).status, marked(book).score) == (Status.WAITING, None)


def test_the_newest_release_counts_and_the_history_is_kept(book):
    book.record(attempt(item("pricing-q1", 0)))
    book.add_release(STEM, FIXED)
    assert (marked(book).score, marked(book).outdated) == (0, True)
    book.record(attempt(item("pricing-q1", 3), release=FIXED))
    assert (marked(book).score, marked(book).outdated, marked(book).release) == (3, False, FIXED)
    assert [each["release"] for each in book.attempts(STEM)] == [FIRST, FIXED]


def test_a_release_that_comes_back_counts_again(book):
    for release, earned in [(FIRST, 1), (FIXED, 2)]:
        book.add_release(STEM, release)
        book.record(attempt(item("pricing-q1", earned), release=release))
    assert marked(book).score == 2
    book.add_release(STEM, FIRST)
    assert (marked(book).score, marked(book).outdated) == (1, False)


def test_an_older_submission_against_a_newer_release_does_not_count(book):
    book.record(attempt(item("pricing-q1", 1), content="new", submitted="2026-03-09T20:00+08:00"))
    book.add_release(STEM, FIXED)
    book.record(attempt(item("pricing-q1", 3), content="old", release=FIXED))
    assert (marked(book).score, marked(book).outdated) == (1, True)


def test_who_handed_in_nothing_has_no_score(book):
    assert [(each.student, each.status, each.score) for each in book.marks(STEM)] == [
        (ANNE, Status.MISSING, None),
        ("s002", Status.MISSING, None),
    ]


def test_what_could_not_be_graded_has_no_score_but_a_reason(book):
    book.record(attempt(status="ungradable", reason="not a notebook", items=[], transcript=[]))
    assert (marked(book).status, marked(book).score) == (Status.UNGRADABLE, None)
    assert marked(book).reason == "not a notebook"


def test_who_left_the_class_has_no_mark_and_has_it_again_on_coming_back(book):
    book.record(attempt(item("pricing-q1", 3)))
    book.enrol([Student("s002", "Bo")])
    assert [each.student for each in book.marks(STEM)] == ["s002"]
    book.enrol([Student(ANNE, "Anne Li", late_days=2), Student("s002", "Bo")])
    assert marked(book).score == 3
    assert book.students() == [Student(ANNE, "Anne Li", late_days=2), Student("s002", "Bo")]


def test_a_question_for_a_person_keeps_the_mark_open_until_it_is_marked(book):
    book.record(attempt(item("pricing-q1", 3), item("pricing-memo", None, points=4)))
    assert (marked(book).status, marked(book).score) == (Status.TO_MARK, None)
    assert (marked(book).to_mark, marked(book).earned) == (("pricing-memo",), 3)
    book.override(ANNE, STEM, 2.5, question="pricing-memo", **BY)
    assert (marked(book).status, marked(book).score, marked(book).to_mark) == (Status.GRADED, 5.5, ())


# Overrides


def test_an_override_says_who_when_why_and_what_was_before(book):
    book.record(attempt(item("pricing-q1", 0)))
    began = datetime.now(UTC)
    book.override(ANNE, STEM, 2, question="pricing-q1", who="Li", why="the formula is right")
    book.override(ANNE, STEM, 3, question="pricing-q1", who="Wang", why="so are the units")
    first, second = book.overrides(STEM, ANNE)
    assert (first.who, first.why, first.old, first.new) == ("Li", "the formula is right", 0, 2)
    assert (second.who, second.why, second.old, second.new) == ("Wang", "so are the units", 2, 3)
    assert first.question == second.question == "pricing-q1"
    assert began <= instant(first.at) <= instant(second.at) <= datetime.now(UTC)
    assert marked(book).score == 3
    assert marked(book).items[0].overridden


def test_an_override_leaves_the_attempt_as_it_was(book):
    book.record(attempt(item("pricing-q1", 0)))
    book.override(ANNE, STEM, 2, question="pricing-q1", **BY)
    assert book.attempts(STEM) == [attempt(item("pricing-q1", 0))]


def test_points_given_by_hand_hold_when_the_same_submission_is_graded_again(book):
    book.record(attempt(item("pricing-memo", None)))
    book.override(ANNE, STEM, 2, question="pricing-memo", **BY)
    book.add_release(STEM, FIXED)
    book.record(attempt(item("pricing-memo", None), item("pricing-q1", 3), release=FIXED))
    assert marked(book).score == 5


def test_another_submission_is_marked_anew(book):
    book.record(attempt(item("pricing-memo", None)))
    book.override(ANNE, STEM, 2, question="pricing-memo", **BY)
    book.record(attempt(item("pricing-memo", None), content="second", submitted="2026-03-09T20:00+08:00"))
    assert (marked(book).status, marked(book).to_mark) == (Status.TO_MARK, ("pricing-memo",))


def test_points_given_by_hand_are_at_most_what_the_question_is_worth_after_a_fix(book):
    book.record(attempt(item("pricing-q1", 0, points=3)))
    book.override(ANNE, STEM, 3, question="pricing-q1", **BY)
    book.add_release(STEM, FIXED)
    book.record(attempt(item("pricing-q1", 0, points=2), release=FIXED))
    assert marked(book).score == 2


def test_a_score_for_the_whole_assignment_stands_whatever_comes(book):
    book.override("s002", STEM, 7, who="Li", why="oral examination")
    book.record(attempt(item("pricing-q1", 1), student="s002"))
    mark = marked(book, "s002")
    assert (mark.status, mark.score, mark.earned, mark.overridden) == (Status.GRADED, 7, 1, True)


def test_an_override_is_withdrawn_by_another_one(book):
    book.record(attempt(item("pricing-q1", 1)))
    book.override(ANNE, STEM, 2, question="pricing-q1", **BY)
    book.override(ANNE, STEM, 9, **BY)
    book.override(ANNE, STEM, None, **BY)
    assert marked(book).score == 2
    book.override(ANNE, STEM, None, question="pricing-q1", **BY)
    assert (marked(book).score, marked(book).items[0].overridden) == (1, False)
    assert [(each.old, each.new) for each in book.overrides()] == [(1, 2), (2, 9), (9, None), (2, None)]


def test_who_is_excused_has_no_score_until_no_longer_excused(book):
    book.record(attempt(item("pricing-q1", 1)))
    book.excuse(ANNE, STEM, **BY)
    assert (marked(book).status, marked(book).score) == (Status.EXCUSED, None)
    book.excuse(ANNE, STEM, False, **BY)
    assert marked(book).score == 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda b: b.override("s009", STEM, 1, **BY), "'s009' is not on the roster"),
        (lambda b: b.override(ANNE, "09-x", 1, **BY), "no assignment '09-x'; it has 02-pricing"),
        (
            lambda b: b.override(ANNE, STEM, 1, question="pricing-q9", **BY),
            "no question 'pricing-q9'; it has pricing-q1",
        ),
        (lambda b: b.override("s002", STEM, 1, question="pricing-q1", **BY), "s002 has no graded submission"),
        (
            lambda b: b.override(ANNE, STEM, 3.5, question="pricing-q1", **BY),
            "3.5 points is more than the 3 there are",
        ),
        (lambda b: b.override(ANNE, STEM, 10.5, **BY), "10.5 points is more than the 10 there are"),
        (lambda b: b.override(ANNE, STEM, -1, **BY), "points must be a number, 0 or more, not -1"),
        (lambda b: b.override(ANNE, STEM, float("nan"), **BY), "points must be a number, 0 or more, not nan"),
        (lambda b: b.override(ANNE, STEM, float("inf"), **BY), "points must be a number, 0 or more, not inf"),
        (lambda b: b.override(ANNE, STEM, True, **BY), "points must be a number, 0 or more, not True"),
        (lambda b: b.override(ANNE, STEM, "3", **BY), "points must be a number, 0 or more, not '3'"),
        (lambda b: b.override(ANNE, STEM, None, **BY), "no override to withdraw"),
        (lambda b: b.override(ANNE, STEM, 1, who=" ", why="x"), "an override says who"),
        (lambda b: b.override(ANNE, STEM, 1, who="Li", why=""), "an override says why"),
        (lambda b: b.override(ANNE, STEM, 1, who="Li", why="\x00"), "a character that cannot be stored"),
        (lambda b: b.set_penalty(ANNE, STEM, 101, **BY), "a penalty is 0 to 100 per cent, not 101"),
        (lambda b: b.set_penalty(ANNE, STEM, None, **BY), "no override to withdraw"),
        (lambda b: b.excuse(ANNE, STEM, False, **BY), "s001 is not excused from 02-pricing already"),
    ],
)
def test_an_override_that_makes_no_sense_is_refused_in_one_line_and_not_kept(book, call, message):
    book.record(attempt(item("pricing-q1", 1)))
    with pytest.raises(GradebookError, match=message) as refused:
        call(book)
    assert "\n" not in str(refused.value)
    assert book.overrides() == []


def test_a_table_of_points_is_given_all_or_none_and_again_as_it_grows(book):
    for student in (ANNE, "s002"):
        book.record(attempt(item("pricing-memo", None), student=student))
    anne = Points(ANNE, STEM, "pricing-memo", 2, "clear")
    with pytest.raises(GradebookError, match="s002, pricing-memo: 4 points is more than the 3 there are"):
        book.override_all([anne, Points("s002", STEM, "pricing-memo", 4, "clear")], who="Li")
    assert book.overrides() == []
    assert len(book.override_all([anne], who="Li")) == 1
    (bo,) = book.override_all([anne, Points("s002", STEM, "pricing-memo", 0, "empty")], who="Li")
    assert (bo.student, bo.old, bo.new) == ("s002", None, 0)
    assert [each.score for each in book.marks(STEM)] == [2, 0]


# Lateness

LATE = Policy(grace=15, per_day=10, cap=50, zone="Asia/Shanghai")


def test_lateness_costs_what_the_policy_says(book):
    book.set_due(STEM, "2026-02-28T23:59", LATE)
    book.record(attempt(item("pricing-q1", 3, points=10)))  # on 1 March at 20:00, in the first day
    mark = marked(book)
    assert (mark.days_late, mark.penalty, mark.earned, mark.score) == (1, 10, 3, 2.7)


def test_within_the_grace_period_nothing_is_taken_off(book):
    book.set_due(STEM, "2026-03-01T19:45", LATE)
    book.record(attempt(item("pricing-q1", 3)))
    assert (marked(book).days_late, marked(book).score) == (0, 3)


def test_free_late_days_are_used_up_in_the_order_of_the_due_dates(book):
    book.enrol([Student(ANNE, "Anne", late_days=3)])
    # Added in the other order than they are due.
    for stem, due in [
        ("05-z", "2026-02-27T23:59"),
        ("04-y", "2026-02-28T23:59"),
        ("03-x", "2026-02-26T23:59"),
    ]:
        book.add_assignment(stem, stem, 10)
        book.add_release(stem, FIRST)
        book.set_due(stem, due, LATE)
        book.record(attempt(item("q1", 10, points=10), assignment=stem))
    # Handed in on 1 March at 20:00: 3, 2 and 1 days late. The three free days go to the one due first.
    marks = [marked(book, assignment=stem) for stem in ("03-x", "05-z", "04-y")]
    assert [each.days_late for each in marks] == [3, 2, 1]
    assert [each.days_charged for each in marks] == [0, 2, 1]
    assert [each.score for each in marks] == [10, 8, 9]


def test_an_assignment_where_lateness_costs_nothing_uses_up_no_free_late_day(book):
    book.enrol([Student(ANNE, "Anne", late_days=1)])
    book.add_assignment(NEXT_STEM, "7P", 10)
    book.add_release(NEXT_STEM, FIRST)
    book.set_due(STEM, "2026-02-27T23:59", Policy(zone="Asia/Shanghai"))
    book.set_due(NEXT_STEM, "2026-02-28T23:59", LATE)
    for stem in (STEM, NEXT_STEM):
        book.record(attempt(item("q1", 3), assignment=stem))
    assert (marked(book, assignment=NEXT_STEM).days_charged, marked(book, assignment=NEXT_STEM).score) == (
        0,
        3,
    )


@pytest.mark.parametrize("decide", ["excuse", "set_penalty", "override"])
def test_an_assignment_that_was_decided_on_uses_up_no_free_late_day(book, decide):
    book.enrol([Student(ANNE, "Anne", late_days=1)])
    book.add_assignment(NEXT_STEM, "7P", 10)
    book.add_release(NEXT_STEM, FIRST)
    for stem, due in [(STEM, "2026-02-27T23:59"), (NEXT_STEM, "2026-02-28T23:59")]:
        book.set_due(stem, due, LATE)
        book.record(attempt(item("q1", 3), assignment=stem))
    assert marked(book, assignment=NEXT_STEM).days_charged == 1
    getattr(book, decide)(ANNE, STEM, *([] if decide == "excuse" else [0]), **BY)
    assert marked(book, assignment=NEXT_STEM).days_charged == 0


def test_a_penalty_that_was_set_takes_the_place_of_the_policys(book):
    book.set_due(STEM, "2026-02-28T23:59", LATE)
    book.record(attempt(item("pricing-q1", 3)))
    book.set_penalty(ANNE, STEM, 0, who="Li", why="was ill")
    assert (marked(book).days_late, marked(book).penalty, marked(book).score) == (1, 0, 3)
    book.set_penalty(ANNE, STEM, None, who="Li", why="no certificate")
    assert marked(book).score == 2.7
    assert [(each.field, each.old, each.new) for each in book.overrides()] == [
        ("penalty", 10, 0),
        ("penalty", 0, None),
    ]


def test_a_score_for_the_whole_assignment_is_not_reduced(book):
    book.set_due(STEM, "2026-02-28T23:59", LATE)
    book.record(attempt(item("pricing-q1", 3)))
    book.override(ANNE, STEM, 8, **BY)
    assert marked(book).score == 8


def test_a_submission_without_a_time_is_not_late(book):
    book.set_due(STEM, "2026-02-28T23:59", LATE)
    book.record(attempt(item("pricing-q1", 3), submitted=None))
    assert marked(book).score == 3


def test_title_and_points_change_without_touching_what_lateness_costs(book):
    book.set_due(STEM, "2026-02-28T23:59", LATE)
    book.add_assignment(STEM, "Pricing", 12)
    (found,) = book.assignments()
    assert (found.title, found.points, found.policy) == ("Pricing", 12, LATE)


# What is refused


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"student": "s009"}, "s009 is not on the roster"),
        ({"student": "../s001"}, "'../s001' is no student's id"),
        ({"student": None}, "None is no student's id"),
        ({"assignment": "09-x"}, "no assignment '09-x'; it has 02-pricing"),
        ({"release": "cc" * 8}, "02-pricing: there is no release cccccccccccccccc; add it first"),
        ({"content": "x"}, "is no sha256 of a submission"),
        ({"submitted": "2026-03-01T20:00:00"}, "names no time zone"),
        ({"submitted": "yesterday"}, "'yesterday' is not a date and time"),
        ({"graded": None}, "'None' is not a date and time"),
        ({"status": "fine"}, "a status is one of graded, ungradable, not 'fine'"),
        ({"reason": None}, "a reason is a sentence or empty, not None"),
        ({"seconds": float("nan")}, "seconds must be a number, 0 or more, not nan"),
        ({"peak_mb": -1}, "peak_mb must be a number, 0 or more, not -1"),
        ({"score": 100}, "an attempt has exactly the keys assignment, content,"),
        ({"items": [item("pricing-q1", 4)]}, "pricing-q1: 4 points earned of 3"),
        ({"items": [item("pricing-q1", -1)]}, "points earned must be a number, 0 or more, not -1"),
        ({"items": [item("pricing-q1", float("nan"))]}, "points earned must be a number, 0 or more, not nan"),
        ({"items": [item("pricing-q1", True)]}, "points earned must be a number, 0 or more, not True"),
        (
            {"items": [item("pricing-q1", 0, points=float("inf"))]},
            "points must be a number, 0 or more, not inf",
        ),
        ({"items": [item("pricing-q1", 1), item("pricing-q1", 2)]}, "the question pricing-q1 is there twice"),
        ({"items": [item("=1+1", 1)]}, "'=1\\+1' is no question's id"),
        ({"items": [{"question": "pricing-q1"}]}, "a question has exactly the keys earned, mistake,"),
    ],
)
def test_an_attempt_that_makes_no_sense_is_refused_in_one_line_and_leaves_nothing(book, change, message):
    with pytest.raises(GradebookError, match=message) as refused:
        book.record({**attempt(), **change})
    assert "\n" not in str(refused.value)
    assert book.attempts(STEM) == []
    assert {each.status for each in book.marks(STEM)} == {Status.MISSING}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda b: b.marks("09-x"), "no assignment '09-x'; it has 02-pricing"),
        (lambda b: b.enrol([Student("a", "A"), Student("a", "B")]), "the roster has a twice"),
        (lambda b: b.enrol([Student("con", "A")]), "'con' is no student's id"),
        (lambda b: b.enrol([Student("a", "A\x00")]), "a character that cannot be stored"),
        (lambda b: b.enrol([Student("a", "\ud800")]), "a character that cannot be stored"),
        (lambda b: b.add_assignment("../x", "X", 1), "'../x' is no assignment's stem"),
        (lambda b: b.add_assignment("x", "X\nY", 1), "a title is one line of text"),
        (lambda b: b.add_assignment("x", "X", 0), "worth more than 0 points"),
        (lambda b: b.add_assignment("x", "X", float("nan")), "points must be a number"),
        (lambda b: b.set_due("09-x", None), "no assignment '09-x'"),
        (lambda b: b.set_due(STEM, "2026-03-31"), "02-pricing: '2026-03-31' is not a date and time"),
        (lambda b: b.add_release("09-x", FIRST), "no assignment '09-x'"),
        (lambda b: b.add_release(STEM, "v1"), "'v1' is no release"),
        (lambda b: b.note_submissions(STEM, {"s009": (sha256("x"), None)}), "s009 is not on the roster"),
        (lambda b: b.note_submissions("09-x", {ANNE: (sha256("x"), None)}), "no assignment '09-x'"),
        (lambda b: b.note_submissions(STEM, {ANNE: ("x", None)}), "'x' is no sha256"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(book, call, message):
    with pytest.raises(GradebookError, match=message) as refused:
        call(book)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("table", ["attempts", "items", "overrides", "releases", "submissions"])
@pytest.mark.parametrize("change", ["UPDATE {} SET {}", "DELETE FROM {}"])
def test_the_database_itself_refuses_to_rewrite_history(book, place, table, change):
    book.record(attempt())
    book.override(ANNE, STEM, 1, **BY)
    column = {"items": "points = 9", "attempts": "status = 'x'", "overrides": "who = 'x'"}.get(
        table, "seq = 9"
    )
    engine = sa.create_engine(place if "://" in place else f"sqlite:///{place}")
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), engine.begin() as connection:
        connection.exec_driver_sql(change.format(table, column))
    engine.dispose()


def test_a_gradebook_of_a_newer_version_is_refused(place):
    prepared(place).close()
    engine = sa.create_engine(place if "://" in place else f"sqlite:///{place}")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE gradebook SET schema = 2")
    engine.dispose()
    with pytest.raises(GradebookError, match="gradebook of version 2, and this crmkit knows version 1; use"):
        Gradebook(place)


def test_a_database_of_something_else_is_refused_and_left_alone(place):
    if "://" not in place:
        Path(place).parent.mkdir()
    engine = sa.create_engine(place if "://" in place else f"sqlite:///{place}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE grade (id int)")
    with pytest.raises(GradebookError, match="holds other tables; give the gradebook a place of its own"):
        Gradebook(place)
    assert sa.inspect(engine).get_table_names() == ["grade"]
    engine.dispose()


def test_a_gradebook_that_is_not_there_is_not_made_to_read_it(place):
    with pytest.raises(GradebookError, match=r"there is no gradebook [^;]*; crmkit autograde makes one"):
        Gradebook(place, create=False)
    assert "://" in place or not Path(place).exists()


def test_a_file_that_is_no_database_is_refused_in_one_line(tmp_path):
    place = tmp_path / "gradebook.db"
    place.write_text("student_id,name\n" * 100)
    with pytest.raises(GradebookError, match=r"gradebook\.db: file is not a database") as refused:
        Gradebook(place)
    assert "\n" not in str(refused.value)
    assert place.read_text() == "student_id,name\n" * 100


@pytest.mark.parametrize(
    ("place", "message"),
    [
        (
            "mysql://root:secret@host/marks",
            "an SQLite file or a Postgres database, not mysql://root:\\*\\*\\*@host",
        ),
        ("sqlite://", "an SQLite file or a Postgres database"),
        ("://marks", "cannot be read"),
        ("postgresql://kit:secret@/x?host=/nowhere", "No such file or directory"),
        ("/proc/nowhere/gradebook.db", "cannot be made"),
    ],
)
def test_a_place_that_cannot_be_used_is_refused_in_one_line_without_the_password(place, message):
    with pytest.raises(GradebookError, match=message) as refused:
        Gradebook(place)
    assert "\n" not in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_gradebooks_file_is_its_owners_alone(tmp_path):
    with prepared(str(tmp_path / "gradebook.db")):
        modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {0o600}


def test_marks_can_be_read_while_another_process_writes(tmp_path):
    place = tmp_path / "gradebook.db"
    with prepared(str(place)) as book:
        book.record(attempt(item("pricing-q1", 3)))
        other = sqlite3.connect(place, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        assert marked(book).score == 3
        other.close()


# kill -9

IN_FLIGHT = 4
READY = struct.pack("I", 2**32 - 1)


def numbered(number: int) -> dict[str, Any]:
    """One of any number of attempts, each with several questions and a transcript of a few kB."""
    drawing = random.Random(number)
    questions = [item(f"pricing-q{each}", drawing.choice([0, 3, None])) for each in range(8)]
    code = drawing.randbytes(1000).hex()
    transcript = [{"question": "pricing-q1", "code": code, "text": "", "error": "", "figures": []}]
    student = ANNE if number % 2 else "s002"
    return attempt(*questions, student=student, content=str(number), transcript=transcript)


def record_and_be_killed(place: str, numbers: Iterable[int], opened: bool, after: float) -> set[int]:
    """Record in another process, several at once, kill it some seconds after it began, or after it opened the
    gradebook, and return what it confirmed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        with prepared(place) as book:
            os.write(writing, READY)

            def confirm(number: int) -> None:
                if book.record(numbered(number)):
                    os.write(writing, struct.pack("I", number))

            todo = iter(numbers)
            with ThreadPoolExecutor(IN_FLIGHT) as pool:
                for _ in range(IN_FLIGHT):
                    pool.submit(lambda: [confirm(number) for number in todo])
        os._exit(0)
    os.close(writing)
    with open(reading, "rb") as pipe:
        told = pipe.read(len(READY)) if opened else b""
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
        assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
        told += pipe.read()
    return {number for (number,) in struct.iter_unpack("I", told.removeprefix(READY))}


def kill_many_times(place: str, kills: int) -> None:
    """Kill a recording process at random moments and hold the gradebook against what it confirmed."""
    drawing = random.Random(6)
    numbers = {sha256(str(number)): number for number in range(20_000)}
    there: set[int] = set()
    rounds = 0
    for kill in range(kills):
        todo = (number for number in count() if number not in there)
        # Every other process is surely killed while it records; the others may still be opening.
        confirmed = record_and_be_killed(place, todo, opened=kill % 2 == 1, after=drawing.uniform(0, 0.2))
        with prepared(place) as book:
            found = {numbers[content] for _, content in book.done(STEM, FIRST)}
        assert there | confirmed <= found, "something confirmed is lost"
        assert not there & confirmed, "something was recorded twice"
        # A server may finish what was under way just after it was looked at, so count that of the last round.
        assert len(found - there - confirmed) <= 2 * IN_FLIGHT, "more was recorded than was under way"
        rounds += bool(confirmed)
        there = found
    assert rounds > kills / 4, "most were killed before they recorded anything"
    # Resumed, it records what is missing and nothing else; and each attempt is whole.
    last = max(there) + 20
    with prepared(place) as book:
        there = {numbers[content] for _, content in book.done(STEM, FIRST)}
        assert [book.record(numbered(each)) for each in range(last)] == [
            each not in there for each in range(last)
        ]
        kept = book.attempts(STEM)
    assert sorted((each["content"] for each in kept), key=numbers.__getitem__) == list(numbers)[:last]
    assert all(each == numbered(numbers[each["content"]]) for each in kept)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_fifty_kills_lose_nothing_and_double_nothing_on_sqlite(tmp_path):
    place = tmp_path / "gradebook.db"
    kill_many_times(str(place), kills=50)
    with sqlite3.connect(place) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_kills_lose_nothing_and_double_nothing_on_postgres(postgres_url):
    kill_many_times(postgres_url, kills=6)
