"""Deal the capstone: to each student a dairy of their own, with its notebook and its key.

The seed of a dairy is a keyed hash of the student's id. The key is a secret that the instructor keeps; so a
deal can be repeated to the byte, and nobody else can tell a dairy's truths. The answers come from the
solution notebook, run on that dairy.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import json
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from crmkit import __version__, notebook
from crmkit.data.catalogue import DAIRY
from crmkit.data.hailang.dealt import write
from crmkit.data.hailang.dictionary import PACKAGE
from crmkit.data.hailang.redraw import redraw
from crmkit.exercise.key import VARIABLE as KEYS
from crmkit.exercise.release import CHECK, Release, derive
from crmkit.exercise.validate import leaks
from crmkit.notebook import NotebookError

STEM = "12-capstone"
COLUMN = "student_id"
CLASS = "class"
"""Who gets the dairy that is for everybody."""

NAME = re.compile(r"\w(?:[\w.@+-]{0,62}\w)?")
SECRET_BYTES = 32
MOST_DRAWS = 20
UNFINISHED = ".part"
DAIRY_TABLES = f"{DAIRY}/{PACKAGE.name}"
"""Folder of a dairy's tables, seen from the notebook."""

ANSWERS = "application/vnd.crmkit.answers+json"


class DealError(RuntimeError):
    """The deal cannot go on; the message says why and what to do."""


@dataclass(frozen=True)
class Deal:
    """What is dealt, and where to.

    Parameters
    ----------
    solution : the solution notebook.
    secret : what the seeds are made with.
    handout : folder for the students' folders.
    private : folder for what the instructor keeps: `answers/<student>.json`, and what the student got in
        `copies/<student>.zip`.
    """

    solution: Path
    secret: bytes
    handout: Path
    private: Path

    def answers_of(self, student: str) -> Path:
        """Return where the answers for a student's dairy are kept."""
        return answers_folder(self.private) / f"{student}.json"

    def copy_of(self, student: str) -> Path:
        """Return where a copy is kept of what a student got."""
        return copy_in(self.private, student)

    def mark(self) -> str:
        """Return what tells this deal from one with another secret or another solution."""
        text = _text_of(notebook.read(self.solution))
        return hmac.new(self.secret, f"deal\0{__version__}\0{text}".encode(), hashlib.sha256).hexdigest()[:24]


def answers_folder(private: Path) -> Path:
    """Return the folder of the answers in an instructor's private folder."""
    return private / "answers"


def copy_in(private: Path, student: str) -> Path:
    """Return where an instructor's private folder has a copy of what a student got."""
    return private / "copies" / f"{student}.zip"


def name_of_solution(solution: NotebookNode) -> str:
    """Return what tells a solution from others, whatever its outputs are."""
    return hashlib.sha256(_text_of(solution).encode()).hexdigest()[:16]


def name_of_dairy(folder: Path) -> str:
    """Return what tells the dairy in a folder from others, and no more: its data package has all digests."""
    package = (folder / DAIRY_TABLES / "datapackage.json").read_bytes()
    return hashlib.sha256(package).hexdigest()[:16]


