"""The page that a student gets: what it says, and that nothing on it can do harm."""

from __future__ import annotations

import base64
import hashlib
import re
import stat
import struct
import zlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from graded import (
    HEADINGS,
    MIDPOINTS,
    STEM,
    attempt,
    base64_of,
    cell,
    full_attempt,
    item,
    png,
    prepared,
    sha256,
    slip,
    ungradable,
)
from safe import HOSTILE, PageReader, colours, contrast, in_browser, opened

from crmkit.cli import main
from crmkit.grading import page as paging
from crmkit.grading.feedback import feedback, pages
from crmkit.grading.gradebook import Assignment, Gradebook
from crmkit.grading.headings import Headings
from crmkit.grading.late import Policy
from crmkit.grading.marks import Item, Mark, Override, Status
from crmkit.grading.outcomes import SHOWN
from crmkit.grading.page import picture, visible
from crmkit.grading.roster import Student

ROOT = Path(__file__).parents[2]
ANNE = Student("s001", "Anne Li")
BY = {"who": "li", "why": "read it again"}


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Gradebook]:
    with prepared(str(tmp_path / "class" / "gradebook.db"), [ANNE, Student("s002", "王 波")]) as made:
        yield made


def page_of(book: Gradebook, student: str = "s001") -> PageReader:
    return PageReader(dict(pages(book, STEM, HEADINGS, {}))[student])


def text_of(book: Gradebook) -> str:
    return page_of(book).text


# What it says


def test_each_question_has_its_points_its_outcome_and_its_message(book):
    book.record(full_attempt())
    text = text_of(book)
    for words in [
        "1 · A price from cost 3 of 3 points ✔ Correct",
        f"2 · Elasticity from two points 0 of 2 points ✘ A known slip {MIDPOINTS}",
        "3 · How much more must a discount sell? 0 of 3 points △ Stopped with an error Your cell stopped",
        "4 · The best price at a given elasticity 0 of 2 points ○ Not attempted Replace the ...",
        "5 · One price or two? 0 of 4 points ✘ Not yet Right: office, household.",
        "10 · The memo 6 points, not marked yet ✎ To be marked by hand",
    ]:
        assert words in text


def test_it_shows_the_students_own_code_what_it_printed_and_drew(book):
    book.record(full_attempt())
    page = page_of(book)
    assert '"price": unit_cost / (1 - 0.20),' in page.text
    assert "It printed {'unit_cost': 16.0, 'price': 20.0, 'break_even': 30000.0}" in page.text
    assert "Your text Do not cut the price." in page.text
    assert page.values("img", "alt") == ["Figure 1 of 1 that your code drew for question 5"]


@pytest.mark.parametrize("outcome", ["ERROR", "TIMED_OUT", "DIED"])
def test_an_error_is_shown_once(book, outcome):
    error = "ValueError: no price"
    failed = item("pricing-q1", 0, 3, outcome, said=[f"Your cell stopped with {error}"])
    other = item("pricing-q2", 0, 2, "INCORRECT", said=["Look again."])
    both = [cell("pricing-q1", error=error), cell("pricing-q2", error="KeyError: 'q'")]
    book.record(attempt(failed, other, transcript=both))
    text = text_of(book)
    assert text.count(error) == 1
    assert "It stopped with KeyError: 'q'" in text


def test_it_begins_with_what_went_well_then_the_misconception_then_what_to_do(book):
    book.record(full_attempt())
    text = text_of(book)
    parts = ["What went well", "1 of 6 answers earned their full points: 1 · A price from cost"]
    parts += ["What to think about", f"2 · Elasticity from two points {MIDPOINTS}", "What to do next"]
    assert [text.index(part) for part in parts] == sorted(text.index(part) for part in parts)
    assert (
        "Read again in the chapter “02 · Pricing lab” what belongs to “Elasticity from two points” and “One "
        "price or two?”." in text
    )
    assert 'Try “The best price at a given elasticity”: not attempted yet. hint("pricing-q4")' in text


