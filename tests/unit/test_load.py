"""Loading tables by name."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from crmkit.data import Catalogue, DataFileError, UnknownTableError, load
from crmkit.data.package import data_folder


@pytest.fixture
def copy(tmp_path: Path) -> Catalogue:
    """A catalogue whose files a test may damage."""
    return Catalogue(shutil.copytree(load.folder, tmp_path / "datasets"))


def test_every_name_loads_with_the_columns_that_about_lists():
    for name in load.names():
        assert list(load(name).columns) == [column.name for column in load.about(name).table.columns]


def test_a_loaded_table_can_be_changed_without_harm_to_the_next_load():
    first = load("published.toaster")
    first["value"] = 0
    assert load("published.toaster")["value"].tolist() == [10, 300_000, 50_000, 20]


def test_numbers_are_numbers_and_labels_and_months_are_text():
    panel = load("hailang.price_panel")
    assert panel.dtypes[["zone_id", "price", "bottles"]].tolist() == ["int64", "float64", "float64"]
    assert pd.api.types.is_string_dtype(panel["tier"])
    assert panel["month"].iloc[[0, -1]].tolist() == ["1996-10", "1999-09"]
    assert set(load("hailang.charm_test")["arm"]) == {"1.80", "1.79"}


def test_an_unknown_name_lists_what_exists_and_the_nearest_match():
    with pytest.raises(UnknownTableError) as caught:
        load("hailang.price_pannel")
    message = str(caught.value)
    assert "'hailang.price_pannel'" in message
    assert "Did you mean 'hailang.price_panel'?" in message
    assert all(name in message for name in load.names())
    assert "\n" not in message
    assert isinstance(caught.value, LookupError)


@pytest.mark.parametrize(
    ("wrong", "right"), [("toaster", "published.toaster"), ("PRICE_PANEL", "price_panel")]
)
def test_a_name_without_its_package_or_in_capitals_finds_its_match(wrong: str, right: str):
    with pytest.raises(UnknownTableError, match=f"Did you mean '.*{right}'"):
        load(wrong)


@pytest.mark.parametrize("nonsense", ["zzzz", "", 3])
def test_a_name_like_no_other_gets_the_list_and_no_guess(nonsense: object):
    with pytest.raises(UnknownTableError, match=r"^There is no table \S+\. Tables: hailang"):
        load(nonsense)  # type: ignore[arg-type]


def test_a_list_of_names_is_no_name():
    with pytest.raises(UnknownTableError, match="There is no table"):
        load(["hailang.price_panel"])  # type: ignore[arg-type]


RESTORE = r"git checkout -- datasets/published/toaster\.csv.*reinstall crmkit"


def test_an_edited_file_is_named_with_how_to_restore_it(copy: Catalogue):
    path = copy.folder / "published" / "toaster.csv"
    copy("published.toaster")
    path.write_bytes(path.read_bytes().replace(b"50000", b"60000"))
    with pytest.raises(DataFileError, match=f"datasets/published/toaster.csv was edited.*{RESTORE}"):
        copy("published.toaster")


def test_a_truncated_file_is_named_with_how_to_restore_it(copy: Catalogue):
    path = copy.folder / "published" / "toaster.csv"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DataFileError, match=f"toaster.csv was truncated.*126 bytes, not 146.*{RESTORE}"):
        copy("published.toaster")


def test_a_missing_file_is_named_with_how_to_restore_it(copy: Catalogue):
    (copy.folder / "published" / "toaster.csv").unlink()
    with pytest.raises(DataFileError, match=f"toaster.csv is missing.*{RESTORE}"):
        copy("published.toaster")


def test_a_damaged_file_leaves_the_other_tables_usable(copy: Catalogue):
    (copy.folder / "published" / "toaster.csv").unlink()
    assert len(copy("published.price_points")) == 2


@pytest.mark.parametrize("text", ["", "{", "{}", "[]", '{"resources": 1}'])
def test_a_damaged_descriptor_is_named_with_how_to_restore_it(copy: Catalogue, text: str):
    (copy.folder / "hailang" / "datapackage.json").write_text(text)
    with pytest.raises(DataFileError, match=r"git checkout -- datasets/hailang/datapackage\.json"):
        copy("hailang.price_panel")


def test_a_missing_data_folder_says_how_to_restore_it(tmp_path: Path):
    with pytest.raises(DataFileError, match=r"is missing or empty.*git checkout -- datasets`"):
        Catalogue(tmp_path / "nowhere").names()


def test_a_wheel_carries_its_tables_and_a_checkout_has_them_beside_the_package(tmp_path: Path):
    package = tmp_path / "crmkit"
    package.mkdir()
    assert data_folder(package) == tmp_path / "datasets"
    (package / "datasets").mkdir()
    assert data_folder(package) == package / "datasets"


def test_importing_the_names_does_not_import_pandas():
    code = (
        "import crmkit.data, sys; crmkit.data.load.about('published.toaster'); print('pandas' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


def test_any_table_loads_in_150_milliseconds():
    def seconds(name: str) -> float:
        start = time.perf_counter()
        load(name)
        return time.perf_counter() - start

    # The best of three: a busy machine says nothing about the loader.
    slowest = max(min(seconds(name) for _ in range(3)) for name in load.names())
    assert slowest < 0.150


def test_about_a_simulated_table_says_so_and_explains_each_column():
    text = repr(load.about("hailang.price_panel"))
    assert "hailang.price_panel" in text
    assert "simulated: made up for this course" in text
    assert "licence: MIT" in text
    assert "version: " in text
    assert "1996-10 to 1999-09" in text
    (tier,) = [line for line in text.splitlines() if line.startswith("tier ")]
    assert "VIP, major, ordinary, small" in tier
    assert "客户层级" in tier
    (price,) = [line for line in text.splitlines() if line.startswith("price ")]
    assert "yuan/bottle" in price


def test_about_a_published_table_gives_its_source_and_citation_key():
    text = repr(load.about("published.food_elasticity"))
    assert "Andreyeva, Long and Brownell (2010)" in text
    assert "andreyeva2010" in text
    assert "−0.81 to −0.27" in text
    assert "simulated" not in text


def test_about_reads_the_same_every_run():
    assert repr(load.about("hailang.charm_test")) == repr(Catalogue(load.folder).about("hailang.charm_test"))


def test_about_in_a_notebook_is_a_table_with_the_same_words():
    about = load.about("hailang.price_panel")
    html = about._repr_html_()
    assert html.count("<tr>") == 1 + len(about.table.columns)
    for row in about.rows:
        assert all(cell in html for cell in row)
    assert '<td lang="zh">单价</td>' in html
    assert "made up for this course" in html


def test_about_an_unknown_name_helps_as_load_does():
    with pytest.raises(UnknownTableError, match=r"Did you mean 'hailang\.charm_test'"):
        load.about("hailang.charmtest")
