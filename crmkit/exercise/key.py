"""The key of an exercise: what `check` knows about each question, without the answers.

The key holds salted digests only. A number is recognised within its tolerance because what is digested is
the cell of a grid, as wide as twice the tolerance and centred on the answer, in which the number lies. A
declared mistake's message is sealed with the mistaken value: only who has the value can read the message.

The key gives instant feedback. It never gives marks: an answer that is one of a few thousand can be found
by trying them all.
"""

from __future__ import annotations

import base64
import difflib
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import floor, isfinite
from pathlib import Path
from typing import Any

from crmkit.data.catalogue import DAIRY
from crmkit.exercise.answer import Form, Leaf, Parts

VARIABLE = "CRMKIT_KEYS"
# Wider than 2 × tolerance by one part in a million, so that both ends of the interval are inside the cell
# although sums of floats are rounded.
GRID_SLACK = 1 + 1e-6


class UnknownQuestion(LookupError):
    """No released exercise has a question of this id."""


@dataclass(frozen=True)
class Target:
    """The digest of each part of a value, with the grid offset of each of its numbers."""

    digests: Mapping[str, str]
    offsets: Mapping[str, list[float | None]]

    @classmethod
    def of(cls, question: str, found: Parts, steps: Mapping[str, list[float]]) -> Target:
        """Return the target that exactly the values within tolerance of `found` hit.

        Parameters
        ----------
        question : the question's id, which salts the digests.
        found : the leaves of the value, by part.
        steps : width of the grid of each leaf, by part; 0 for a text.
        """
        offsets = {
            part: [
                _offset(leaf, step) if isinstance(leaf, float) else None
                for leaf, step in zip(leaves, steps[part], strict=True)
            ]
            for part, leaves in found.items()
        }
        digests = {
            part: _digest(question, part, _cells(leaves, offsets[part], steps[part]))
            for part, leaves in found.items()
        }
        return cls(digests, offsets)

    def hits(self, question: str, found: Parts, steps: Mapping[str, list[float]]) -> dict[str, bool]:
        """Return for each part of the target whether the value's part is equal to it."""
        return {
            part: part in found
            and _digest(question, part, _cells(found[part], self.offsets[part], steps[part])) == digest
            for part, digest in self.digests.items()
        }

    def to_json(self) -> dict[str, Any]:
        """Return the target as a JSON object."""
        return {
            part: {"digest": digest, "offsets": self.offsets[part]}
            if any(offset is not None for offset in self.offsets[part])
            else {"digest": digest}
            for part, digest in self.digests.items()
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Target:
        """Return the target that `to_json` wrote."""
        return cls(
            digests={part: entry["digest"] for part, entry in data.items()},
            offsets={part: entry.get("offsets", []) for part, entry in data.items()},
        )


@dataclass(frozen=True)
class Mistake:
    """A wrong value that students really give, and the message for it, sealed with that value."""

    target: Target
    message: str


@dataclass(frozen=True)
class Entry:
    """What the key says of one question."""

    question: str
    points: int
    minutes: int
    form: Form
    answer: Target
    mistakes: tuple[Mistake, ...]
    hints: tuple[str, ...]
    unordered: Target | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the entry as a JSON object."""
        data: dict[str, Any] = {
            "points": self.points,
            "minutes": self.minutes,
            "form": self.form.to_json(),
            "answer": self.answer.to_json(),
            "mistakes": [
                {"target": mistake.target.to_json(), "message": mistake.message} for mistake in self.mistakes
            ],
            "hints": list(self.hints),
        }
        if self.unordered is not None:
            data["unordered"] = self.unordered.to_json()
        return data

    @classmethod
    def from_json(cls, question: str, data: Mapping[str, Any]) -> Entry:
        """Return the entry that `to_json` wrote."""
        return cls(
            question=question,
            points=data["points"],
            minutes=data["minutes"],
            form=Form.from_json(data["form"]),
            answer=Target.from_json(data["answer"]),
            mistakes=tuple(
                Mistake(Target.from_json(mistake["target"]), mistake["message"])
                for mistake in data["mistakes"]
            ),
            hints=tuple(data["hints"]),
            unordered=Target.from_json(data["unordered"]) if "unordered" in data else None,
        )


def steps(found: Parts, form: Form) -> dict[str, list[float]]:
    """Return the grid width of each leaf of a value, by part; 0 for a text."""
    by_part = dict(zip(found, form.items, strict=True)) if set(found) != {""} else {"": form}
    return {part: _widths(by_part[part], len(leaves)) for part, leaves in found.items()}


def _widths(form: Form, leaves: int) -> list[float]:
    if form.kind == "list":
        return [width for item in form.items for width in _widths(item, 1)]
    if form.kind in ("dict", "table"):
        rows = form.rows or 1
        return [width for item in form.items for width in _widths(item, rows)]
    return [2 * form.tolerance * GRID_SLACK] * leaves


def _offset(number: float, step: float) -> float:
    # Where between two marks of the grid the cell begins that is centred on the number, as a share of the
    # step. Rounded, because the last bits of a sum differ between versions of Python and NumPy.
    start = number / step - 0.5
    return round(start - floor(start), 8) % 1


def _cells(leaves: list[Leaf], offsets: list[float | None], widths: list[float]) -> list[str]:
    padded = offsets or [None] * len(leaves)
    return [_cell(*each) for each in zip(leaves, padded, widths, strict=True)]


def _cell(leaf: Leaf, offset: float | None, width: float) -> str:
    if isinstance(leaf, str):
        return leaf
    index = leaf / width - offset if offset is not None else float("inf")
    # Infinite where the target has a text at this place, or the number is too large for the grid.
    return f"n:{floor(index)}" if isfinite(index) else "n:outside"


def _digest(question: str, part: str, cells: list[str]) -> str:
    text = "\x1f".join([part, *cells])
    return hashlib.blake2b(text.encode(), digest_size=12, key=question.encode()[:64]).hexdigest()


def seal(question: str, message: str, target: Target, found: Parts, widths: Mapping[str, list[float]]) -> str:
    """Return a message that only `unseal` with a value that hits the target can read."""
    return base64.b64encode(_mask(question, message.encode(), target, found, widths)).decode("ascii")


def unseal(
    question: str, sealed: str, target: Target, found: Parts, widths: Mapping[str, list[float]]
) -> str:
    """Return the message that `seal` hid."""
    return _mask(question, base64.b64decode(sealed), target, found, widths).decode()


def _mask(
    question: str, text: bytes, target: Target, found: Parts, widths: Mapping[str, list[float]]
) -> bytes:
    cells = [
        cell
        for part in target.digests
        for cell in (part, *_cells(found[part], target.offsets[part], widths[part]))
    ]
    stream = hashlib.shake_256("\x1f".join(["seal", question, *cells]).encode()).digest(len(text))
    return bytes(a ^ b for a, b in zip(text, stream, strict=True))


def topic_of(question: str) -> str:
    """Return the topic of a question id: `pricing` of `pricing-q2`."""
    return question.rpartition("-q")[0]


_declared: dict[str, Entry] = {}


def declare(known: Entry) -> None:
    """Let a question of the solution notebook be checked as it now is, released or not."""
    _declared[known.question] = known


def topics() -> dict[str, dict[str, Entry]]:
    """Return every question that is released or declared in this kernel, by topic and id."""
    released = _released(folder()) | _of_own_dairy()
    found = {topic: dict(questions) for topic, questions in released.items()}
    for known in _declared.values():
        found.setdefault(topic_of(known.question), {})[known.question] = known
    return found


def folder() -> Path:
    """Return where the released keys are: `$CRMKIT_KEYS`, or inside the package."""
    chosen = os.environ.get(VARIABLE, "")
    return Path(chosen) if chosen else Path(__file__).with_name("keys")


def _of_own_dairy() -> dict[str, dict[str, Entry]]:
    """Return the key for a dairy of one's own, if there is one beside the notebook."""
    own = Path.cwd() / DAIRY
    if os.environ.get(VARIABLE) or not (own / "hailang").is_dir():
        return {}
    try:
        # What is missing now may be there at the next check, so it must not be remembered.
        found = _released(own / "keys") if list(own.glob("keys/*.json")) else {}
    except (ValueError, KeyError, TypeError, OSError):
        found = {}
    if not found:
        # Not passed over: the practice dairy's key would call right answers wrong.
        raise UnknownQuestion(f"no key that can be read in {DAIRY}/keys; copy {DAIRY}/ again, whole")
    return found


@cache
def _released(folder: Path) -> dict[str, dict[str, Entry]]:
    found = {}
    for path in sorted(folder.glob("*.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        found[data["topic"]] = {
            question: Entry.from_json(question, entry) for question, entry in data["questions"].items()
        }
    return found


def entry(question: str) -> Entry:
    """Return the key's entry of a question.

    Raises
    ------
    UnknownQuestion : no such id; the message gives the nearest ones. Or the key for one's own dairy is lost.
    """
    if not isinstance(question, str):
        raise UnknownQuestion('no question so named; its id comes first, for instance check("pricing-q2", …)')
    found = topics().get(topic_of(question), {}).get(question)
    if found is not None:
        return found
    known = [each for questions in topics().values() for each in questions]
    near = difflib.get_close_matches(question, known, n=1)
    said = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known) or 'none yet'}"
    raise UnknownQuestion(f"no question {question!r}; {said}")
