"""The local server."""

from __future__ import annotations

import socket
from pathlib import Path
from urllib.request import urlopen

import pytest

from crmkit.site.serve import serve


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "index.html").write_text("hello")
    (tmp_path / "0.webp").write_bytes(b"RIFF")
    return tmp_path


def test_a_folder_is_served_to_this_machine_alone(folder: Path) -> None:
    with serve(folder, port=0) as server:
        assert server.address.startswith("http://127.0.0.1:")
        with urlopen(f"{server.address}index.html") as answer:
            assert answer.read() == b"hello"


def test_a_taken_port_is_replaced_by_a_free_one(folder: Path) -> None:
    with serve(folder, port=0) as first:
        taken = int(first.address.rstrip("/").rpartition(":")[2])
        with serve(folder, port=taken) as second:
            assert second.address != first.address
            with urlopen(second.address) as answer:
                assert answer.status == 200


def test_a_stopped_server_frees_its_port(folder: Path) -> None:
    with serve(folder, port=0) as server:
        port = int(server.address.rstrip("/").rpartition(":")[2])
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_picture_has_its_type_on_every_machine(folder: Path) -> None:
    with serve(folder, port=0) as server, urlopen(f"{server.address}0.webp") as answer:
        assert answer.headers["Content-Type"] == "image/webp"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotADirectoryError, match="build the site first"):
        serve(tmp_path / "nothing")
