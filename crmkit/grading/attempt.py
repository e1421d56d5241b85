"""What a gradebook takes: ids, texts, times and numbers, and attempts as a worker returns them."""

from __future__ import annotations

import json
import math
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from crmkit.grading import late
from crmkit.grading.database import GradebookError, attempts, items
from crmkit.grading.layout import is_stem, is_student_id

QUESTION = re.compile(r"[A-Za-z0-9_-]{1,128}")
CONTENT = re.compile(r"[0-9a-f]{64}")
RELEASE = re.compile(r"[0-9a-f]{6,64}")
STATUSES = ("graded", "ungradable")
ATTEMPT = {each.name for each in attempts.c if each.name != "attempt"} | {"items"}
ITEM = {each.name for each in items.c if each.name not in ("attempt", "position")}


def check_student(text: object) -> None:
    """Refuse what is no student's id."""
    if not isinstance(text, str) or not is_student_id(text):
        raise GradebookError(f"{text!r} is no student's id: letters, digits and . _ @ -, at most 64")


def check_stem(text: object) -> None:
    """Refuse what is no assignment's stem."""
    if not isinstance(text, str) or not is_stem(text):
        raise GradebookError(f"{text!r} is no assignment's stem: letters, digits and . _ -, at most 64")


def check_text(where: str, text: str) -> None:
    """Refuse a text that not every database can store."""
    try:
        text.encode()
        storable = "\0" not in text
    except UnicodeEncodeError:
        storable = False
    if not storable:
        raise GradebookError(f"{where}: {text!r} has a character that cannot be stored")


def check_submission(student: object, content: object, submitted: object) -> None:
    """Refuse what is no submission: its student, the sha256 of its bytes, when it was handed in."""
    check_student(student)
    if not isinstance(content, str) or not CONTENT.fullmatch(content):
        raise GradebookError(f"{student}: {content!r} is no sha256 of a submission")
    if submitted is not None:
        check_time(f"{student}, submitted", submitted)


def check_time(where: str, text: object) -> None:
    """Refuse what is no time with a zone."""
    try:
        late.instant(str(text))
    except ValueError as error:
        raise GradebookError(f"{where}: {error}") from error


def number(value: object, where: str, what: str) -> float:
    """Return a number that is finite and not negative."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise GradebookError(f"{where}: {what} must be a number, 0 or more, not {value!r}")
    return value


def first_double(names: Iterable[str]) -> str | None:
    """Return the first name that is there twice, or None."""
    counts = Counter(names)
    return next((name for name, count in counts.items() if count > 1), None)


def checked(attempt: Mapping[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the rows of an attempt and of its items, or say what is wrong with it."""
    if attempt.keys() != ATTEMPT:
        raise GradebookError(f"an attempt has exactly the keys {', '.join(sorted(ATTEMPT))}")
    check_submission(attempt["student"], attempt["content"], attempt["submitted"])
    where = f"{attempt['student']}, {attempt['assignment']}"
    check_time(f"{where}, graded", attempt["graded"])
    if attempt["status"] not in STATUSES:
        raise GradebookError(f"{where}: a status is one of {', '.join(STATUSES)}, not {attempt['status']!r}")
    if not isinstance(attempt["reason"], str):
        raise GradebookError(f"{where}: a reason is a sentence or empty, not {attempt['reason']!r}")
    for measured in ("seconds", "cpu", "peak_mb"):
        if attempt[measured] is not None:
            number(attempt[measured], where, measured)
    questions = [_checked_item(where, *each) for each in enumerate(attempt["items"])]
    twice = first_double(each["question"] for each in questions)
    if twice is not None:
        raise GradebookError(f"{where}: the question {twice} is there twice")
    transcript = zlib.compress(json.dumps(attempt["transcript"], allow_nan=False).encode())
    row = {name: value for name, value in attempt.items() if name != "items"}
    return row | {"transcript": transcript}, questions


def _checked_item(where: str, position: int, item: Mapping[str, Any]) -> dict[str, Any]:
    if item.keys() != ITEM:
        raise GradebookError(f"{where}: a question has exactly the keys {', '.join(sorted(ITEM))}")
    if not isinstance(item["question"], str) or not QUESTION.fullmatch(item["question"]):
        raise GradebookError(f"{where}: {item['question']!r} is no question's id")
    where = f"{where}, {item['question']}"
    points = number(item["points"], where, "points")
    if item["earned"] is not None and number(item["earned"], where, "points earned") > points:
        raise GradebookError(f"{where}: {item['earned']:g} points earned of {points:g}")
    return {**item, "position": position}
