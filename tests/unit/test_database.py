"""A package as a database: the same numbers as its tables, rules that bite, a cache that can be trusted."""

import os
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest

from crmkit.data import Catalogue, DataFileError, database, load
from crmkit.data.database import UnknownPackageError
from crmkit.data.package import DESCRIPTOR, Column, ForeignKey, Package, Table
from crmkit.data.writer import write_package

PACKAGES = [
    "hailang",
    "published",
    pytest.param(
        "real",
        marks=pytest.mark.skipif(find_spec("lifetimes") is None, reason="the data are not installed"),
    ),
]
HAILANG = [name for name in load.names() if name.startswith("hailang.")]

# Names and values that SQL would read as something else.
SHOPS = Table(
    "shop's list",
    "Shops",
    "Where milk is sold.",
    "made up",
    (
        Column("shop", "integer", "Shop", "店", "Number of the shop"),
        Column("order", "string", "Order", "次序", "Kind of order", options=("children's", "NA")),
    ),
    primary_key=("shop",),
)
VISITS = Table(
    "visits",
    "Visits",
    "Who came when.",
    "made up",
    (
        Column("shop", "integer", "Shop", "店", "Number of the shop"),
        Column("date", "date", "Date", "日期", "Day of the visit"),
        Column("mood", "integer", "Mood", "心情", "How they felt", unit="1 to 5"),
        Column("spent", "number", "Spent", "花费", "Money spent; empty if nothing", "yuan", required=False),
        Column("change", "number", "Change", "变化", "More or less than last time", "yuan"),
        Column("note", "string", "Note", "备注", "What they said; empty if nothing", required=False),
    ),
    primary_key=("shop", "date"),
    foreign_keys=(ForeignKey("shop", "shop's list"),),
)
SMALL = Package("small", "Small", "For tests.", "1.0.0", "MIT", simulated=True, tables=(SHOPS, VISITS))
SHOP_ROWS = pd.DataFrame({"shop": [1, 2], "order": ["children's", "NA"]})
VISIT_ROWS = pd.DataFrame(
    {
        "shop": [1, 1, 2],
        "date": ["1999-09-01", "1999-09-02", "1999-09-01"],
        "mood": [1, 5, 3],
        "spent": [1.5, None, 0.1 + 0.2],
        "change": [-1.0, 0.0, 2.5],
        "note": [None, "good", "so so"],
    }
)


def write(folder: Path, visits: pd.DataFrame = VISIT_ROWS, format: str = "csv") -> Catalogue:
    """Write the small package, as a student's own dairy is written."""
    tables = {SHOPS.name: lambda: [SHOP_ROWS], VISITS.name: lambda: [visits]}
    write_package(SMALL, tables, folder / "small", format)
    return Catalogue(folder)


def value(connection: sqlite3.Connection, query: str) -> object:
    return connection.execute(query).fetchone()[0]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache folder of the tests that read the shipped tables."""
    return tmp_path_factory.mktemp("built")


@pytest.fixture
def shipped(built: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[sqlite3.Connection]:
    monkeypatch.setenv("CRMKIT_CACHE", str(built))
    with closing(load.database("hailang")) as connection:
        yield connection


@pytest.fixture(scope="module")
def copied() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        yield connection


@pytest.fixture
def writable(shipped: sqlite3.Connection, copied: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """A copy that a test may write to, with foreign keys on; what it writes is taken back."""
    if not value(copied, "SELECT COUNT(*) FROM sqlite_master"):
        shipped.backup(copied)
        copied.execute("PRAGMA foreign_keys = ON")
    yield copied
    copied.rollback()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder that is not there yet."""
    folder = tmp_path / "caches" / "crmkit"
    monkeypatch.setenv("CRMKIT_CACHE", str(folder))
    return folder


@pytest.fixture
def small(tmp_path: Path) -> Catalogue:
    return write(tmp_path / "own")


