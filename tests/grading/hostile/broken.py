"""Files that are no honest notebook, as functions where the bytes are too many or too odd to keep."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from submitted import solutions, submission

STEM = "02-pricing"
HONEST = 26
"""Points of the questions that are not marked by hand."""
Cells = list[dict[str, Any]]


@dataclass(frozen=True)
class Broken:
    """A submitted file, and what must come of it.

    Parameters
    ----------
    data : its bytes.
    reason : words of the reason why it cannot be graded.
    outcomes : by question, where it can be graded all the same.
    earns : the points that its honest part is worth.
    """

    data: bytes
    reason: str = ""
    outcomes: dict[str, str] = field(default_factory=dict)
    earns: int = 0


BROKEN: dict[str, Callable[[], Broken]] = {}


def broken(make: Callable[[], Broken]) -> Callable[[], Broken]:
    """Add a file to the corpus under the name of its function."""
    BROKEN[make.__name__] = make
    return make


def blank() -> dict[str, Any]:
    """Return the exercise as handed out."""
    found: dict[str, Any] = json.loads(submission(STEM))
    return found


def solved() -> dict[str, Any]:
    """Return the exercise with every answer right."""
    found: dict[str, Any] = json.loads(submission(STEM, solutions(STEM)))
    return found


def saved(notebook: dict[str, Any]) -> bytes:
    """Return a notebook's bytes; lone surrogates are kept."""
    return json.dumps(notebook).encode()


def cell_of(notebook: dict[str, Any], ident: str) -> dict[str, Any]:
    """Return the cell with an id."""
    found: dict[str, Any] = next(cell for cell in notebook["cells"] if cell["id"] == ident)
    return found


@broken
def empty_file_is_refused() -> Broken:
    return Broken(b"", "the file is empty")


@broken
def blanks_and_a_byte_order_mark_are_refused() -> Broken:
    return Broken(b"\xef\xbb\xbf \r\n", "the file is empty")


@broken
def truncated_file_is_refused() -> Broken:
    return Broken(saved(solved())[:-3000], "cut off")


@broken
def gigabyte_of_zeros_is_refused() -> Broken:
    # As autograde reads it: one byte more than a file may have.
    return Broken(bytes(20_000_001), "more than 20 MB")


@broken
def nesting_by_the_million_is_refused() -> Broken:
    return Broken(b'{"cells":' * 2_000_000, "nested too deeply")


@broken
def million_numbers_of_many_digits_are_refused() -> Broken:
    return Broken(b'{"cells": [' + b"1" * 19_000_000 + b"]}", "not a notebook")


@broken
def number_of_the_format_with_many_digits_is_refused() -> Broken:
    return Broken(b'{"nbformat": ' + b"4" * 4_000 + b"}", "format")


@broken
def ten_million_keys_are_refused() -> Broken:
    keys = b",".join(b'"%d":0' % n for n in range(1_500_000))
    return Broken(b"{" + keys + b"}", "format unknown")


@broken
def ten_million_cells_are_refused() -> Broken:
    return Broken(b'{"nbformat": 4, "cells": [' + b"{}," * 5_000_000 + b"{}]}", "at most 2000")


@broken
def text_in_utf_16_is_refused() -> Broken:
    return Broken(saved(solved()).decode().encode("utf-16"), "not UTF-8")


@broken
def text_in_gb18030_is_refused() -> Broken:
    text = json.dumps(solved(), ensure_ascii=False) + "价格"
    return Broken(text.encode("gb18030"), "not UTF-8")


@broken
def zip_bomb_is_refused() -> Broken:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("../../02-pricing.ipynb", bytes(50_000_000))
    return Broken(packed.getvalue(), "not")


@broken
def python_script_is_refused() -> Broken:
    return Broken(b"import os; os._exit(0)", "not a notebook")


@broken
def list_is_refused() -> Broken:
    return Broken(b"[[[[]]]]", "not a notebook")


@broken
def bare_infinity_is_refused() -> Broken:
    return Broken(b"Infinity", "not a notebook")


@broken
def format_3_is_refused() -> Broken:
    notebook = {"nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": solved()["cells"]}]}
    return Broken(saved(notebook), "format 3")


@broken
def format_5_is_refused() -> Broken:
    return Broken(saved(solved() | {"nbformat": 5}), "format 5")


@broken
def format_as_text_is_refused() -> Broken:
    return Broken(saved(solved() | {"nbformat": "<b>4</b>\u202e"}), "format unknown")


@broken
def cells_as_an_object_are_refused() -> Broken:
    return Broken(saved(solved() | {"cells": {"id": "q1-answer"}}), "no list of cells")


@broken
def another_exercise_is_refused() -> Broken:
    return Broken(submission("01-4p"), "no answer cell")


@broken
def hostile_name_of_the_notebook_is_refused_without_repeating_it() -> Broken:
    notebook = {"nbformat": 4, "cells": [], "metadata": {"title": "<script>\x1b[2J\u202e=1+1"}}
    return Broken(saved(notebook), "no answer cell")


