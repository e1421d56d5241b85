"""What a grader is asked to do, and what it took."""

from __future__ import annotations

import os
import resource
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grading.submissions import ONE_IN, HandIn
from grading.watch import Watch, spent_below

from crmkit.grading.sandbox import Limits


@dataclass(frozen=True)
class Task:
    """What is to be graded, and how.

    Parameters
    ----------
    hand_ins : the submissions.
    at_once : how many side by side, where a grader can.
    limits : the limit on a cell is the same for every grader.
    work : a folder for whatever has to be written; it is removed at the end.
    """

    hand_ins: list[HandIn]
    at_once: int
    limits: Limits
    work: Path


@dataclass
class Result:
    """What grading took.

    Parameters
    ----------
    grader : its name.
    at_once : how many submissions it graded side by side.
    start, start_cpu : seconds until it could begin with the first.
    wall, cpu : seconds in all.
    took : seconds for each submission, by student.
    right : whether each question was found right, by student; empty for one that has no verdicts.
    uss_mb, pss_mb : most private memory of a kernel; the same with its part of what it shares.
    kernel_cpu : CPU seconds of each kernel, as they were last seen.
    rest_mb : most memory of what is not a kernel, together.
    """

    grader: str
    at_once: int
    versions: dict[str, str] = field(default_factory=dict)
    begun: float = 0.0
    start: float = 0.0
    start_cpu: float = 0.0
    wall: float = 0.0
    cpu: float = 0.0
    took: dict[str, float] = field(default_factory=dict)
    right: dict[str, dict[str, bool]] = field(default_factory=dict)
    uss_mb: float = 0.0
    pss_mb: float = 0.0
    rest_mb: float = 0.0
    kernel_cpu: list[float] = field(default_factory=list)
    samples: int = 0
    notes: list[str] = field(default_factory=list)

    @contextmanager
    def measured(self, watch: Watch) -> Iterator[None]:
        """Measure time while the body runs, and take over what is watched; the watch's own CPU not."""
        spent = _spent()
        self.begun = time.monotonic()
        yield
        self.wall = time.monotonic() - self.begun
        watch.end()
        self.cpu += _spent() - spent - watch.cpu + watch.unwaited
        self.uss_mb, self.pss_mb, self.rest_mb = watch.uss_mb, watch.pss_mb, watch.rest_mb
        self.samples, self.kernel_cpu = watch.samples, list(watch.kernels.values())

    def begins(self) -> None:
        """Note that the first submission is about to be graded."""
        self.start = time.monotonic() - self.begun
        self.start_cpu = spent_below(os.getpid())

    def summary(self, hand_ins: list[HandIn]) -> dict[str, Any]:
        """Return what the table shows.

        `per_submission` has start-up and this run's share of loops in it. `at_one_in_50` has neither: it is
        what a long run comes to when one in fifty loops, so that runs of other lengths can be compared.
        """
        loops = {each.student for each in hand_ins if each.loops}
        honest = statistics.mean([took for name, took in self.took.items() if name not in loops] or [0.0])
        looping = statistics.mean([took for name, took in self.took.items() if name in loops] or [honest])
        count = len(self.took)
        burnt = sum(sorted(self.kernel_cpu)[-looped:]) if (looped := len(loops & self.took.keys())) else 0.0
        judged = [each for each in hand_ins if each.student in self.right]
        return {
            "submissions": count,
            "looping": looped,
            "at_once": self.at_once,
            "start_seconds": self.start,
            "start_cpu_seconds": self.start_cpu,
            "wall_seconds": self.wall,
            "wall_per_submission": self.wall / max(count, 1),
            "cpu_per_submission": self.cpu / max(count, 1),
            "cpu_per_honest_submission": (self.cpu - self.start_cpu - burnt) / max(count - looped, 1),
            "seconds_of_an_honest_one": honest,
            "seconds_of_a_looping_one": looping,
            "at_one_in_50": (honest * (ONE_IN - 1) + looping) / ONE_IN / self.at_once,
            "kernel_uss_mb": self.uss_mb,
            "kernel_pss_mb": self.pss_mb,
            "grader_mb": self.rest_mb,
            "kernel_samples": self.samples,
            "judged": len(judged),
            "judged_as_expected": sum(self.right[each.student] == dict(each.right) for each in judged),
            "versions": self.versions,
            "notes": self.notes,
        }


def _spent() -> float:
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
