"""Quick questions on the published pages."""

from __future__ import annotations

import pytest
from browser import PHONE
from pages import Open
from playwright.sync_api import Page

from crmkit.quick import RIGHT, WRONG, QuickQuestions, find

pytestmark = pytest.mark.browser


def questions_on(page: Page) -> list[QuickQuestions]:
    names = page.locator(".crmkit-quick").evaluate_all("(all) => all.map((q) => q.dataset.questions)")
    return [find(name) for name in names]


def test_every_option_gets_its_verdict_and_its_reason(open_page: Open, quick_page: str) -> None:
    opened = open_page(quick_page)
    for number, questions in enumerate(questions_on(opened.page)):
        block = opened.page.locator(".crmkit-quick").nth(number)
        for position, question in enumerate(questions.questions):
            field = block.locator("fieldset").nth(position)
            verdict = field.locator("[aria-live=polite]")
            assert verdict.text_content() == ""
            for option in question.options:
                field.get_by_label(option.text, exact=True).check()
                assert verdict.text_content() == option.verdict
                assert (verdict.text_content() or "").startswith(RIGHT if option.right else WRONG)
    assert opened.complaints == []


def test_the_keyboard_reaches_and_answers_a_question(open_page: Open, quick_page: str) -> None:
    page = open_page(quick_page).page
    (questions, *_) = questions_on(page)
    field = page.locator(".crmkit-quick fieldset").first
    field.locator("input").first.focus()
    page.keyboard.press("Space")
    first, second = questions.questions[0].options[:2]
    assert field.locator(".crmkit-verdict").text_content() == first.verdict
    page.keyboard.press("ArrowDown")
    assert field.locator(".crmkit-verdict").text_content() == second.verdict


def test_a_question_is_a_group_named_by_its_prompt(settled_page: Open, quick_page: str) -> None:
    page = settled_page(quick_page).page
    for questions in questions_on(page):
        for number, question in enumerate(questions.questions, start=1):
            assert page.get_by_role("group", name=f"{number}. {question.prompt}", exact=True).count() == 1


def test_options_are_large_enough_for_a_finger(settled_page: Open, quick_page: str) -> None:
    page = settled_page(quick_page, **PHONE).page
    heights = page.locator(".crmkit-option").evaluate_all("(all) => all.map((o) => o.offsetHeight)")
    assert heights
    assert min(heights) >= 44


def test_without_javascript_the_answer_unfolds(open_page: Open, quick_page: str) -> None:
    page = open_page(quick_page, java_script_enabled=False).page
    field = page.locator(".crmkit-question").first
    name = page.locator(".crmkit-quick").first.get_attribute("data-questions") or ""
    answer = find(name).questions[0].answer
    assert not field.locator("input").first.is_visible()
    assert not field.get_by_text(answer.reason).is_visible()
    field.locator("summary").click()
    assert field.get_by_text(answer.reason).is_visible()