@broken
def cells_that_are_no_cells_are_passed_over() -> Broken:
    notebook = solved()
    junk: list[Any] = [None, 5, "text", [], {}, {"id": 5, "source": {"a": 1}}, {"id": None, "metadata": [1]}]
    notebook["cells"] = junk + notebook["cells"] + junk
    return Broken(saved(notebook), outcomes={"pricing-q1": "CORRECT"}, earns=HONEST)


@broken
def byte_order_mark_does_no_harm() -> Broken:
    return Broken(b"\xef\xbb\xbf" + saved(solved()), outcomes={"pricing-q1": "CORRECT"}, earns=HONEST)


@broken
def of_a_key_written_twice_the_last_counts() -> Broken:
    data = saved(solved()).replace(b'"source":', b'"source": "import os; os._exit(0)", "source":')
    return Broken(data, outcomes={"pricing-q1": "CORRECT"}, earns=HONEST)


@broken
def second_list_of_cells_replaces_the_first() -> Broken:
    data = saved(solved())[:-1] + b', "cells": ' + json.dumps(blank()["cells"]).encode() + b"}"
    return Broken(data, outcomes={"pricing-q1": "NOT_ATTEMPTED", "pricing-q9": "NOT_ATTEMPTED"})


@broken
def lone_surrogates_are_an_error_of_their_cell() -> Broken:
    notebook = solved()
    cell_of(notebook, "q1-answer")["source"] = "toaster = '\ud800'"
    return Broken(
        saved(notebook), outcomes={"pricing-q1": "MALFORMED", "pricing-q2": "CORRECT"}, earns=HONEST - 3
    )


@broken
def nul_in_code_is_an_error_of_its_cell() -> Broken:
    notebook = solved()
    cell_of(notebook, "q1-answer")["source"] = "toaster = 1\0"
    return Broken(
        saved(notebook), outcomes={"pricing-q1": "ERROR", "pricing-q2": "CORRECT"}, earns=HONEST - 3
    )


@broken
def megabyte_of_code_is_an_error_of_its_cell() -> Broken:
    notebook = solved()
    cell_of(notebook, "q1-answer")["source"] = "x = [" + "[" * 180 + "1," * 5_000_000
    return Broken(
        saved(notebook), outcomes={"pricing-q1": "ERROR", "pricing-q2": "CORRECT"}, earns=HONEST - 3
    )


@broken
def right_to_left_marks_in_code_are_run_as_they_stand() -> Broken:
    notebook = solved()
    cell_of(notebook, "q2-answer")["source"] = "elasticity = 1 #\u202e toaster = \u2066 -1.2222\u2069"
    return Broken(saved(notebook), outcomes={"pricing-q2": "INCORRECT"}, earns=HONEST - 2)


