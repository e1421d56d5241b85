"""The files of `datasets/`: written by one command, described by their data packages."""

import json
import shutil
from pathlib import Path
from types import ModuleType

import frictionless
import numpy as np
import pandas as pd
import pytest

from crmkit.data import build, hailang, load, published, real
from crmkit.data.package import Package

DATASETS = load.folder
BIBLIOGRAPHY = DATASETS.parent / "references.bib"

packages = pytest.mark.parametrize("folder", ["hailang", "published", "real"])
tables = pytest.mark.parametrize("name", load.names())


def descriptor(folder: str) -> dict:
    return json.loads((DATASETS / folder / "datapackage.json").read_text(encoding="utf-8"))


def test_the_committed_tables_are_what_the_simulation_writes(capsys: pytest.CaptureFixture):
    assert build.main(["--check"]) == 0, capsys.readouterr().out


def test_a_first_build_writes_everything_and_a_second_nothing(tmp_path: Path, capsys: pytest.CaptureFixture):
    assert build.main(["--folder", str(tmp_path)]) == 0
    written = capsys.readouterr().out
    assert "wrote: datasets/hailang/price_panel.csv" in written
    assert "wrote: datasets/real/datapackage.json" in written
    assert build.main(["--folder", str(tmp_path)]) == 0
    assert capsys.readouterr().out == ""


def test_a_check_names_the_file_that_differs_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture
):
    build.main(["--folder", str(tmp_path)])
    edited = tmp_path / "published" / "toaster.csv"
    edited.write_bytes(b"item,value,unit\n")
    capsys.readouterr()
    assert build.main(["--check", "--folder", str(tmp_path)]) == 1
    assert capsys.readouterr().out == "differs: datasets/published/toaster.csv\n"
    assert edited.read_bytes() == b"item,value,unit\n"


@pytest.mark.parametrize("package", [hailang, published, real], ids=["hailang", "published", "real"])
def test_a_loaded_table_is_the_simulated_or_typed_one_to_the_last_bit(package: ModuleType):
    for name, table in package.tables().items():
        pd.testing.assert_frame_equal(load(f"{package.PACKAGE.name}.{name}"), table, check_exact=True)


@packages
def test_every_file_is_declared(folder: str):
    resources = descriptor(folder)["resources"]
    declared = {resource["path"] for resource in resources if "wheel_file" not in resource}
    assert {path.name for path in (DATASETS / folder).glob("*.csv")} == declared


@packages
def test_a_data_package_has_what_the_frictionless_specification_asks_for(folder: str):
    package = descriptor(folder)
    assert package["name"] == folder
    assert package["licenses"][0]["name"]
    assert package["version"].count(".") == 2
    assert all(source["title"] for source in package["sources"])
    for resource in package["resources"]:
        assert resource["name"] == Path(resource["path"]).stem
        assert resource.get("wheel_file", resource)["hash"].startswith("sha256:")
        for field in resource["schema"]["fields"]:
            assert field["type"] in {"string", "integer", "number", "date", "yearmonth"}
            assert {"title", "title_zh", "description", "unit", "constraints"} <= field.keys()


@packages
def test_frictionless_finds_a_package_valid(folder: str, tmp_path: Path):
    for resource in descriptor(folder)["resources"]:
        if "wheel_file" in resource:
            load(f"{folder}.{resource['name']}").to_csv(tmp_path / resource["path"], index=False)
        else:
            (tmp_path / resource["path"]).symlink_to(DATASETS / folder / resource["path"])
    shutil.copy(DATASETS / folder / "datapackage.json", tmp_path)
    report = frictionless.validate(str(tmp_path / "datapackage.json"))
    assert report.valid, report.flatten(["title", "message"])[:5]


@packages
def test_a_descriptor_has_a_stable_layout(folder: str):
    raw = (DATASETS / folder / "datapackage.json").read_bytes()
    text = raw.decode()
    assert text.endswith("}\n")
    assert b"\r" not in raw
    assert "\\u" not in text
    assert Package.from_json(text).to_json() == text


def test_every_simulated_table_is_stamped_and_no_published_one():
    assert descriptor("hailang")["simulated"] is True
    assert all(resource["simulated"] is True for resource in descriptor("hailang")["resources"])
    for folder in ("published", "real"):
        assert all(resource["simulated"] is False for resource in descriptor(folder)["resources"])


@tables
def test_every_value_keeps_its_declared_range(name: str):
    data = load(name)
    for column in load.about(name).table.columns:
        values = data[column.name]
        assert values.notna().all() == column.required
        values = values.dropna()
        if column.options:
            assert set(values) <= set(column.options)
        if column.minimum is not None:
            assert (values.min(), values.max()) == (column.minimum, column.maximum)


@tables
def test_every_column_has_a_chinese_name_a_meaning_and_if_a_quantity_a_unit(name: str):
    for column in load.about(name).table.columns:
        assert any("一" <= character <= "鿿" for character in column.title_zh)
        assert column.description
        assert column.unit or column.type in {"string", "date", "yearmonth"} or column.name.endswith("_id")


def test_every_published_or_real_table_has_a_citation_or_says_that_it_is_a_course_example():
    for name in load.names():
        table = load.about(name).table
        if not load.about(name).package.simulated:
            assert bool(table.citation) != ("course example" in table.source)


@pytest.mark.skipif(not BIBLIOGRAPHY.exists(), reason="references.bib is not beside datasets/")
def test_every_citation_is_in_the_bibliography():
    bibliography = BIBLIOGRAPHY.read_text(encoding="utf-8")
    for name in load.names():
        citation = load.about(name).table.citation
        assert not citation or f"{{{citation}," in bibliography


def test_food_elasticities_are_negative_and_lie_in_the_middle_of_their_intervals():
    food = load("published.food_elasticity")
    assert len(food) == 16
    assert (food["elasticity"] < 0).all()
    # A symmetric interval has its mean in the middle: a slip in typing would show.
    assert np.allclose(food["elasticity"], (food["low"] + food["high"]) / 2, atol=0.0101)


def test_the_published_elasticities_of_milk_and_the_extremes_are_as_reported():
    food = load("published.food_elasticity").set_index("category")["elasticity"]
    assert food["milk"] == -0.59
    assert (food.idxmin(), food.min()) == ("food away from home", -0.81)
    assert (food.idxmax(), food.max()) == ("eggs", -0.27)


def test_the_toaster_costs_16_and_sells_at_20():
    value = load("published.toaster").set_index("item")["value"]
    cost = value["variable cost"] + value["fixed cost"] / value["expected unit sales"]
    assert cost == 16
    assert cost / (1 - value["desired return on sales"] / 100) == pytest.approx(20)


def test_the_two_price_points_have_an_arc_elasticity_of_minus_1_222():
    points = load("published.price_points")[["price", "quantity"]]
    relative = points.diff().iloc[1] / points.mean()
    assert relative["quantity"] / relative["price"] == pytest.approx(-1.222, abs=0.0005)
