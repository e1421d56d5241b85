"""The line between the grader and a kernel, as the kernel's end sees it: a length, then JSON.

The first message has the files that lie beside the notebook; each one after it is a cell.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def put(line: socket.socket, message: Mapping[str, Any]) -> None:
    """Send a message; what JSON cannot hold is sent as its text."""
    data = json.dumps(message, default=repr).encode("utf-8", "replace")
    line.sendall(struct.pack(">I", len(data)) + data)


def take(line: socket.socket) -> dict[str, Any] | None:
    """Return the next message, or None when the line is closed."""
    size = _read(line, 4)
    if not size:
        return None
    found: dict[str, Any] = json.loads(_read(line, struct.unpack(">I", size)[0]))
    return found


def lay_out(folder: Path, files: Mapping[str, str]) -> None:
    """Write files into a folder.

    Parameters
    ----------
    files : their texts by path, with a slash between folders.
    """
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        # Byte for byte: tables are known by their digests.
        path.write_bytes(text.encode())


def _read(line: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        piece = line.recv(size - len(received))
        if not piece:
            return b""
        received += piece
    return received
