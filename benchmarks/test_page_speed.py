"""How long a reader of the published page waits for the next picture, once a control has moved."""

import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest
from playwright.sync_api import Locator, sync_playwright
from pytest_benchmark.fixture import BenchmarkFixture

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "site"))

from browser import launch, visit
from pages import ROOT
from test_widgets import WATCH, figure_at, wait_until_shown

from crmkit.site.build import build
from crmkit.site.serve import serve

GOAL_MILLISECONDS = 100
PAGE = "chapters/02-pricing"


@pytest.fixture
def figure() -> Iterator[Locator]:
    """The first widget of a chapter, with a record of when each picture was asked for and shown."""
    with serve(build(ROOT).folder, port=0) as server, sync_playwright() as playwright:
        page = visit(launch(playwright), f"{server.address}{PAGE}.html", server.address).page
        page.wait_for_load_state("networkidle")
        found = figure_at(page, (PAGE, 0))
        found.evaluate(WATCH)
        found.locator("input[type=range]").first.focus()
        yield found


@pytest.mark.benchmark(group="page")
def test_a_key_brings_the_next_picture(benchmark: BenchmarkFixture, figure: Locator):
    keys = iter(["ArrowRight", "ArrowLeft"] * 20)

    def press() -> None:
        figure.page.keyboard.press(next(keys))
        wait_until_shown(figure)

    # The time of a round has the test's own messages to the browser in it; the page's clock has not.
    benchmark.pedantic(press, rounds=20, warmup_rounds=2)
    figure.page.wait_for_timeout(200)
    waits = [each["ms"] for each in figure.evaluate("(figure) => figure.seen")]
    benchmark.extra_info["goal"] = f"{GOAL_MILLISECONDS} ms"
    benchmark.extra_info["median milliseconds to the next picture"] = round(median(waits), 1)
