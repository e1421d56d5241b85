"""Collect submissions from a folder or a learning platform's download into a class folder."""

from __future__ import annotations

import os
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from pathlib import Path
from unicodedata import category, east_asian_width

from crmkit.grading import roster as rosters
from crmkit.grading import stem as stems
from crmkit.grading.handed import Handed, read_paths
from crmkit.grading.layout import TIMESTAMP, ClassFolder, read_timestamp
from crmkit.grading.roster import Found, Roster, Student
from crmkit.grading.source import Caps, Entry, Refused, opened
from crmkit.grading.stem import Exercises, Name

HEADINGS = ("student", "file", "matched by", "exercise", "size", "what happens")
WIDEST = 60
LONGEST_NOTE = 200
ELLIPSIS = "…"
ARCHIVES = (".zip", ".rar", ".7z", ".gz", ".tgz", ".bz2", ".xz", ".tar")
# The time in a platform's zip is that of the download, so it orders downloads, but no files within one.
DATED_BY_DOWNLOAD = ("moodle", "canvas")
SAME_TIME = 0.001  # seconds; finer, a file system rounds


class Fate(Enum):
    """What becomes of one file, as it is said after a dry run and after collecting."""

    NEW = ("would be collected", "collected")
    NEWER = ("would replace the older one", "replaced the older one")
    UNCHANGED = ("unchanged", "unchanged")
    OLDER = ("not taken", "not taken")
    BESIDE = ("no notebook", "no notebook")
    LEFT_OVER = ("LEFT OVER", "LEFT OVER")

    def said(self, dry_run: bool) -> str:
        """Return it in words."""
        return self.value[0 if dry_run else 1]


@dataclass(frozen=True)
class Row:
    """One file of the source.

    Parameters
    ----------
    path : its path in the source.
    fate : what becomes of it.
    student : the student's id, or "" if nobody was recognised.
    matched : by which column of the roster the student was recognised.
    stem : the exercise, or "" if none was recognised.
    size : bytes.
    note : the reason, or what else there is to say.
    """

    path: str
    fate: Fate
    student: str = ""
    matched: str = ""
    stem: str = ""
    size: int = 0
    note: str = ""


@dataclass(frozen=True)
class Collected:
    """What became of a source.

    Parameters
    ----------
    source : its name.
    kind : what it was recognised as.
    rows : one for each file, except those that a system made.
    of_the_system : how many files a system or an editor made.
    dry_run : whether nothing was written.
    """

    source: str
    kind: str
    rows: tuple[Row, ...]
    of_the_system: int = 0
    dry_run: bool = False

    @property
    def left_over(self) -> tuple[Row, ...]:
        """The files that somebody has to look at."""
        return tuple(row for row in self.rows if row.fate is Fate.LEFT_OVER)

    def table(self) -> str:
        """Return what became of each file, as text; what is left over comes last."""
        rows = sorted(self.rows, key=lambda row: (row.fate is Fate.LEFT_OVER, row.student, row.path))
        cells = [HEADINGS, *(self._cells(row) for row in rows)]
        widths = [max(_width(row[column]) for row in cells) for column in range(len(HEADINGS) - 1)]
        lines = [_line(row, widths) for row in cells] if rows else []
        return "\n".join([f"{shown(self.source)}: {self.kind}, {_files(len(rows))}", *lines, self._summary()])

    def _cells(self, row: Row) -> tuple[str, ...]:
        said = row.fate.said(self.dry_run)
        happens = shown(f"{said}: {row.note}" if row.note else said, LONGEST_NOTE)
        path = shown(row.path, WIDEST)
        return (row.student or "?", path, row.matched, row.stem or "?", f"{row.size:,}", happens)

    def _summary(self) -> str:
        count = Counter(row.fate for row in self.rows)
        parts = [f"{count[fate]} {fate.said(self.dry_run)}" for fate in Fate if count[fate]]
        parts = parts or ["nothing to collect"]
        if self.of_the_system:
            parts.append(f"{self.of_the_system} made by a system passed over")
        return ", ".join(parts)


