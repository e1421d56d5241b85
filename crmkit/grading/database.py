"""The gradebook's tables, in an SQLite file or a Postgres database, and transactions on them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Table, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

SCHEMA = 1
"""The version of the tables; one more with each change to them."""
PATIENCE = 60
"""Seconds to wait while another process writes to an SQLite file."""


class GradebookError(ValueError):
    """What was asked cannot be done; one line says what was wrong, where, and what to do."""


class Json(sa.types.TypeDecorator[Any]):
    """JSON as ASCII text, for what students had a hand in: NUL and lone surrogates come back as they were."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> str:
        return json.dumps(value, allow_nan=False)

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Any:
        return json.loads(value or "null")


metadata = sa.MetaData()
version = Table("gradebook", metadata, Column("schema", sa.Integer, nullable=False))
students = Table(
    "students",
    metadata,
    Column("student_id", sa.String, primary_key=True),
    Column("name", sa.String, nullable=False),
    Column("email", sa.String, nullable=False),
    Column("canvas_id", sa.String, nullable=False),
    Column("moodle_id", sa.String, nullable=False),
    Column("login", sa.String, nullable=False),
    Column("section", sa.String, nullable=False),
    Column("late_days", sa.Integer),
    Column("enrolled", sa.Boolean, nullable=False),
)
assignments = Table(
    "assignments",
    metadata,
    Column("assignment", sa.String, primary_key=True),
    Column("title", sa.String, nullable=False),
    Column("points", sa.Double, nullable=False),
    Column("due", sa.String),
    Column("policy", Json, nullable=False),
)
releases = Table(
    "releases",
    metadata,
    Column("seq", sa.Integer, primary_key=True),
    Column("assignment", ForeignKey(assignments.c.assignment), nullable=False),
    Column("release", sa.String, nullable=False),
    Column("at", sa.String, nullable=False),
)
submissions = Table(
    "submissions",
    metadata,
    Column("seq", sa.Integer, primary_key=True),
    Column("assignment", ForeignKey(assignments.c.assignment), nullable=False),
    Column("student", ForeignKey(students.c.student_id), nullable=False),
    Column("content", sa.String, nullable=False),
    Column("submitted", sa.String),
    sa.Index("submissions_of_a_student", "assignment", "student"),
)
attempts = Table(
    "attempts",
    metadata,
    Column("attempt", sa.Integer, primary_key=True),
    Column("assignment", ForeignKey(assignments.c.assignment), nullable=False),
    Column("student", ForeignKey(students.c.student_id), nullable=False),
    Column("content", sa.String, nullable=False),
    Column("release", sa.String, nullable=False),
    Column("submitted", sa.String),
    Column("graded", sa.String, nullable=False),
    Column("status", sa.String, nullable=False),
    Column("reason", Json, nullable=False),
    Column("seconds", sa.Double),
    Column("cpu", sa.Double),
    Column("peak_mb", sa.Double),
    # The last column, so that SQLite need not read past figures to find another one.
    Column("transcript", sa.LargeBinary, nullable=False),
    sa.UniqueConstraint("assignment", "student", "content", "release"),
)
items = Table(
    "items",
    metadata,
    Column("attempt", ForeignKey(attempts.c.attempt), primary_key=True),
    Column("position", sa.Integer, primary_key=True),
    Column("question", sa.String, nullable=False),
    Column("points", sa.Double, nullable=False),
    Column("earned", sa.Double),
    Column("outcome", sa.String, nullable=False),
    Column("said", Json, nullable=False),
    Column("mistake", Json, nullable=False),
)
overrides = Table(
    "overrides",
    metadata,
    Column("seq", sa.Integer, primary_key=True),
    Column("assignment", ForeignKey(assignments.c.assignment), nullable=False),
    Column("student", ForeignKey(students.c.student_id), nullable=False),
    Column("field", sa.String, nullable=False),
    Column("question", sa.String),
    Column("content", sa.String),
    Column("old", sa.Double),
    Column("new", sa.Double),
    Column("who", sa.String, nullable=False),
    Column("at", sa.String, nullable=False),
    Column("why", sa.String, nullable=False),
)

LOCK = """SELECT pg_advisory_xact_lock(hashtext('crmkit gradebook'))"""
REFUSE = """CREATE FUNCTION crmkit_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'append-only'; END $$"""
event.listen(metadata, "before_create", sa.DDL(REFUSE).execute_if(dialect="postgresql"))
for _table in (releases, submissions, attempts, items, overrides):
    for _change in ("UPDATE", "DELETE"):
        _trigger = f"CREATE TRIGGER {_table.name}_no_{_change.lower()} BEFORE {_change} ON {_table.name}"
        _on_sqlite = sa.DDL(f"{_trigger} BEGIN SELECT RAISE(ABORT, 'append-only'); END")
        _on_postgres = sa.DDL(f"{_trigger} FOR EACH ROW EXECUTE FUNCTION crmkit_append_only()")
        event.listen(_table, "after_create", _on_sqlite.execute_if(dialect="sqlite"))
        event.listen(_table, "after_create", _on_postgres.execute_if(dialect="postgresql"))


