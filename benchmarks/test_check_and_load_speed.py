"""How long a student waits for a verdict and for a table."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from crmkit import check, hint, load, progress
from crmkit.exercise import record

GOAL_SECONDS = 0.005


def break_even_change(price_change: float, margin: float) -> float:
    if margin + price_change <= 0:
        return math.inf
    return -price_change / (margin + price_change)


def elasticities(sign: int = 1) -> pd.DataFrame:
    panel = load("hailang.price_panel")
    logs = panel[["price", "bottles"]].apply(np.log)
    within = logs - logs.groupby([panel["tier"], panel["zone_id"]]).transform("mean")
    slopes = {
        tier: sign * np.polyfit(rows["price"], rows["bottles"], 1)[0]
        for tier, rows in within.groupby(panel["tier"])
    }
    tiers = ["VIP", "major", "ordinary", "small"]
    return pd.DataFrame({"tier": tiers, "elasticity": [slopes[tier] for tier in tiers]})


ANSWERS: dict[str, tuple[str, Any]] = {
    "number, right": ("pricing-q2", -11 / 9),
    "number, known slip": ("pricing-q2", -1.0),
    "number, wrong": ("pricing-q2", 7.5),
    "dict, wrong": ("pricing-q5", dict.fromkeys(
        ("office", "household", "profit", "one_price", "one_price_profit", "welfare_change"), 7.5)),
    "table, right": ("pricing-q7", elasticities()),
    "table, known slip": ("pricing-q7", elasticities(-1)),
    "function, right": ("pricing-q3", break_even_change),
    "function, wrong": ("pricing-q3", lambda price_change, margin: 7.5),
}  # fmt: skip


@pytest.fixture
def session(tmp_path: Path) -> Iterator[pytest.MonkeyPatch]:
    """A student's session with a record of a thousand checks."""
    line = {
        "question": "pricing-q1",
        "kind": "check",
        "outcome": "INCORRECT",
        "earned": 0,
        "at": "2026-01-01",
    }
    kept = tmp_path / "progress.jsonl"
    kept.write_text(f"{json.dumps(line)}\n" * 1000, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(record.VARIABLE, str(kept))
        yield patch


@pytest.mark.parametrize("name", ANSWERS)
def test_check(benchmark: BenchmarkFixture, session: pytest.MonkeyPatch, name: str):
    with session.context() as patch:
        patch.delenv("PYTEST_CURRENT_TEST")
        benchmark.pedantic(lambda: repr(check(*ANSWERS[name])), rounds=200, warmup_rounds=5)
    assert benchmark.stats.stats.median < GOAL_SECONDS


def test_hint(benchmark: BenchmarkFixture, session: pytest.MonkeyPatch):
    with session.context() as patch:
        patch.delenv("PYTEST_CURRENT_TEST")
        benchmark.pedantic(lambda: repr(hint("pricing-q1")), rounds=200, warmup_rounds=5)


def test_progress(benchmark: BenchmarkFixture, session: pytest.MonkeyPatch):
    with session.context() as patch:
        patch.delenv("PYTEST_CURRENT_TEST")
        benchmark.pedantic(lambda: progress()._repr_html_(), rounds=200, warmup_rounds=5)


@pytest.mark.parametrize("name", load.names())
def test_load(benchmark: BenchmarkFixture, name: str):
    benchmark(load, name)


def test_about(benchmark: BenchmarkFixture):
    benchmark(lambda: repr(load.about("hailang.price_panel")))
