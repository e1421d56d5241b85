"""A throwaway Postgres server, and a gradebook on either database."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

DEBIAN = "/usr/lib/postgresql/*/bin/initdb"
SECONDS = 30


def binaries() -> Path | None:
    """Return the folder with Postgres's own programs, the newest version's if there are several."""
    on_path = shutil.which("initdb")
    debian = Path("/").glob(DEBIAN[1:])
    found = [Path(on_path).resolve()] if on_path else sorted(debian, key=lambda path: float(path.parts[4]))
    return found[-1].parent if found else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a database on a server that only this test run can reach."""
    programs = binaries()
    if programs is None:
        pytest.skip("NOT TESTED ON POSTGRES: no initdb on this machine (Debian: apt-get install postgresql)")
    pytest.importorskip("psycopg", reason="NOT TESTED ON POSTGRES: needs the postgres extra")
    # Not in pytest's folders: the server runs as another user, who must be able to walk there, and a socket's
    # path is at most 107 characters long.
    folder = Path(tempfile.mkdtemp(prefix="crmkit-pg-", dir="/tmp"))
    user = {}
    if os.geteuid() == 0:  # as root, initdb refuses
        user = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        shutil.chown(folder, "nobody", "nogroup")
    data = folder / "data"
    initialise = ["initdb", "-D", data, "-U", "kit", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    options = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={folder}", "-c", "fsync=off"]
    url = f"postgresql+psycopg://kit@/postgres?host={folder}"
    try:
        subprocess.run(
            [programs / initialise[0], *initialise[1:]], cwd=folder, check=True, capture_output=True, **user
        )
        with (folder / "log").open("w") as log:
            command = [programs / "postgres", "-D", data, *options]
            server = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, **user)
        try:
            _wait_for(url, server, folder / "log")
            yield url
        finally:
            server.send_signal(signal.SIGINT)  # its fast shutdown, which closes connections
            server.wait(SECONDS)
    finally:
        shutil.rmtree(folder)


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + SECONDS
    engine = sa.create_engine(url)
    while True:
        try:
            engine.connect().close()
            engine.dispose()
            return
        except sa.exc.OperationalError:
            if server.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"Postgres did not start: {log.read_text()}") from None
            time.sleep(0.05)


@pytest.fixture
def postgres_url(postgres: str) -> str:
    """The URL of a database that is empty again."""
    engine = sa.create_engine(postgres)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    engine.dispose()
    return postgres


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a gradebook is to be: a file that is not there yet, or the URL of an empty database."""
    if request.param == "postgres":
        url: str = request.getfixturevalue("postgres_url")
        return url
    return str(tmp_path / "class" / "gradebook.db")
