"""An answer's canonical form: what shape it has, and the leaves by which two answers are compared.

An answer is a number, a string, a truth value, a list, a set, a dict, a table or a function. Its `Form` is
public: it says what is expected. Its *parts* are what can be right or wrong on its own: a dict's values, a
table's columns, a function's calls. Each part is a list of leaves, numbers or texts.
"""

from __future__ import annotations

import copy
import dis
import inspect
import json
import math
import numbers
import sys
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

from crmkit.exercise.limit import TimeExceeded, time_limit

Leaf = float | str
Parts = dict[str, list[Leaf]]
SECONDS_PER_CALL = 2.0
SEPARATOR = "\x1e"
"""Stands between the elements of a set, which is one leaf."""
# A tolerance relative to the answer below which sums of floats are too coarse.
FINEST = 1e-9
TYPE_NAMES = {"NAType": "a missing value", "NoneType": "None", "ndarray": "an array"}


class Mismatch(Exception):
    """The value is not of the expected type or shape; the message says what was expected."""


class CallFailed(Mismatch):
    """The student's function raised or did not return; the message says at which call."""


class Blank(Exception):
    """The value is still the stub that the exercise came with."""


@dataclass(frozen=True)
class Form:
    """The expected type and shape of an answer.

    Parameters
    ----------
    kind : number, integer, text, truth, list, set, dict, table, function or plan.
    tolerance : greatest absolute difference that counts as equal; numbers only.
    names : keys of a dict, columns of a table, parameters of a function, fields of a plan.
    items : form of each element, value, column or call, in order.
    rows : number of rows of a table.
    calls : arguments of each call of a function.
    """

    kind: str
    tolerance: float = 0.0
    names: tuple[str, ...] = ()
    items: tuple[Form, ...] = ()
    rows: int = 0
    calls: tuple[tuple[Any, ...], ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """Return the form as a JSON object, without what is empty."""
        full = {
            "kind": self.kind,
            "tolerance": self.tolerance,
            "names": list(self.names),
            "items": [item.to_json() for item in self.items],
            "rows": self.rows,
            "calls": [list(call) for call in self.calls],
        }
        return {key: value for key, value in full.items() if value}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Form:
        """Return the form that `to_json` wrote."""
        return cls(
            kind=data["kind"],
            tolerance=data.get("tolerance", 0.0),
            names=tuple(data.get("names", ())),
            items=tuple(cls.from_json(item) for item in data.get("items", ())),
            rows=data.get("rows", 0),
            calls=tuple(tuple(call) for call in data.get("calls", ())),
        )

    def __str__(self) -> str:
        match self.kind:
            case "integer":
                return "a whole number"
            case "text":
                return "a string"
            case "truth":
                return "True or False"
            case "list":
                return f"a list of {len(self.items)}"
            case "set":
                return "a set"
            case "dict" | "plan":
                return f"a dict with the keys {', '.join(self.names)}"
            case "table":
                return f"a DataFrame of {self.rows} rows with the columns {', '.join(self.names)}"
            case "function":
                return f"a function of ({', '.join(self.names)})"
            case _:
                return "a number"


def describe(
    answer: Any,
    tolerance: float | Mapping[str, float] | None = None,
    calls: Sequence[tuple[Any, ...]] = (),
    is_plan: bool = False,
) -> Form:
    """Return the form of a reference answer.

    Parameters
    ----------
    answer : the reference answer.
    tolerance : for every number in it, or by key or column.
    calls : for a function, the arguments of each call by which it is judged.
    is_plan : whether the answer is a plan of the capstone, which is judged by rules and not compared.

    Raises
    ------
    ValueError : a float without a tolerance, NaN, or a type that cannot be compared.
    """
    if callable(answer):
        kept = _as_released(calls)
        results = tuple(describe(answer(*copy.deepcopy(call)), tolerance) for call in kept)
        return Form("function", names=tuple(inspect.signature(answer).parameters), items=results, calls=kept)
    if _is_table(answer):
        table = _flat(answer)
        if table.empty:
            raise ValueError("an empty table has nothing to compare")
        items = tuple(
            describe(_one_kind(table[name].tolist()), _for_part(tolerance, str(name)))
            for name in table.columns
        )
        return Form("table", names=tuple(map(str, table.columns)), items=items, rows=len(table))
    if is_plan:
        return Form("plan", names=tuple(answer), items=(Form("text"),) * len(answer))
    if isinstance(answer, Mapping):
        items = tuple(describe(value, _for_part(tolerance, str(key))) for key, value in answer.items())
        return Form("dict", names=tuple(map(str, answer)), items=items)
    if isinstance(answer, set | frozenset):
        for element in answer:
            _text_of(element)
        return Form("set")
    if isinstance(answer, str):
        return Form("text")
    if _is_truth(answer):
        return Form("truth")
    if _is_number(answer):
        return _describe_number(answer, tolerance)
    if _is_sequence(answer):
        return Form("list", items=tuple(describe(element, tolerance) for element in answer))
    raise ValueError(f"an answer of type {type(answer).__name__} cannot be compared")


def _as_released(calls: Sequence[tuple[Any, ...]]) -> tuple[tuple[Any, ...], ...]:
    # The key is JSON, in which a tuple becomes a list: students' functions get what is read from there.
    try:
        kept = tuple(tuple(call) for call in json.loads(json.dumps(calls)))
    except TypeError:
        raise ValueError(
            "calls is a list of tuples of arguments, each a number, string, list or dict"
        ) from None
    if not kept:
        raise ValueError("a function needs calls=[(…), …] by which it is judged")
    if len({call_text("", call) for call in kept}) < len(kept):
        raise ValueError("two calls have the same arguments")
    return kept


def _describe_number(answer: Any, tolerance: float | Mapping[str, float] | None) -> Form:
    if math.isnan(answer):
        raise ValueError("NaN cannot be a reference answer")
    if tolerance is None or isinstance(tolerance, Mapping):
        if not isinstance(answer, numbers.Integral):
            raise ValueError(f"the number {answer!r} needs a tolerance")
        return Form("integer")
    if not 0 < tolerance < math.inf:
        raise ValueError(f"a tolerance must be positive and finite, not {tolerance!r}")
    if math.isfinite(answer) and tolerance < FINEST * abs(answer):
        raise ValueError(f"the tolerance {tolerance!r} is too fine for a number as large as {answer!r}")
    return Form("number", tolerance=float(tolerance))


def _for_part(tolerance: float | Mapping[str, float] | None, name: str) -> float | None:
    return tolerance.get(name) if isinstance(tolerance, Mapping) else tolerance


def _one_kind(column: list[Any]) -> Any:
    # A column is described by one element, so that its form does not grow with its rows; a float stands
    # for the whole column, since 2.0 beside 2.5 must not make the column one of whole numbers.
    return next((value for value in column if isinstance(value, float)), column[0])


def parts(value: Any, form: Form) -> Parts:
    """Return the leaves of a value, by part.

    Raises
    ------
    Blank : the value is the stub of the exercise.
    CallFailed : the value is a function that raised or did not return.
    Mismatch : it has another type or shape than `form`, or holds NaN.
    """
    if _is_blank(value):
        raise Blank
    match form.kind:
        case "function":
            return _function_parts(value, form)
        case "dict":
            return _dict_parts(value, form)
        case "table":
            return _table_parts(value, form)
        case "plan":
            return _plan_parts(value, form)
        case _:
            return {"": _leaves(value, form, "")}


def unordered(found: Parts, form: Form) -> Parts | None:
    """Return the parts of a list or table with its elements or rows sorted, or None for other kinds."""
    if form.kind == "list":
        return {"": sorted(found[""], key=_sort_key)}
    if form.kind == "table":
        rows = sorted(zip(*found.values(), strict=True), key=lambda row: [_sort_key(leaf) for leaf in row])
        return {name: list(column) for name, column in zip(found, zip(*rows, strict=True), strict=True)}
    return None


def _sort_key(leaf: Leaf) -> tuple[str, float]:
    # Texts before numbers: a table's rows are told apart by their labels, not by what was computed.
    return (leaf, 0.0) if isinstance(leaf, str) else ("\uffff", leaf)


def _is_blank(value: Any) -> bool:
    if value is None or value is ...:
        return True
    return isinstance(value, dict) and bool(value) and all(_is_blank(element) for element in value.values())


def _leaves(value: Any, form: Form, where: str) -> list[Leaf]:
    at = f"{where}: " if where else ""
    if _is_blank(value):
        raise Mismatch(f"{at}still holds the placeholder; expected {form}")
    match form.kind:
        case "number":
            return [_number(value, at, form)]
        case "integer":
            if isinstance(value, numbers.Integral) and not _is_truth(value):
                return [f"i:{int(value)}"]
            number = _number(value, at, form)
            if isinstance(number, float) and not number.is_integer():
                raise Mismatch(f"{at}expected a whole number, got {number:g}")
            return [str(number) if isinstance(number, str) else f"i:{int(number)}"]
        case "truth":
            if not _is_truth(value):
                raise Mismatch(f"{at}expected True or False, got {_name(value)}")
            return [f"b:{bool(value)}"]
        case "text":
            if not isinstance(value, str):
                raise Mismatch(f"{at}expected a string, got {_name(value)}")
            return [_text_of(value)]
        case "set":
            return [_set_leaf(value, at)]
        case "list":
            return _list_leaves(value, form, at)
        case "dict":
            return [leaf for part in _dict_parts(value, form).values() for leaf in part]
        case "table":
            return [leaf for part in _table_parts(value, form).values() for leaf in part]
        case _:
            raise Mismatch(f"{at}expected {form}, got {_name(value)}")


def _number(value: Any, at: str, form: Form) -> Leaf:
    if isinstance(value, str):
        raise Mismatch(
            f"{at}expected {form}, got the string {value[:40]!r}; leave out the quotes and the unit"
        )
    if _is_truth(value) or not _is_number(value):
        if callable(value):
            raise Mismatch(f"{at}expected {form}, got a function; call it and pass its result")
        raise Mismatch(f"{at}expected {form}, got {_name(value)}")
    try:
        number = float(value)
    except OverflowError:  # a whole number beyond the range of floats
        number = math.inf if value > 0 else -math.inf
    if math.isnan(number):
        raise Mismatch(f"{at}the value is NaN, not a number; a division 0/0 or missing data went into it")
    # Infinity has no place on a tolerance grid; as a text it equals only itself.
    return f"n:{number}" if math.isinf(number) else number


def _set_leaf(value: Any, at: str) -> str:
    if isinstance(value, str | Mapping) or not (isinstance(value, set | frozenset) or _is_sequence(value)):
        raise Mismatch(f"{at}expected a set such as {{'a', 'b'}}, got {_name(value)}")
    try:
        return SEPARATOR.join(sorted({_text_of(element) for element in value}))
    except ValueError as error:
        raise Mismatch(f"{at}a set of strings or whole numbers was expected; {error}") from None


def _list_leaves(value: Any, form: Form, at: str) -> list[Leaf]:
    if isinstance(value, set | frozenset):
        raise Mismatch(f"{at}expected {form}, got a set; a set has no order")
    if isinstance(value, str) or not _is_sequence(value):
        raise Mismatch(f"{at}expected {form}, got {_name(value)}")
    elements = list(value)
    if len(elements) != len(form.items):
        raise Mismatch(f"{at}expected {len(form.items)} values, got {len(elements)}")
    return [
        leaf
        for position, (element, item) in enumerate(zip(elements, form.items, strict=True))
        for leaf in _leaves(element, item, f"value {position + 1}")
    ]


def _dict_parts(value: Any, form: Form) -> Parts:
    if _is_series(value):
        value = value.to_dict()
    if not isinstance(value, Mapping):
        raise Mismatch(f"expected {form}, got {_name(value)}")
    by_name = {str(key): element for key, element in value.items()}
    _same_names(list(by_name), form.names, "key")
    return {
        name: _leaves(by_name[name], item, f"key {name!r}")
        for name, item in zip(form.names, form.items, strict=True)
    }


def _table_parts(value: Any, form: Form) -> Parts:
    if not _is_table(value):
        hint = "; a Series becomes one with .reset_index()" if _is_series(value) else ""
        raise Mismatch(f"expected {form}, got {_name(value)}{hint}")
    table = _flat(value)
    columns = [str(name) for name in table.columns]
    _same_names(columns, form.names, "column")
    if columns != list(form.names):
        wanted = ", ".join(repr(name) for name in form.names)
        raise Mismatch(f"the columns are in another order; put them so with table[[{wanted}]]")
    if len(table) != form.rows:
        raise Mismatch(f"expected {form.rows} rows, got {len(table)}")
    return {
        name: _column_leaves(table[column], item, name)
        for name, column, item in zip(form.names, table.columns, form.items, strict=True)
    }


def _column_leaves(column: Any, item: Form, name: str) -> list[Leaf]:
    elements = column.tolist()
    missing = column.isna().to_numpy()
    if missing.any():
        raise Mismatch(
            f"column {name!r} holds {missing.sum()} NaN, first in row {missing.argmax()} counted from 0"
        )
    if item.kind in ("number", "integer"):
        text = next((element for element in elements if isinstance(element, str)), None)
        if text is not None:
            raise Mismatch(
                f"column {name!r} holds text such as {text[:40]!r} where numbers are due; "
                "convert it with .astype(float)"
            )
    return [leaf for element in elements for leaf in _leaves(element, item, f"column {name!r}")]


def _plan_parts(value: Any, form: Form) -> Parts:
    """Return for each field of a plan what is wrong with it, by the rules and the dairy at hand.

    So every plan that keeps the rules is the same answer.
    """
    from crmkit.capstone.plan import Facts, faults
    from crmkit.data import load

    if not isinstance(value, Mapping):
        raise Mismatch(f"expected {form}, got {_name(value)}")
    _same_names([str(name) for name in value], form.names, "key")
    found = faults(value, Facts.of(load.dairy()))
    return {name: [f"s:{fault.kind}" if fault else "s:kept"] for name, fault in found.items()}


def _same_names(got: list[str], wanted: tuple[str, ...], noun: str) -> None:
    missing = [name for name in wanted if name not in got]
    extra = [name for place, name in enumerate(got) if name not in wanted or name in got[:place]]
    if not (missing or extra):
        return
    said = []
    if missing:
        said.append(f"missing {noun} {', '.join(map(repr, missing))}")
    if extra:
        said.append(f"unexpected {noun} {', '.join(map(repr, extra))}")
    raise Mismatch(f"{'; '.join(said)}; expected {', '.join(wanted)}")


def _function_parts(function: Any, form: Form) -> Parts:
    if not callable(function):
        raise Mismatch(
            f"expected {form}, got {_name(function)}; pass the function itself, without calling it"
        )
    name = getattr(function, "__name__", "your function")
    results = [(call, _call(function, name, call)) for call in form.calls]
    if is_stub(function) and all(_is_blank(result) for _, result in results):
        raise Blank
    found: Parts = {}
    for (call, result), item in zip(results, form.items, strict=True):
        shown = call_text(name, call)
        if _is_blank(result):
            raise Mismatch(f"{shown} returned nothing; end the function with return …")
        found[call_text("", call)] = _leaves(result, item, shown)
    return found


def _call(function: Callable[..., Any], name: str, call: tuple[Any, ...]) -> Any:
    shown = call_text(name, call)
    try:
        with time_limit(SECONDS_PER_CALL):
            return function(*copy.deepcopy(call))
    except TimeExceeded:
        raise CallFailed(
            f"{shown} did not return within {SECONDS_PER_CALL:g} seconds; look for a loop that cannot end"
        ) from None
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise CallFailed(f"{shown} raised {error_text(error)}") from None


def error_text(error: BaseException) -> str:
    """Return the type and the message of an error, in one line, also of one that cannot be printed."""
    try:
        message = " ".join(str(error).split())[:200]
    except Exception:
        message = ""
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def is_stub(function: Any) -> bool:
    """Return whether a function has no more in it than the stub that the exercise came with."""
    code = getattr(function, "__code__", None)
    return code is not None and _operations(code) <= _operations(_stub.__code__)


def _operations(code: CodeType) -> set[str]:
    return {step.opname for step in dis.get_instructions(code)}


def _stub() -> None:
    """Stand for any stub: what it compiles to differs between versions of Python."""
    ...


def call_text(name: str, call: tuple[Any, ...]) -> str:
    """Return a call as a reader writes it: `best_price(1.2, -2)`."""
    return f"{name}({', '.join(map(repr, call))})"


def _text_of(value: Any) -> str:
    # Case, blanks and full-width forms are typing, not knowledge.
    if isinstance(value, str):
        return "s:" + " ".join(unicodedata.normalize("NFKC", value).casefold().split())
    if isinstance(value, numbers.Integral) and not _is_truth(value):
        return f"i:{int(value)}"
    raise ValueError(f"{value!r} is neither a string nor a whole number")


def _name(value: Any) -> str:
    shown = type(value).__name__
    if shown in TYPE_NAMES:
        return TYPE_NAMES[shown]
    article = "an" if shown[:1].lower() in "aeiou" else "a"
    return f"{article} {shown}"


def _is_truth(value: Any) -> bool:
    return isinstance(value, bool) or type(value).__name__ in ("bool_", "bool")


def _is_number(value: Any) -> bool:
    return isinstance(value, numbers.Real)


def _is_sequence(value: Any) -> bool:
    if isinstance(value, list | tuple | range):
        return True
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    return bool(
        (numpy and isinstance(value, numpy.ndarray) and value.ndim == 1)
        or (pandas and isinstance(value, pandas.Series | pandas.Index))
    )


# A value can only be a DataFrame if pandas has been imported; asking so keeps `check` free of the import.
def _is_table(value: Any) -> bool:
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, pandas.DataFrame)


def _is_series(value: Any) -> bool:
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, pandas.Series)


def _flat(table: Any) -> Any:
    # A named index is part of the answer; an unnamed whole-number one is what sorting or filtering left.
    names = list(table.index.names)
    counts = names == [None] and table.index.dtype.kind in "iu"
    return table.reset_index(drop=counts)
