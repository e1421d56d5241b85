"""Every exercise, graded for real: blank, solved, with each declared mistake, and with what students do."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache

import pytest
from submitted import ROOT, STEMS, submission
from submitted import solutions as solved

from crmkit import notebook
from crmkit.exercise.release import BEGIN, END
from crmkit.grading.sandbox import Limits
from crmkit.grading.worker import Attempt, Submitted, Worker, WorkerError

LIMITS = Limits(seconds=60, cell_seconds=5)


class Graders:
    """A worker for each exercise, started when it is first asked for."""

    def __init__(self, stack: ExitStack) -> None:
        self.stack = stack
        self.worker = cache(self._start)

    def _start(self, stem: str) -> Worker:
        worker = self.stack.enter_context(Worker(ROOT, stem, LIMITS))
        try:
            worker.hello()
        except WorkerError as error:
            if "cannot be isolated" not in str(error):
                raise
            pytest.skip(f"NOT TESTED: {error}")
        return worker

    def __call__(self, stem: str, answers: dict[str, str] | None = None) -> Attempt:
        return self.worker(stem).grade(Submitted("s1", submission(stem, answers or {})))


@pytest.fixture(scope="module")
def grade() -> Iterator[Graders]:
    with ExitStack() as stack:
        yield Graders(stack)


def outcomes(attempt: Attempt) -> dict[str, str]:
    return {item["question"]: item["outcome"] for item in attempt["items"]}


@pytest.mark.parametrize("stem", STEMS)
def test_a_blank_exercise_earns_nothing_and_is_not_attempted(grade: Graders, stem: str):
    attempt = grade(stem)
    assert attempt["status"] == "graded"
    assert set(outcomes(attempt).values()) == {"NOT_ATTEMPTED"}
    assert sum(item["earned"] for item in attempt["items"]) == 0


@pytest.mark.parametrize("stem", STEMS)
def test_the_solution_earns_every_point_that_is_not_marked_by_hand(grade: Graders, stem: str):
    attempt = grade(stem, solved(stem))
    checked = {name: outcome for name, outcome in outcomes(attempt).items() if name in solved(stem)}
    assert set(checked.values()) == {"CORRECT"}, [each for each in attempt["items"] if each["said"]]
    earned = sum(item["earned"] for item in attempt["items"] if item["question"] in checked)
    assert earned == sum(item["points"] for item in attempt["items"] if item["question"] in checked)


MISTAKEN = """
def question(_, answer, *, mistakes, **__):
    global mistaken
    message, mistaken = list(mistakes.items())[{number} % len(mistakes)]
    if isinstance(answer, dict) and isinstance(mistaken, dict):
        mistaken = {{**answer, **mistaken}}
    print(message)