def collect(
    source: Path,
    folder: Path,
    roster: Path,
    stem: str | None = None,
    dry_run: bool = False,
    *,
    exercises: Path | None = None,
    caps: Caps | None = None,
) -> Collected:
    """Put the newest notebook of each student and exercise into the class folder.

    Parameters
    ----------
    source : a folder of notebooks, nbgrader's submitted or inbound folder, a download from Moodle or Canvas,
        or a zip of any of these.
    folder : the class folder; `submitted/` in it is the only place written to.
    roster : the CSV file of students.
    stem : the exercise that the notebooks are for, unless their names say another; None to recognise it.
    dry_run : say what would happen, and write nothing.
    exercises : the folder of released exercises; the one beside the class folder unless given.
    caps : the most that is read.

    Returns
    -------
    Collected : one row for each file; nothing is dropped without a word.

    Raises
    ------
    RosterError : the roster cannot be used.
    LookupError : there is no such exercise, or there are no exercises.
    OSError : the source or the roster cannot be opened.
    """
    students = rosters.read(roster)
    where = exercises or folder.absolute().parent / "exercises"
    known = stems.read(where)
    if not known.marks:
        raise LookupError(f"there are no exercises in {where}; make them with crmkit release")
    if stem is not None and stem not in known.marks:
        raise LookupError(f"no exercise {stem!r}; there are {', '.join(known.marks)}")
    root = source / "submitted" if (source / "submitted").is_dir() else source
    try:
        with opened(root, caps or Caps()) as entries:
            passed_over = sum(entry.of_the_system for entry in entries)
            own = [entry for entry in entries if not entry.of_the_system or entry.problem]
            refused = [_refused(entry) for entry in own if entry.problem]
            # What a refused path says is not even looked at: it may be of any length.
            kind, files = read_paths([entry for entry in own if not entry.problem], students)
            rows = list(_Collection(ClassFolder(folder), students, known, stem, dry_run).rows(files))
    except Refused as refusal:
        row = Row(source.name, Fate.LEFT_OVER, size=source.lstat().st_size, note=str(refusal))
        return Collected(source.name, "not read", (row,), dry_run=dry_run)
    return Collected(source.name, kind, (*refused, *rows), passed_over, dry_run)


def _refused(entry: Entry) -> Row:
    return Row(entry.path, Fate.LEFT_OVER, size=entry.size, note=entry.problem)


@dataclass(frozen=True)
class _Candidate:
    """A notebook of which student and exercise are known; `evident` if it says the exercise itself."""

    file: Handed
    student: Student
    matched: str
    stem: str
    evident: bool
    version: tuple[bool, int]

    @property
    def rank(self) -> tuple[bool, float, tuple[bool, int], float]:
        """How new it is among one student's: by the platform's order, then by its name, then by its time."""
        when = None if self.file.form in DATED_BY_DOWNLOAD else self.file.when
        return (self.evident, self.file.order, self.version, when or 0.0)

    @property
    def by_number(self) -> bool:
        """Whether it was the platform's number that said who the student is."""
        return self.matched.startswith(f"{self.file.form}_id")

    def row(self, fate: Fate, note: str = "") -> Row:
        entry = self.file.entry
        note = "; ".join(part for part in (note, self.file.note) if part)
        return Row(entry.path, fate, self.student.student_id, self.matched, self.stem, entry.size, note)


