"""How each outcome of a graded question is shown: an icon, a word, and the kind that it is counted under."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from crmkit.exercise.verdict import Outcome


class Kind(Enum):
    """What outcomes are counted under; the value is its name in a report."""

    RIGHT = "right"
    SLIP = "known slip"
    WRONG = "wrong"
    FORM = "wrong type or shape"
    FAILED = "error or time-out"
    LOST = "cell not found"
    OPEN = "not attempted"
    BY_HAND = "by hand"

    @property
    def css(self) -> str:
        """The name of its class in the style sheet."""
        return self.name.lower().replace("_", "-")


@dataclass(frozen=True)
class Shown:
    """How an outcome is shown."""

    icon: str
    word: str
    kind: Kind


KINDS = {
    Outcome.CORRECT: Kind.RIGHT,
    Outcome.MISTAKE: Kind.SLIP,
    Outcome.INCORRECT: Kind.WRONG,
    Outcome.NOT_ATTEMPTED: Kind.OPEN,
    Outcome.MALFORMED: Kind.FORM,
    Outcome.FAILED: Kind.FAILED,
    Outcome.UNKNOWN: Kind.FAILED,
}
SHOWN = {
    **{outcome.name: Shown(outcome.icon, outcome.word, kind) for outcome, kind in KINDS.items()},
    "MISSING": Shown("△", "Cell not found", Kind.LOST),
    "AMBIGUOUS": Shown("△", "Two cells for one answer", Kind.LOST),
    "ERROR": Shown("△", "Stopped with an error", Kind.FAILED),
    "TIMED_OUT": Shown("△", "Out of time", Kind.FAILED),
    "DIED": Shown("△", "Ended the run", Kind.FAILED),
    "BY_HAND": Shown("✎", "To be marked by hand", Kind.BY_HAND),
}
MARKED = Shown("✎", "Marked by hand", Kind.BY_HAND)


def shown(outcome: str, earned: float | None = None) -> Shown:
    """Return how an outcome is shown.

    Parameters
    ----------
    outcome : its name in an attempt.
    earned : the points, which a question that is marked by hand has once it is marked.
    """
    if outcome == "BY_HAND" and earned is not None:
        return MARKED
    return SHOWN.get(outcome) or Shown("△", outcome, Kind.FAILED)
