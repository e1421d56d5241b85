"""Real customers from the files of an installed package: the facts, and what happens without the package."""

import hashlib
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crmkit.data import DataFileError, load
from crmkit.data.package import NotInstalledError

NAMES = ["real.cdnow", "real.cdnow_sample", "real.donations"]
CHECKOUT = Path(__file__).parents[2]


def carrier() -> Path:
    """The folder of the installed package, which is found but not imported."""
    (folder,) = find_spec("lifetimes").submodule_search_locations
    return Path(folder)


@pytest.fixture(scope="module")
def cdnow() -> pd.DataFrame:
    return load("real.cdnow")


@pytest.fixture(scope="module")
def sample() -> pd.DataFrame:
    return load("real.cdnow_sample")


# The facts


def test_the_cohort_is_the_one_that_fader_and_hardie_describe(cdnow: pd.DataFrame):
    assert len(cdnow) == 69_659
    assert sorted(cdnow["customer_id"].unique()) == list(range(1, 23_571))
    assert cdnow["cds"].sum() == 167_881
    assert cdnow["dollars"].sum() == pytest.approx(2_500_315.63, abs=0.001)


def test_everybody_first_bought_in_the_first_quarter_of_1997(cdnow: pd.DataFrame):
    assert (cdnow["date"].min(), cdnow["date"].max()) == ("1997-01-01", "1998-06-30")
    assert cdnow.groupby("customer_id")["date"].min().max() <= "1997-03-31"


def test_80_transactions_cost_nothing_and_255_repeat_another_one(cdnow: pd.DataFrame):
    assert (cdnow["dollars"] == 0).sum() == 80
    assert cdnow.duplicated().sum() == 255


def test_tidy_columns_have_fixed_types(cdnow: pd.DataFrame, sample: pd.DataFrame):
    assert cdnow.dtypes[["customer_id", "cds", "dollars"]].tolist() == ["int64", "int64", "float64"]
    assert pd.api.types.is_string_dtype(cdnow["date"])
    assert sample.dtypes.tolist() == ["int64", "int64"]
    assert load("real.donations").dtypes.tolist() == ["int64"] * 4


def test_every_day_is_a_date_and_every_amount_a_whole_number_of_cents(cdnow: pd.DataFrame):
    days = pd.to_datetime(cdnow["date"], format="%Y-%m-%d")
    assert (days.dt.strftime("%Y-%m-%d") == cdnow["date"]).all()
    assert (np.round(cdnow["dollars"] * 100) / 100 == cdnow["dollars"]).all()


def test_the_first_and_the_last_line_are_read_as_they_stand(cdnow: pd.DataFrame):
    lines = (carrier() / "datasets" / "CDNOW_master.txt").read_text().splitlines()
    for row, line in [(0, lines[1]), (-1, lines[-1])]:
        customer, day, cds, dollars = line.split()
        expected = [int(customer), f"{day[:4]}-{day[4:6]}-{day[6:]}", int(cds), float(dollars)]
        assert cdnow.iloc[row].tolist() == expected


def test_the_sample_is_one_customer_in_ten(cdnow: pd.DataFrame, sample: pd.DataFrame):
    assert len(sample) == 2_357 == cdnow["customer_id"].nunique() / 10
    assert sample["customer_id"].is_unique
    assert sample["sample_id"].tolist() == list(range(1, 2_358))


def test_sample_numbers_follow_the_first_purchase(cdnow: pd.DataFrame, sample: pd.DataFrame):
    first = cdnow.groupby("customer_id")["date"].min()
    assert sample["customer_id"].map(first).is_monotonic_increasing


def test_the_samples_purchases_are_those_in_the_master_table(cdnow: pd.DataFrame, sample: pd.DataFrame):
    # The file of the sample repeats the purchases: number in the cohort and in the sample, day, CDs, dollars.
    lines = (carrier() / "datasets" / "CDNOW_sample.txt").read_text().splitlines()
    theirs = sorted((int(c), int(s), d, int(n), float(m)) for c, s, d, n, m in map(str.split, lines))
    merged = cdnow.merge(sample, on="customer_id")
    merged["date"] = merged["date"].str.replace("-", "")
    columns = ["customer_id", "sample_id", "date", "cds", "dollars"]
    assert len(theirs) == 6_919
    assert sorted(merged[columns].itertuples(index=False, name=None)) == theirs


def test_the_donors_are_11_104_in_22_patterns():
    donations = load("real.donations")
    assert len(donations) == 22
    assert donations["donors"].sum() == 11_104
    assert (donations["periods"] == 6).all()
    assert donations.loc[donations["frequency"] == 0, "donors"].tolist() == [3_464]
    assert (donations["frequency"] <= donations["recency"]).all()


