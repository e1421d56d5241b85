"""What a path in a download says: who handed the file in, as which number, and in which order."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from crmkit.grading.layout import TIMESTAMP, moment
from crmkit.grading.roster import Roster
from crmkit.grading.source import Entry, Refused

NOTEBOOK = re.compile(r"\.ipynb(\.txt|\.json)?$", re.IGNORECASE)  # some browsers add an ending of their own
# <sortable name>[_LATE]_<user>_<attachment>_<file>; without names: [LATE_]anon_<code>_<attachment>_<file>
CANVAS = re.compile(r"(?P<name>.*?)(?P<late>_LATE)?_(?P<number>\d+)_(?P<attachment>\d+)_(?P<file>.+)")
CANVAS_TEXT = re.compile(r"(?P<name>.*?)(?P<late>_LATE)?_(?P<number>\d+)_(?P<file>text|link)\.html")
CANVAS_ANONYMOUS = re.compile(r"(?:LATE_)?anon_(?=\w*[A-Za-z])\w+?_\d+_.+")
# <name>_<participant>_assignsubmission_file[_]/<path>, or the file's own name after one more _
MOODLE = re.compile(r"(?P<name>[^_]+)_(?P<number>\d+)_assignsubmission_[a-z]+(?:_(?P<file>.+)|_?)")
# Moodle's own folder of a plugin, or of a group that has no number.
MOODLE_OTHER = re.compile(r".*_assignsubmission_[a-z]+_?")
# <student>+<assignment>+<date> <time> <zone>[+<random>]
EXCHANGE = re.compile(
    r"(?P<student>.+)\+(?P<assignment>[^+]+)\+(?P<time>\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?"
    r"(?: (?:[A-Za-z/_]+|[+-]\d\d:?(?:\d\d)?))?)(?:\+(?P<random>[\w-]+))?"
)
DEPTH_IN_NBGRADER = 3


@dataclass(frozen=True)
class Handed:
    """One file and what its path says.

    Parameters
    ----------
    entry : the file.
    form : the kind of path: canvas, moodle, exchange, nbgrader or plain.
    who : what names the student: for plain paths every folder and the file, else one text.
    number : the platform's number of the student, or "".
    file : the file's own name and its folders, the nearest first: what can name the exercise.
    order : where the platform keeps one, the order of handing in.
    when : when it was handed in, put into the zip or last changed; seconds since 1970.
    submitted : when it was handed in, where the path or the file says so.
    note : what else there is to say.
    problem : why nobody can be named, or "".
    also : further students, by name and number, that the path can be read as.
    """

    entry: Entry
    form: str
    who: tuple[str, ...]
    number: str
    file: tuple[str, ...]
    order: float
    when: float | None
    submitted: datetime | None
    note: str = ""
    problem: str = ""
    also: tuple[tuple[str, str], ...] = ()

    @property
    def is_notebook(self) -> bool:
        """Whether the file is a notebook by its name."""
        return bool(NOTEBOOK.search(self.file[0]))


def read_paths(entries: list[Entry], roster: Roster) -> tuple[str, list[Handed]]:
    """Return what kind of source the files are, in words, and what each file's path says.

    Most of the paths decide which form the source has. A path in that form is read in no other, because what
    else stands in it was the student's choice.
    """
    files = [entry for entry in entries if entry.parts[-1] != TIMESTAMP]
    times = {entry.parts[:-1]: entry for entry in entries if entry.parts[-1] == TIMESTAMP}
    start = _folders_around(files, times, roster)

    def nbgrader(entry: Entry) -> Handed | None:
        return _nbgrader(entry, entry.parts[start:], times.get(entry.parts[:-1]))

    form, reading = "plain", _nothing
    for form_of_many, read_so in (("moodle", _moodle), ("exchange", _exchange), ("canvas", _canvas)):
        if 2 * sum(read_so(entry) is not None for entry in files) > len(files):
            form, reading = form_of_many, read_so
            break
    else:
        timed = any(len(folders) - start == DEPTH_IN_NBGRADER - 1 for folders in times)
        if _is_nbgrader(files, start, roster, timed):
            form, reading = "nbgrader", nbgrader
    dated = form not in ("moodle", "canvas")
    kind = KINDS[form] if files else "empty"
    return kind, [reading(entry) or _plain(entry, dated) for entry in files]


def _nothing(entry: Entry) -> Handed | None:
    return None


KINDS = {
    "canvas": "a download from Canvas",
    "moodle": "a download from Moodle",
    "exchange": "nbgrader's exchange, inbound",
    "nbgrader": "nbgrader's submitted folder",
    "plain": "plain notebooks",
}


def _folders_around(files: list[Entry], times: Iterable[tuple[str, ...]], roster: Roster) -> int:
    """Return how many folders are around everything and name nobody, as when a folder was zipped."""
    paths = [entry.parts for entry in files]
    depth = 0
    while paths and all(len(parts) > depth + 1 and parts[depth] == paths[0][depth] for parts in paths):
        name = paths[0][depth]
        telling = MOODLE_OTHER.fullmatch(name) or EXCHANGE.fullmatch(name) or CANVAS.fullmatch(name)
        if telling or roster.with_id(name) or roster.in_text(name):
            break
        depth += 1
    # The two folders around nbgrader's timestamp.txt are the student's and the assignment's.
    return max(0, min([depth, *(len(folders) - DEPTH_IN_NBGRADER + 1 for folders in times)]))


def _is_nbgrader(files: list[Entry], start: int, roster: Roster, timed: bool) -> bool:
    notebooks = [entry.parts[start:] for entry in files if NOTEBOOK.search(entry.parts[-1])]
    deep = all(len(parts) >= DEPTH_IN_NBGRADER for parts in notebooks)
    return bool(notebooks) and deep and (timed or any(roster.with_id(parts[0]) for parts in notebooks))


def _moodle(entry: Entry) -> Handed | None:
    parts = entry.parts
    for depth, part in enumerate(parts):
        is_file = depth == len(parts) - 1
        read = MOODLE.fullmatch(part)
        if read and bool(read["file"]) == is_file:
            file = (read["file"],) if is_file else tuple(reversed(parts[depth + 1 :]))
            return Handed(entry, "moodle", (read["name"],), read["number"], file, 0, entry.when, None)
        if MOODLE_OTHER.fullmatch(part) and not is_file:
            problem = "no student in the folder's name, which is a group's or another plugin's"
            file = tuple(reversed(parts[depth + 1 :]))
            return Handed(entry, "moodle", (), "", file, 0, entry.when, None, problem=problem)
    return None


def _exchange(entry: Entry) -> Handed | None:
    parts = entry.parts
    for depth, part in enumerate(parts[:-1]):
        read = EXCHANGE.fullmatch(part)
        if read:
            submitted = moment(read["time"])
            # A zone that is not known here still orders the submissions of one exchange.
            by_clock = moment(" ".join(read["time"].replace("T", " ").split()[:2]))
            order = submitted or by_clock
            if order is None:
                return None
            file = (*reversed(parts[depth + 1 :]), read["assignment"])
            seconds = order.timestamp()
            return Handed(entry, "exchange", (read["student"],), "", file, seconds, seconds, submitted)
    return None


def _canvas(entry: Entry) -> Handed | None:
    parts = entry.parts
    for depth, part in enumerate(parts):
        if CANVAS_ANONYMOUS.fullmatch(part):
            problem = "handed in anonymously; let Canvas show the names and download again"
            return Handed(entry, "canvas", (), "", (parts[-1],), 0, entry.when, None, problem=problem)
        said = CANVAS.fullmatch(part) or CANVAS_TEXT.fullmatch(part)
        if said:
            # What is typed into Canvas has no attachment, and is no notebook.
            order = int(said.groupdict().get("attachment") or 0)
            late = "late, says Canvas" if said["late"] else ""
            file = (*reversed(parts[depth + 1 :]), said["file"])
            who, number, also = (said["name"],), said["number"], _other_readings(part)
            return Handed(entry, "canvas", who, number, file, order, entry.when, None, late, also=also)
    return None


def _other_readings(name: str) -> tuple[tuple[str, str], ...]:
    """Return the further students, by name and number, that a name in Canvas's form can be read as.

    The file's own name may begin with numbers, and a student's name may end in one.
    """
    triples = list(re.finditer(r"(?=_(\d+)_\d+_.)", name))
    return tuple((name[: found.start()].removesuffix("_LATE"), found[1]) for found in triples[1:])


def _nbgrader(entry: Entry, parts: tuple[str, ...], stamp: Entry | None) -> Handed | None:
    if len(parts) < DEPTH_IN_NBGRADER - 1:
        return None
    submitted = None
    if stamp and stamp.size <= 200:
        try:
            submitted = moment(stamp.read().decode("utf-8", "replace"))
        except Refused:
            submitted = None
    when = submitted.timestamp() if submitted else entry.when
    return Handed(entry, "nbgrader", parts[:1], "", tuple(reversed(parts[1:])), 0, when, submitted)


def _plain(entry: Entry, dated: bool) -> Handed:
    submitted = datetime.fromtimestamp(entry.when, UTC).astimezone() if dated and entry.when else None
    return Handed(entry, "plain", entry.parts, "", entry.parts[::-1], 0, entry.when, submitted)