@pytest.mark.parametrize(
    ("outcome", "advice"),
    [
        ("INCORRECT", "Read again in the chapter “02 · Pricing lab” what belongs to “A price from cost”"),
        ("MALFORMED", "For “A price from cost”, compare what is asked for with what you gave"),
        ("FAILED", "Restart the kernel and run the notebook from the top; mend “A price from cost”"),
        ("ERROR", "Restart the kernel"),
        ("TIMED_OUT", "Restart the kernel"),
        ("DIED", "Restart the kernel"),
        ("MISSING", "put your answer to “A price from cost” into its own cell"),
        ("AMBIGUOUS", "put your answer to “A price from cost” into its own cell"),
        ("NOT_ATTEMPTED", 'Try “A price from cost”: not attempted yet. hint("pricing-q1")'),
    ],
)
def test_what_to_do_next_fits_the_outcome(book, outcome, advice):
    book.record(attempt(item("pricing-q1", 0, 3, outcome)))
    text = text_of(book)
    assert advice in text
    assert f"{SHOWN[outcome].icon} {SHOWN[outcome].word}" in text


def test_a_memo_that_was_not_written_gets_no_hint(book):
    book.record(attempt(item("pricing-q10", 0, 6, "NOT_ATTEMPTED")))
    assert "Try “The memo”: not attempted yet." in text_of(book)
    assert "hint(" not in text_of(book)


def test_who_left_many_questions_out_is_told_where_to_begin(book):
    left = [item(f"pricing-q{number}", 0, 3, "NOT_ATTEMPTED") for number in (1, 2, 3, 4)]
    book.record(attempt(*left, item("pricing-q10", 0, 6, "NOT_ATTEMPTED")))
    words = '5 questions are not attempted yet. Try “A price from cost” first: hint("pricing-q1") helps'
    assert words in text_of(book)


def test_who_has_everything_right_is_told_so(book):
    book.record(attempt(item("pricing-q1", 3), item("pricing-q2", 2, 2)))
    text = text_of(book)
    assert "Everything: all 2 answers earned their full points." in text
    assert "There is nothing to mend." in text
    assert "What to think about" not in text


def test_what_is_still_to_be_marked_by_hand_is_said_and_left_out_of_the_points(book):
    book.record(attempt(item("pricing-q1", 3), item("pricing-q10", None, 6)))
    text = text_of(book)
    assert "3 of 14 points so far" in text
    assert "Your instructor still marks “The memo”; the score will change." in text


# What the instructor decided


def test_an_override_is_shown_with_its_reason(book):
    book.record(attempt(slip("pricing-q2", 2, MIDPOINTS), item("pricing-q10", None, 6)))
    book.override("s001", STEM, 1, question="pricing-q2", who="li", why="the idea is right")
    book.override("s001", STEM, 5.5, question="pricing-q10", who="li", why="Clear words!")
    text = text_of(book)
    assert "Your instructor gave 1 point instead of 0: the idea is right." in text
    assert "✎ Marked by hand Your instructor gave 5.5 points: Clear words! Your text" in text
    assert "6.5 of 20 points" in text
    assert "li" not in text.split(), "who decided is not for students"


def test_points_that_the_instructor_confirms_are_not_instead_of_others(book):
    book.record(attempt(item("pricing-q1", 0)))
    book.override("s001", STEM, 0, question="pricing-q1", who="li", why="looked at it again")
    assert "Your instructor gave 0 points: looked at it again." in text_of(book)


def test_an_override_that_was_withdrawn_or_is_of_an_earlier_submission_is_not_shown(book):
    book.record(attempt(item("pricing-q1", 0), content="a", submitted="2026-03-01T10:00Z"))
    book.override("s001", STEM, 2, question="pricing-q1", who="li", why="for the first one")
    book.record(attempt(item("pricing-q1", 0), content="b", submitted="2026-03-02T10:00Z"))
    assert "for the first one" not in text_of(book)
    book.override("s001", STEM, 1, question="pricing-q1", who="li", why="on second thoughts")
    assert "on second thoughts" in text_of(book)
    book.override("s001", STEM, None, question="pricing-q1", who="li", why="on third thoughts")
    assert "thoughts" not in text_of(book)


