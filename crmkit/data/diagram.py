"""The entity-relationship diagram of the Hailang database, drawn as SVG from the tables' description.

It is text and nothing else: the same bytes on every machine. Where a table stands is decided by hand in
`CONNECTED` and `APART`; what a box holds and which boxes are connected comes from the package.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from itertools import groupby, permutations

from crmkit.data.database import schema
from crmkit.data.package import Package, Table

CONNECTED = (
    ("Delivery network", ("zones", "routes", "carriers")),
    ("Customers", ("subscribers", "contacts")),
    ("Orders and service", ("orders_monthly", "deliveries_daily", "payments", "complaints", "time_study")),
    ("Offer and costs", ("products", "promotions", "cost_pools")),
)
"""Columns of tables with connectors: a key leads to a table of the same column or of one beside it."""

APART = (
    ("Whole dairy, by month", (("route_months", "sku_monthly"), ("sales_monthly", "competitor_moves"))),
    ("Experiments and survey", (("survey", "charm_test"), ("promo_assign", "fence_trial", "price_panel"))),
)
"""Groups of tables without connectors, each in columns: a key says which table it is from."""

WIDTH, HEAD, ROW = 184, 26, 17  # of a box, of its head and of a column's name, in pixels
EDGE, GUTTER, GAP = 12, 62, 24  # around everything, between columns of boxes, between boxes of a column
LABEL = 30  # above a column of boxes, for what they are about
LANES = 22  # from a box to the nearest upright line: room for the sign at the connector's end
CORNER = 6
RUN = 3  # from so many numbered columns in a row on, such as e1 to e22, they are shortened

STYLE = """
.crmkit-er {
  --er-paper: var(--pst-color-background, #ffffff);
  --er-ink: var(--pst-color-text-base, #1f2328);
  --er-muted: var(--pst-color-text-muted, #59636e);
  --er-line: var(--er-muted);
  font: 11px ui-monospace, "SFMono-Regular", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  .crmkit-er:root { --er-paper: #14181e; --er-ink: #ced6dd; --er-muted: #9ca4af; }
}
.crmkit-er text { fill: var(--er-ink); }
.crmkit-er a { color: inherit; text-decoration: none; }
.crmkit-er a:is(:hover, :focus-visible) .er-outline { stroke: var(--er-ink); stroke-width: 2; }
.crmkit-er .er-paper, .crmkit-er .er-circle { fill: var(--er-paper); }
.crmkit-er .er-outline { fill: none; stroke: var(--er-line); }
.crmkit-er .er-head { fill-opacity: 0.24; }
.crmkit-er .er-rule { stroke: var(--er-line); stroke-opacity: 0.6; }
.crmkit-er .er-name, .crmkit-er .er-label, .crmkit-er .er-note, .crmkit-er .er-mark {
  font-family: system-ui, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif;
}
.crmkit-er .er-name { font-size: 13px; font-weight: 600; }
.crmkit-er .er-label { font-size: 13px; font-weight: 600; fill: var(--er-muted); }
.crmkit-er .er-mark { font-size: 8.5px; font-weight: 600; fill: var(--er-muted); }
.crmkit-er .er-note { font-size: 11px; fill: var(--er-muted); }
.crmkit-er .er-from { font-size: 9px; fill: var(--er-muted); }
.crmkit-er .er-key { font-weight: 600; }
.crmkit-er .er-line, .crmkit-er .er-circle { fill-rule: evenodd; stroke: var(--er-line); stroke-width: 1.3; }
.crmkit-er .er-line { fill: none; }
.crmkit-er .er-panel { fill: var(--er-muted); fill-opacity: 0.07; }
.crmkit-er .er-0 { fill: #0072b2; }
.crmkit-er .er-1 { fill: #e69f00; }
.crmkit-er .er-2 { fill: #009e73; }
.crmkit-er .er-3 { fill: #cc79a7; }
.crmkit-er .er-4 { fill: #888888; }
"""


@dataclass(frozen=True)
class Row:
    """One line of a box: a column or a run of them, whether it is a key, and the table its key is from."""

    name: str
    primary: bool = False
    foreign: str = ""


@dataclass(frozen=True)
class Box:
    """A table and its place: the upper left corner in pixels, and which of the colours its head has."""

    table: Table
    x: float
    y: float
    colour: int

    @property
    def rows(self) -> tuple[Row, ...]:
        """What the box lists."""
        return rows(self.table)

    @property
    def height(self) -> float:
        """Height in pixels."""
        return _height(self.table)

    def middle(self, column: str) -> float:
        """Return how far down the page the middle of a column's row is."""
        return self.y + HEAD + ROW * ([row.name for row in self.rows].index(column) + 0.5)


@dataclass(frozen=True)
class End:
    """Where a connector meets a box, and how many rows of the box's table may take part."""

    x: float
    y: float
    away: int  # 1 if the connector leaves to the right, −1 if to the left
    sign: str  # a key of SIGNS


@dataclass(frozen=True)
class Trunk:
    """The connectors of one gutter that lead to the same key: they share one upright line."""

    key: End
    ends: tuple[End, ...]

    @property
    def span(self) -> tuple[float, float]:
        """Upper and lower end of the upright line."""
        places = [end.y for end in (self.key, *self.ends)]
        return min(places), max(places)


def draw(package: Package) -> str:
    """Draw the diagram.

    Parameters
    ----------
    package
        The Hailang package.

    Returns
    -------
    str
        An SVG document. Inside a page of the course it takes the page's colours.

    Raises
    ------
    ValueError
        If a table has no place or two, or if a connector would run through a box.
    """
    tables = {table.name: table for table in schema(package)}
    _check_places(tables)

    columns = [[tables[name] for name in names] for _, names in CONNECTED]
    top, tallest = float(EDGE + LABEL), max(map(_stacked, columns))
    connected = [box for i, column in enumerate(columns) for box in _stack(column, _left(i), top, colour=i)]
    parts = [_label(_left(i), EDGE + 14, title) for i, (title, _) in enumerate(CONNECTED)]
    parts += [_trunks(gutter, trunks) for gutter, trunks in enumerate(_gutters(connected))]
    parts += [_box(box, tells_source=False) for box in connected]
    parts.append(_legend(top + tallest))

    top, i, bottom = top + tallest + 2 * GAP, 0, 0.0
    for title, names in APART:
        columns = [[tables[name] for name in column] for column in names]
        tallest = max(map(_stacked, columns))
        last = i + len(columns) - 1
        parts.append(_panel(_left(i) - EDGE, top, _left(last) + WIDTH + EDGE, top + LABEL + tallest + EDGE))
        parts.append(_label(_left(i), top + 20, title))
        for column in columns:
            placed = _stack(column, _left(i), top + LABEL, colour=len(CONNECTED))
            parts += [_box(box, tells_source=True) for box in placed]
            i += 1
        bottom = max(bottom, top + LABEL + tallest + EDGE)
    return _document(tables.values(), _left(i - 1) + WIDTH + EDGE, bottom, parts)


def rows(table: Table) -> tuple[Row, ...]:
    """List what a box shows of a table: the primary key first, and runs such as e1 to e22 as one row."""
    primary = table.primary_key
    foreign = {key.column: key.table for key in table.foreign_keys}
    others = [column.name for column in table.columns if column.name not in primary]
    return tuple(
        Row(name, name in primary, foreign.get(name, "")) for name in [*primary, *_shortened(others)]
    )


def anchor(package: str, table: str) -> str:
    """Return the identifier of a table's section on the page of the data dictionary."""
    return f"{package}-{table}".replace("_", "-")


def _check_places(tables: Iterable[str]) -> None:
    placed = [name for _, names in CONNECTED for name in names]
    placed += [name for _, columns in APART for names in columns for name in names]
    for name in sorted({*tables, *placed}):
        if name not in tables or placed.count(name) != 1:
            raise ValueError(
                f"The diagram has {placed.count(name)} places for the table {name!r}, which the package "
                f"{'has' if name in tables else 'does not have'}; mend CONNECTED or APART in "
                "crmkit.data.diagram."
            )


def _shortened(names: Iterable[str]) -> list[str]:
    short = []
    for _, run in groupby(names, key=lambda name: re.sub(r"\d+$", "#", name)):
        group = list(run)
        short += [f"{group[0]} … {group[-1]}"] if len(group) >= RUN else group
    return short


# ---- places ----


def _left(column: int) -> float:
    return EDGE + column * (WIDTH + GUTTER)


def _height(table: Table) -> float:
    return HEAD + ROW * len(rows(table)) + 4


def _stacked(tables: list[Table]) -> float:
    return sum(map(_height, tables)) + GAP * (len(tables) - 1)


def _stack(tables: list[Table], x: float, y: float, colour: int) -> list[Box]:
    boxes = []
    for table in tables:
        boxes.append(Box(table, x, y, colour))
        y += _height(table) + GAP
    return boxes


# ---- connectors ----


def _gutters(boxes: list[Box]) -> list[list[Trunk]]:
    """Return the connectors of each gutter; gutter i is to the right of column i."""
    by_name = {box.table.name: box for box in boxes}
    found: dict[tuple[int, End], list[End]] = {}
    for child in boxes:
        required = {column.name: column.required for column in child.table.columns}
        for key in child.table.foreign_keys:
            parent = by_name[key.table]
            if abs(child.colour - parent.colour) > 1:
                raise ValueError(
                    f"{child.table.name} has a key of {key.table}, which is not in a column beside it; "
                    "mend CONNECTED in crmkit.data.diagram."
                )
            gutter = min(child.colour, parent.colour)
            alone = child.table.primary_key == (key.column,)
            there = _end(parent, gutter, key.column, "one" if required[key.column] else "none or one")
            here = _end(child, gutter, key.column, "none or one" if alone else "any number")
            found.setdefault((gutter, there), []).append(here)
    gutters: list[list[Trunk]] = [[] for _ in CONNECTED]
    for (gutter, there), ends in found.items():
        gutters[gutter].append(Trunk(there, tuple(ends)))
    return gutters


def _end(box: Box, gutter: int, column: str, sign: str) -> End:
    to_the_right = box.colour == gutter
    return End(box.x + WIDTH * to_the_right, box.middle(column), 1 if to_the_right else -1, sign)


def _lanes(gutter: int, trunks: list[Trunk]) -> dict[Trunk, float]:
    """Return where each upright line stands: the order with the fewest crossings."""
    first, last = _left(gutter) + WIDTH + LANES, _left(gutter + 1) - LANES
    steps = max(len(trunks) - 1, 1)
    places = [
        (first + last) / 2 if len(trunks) == 1 else first + (last - first) * i / steps
        for i in range(len(trunks))
    ]
    orders = (dict(zip(order, places, strict=True)) for order in permutations(trunks))
    return min(orders, key=_crossings)


def _crossings(lanes: dict[Trunk, float]) -> int:
    crossings = 0
    for trunk, lane in lanes.items():
        for end in (trunk.key, *trunk.ends):
            for other, upright in lanes.items():
                high, low = other.span
                passes = min(end.x, lane) < upright < max(end.x, lane)
                crossings += other is not trunk and passes and high <= end.y <= low
    return crossings


def _trunks(gutter: int, trunks: list[Trunk]) -> str:
    parts = []
    for trunk, lane in _lanes(gutter, trunks).items():
        # One path: what its parts share is painted once, so that it is no darker than the rest.
        way = "".join(_path(trunk.key, lane, end) for end in trunk.ends)
        parts.append(f'<path class="er-line" d="{way}"/>')
        parts += [_sign(end) for end in (trunk.key, *trunk.ends)]
    return "".join(parts)


def _path(start: End, lane: float, end: End) -> str:
    """Return the way along, up or down the lane, and along again, with rounded corners."""
    drop = end.y - start.y
    if abs(drop) < 1 and start.away != end.away:
        return f"M{start.x:g} {start.y:g}H{end.x:g}"
    r = min(CORNER, abs(drop) / 2)
    down = r if drop > 0 else -r
    return (
        f"M{start.x:g} {start.y:g}H{lane - r * start.away:g}Q{lane:g} {start.y:g} {lane:g} {start.y + down:g}"
        f"V{end.y - down:g}Q{lane:g} {end.y:g} {lane - r * end.away:g} {end.y:g}H{end.x:g}"
    )


# ---- shapes ----


def _sign(end: End) -> str:
    """Return the sign of an end: crow's foot, circle and bars."""
    return SIGNS[end.sign](end)


def _bar(end: End, distance: float) -> str:
    return f'<path class="er-line" d="M{end.x + end.away * distance:g} {end.y - 5:g}v10"/>'


def _circle(end: End, distance: float) -> str:
    return f'<circle class="er-circle" cx="{end.x + end.away * distance:g}" cy="{end.y:g}" r="3.5"/>'


def _foot(end: End) -> str:
    toes = f"M{end.x:g} {end.y - 5:g}L{end.x + 9 * end.away:g} {end.y:g}L{end.x:g} {end.y + 5:g}"
    return f'<path class="er-line" d="{toes}"/>'


SIGNS = {
    "one": lambda end: _bar(end, 5) + _bar(end, 9),
    "none or one": lambda end: _bar(end, 5) + _circle(end, 11.5),
    "any number": lambda end: _foot(end) + _circle(end, 12.5),
}


def _legend(bottom: float) -> str:
    """Explain the signs, at the foot of the first column."""
    signs = {"one": "exactly one", "none or one": "none or one", "any number": "any number, or none"}
    marks = {"PK": "primary key", "FK": "foreign key", "→": "the table that a foreign key is from"}
    y, parts = bottom - ROW * (len(signs) + len(marks) - 1) - 4, []
    for sign, meaning in signs.items():
        parts.append(f'<path class="er-line" d="M{EDGE} {y:g}h30"/>{_sign(End(EDGE, y, 1, sign))}')
        parts.append(_text(EDGE + 40, y + 4, meaning, "er-note"))
        y += ROW
    for mark, meaning in marks.items():
        parts += [_text(EDGE, y + 4, mark, "er-mark"), _text(EDGE + 40, y + 4, meaning, "er-note")]
        y += ROW
    return "".join(parts)


def _label(x: float, y: float, title: str) -> str:
    return _text(x, y, title, "er-label")


def _panel(x: float, y: float, right: float, bottom: float) -> str:
    size = f'width="{right - x:g}" height="{bottom - y:g}"'
    return f'<rect class="er-panel" x="{x:g}" y="{y:g}" {size} rx="8"/>'


def _box(box: Box, tells_source: bool) -> str:
    x, y, right = box.x, box.y, box.x + WIDTH
    size = f'x="{x:g}" y="{y:g}" width="{WIDTH}" height="{box.height:g}" rx="5"'
    parts = [
        f'<rect class="er-paper" {size}/>',
        f'<path class="er-head er-{box.colour}" d="M{x:g} {y + HEAD:g}v{5 - HEAD}q0 -5 5 -5h{WIDTH - 10}'
        f'q5 0 5 5v{HEAD - 5}z"/>',
        f'<rect class="er-outline" {size}/>',
        _text(x + 10, y + 18, box.table.name, "er-name"),
    ]
    for i, row in enumerate(box.rows):
        line = y + HEAD + ROW * i + 13
        marks = " ".join(["PK"] * row.primary + ["FK"] * bool(row.foreign))
        if marks:
            parts.append(_text(x + 6, line, marks, "er-mark"))
        parts.append(_text(x + 39, line, row.name, "er-key" if row.primary else ""))
        if row.foreign and tells_source:
            parts.append(_text(right - 6, line, f"→ {row.foreign}", "er-from", 'text-anchor="end"'))
    if keys := len(box.table.primary_key):
        line = y + HEAD + ROW * keys + 0.5
        parts.append(f'<path class="er-rule" d="M{x:g} {line:g}h{WIDTH}"/>')
    return f'<a href="#{anchor("hailang", box.table.name)}">{"".join(parts)}</a>\n'


def _text(x: float, y: float, text: str, style: str, more: str = "") -> str:
    given = "".join(f" {part}" for part in (f'class="{style}"' if style else "", more) if part)
    return f'<text x="{x:g}" y="{y:g}"{given}>{escape(text)}</text>'


def _document(tables: Iterable[Table], width: float, height: float, parts: Iterable[str]) -> str:
    tables = list(tables)
    relations = [f"{table.name} to {key.table}" for table in tables for key in table.foreign_keys]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="crmkit-er" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" role="group" aria-labelledby="crmkit-er-title" '
        f'aria-describedby="crmkit-er-desc">\n'
        f'<title id="crmkit-er-title">The tables of the Hailang database and how their keys connect them'
        f"</title>\n"
        f'<desc id="crmkit-er-desc">{len(tables)} tables. Foreign keys lead from {", ".join(relations)}.'
        f"</desc>\n<style>{STYLE}</style>\n"
        f'<rect class="er-paper" width="{width:g}" height="{height:g}"/>\n{"".join(parts)}</svg>\n'
    )
