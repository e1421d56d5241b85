"""The student's own record of checks and hints: a file of JSON lines beside the notebook.

Nothing depends on it but `progress` and the stage of the hints. It is appended to, never rewritten.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FILE = "crmkit-progress.jsonl"
VARIABLE = "CRMKIT_PROGRESS"
# Set by nbgrader, and by pytest and so by nbval, around what they run.
RUNNERS = ("NBGRADER_EXECUTION", "PYTEST_CURRENT_TEST")


def path() -> Path | None:
    """Return where the record is kept: `$CRMKIT_PROGRESS`, or a file in the notebook's folder.

    None when it is `off`, as it is while notebooks are executed, tested or graded.
    """
    chosen = os.environ.get(VARIABLE, "")
    if chosen == "off" or under_test():
        return None
    return Path(chosen) if chosen else Path.cwd() / FILE


def under_test() -> bool:
    """Return whether this kernel was started by nbgrader or by pytest (and so by nbval)."""
    return any(name in os.environ for name in RUNNERS)


@dataclass(frozen=True)
class Record:
    """What the file holds.

    Parameters
    ----------
    lines : the readable lines, oldest first.
    unreadable : how many lines could not be read and were passed over.
    exists : whether there is a file.
    problem : why the file as a whole could not be read, or "".
    """

    lines: tuple[dict[str, Any], ...] = ()
    unreadable: int = 0
    exists: bool = False
    problem: str = ""

    def of(self, question: str, kind: str) -> Iterator[dict[str, Any]]:
        """Yield the lines of one question and kind, `check` or `hint`."""
        return (line for line in self.lines if line["question"] == question and line["kind"] == kind)


def read() -> Record:
    """Return the record; a line that cannot be read is counted and passed over."""
    where = path()
    if where is None:
        return Record()
    try:
        content = where.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return Record()
    except OSError as error:
        return Record(exists=True, problem=f"{where} cannot be read ({error.strerror}).")
    lines, unreadable = [], 0
    for text in content.splitlines():
        try:
            line = json.loads(text)
            valid = isinstance(line["question"], str) and isinstance(line["kind"], str)
        except (ValueError, TypeError, KeyError, RecursionError):
            valid = False
        if valid:
            lines.append(line)
        else:
            unreadable += 1
    return Record(tuple(lines), unreadable, exists=True)


def append(question: str, kind: str, **details: Any) -> str:
    """Add one line to the record and return "", or a sentence that says why it could not be written."""
    where = path()
    if where is None:
        return ""
    line = {"question": question, "kind": kind, **details, "at": datetime.now(UTC).isoformat("T", "seconds")}
    try:
        with where.open("a+b") as file:
            # After a line that was cut off, as by a full disk, start on a new one.
            cut_off = file.tell() and (file.seek(-1, os.SEEK_END), file.read(1))[1] != b"\n"
            file.write(b"\n" * bool(cut_off) + json.dumps(line).encode() + b"\n")
    except OSError as error:
        return f"This result was not recorded: {where} cannot be written ({error.strerror})."
    return ""