@dataclass(frozen=True)
class _Collection:
    place: ClassFolder
    students: Roster
    known: Exercises
    stem: str | None
    dry_run: bool

    def rows(self, files: list[Handed]) -> Iterator[Row]:
        """Yield what becomes of each file, and write what is to be written."""
        trusted = self._numbers_fit(files)
        candidates: dict[tuple[str, str], list[_Candidate]] = defaultdict(list)
        beside: list[Row] = []
        for file in files:
            found, reason = self._who(file, trusted)
            row = Row(file.entry.path, Fate.LEFT_OVER, size=file.entry.size, note=reason)
            (student, matched), *_ = [*found.items(), (None, "")]
            if student:
                row = replace(row, student=student.student_id, matched=matched)
            if not file.is_notebook:
                beside.append(row)
            elif not student:
                yield row
            else:
                name = self.known.named(file.file[0])
                named, reason = self._which(file, name)
                if reason:
                    yield replace(row, note=reason)
                else:
                    evident = not self.stem or self._is_evident(file, name)
                    candidate = _Candidate(file, student, matched, named, evident, name.version)
                    candidates[student.student_id, named].append(candidate)
        owners = {student for student, _ in candidates}
        yield from (_beside(row, owners) for row in beside)
        for _, group in sorted(candidates.items()):
            yield from self._newest(group)

    def _numbers_fit(self, files: Iterable[Handed]) -> bool:
        """Return whether no name in a Moodle download belies the roster's `moodle_id`.

        Moodle numbers participants anew in each assignment, so the column may hold other numbers.
        """
        for file in files:
            named = list(self._by_name(file.who[0])) if file.form == "moodle" and file.who else []
            if len(named) == 1 and named[0].moodle_id not in ("", file.number):
                return False
        return True

    def _who(self, file: Handed, trusted: bool) -> tuple[Found, str]:
        """Return the student and how he or she is known, or why nobody is."""
        if file.problem:
            return {}, file.problem
        if file.form in ("nbgrader", "exchange"):
            (name,) = file.who
            return _one(self.students.with_id(name) or self.students.named(name), name)
        if file.form == "plain":
            return _one(self._in_plain(file), "")
        return self._on_platform(file, trusted)

    def _by_name(self, name: str) -> Found:
        return self.students.named(name) or self.students.in_text(name)

    def _in_plain(self, file: Handed) -> Found:
        name = self.known.named(file.who[-1])
        found = self.students.in_text(name.whole) | self.students.named(name.rest)
        if name.rest:
            found |= self.students.with_id(name.whole) | self.students.with_id(name.rest)
        for part in file.who[:-1]:
            found |= self.students.in_text(part) | self.students.named(part) | self.students.with_id(part)
        return found

    def _on_platform(self, file: Handed, trusted: bool) -> tuple[Found, str]:
        column = f"{file.form}_id"
        (name,) = file.who
        named = self._by_name(name)
        numbered = self.students.with_number(column, file.number)
        for other, number in file.also:
            meant = {*self._by_name(other), *filter(None, [self.students.with_number(column, number)])}
            if meant - {*named, *filter(None, [numbered])}:
                return {}, "the name can be read as that of two students"
        if numbered and named and numbered not in named:
            also = _list(named)
            return {}, f"the number {file.number} is {numbered.student_id}'s, but the name is that of {also}"
        if numbered and not named and file.form == "moodle" and not trusted:
            return {}, f"{numbered.student_id}'s moodle_id, but other names do not go with that column"
        if numbered:
            return {numbered: f"{column} and name" if named else column}, ""
        if file.form == "canvas" and len(named) == 1:
            (one,) = named
            # Canvas gives a user one number for good, so this is somebody else, or the roster is wrong.
            if one.canvas_id:
                return {}, f"the name is {one.student_id}'s, but the roster's canvas_id is {one.canvas_id}"
        return _one(named, name)

    def _which(self, file: Handed, name: Name) -> tuple[str, str]:
        """Return which exercise a notebook is for, or why that is not known."""
        named = name.stems
        if self.stem:
            if named and self.stem not in named:
                return "", f"by its name this is {' or '.join(sorted(named))}, not {self.stem}"
            return self.stem, ""
        for folder in file.file[1:]:
            named = named or self.known.named(folder).stems
        if len(named) != 1:
            try:
                within = self.known.of(file.entry.read())
            except Refused as refusal:
                return "", str(refusal)
            named = (named & within or named) if named else within
        if len(named) == 1:
            return next(iter(named)), ""
        if named:
            return "", f"it can be {' or '.join(sorted(named))}; name the exercise in the command"
        return "", "neither its name nor its cells say which exercise it is; name it in the command"

    def _is_evident(self, file: Handed, name: Name) -> bool:
        """Return whether the notebook itself says that it is for the exercise in the command."""
        try:
            return self.stem in name.stems or self.stem in self.known.of(file.entry.read())
        except Refused:
            return False

    def _newest(self, group: list[_Candidate]) -> Iterator[Row]:
        """Yield what becomes of one student's notebooks for one exercise, and write the newest."""
        if len({one.file.number for one in group}) > 1:
            sure = [one for one in group if one.by_number]
            numbers = ", ".join(sorted({one.file.number for one in group}))
            note = f"two people of one name (numbers {numbers}); the roster must have their numbers"
            yield from (one.row(Fate.LEFT_OVER, note) for one in group if one not in sure)
            group = sure
        group = sorted(group, key=lambda one: one.rank, reverse=True)
        contents: list[tuple[_Candidate, bytes]] = []
        for one in group:
            if contents and one.rank < contents[0][0].rank:
                better = "is newer" if one.evident == contents[0][0].evident else "says which exercise it is"
                yield one.row(Fate.OLDER, f"{contents[0][0].file.entry.path} {better}")
                continue
            try:
                contents.append((one, one.file.entry.read()))
            except Refused as refusal:
                yield one.row(Fate.LEFT_OVER, str(refusal))
        if not contents:
            return
        newest, content = contents[0]
        if any(other != content for _, other in contents):
            note = "nothing says which of these is the newest; keep one"
            yield from (one.row(Fate.LEFT_OVER, note) for one, _ in contents)
            return
        yield self._put(newest, content)
        yield from (
            one.row(Fate.UNCHANGED, f"the same as {newest.file.entry.path}") for one, _ in contents[1:]
        )

    def _put(self, newest: _Candidate, content: bytes) -> Row:
        target = self.place.assignment(newest.student.student_id, newest.stem)
        newest = replace(
            newest, file=replace(newest.file, entry=replace(newest.file.entry, size=len(content)))
        )
        try:
            draft = _Draft(self.place.submitted, target, f"{newest.stem}.ipynb")
            there = draft.there()
            if not self.dry_run:
                draft.mend()
            if there is None:
                fate = Fate.NEW
            elif there == content:
                return newest.row(Fate.UNCHANGED)
            else:
                fate = Fate.NEWER
                if reason := _not_newer(newest.file.when, draft.when()):
                    return newest.row(*reason)
            if not self.dry_run:
                draft.write(content, newest.file.when, newest.file.submitted)
        except OSError as error:
            return newest.row(Fate.LEFT_OVER, f"could not be written ({error.strerror or error})")
        except Refused as refusal:
            return newest.row(Fate.LEFT_OVER, str(refusal))
        return newest.row(fate)


