"""Schedules against a textbook's network and against brute force over all chains of random projects."""

import random

import pytest

from crmkit.models import project
from crmkit.models.project import Task

PROTOTYPE = (
    Task("A", 6),
    Task("B", 2, ("A",)),
    Task("C", 2, ("A",)),
    Task("D", 3, ("B",)),
    Task("F", 2, ("C",)),
    Task("E", 4, ("D", "F")),
    Task("G", 1, ("E",)),
)
"""A published classroom example: a design is prototyped, its parts made and ordered, then assembled."""


def all_chains(tasks):
    """Return every chain from a task that waits for none to a task that none waits for."""
    followers = {task.name: [one.name for one in tasks if task.name in one.after] for task in tasks}

    def onward(name):
        return [[name, *rest] for one in followers[name] for rest in onward(one)] or [[name]]

    return [tuple(chain) for task in tasks if not task.after for chain in onward(task.name)]


def random_project(seed, decimals=0):
    luck = random.Random(seed)
    tasks = []
    for number in range(luck.randint(1, 9)):
        after = tuple(task.name for task in tasks if luck.random() < 0.35)
        tasks.append(Task(f"t{number}", round(luck.uniform(0, 6), decimals), after))
    luck.shuffle(tasks)
    return tasks


def longest(tasks):
    duration = {task.name: task.duration for task in tasks}
    return max(sum(duration[name] for name in chain) for chain in all_chains(tasks))


def delayed(tasks, name, delay):
    return [Task(task.name, task.duration + delay * (task.name == name), task.after) for task in tasks]


# A known network


def test_the_textbooks_project_takes_16_hours_along_a_b_d_e_g():
    assert project.project_length(PROTOTYPE) == 16
    assert project.critical_paths(PROTOTYPE) == [("A", "B", "D", "E", "G")]


def test_the_textbooks_times_and_slacks():
    plan = project.schedule(PROTOTYPE)
    assert plan["earliest_start"].to_dict() == {"A": 0, "B": 6, "C": 6, "D": 8, "F": 8, "E": 11, "G": 15}
    assert plan["latest_start"].to_dict() == {"A": 0, "B": 6, "C": 7, "D": 8, "F": 9, "E": 11, "G": 15}
    assert plan["latest_finish"].to_dict() == {"A": 6, "B": 8, "C": 9, "D": 11, "F": 11, "E": 15, "G": 16}
    assert plan["slack"].to_dict() == {"A": 0, "B": 0, "C": 1, "D": 0, "F": 1, "E": 0, "G": 0}


def test_two_chains_of_the_same_length_are_both_critical():
    tasks = [Task("a", 1), Task("b", 2, ("a",)), Task("c", 2, ("a",)), Task("d", 1, ("b", "c"))]
    assert project.critical_paths(tasks) == [("a", "b", "d"), ("a", "c", "d")]


def test_tenths_of_a_week_that_do_not_add_up_exactly_leave_no_slack():
    # 0.1 + 0.2 is a little more than 0.3 for a computer.
    tasks = [Task("a", 0.1), Task("b", 0.2, ("a",)), Task("c", 0.3)]
    assert project.schedule(tasks)["slack"].tolist() == [0, 0, 0]
    assert project.critical_paths(tasks) == [("a", "b"), ("c",)]


def test_a_milestone_takes_no_time_and_starts_or_ends_a_chain_once():
    tasks = [Task("go", 0), Task("work", 5, ("go",)), Task("done", 0, ("work",))]
    assert project.critical_paths(tasks) == [("go", "work", "done")]
    assert project.project_length(tasks) == 5


# Brute force


@pytest.mark.parametrize("decimals", [0, 1])
@pytest.mark.parametrize("seed", range(60))
def test_the_length_and_the_critical_chains_are_those_of_all_chains_tried(seed, decimals):
    tasks = random_project(seed, decimals)
    duration = {task.name: task.duration for task in tasks}
    chains = all_chains(tasks)
    lengths = {chain: sum(duration[name] for name in chain) for chain in chains}
    most = max(lengths.values())
    assert project.project_length(tasks) == pytest.approx(most)
    critical = {chain for chain, length in lengths.items() if length == pytest.approx(most, abs=1e-9)}
    found = project.critical_paths(tasks)
    assert set(found) == critical
    assert len(found) == len(critical)


@pytest.mark.parametrize("seed", range(20))
def test_a_task_may_slip_by_its_slack_and_every_day_more_delays_the_project(seed):
    tasks = random_project(seed)
    length, plan = longest(tasks), project.schedule(tasks)
    for task in tasks:
        slack = plan.loc[task.name, "slack"]
        assert longest(delayed(tasks, task.name, slack)) == pytest.approx(length)
        assert longest(delayed(tasks, task.name, slack + 2)) == pytest.approx(length + 2)


@pytest.mark.parametrize("seed", range(20))
def test_every_task_starts_after_all_that_it_waits_for_early_and_late(seed):
    tasks = random_project(seed)
    plan = project.schedule(tasks)
    assert list(plan.index) == [task.name for task in tasks]
    for task in tasks:
        for one in task.after:
            assert plan.loc[one, "earliest_finish"] <= plan.loc[task.name, "earliest_start"]
            assert plan.loc[one, "latest_finish"] <= plan.loc[task.name, "latest_start"]


# Bad input


def test_a_circle_is_shown_as_a_circle():
    tasks = [
        Task("buy", 1),
        Task("test", 2, ("buy", "mend")),
        Task("mend", 2, ("train",)),
        Task("train", 1, ("test",)),
    ]
    with pytest.raises(ValueError, match="in a circle: ") as refused:
        project.schedule(tasks)
    names = str(refused.value).partition("circle: ")[2].partition(";")[0].split(" → ")
    assert names[0] == names[-1]
    assert sorted(names[1:]) == ["mend", "test", "train"]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: project.schedule([]), "no task is given"),
        (lambda: project.schedule([Task("a", 1), Task("a", 2)]), "two tasks have the same name: a"),
        (
            lambda: project.schedule([Task("a", 1, ("b", "c")), Task("c", 1)]),
            "'a' waits for b, which is no task",
        ),
        (lambda: project.project_length([Task("a", 1, ("a",))]), "in a circle: a → a"),
        (lambda: Task("a", -1), "task 'a': duration must be 0 or more, got -1"),
        (lambda: Task("a", 1, "b"), r"task 'a': after must be a tuple of names, write \('b',\)"),
    ],
)
def test_bad_input_is_refused_with_the_reason(call, says):
    with pytest.raises(ValueError, match=says):
        call()
