"""`crmkit data build`: a dairy of one's own, whole or not there at all."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from crmkit import cli
from crmkit.data import Catalogue, DataFileError, hailang, load
from crmkit.data.hailang import scale
from crmkit.data.package import Column, Package, Table
from crmkit.data.writer import write_package

TINY = Package(
    name="tiny",
    title="Tiny",
    description="A package for tests.",
    version="1.0.0",
    licence="MIT",
    simulated=True,
    tables=(
        Table(
            "sales",
            "Sales",
            "Bottles by month.",
            "made up",
            (
                Column("month", "yearmonth", "Month", "月份", "Month", required=False),
                Column("bottles", "integer", "Bottles", "瓶数", "Bottles", unit="bottles"),
            ),
        ),
    ),
)
PIECES = [
    pd.DataFrame({"month": [None, None], "bottles": [3, 9]}, dtype=object).astype({"bottles": "int64"}),
    pd.DataFrame({"month": ["1996-10", "1996-11"], "bottles": [1, 4]}),
]


@pytest.fixture(scope="module")
def seven(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all 80,000 accounts of the dairy of seed 7."""
    folder = tmp_path_factory.mktemp("seven")
    arguments = ["data", "build", "--scale", "full", "--seed", "7", "--out", str(folder)]
    result = CliRunner().invoke(cli.main, arguments)
    assert result.exit_code == 0, result.output
    assert "21 tables" in result.output
    return folder


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_a_table_in_pieces_is_the_same_as_in_one(tmp_path: Path, format: str):
    written = write_package(TINY, {"sales": lambda: PIECES}, tmp_path / "tiny", format)
    whole = Catalogue(tmp_path)("tiny.sales")
    assert whole["bottles"].tolist() == [3, 9, 1, 4]
    assert whole["month"].tolist()[2:] == ["1996-10", "1996-11"]
    assert whole["month"].isna().tolist() == [True, True, False, False]
    month, bottles = written.tables[0].columns
    assert (month.minimum, month.maximum) == ("1996-10", "1996-11")
    assert (bottles.minimum, bottles.maximum) == (1, 9)


def test_a_table_with_other_columns_than_declared_is_refused(tmp_path: Path):
    wrong = pd.DataFrame({"month": ["1996-10"], "litres": [1]})
    with pytest.raises(ValueError, match=r"sales: the data have columns .*litres.* declared are .*bottles"):
        write_package(TINY, {"sales": lambda: [wrong]}, tmp_path / "tiny")
    assert list((tmp_path / "tiny").iterdir()) == []


def test_a_build_that_fails_leaves_the_older_table_and_no_description(tmp_path: Path):
    write_package(TINY, {"sales": lambda: PIECES}, tmp_path / "tiny")
    before = (tmp_path / "tiny" / "sales.csv").read_bytes()

    def stopped():
        yield PIECES[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_package(TINY, {"sales": stopped}, tmp_path / "tiny")
    assert [path.name for path in (tmp_path / "tiny").iterdir()] == ["sales.csv"]
    assert (tmp_path / "tiny" / "sales.csv").read_bytes() == before
    with pytest.raises(DataFileError):
        Catalogue(tmp_path).names()


def test_a_full_dairy_has_80_000_accounts_and_says_its_seed(seven: Path):
    dairy = Catalogue(seven)
    served = dairy("hailang.subscribers").fillna({"leave_month": "9999-12"})
    assert len(served.query("join_month <= '1998-09' <= leave_month")) == 80_000
    assert "seed 7;" in dairy.about("hailang.subscribers").table.source
    assert "1 in 20" not in dairy.about("hailang.subscribers").table.title
    assert dairy("hailang.routes")["in_sample"].all()
    assert all(
        resource["simulated"]
        for resource in json.loads((seven / "hailang" / "datapackage.json").read_text(encoding="utf-8"))[
            "resources"
        ]
    )


def test_the_accounts_of_a_full_dairy_add_up_to_its_sales(seven: Path):
    dairy = Catalogue(seven)
    orders = dairy("hailang.orders_monthly").merge(dairy("hailang.subscribers"), on="account_id")
    by_account = orders.groupby(["month", "zone_id", "tier_true"])["bottles"].sum()
    sales = dairy("hailang.sales_monthly").set_index(["month", "zone_id", "tier"])["bottles"]
    assert by_account.rename_axis(sales.index.names).sort_index().equals(sales.sort_index())
    assert not orders.duplicated(["month", "account_id"]).any()
    assert dairy("hailang.promo_assign")["account_id"].isin(dairy("hailang.subscribers")["account_id"]).all()


def test_the_sample_is_one_in_twenty_of_the_full_dairy(seven: Path):
    dairy, sample = Catalogue(seven), hailang.tables(seed=7)
    for name, key in (
        ("subscribers", "account_id"),
        ("payments", "account_id"),
        ("time_study", "account_id"),
    ):
        full = dairy(f"hailang.{name}")
        mine = full[full[key].isin(sample["subscribers"][key])]
        keys = list(dairy.about(f"hailang.{name}").table.primary_key)
        left = mine.sort_values(keys, ignore_index=True)
        right = sample[name].sort_values(keys, ignore_index=True)
        pd.testing.assert_frame_equal(left, right, check_dtype=False)


def test_the_sample_of_the_shipped_seed_is_what_is_shipped(tmp_path: Path):
    scale.build(tmp_path)
    shipped = load.folder / "hailang"
    assert {path.name for path in (tmp_path / "hailang").iterdir()} == {
        path.name for path in shipped.iterdir() if path.suffix in {".csv", ".json"}
    }
    for path in (tmp_path / "hailang").iterdir():
        assert path.read_bytes() == (shipped / path.name).read_bytes(), path.name


def test_a_killed_build_leaves_only_whole_tables_and_the_next_one_finishes(tmp_path: Path):
    arguments = ["data", "build", "--scale", "full", "--seed", "3", "--out", str(tmp_path)]
    process = subprocess.Popen(
        [sys.executable, "-c", "from crmkit.cli import main; main()", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    folder = tmp_path / "hailang"
    deadline = time.monotonic() + 120
    # Killed in the middle of a large table.
    while not (folder / "orders_monthly.parquet.part").exists() and time.monotonic() < deadline:
        assert process.poll() is None
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()

    whole = list(folder.glob("*.parquet"))
    assert whole
    assert not (folder / "orders_monthly.parquet").exists()
    assert not (folder / "datapackage.json").exists()
    for path in whole:
        assert len(pd.read_parquet(path)) > 0
    scale.build(tmp_path, "sample", seed=3)
    assert not [*folder.glob("*.part"), *folder.glob("*.parquet")]
    assert len(Catalogue(tmp_path)("hailang.routes")) == 400


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--seed", "-1"], "-1"),
        (["--seed", "x"], "'x'"),
        (["--seed", "1", "--scale", "huge"], "huge"),
        ([], "--seed"),
    ],
)
def test_a_wrong_option_is_named(tmp_path: Path, arguments: list[str], word: str):
    result = CliRunner().invoke(cli.main, ["data", "build", "--out", str(tmp_path), *arguments])
    assert result.exit_code == 2
    assert word in result.output
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_gets_one_line(tmp_path: Path):
    blocked = tmp_path / "file"
    blocked.touch()
    result = CliRunner().invoke(cli.main, ["data", "build", "--seed", "1", "--out", str(blocked / "inside")])
    assert result.exit_code == 1
    assert "crmkit: " in result.output
    assert str(blocked) in result.output
