"""How long a student waits for a table, and an instructor for a dairy of all 80,000 accounts."""

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from crmkit import load
from crmkit.data.hailang.dairy import simulate

LOAD_GOAL_SECONDS = 0.150
BUILD_GOAL_SECONDS = 180
BUILD_GOAL_GIGABYTES = 2.0

LARGEST = ["hailang.payments", "hailang.orders_monthly", "hailang.deliveries_daily", "hailang.subscribers"]
BUILD = """
import json, resource, sys
from pathlib import Path
from crmkit.data.hailang.scale import build
build(Path(sys.argv[1]), "full", seed=7)
# Linux counts in kilobytes.
print(json.dumps({"gigabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6}))
"""


@pytest.mark.benchmark(group="load")
@pytest.mark.parametrize("name", LARGEST)
def test_load_a_large_table(benchmark: BenchmarkFixture, name: str):
    benchmark.extra_info["goal"] = f"{LOAD_GOAL_SECONDS} s"
    assert len(benchmark(load, name)) > 1_000


@pytest.mark.benchmark(group="load")
@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_the_largest_table_in_either_format_with_pandas_alone(
    benchmark: BenchmarkFixture, tmp_path: Path, format: str
):
    table = load(LARGEST[0])
    path = tmp_path / f"table.{format}"
    read = {"csv": pd.read_csv, "parquet": pd.read_parquet}[format]
    table.to_csv(path, index=False) if format == "csv" else table.to_parquet(path)
    benchmark.extra_info["kilobytes"] = path.stat().st_size // 1000
    assert len(benchmark(read, path)) == len(table)


@pytest.mark.benchmark(group="simulate")
def test_simulate_the_history_of_a_dairy(benchmark: BenchmarkFixture):
    seeds = iter(range(1, 100))
    benchmark.pedantic(lambda: simulate(next(seeds)), rounds=5)


@pytest.mark.benchmark(group="simulate")
def test_build_all_80_000_accounts(benchmark: BenchmarkFixture, tmp_path: Path):
    def build() -> float:
        command = [sys.executable, "-c", BUILD, str(tmp_path)]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return json.loads(output)["gigabytes"]

    benchmark.extra_info["goal"] = f"{BUILD_GOAL_SECONDS} s, {BUILD_GOAL_GIGABYTES} GB"
    benchmark.extra_info["peak gigabytes"] = benchmark.pedantic(build, rounds=3)
