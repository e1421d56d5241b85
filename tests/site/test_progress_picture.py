"""The progress that pages show is the progress that `progress()` tells, from the same record."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Visit, visit, wait_for
from lite import PATIENCE, wait_for_kernel
from pages import DOCUMENTS, ROOT, Open
from playwright.sync_api import Browser, Page

from crmkit import progress
from crmkit.exercise import record
from crmkit.exercise.key import topic_of, topics
from crmkit.exercise.progress import DONE, OPEN, TRIED, Progress
from crmkit.site.course import chapters
from crmkit.site.course_map import course_map_html
from crmkit.site.progress import Form, progress_html, questions_of
from crmkit.site.serve import serve

EXERCISES = [path for name, path in DOCUMENTS.items() if name.startswith("exercises/")]
PAGE = "course/exercises/all.html"
DATABASE = "JupyterLite Storage - /course/lite/"
STATES = {DONE: "done", TRIED: "tried", OPEN: "open"}


def check(question: str, outcome: str, **more: object) -> str:
    return json.dumps({"question": question, "kind": "check", "outcome": outcome, **more})


def hint(question: str) -> str:
    return json.dumps({"question": question, "kind": "hint", "stage": 1})


Q1, Q2, Q3 = "pricing-q1", "pricing-q2", "pricing-q3"
RECORDS = {
    "empty": "",
    "one right": check(Q1, "CORRECT", earned=3),
    "every outcome": "\n".join(
        check(f"mix-q{n}", outcome)
        for n, outcome in enumerate(
            ("CORRECT", "MISTAKE", "INCORRECT", "NOT_ATTEMPTED", "MALFORMED", "FAILED", "UNKNOWN"), start=1
        )
    ),
    "wrong, then right": "\n".join([check(Q1, "MISTAKE"), check(Q1, "CORRECT")]),
    "right stays right": "\n".join(
        [check(Q1, "CORRECT"), check(Q1, "INCORRECT"), check(Q1, "NOT_ATTEMPTED")]
    ),
    "blank, then wrong": "\n".join([check(Q1, "NOT_ATTEMPTED"), check(Q1, "INCORRECT")]),
    "hints are no tries": "\n".join([hint(Q1), hint(Q1), check(Q2, "CORRECT")]),
    "several topics": "\n".join(check(f"{t}-q1", "CORRECT") for t in ("evidence", "capstone", "value")),
    "questions that are gone": "\n".join([check("pricing-q99", "CORRECT"), check("milk-q1", "CORRECT")]),
    "windows line ends": "\r\n".join([check(Q1, "CORRECT"), check(Q2, "MISTAKE"), ""]),
    "odd line ends": check(Q1, "CORRECT") + "\u2028" + check(Q2, "CORRECT") + "\x0b" + check(Q3, "MISTAKE"),
    "blank lines": "\n\n" + check(Q1, "CORRECT") + "\n\n\n",
    "cut off": check(Q1, "CORRECT") + "\n" + check(Q2, "CORRECT")[:-9],
    "mended after a cut": check(Q1, "CORRECT")[:20] + "\n" + check(Q2, "CORRECT"),
    "not JSON": "done!\n{'question': 'pricing-q1'}\n" + check(Q3, "CORRECT"),
    "JSON of another kind": "\n".join(["null", "7", '"x"', "[]", "{}", "[1]", check(Q1, "CORRECT")]),
    "names that are none": "\n".join(
        ['{"question": 1, "kind": "check", "outcome": "CORRECT"}', '{"question": "pricing-q1", "kind": null}']
    ),
    "no outcome": '{"question": "pricing-q1", "kind": "check"}',
    "odd outcomes": "\n".join(
        f'{{"question": "pricing-q{n}", "kind": "check", "outcome": {outcome}}}'
        for n, outcome in enumerate(("null", "1", '"correct"', '["CORRECT"]', "{}", '"CORRECT "'), start=1)
    ),
    "a key twice": '{"question": "pricing-q1", "kind": "check", "outcome": "MISTAKE", "outcome": "CORRECT"}',
    "escapes": r'{"question": "pricing\u002dq1", "kind": "check", "outcome": "CORRECT", "x": "\ud800"}',
    "not UTF-8": "\udcff\udcfe" + check(Q1, "CORRECT") + "\n" + check(Q2, "CORRECT"),
    "a byte order mark": "\ufeff" + check(Q1, "CORRECT") + "\n" + check(Q2, "CORRECT"),
}

WRITE = """
([name, content, format]) => new Promise((resolve, reject) => {
  const opening = indexedDB.open(name);
  opening.onupgradeneeded = () => opening.result.createObjectStore("files");
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const names = [...opening.result.objectStoreNames];
    if (!names.includes("files")) return reject(new Error(`only ${names} in ${name}`));
    const writing = opening.result.transaction("files", "readwrite");
    const file = { name: "crmkit-progress.jsonl", type: "file", format, content };
    writing.objectStore("files").put(file, "exercises/crmkit-progress.jsonl");
    writing.oncomplete = () => { opening.result.close(); resolve(); };
  };
})
"""

# Requests for one database are served in order: after this one, the page's own has been answered.
SETTLED = """
(name) => new Promise((resolve) => {
  const opening = indexedDB.open(name);
  opening.onupgradeneeded = () => opening.transaction.abort();
  opening.onerror = () => setTimeout(resolve, 0);
  opening.onsuccess = () => { opening.result.close(); setTimeout(resolve, 0); };
})
"""


@pytest.fixture(scope="module")
def page_of_all(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Visit]:
    """A page that shows the progress in every exercise, and the course's map, with the real script."""
    root = tmp_path_factory.mktemp("site")
    page = root / PAGE
    page.parent.mkdir(parents=True)
    questions = {path.stem: questions_of(path) for path in EXERCISES}
    stages = {"All": {chapter.stem: "Why?" for chapter in chapters(ROOT)}}
    places = "".join(
        f'<div id="{topic_of(found[0].question)}">{progress_html(found, Form.EXERCISE, to_root="../")}</div>'
        for found in questions.values()
    )
    course_map = course_map_html(stages, chapters(ROOT), questions, to_root="../")
    page.write_text(
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>All</title>'
        '<link rel="icon" href="data:,"><script src="progress.js" defer></script></head>'
        f"<body>{places}{course_map}</body></html>",
        encoding="utf-8",
    )
    script = (ROOT / "assets" / "progress.js").read_text(encoding="utf-8")
    (page.parent / "progress.js").write_text(script, encoding="utf-8")
    with serve(root, port=0) as server:
        opened = visit(browser, f"{server.address}{PAGE}", server.address)
        yield opened
        opened.context.close()


