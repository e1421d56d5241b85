"""What a late submission costs: a grace period, a percentage for each started day, a cap, free late days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

YEAR = 366 * 24 * 60
"""In minutes."""


@dataclass(frozen=True)
class Policy:
    """What lateness costs in one assignment.

    Parameters
    ----------
    grace : minutes after the due time in which a submission is still on time.
    per_day : per cent of the points earned that each started day costs.
    cap : per cent that lateness costs at most.
    zone : IANA name of the time zone in which the class reads its clock.

    Raises
    ------
    ValueError : a number out of range, or an unknown zone.
    """

    grace: float = 0
    per_day: float = 0
    cap: float = 100
    zone: str = "UTC"

    def __post_init__(self) -> None:
        if not 0 <= self.grace <= YEAR:
            raise ValueError(f"a grace period is 0 minutes to a year, not {self.grace} minutes")
        for name, percent in (("day", self.per_day), ("cap", self.cap)):
            if not 0 <= percent <= 100:
                raise ValueError(f"the {name} of a late policy is 0 to 100 per cent, not {percent}")
        _ = self.clock

    @property
    def clock(self) -> ZoneInfo:
        """The class's clock."""
        return _zone(self.zone)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"no time zone is called {name!r}; give a name such as Asia/Shanghai") from None


def instant(text: str, zone: str | None = None) -> datetime:
    """Return the moment that a text names, in UTC.

    Parameters
    ----------
    text : ISO 8601 date and time. A date alone is refused: whether it means its first or its last minute is
        what a class would argue about.
    zone : the zone of a time that names none. Of a local time that the clocks pass twice, or skip, the later
        moment is taken, to the student's advantage.

    Raises
    ------
    ValueError : not a date and time from 1970 to 2199, or neither it nor `zone` says in which zone.
    """
    try:
        moment = datetime.fromisoformat(text)
        if ":" not in text or not 1970 <= moment.year < 2200:
            raise ValueError
    except ValueError:
        raise ValueError(f"{text!r} is not a date and time; write it like 2026-03-31T23:59+08:00") from None
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    if zone is None:
        raise ValueError(f"{text!r} names no time zone; write it like {text}+08:00 or {text}Z")
    return _moment(moment, _zone(zone))


def _moment(local: datetime, zone: ZoneInfo) -> datetime:
    return max(local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))


def days_late(submitted: datetime, due: datetime, policy: Policy) -> int:
    """Return the started days by which a submission is late; 0 up to the end of the grace period.

    Days are counted from the due time, not from the end of the grace period, and on the class's clock: due
    at 23:59, the first day ends at 23:59 of the next day, also when the clocks are changed in between.
    """
    if submitted <= due + timedelta(minutes=policy.grace):
        return 0
    on_the_clock = due.astimezone(policy.clock).replace(tzinfo=None)
    # Clocks move by hours, and once or twice in history by a whole day: begin below and count up.
    days = max(1, (submitted - due).days - 1)
    while submitted > _moment(on_the_clock + timedelta(days=days), policy.clock):
        days += 1
    return days


def charged(days: Iterable[int], free: int) -> list[int]:
    """Return the late days of each assignment that still count once a student's free ones are used.

    Parameters
    ----------
    days : late days of the student's assignments, in the order in which they were due.
    free : the late days that the student has for the whole course, used up in that order.
    """
    counted = []
    for late in days:
        used = min(late, free)
        free -= used
        counted.append(late - used)
    return counted


def penalty(days: int, policy: Policy) -> float:
    """Return the per cent that some started days cost: `min(days × per_day, cap)`."""
    return min(days * policy.per_day, policy.cap)


def reduced(earned: float, percent: float) -> float:
    """Return the points left of those earned, `earned × (100 − percent) / 100`, to the hundredth, half up."""
    # Decimal, because 2.675 as a float lies below itself and would be rounded down.
    left = Decimal(repr(earned)) * (100 - Decimal(repr(percent))) / 100
    return float(left.quantize(Decimal("0.01"), ROUND_HALF_UP))