def test_a_score_set_by_hand_and_an_excuse_are_shown_with_their_reasons(book):
    book.record(attempt(item("pricing-q1", 3)))
    book.override("s001", STEM, 17, who="li", why="oral examination")
    assert "17 of 20 points" in text_of(book)
    assert "Your instructor set the score to 17 points: oral examination." in text_of(book)
    book.excuse("s001", STEM, who="li", why="was ill")
    assert "Excused" in text_of(book)
    assert "Your instructor excused you: was ill." in text_of(book)
    book.excuse("s001", STEM, False, who="li", why="well again")
    assert "excused" not in text_of(book)


@pytest.mark.parametrize(
    ("late_days", "said"),
    [
        (None, "2 days late. Of the 3 points earned, 20% is taken off: 2.4 count."),
        (
            1,
            "2 days late, 1 of them covered by your free late days. Of the 3 points earned, 10% is taken off",
        ),
        (2, "2 days late, covered by your free late days."),
    ],
)
def test_lateness_and_its_cost_are_said(book, late_days, said):
    book.enrol([Student("s001", "Anne Li", late_days=late_days)])
    book.set_due(STEM, "2026-02-28T12:00", Policy(per_day=10, zone="Asia/Shanghai"))
    book.record(attempt(item("pricing-q1", 3)))
    text = text_of(book)
    assert "Handed in 1 March 2026, 20:00; due 28 February 2026, 12:00 (Asia/Shanghai time)." in text
    assert said in text


def test_lateness_without_a_cost_and_with_one_set_by_hand_are_said(book):
    book.enrol([Student("s001", "Anne Li", late_days=1)])
    book.set_due(STEM, "2026-02-28T12:00", Policy(zone="Asia/Shanghai"))
    book.record(attempt(item("pricing-q1", 3)))
    assert "2 days late. Nothing is taken off." in text_of(book)
    book.set_penalty("s001", STEM, 50, who="li", why="as agreed")
    words = "2 days late. Your instructor set what lateness costs to 50%: as agreed."
    assert f"{words} Of the 3 points earned, 50% is taken off: 1.5 count." in text_of(book)


def test_a_file_that_could_not_be_graded_says_why_and_what_to_do(book):
    book.record(ungradable("s001", "it ends in the middle of a cell"))
    text = text_of(book)
    assert "No mark yet" in text
    assert "Your file could not be graded: it ends in the middle of a cell." in text
    assert "Open a fresh copy of the exercise" in text


def test_a_corrected_exercise_that_waits_to_be_graded_again_is_mentioned(book):
    book.record(attempt(item("pricing-q1", 0)))
    book.add_release(STEM, "bb" * 8)
    assert "It will be graded again." in text_of(book)


# Figures


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def with_part(content: bytes, kind: bytes, data: bytes) -> bytes:
    """A PNG with one more part behind its head."""
    return content[:33] + chunk(kind, data) + content[33:]


