"""Submitted files are read within limits; what is no notebook is refused with a reason."""

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from submitted import submission

from crmkit.grading import submission as reading
from crmkit.grading.submission import Reader, Ungradable


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as reader:
        yield reader


def nested(depth: int) -> bytes:
    return b'{"nbformat": 4, "cells": ' + b"[" * depth + b"]" * depth + b"}"


def notebook(**changes: Any) -> bytes:
    cell = {"id": "a", "cell_type": "code", "source": ["x = 1\n", "x"], "metadata": {}}
    return json.dumps(
        {"nbformat": 4, "nbformat_minor": 5, "cells": [cell], "metadata": {}} | changes
    ).encode()


def test_cells_are_read_with_their_ids_and_text(reader: Reader):
    (cell,) = reader.read(notebook())
    assert (cell.ident, cell.kind, cell.source) == ("a", "code", "x = 1\nx")
    assert len(reader.read(submission("02-pricing"))) > 20


def test_a_byte_order_mark_does_no_harm(reader: Reader):
    assert reader.read(b"\xef\xbb\xbf" + notebook())[0].source == "x = 1\nx"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"   \n", "empty"),
        (notebook()[:-20], "cut off"),
        (b"PK\x03\x04rest of a zip", "not a notebook"),
        ("价格".encode("gb18030"), "not UTF-8"),
        (notebook(nbformat=3), "format 3"),
        (notebook(nbformat=5), "format 5"),
        (notebook(nbformat="4"), "format unknown"),
        (notebook(cells={}), "no list of cells"),
        (b"[1, 2]", "not a notebook"),
        (b"\x00" * 1000, "not a notebook"),
        (nested(1_000_000), "too deeply"),
        (notebook(cells=[{}] * 3000), "3000 cells"),
        (b" " * 21_000_000, "MB"),
    ],
)
def test_what_is_no_notebook_is_refused_with_a_reason(reader: Reader, data: bytes, reason: str):
    with pytest.raises(Ungradable, match=reason):
        reader.read(data)


def test_a_file_that_costs_the_reader_its_life_costs_nobody_elses(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(reading, "READ_SECONDS", 0.0)
    with pytest.raises(Ungradable, match="time or memory"):
        reader.read(notebook(cells=["x"] * 1_000_000))
    monkeypatch.undo()
    assert reader.read(notebook())


def test_of_a_key_written_twice_the_last_counts_as_in_jupyter(reader: Reader):
    data = notebook().replace(b'"source":', b'"source": "first", "source":')
    assert reader.read(data)[0].source == "x = 1\nx"


def test_lone_surrogates_become_question_marks(reader: Reader):
    data = notebook(cells=[{"id": "a", "cell_type": "code", "source": "x = '\ud800'"}])
    assert reader.read(data)[0].source == "x = '?'"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
def test_any_bytes_are_read_or_refused(reader: Reader, data: bytes):
    with suppress(Ungradable):
        reader.read(data)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
keys = st.sampled_from(["id", "cell_type", "source", "metadata", "outputs", "nbgrader"])
cells = st.lists(st.dictionaries(keys, values) | values, max_size=5)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells)
def test_any_cells_are_read_as_text_or_passed_over(reader: Reader, cells: list[Any]):
    for cell in reader.read(notebook(cells=cells)):
        assert all(isinstance(part, str) for part in (cell.ident, cell.grade_id, cell.kind, cell.source))
