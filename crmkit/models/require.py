"""What the inputs of models must be: each check raises a ValueError that names the input and what it got."""

from __future__ import annotations

import math


def finite(**amounts: float) -> None:
    """Refuse what is infinite or not a number."""
    for name, amount in amounts.items():
        if not math.isfinite(amount):
            raise ValueError(f"{name} must be a finite number, got {amount}")


def positive(**amounts: float) -> None:
    """Refuse what is not above 0 and finite."""
    for name, amount in amounts.items():
        if not 0 < amount < math.inf:
            raise ValueError(f"{name} must be above 0, got {amount}")


def not_negative(**amounts: float) -> None:
    """Refuse what is below 0 or infinite."""
    for name, amount in amounts.items():
        if not 0 <= amount < math.inf:
            raise ValueError(f"{name} must be 0 or more, got {amount}")


def share(**shares: float) -> None:
    """Refuse what is no share of a whole."""
    for name, part in shares.items():
        if not 0 <= part <= 1:
            raise ValueError(f"{name} is a share from 0 to 1, got {part}")


def whole(**counts: float) -> None:
    """Refuse what does not count something that is there."""
    for name, count in counts.items():
        if not (count >= 1 and float(count).is_integer()):
            raise ValueError(f"{name} must be a whole number, at least 1, got {count}")


def counts(events: int, trials: int) -> None:
    """Refuse more events than trials, and what is no count."""
    if not (trials >= 1 and float(trials).is_integer()):
        raise ValueError(f"trials must be a whole number, at least 1, got {trials}")
    if not (0 <= events <= trials and float(events).is_integer()):
        raise ValueError(f"events must be a whole number from 0 to the {trials} trials, got {events}")


def confidence(confidence: float) -> None:
    """Refuse what is no level of confidence."""
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is a share between 0 and 1, got {confidence}")
