"""The diagram of the Hailang database: complete, true to the keys, and with lines that can be followed."""

import math
import re
from dataclasses import replace
from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest

from crmkit.data import diagram, load
from crmkit.data.database import schema
from crmkit.data.package import ForeignKey, Package

PACKAGE = load.about("hailang.zones").package
TABLES = {table.name: table for table in schema(PACKAGE)}
SVG = "{http://www.w3.org/2000/svg}"
Point = tuple[float, float]


@pytest.fixture(scope="module")
def drawn() -> ElementTree.Element:
    return ElementTree.fromstring(diagram.draw(PACKAGE))


@pytest.fixture(scope="module")
def boxes(drawn: ElementTree.Element) -> dict[str, ElementTree.Element]:
    """What is drawn of each table, by the name that the box bears."""
    links = drawn.findall(f".//{SVG}a")
    return {str(link.findall(f"{SVG}text")[0].text): link for link in links}


def outline(box: ElementTree.Element) -> tuple[float, float, float, float]:
    """Return the left, upper, right and lower edge."""
    rect = box.findall(f"{SVG}rect")[0]
    x, y, width, height = (float(rect.attrib[name]) for name in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def texts(box: ElementTree.Element) -> list[str]:
    return [str(text.text) for text in box.findall(f"{SVG}text")]


def walk(path: str) -> list[list[Point]]:
    """Return the corners of each part of a path of the letters M, H, V and Q, curves as chords."""
    parts: list[list[Point]] = []
    x = y = 0.0
    for letter, digits in re.findall(r"([MHVQ])([^MHVQ]*)", path):
        numbers = [float(number) for number in digits.split()]
        if letter == "M":
            x, y = numbers
        elif letter == "H":
            (x,) = numbers
        elif letter == "V":
            (y,) = numbers
        else:
            x, y = numbers[2:]
        if letter == "M":
            parts.append([])
        parts[-1].append((x, y))
    return parts


@pytest.fixture(scope="module")
def connectors(drawn: ElementTree.Element) -> list[list[Point]]:
    """The corners of each connector; only they go upright and turn."""
    paths = [path.attrib["d"] for path in drawn.iter(f"{SVG}path") if path.attrib["class"] == "er-line"]
    return [part for path in paths if "V" in path for part in walk(path)]


def test_the_picture_is_the_same_every_time():
    assert diagram.draw(PACKAGE) == diagram.draw(PACKAGE)


def test_every_table_of_the_database_has_one_box(boxes: dict, drawn: ElementTree.Element):
    assert set(boxes) == set(TABLES)
    assert len(drawn.findall(f".//{SVG}a")) == len(TABLES)


def test_a_box_lists_the_columns_with_the_keys_marked(boxes: dict):
    assert texts(boxes["complaints"]) == [
        "complaints",
        "PK",
        "complaint_id",
        "date",
        "FK",
        "account_id",
        "type",
        "reached_firm",
        "hours_to_resolve",
        "compensation",
    ]


def test_a_column_that_is_both_keys_has_both_marks_and_stands_on_top(boxes: dict):
    study = texts(boxes["time_study"])
    assert study == ["time_study", "PK FK", "account_id", "PK FK", "activity", "minutes"]
    assert texts(boxes["deliveries_daily"])[1:5] == ["PK", "date", "PK FK", "account_id"]


def test_a_long_run_of_columns_is_shortened_and_nothing_else(boxes: dict):
    survey = texts(boxes["survey"])
    assert "e1 … e22" in survey
    assert "p1 … p22" in survey
    assert "e7" not in survey
    for name in set(TABLES) - {"survey"}:
        assert {column.name for column in TABLES[name].columns} <= set(texts(boxes[name]))


def test_a_table_that_stands_apart_says_which_tables_its_keys_are_from(boxes: dict):
    assert [text for text in texts(boxes["route_months"]) if "→" in text] == ["→ routes", "→ carriers"]
    for _, columns in diagram.APART:
        for name in (name for names in columns for name in names):
            told = [text for text in texts(boxes[name]) if "→" in text]
            assert sorted(told) == sorted(f"→ {key.table}" for key in TABLES[name].foreign_keys)


def test_no_two_boxes_touch_and_all_are_inside_the_picture(boxes: dict, drawn: ElementTree.Element):
    _, _, width, height = (float(number) for number in drawn.attrib["viewBox"].split())
    for left, top, right, bottom in map(outline, boxes.values()):
        assert left > 0
        assert top > 0
        assert right < width
        assert bottom < height
    for first, second in combinations(map(outline, boxes.values()), 2):
        apart = first[2] < second[0] or second[2] < first[0] or first[3] < second[1] or second[3] < first[1]
        assert apart


def test_no_name_is_wider_than_its_box(boxes: dict):
    # A character of the usual fonts for code is at most 0.61 of the type size wide.
    for box in boxes.values():
        _, _, right, _ = outline(box)
        rows: dict[str, float] = {}
        for text in box.findall(f"{SVG}text")[1:]:
            kind, x, words = text.get("class", ""), float(text.attrib["x"]), str(text.text)
            if kind == "er-from":
                assert rows[text.attrib["y"]] < x - 9 * 0.61 * len(words)
            elif kind != "er-mark":
                rows[text.attrib["y"]] = x + 11 * 0.61 * len(words)
                assert rows[text.attrib["y"]] < right


def middle(box: ElementTree.Element, column: str) -> float:
    (row,) = [text for text in box.findall(f"{SVG}text")[1:] if text.text == column]
    return float(row.attrib["y"]) - 4.5


def test_a_connector_leads_from_each_foreign_key_to_the_key_that_it_repeats(boxes: dict, connectors: list):
    drawn_ends = sorted((round(y1), round(x1), round(y2), round(x2)) for (x1, y1), *_, (x2, y2) in connectors)
    names = [name for _, names in diagram.CONNECTED for name in names]
    expected = []
    for name in names:
        for key in TABLES[name].foreign_keys:
            ends = []
            for table, other in ((key.table, name), (name, key.table)):
                left, _, right, _ = outline(boxes[table])
                # The right edge, unless the other table is further to the left.
                x = left if outline(boxes[other])[0] < left else right
                ends += [round(middle(boxes[table], key.column)), round(x)]
            expected.append(tuple(ends))
    assert drawn_ends == sorted(expected)


def test_no_connector_runs_through_a_box(boxes: dict, connectors: list):
    for connector in connectors:
        for (x1, y1), (x2, y2) in pairwise(connector):
            steps = max(1, math.ceil(max(abs(x2 - x1), abs(y2 - y1))))
            for i in range(steps + 1):
                x, y = x1 + (x2 - x1) * i / steps, y1 + (y2 - y1) * i / steps
                for left, top, right, bottom in map(outline, boxes.values()):
                    assert not (left < x < right and top < y < bottom)


def test_upright_lines_of_different_keys_keep_apart(connectors: list):
    upright: dict[float, set[Point]] = {}
    for start, *rest in connectors:
        for (x1, y1), (x2, y2) in pairwise(rest):
            if x1 == x2 and y1 != y2:
                upright.setdefault(x1, set()).add(start)
    assert all(len(keys) == 1 for keys in upright.values())


def test_a_key_that_may_be_empty_leads_to_none_or_one(drawn: ElementTree.Element, boxes: dict):
    def circles_at(table: str, column: str) -> int:
        left, _, right, _ = outline(boxes[table])
        y = middle(boxes[table], column)
        return sum(
            abs(float(circle.attrib["cy"]) - y) < 1
            and min(abs(float(circle.attrib["cx"]) - x) for x in (left, right)) < 15
            for circle in drawn.iter(f"{SVG}circle")
        )

    assert circles_at("promotions", "promo_id") == 1  # an order may be without a promotion
    assert circles_at("products", "sku") == 0  # but not without a product
    assert circles_at("orders_monthly", "sku") == 1  # a product may be without an order


def test_the_picture_is_described_to_those_who_do_not_see_it(drawn: ElementTree.Element):
    by_id = {element.get("id"): element for element in drawn.iter() if element.get("id")}
    assert drawn.attrib["role"] == "group"
    assert by_id[drawn.attrib["aria-labelledby"]].tag == f"{SVG}title"
    described = str(by_id[drawn.attrib["aria-describedby"]].text)
    for table in TABLES.values():
        for key in table.foreign_keys:
            assert f"{table.name} to {key.table}" in described


def test_every_style_stays_inside_the_picture():
    # Inside a page, a rule for `text` or `a` would hold for the whole page.
    rules = re.sub(r"@media[^{]*{(.*?}\s*)}", r"\1", diagram.STYLE, flags=re.DOTALL)
    rules = re.sub(r"\([^()]*\)", "", rules)
    selectors = [part.strip() for rule in re.findall(r"([^{}]+){", rules) for part in rule.split(",")]
    assert selectors
    assert all(selector.startswith(".crmkit-er") for selector in selectors)


def changed(table: str, **details: object) -> Package:
    tables = tuple(replace(t, **details) if t.name == table else t for t in PACKAGE.tables)  # type: ignore[arg-type]
    return replace(PACKAGE, tables=tables)


def test_a_table_without_a_place_is_named():
    with pytest.raises(ValueError, match=r"0 places for the table 'depots', which the package has; mend"):
        diagram.draw(changed("zones", name="depots", foreign_keys=()))


def test_a_connector_that_would_run_through_a_box_is_refused():
    far = changed("products", foreign_keys=(ForeignKey("sku", "zones"),))
    with pytest.raises(ValueError, match=r"products has a key of zones, which is not in a column beside it"):
        diagram.draw(far)
