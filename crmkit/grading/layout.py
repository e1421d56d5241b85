"""A class folder and the paths in it, named as nbgrader names them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

STUDENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
STEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
# Names that Windows gives to devices, whatever their ending.
DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
TIMESTAMP = "timestamp.txt"
# Outside these years a time is wrong, and some systems cannot write it down.
YEARS = range(1971, 2100)
OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)?")


def is_student_id(text: str) -> bool:
    """Return whether a text can be a student's id, and so the name of a folder on every system."""
    return _is_name(text, STUDENT)


def is_stem(text: str) -> bool:
    """Return whether a text can be an assignment's stem, and so the name of a folder on every system."""
    return _is_name(text, STEM)


def _is_name(text: str, pattern: re.Pattern[str]) -> bool:
    # Windows drops a dot at the end, so `s1.` and `s1` would be one folder.
    return bool(pattern.fullmatch(text)) and not DEVICE.fullmatch(text) and not text.endswith(".")


@dataclass(frozen=True)
class Submission:
    """The newest notebook that a student handed in for an assignment.

    Parameters
    ----------
    student : the student's id.
    stem : the assignment, for instance `02-pricing`.
    path : the notebook.
    submitted : when it was handed in, with a time zone; None where that is not known.
    """

    student: str
    stem: str
    path: Path
    submitted: datetime | None


@dataclass(frozen=True)
class ClassFolder:
    """Where a class's roster, submissions, gradebook, feedback and reports are kept.

    Parameters
    ----------
    root : the folder; it need not be there yet.
    """

    root: Path

    @property
    def roster(self) -> Path:
        """The list of students."""
        return self.root / "roster.csv"

    @property
    def submitted(self) -> Path:
        """The folder of all submissions, one folder per student."""
        return self.root / "submitted"

    @property
    def gradebook(self) -> Path:
        """The gradebook's file, where no other database is named."""
        return self.root / "gradebook.db"

    def assignment(self, student: str, stem: str) -> Path:
        """Return the folder of one student's submission for one assignment."""
        return self.submitted / _student(student) / _stem(stem)

    def notebook(self, student: str, stem: str) -> Path:
        """Return the path of the submitted notebook."""
        return self.assignment(student, stem) / f"{stem}.ipynb"

    def timestamp(self, student: str, stem: str) -> Path:
        """Return the path of the file that says when the notebook was handed in."""
        return self.assignment(student, stem) / TIMESTAMP

    def feedback(self, student: str, stem: str) -> Path:
        """Return the path of one student's feedback page."""
        return self.root / "feedback" / _student(student) / f"{_stem(stem)}.html"

    def reports(self, stem: str) -> Path:
        """Return the folder of the instructor's report on one assignment."""
        return self.root / "reports" / _stem(stem)

    def submissions(self, stem: str | None = None) -> Iterator[Submission]:
        """Yield what was collected, by student and stem; of one assignment if a stem is given.

        Folders with other names, such as drafts of a write that was stopped, are passed over, and so are
        symbolic links.
        """
        for student in _folders(self.submitted, is_student_id):
            for assignment in _folders(student, is_stem):
                path = assignment / f"{assignment.name}.ipynb"
                if stem in (None, assignment.name) and path.is_file() and not path.is_symlink():
                    yield Submission(student.name, assignment.name, path, read_timestamp(assignment))


def _folders(parent: Path, named: Callable[[str], bool]) -> list[Path]:
    if not parent.is_dir():
        return []
    inside = [path for path in parent.iterdir() if path.is_dir() and not path.is_symlink()]
    return sorted(path for path in inside if named(path.name))


def _student(text: str) -> str:
    if not is_student_id(text):
        raise ValueError(f"{text!r} cannot be a student id; use letters, digits and . _ @ -, at most 64")
    return text


def _stem(text: str) -> str:
    if not is_stem(text):
        raise ValueError(
            f"{text!r} cannot be an assignment's stem; use letters, digits and . _ -, at most 64"
        )
    return text


def read_timestamp(folder: Path) -> datetime | None:
    """Return the time in a submission's `timestamp.txt`; None without the file or without a readable time."""
    path = folder / TIMESTAMP
    if path.is_symlink() or not path.is_file():
        return None
    with path.open(encoding="utf-8", errors="replace") as file:
        return moment(file.read(200))


def moment(text: str) -> datetime | None:
    """Return the time that a timestamp says, with its zone; None if it cannot be read.

    ISO 8601 is read, and nbgrader's `2026-03-01 09:30:00.000000 UTC`. As in nbgrader, a time without a zone
    is UTC. A zone's abbreviation counts if it is UTC, this machine's own, or one that names one zone only.
    """
    words = text.strip().removesuffix("Z").split()
    zone: tzinfo | None = UTC
    if len(words) == 3:
        zone = _zone(words.pop())
    try:
        read = datetime.fromisoformat(" ".join(words))
    except ValueError:
        return None
    if read.year not in YEARS or not (read.tzinfo or zone):
        return None
    return read if read.tzinfo else read.replace(tzinfo=zone)


def _zone(name: str) -> tzinfo | None:
    offset = OFFSET.fullmatch(name)
    if offset:
        sign, hours, minutes = offset.groups(default="0")
        ahead = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(-ahead if sign == "-" else ahead) if ahead < timedelta(days=1) else None
    if name in ("UTC", "GMT"):
        return UTC
    if name in time.tzname:
        return datetime.now().astimezone().tzinfo
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        return None
