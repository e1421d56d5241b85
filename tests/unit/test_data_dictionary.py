"""The page of the data dictionary: complete, up to date, and true in what it says and shows."""

import re
import shutil
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

import pytest
from docutils.nodes import make_id

from crmkit.data import Catalogue, load
from crmkit.data.diagram import anchor
from crmkit.data.package import DESCRIPTOR
from crmkit.site import dictionary

COURSE = load.folder.parent

pytestmark = [
    pytest.mark.skipif(find_spec("lifetimes") is None, reason="the data of the package real are not there"),
    pytest.mark.skipif(not (COURSE / dictionary.PAGE).exists(), reason="the page is not beside datasets/"),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("built")


@pytest.fixture(autouse=True)
def cache(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRMKIT_CACHE", str(built))


@pytest.fixture(scope="module")
def page() -> str:
    return (COURSE / dictionary.PAGE).read_text(encoding="utf-8")


def section(page: str, name: str) -> str:
    """Return what the page says under a label."""
    (found,) = re.findall(rf"^\({re.escape(name)}\)=\n(.*?)(?=^\(|\Z)", page, flags=re.MULTILINE | re.DOTALL)
    return found


def cells(text: str) -> list[list[str]]:
    """Return the body of the tables of a text."""
    rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in row] for row in rows]


