"""Quick questions: one definition for the notebook, the page and plain text."""

from __future__ import annotations

import pkgutil

import pytest

import crmkit.quick
from crmkit.quick import MIME, Option, QuickQuestion, QuickQuestions, find, live
from crmkit.site.quick_html import quick_html

CHAPTERS = [module.name for module in pkgutil.iter_modules(crmkit.quick.__path__) if module.name != "live"]

YES = Option("Yes", True, "Since 1 < 2.")
NO = Option("No & never", False, "Compare again.")
SAMPLE = QuickQuestions("sample", (QuickQuestion("Is 1 < 2?", (NO, YES)),))


@pytest.mark.parametrize("options", [(NO,), (YES, Option("Also", True, "")), (YES, NO, NO)])
def test_a_question_without_exactly_one_right_option_among_different_ones_is_refused(
    options: tuple[Option, ...],
) -> None:
    with pytest.raises(ValueError, match=r"Is it\?"):
        QuickQuestion("Is it?", options)


def test_plain_text_has_questions_and_options_but_no_answer() -> None:
    assert str(SAMPLE) == "1. Is 1 < 2?\n   ( ) No & never\n   ( ) Yes"


def test_a_notebook_output_names_the_questions_and_shows_them() -> None:
    bundle = SAMPLE._repr_mimebundle_()
    assert bundle["text/plain"] == str(SAMPLE)
    assert bundle[MIME] == {"questions": "sample"}
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_choosing_an_option_in_a_notebook_shows_its_verdict() -> None:
    (part,) = live.build(SAMPLE).children
    prompt, choices, verdict = part.children
    assert "Is 1 &lt; 2?" in prompt.value
    assert choices.value is None
    choices.value = 0
    assert "✗ Not correct. Compare again." in verdict.value
    choices.value = 1
    assert "✓ Correct. Since 1 &lt; 2." in verdict.value


def test_the_page_escapes_what_is_special_in_html() -> None:
    html = quick_html(SAMPLE, ident="q")
    assert "No &amp; never" in html
    assert 'data-reason="Since 1 &lt; 2."' in html


@pytest.mark.parametrize("forbidden", ["<script", "style=", " on"])
def test_the_page_needs_no_inline_script_or_style(forbidden: str) -> None:
    tags = "".join(part.partition(">")[0] for part in quick_html(SAMPLE, ident="q").split("<")[1:])
    assert forbidden not in tags


def test_a_chapter_without_questions_is_named() -> None:
    with pytest.raises(LookupError, match="no_such_chapter"):
        find("no_such_chapter")


@pytest.mark.parametrize("chapter", CHAPTERS)
class TestChapter:
    def test_has_its_own_name(self, chapter: str) -> None:
        assert find(chapter).name == chapter

    def test_has_three_to_five_questions_that_differ(self, chapter: str) -> None:
        prompts = [question.prompt for question in find(chapter).questions]
        assert 3 <= len(prompts) == len(set(prompts)) <= 5

    def test_gives_every_option_a_reason_of_its_own(self, chapter: str) -> None:
        for question in find(chapter).questions:
            reasons = [option.reason for option in question.options]
            assert len(set(reasons)) == len(reasons)
            assert all(reason.endswith(".") for reason in reasons)


def test_pricing_answers_are_what_a_textbook_says() -> None:
    right = [question.answer.text for question in find("pricing").questions]
    assert right == ["20%", "−1.00", "50%", "Predatory pricing", "Only if total output rises"]
