"""Where a page shows how much of an exercise is done; `progress.js` fills it in from the reader's browser.

The questions, their points and minutes are those of the keys, as in `crmkit.progress`; what is done is only
known in the reader's browser. Without a record there, or without JavaScript, nothing is shown.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import Enum
from html import escape
from pathlib import Path

from crmkit import notebook
from crmkit.exercise.key import Entry, entry
from crmkit.exercise.release import CHECK


class Form(Enum):
    """How progress is shown."""

    EXERCISE = "exercise"
    """A box for each question, points and minutes left."""
    STOP = "stop"
    """Boxes and the number of questions done, as a part of a line of text."""
    COURSE = "course"
    """Questions, points and minutes left, in words."""


def questions_of(path: Path) -> tuple[Entry, ...]:
    """Return the key's entry of each question that a notebook checks, in its order.

    Raises
    ------
    UnknownQuestion : the notebook checks a question that no key has.
    """
    found = (CHECK.match(cell.source) for cell in notebook.read(path).cells if cell.cell_type == "code")
    return tuple(entry(match["question"]) for match in found if match)


def progress_html(questions: Sequence[Entry], form: Form, *, to_root: str) -> str:
    """Return a hidden place for the progress in some questions.

    Parameters
    ----------
    questions : the questions to count.
    form : how the progress is shown.
    to_root : relative address of the site's root, empty or ending in a slash.
    """
    facts = json.dumps([[each.question, each.points, each.minutes] for each in questions])
    tag = "span" if form is Form.STOP else "p"
    return (
        f'<{tag} class="crmkit-progress" data-form="{form.value}" data-root="{to_root}" '
        f'data-questions="{escape(facts)}" hidden></{tag}>'
    )