def sized(width: int, height: int) -> bytes:
    """A PNG whose head claims a size."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return png()[:8] + chunk(b"IHDR", head) + png()[33:]


def kept_of(content: bytes) -> bytes:
    found = picture(base64_of(content), "a figure")
    assert found is not None
    return base64.b64decode(found.source.removeprefix("data:image/png;base64,"))


def test_a_png_is_shown_as_it_is():
    assert kept_of(png()) == png()
    found = picture(base64_of(png(5, 4)), "a figure")
    assert found is not None
    assert (found.width, found.height, found.says) == (5, 4, "a figure")


@pytest.mark.parametrize(
    "kind", [b"tEXt", b"iTXt", b"zTXt", b"eXIf", b"iCCP", b"acTL", b"fcTL", b"fdAT", b"prVt"]
)
def test_what_is_no_part_of_the_picture_is_dropped(kind):
    assert kept_of(with_part(png(), kind, b"https://example.org <script>")) == png()


def test_what_hangs_behind_a_png_is_dropped():
    assert kept_of(png() + b"<script>alert(1)</script>") == png()


@pytest.mark.parametrize(
    "content",
    [
        b"", b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", b"GIF89a", b"\xff\xd8\xff",
        png()[:-1], png()[:20], b"x" + png(), png().replace(b"IDAT", b"IDAX"), png()[:8] + png()[33:],
        with_part(png(), b"IHDR", png()[16:29]), png()[:33] + chunk(b"IEND", b""),
        png()[:40] + b"\0" + png()[41:],
        sized(0, 3), sized(4001, 3), sized(3, 1 << 31), struct.pack(">Q", 1 << 63), png()[:8] + b"\xff" * 8,
    ],
)  # fmt: skip
def test_what_is_no_whole_png_of_a_usual_size_is_refused(content):
    assert picture(base64_of(content), "a figure") is None


@pytest.mark.parametrize("encoded", ["", "%%%", "é", "iVBO", "data:image/png;base64,iVBO", "A" * 3_000_000])
def test_what_is_no_base64_of_a_usual_length_is_refused(encoded):
    assert picture(encoded, "a figure") is None


def test_figures_that_are_not_shown_are_counted(book):
    drawn = cell("pricing-q1", figures=[base64_of(b"GIF89a"), base64_of(png()), "%"])
    book.record(attempt(item("pricing-q1", 3), transcript=[drawn]))
    page = page_of(book)
    assert page.values("img", "alt") == ["Figure 2 of 3 that your code drew for question 1"]
    assert "2 figures not shown" in page.text


# Harmless


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07a \x1b]8;;https://example.org\x1b\\link", "a link"),
        ("\x1b[2J\x1b[Hgone", "gone"),
        ("a\0b\x07\x7f", "a⟦U+0000⟧b⟦U+0007⟧⟦U+007F⟧"),
        ("half\x1b", "half⟦U+001B⟧"),
        ("10%\r20%\r\nend\n", "10%⟦U+000D⟧20%\nend\n"),
        ("\u202eevil\u202c", "⟦U+202E⟧evil⟦U+202C⟧"),
        ("a\u200bb\ufeffc\u2028", "a⟦U+200B⟧b⟦U+FEFF⟧c⟦U+2028⟧"),
        ("\ud800", "⟦U+D800⟧"),
        ("\x9b31m\x85", "⟦U+009B⟧31m⟦U+0085⟧"),
        ("\U000e0041", "⟦U+E0041⟧"),
        ("tab\tline\nend", "tab\tline\nend"),
        ("王 波 · ابت · 👩‍🔬 · می‌خواهم", "王 波 · ابت · 👩‍🔬 · می‌خواهم"),
    ],
)
def test_what_hides_is_shown_and_a_terminals_colours_are_dropped(text, seen):
    assert visible(text) == seen


def hostile_page(text: str) -> str:
    """A page with a text in every place where one can be, those too that the gradebook would refuse."""
    student = Student("s001", text)
    names = ("CORRECT", "MISTAKE", "INCORRECT", "NOT_ATTEMPTED", "BY_HAND", "ERROR", "MALFORMED", "MISSING")
    questions = [f"q{number}" for number in range(len(names))]
    graded = [
        item(each, 0, 3, name, said=[text, text], mistake=text)
        for each, name in zip(questions, names, strict=True)
    ]
    ran = [
        cell(each, text, text=text, error=f"E {text}", figures=[text, base64_of(png())]) for each in questions
    ]
    items = tuple(Item(each, 3, 0, name, text) for each, name in zip(questions, names, strict=True))
    items = (Item("q0", 3, 1, "CORRECT", "", True), *items[1:], Item("q9", 3, None, text))
    mark = Mark("s001", STEM, 30, Status.TO_MARK, None, 1, items=items, content=sha256("x"), release="ab",
                submitted="2026-03-01T20:00+08:00", reason=text)  # fmt: skip
    about = {
        "student": "s001",
        "assignment": STEM,
        "content": None,
        "old": 0.0,
        "who": text,
        "at": "",
        "why": text,
    }
    made = [
        Override(**{**about, "field": "points", "question": "q0", "content": sha256("x"), "new": 1.0}),
        Override(**{**about, "field": "penalty", "question": None, "new": 10.0}),
    ]
    headings = Headings(text, text, dict.fromkeys(questions, text))
    found = feedback(
        student, Assignment(STEM, text, 30), mark, attempt(*graded, transcript=ran), made, headings
    )
    return found.page()


PLAIN = hostile_page("plain")


@pytest.mark.parametrize("text", [*HOSTILE, "".join(HOSTILE)])
def test_a_hostile_text_is_a_text_wherever_it_stands(text):
    html = hostile_page(text)
    page, plain = PageReader(html), PageReader(PLAIN)
    assert page.faults == []
    assert page.elements == plain.elements, "the text changed the page's structure"
    html.encode()  # no half of a character is left
    shown = " ".join(visible(text).split())
    assert page.text.count(shown) == plain.text.count("plain") > 40


def test_a_hostile_reason_of_an_ungradable_file_is_a_text():
    for text in HOSTILE:
        mark = Mark("s001", STEM, 30, Status.UNGRADABLE, content=sha256("x"), release="ab", reason=text)
        page = PageReader(feedback(ANNE, Assignment(STEM, "", 30), mark, None, [], HEADINGS).page())
        assert page.faults == []
        assert " ".join(visible(text).split()) in page.text


def test_the_page_loads_and_runs_nothing_by_its_own_policy():
    (policy,) = [value for value in PageReader(PLAIN).values("meta", "content") if "default-src" in value]
    style = re.search(r"<style>(.*?)</style>", PLAIN, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy.split("; ") == [
        "default-src 'none'", f"style-src 'sha256-{digest}'", "img-src data:", "base-uri 'none'",
        "form-action 'none'",
    ]  # fmt: skip
    assert PLAIN.index("Content-Security-Policy") < PLAIN.index("<style>")
    assert "url(" not in style[1]
    assert "@import" not in style[1]


def test_a_very_long_answer_is_cut(book):
    book.record(attempt(item("pricing-q1", 0), transcript=[cell("pricing-q1", "x = 1\n" * 10_000)]))
    text = text_of(book)
    assert "… cut: your file has all of it" in text
    assert len(text) < 25_000


# Accessible


def test_headings_go_down_by_one_level_and_every_link_leads_somewhere(book):
    book.record(full_attempt())
    page = page_of(book)
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    ids = {value for _, name, value in page.attributes if name == "id"}
    assert {value[1:] for value in page.values("a", "href")} <= ids
    assert page.values("html", "lang") == ["en"]


def test_words_stand_out_from_their_ground_in_light_and_in_dark():
    css = (paging.FOLDER / "page.css").read_text(encoding="utf-8")
    both = colours(css)
    assert len(both) == 2
    for named in both:
        for word in ("ink", "quiet", "link", "right", "slip", "odd", "open", "hand"):
            # WCAG 2.2, 1.4.3: at least 4.5 for text.
            assert contrast(named[word], named["paper"]) >= 4.5, word
            assert contrast(named[word], named["wash"]) >= 4.5, word


# The course's names


def test_the_headings_of_an_exercise_are_read_from_its_notebook():
    found = Headings.read(ROOT, STEM)
    assert (found.title, found.chapter) == ("Exercise 02 · Pricing lab", "02 · Pricing lab")
    assert found.of("pricing-q2") == "2 · Elasticity from two points"
    assert (found.name("pricing-q2"), found.number("pricing-q2", 9)) == ("Elasticity from two points", "2")
    assert found.prose == {"pricing-q10"}
    assert (found.of("new-q1"), found.number("new-q1", 9)) == ("new-q1", "9")


@pytest.mark.parametrize("path", sorted((ROOT / "exercises").glob("*.ipynb")), ids=lambda path: path.stem)
def test_every_question_of_an_exercise_has_a_heading_with_a_number_of_its_own(path):
    found = Headings.read(ROOT, path.stem)
    numbers = [found.number(question, place) for place, question in enumerate(found.questions, 1)]
    assert len(set(numbers)) == len(numbers) > 5
    assert len({found.name(question) for question in found.questions}) == len(numbers)
    assert found.title != path.stem


# The command


def run(*arguments: str) -> Any:
    return CliRunner().invoke(main, ["feedback", *arguments])


@pytest.fixture
def class_folder(book: Gradebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A class in which Anne's attempt was graded."""
    book.record(full_attempt())
    monkeypatch.chdir(ROOT)
    return tmp_path / "class"