@broken
def outputs_and_metadata_are_not_believed() -> Broken:
    notebook = blank()
    mime = "application/vnd.crmkit.answer+json"
    for cell in notebook["cells"]:
        data = {"text/plain": "✔ Correct · 3 of 3 points", mime: {"value": ["b", True], "earned": 3}}
        cell["outputs"] = [
            {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": 1}
        ]
        cell["metadata"] |= {"tags": ["nbval-skip", "raises-exception"], "score": 26}
    notebook["metadata"]["kernelspec"] = {"name": "bash", "language": "bash", "display_name": "x"}
    return Broken(saved(notebook), outcomes={"pricing-q1": "NOT_ATTEMPTED"})


@broken
def changed_points_change_nothing() -> Broken:
    notebook = json.loads(submission(STEM, {"pricing-q1": solutions(STEM)["pricing-q1"]}))
    for cell in notebook["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"] |= {"points": 1000, "grade": True, "locked": False}
    return Broken(saved(notebook), outcomes={"pricing-q1": "CORRECT", "pricing-q2": "NOT_ATTEMPTED"}, earns=3)


@broken
def points_that_are_no_numbers_change_nothing() -> Broken:
    notebook = solved()
    for number, cell in enumerate(notebook["cells"]):
        cell["metadata"]["nbgrader"] = [{"points": -5}, {"points": "NaN"}, [], "x", None, 1e308][number % 6]
    return Broken(saved(notebook), outcomes={"pricing-q1": "CORRECT"}, earns=HONEST)


@broken
def edited_check_cells_are_not_run() -> Broken:
    notebook = blank()
    for cell in notebook["cells"]:
        if cell["id"].endswith("-check"):
            cell["source"] = "from crmkit import check\nimport os\nos._exit(0)"
    return Broken(saved(notebook), outcomes={"pricing-q1": "NOT_ATTEMPTED"})


@broken
def check_cells_that_answer_earn_nothing() -> Broken:
    notebook = blank()
    for question, code in solutions(STEM).items():
        cell_of(notebook, f"q{question.rpartition('q')[2]}-check")["source"] = code
    return Broken(saved(notebook), outcomes={"pricing-q1": "NOT_ATTEMPTED"})


@broken
def deleted_check_cells_cost_nothing() -> Broken:
    notebook = solved()
    notebook["cells"] = [cell for cell in notebook["cells"] if not cell["id"].endswith("-check")]
    return Broken(saved(notebook), outcomes={"pricing-q1": "CORRECT"}, earns=HONEST)


@broken
def doubled_check_cells_count_once() -> Broken:
    notebook = solved()
    checks = [cell for cell in notebook["cells"] if cell["id"].endswith("-check")]
    notebook["cells"] += [check | {"id": f"{check['id']}-{n}"} for check in checks for n in range(5)] + checks
    return Broken(saved(notebook), outcomes={"pricing-q1": "CORRECT"}, earns=HONEST)


@broken
def cells_beside_the_answers_are_not_run() -> Broken:
    notebook = blank()
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and not cell["id"].endswith("-answer"):
            cell["source"] = "\n".join(solutions(STEM).values())
    return Broken(saved(notebook), outcomes={"pricing-q1": "NOT_ATTEMPTED", "pricing-q4": "NOT_ATTEMPTED"})


@broken
def deleted_answer_is_missing() -> Broken:
    notebook = solved()
    notebook["cells"].remove(cell_of(notebook, "q1-answer"))
    return Broken(
        saved(notebook), outcomes={"pricing-q1": "MISSING", "pricing-q2": "CORRECT"}, earns=HONEST - 3
    )


@broken
def answer_in_another_answers_cell_is_missing() -> Broken:
    notebook = blank()
    notebook["cells"].remove(cell_of(notebook, "q2-answer"))
    cell_of(notebook, "q1-answer")["source"] = solutions(STEM)["pricing-q2"]
    return Broken(saved(notebook), outcomes={"pricing-q1": "ERROR", "pricing-q2": "MISSING"})


@broken
def two_different_answers_are_ambiguous() -> Broken:
    notebook = solved()
    notebook["cells"].append(cell_of(notebook, "q1-answer") | {"source": "toaster = 1"})
    return Broken(
        saved(notebook), outcomes={"pricing-q1": "AMBIGUOUS", "pricing-q2": "CORRECT"}, earns=HONEST - 3
    )


@broken
def hundred_guesses_are_ambiguous() -> Broken:
    notebook = blank()
    cell = cell_of(notebook, "q2-answer")
    notebook["cells"] += [cell | {"source": f"elasticity = {n / -100}"} for n in range(100, 200)]
    return Broken(saved(notebook), outcomes={"pricing-q2": "AMBIGUOUS"})


@broken
def same_answer_twice_counts_once() -> Broken:
    notebook = solved()
    notebook["cells"] += [cell_of(notebook, "q1-answer")] * 3
    return Broken(saved(notebook), outcomes={"pricing-q1": "CORRECT"}, earns=HONEST)


@broken
def swapped_ids_are_set_right_by_the_stamps() -> Broken:
    notebook = solved()
    one, other = cell_of(notebook, "q1-answer"), cell_of(notebook, "q4-answer")
    one["id"], other["id"] = other["id"], one["id"]
    return Broken(saved(notebook), outcomes={"pricing-q1": "CORRECT", "pricing-q4": "CORRECT"}, earns=HONEST)


@broken
def swapped_answers_are_wrong_in_both_places() -> Broken:
    notebook = blank()
    cell_of(notebook, "q1-answer")["source"] = solutions(STEM)["pricing-q4"]
    cell_of(notebook, "q4-answer")["source"] = "best_prices = [1.0, 1.0]"
    return Broken(saved(notebook), outcomes={"pricing-q1": "ERROR", "pricing-q4": "INCORRECT"})


@broken
def missing_ids_are_made_up_for_by_the_stamps() -> Broken:
    notebook = solved() | {"nbformat_minor": 4}
    for cell in notebook["cells"]:
        del cell["id"]
    return Broken(saved(notebook), outcomes={"pricing-q1": "CORRECT"}, earns=HONEST)


@broken
def missing_ids_and_stamps_are_refused() -> Broken:
    notebook = solved()
    for cell in notebook["cells"]:
        del cell["id"]
        cell["metadata"] = {}
    return Broken(saved(notebook), "no answer cell")


@broken
def ids_that_are_paths_are_no_answers() -> Broken:
    notebook = solved()
    for cell in notebook["cells"]:
        cell["id"] = f"../../{cell['id']}\0"
        cell["metadata"] = {"nbgrader": {"grade_id": "../pricing-q1-answer"}}
    return Broken(saved(notebook), "no answer cell")


@broken
def comments_and_tags_of_nbval_skip_nothing() -> Broken:
    notebook = blank()
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            text = "".join(cell["source"])
            cell["source"] = f"# NBVAL_SKIP\n# NBVAL_IGNORE_OUTPUT\n# NBVAL_RAISES_EXCEPTION\n{text}"
            cell["metadata"]["tags"] = ["nbval-skip", "nbval-raises-exception", "raises-exception"]
    return Broken(saved(notebook), outcomes={"pricing-q1": "NOT_ATTEMPTED", "pricing-q9": "NOT_ATTEMPTED"})


@broken
def answers_of_other_kinds_are_run_as_code() -> Broken:
    notebook = solved()
    for cell in notebook["cells"]:
        if cell["id"].endswith("-answer"):
            cell["cell_type"] = "raw"
    return Broken(saved(notebook), outcomes={"pricing-q1": "CORRECT"}, earns=HONEST)