def _one(found: Found, name: str) -> tuple[Found, str]:
    if len(found) > 1:
        return {}, f"it can be {_list(found)}'s; give their numbers in the roster, or the id in the name"
    if not found:
        reason = f"{name!r} is not in the roster" if name else "no student of the roster is named in the path"
        return {}, reason
    return found, ""


def _list(students: Iterable[Student]) -> str:
    return " or ".join(sorted(student.student_id for student in students))


def _beside(row: Row, owners: set[str]) -> Row:
    if row.path.lower().endswith(ARCHIVES):
        return replace(row, note="an archive in the source is not opened; unpack it or ask for the notebook")
    if row.student in owners:
        return replace(row, fate=Fate.BESIDE, note="")
    return replace(row, note=row.note or "no notebook, and this student sent no other file that is one")


def _not_newer(when: float | None, there: float) -> tuple[Fate, str] | None:
    if when is None:
        note = "another one is there, and nothing says which is newer; remove that to take this"
        return Fate.LEFT_OVER, note
    if when < there - SAME_TIME:
        return Fate.OLDER, "the one that is there is newer"
    if when <= there + SAME_TIME:
        return Fate.LEFT_OVER, "another one of the same time is there; remove that to take this"
    return None


@dataclass(frozen=True)
class _Draft:
    """Writes one student's submission for one assignment, as a whole or not at all.

    A submission is a folder, and a folder can only be replaced in two steps; the next run mends what a kill
    between them left.
    """

    submitted: Path
    target: Path
    notebook: str

    @property
    def _new(self) -> Path:
        return self.target.with_name(f".{self.target.name}.new")

    @property
    def _old(self) -> Path:
        return self.target.with_name(f".{self.target.name}.old")

    @property
    def _current(self) -> Path:
        """The folder that holds the submission: the one set aside, if a kill left no other."""
        if not os.path.lexists(self.target) and os.path.lexists(self._old):
            return self._old
        return self.target

    def there(self) -> bytes | None:
        """Return the notebook that is there, or None.

        Raises
        ------
        Refused : a link stands where a folder or file of a submission should.
        """
        notebook = self._current / self.notebook
        for path in (self.target.parent, self._current, notebook):
            if path.is_symlink():
                raise Refused(f"{path.relative_to(self.submitted)} in the class folder is a symbolic link")
        return notebook.read_bytes() if notebook.exists() else None

    def when(self) -> float:
        """Return when the notebook that is there was handed in, or was known to be the newest."""
        stamp = read_timestamp(self._current)
        return stamp.timestamp() if stamp else (self._current / self.notebook).stat().st_mtime

    def mend(self) -> None:
        """Finish or undo what a kill left half done."""
        if self._current == self._old:
            self._old.rename(self.target)
        _remove(self._new)
        _remove(self._old)

    def write(self, content: bytes, when: float | None, submitted: datetime | None) -> None:
        """Write the notebook, with its time as the file's own, and timestamp.txt where the time is known."""
        self._new.mkdir(parents=True)
        notebook = self._new / self.notebook
        notebook.write_bytes(content)
        if when is not None:
            os.utime(notebook, (when, when))
        if submitted is not None:
            (self._new / TIMESTAMP).write_text(f"{submitted.isoformat()}\n", encoding="utf-8")
        if self.target.exists():
            self.target.rename(self._old)
        self._new.rename(self.target)
        _remove(self._old)


def _remove(folder: Path) -> None:
    if folder.is_symlink():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)


def shown(text: str, most: int | None = None) -> str:
    """Return a text as it can be printed anywhere: on one line, what is not seen is written out.

    Parameters
    ----------
    text : a name from an untrusted source.
    most : columns beyond which the middle is left out.
    """
    plain = "".join(_seen(char) for char in text)
    if most is None or _width(plain) <= most:
        return plain
    half = (most - 1) // 2
    return f"{_head(plain, half)}{ELLIPSIS}{_head(plain[::-1], half)[::-1]}"


def _seen(char: str) -> str:
    if char == " " or category(char)[0] not in "CZ":
        return char
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")


def _head(text: str, most: int) -> str:
    width = 0
    for position, char in enumerate(text):
        width += _width(char)
        if width > most:
            return text[:position]
    return text


def _width(text: str) -> int:
    return sum(1 + (east_asian_width(char) in "WF") for char in text)


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    padded = [cell + " " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=False)]
    return "  ".join([*padded, cells[-1]])


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"
