"""An answer on its way out of the sandbox: from a value to strict JSON, and back to a harmless value.

Outside, a value is what this JSON says and nothing else: numbers, texts, truth values, and lists, sets,
dicts and tables of these, of the built-in types. An object that claims to be equal to everything arrives as
the name of its class. A function stays inside; what leaves is what it returned, called in a process apart.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any, NoReturn

from crmkit.exercise.answer import SECONDS_PER_CALL, error_text
from crmkit.exercise.limit import TimeExceeded

MIME = "application/vnd.crmkit.answer+json"
MOST_BYTES = 1_000_000
"""Of one answer, or of what one call of a function returned."""
MOST_DEPTH = 8
MOST_COLUMNS = 1_000
MOST_DIGITS = 400
MOST_TEXT = 10_000

Encoded = list[Any]


class Malformed(ValueError):
    """What came out of the sandbox is no encoded answer."""


def encode(value: Any, depth: int = 0) -> Encoded:
    """Return a value as nested lists that JSON can hold: a letter for its type, then its content.

    The type is looked up exactly, so that a subclass does not pass for what it derives from.
    """
    kind = type(value)
    if depth > MOST_DEPTH:
        return ["?", "value nested too deeply"]
    if kind.__module__ == "numpy" and hasattr(value, "item") and getattr(value, "ndim", 1) == 0:
        value = value.item()
        kind = type(value)
    match kind.__name__ if kind in BUILTIN else "":
        case "NoneType":
            return ["n"]
        case "ellipsis":
            return ["."]
        case "bool":
            return ["b", value]
        case "int":
            # What is longer cannot be told from infinity by any tolerance.
            return (
                ["i", str(value)]
                if value.bit_length() < 3 * MOST_DIGITS
                else ["f", "inf" if value > 0 else "-inf"]
            )
        case "float":
            return ["f", repr(value)]
        case "str":
            return ["s", value[:MOST_TEXT]]
        case "list" | "tuple" | "range":
            return ["l", [encode(element, depth + 1) for element in value]]
        case "set" | "frozenset":
            return ["S", [encode(element, depth + 1) for element in value]]
        case "dict":
            return ["d", [[encode(key, depth + 1), encode(item, depth + 1)] for key, item in value.items()]]
    return _encode_array(value, kind, depth)


BUILTIN = (type(None), type(...), bool, int, float, str, list, tuple, range, set, frozenset, dict)


def _encode_array(value: Any, kind: type, depth: int) -> Encoded:
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    if numpy and kind is numpy.ndarray and value.ndim == 1:
        return ["l", [encode(element, depth + 1) for element in value.tolist()]]
    if pandas and kind is pandas.Series:
        return ["c", [[encode(key, depth + 1), _cell(item)] for key, item in value.items()]]
    if pandas and issubclass(kind, pandas.Index):
        return ["l", [_cell(element) for element in value.tolist()]]
    if pandas and kind is pandas.DataFrame:
        # A named index is part of the answer; an unnamed whole-number one is what sorting left.
        counts = list(value.index.names) == [None] and value.index.dtype.kind in "iu"
        table = value.reset_index(drop=counts)
        columns = [[_cell(element) for element in table.iloc[:, n].tolist()] for n in range(table.shape[1])]
        return ["t", [str(name) for name in table.columns], columns]
    return ["?", kind.__name__[:100]]


def _cell(value: Any) -> Encoded:
    found = encode(value, MOST_DEPTH)
    # pandas' own missing values, NA and NaT, are read like NaN.
    return ["f", "nan"] if found[0] == "?" and found[1] in ("NAType", "NaTType") else found


def decode(encoded: Any, depth: int = 0) -> Any:
    """Return the value that `encode` was given, made of built-in types, or a table.

    Raises
    ------
    Malformed : not what `encode` writes. Whoever wrote it was not our code.
    """
    if depth > MOST_DEPTH + 1 or type(encoded) is not list or not encoded:
        raise Malformed("an answer is not in the form that the sandbox writes")
    match encoded:
        case ["n"]:
            return None
        case ["."]:
            return ...
        case ["b", bool(value)]:
            return value
        case ["i", str(text)] if len(text) <= MOST_DIGITS + 1 and text.removeprefix("-").isdecimal():
            return int(text)
        case ["f", str(text)] if len(text) <= 40:
            try:
                return float(text)
            except ValueError:
                raise Malformed(f"{text!r} is no number") from None
        case ["s", str(text)] if len(text) <= MOST_TEXT:
            return text
        case ["l", list(elements)]:
            return [decode(element, depth + 1) for element in elements]
        case ["S", list(elements)]:
            return {_hashable(decode(element, depth + 1)) for element in elements}
        case ["d", list(items)]:
            return {_hashable(key): value for key, value in _pairs(items, depth)}
        case ["c", list(items)]:
            return _series(list(_pairs(items, depth)))
        case ["t", list(names), list(columns)]:
            return _table(names, columns, depth)
        case ["F", dict(function)]:
            return _decode_function(function, depth)
        case ["?", str(name)]:
            return _foreign(name)
    raise Malformed(f"an answer of the unknown kind {str(encoded[0])[:20]!r}")


def _hashable(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | None | type(...)) else _foreign("list")


def _pairs(items: list[Any], depth: int) -> Iterator[tuple[Any, Any]]:
    for item in items:
        if type(item) is not list or len(item) != 2:
            raise Malformed("a dict's items are not pairs")
        yield decode(item[0], depth + 1), decode(item[1], depth + 1)


def _series(pairs: list[tuple[Any, Any]]) -> Any:
    import pandas

    index = pandas.Index([_hashable(key) for key, _ in pairs], dtype=object)
    return pandas.Series([value for _, value in pairs], index=index, dtype=object)


def _table(names: list[Any], columns: list[Any], depth: int) -> Any:
    import pandas

    if len(names) > MOST_COLUMNS:
        raise Malformed(f"a table of {len(names)} columns is larger than any answer")
    decoded = [[decode(cell, depth + 1) for cell in column] for column in columns if type(column) is list]
    lengths = {len(column) for column in decoded}
    if not all(type(name) is str for name in names) or len(decoded) != len(names) or len(lengths) > 1:
        raise Malformed("a table whose columns do not fit together")
    rows = list(zip(*decoded, strict=True))
    return pandas.DataFrame(rows, columns=names, dtype=object)


def _foreign(name: str) -> Any:
    """Return an object of a class of that name, which is equal to nothing."""
    plain = name if name.isidentifier() and len(name) <= 100 else "object"
    return type(plain, (), {"__slots__": (), "__repr__": lambda _: f"an object of the type {plain}"})()


def encode_function(function: Callable[..., Any], calls: Sequence[Sequence[Any]]) -> Encoded:
    """Return what a function returned at each call, made in a process apart.

    The calls share a process, as they do under `check`. One that ends it, or does not end, costs no other
    call: the next begins in a fresh one.
    """
    from crmkit.exercise.answer import is_stub

    name = getattr(function, "__name__", "")
    results: list[Encoded] = []
    while len(results) < len(calls):
        results += _call_apart(function, calls[len(results) :])
    return ["F", {"name": str(name)[:100], "stub": is_stub(function), "calls": results}]


def _call_apart(function: Callable[..., Any], calls: Sequence[Sequence[Any]]) -> list[Encoded]:
    """Return what the first of some calls gave, and those after it up to the first that goes wrong."""
    ours, theirs = socket.socketpair()
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        ours.close()
        _answer_and_exit(function, calls, theirs)
    theirs.close()
    results: list[Encoded] = []
    try:
        ours.settimeout(SECONDS_PER_CALL + 0.5)
        with ours, ours.makefile("rb") as answers:
            while len(results) < len(calls) and (not results or results[-1][0] in ("v", "e")):
                results.append(_next_answer(answers))
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return results


def _next_answer(answers: IO[bytes]) -> Encoded:
    try:
        data = answers.readline(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            return ["long"]
        found = json.loads(data)
    except TimeoutError:
        return ["late"]
    except ValueError:
        return ["died"]
    return found if isinstance(found, list) and found else ["died"]


def _answer_and_exit(
    function: Callable[..., Any], calls: Sequence[Sequence[Any]], answers: socket.socket
) -> NoReturn:
    from crmkit.exercise.limit import time_limit

    try:
        for call in calls:
            try:
                with time_limit(SECONDS_PER_CALL):
                    found = ["v", encode(function(*call))]
            except TimeExceeded:
                found = ["late"]
            except BaseException as error:
                found = ["e", type(error).__name__[:100], error_text(error)[:300]]
            # JSON has no line breaks, so that a line is an answer.
            answers.sendall(json.dumps(found).encode("utf-8", "replace") + b"\n")
    finally:
        os._exit(0)


def _decode_function(function: dict[str, Any], depth: int) -> Any:
    name, calls = function.get("name"), function.get("calls")
    if type(name) is not str or type(calls) is not list:
        raise Malformed("a function without its calls")
    outcomes = [_outcome(call, depth) for call in calls]
    blank = all(error is None and (value is None or value is ...) for value, error in outcomes)
    if function.get("stub") is True and blank:
        return ...
    return Returned(name if name.isidentifier() else "your_function", outcomes)


def _outcome(call: Any, depth: int) -> tuple[Any, BaseException | None]:
    match call:
        case ["v", value]:
            return decode(value, depth + 1), None
        case ["e", str(kind), str(text)]:
            error = type(kind if kind.isidentifier() else "Error", (Exception,), {})
            return None, error(text.removeprefix(f"{kind}: ") if text != kind else "")
        case ["late"]:
            return None, TimeExceeded()
        case ["long"]:
            return None, ValueError("what it returned is larger than any answer")
        case ["died"]:
            return None, RuntimeError("it ended the process")
    raise Malformed("a call of a function that neither returned nor failed")


class Returned:
    """Stands outside for a function: called in the same order, it gives what that gave inside."""

    def __init__(self, name: str, outcomes: Sequence[tuple[Any, BaseException | None]]) -> None:
        self.__name__ = name
        self.outcomes = outcomes
        self._next = iter(outcomes)

    def __call__(self, *call: Any) -> Any:
        value, error = next(self._next)
        if error is not None:
            raise error
        return value

    def part(self, first: int, last: int | None = None) -> Returned:
        """Return the same function, as called at some of the calls."""
        return Returned(self.__name__, self.outcomes[first:last])


def emit(question: str, value: Any, calls: Sequence[Sequence[Any]] = ()) -> None:
    """Show an answer as JSON; what the check cells of a graded notebook do."""
    from IPython.display import publish_display_data

    encoded = encode_function(value, calls) if calls and callable(value) else encode(value)
    publish_display_data(
        {"text/plain": f"answer to {question}", MIME: {"question": question, "value": encoded}}
    )