def test_the_command_writes_a_page_that_only_its_owner_may_read(class_folder):
    done = run(STEM, "--class", str(class_folder))
    assert done.exit_code == 0, done.output
    path = class_folder / "feedback" / "s001" / f"{STEM}.html"
    assert "Exercise 02 · Pricing lab" in PageReader(path.read_text(encoding="utf-8")).text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "1 pages" not in done.output
    assert "1 page in" in done.output
    assert "nothing handed in: s002" in done.output
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_second_run_after_an_override_changes_the_page(class_folder, book):
    path = class_folder / "feedback" / "s001" / f"{STEM}.html"
    run("--class", str(class_folder))
    first = path.read_bytes()
    run(f"exercises/{STEM}.ipynb", "--class", str(class_folder))
    assert path.read_bytes() == first
    book.override("s001", STEM, 2, question="pricing-q5", who="li", why="profit is right but for a sign")
    run("--class", str(class_folder))
    assert "profit is right but for a sign" in path.read_text(encoding="utf-8")


def test_a_page_on_an_older_submission_stays_until_the_newest_is_graded(class_folder, book):
    run("--class", str(class_folder))
    book.note_submissions(STEM, {"s001": (sha256("second"), "2026-03-03T20:00:00+08:00")})
    done = run("--class", str(class_folder))
    assert "not graded yet: s001" in done.output
    assert (class_folder / "feedback" / "s001" / f"{STEM}.html").is_file()


