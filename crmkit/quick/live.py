"""Quick questions in a notebook: ipywidgets radio buttons, with the verdict below."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crmkit.quick import QuickQuestion, QuickQuestions


def mimebundle(questions: QuickQuestions) -> dict[str, Any]:
    """Return the ipywidgets view of the questions as a MIME bundle, its text left out."""
    bundle = build(questions)._repr_mimebundle_()
    return {key: value for key, value in bundle.items() if key != "text/plain"}


def build(questions: QuickQuestions) -> Any:
    """Return an ipywidgets box with one part a question."""
    import ipywidgets

    return ipywidgets.VBox(
        [_question(question, number) for number, question in enumerate(questions.questions, start=1)]
    )


def _question(question: QuickQuestion, number: int) -> Any:
    import ipywidgets

    prompt = ipywidgets.HTML(f"<b>{number}. {escape(question.prompt)}</b>")
    wide = ipywidgets.Layout(width="auto")
    options = [(option.text, index) for index, option in enumerate(question.options)]
    choices = ipywidgets.RadioButtons(options=options, value=None, layout=wide)
    verdict = ipywidgets.HTML()

    def judge(change: dict[str, Any]) -> None:
        if change["new"] is not None:
            chosen = question.options[change["new"]]
            verdict.value = f'<p aria-live="polite">{escape(chosen.verdict)}</p>'

    choices.observe(judge, names="value")
    return ipywidgets.VBox([prompt, choices, verdict])
