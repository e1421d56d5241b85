"""Quick questions as HTML: radio buttons that a script brings to life, and the answer folded away.

Without JavaScript the radio buttons stay hidden and the answer can be unfolded.
"""

from __future__ import annotations

from html import escape

from crmkit.quick import QuickQuestion, QuickQuestions


def quick_html(questions: QuickQuestions, *, ident: str) -> str:
    """Return the questions as fieldsets.

    Parameters
    ----------
    questions : the questions.
    ident : identifier of this set, unique on its page.
    """
    fields = "\n".join(
        _question(question, number, ident=f"{ident}-{number}")
        for number, question in enumerate(questions.questions, start=1)
    )
    return f'<div class="crmkit-quick" id="{ident}" data-questions="{questions.name}">\n{fields}\n</div>'


def _question(question: QuickQuestion, number: int, *, ident: str) -> str:
    options = "".join(
        f'<label class="crmkit-option"><input type="radio" name="{ident}" autocomplete="off" '
        f'data-verdict="{"right" if option.right else "wrong"}" data-reason="{escape(option.reason)}" hidden>'
        f"<span>{escape(option.text)}</span></label>\n"
        for option in question.options
    )
    answer = question.answer
    return (
        f'<fieldset class="crmkit-question">\n<legend>{number}. {escape(question.prompt)}</legend>\n{options}'
        '<p class="crmkit-verdict" aria-live="polite"></p>\n'
        f'<details class="crmkit-answer"><summary>Answer</summary>\n'
        f"<p><strong>{escape(answer.text)}</strong> {escape(answer.reason)}</p></details>\n</fieldset>"
    )
