"""What several tests share: a student's session, a declared question, and a small solution notebook."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from crmkit import notebook
from crmkit.exercise import check, key, record
from crmkit.exercise.key import Entry
from crmkit.exercise.question import question

EVERY = {"page_name", "widget_place", "quick_page", "chapter", "exercise", "stem", "widget", "path", "attack"}
"""Names of parameters by which a test is made for every page, widget, notebook or attack."""
EXAMPLES = (
    *("pricing", "index"),
    *(
        "always_equal",
        "assert",
        "endless_loop",
        "forged_answers",
        "fork_bomb",
        "host_is",
        "keys_are",
        "network",
    ),
)
"""Words in the ids of those that `make test` takes: the pricing chapter and exercise, the landing page, and
some attacks."""


TOGETHER = "grading"
"""The folder of tests that share the users and limits of the sandbox: in one process, in turn."""

LONGEST = (
    "tests/site/test_lite_whole.py",
    "tests/grading",
    "tests/site/test_widgets.py",
    "tests/site/test_accessible.py",
    "tests/site/test_pages.py",
)
"""What takes longest comes first, so that at the end no process waits long for another."""


def scope_of(nodeid: str) -> str:
    """Return what is tested in one process: a file, or a folder."""
    file = PurePosixPath(nodeid.partition("::")[0])
    return str(file.parent if file.parent.name == TOGETHER else file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Share tests out to processes by scope, in the order in which they are collected."""
    from xdist.scheduler import LoadScopeScheduling

    class ByScope(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return scope_of(nodeid)

    config.option.loadscopereorder = False
    return ByScope(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest first."""
    rank = {scope: number for number, scope in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(scope_of(item.nodeid), len(rank)))


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark as slow what is tested for one example of many as well."""
    call = getattr(item, "callspec", None)
    if call and EVERY & call.params.keys() and not any(word in call.id for word in EXAMPLES):
        item.add_marker(pytest.mark.slow)


HINTS = ["A margin is a share of the price.", "Divide by the price, 1.80."]


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[None]:
    """Let a test with the fixture `student` run as a student's session.

    pytest sets its variable anew before each phase of a test, so no fixture can remove it.
    """
    with pytest.MonkeyPatch.context() as patch:
        if "student" in pyfuncitem.fixturenames:
            for name in record.RUNNERS:
                patch.delenv(name, raising=False)
        return (yield)


@pytest.fixture(autouse=True)
def declared_before() -> Iterator[None]:
    """What a test declares is gone after it, whatever test comes next in its process."""
    before = dict(key._declared)
    yield
    key._declared.clear()
    key._declared.update(before)


@pytest.fixture
def student(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a student's session, in which `check` raises nothing, keeps its record."""
    place = tmp_path / "progress.jsonl"
    monkeypatch.setenv(record.VARIABLE, str(place))
    monkeypatch.setattr(check, "_last_checked", "")
    return place


@pytest.fixture
def declare(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Entry]:
    """A function that declares a question, `demo-q1` unless named, and returns its released entry."""
    monkeypatch.setattr(key, "_declared", {})

    def with_defaults(answer: Any, mistakes: dict[str, Any], name: str = "demo-q1", **details: Any) -> Entry:
        defaults = {"points": 2, "minutes": 5, "hints": HINTS}
        question(name, answer, mistakes=mistakes, **(defaults | details))
        return key.entry(name)

    return with_defaults


@pytest.fixture
def no_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that stands in the place of the package's keys."""
    folder = tmp_path / "keys"
    folder.mkdir()
    monkeypatch.setenv(key.VARIABLE, str(folder))
    return folder


MARGIN = """### BEGIN SOLUTION
from crmkit.exercise.question import question

margin = (1.80 - 1.20) / 1.80

question(
    "demo-q1",
    margin,
    points=2,
    minutes=5,
    tolerance=0.005,
    hints=["A margin is a share of the price.", "Divide by the price, 1.80."],
    mistakes={"That is the mark-up on cost, \\"not\\" on price.": 0.60 / 1.20},
)
### END SOLUTION"""
CONTRIBUTION = '''# Your function:
### BEGIN SOLUTION
def contribution(price, units=1):
    """Return the contribution of some units, in yuan."""
    surplus_of_one = price - 1.20
    return surplus_of_one * units


question(
    "demo-q2",
    contribution,
    points=3,
    minutes=5,
    tolerance=0.005,
    calls=[(1.80,), (1.70, 10), (1.20, 5)],
    hints=["What is left of the price?", "Take off the unit cost."],
    mistakes={"You forgot the unit cost.": lambda price, units=1: price * units},
)
### END SOLUTION'''
OFFER = """### BEGIN SOLUTION
offer = {"price": 1.6249, "cut": False}

question(
    "demo-q3",
    offer,
    points=1,
    minutes=5,
    tolerance={"price": 0.00005},
    hints=["Look at the rival.", "Stay just above."],
    mistakes={"The rival's own price.": {"price": 1.6211}, "No need to cut.": {"cut": True}},
)
### END SOLUTION"""
MEMO = """Your memo:

### BEGIN SOLUTION
Do not cut the price, for the rival would answer within a week.
### END SOLUTION"""


def small_solution() -> NotebookNode:
    by_hand = {"grade": True, "solution": True, "locked": False, "schema_version": 3, "points": 4}
    cells = [
        new_markdown_cell("# Demo", id="title"),
        new_code_cell("from crmkit import check, progress", id="setup"),
        new_markdown_cell("Ten minutes at the board.", id="board", metadata={"tags": ["instructor"]}),
        new_code_cell("bottles = [10, 20, 30]\nsum(bottles)", id="given"),
        new_code_cell(MARGIN, id="margin"),
        new_code_cell('check("demo-q1", margin)', id="margin-check"),
        new_code_cell(CONTRIBUTION, id="contribution"),
        new_code_cell('check("demo-q2", contribution)', id="contribution-check"),
        new_code_cell(OFFER, id="offer"),
        new_code_cell('check("demo-q3", offer)', id="offer-check"),
        new_markdown_cell(MEMO, id="memo", metadata={"nbgrader": {**by_hand, "grade_id": "memo"}}),
        new_code_cell('progress("demo")', id="progress"),
    ]
    return new_notebook(cells=cells)


@pytest.fixture
def demo() -> NotebookNode:
    """A small solution notebook that has not been run: a number, a function, a dict and a memo."""
    return small_solution()


@pytest.fixture(scope="session")
def demo_run(tmp_path_factory: pytest.TempPathFactory) -> NotebookNode:
    return notebook.execute(small_solution(), tmp_path_factory.mktemp("demo") / "demo.ipynb")


@pytest.fixture
def demo_solution(demo_run: NotebookNode) -> NotebookNode:
    """The small solution notebook, run."""
    return copy.deepcopy(demo_run)