def test_an_unknown_assignment_is_one_line(class_folder):
    done = run("99-none", "--class", str(class_folder))
    assert (done.exit_code, done.output.count("\n")) == (1, 1)
    assert "no assignment '99-none'; it has 02-pricing" in done.output


# In Chromium


@pytest.mark.browser
@in_browser
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_a_hostile_page_opens_without_a_complaint_and_runs_nothing(tmp_path, width, dark):
    path = tmp_path / "page.html"
    path.write_text(hostile_page("".join(HOSTILE)), encoding="utf-8")
    scheme = "dark" if dark else "light"
    with opened(path, viewport={"width": width, "height": 800}, color_scheme=scheme) as (page, complaints):
        dialogs: list[Any] = []
        page.on("dialog", lambda dialog: dialogs.append(dialog))
        page.wait_for_load_state("networkidle")
        assert complaints == []
        assert dialogs == []
        assert page.evaluate("document.scripts.length") == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("[...document.images].every((each) => each.naturalWidth > 0)")
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == ("rgb(20, 24, 28)" if dark else "rgb(255, 255, 255)"), "the style is not applied"
        # What would run if it got in does not run under the page's policy.
        page.evaluate(
            "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.ran = 1\">')"
        )
        page.wait_for_timeout(200)
        assert page.evaluate("window.ran") is None


@pytest.mark.browser
@in_browser
def test_a_printed_page_shows_the_code_that_is_folded_on_the_screen(tmp_path, book):
    book.record(full_attempt())
    path = tmp_path / "page.html"
    path.write_text(dict(pages(book, STEM, HEADINGS, {}))["s001"], encoding="utf-8")
    seen = "document.querySelector('#question-1 pre').checkVisibility({contentVisibilityAuto: true})"
    height = "document.querySelector('#question-1 pre').getBoundingClientRect().height"
    with opened(path, color_scheme="dark") as (page, complaints):
        assert not page.evaluate(seen)
        page.emulate_media(media="print")
        assert page.evaluate(height) > 20
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert complaints == []