# ---- what is in it ----


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_is_a_sound_database(package: str, built: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CRMKIT_CACHE", str(built))
    with closing(load.database(package)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        for name in load.names():
            if name.startswith(f"{package}."):
                assert value(connection, f'SELECT COUNT(*) FROM "{name.partition(".")[2]}"') == len(
                    load(name)
                )


@pytest.mark.parametrize("name", HAILANG)
def test_a_table_of_the_database_is_the_loaded_one_to_the_last_bit(name: str, shipped: sqlite3.Connection):
    stored = pd.read_sql(f"SELECT * FROM {name.partition('.')[2]}", shipped)
    loaded = load(name)
    assert list(stored.columns) == list(loaded.columns)
    for column in loaded.columns:
        assert stored[column].isna().equals(loaded[column].isna())
        assert stored[column].dropna().tolist() == loaded[column].dropna().tolist()


def test_null_is_allowed_exactly_where_an_empty_cell_means_something(shipped: sqlite3.Connection):
    tables = [name for (name,) in shipped.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    nullable = {
        f"{table}.{column}"
        for table in tables
        for _, column, _, required, _, _ in shipped.execute(f"PRAGMA table_info({table})")
        if not required
    }
    assert nullable == {
        "zones.rival_entry_month",
        "carriers.exit_month",
        "carriers.exit_reason",
        "subscribers.leave_month",
        "orders_monthly.promo_id",
        "complaints.hours_to_resolve",
        "cost_pools.driver",
    }


def test_a_contact_is_a_person_who_pays_decides_or_uses(shipped: sqlite3.Connection):
    roles = {"payer": "is_payer", "decider": "is_decider", "user": "is_user"}
    accounts = load("hailang.subscribers").set_index("account_id")
    expected = pd.concat(
        pd.DataFrame({"account_id": accounts.index, "person": accounts[role].array, flag: 1})
        for role, flag in roles.items()
    )
    expected = expected.groupby(["account_id", "person"])[list(roles.values())].sum().astype(int)
    contacts = pd.read_sql("SELECT * FROM contacts", shipped)
    assert contacts["contact_id"].tolist() == list(range(1, len(expected) + 1))
    found = contacts.set_index(["account_id", "person"])[list(roles.values())]
    assert found.to_dict() == expected.to_dict()
    known = accounts["phone_known_to_firm"]
    assert (contacts["phone_known_to_firm"] == contacts["account_id"].map(known)).all()


def test_each_column_says_what_it_means_where_it_is_defined(shipped: sqlite3.Connection):
    sql = value(shipped, "SELECT sql FROM sqlite_master WHERE name = 'deliveries_daily'")
    (line,) = [line for line in str(sql).splitlines() if line.startswith('  "hours_above_4C"')]
    assert line.endswith("-- Time on the way that the milk was warmer than 4 °C [hours]")
    assert 'FOREIGN KEY ("sku") REFERENCES "products" ("sku")' in str(sql)


def test_keys_months_and_days_can_be_found_by_an_index(shipped: sqlite3.Connection):
    for name in HAILANG:
        table = load.about(name).table
        leading = {
            shipped.execute(f"PRAGMA index_info({index})").fetchone()[2]
            for _, index, *_ in shipped.execute(f"PRAGMA index_list({table.name})")
        }
        if table.columns[0].type == "integer" and table.primary_key == (table.columns[0].name,):
            leading |= set(table.primary_key)  # the table itself is in its order
        wanted = {key.column for key in table.foreign_keys}
        wanted |= {column.name for column in table.columns if column.type in ("date", "yearmonth")}
        assert wanted <= leading


# ---- the rules ----


def refused(connection: sqlite3.Connection, statement: str, *values: object) -> str:
    """Return why the database refuses a statement."""
    with pytest.raises(sqlite3.IntegrityError) as caught:
        connection.execute(statement, values)
    connection.rollback()
    return str(caught.value)


@pytest.mark.parametrize("name", [*HAILANG, "hailang.contacts"])
def test_a_second_row_with_the_same_key_is_refused(name: str, writable: sqlite3.Connection):
    table = name.partition(".")[2]
    why = refused(writable, f"INSERT INTO {table} SELECT * FROM {table} LIMIT 1")
    assert why.startswith(f"UNIQUE constraint failed: {table}.")


@pytest.mark.parametrize(
    ("table", "column"),
    [(name.partition(".")[2], key.column) for name in HAILANG for key in load.about(name).table.foreign_keys]
    + [("contacts", "account_id")],
)
def test_a_key_that_leads_nowhere_is_refused(table: str, column: str, writable: sqlite3.Connection):
    kind = {name: kind for _, name, kind, *_ in writable.execute(f"PRAGMA table_info({table})")}[column]
    nowhere = -7 if kind == "INTEGER" else "no such key"
    why = refused(
        writable, f"UPDATE {table} SET {column} = ? WHERE rowid = (SELECT MIN(rowid) FROM {table})", nowhere
    )
    assert why == "FOREIGN KEY constraint failed"


def test_a_row_that_others_lead_to_cannot_be_deleted(writable: sqlite3.Connection):
    account = value(writable, "SELECT account_id FROM complaints LIMIT 1")
    why = refused(writable, "DELETE FROM subscribers WHERE account_id = ?", account)
    assert why == "FOREIGN KEY constraint failed"


@pytest.mark.parametrize(
    ("table", "column", "wrong"),
    [
        ("subscribers", "tier_true", "huge"),
        ("subscribers", "payer", "neighbour"),
        ("carriers", "exit_reason", "bored"),
        ("payments", "channel", "gold"),
        ("contacts", "person", "neighbour"),
        ("charm_test", "arm", "1.99"),
        ("routes", "in_sample", 2),
        ("deliveries_daily", "spoiled", -1),
        ("contacts", "is_payer", 2),
        ("survey", "nps", 11),
        ("survey", "e7", 0),
        ("orders_monthly", "bottles", -1),
        ("payments", "due", -0.01),
        ("complaints", "hours_to_resolve", -1),
        ("cost_pools", "practical_capacity", -60),
        ("price_panel", "price", -1.8),
        ("orders_monthly", "month", "1999-9"),
        ("carriers", "exit_month", "September"),
        ("deliveries_daily", "date", "17.09.1999"),
        ("complaints", "date", "1999-09"),
    ],
)
def test_a_value_that_cannot_be_is_refused(
    table: str, column: str, wrong: object, writable: sqlite3.Connection
):
    why = refused(writable, f"UPDATE {table} SET {column} = ?", wrong)
    assert why.startswith("CHECK constraint failed")


@pytest.mark.skipif(sqlite3.sqlite_version_info < database.STRICT_SINCE, reason="SQLite is too old")
@pytest.mark.parametrize(
    ("table", "column", "wrong"),
    [("payments", "due", "much"), ("routes", "boxes", 199.5), ("subscribers", "account_id", "Li")],
)
def test_a_value_of_another_type_is_refused(
    table: str, column: str, wrong: object, writable: sqlite3.Connection
):
    assert refused(writable, f"UPDATE {table} SET {column} = ?", wrong)


def test_an_empty_cell_is_refused_where_a_column_is_required(writable: sqlite3.Connection):
    for name in HAILANG:
        table = load.about(name).table
        for column in table.columns:
            if column.required and table.primary_key != (column.name,):
                why = refused(writable, f"UPDATE {table.name} SET {column.name} = NULL")
                assert why == f"NOT NULL constraint failed: {table.name}.{column.name}"


def test_an_empty_cell_is_taken_where_a_column_may_be_empty(writable: sqlite3.Connection):
    writable.execute("UPDATE complaints SET hours_to_resolve = NULL")
    writable.execute("UPDATE orders_monthly SET promo_id = NULL")
    writable.execute("UPDATE carriers SET exit_reason = NULL, exit_month = NULL")


def test_negative_numbers_are_taken_where_the_data_have_some(small: Catalogue, cache: Path):
    with closing(small.database("small")) as connection:
        assert value(connection, "SELECT MIN(change) FROM visits") == -1


# ---- queries ----


def test_accounts_by_grade_of_their_route(shipped: sqlite3.Connection):
    found = pd.read_sql(
        "SELECT grade, COUNT(*) AS n FROM subscribers JOIN routes USING (route_id) GROUP BY grade", shipped
    )
    accounts = load("hailang.subscribers").merge(load("hailang.routes"), on="route_id")
    assert found.set_index("grade")["n"].to_dict() == accounts.groupby("grade").size().to_dict()


def test_revenue_by_product_family_and_month(shipped: sqlite3.Connection):
    found = pd.read_sql(
        """SELECT month, family, SUM(bottles * price_paid) AS revenue
           FROM orders_monthly JOIN products USING (sku) GROUP BY month, family ORDER BY month, family""",
        shipped,
    )
    orders = load("hailang.orders_monthly").merge(load("hailang.products"), on="sku")
    orders["revenue"] = orders["bottles"] * orders["price_paid"]
    expected = orders.groupby(["month", "family"], as_index=False)["revenue"].sum()
    assert found[["month", "family"]].values.tolist() == expected[["month", "family"]].values.tolist()
    assert found["revenue"].tolist() == pytest.approx(expected["revenue"].tolist())


def test_complaints_by_zone_over_four_tables(shipped: sqlite3.Connection):
    found = pd.read_sql(
        """SELECT zones.zone_id, COUNT(*) AS n, AVG(hours_to_resolve) AS hours
           FROM complaints
           JOIN subscribers USING (account_id)
           JOIN routes USING (route_id)
           JOIN zones ON zones.zone_id = routes.zone_id
           WHERE reached_firm = 1 GROUP BY zones.zone_id ORDER BY zones.zone_id""",
        shipped,
    )
    complaints = load("hailang.complaints").query("reached_firm == 1")
    complaints = complaints.merge(load("hailang.subscribers")[["account_id", "route_id"]])
    complaints = complaints.merge(load("hailang.routes")[["route_id", "zone_id"]])
    expected = complaints.merge(load("hailang.zones")).groupby("zone_id")["hours_to_resolve"]
    assert found["n"].tolist() == expected.size().tolist()
    assert found["hours"].tolist() == pytest.approx(expected.mean().tolist())


def test_accounts_that_never_complained(shipped: sqlite3.Connection):
    found = value(
        shipped,
        """SELECT COUNT(*) FROM subscribers LEFT JOIN complaints USING (account_id)
           WHERE complaint_id IS NULL""",
    )
    accounts, complaints = load("hailang.subscribers"), load("hailang.complaints")
    assert found == (~accounts["account_id"].isin(complaints["account_id"])).sum()


def test_share_of_what_was_due_in_cash_that_was_paid(shipped: sqlite3.Connection):
    found = pd.read_sql(
        "SELECT channel, SUM(paid) / SUM(due) AS share FROM payments GROUP BY channel", shipped
    )
    sums = load("hailang.payments").groupby("channel")[["paid", "due"]].sum()
    assert found["share"].tolist() == pytest.approx((sums["paid"] / sums["due"]).tolist())


def test_the_largest_account_of_each_route_by_a_window_function(shipped: sqlite3.Connection):
    found = pd.read_sql(
        """WITH totals AS (
             SELECT route_id, account_id, SUM(bottles) AS bottles
             FROM orders_monthly JOIN subscribers USING (account_id) GROUP BY account_id),
           ranked AS (
             SELECT *, RANK() OVER (PARTITION BY route_id ORDER BY bottles DESC, account_id) AS place
             FROM totals)
           SELECT route_id, account_id, bottles FROM ranked WHERE place = 1 ORDER BY route_id""",
        shipped,
    )
    orders = load("hailang.orders_monthly").merge(load("hailang.subscribers")[["account_id", "route_id"]])
    totals = orders.groupby(["route_id", "account_id"], as_index=False)["bottles"].sum()
    expected = totals.sort_values(["bottles", "account_id"], ascending=[False, True])
    expected = expected.drop_duplicates("route_id").sort_values("route_id")
    assert found.values.tolist() == expected.values.tolist()


def test_accounts_served_so_far_by_a_running_total(shipped: sqlite3.Connection):
    found = pd.read_sql(
        """SELECT join_month, SUM(COUNT(*)) OVER (ORDER BY join_month) AS so_far
           FROM subscribers GROUP BY join_month ORDER BY join_month""",
        shipped,
    )
    expected = load("hailang.subscribers").groupby("join_month").size().cumsum()
    assert found.set_index("join_month")["so_far"].to_dict() == expected.to_dict()


def test_change_of_sales_from_month_to_month_by_lag(shipped: sqlite3.Connection):
    found = pd.read_sql(
        """SELECT month, bottles - LAG(bottles) OVER (ORDER BY month) AS change
           FROM (SELECT month, SUM(bottles) AS bottles FROM sales_monthly GROUP BY month) ORDER BY month""",
        shipped,
    )
    expected = load("hailang.sales_monthly").groupby("month")["bottles"].sum().diff()
    assert found["change"].iloc[1:].tolist() == expected.iloc[1:].tolist()
    assert found["change"].isna().tolist() == expected.isna().tolist()


def test_cost_of_an_account_by_activity(shipped: sqlite3.Connection):
    found = pd.read_sql(
        """SELECT account_id, SUM(minutes * cost / practical_capacity) AS cost
           FROM time_study JOIN cost_pools USING (activity) WHERE practical_capacity > 0
           GROUP BY account_id ORDER BY account_id""",
        shipped,
    )
    study = load("hailang.time_study").merge(load("hailang.cost_pools"), on="activity")
    study = study[study["practical_capacity"] > 0]
    study["cost"] *= study["minutes"] / study["practical_capacity"]
    expected = study.groupby("account_id")["cost"].sum()
    assert found.set_index("account_id")["cost"].to_dict() == pytest.approx(expected.to_dict())


def test_households_whose_payer_does_not_drink_the_milk(shipped: sqlite3.Connection):
    found = value(
        shipped,
        """SELECT COUNT(*) FROM contacts JOIN subscribers USING (account_id)
           WHERE type = 'household' AND is_payer = 1 AND is_user = 0""",
    )
    assert found == len(load("hailang.subscribers").query("type == 'household' and payer != user"))


# ---- opening ----


def test_what_is_opened_can_be_read_but_not_changed(shipped: sqlite3.Connection):
    for statement in ("DELETE FROM zones", "DROP TABLE zones", "CREATE TABLE mine (x)"):
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            shipped.execute(statement)
    assert value(shipped, "PRAGMA foreign_keys") == 1


def test_a_dairy_of_ones_own_is_a_database_too(small: Catalogue, cache: Path):
    with closing(small.database("small")) as connection:
        assert connection.execute('SELECT * FROM "shop\'s list"').fetchall() == [(1, "children's"), (2, "NA")]
        visits = connection.execute("SELECT spent, note FROM visits").fetchall()
    assert visits == [(1.5, None), (None, "good"), (0.1 + 0.2, "so so")]


def test_tables_in_parquet_give_the_same_database(tmp_path: Path, cache: Path):
    pytest.importorskip("pyarrow")
    rows = []
    for format in ("csv", "parquet"):
        with closing(write(tmp_path / format, format=format).database("small")) as connection:
            rows.append(
                connection.execute('SELECT * FROM visits JOIN "shop\'s list" USING (shop)').fetchall()
            )
    assert len(rows[0]) == 3
    assert rows[0] == rows[1]


@pytest.mark.parametrize(
    ("wrong", "guess"), [("hailan", "hailang"), ("Hailang", "hailang"), ("publish", "published")]
)
def test_an_unknown_package_gets_the_list_and_the_nearest_match(wrong: str, guess: str):
    with pytest.raises(UnknownPackageError) as caught:
        load.database(wrong)
    assert str(caught.value).startswith(f"There is no package {wrong!r}. Did you mean {guess!r}? Packages: ")
    assert isinstance(caught.value, LookupError)


@pytest.mark.parametrize("nonsense", ["zzzz", "", None, 3])
def test_a_name_like_no_other_gets_no_guess(nonsense: object):
    with pytest.raises(UnknownPackageError, match=r"^There is no package [^?]+\. Packages: hailang, "):
        load.database(nonsense)  # type: ignore[arg-type]


def test_without_sqlite_there_is_one_clear_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "sqlite3", None)
    with pytest.raises(ImportError, match=r"^load\.database needs Python's module sqlite3, which is missing"):
        load.database("published")


def test_an_older_sqlite_keeps_every_rule_but_that_of_types(
    small: Catalogue, cache: Path, monkeypatch: pytest.MonkeyPatch
):
    small.database("small").close()
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    small.database("small").close()
    old, new = sorted(cache.glob("*.sqlite"), key=lambda file: file.stat().st_mtime, reverse=True)
    for file, strict in ((old, False), (new, True)):
        with closing(sqlite3.connect(file)) as connection:
            sql = str(value(connection, "SELECT group_concat(sql) FROM sqlite_master"))
            assert ("STRICT" in sql) == strict
            assert "NOT NULL" in sql
            assert refused(connection, "UPDATE visits SET mood = 6").startswith("CHECK")


# ---- the cache ----


def test_the_cache_is_where_the_user_or_the_platform_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.delenv("CRMKIT_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    for platform, folder in (("linux", ".cache/crmkit"), ("darwin", "Library/Caches/crmkit")):
        monkeypatch.setattr(sys, "platform", platform)
        assert database.cache_folder() == tmp_path / folder
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert database.cache_folder() == tmp_path / "local" / "crmkit" / "Cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert database.cache_folder() == tmp_path / "xdg" / "crmkit"
    monkeypatch.setenv("CRMKIT_CACHE", str(tmp_path / "mine"))
    assert database.cache_folder() == tmp_path / "mine"


def test_a_database_is_built_once(small: Catalogue, cache: Path):
    small.database("small").close()
    (file,) = cache.iterdir()
    for table in (small.folder / "small").glob("*.csv"):
        table.unlink()
    with closing(Catalogue(small.folder).database("small")) as connection:
        assert value(connection, "SELECT COUNT(*) FROM visits") == 3
    assert list(cache.iterdir()) == [file]


def test_after_a_change_of_the_data_the_old_database_is_not_used(small: Catalogue, cache: Path):
    with closing(small.database("small")) as connection:
        assert value(connection, "SELECT SUM(mood) FROM visits") == 9
    small("small.visits")
    write(small.folder, VISIT_ROWS.assign(mood=5))
    for catalogue in (small, Catalogue(small.folder)):
        with closing(catalogue.database("small")) as connection:
            assert value(connection, "SELECT SUM(mood) FROM visits") == 15


def test_after_a_change_of_the_rules_the_old_database_is_not_used(
    small: Catalogue, cache: Path, monkeypatch: pytest.MonkeyPatch
):
    small.database("small").close()
    monkeypatch.setattr(database, "rule", lambda column: "")
    with closing(small.database("small")) as connection:
        assert "CHECK" not in str(value(connection, "SELECT group_concat(sql) FROM sqlite_master"))


def test_a_damaged_table_is_named_and_leaves_nothing_behind(small: Catalogue, cache: Path):
    path = small.folder / "small" / "visits.csv"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DataFileError, match=r"datasets/small/visits\.csv was truncated"):
        small.database("small")
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize(
    ("column", "wrong", "why"),
    [
        ("shop", [1, 1, 9], "a key of shop's list that shop's list does not have"),
        ("date", ["1999-09-01"] * 3, "UNIQUE constraint failed"),
        ("mood", [1, 2, 6], "CHECK constraint failed"),
    ],
)
def test_data_that_break_their_own_description_are_refused(
    column: str, wrong: list, why: str, tmp_path: Path, cache: Path
):
    own = write(tmp_path / "own", VISIT_ROWS.assign(**{column: wrong}))
    message = rf"datasets/small/visits\.csv breaks a rule of its {re.escape(DESCRIPTOR)}: {why}"
    with pytest.raises(DataFileError, match=message):
        own.database("small")
    assert list(cache.iterdir()) == []


def test_an_interrupted_build_leaves_nothing_behind(
    small: Catalogue, cache: Path, monkeypatch: pytest.MonkeyPatch
):
    def interrupt(self: Catalogue, name: str) -> pd.DataFrame:
        if name == "small.visits":
            assert [file.suffix for file in cache.iterdir()] == [".partial"]
            raise KeyboardInterrupt
        return SHOP_ROWS

    with monkeypatch.context() as patch:
        patch.setattr(Catalogue, "__call__", interrupt)
        with pytest.raises(KeyboardInterrupt):
            small.database("small")
    assert list(cache.iterdir()) == []
    with closing(small.database("small")) as connection:
        assert value(connection, "SELECT COUNT(*) FROM visits") == 3


IN_A_PROCESS = """
import os
import sys
import time
from pathlib import Path
from crmkit.data import Catalogue, database

cache, fill = Path(os.environ["CRMKIT_CACHE"]), database._fill

def slow(connection, folder, package):
    fill(connection, folder, package)
    {then}

database._fill = slow
connection = Catalogue(Path(sys.argv[1])).database("small")
print(connection.execute("SELECT COUNT(*) FROM visits").fetchone()[0])
"""


def start(small: Catalogue, then: str) -> subprocess.Popen:
    command = [sys.executable, "-c", IN_A_PROCESS.format(then=then), str(small.folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_a_killed_build_does_no_harm_and_is_cleared_away_later(small: Catalogue, cache: Path):
    assert start(small, then="os._exit(9)").wait(timeout=60) == 9
    (left,) = cache.iterdir()
    assert left.suffix == ".partial"
    with closing(small.database("small")) as connection:
        assert value(connection, "SELECT COUNT(*) FROM visits") == 3
    assert left.exists()  # it might be another process's, still at work
    two_hours_ago = time.time() - 7200
    os.utime(left, (two_hours_ago, two_hours_ago))
    write(small.folder, VISIT_ROWS.assign(mood=5)).database("small").close()
    assert not left.exists()


def test_processes_that_build_at_the_same_time_do_no_harm(small: Catalogue, cache: Path):
    # Each waits until all have filled a file of their own.
    all_filled = (
        "(cache / f'{os.getpid()}.filled').touch()\n"
        "    while len(list(cache.glob('*.filled'))) < 3: time.sleep(0.01)"
    )
    processes = [start(small, then=all_filled) for _ in range(3)]
    assert [process.communicate(timeout=60)[0] for process in processes] == ["3\n"] * 3
    assert len(list(cache.glob("*.sqlite"))) == 1
    assert not list(cache.glob("*.partial"))


def test_where_nothing_can_be_written_the_database_is_in_memory(
    small: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "file").touch()
    monkeypatch.setenv("CRMKIT_CACHE", str(tmp_path / "file" / "cache"))
    with closing(small.database("small")) as connection:
        assert value(connection, "SELECT COUNT(*) FROM visits") == 3
        assert value(connection, "PRAGMA foreign_keys") == 1
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            connection.execute("DELETE FROM visits")


def test_without_a_home_the_database_is_in_memory(small: Catalogue, monkeypatch: pytest.MonkeyPatch):
    def nowhere() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("CRMKIT_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", nowhere)
    with closing(small.database("small")) as connection:
        assert value(connection, "SELECT COUNT(*) FROM visits") == 3


def test_only_a_table_that_knows_the_three_roles_has_contacts():
    hailang = load.about("hailang.subscribers").package
    names = [table.name for table in database.schema(hailang)]
    assert names.index("contacts") == names.index("subscribers") + 1
    without = replace(hailang, tables=tuple(t for t in hailang.tables if t.name != "subscribers"))
    assert "contacts" not in [table.name for table in database.schema(without)]
    assert database.schema(SMALL) == SMALL.tables