def read_roster(path: Path) -> list[str]:
    """Return the ids of a roster: the column `student_id` of a CSV file.

    Raises
    ------
    DealError : no such file or column, nobody in it, an id twice, or one that cannot name a folder.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            columns = [name.strip() for name in rows.fieldnames or ()]
            rows.fieldnames = columns
            if COLUMN not in columns:
                raise DealError(f"{path} has no column {COLUMN}; it has {', '.join(columns) or 'none'}")
            found = [(rows.line_num, (row[COLUMN] or "").strip()) for row in rows]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DealError(f"{path} cannot be read as a CSV file in UTF-8: {error}") from None
    if not found:
        raise DealError(f"{path} names no student")
    seen: dict[str, int] = {}
    for line, student in found:
        if not NAME.fullmatch(student):
            raise DealError(
                f"{path}, line {line}: the id {student!r} cannot name a folder; "
                "use letters, digits and . _ - @ +"
            )
        # Some file systems do not tell upper from lower case.
        if student.casefold() in seen:
            raise DealError(
                f"{path}, line {line}: the id {student!r} stands in line {seen[student.casefold()]}, too"
            )
        seen[student.casefold()] = line
    return [student for _, student in found]


def read_secret(private: Path) -> bytes:
    """Return the secret in `private/secret`, which is made when there is none yet.

    Raises
    ------
    DealError : the file cannot be read or holds no secret.
    """
    path = private / "secret"
    private.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        made = os.open(path.with_name(f"secret{UNFINISHED}"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(made, "w") as file:
            file.write(secrets.token_hex(SECRET_BYTES) + "\n")
        os.replace(path.with_name(f"secret{UNFINISHED}"), path)
    try:
        secret = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except ValueError:
        secret = b""
    if len(secret) != SECRET_BYTES:
        raise DealError(
            f"{path} was truncated or edited: it holds no secret of {SECRET_BYTES} bytes; put your copy back"
        )
    return secret


def deal(
    chosen: Deal, students: Iterable[str], on_student: Callable[[str], Any] = lambda student: None
) -> list[str]:
    """Write the folder and the answers of each student; those that are there already stay as they are.

    A folder gets its name when it is whole, and after its answers, so a deal that was stopped can be started
    again.

    Parameters
    ----------
    chosen : what is dealt.
    students : their ids.
    on_student : called with the id after each.

    Returns
    -------
    The students who were dealt to now.

    Raises
    ------
    DealError : the folders hold something else, or were dealt with another secret or solution.
    NotebookError : the solution cannot be run.
    """
    students = list(students)
    _require_room(chosen, students)
    mark, solution = chosen.mark(), notebook.read(chosen.solution)
    dealt = []
    for student in students:
        folder = chosen.handout / student
        if not folder.exists():
            _deal_to(student, chosen, solution, mark)
            dealt.append(student)
        on_student(student)
    return dealt


def _require_room(chosen: Deal, students: list[str]) -> None:
    """Make the folders, remove what an interrupted deal has left, and refuse what is not of this deal."""
    handout, private = chosen.handout.resolve(), chosen.private.resolve()
    if handout == private or handout in private.parents or private in handout.parents:
        raise DealError(
            f"{chosen.private} holds the answers: it must lie neither in {chosen.handout} nor around it"
        )
    chosen.handout.mkdir(parents=True, exist_ok=True)
    for kept in (chosen.answers_of(CLASS), chosen.copy_of(CLASS)):
        kept.parent.mkdir(parents=True, exist_ok=True)
    for path in sorted(chosen.handout.iterdir()):
        if path.name.startswith(".") and path.name.endswith(UNFINISHED) and path.is_dir():
            shutil.rmtree(path)
        elif path.name not in students:
            raise DealError(
                f"{chosen.handout} holds {path.name}, which is not of this deal; "
                "move it or take another folder"
            )
    mark = chosen.mark()
    for student in students:
        if not (chosen.handout / student).exists():
            continue
        try:
            known = json.loads(chosen.answers_of(student).read_text(encoding="utf-8"))["deal"]
        except (OSError, ValueError, KeyError, TypeError):
            known = ""
        if known != mark:
            raise DealError(
                f"{chosen.handout / student} was dealt with another secret or another solution; "
                "take another folder or remove it"
            )
        if not chosen.copy_of(student).exists():
            raise DealError(
                f"{chosen.copy_of(student)} is missing; put your copy back, or remove "
                f"{chosen.handout / student} and deal again: the same secret deals the same dairy"
            )


def _deal_to(student: str, chosen: Deal, solution: NotebookNode, mark: str) -> None:
    draft = chosen.handout / f".{student}{UNFINISHED}"
    for seed in _seeds(chosen.secret, student):
        shutil.rmtree(draft, ignore_errors=True)
        write(draft / DAIRY, seed)
        try:
            fresh, answers = release_on(solution, draft)
        except NotebookError as error:
            # On this dairy a mistake looks like the answer, or the reference plan breaks a rule: draw again.
            if "QuestionError" not in str(error):
                raise
            continue
        if any(leaks(fresh)):
            continue
        notebook.write(fresh.exercise, draft / f"{STEM}.ipynb")
        notebook.write_text(fresh.key_text, draft / DAIRY / "keys" / f"{fresh.key['topic']}.json")
        kept = {
            "student": student,
            "deal": mark,
            "solution": name_of_solution(solution),
            "dairy": name_of_dairy(draft),
            "planted": planted(seed),
            "questions": {
                name: {"points": entry["points"], "form": entry["form"], "answer": answers[name]}
                for name, entry in fresh.key["questions"].items()
            },
        }
        text = json.dumps(kept, ensure_ascii=False, indent=1) + "\n"
        notebook.write_text(text, chosen.answers_of(student))
        _pack(draft, chosen.copy_of(student))
        os.replace(draft, chosen.handout / student)
        return
    raise DealError(
        f"none of {MOST_DRAWS} dairies drawn for {student} has answers that can be told apart and that "
        f"the notebook does not tell; run crmkit validate {STEM}"
    )


def _pack(folder: Path, packed: Path) -> None:
    """Write a folder into a zip file, whole or not at all, and the same bytes every time."""
    draft = packed.with_name(f".{packed.name}{UNFINISHED}")
    with ZipFile(draft, "w", ZIP_DEFLATED) as file:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = ZipInfo(path.relative_to(folder).as_posix())
            entry.external_attr = 0o644 << 16
            file.writestr(entry, path.read_bytes(), ZIP_DEFLATED)
    os.replace(draft, packed)


def _seeds(secret: bytes, student: str) -> Iterator[int]:
    """Yield the seeds of the dairies for a student: the first is used unless its answers are no good."""
    for draw in range(MOST_DRAWS):
        digest = hmac.new(secret, f"dairy\0{student}\0{draw}".encode(), hashlib.sha256).digest()
        yield int.from_bytes(digest[:16], "big")


def release_on(solution: NotebookNode, folder: Path) -> tuple[Release, dict[str, Any]]:
    """Run the solution in a folder with a dairy; return its release there, and its answers.

    Returns
    -------
    The release, whose notebook names the dairy, and by question the leaves of each part of the answer, as
    `crmkit.exercise.answer` has them.

    Raises
    ------
    NotebookError : a cell fails.
    """
    found = [CHECK.match(cell.source) for cell in solution.cells if cell.cell_type == "code"]
    names = {match["question"]: match["name"] for match in found if match}
    asked = _bare(solution)
    asked.cells.append(new_code_cell(_TELL.format(mime=ANSWERS, names=json.dumps(names)), id="answers"))
    with TemporaryDirectory() as no_keys:
        run = notebook.execute(asked, folder / f"{STEM}.ipynb", environment={KEYS: no_keys})
    told = run.cells.pop().outputs[-1]["data"][ANSWERS]
    fresh = derive(run)
    fresh.exercise.metadata["crmkit"] = {"dairy": name_of_dairy(folder)}
    return fresh, told


_TELL = """
from crmkit.exercise.answer import parts as _parts
from crmkit.exercise.key import entry as _entry
from IPython.display import display as _display

_names = {names}
_display({{"{mime}": {{q: _parts(globals()[name], _entry(q).form) for q, name in _names.items()}}}}, raw=True)
"""


def _text_of(solution: NotebookNode) -> str:
    return notebook.to_text(_bare(solution))


def _bare(solution: NotebookNode) -> NotebookNode:
    """Return a copy without outputs: they are of another dairy."""
    bare = notebook.normal_form(solution)
    for cell in bare.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return bare


def planted(seed: int) -> dict[str, dict[str, Any]]:
    """Return what an analyst of a dairy should find, by question and part."""
    truth = redraw(seed)
    effects = {gift.tier: gift.effect for gift in truth.promotions}
    (decay,) = {sku.decay for sku in truth.skus if sku.concept_hype}
    return {
        "capstone-q1": {"exit_ratio": truth.exit_hazard_ratio, "rival_ratio": truth.rival_churn},
        "capstone-q2": {tier.name: tier.price_elasticity for tier in truth.tiers},
        "capstone-q3": {"decay": decay},
        "capstone-q4": effects,
        "capstone-q5": {
            "control": truth.takeaway,
            "fenced": truth.takeaway_fenced,
            "effect": round(truth.takeaway - truth.takeaway_fenced, 4),
        },
    }
