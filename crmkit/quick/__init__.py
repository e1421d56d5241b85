"""Quick questions: check yourself, with a verdict and a reason at once and no mark.

One definition has three lives, like a widget's: radio buttons in a notebook, radio buttons on the
published page without a kernel (`crmkit.site.quick_html`), and plain text elsewhere. The questions of a
chapter are the variable `questions` of `crmkit.quick.<chapter>`.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

MIME = "application/vnd.crmkit.quick+json"

RIGHT, WRONG = "✓ Correct.", "✗ Not correct."
"""Icon and word before a reason; never a colour alone."""


@dataclass(frozen=True)
class Option:
    """One possible answer and the reason why it is right or wrong."""

    text: str
    right: bool
    reason: str

    @property
    def verdict(self) -> str:
        """What a student reads after choosing it."""
        return f"{RIGHT if self.right else WRONG} {self.reason}"


@dataclass(frozen=True)
class QuickQuestion:
    """A question with one right option among several.

    Raises
    ------
    ValueError : not exactly one option is right, or two options read the same.
    """

    prompt: str
    options: tuple[Option, ...]

    def __post_init__(self) -> None:
        right = sum(option.right for option in self.options)
        if right != 1:
            raise ValueError(f"{self.prompt!r}: {right} options are right; mark exactly one")
        if len({option.text for option in self.options}) < len(self.options):
            raise ValueError(f"{self.prompt!r}: two options read the same")

    @property
    def answer(self) -> Option:
        """The right option."""
        return next(option for option in self.options if option.right)


@dataclass(frozen=True)
class QuickQuestions:
    """A chapter's quick questions; they show themselves wherever they are displayed.

    `name` is the name of the module in `crmkit.quick` that defines them as `questions`.
    """

    name: str
    questions: tuple[QuickQuestion, ...]

    def __str__(self) -> str:
        """Return the questions and options without the answers, the same every time."""
        lines = []
        for number, question in enumerate(self.questions, start=1):
            lines.append(f"{number}. {question.prompt}")
            lines += [f"   ( ) {option.text}" for option in question.options]
        return "\n".join(lines)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        from crmkit.quick import live

        return {"text/plain": str(self), MIME: {"questions": self.name}, **live.mimebundle(self)}


def find(name: str) -> QuickQuestions:
    """Return the questions of a chapter, for instance `pricing`.

    Raises
    ------
    LookupError : the chapter has none.
    """
    try:
        module = importlib.import_module(f"crmkit.quick.{name}")
    except ModuleNotFoundError as error:
        raise LookupError(f"no quick questions {name!r}: there is no module crmkit.quick.{name}") from error
    found = getattr(module, "questions", None)
    if not isinstance(found, QuickQuestions):
        raise LookupError(f"crmkit.quick.{name} defines no `questions`")
    return found
