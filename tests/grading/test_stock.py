"""The shell in the sandbox says of a notebook what a stock ipykernel says of it."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from submitted import ROOT, STEMS, submission
from submitted import solutions as solved
from test_run import with_mistakes

from crmkit.grading.assignment import Assignment
from crmkit.grading.run import Job, Run, Session, answers_in
from crmkit.grading.sandbox import Limits, Sandbox, SandboxError
from crmkit.grading.submission import Reader

LIMITS = Limits(seconds=120, cell_seconds=10)
FAULTS = {
    "pricing-q1": "1 / 0",
    "pricing-q2": "import sys\nprint('out'); print('err', file=sys.stderr)\nx = undefined",
    "pricing-q3": "import os\nos._exit(1)",
    "pricing-q4": "def f(:",
    "pricing-q5": "from IPython.display import display\ndisplay('<b>', {'a': 1}); raise KeyError('price')",
    "pricing-q6": "import matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.show()\n2 + 2",
    "pricing-q7": "%who",
    "pricing-q8": "import sys\nsys.exit(3)",
}


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as reader:
        yield reader


def graded(assignment: Assignment, reader: Reader, answers: list[dict[str, str]], stock: bool) -> list[Run]:
    runs: list[Run] = []
    cells = [reader.read(submission(assignment.stem, each)) for each in answers]
    jobs = [Job(assignment, answers_in(assignment, each), "seed") for each in cells]
    with ExitStack() as stack:
        try:
            box = stack.enter_context(Sandbox(LIMITS, given=assignment.given, stock=stock))
        except SandboxError as error:
            pytest.skip(f"NOT TESTED: {error}")
        Session(box, jobs, runs.append).run()
    return runs


@pytest.mark.parametrize("stem", STEMS)
def test_every_exercise_gets_the_same_verdicts_from_a_stock_kernel(reader: Reader, stem: str):
    assignment = Assignment.load(ROOT, stem)
    answers = [{}, solved(stem), with_mistakes(stem, 0)]
    if stem == "02-pricing":
        answers.append(solved(stem) | FAULTS)
    for ours, reference in zip(
        graded(assignment, reader, answers, stock=False),
        graded(assignment, reader, answers, stock=True),
        strict=True,
    ):
        assert ours.items == reference.items
        assert ours.differing == reference.differing == []
        for shown, expected in zip(ours.transcript, reference.transcript, strict=True):
            assert (shown["code"], shown["error"]) == (expected["code"], expected["error"])
            assert len(shown["figures"]) == len(expected["figures"])