class Database:
    """The database behind a gradebook, made if it is not there.

    Parameters
    ----------
    place : path of an SQLite file, or a URL.
    create : whether to make it if it is not there.

    Raises
    ------
    GradebookError : it cannot be opened, is no gradebook, or was written by a newer crmkit.
    """

    def __init__(self, place: str | Path, *, create: bool = True) -> None:
        url = _url(str(place))
        self.place = url.render_as_string() if url.host or "host" in url.query else str(url.database)
        postgres = url.get_backend_name() == "postgresql"
        if not postgres:
            self._prepare_file(Path(str(url.database)), create)
        try:
            engine = sa.create_engine(url, connect_args={} if postgres else {"timeout": PATIENCE})
        except ImportError:
            raise GradebookError(
                'a gradebook on Postgres needs psycopg: pip install "crmkit[postgres]"'
            ) from None
        if not postgres:
            event.listen(engine, "connect", _set_up_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
        self.insert = postgresql.insert if postgres else sqlite.insert
        self._engine = engine
        self._reader = engine.execution_options(isolation_level="REPEATABLE READ") if postgres else engine
        self._writer = engine.execution_options(writes=True)
        try:
            self._open(create)
        except BaseException:
            engine.dispose()
            raise

    def _prepare_file(self, path: Path, create: bool) -> None:
        if path.exists():
            return
        if not create:
            raise GradebookError(f"there is no gradebook {path}; crmkit autograde makes one")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)  # marks are nobody else's business
        except OSError as error:
            raise GradebookError(f"{path} cannot be made: {error.strerror}") from error

    def _open(self, create: bool) -> None:
        with self.read() as connection:
            there = self._is_there(connection)
        if there:
            return
        if not create:
            raise GradebookError(f"there is no gradebook in {self.place}; crmkit autograde makes one")
        with self.write() as connection:
            if connection.dialect.name == "postgresql":  # where two processes may create at once
                connection.exec_driver_sql(LOCK)
            if not self._is_there(connection):
                metadata.create_all(connection)
                connection.execute(sa.insert(version).values(schema=SCHEMA))

    def _is_there(self, connection: sa.Connection) -> bool:
        tables = sa.inspect(connection).get_table_names()
        if not tables:
            return False
        if version.name not in tables:
            raise GradebookError(f"{self.place} holds other tables; give the gradebook a place of its own")
        written = connection.execute(sa.select(version.c.schema)).scalar_one()
        if written != SCHEMA:
            what = f"{self.place} is a gradebook of version {written}, and this crmkit knows version {SCHEMA}"
            raise GradebookError(f"{what}; use the crmkit that it was written with, or a newer one")
        return True

    def close(self) -> None:
        """Close the connections to it."""
        self._engine.dispose()

    @contextmanager
    def _transaction(self, engine: sa.Engine) -> Iterator[sa.Connection]:
        try:
            with engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            cause = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
            raise GradebookError(f"the gradebook {self.place}: {cause}") from error

    def read(self) -> AbstractContextManager[sa.Connection]:
        """Begin a transaction that sees one state of the database."""
        return self._transaction(self._reader)

    def write(self) -> AbstractContextManager[sa.Connection]:
        """Begin a transaction that changes it, all or nothing."""
        return self._transaction(self._writer)


def _url(place: str) -> sa.URL:
    """Return the URL of a path or of a URL, with the driver that is installed with crmkit."""
    if "://" not in place:
        return sa.URL.create("sqlite", database=place)
    try:
        url = sa.make_url(place)
    except ArgumentError:
        raise GradebookError(
            "the gradebook's URL cannot be read; it looks like postgresql://user@host/name"
        ) from None
    kind = url.drivername.partition("+")[0]
    if kind == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if kind == "sqlite" and url.database and url.database != ":memory:":
        return url.set(drivername="sqlite")
    raise GradebookError(
        f"a gradebook is an SQLite file or a Postgres database, not {url.render_as_string()}"
    )


def _set_up_sqlite(connection: Any, record: Any) -> None:
    # The module sqlite3 begins and commits by itself, and not around CREATE TABLE; `_begin_sqlite` does.
    connection.isolation_level = None
    # WAL: a writer that is killed leaves a log whose unfinished end the next process drops, and readers do
    # not wait for the writer. That alone survives kill -9. FULL syncs the log at each commit, so that a mark
    # once confirmed survives a power cut as well.
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: sa.Connection) -> None:
    # A writer that began by reading could not become one while another process writes.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