# Where the tables come from


@pytest.mark.parametrize("name", NAMES)
def test_about_names_the_authors_and_says_whose_claim_the_licence_is(name: str):
    text = repr(load.about(name))
    assert "Hardie, brucehardie.com" in text
    assert "of the Python package Lifetimes 0.11.3" in text
    assert "licence: MIT, as claimed by the packager; the data come with no licence of their own" in text


def test_no_file_of_the_package_is_in_the_checkout():
    assert [path.name for path in (load.folder / "real").iterdir()] == ["datapackage.json"]


@pytest.mark.parametrize("name", NAMES)
def test_the_sha256_is_that_of_the_file_in_the_wheel(name: str):
    # pip's own record of the installed files, as the wheel carries it.
    file = load.about(name).table.wheel_file
    assert hashlib.sha256((carrier().parent / file.path).read_bytes()).hexdigest() == file.sha256


# Without the package


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A folder for `sys.path` in which pandas is there, and neither the package nor what it needs is."""
    site = Path(pd.__file__).parents[1]
    for name in ("numpy", "numpy.libs", "pandas", "pandas.libs", "dateutil", "six.py", "tzdata", "pytz"):
        if (site / name).exists():
            (tmp_path / name).symlink_to(site / name)
    return tmp_path


def run(bare: Path, code: str) -> str:
    """Run code in a Python that sees only the bare folder and the checkout, and return what it prints."""
    start = f"import sys; sys.path[:0] = [{str(bare)!r}, {str(CHECKOUT)!r}]\n"
    command = [sys.executable, "-I", "-S", "-c", start + code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_the_files_are_enough_and_the_package_is_not_imported(bare: Path):
    # As in the browser, where the wheel is unpacked and autograd cannot be had.
    shutil.copytree(carrier(), bare / "lifetimes", ignore=shutil.ignore_patterns("__pycache__"))
    code = """
from importlib.util import find_spec
from crmkit.data import load
print([len(load(name)) for name in load.names() if name.startswith("real.")])
print(find_spec("autograd"), "lifetimes" in sys.modules)
"""
    assert run(bare, code).splitlines() == ["[69659, 2357, 22]", "None False"]


def test_without_the_package_names_and_meanings_are_there_and_the_error_says_what_to_install(bare: Path):
    code = """
from crmkit.data import DataFileError, load
print(load.about("real.cdnow").table.title)
try:
    load("real.cdnow")
except DataFileError as error:
    print(type(error).__name__)
    print(error)
"""
    title, kind, *message = run(bare, code).splitlines()
    assert title == "Purchases at CDNOW, 1997–98"
    assert kind == "NotInstalledError"
    assert message == [
        "The table real.cdnow is lifetimes/datasets/CDNOW_master.txt of the Python package Lifetimes 0.11.3, "
        "which is not installed. Install it with `pip install --no-deps Lifetimes==0.11.3`."
    ]


def test_a_module_of_the_same_name_is_not_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "lifetimes.py").write_text("print('my own model')\n")
    monkeypatch.delitem(sys.modules, "lifetimes", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(NotInstalledError, match="which is not installed"):
        load("real.donations")


# With a damaged package


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data files of a copy of the package, which Python finds first."""
    folder = tmp_path / "lifetimes"
    shutil.copytree(carrier(), folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.delitem(sys.modules, "lifetimes", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    return folder / "datasets"


RESTORE = r"pip install --force-reinstall --no-deps Lifetimes==0\.11\.3"


def test_an_edited_file_is_named_with_how_to_restore_it(copy: Path):
    path = copy / "CDNOW_master.txt"
    assert len(load("real.cdnow")) == 69_659
    path.write_bytes(path.read_bytes().replace(b"11.77", b"99.77"))
    named = r"^lifetimes/datasets/CDNOW_master\.txt of the Python package Lifetimes 0\.11\.3 was edited"
    with pytest.raises(DataFileError, match=f"{named}.*{RESTORE}"):
        load("real.cdnow")


def test_a_truncated_file_is_named_with_how_to_restore_it(copy: Path):
    path = copy / "CDNOW_sample.txt"
    path.write_bytes(path.read_bytes()[:100_000])
    with pytest.raises(
        DataFileError, match=f"truncated or edited: it has 100,000 bytes, not 228,327.*{RESTORE}"
    ):
        load("real.cdnow_sample")


def test_a_missing_file_is_named_with_how_to_restore_it(copy: Path):
    (copy / "donations.csv").unlink()
    with pytest.raises(
        DataFileError, match=rf"donations\.csv of the Python package .* is missing.*{RESTORE}"
    ):
        load("real.donations")
