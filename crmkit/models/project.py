"""Projects: tasks that wait for each other, the critical path, and how much a task may slip.

Durations are in one unit of the caller's choice, such as weeks, and a task starts at the moment when the
last one that it waits for ends.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

import pandas as pd


@dataclass(frozen=True)
class Task:
    """One task of a project.

    Parameters
    ----------
    name : what is done, unique in the project.
    duration : time units, 0 or more; a milestone takes none.
    after : names of the tasks that must end before this one starts.

    Raises
    ------
    ValueError : a duration that is negative or not finite; the message names the task.

    Source: kelley1959.
    """

    name: str
    duration: float
    after: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.duration < math.inf:
            raise ValueError(f"task {self.name!r}: duration must be 0 or more, got {self.duration}")
        if isinstance(self.after, str):
            raise ValueError(f"task {self.name!r}: after must be a tuple of names, write ({self.after!r},)")


def schedule(tasks: Sequence[Task]) -> pd.DataFrame:
    """Return when each task can start at the earliest and must start at the latest.

    Forward, ES_j = max EF_i over the tasks i that j waits for; backward, LF_i = min LS_j over the tasks j
    that wait for i, or the end of the project. Slack = LS − ES.

    Parameters
    ----------
    tasks : the project, at least one task, in any order.

    Returns
    -------
    One row a task, in the given order, with columns `duration`, `earliest_start`, `earliest_finish`,
    `latest_start`, `latest_finish` and `slack`, in time units.

    Raises
    ------
    ValueError : no task, a name used twice, an unknown name in `after`, or tasks that wait for each other
        in a circle.

    Source: kelley1959.
    """
    order = _order(tasks)
    duration = {task.name: task.duration for task in tasks}
    before = {task.name: task.after for task in tasks}
    finish: dict[str, float] = {}
    for name in order:
        finish[name] = max((finish[one] for one in before[name]), default=0.0) + duration[name]
    latest = dict.fromkeys(order, max(finish.values()))
    for name in reversed(order):
        for one in before[name]:
            latest[one] = min(latest[one], latest[name] - duration[name])
    table = pd.DataFrame(
        {
            "duration": duration,
            "earliest_start": {name: finish[name] - duration[name] for name in duration},
            "earliest_finish": finish,
            "latest_start": {name: latest[name] - duration[name] for name in duration},
            "latest_finish": latest,
        },
        index=list(duration),
        dtype=float,
    )
    slack = table["latest_start"] - table["earliest_start"]
    # Tenths of a week do not add up exactly; what they leave is no slack.
    return table.assign(slack=slack.where(slack > 1e-9 * (1 + table["latest_finish"]), 0.0))


def project_length(tasks: Sequence[Task]) -> float:
    """Return the time from the start of the first task to the end of the last: the longest chain.

    Parameters
    ----------
    tasks : the project, at least one task, in any order.

    Returns
    -------
    Time units.

    Raises
    ------
    ValueError : as in `schedule`.

    Source: kelley1959.
    """
    return float(schedule(tasks)["earliest_finish"].max())


def critical_paths(tasks: Sequence[Task]) -> list[tuple[str, ...]]:
    """Return every chain of tasks that is as long as the project: none of its tasks has any slack.

    Parameters
    ----------
    tasks : the project, at least one task, in any order.

    Returns
    -------
    Names from the first task to the last, one tuple a chain; at least one.

    Raises
    ------
    ValueError : as in `schedule`.

    Source: kelley1959.
    """
    plan = schedule(tasks)
    start, end = plan["earliest_start"], plan["earliest_finish"]
    tolerance = 1e-9 * (1 + end.max())
    critical = [task for task in tasks if plan.loc[task.name, "slack"] == 0]

    def chains(task: Task) -> list[tuple[str, ...]]:
        """Return the critical chains that begin with a critical task."""
        if not any(task.name in one.after for one in tasks):
            return [(task.name,)]
        return [
            (task.name, *rest)
            for one in critical
            if task.name in one.after and start[one.name] - end[task.name] <= tolerance
            for rest in chains(one)
        ]

    return [chain for task in critical if not task.after for chain in chains(task)]


def _order(tasks: Sequence[Task]) -> list[str]:
    """Return the names in an order in which each comes after all that it waits for."""
    if not tasks:
        raise ValueError("no task is given; a project has at least one")
    names = [task.name for task in tasks]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"two tasks have the same name: {', '.join(twice)}; give each its own")
    for task in tasks:
        unknown = [name for name in task.after if name not in names]
        if unknown:
            raise ValueError(
                f"task {task.name!r} waits for {', '.join(unknown)}, which is no task of the project"
            )
    try:
        return list(TopologicalSorter({task.name: task.after for task in tasks}).static_order())
    except CycleError as error:
        circle = " → ".join(error.args[1])
        raise ValueError(
            f"these tasks wait for each other in a circle: {circle}; take out one of its arrows"
        ) from None
