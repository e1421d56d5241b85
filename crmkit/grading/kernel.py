"""A forked kernel with the interface of nbval's RunningKernel, so that nbval runs notebooks in it.

Whatever arrives is untrusted: frames are bounded and of known kinds, or the kernel is ended.
"""

from __future__ import annotations

import json
import select
import struct
import time
from collections import deque
from queue import Empty
from typing import Any

from crmkit.grading.sandbox import Ended, Kernel
from crmkit.grading.values import MIME

FRAME_BYTES = 4_000_000
TEXTS = ("text/plain", "text/html", "text/markdown", "text/latex")
PICTURES = ("image/png", "image/svg+xml", "image/jpeg")
PUBLISHED = ("stream", "display_data", "execute_result")
MOST_PUBLISHED = 2_000
"""Prints and displays of a cell that are kept: nbval puts prints together one by one."""
MOST_LINES = 200
"""Lines of a traceback that are kept."""


class LineKernel:
    """Runs cells in a forked kernel; the methods are those that nbval calls.

    Parameters
    ----------
    kernel : as the sandbox gave it.
    output_bytes : how much it may send in all.
    """

    language = "python"

    def __init__(self, kernel: Kernel, output_bytes: int) -> None:
        self.kernel = kernel
        self.left = output_bytes
        self.problem = ""
        self._buffer = bytearray()
        self._messages: deque[dict[str, Any]] = deque()
        self._running = self._published = 0
        self._idle = True

    def is_alive(self) -> bool:
        """Return whether cells can be run."""
        return not self.problem and self.kernel.is_alive()

    def execute_cell_input(self, cell_input: str, allow_stdin: bool | None = None) -> int:
        """Start a cell; return the number by which its messages are known."""
        self._running += 1
        self._idle = False
        self._published = 0
        self._messages.clear()
        data = json.dumps({"id": self._running, "code": cell_input}).encode()
        try:
            self.kernel.line.settimeout(5)
            self.kernel.line.sendall(struct.pack(">I", len(data)) + data)
        except OSError:
            self._die("the kernel did not take the cell")
        return self._running

    def await_reply(self, msg_id: int, timeout: float | None = None) -> None:
        """Wait until a cell has ended.

        Raises
        ------
        Empty : it has not within `timeout` seconds.
        """
        self._receive(timeout)

    def get_message(self, stream: str, timeout: float | None = None) -> dict[str, Any]:
        """Return the next message.

        Raises
        ------
        Empty : there was none within `timeout` seconds.
        """
        if not self._messages:
            self._receive(timeout, one=True)
        if not self._messages:
            raise Empty
        return self._messages.popleft()

    def await_idle(self, parent_id: int, timeout: float) -> None:
        """Read up to the message that says that a cell has ended."""
        while not _is_idle(self.get_message("iopub", timeout)):
            pass

    def interrupt(self) -> None:
        """Interrupt the cell that runs."""
        self.kernel.interrupt()

    def stop(self) -> Ended:
        """End the kernel, and everything that it started."""
        return self.kernel.end()

    def _receive(self, timeout: float | None, *, one: bool = False) -> None:
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self._idle:
            wait = None if deadline is None else max(0.0, deadline - time.monotonic())
            if not select.select([self.kernel.line], [], [], wait)[0]:
                raise Empty
            try:
                piece = self.kernel.line.recv(1 << 16)
            except OSError:
                piece = b""
            if not piece:
                return self._die("the kernel died")
            self.left -= len(piece)
            if self.left < 0:
                return self._die("the notebook sends out more than it may")
            self._buffer += piece
            try:
                self._take_frames()
            except (ValueError, RecursionError):
                return self._die("what came out of the kernel is no message")
            if one and self._messages:
                return None
        return None

    def _take_frames(self) -> None:
        while len(self._buffer) >= 4:
            (size,) = struct.unpack(">I", self._buffer[:4])
            if size > FRAME_BYTES:
                raise ValueError("too long")
            if len(self._buffer) < 4 + size:
                return
            frame = json.loads(self._buffer[4 : 4 + size])
            del self._buffer[: 4 + size]
            if not isinstance(frame, dict):
                raise ValueError("not an object")
            if frame.get("type") == "idle":
                # One that names another cell was written by the cell itself, to be taken for the next.
                if frame.get("id") == self._running:
                    self._end_cell()
                    return
                continue
            content = _content(frame.get("type"), frame.get("content"))
            self._add(frame["type"], content)

    def _add(self, kind: str, content: dict[str, Any]) -> None:
        if kind in PUBLISHED and MIME not in content.get("data", ()):
            self._published += 1
            if self._published > MOST_PUBLISHED:
                return
        self._messages.append(
            {"msg_type": kind, "content": content, "parent_header": {"msg_id": self._running}}
        )

    def _end_cell(self) -> None:
        self._add("status", {"execution_state": "idle"})
        self._idle = True

    def _die(self, problem: str) -> None:
        self.problem = problem
        self._add("error", {"ename": "KernelEnded", "evalue": problem, "traceback": []})
        self._end_cell()


def _is_idle(message: dict[str, Any]) -> bool:
    return message["msg_type"] == "status"


def _content(kind: Any, content: Any) -> dict[str, Any]:
    """Return a message's content, made anew of what is known in it."""
    if not isinstance(content, dict):
        raise ValueError("no content")
    match kind:
        case "stream":
            name = "stderr" if content.get("name") == "stderr" else "stdout"
            return {"name": name, "text": _text(content.get("text"))}
        case "display_data" | "execute_result":
            data = content.get("data")
            if not isinstance(data, dict):
                raise ValueError("no data")
            known = {mime: _text(data[mime]) for mime in (*TEXTS, *PICTURES) if mime in data}
            if isinstance(data.get(MIME), dict):
                known[MIME] = data[MIME]
            return {"data": known, "metadata": {}, "execution_count": 1}
        case "error":
            lines = content.get("traceback")
            kept = [_text(line) for line in lines[-MOST_LINES:]] if isinstance(lines, list) else []
            name, value = (_text(content.get(key))[:2000] for key in ("ename", "evalue"))
            return {"ename": name, "evalue": value, "traceback": kept}
    raise ValueError("an unknown kind")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("no text")
    # A lone surrogate can be in JSON, but in no file.
    return value.encode("utf-8", "replace").decode()
