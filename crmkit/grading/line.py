"""The line between the grader and a kernel, as the kernel's end sees it: a length, then JSON."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Mapping
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


def _read(line: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        piece = line.recv(size - len(received))
        if not piece:
            return b""
        received += piece
    return received