def test_the_committed_page_and_diagram_are_what_the_packages_give(capsys: pytest.CaptureFixture):
    assert dictionary.main(["--check"]) == 0, capsys.readouterr().out


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A copy of what the page is made from."""
    shutil.copytree(load.folder, tmp_path / "course" / "datasets")
    return tmp_path / "course"


def test_a_first_run_writes_the_page_and_a_second_nothing(course: Path, capsys: pytest.CaptureFixture):
    assert dictionary.main(["--folder", str(course)]) == 0
    assert capsys.readouterr().out == "wrote: data-dictionary.md\nwrote: assets/hailang-er.svg\n"
    assert dictionary.main(["--folder", str(course)]) == 0
    assert capsys.readouterr().out == ""


def test_a_check_names_what_is_out_of_date_and_writes_nothing(course: Path, capsys: pytest.CaptureFixture):
    dictionary.main(["--folder", str(course)])
    descriptor = course / "datasets" / "published" / DESCRIPTOR
    text = descriptor.read_text(encoding="utf-8").replace("Food or drink category", "Kind of *food* | drink")
    descriptor.write_text(text, encoding="utf-8")
    before = (course / dictionary.PAGE).read_bytes()
    capsys.readouterr()
    assert dictionary.main(["--folder", str(course), "--check"]) == 1
    assert capsys.readouterr().out == "differs: data-dictionary.md\n"
    assert (course / dictionary.PAGE).read_bytes() == before


def test_text_of_a_description_is_shown_as_it_is(course: Path):
    descriptor = course / "datasets" / "published" / DESCRIPTOR
    text = descriptor.read_text(encoding="utf-8").replace("Food or drink category", "5*3 | `a` <b> [c] $d")
    descriptor.write_text(text, encoding="utf-8")
    written = dictionary.pages(Catalogue(course / "datasets"))[dictionary.PAGE]
    assert r"| 5\*3 \| \`a\` \<b> \[c] \$d |" in written


@pytest.mark.parametrize("name", load.names())
def test_each_column_is_there_with_its_meaning_chinese_name_type_unit_and_range(name: str, page: str):
    table = load.about(name).table
    rows = cells(section(page, name))
    assert [row[0] for row in rows] == [f"`{column.name}`" for column in table.columns]
    for row, column in zip(rows, table.columns, strict=True):
        shown = [cell.replace("\\", "") for cell in row]
        assert shown[1:3] == [column.description, column.title_zh]
        assert shown[3].startswith(column.type)
        assert ("may be empty" in shown[3]) != column.required
        assert shown[4] == column.unit
        if column.options:
            assert shown[5] == ", ".join(column.options)


def test_a_range_is_that_of_the_data(page: str):
    bottles = load("hailang.orders_monthly")["bottles"]
    (row,) = [row for row in cells(section(page, "hailang.orders_monthly")) if row[0] == "`bottles`"]
    assert row[5] == f"{bottles.min():,} to {bottles.max():,}"
    changes = load("published.food_elasticity")["elasticity"]
    (row,) = [row for row in cells(section(page, "published.food_elasticity")) if row[0] == "`elasticity`"]
    assert row[5] == f"−{-changes.min()} to −{-changes.max()}"


@pytest.mark.parametrize("name", load.names())
def test_the_number_of_rows_is_that_of_the_table(name: str, page: str):
    rows = f"{len(load(name)):,}"
    assert f'`load("{name}")`: {rows} rows; file: ' in section(page, name)
    package, _, table = name.partition(".")
    assert re.search(
        rf"^\| {{ref}}`{table} <{name}>` \| .* \| {rows} \| ", section(page, package), re.MULTILINE
    )


def test_the_contacts_of_the_database_are_described_too(page: str):
    contacts = section(page, "hailang.contacts")
    accounts = load("hailang.subscribers")[["payer", "decider", "user"]]
    persons = f"{accounts.nunique(axis=1).sum():,}"
    assert f'In `load.database("hailang")` only: {persons} rows' in contacts
    assert [row[0].strip("`") for row in cells(contacts)] == [
        "contact_id",
        "account_id",
        "person",
        "is_payer",
        "is_decider",
        "is_user",
        "phone_known_to_firm",
    ]


def test_a_package_says_whose_its_numbers_are(page: str):
    assert "Simulated" in section(page, "hailang")
    assert "no real firm, customer or sale" in section(page, "hailang")
    assert "Simulated" not in section(page, "published")
    for name in load.names():
        about = load.about(name)
        if not about.package.simulated:
            shown = section(page, name).replace("\\", "")
            assert f"Source: {about.table.source}" in shown
            assert (f"{{cite}}`{about.table.citation}`" in shown) == bool(about.table.citation)
            assert about.table.source_url in shown
        for fact in (about.package.version, about.package.licence, about.package.description):
            assert fact in section(page, about.package.name).replace("\\", "")


def test_keys_are_told_and_lead_to_their_tables(page: str):
    orders = section(page, "hailang.orders_monthly")
    assert "- Primary key: `month`, `account_id`\n" in orders
    assert (
        "- Foreign keys: `account_id` of {ref}`subscribers <hailang.subscribers>`, "
        "`sku` of {ref}`products <hailang.products>`, `promo_id` of {ref}`promotions <hailang.promotions>`\n"
    ) in orders


def test_every_reference_has_its_label_and_no_label_is_given_twice(page: str):
    labels = re.findall(r"^\(([\w.]+)\)=$", page, flags=re.MULTILINE)
    assert len(labels) == len(set(labels))
    assert {*load.names(), "hailang.contacts", "hailang", "published", "real"} == set(labels)
    assert set(re.findall(r"{ref}`[^<`]*<([^>]*)>`", page)) <= set(labels)


def test_each_box_of_the_diagram_is_a_link_to_its_table(page: str):
    assert "assets/hailang-er.svg" in section(page, "hailang")
    drawn = ElementTree.parse(COURSE / "assets" / "hailang-er.svg")
    links = {link.attrib["href"] for link in drawn.iter("{http://www.w3.org/2000/svg}a")}
    labels = re.findall(r"^\((hailang\.\w+)\)=$", page, flags=re.MULTILINE)
    assert links == {f"#{make_id(label)}" for label in labels}
    assert anchor("hailang", "price_panel") == make_id("hailang.price_panel")


@pytest.mark.skipif(not (COURSE / "references.bib").exists(), reason="references.bib is not beside datasets/")
def test_every_citation_is_in_the_bibliography(page: str):
    bibliography = (COURSE / "references.bib").read_text(encoding="utf-8")
    assert all(f"{{{key}," in bibliography for key in re.findall(r"{cite}`(\w+)`", page))


def test_the_examples_of_the_page_run_as_they_stand(page: str):
    names: dict = {}
    for block in re.findall(r"^```python\n(.*?)^```", page, flags=re.MULTILINE | re.DOTALL):
        *_, last = block.strip().splitlines()
        exec(block, names)
        names["shown"] = eval(last.partition("  #")[0], names)
    with closing(names["database"]) as opened:
        (query,) = re.findall(r"`(SELECT sql [^`]*)`", page)
        assert opened.execute(query).fetchone()[0].startswith('CREATE TABLE "orders_monthly"')
    assert names["deliveries"].shape == load("hailang.deliveries_daily").shape
    assert set(names["shown"]["grade"]) == {"compact", "mixed", "scattered"}


def test_the_command_that_restores_a_file_names_one_that_exists(page: str):
    (file,) = re.findall(r"^git checkout -- (\S+)$", page, flags=re.MULTILINE)
    assert (COURSE / file).is_file()
