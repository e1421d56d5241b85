"""The capstone's dairies, as they were dealt one by one: what each student is graded against, and on.

`crmkit capstone deal` keeps a copy of what each student got in a private folder. Here a copy becomes an
assignment: the student's own notebook and key, and the tables that lie beside the notebook when it is run and
judged. The secret of the deal is not read, and neither are the answers.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from zipfile import BadZipFile, ZipFile, is_zipfile

import nbformat

from crmkit import notebook
from crmkit.capstone.deal import CLASS, DAIRY_TABLES, STEM, answers_folder, copy_in, name_of_solution
from crmkit.data.catalogue import DAIRY
from crmkit.exercise.key import Entry
from crmkit.grading.assignment import Assignment, Question
from crmkit.notebook import NotebookError

NAMED = re.compile(rb'"dairy": ?"([0-9a-f]{16})"')
"""The name of a dairy in a dealt notebook's metadata. A student can change it: it serves to warn only."""


class DealtError(LookupError):
    """There is no deal in the folder, or not this student's; the message says what to do."""


@dataclass(frozen=True)
class Copy:
    """What one student was dealt.

    Parameters
    ----------
    path : the zip file with the notebook, the dairy and its key.
    deal : the deal that it is part of, which stands for the secret and the solution.
    """

    path: str
    deal: str

    def assignment(self, practice: Assignment) -> Assignment:
        """Return the capstone on this dairy.

        Parameters
        ----------
        practice : the capstone on the practice dairy. Functions are judged by its answers, because what they
            are called with is no dairy.

        Raises
        ------
        NotebookError : the copy cannot be read, or does not fit the exercise.
        """
        try:
            with ZipFile(self.path) as packed:
                exercise = nbformat.reads(packed.read(f"{STEM}.ipynb").decode(), as_version=4)
                (found,) = [name for name in packed.namelist() if name.startswith(f"{DAIRY}/keys/")]
                entries = json.loads(packed.read(found))["questions"]
                tables = [name for name in packed.namelist() if name.startswith(f"{DAIRY_TABLES}/")]
                beside = {name: packed.read(name).decode() for name in tables}
        except (OSError, BadZipFile, ValueError, KeyError, AttributeError) as error:
            raise NotebookError(f"{self.path} was edited; put your copy back ({error})") from None
        questions = tuple(self._on_this_dairy(question, entries) for question in practice.questions)
        release = _release(practice.release, self.deal)
        return replace(practice, release=release, exercise=exercise, questions=questions, beside=beside)

    def _on_this_dairy(self, question: Question, entries: Mapping[str, dict[str, object]]) -> Question:
        name = question.entry.question
        entry = Entry.from_json(name, entries[name]) if name in entries else None
        if entry is None or (question.is_function and entry.to_json() != question.entry.to_json()):
            raise NotebookError(f"{self.path}: its {name} is not the course's; deal again")
        return replace(question, entry=entry)


@dataclass(frozen=True)
class Dealt:
    """A deal, as the instructor's private folder has it.

    Parameters
    ----------
    private : the folder.
    deal : stands for the secret and the solution.
    dairies : the name of each student's dairy; if one was dealt to all, that of `class`.
    """

    private: Path
    deal: str
    dairies: Mapping[str, str]

    @classmethod
    def read(cls, private: Path, solution: Path) -> Dealt:
        """Return the deal in a private folder.

        Parameters
        ----------
        private : the folder that `crmkit capstone deal` was given.
        solution : the solution notebook as it now is.

        Raises
        ------
        DealtError : nothing was dealt there, or with another solution, or more than one deal is in it.
        """
        kept = {}
        for path in sorted(answers_folder(private).glob("*.json")):
            try:
                found = json.loads(path.read_text(encoding="utf-8"))
                kept[path.stem] = found["dairy"], found["deal"], found["solution"]
            except (OSError, ValueError, KeyError, TypeError):
                raise DealtError(f"{path} was edited, or is of an older crmkit; deal again") from None
        if not kept:
            raise DealtError(f"nothing was dealt in {private}; give the --private of crmkit capstone deal")
        deals = Counter(deal for _, deal, _ in kept.values())
        if len(deals) > 1:
            few = [student for student, (_, deal, _) in kept.items() if deal != deals.most_common(1)[0][0]]
            raise DealtError(
                f"{private} holds {len(deals)} deals; move the answers and copies of {', '.join(few)} away"
            )
        if {of for _, _, of in kept.values()} != {name_of_solution(notebook.read(solution))}:
            raise DealtError(
                f"{solution} has changed since {private} was dealt; copy {private / 'secret'} into a new "
                "private folder and deal into that one: the dairies are the same, the keys are new"
            )
        return cls(private, next(iter(deals)), {student: dairy for student, (dairy, _, _) in kept.items()})

    def release(self, practice: str) -> str:
        """Return the release of the dealt capstone, which changes with the deal.

        Parameters
        ----------
        practice : the release of the capstone on the practice dairy.
        """
        return _release(practice, self.deal)

    def copy_for(self, student: str) -> Copy:
        """Return what a student was dealt, or what was dealt to the whole class.

        Raises
        ------
        DealtError : there is no dairy for this student.
        """
        path = copy_in(self.private, self._dealt_as(student))
        if not is_zipfile(path):
            raise DealtError(f"{path} is missing or truncated; put your copy back")
        return Copy(str(path), self.deal)

    def _dealt_as(self, student: str) -> str:
        for name in (student, CLASS):
            if name in self.dairies:
                return name
        raise DealtError("no dairy was dealt to this student; run crmkit capstone deal with the whole roster")

    def remark(self, student: str, data: bytes) -> str:
        """Return what is odd about the dairy that a submitted notebook names, or nothing."""
        own, named = self.dairies[self._dealt_as(student)], dairy_named(data)
        if named == own:
            return ""
        if not named:
            return "the notebook is none that was dealt; perhaps it is the one for the practice dairy"
        whose = next((name for name, dairy in self.dairies.items() if dairy == named), "")
        return f"the notebook is the one dealt to {whose}" if whose else "the notebook is of another deal"


def _release(practice: str, deal: str) -> str:
    return hashlib.sha256(f"{practice} {deal}".encode()).hexdigest()[:16]


def dairy_named(data: bytes) -> str:
    """Return the name of the dairy that a notebook was dealt with, or nothing."""
    named = NAMED.search(data)
    return named[1].decode() if named else ""