# Apart, so that neither a mistake nor a later answer meets a mistake where it expects an answer.
made = {{**globals().get("made", {{}}), **globals(), **globals().get("right", {{}}), "question": question}}
exec({code!r}, made)
right = {{**globals().get("right", {{}}), {name!r}: made[{name!r}]}}
{name} = mistaken
"""


def with_mistakes(stem: str, number: int) -> dict[str, str]:
    """Return an answer to each question that makes its mistake of that number, and prints its message."""
    found = {}
    cells = notebook.read(ROOT / "solutions" / f"{stem}.ipynb").cells
    names = dict(re.findall(r'check\("([\w-]+)", (\w+)\)', "\n".join(cell.source for cell in cells)))
    for cell in cells:
        stamp = cell.metadata.get("crmkit", {})
        if stamp.get("role") == "answer":
            lines = cell.source.splitlines()
            kept = [
                line for line in lines if line.strip() not in (BEGIN, END) and "import question" not in line
            ]
            code, name = "\n".join(kept), names[stamp["question"]]
            found[stamp["question"]] = MISTAKEN.format(code=code, number=number, name=name)
    return found


@pytest.mark.parametrize("stem", STEMS)
@pytest.mark.parametrize("number", [0, 1, 2])
def test_declared_mistakes_earn_nothing_and_are_named(grade: Graders, stem: str, number: int):
    attempt = grade(stem, with_mistakes(stem, number))
    printed = {shown["question"]: shown["text"] for shown in attempt["transcript"]}
    for item in attempt["items"]:
        if item["question"] in solved(stem):
            assert (item["outcome"], item["earned"]) == ("MISTAKE", 0), item
            assert item["mistake"] == printed[item["question"]].strip()


STEM = "02-pricing"


def test_one_wrong_cell_leaves_the_others_as_they_are(grade: Graders):
    faults = {
        "pricing-q1": ("1 / 0", "ERROR", "Your cell stopped with ZeroDivisionError: division by zero"),
        "pricing-q2": ("while True: pass", "TIMED_OUT", "did not end in time"),
        "pricing-q3": ("import os\nos._exit(1)", "DIED", "the kernel died"),
        "pricing-q4": ("x = helper(1)", "ERROR", "Only the answer's own cell is graded"),
        "pricing-q5": ("def f(:", "ERROR", "SyntaxError"),
        "pricing-q6": ("", "ERROR", "NameError"),
        "pricing-q7": ("import ctypes\nctypes.string_at(0)", "DIED", "the kernel died"),
    }
    attempt = grade(STEM, solved(STEM) | {name: code for name, (code, _, _) in faults.items()})
    for item in attempt["items"]:
        if item["question"] in faults:
            _, outcome, said = faults[item["question"]]
            assert (item["outcome"], item["earned"]) == (outcome, 0), item
            assert said in " ".join(item["said"])
    assert [outcomes(attempt)[name] for name in ("pricing-q8", "pricing-q9")] == ["CORRECT", "CORRECT"]


def test_the_feedback_gets_code_prints_errors_and_figures(grade: Graders):
    code = "print('one', 1)\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.show()\n1 / 0"
    attempt = grade(STEM, {"pricing-q1": code})
    shown = attempt["transcript"][0]
    assert shown["code"] == code
    assert shown["text"].startswith("one 1\n")
    assert shown["error"] == "ZeroDivisionError: division by zero"
    assert len(shown["figures"]) == 1
    assert shown["figures"][0].startswith("iVBOR")


def test_a_function_that_knows_only_the_checked_calls_earns_nothing(grade: Graders):
    from crmkit.exercise import key

    # The declared calls are in the released key, so that a student can write down their results.
    calls = key.entry("pricing-q3").form.calls
    lines = [
        f"    if (price_change, margin) == {tuple(call)!r}: return right(price_change, margin)"
        for call in calls
    ]
    right = solved(STEM)["pricing-q3"].replace("break_even_change", "right")
    code = "\n".join([right, "def break_even_change(price_change, margin):", *lines, "    return 0.0"])
    attempt = grade(STEM, {"pricing-q3": code})
    item = next(each for each in attempt["items"] if each["question"] == "pricing-q3")
    assert (item["outcome"], item["earned"]) == ("INCORRECT", 0)
    assert "not for other inputs" in item["said"][0]
    assert not re.search(r"\d\.\d", item["said"][0])


def test_a_memo_that_was_written_waits_for_a_person(grade: Graders):
    import json

    data = json.loads(submission(STEM))
    for cell in data["cells"]:
        if cell["id"] == "pricing-q10":
            cell["source"] = ["Do not cut."]
    attempt = grade.worker(STEM).grade(Submitted("s1", json.dumps(data).encode()))
    item = attempt["items"][-1]
    assert (item["question"], item["outcome"], item["earned"]) == ("pricing-q10", "BY_HAND", None)
    assert attempt["transcript"][-1]["code"] == "Do not cut."


def test_an_attempt_says_what_it_was_graded_against(grade: Graders):
    first, second = grade(STEM), grade(STEM, {"pricing-q1": "1"})
    assert first["release"] == second["release"]
    assert first["content"] != second["content"]
    assert first["peak_mb"] > 1
    assert first["cpu"] > 0