def told(monkeypatch: pytest.MonkeyPatch, file: Path, topic: str = "") -> Progress:
    with monkeypatch.context() as student:
        student.setenv(record.VARIABLE, str(file))
        for runner in record.RUNNERS:
            student.delenv(runner, raising=False)
        return progress(topic)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda path: path.stem)
def test_the_questions_counted_for_an_exercise_are_those_of_its_topic(exercise: Path) -> None:
    found = questions_of(exercise)
    assert found == tuple(topics()[topic_of(found[0].question)].values())


# First, as the others leave a record in the browser.
@pytest.mark.browser
def test_without_a_record_nothing_is_shown_and_no_database_is_made(page_of_all: Visit) -> None:
    page = page_of_all.page
    page.evaluate(SETTLED, DATABASE)
    assert page.locator(".crmkit-progress").count() == 2 * len(EXERCISES) + 1
    assert page.locator(".crmkit-progress:visible").count() == 0
    assert page.evaluate("indexedDB.databases()") == []
    assert page_of_all.complaints == []


@pytest.mark.browser
def test_where_the_browser_forbids_its_storage_nothing_is_shown(page_of_all: Visit) -> None:
    other = page_of_all.context.new_page()
    other.add_init_script(
        "IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError'); };"
    )
    errors: list[str] = []
    other.on("pageerror", lambda error: errors.append(str(error)))
    other.goto(page_of_all.page.url)
    assert other.locator(".crmkit-progress:visible").count() == 0
    assert errors == []
    other.close()


@pytest.mark.browser
@pytest.mark.parametrize("name", RECORDS)
@pytest.mark.parametrize("format", ["text", "base64"])
def test_a_page_counts_what_progress_counts(
    page_of_all: Visit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, format: str
) -> None:
    file = tmp_path / "record.jsonl"
    file.write_bytes(RECORDS[name].encode(errors="surrogateescape"))
    shown = write_and_look(page_of_all.page, file, format)
    for path in EXERCISES:
        topic = topic_of(questions_of(path)[0].question)
        expected = told(monkeypatch, file, topic)
        states = [STATES[row.state] for row in expected.rows]
        names = [f"{row.question}: {STATES[row.state]}" for row in expected.rows]
        assert shown[topic] == [expected.summary, states, ", ".join(names)]
    assert shown["course"] == f"Done in this browser: {told(monkeypatch, file).summary}."


LOOK_AGAIN = """
() => {
  for (const place of document.querySelectorAll(".crmkit-progress")) place.hidden = true;
  document.dispatchEvent(new Event("visibilitychange"));
}
"""

LOOK = """
() => Object.fromEntries([
  ...[...document.querySelectorAll("div[id]")].map((each) => {
    const [picture, text] = each.querySelector(".crmkit-progress:not([hidden])").childNodes;
    const states = [...picture.children].map((box) => box.dataset.state);
    return [each.id, [text.textContent, states, picture.getAttribute("aria-label")]];
  }),
  ["course", document.querySelector("[data-form=course]:not([hidden])").textContent],
])
"""


def write_and_look(page: Page, file: Path, format: str) -> dict[str, object]:
    """Put a record into the browser, let the page look again, and return what it shows."""
    content = file.read_bytes()
    as_text = content.decode("utf-8", errors="replace")
    kept = base64.b64encode(content).decode() if format == "base64" else as_text
    page.evaluate(WRITE, [DATABASE, kept, format])
    page.evaluate(LOOK_AGAIN)
    wait_for(page, "!document.querySelector('.crmkit-progress[hidden]')")
    shown: dict[str, object] = page.evaluate(LOOK)
    return shown


@pytest.mark.slow
@pytest.mark.browser
def test_a_right_answer_in_the_browser_edition_shows_on_the_page_that_led_there(open_page: Open) -> None:
    page = open_page("exercises/02-pricing").page
    page.set_default_timeout(PATIENCE)
    page.get_by_role("link", name="Work on it in your browser").click()
    wait_for_kernel(page)
    answer = page.locator(".jp-CodeCell", has_text="elasticity = ...").first
    page.locator(".jp-CodeCell", has_text="import math").first.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    answer.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("elasticity = (-20 / 90) / (2 / 11)")
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    page.get_by_text("Correct · pricing-q2").wait_for()
    page.go_back()
    page.get_by_text("1 of 9 questions · 2 of 26 points").wait_for()
    assert page.locator(".crmkit-strip [data-state=done]").get_attribute("title") == "pricing-q2: done"
