"""What `check` and `hint` answer: a verdict that shows itself as text and as HTML."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from html import escape
from typing import Any

MIME = "application/vnd.crmkit.verdict+json"


class Outcome(Enum):
    """How an answer stands. The value is what a student reads: an icon, a word and a colour."""

    CORRECT = ("✔", "Correct", "#009E73")
    MISTAKE = ("✘", "A known slip", "#D55E00")
    INCORRECT = ("✘", "Not yet", "#D55E00")
    NOT_ATTEMPTED = ("○", "Not attempted", "#8A8A8A")
    MALFORMED = ("△", "Wrong type or shape", "#E69F00")
    FAILED = ("△", "Your function failed", "#E69F00")
    UNKNOWN = ("△", "Cannot be checked", "#E69F00")

    @property
    def icon(self) -> str:
        return self.value[0]

    @property
    def word(self) -> str:
        return self.value[1]

    @property
    def colour(self) -> str:
        return self.value[2]


@dataclass(frozen=True)
class Verdict:
    """The outcome of one check.

    Parameters
    ----------
    outcome : how the answer stands.
    question : the question's id.
    points : what the question is worth.
    lines : what to tell the student, a sentence or two each.
    """

    outcome: Outcome
    question: str
    points: int
    lines: tuple[str, ...] = ()

    @property
    def earned(self) -> int:
        """The points earned: all or none."""
        return self.points if self.outcome is Outcome.CORRECT else 0

    @property
    def _score(self) -> str:
        return f"{self.earned} of {self.points} point{'' if self.points == 1 else 's'}"

    def __repr__(self) -> str:
        head = f"{self.outcome.icon} {self.outcome.word} · {self.question} · {self._score}"
        return "\n".join([head, *(f"  {line}" for line in self.lines)])

    def _repr_html_(self) -> str:
        word = f"<strong>{self.outcome.icon} {self.outcome.word}</strong>"
        head = f"{word} · {escape(self.question)} · {self._score}"
        return boxed(self.outcome.colour, head, self.lines)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {
            "text/plain": repr(self),
            "text/html": self._repr_html_(),
            MIME: {"question": self.question, "outcome": self.outcome.name, "earned": self.earned},
        }


@dataclass(frozen=True)
class Note:
    """A short text for the student, for instance a hint."""

    head: str
    lines: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return "\n".join([self.head, *(f"  {line}" for line in self.lines)])

    def _repr_html_(self) -> str:
        return boxed("#0072B2", f"<strong>{escape(self.head)}</strong>", self.lines)


def boxed(colour: str, head: str, lines: tuple[str, ...]) -> str:
    """Return a box with a coloured edge; it takes text and background from the page, light or dark."""
    text = "".join(f'<div style="margin-top:.25em">{escape(line)}</div>' for line in lines)
    return (
        f'<div role="status" style="border-left:.4em solid {colour};padding:.4em .8em;margin:.2em 0">'
        f"{head}{text}</div>"
    )
