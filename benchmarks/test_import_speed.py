"""What `from crmkit import …` adds to the start of a session."""

import statistics
import subprocess
import sys
from time import perf_counter

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

GOAL_SECONDS = 0.3
IMPORTS = {
    "nothing": "pass",
    "pandas": "import pandas",
    "crmkit": "from crmkit import check, hint, load, progress",
    "pandas and crmkit": "import pandas; from crmkit import check, hint, load, progress",
}


def start(code: str) -> float:
    begun = perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return perf_counter() - begun


@pytest.mark.parametrize("name", IMPORTS)
def test_a_session_starts(benchmark: BenchmarkFixture, name: str):
    benchmark.pedantic(start, (IMPORTS[name],), rounds=7, warmup_rounds=1)


def test_crmkit_adds_little_to_what_pandas_takes():
    alone, both = (
        statistics.median(start(IMPORTS[name]) for _ in range(7)) for name in ("pandas", "pandas and crmkit")
    )
    assert both - alone < GOAL_SECONDS, f"{both / alone:.2f} times as long as pandas alone"
