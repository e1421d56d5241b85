"""From the bytes of a submitted file to the cells in it, read in a process that can be lost.

A notebook may be anything: cut short, nested a million deep, a gigabyte of zeros. A reader with limits reads
it; when it fails or takes too long, the file cannot be graded, and the next one gets a fresh reader.
"""

from __future__ import annotations

import json
import select
import struct
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

MOST_BYTES = 20_000_000
MOST_CELLS = 2_000
MOST_SOURCE = 200_000
"""Characters of a cell."""
READ_SECONDS = 10.0
MEMORY = 1 << 30
AGAIN = "open and save it in JupyterLab and hand it in again"


class Ungradable(ValueError):
    """A file that cannot be graded; the message says why, and what the student can do."""


@dataclass(frozen=True)
class Cell:
    """A submitted cell: what it is known by, and its text."""

    ident: str
    grade_id: str
    kind: str
    source: str


class Reader:
    """Reads notebooks, one after the other. Use as a context manager."""

    def __enter__(self) -> Reader:
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def _start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env={},
        )  # fmt: skip

    def read(self, data: bytes) -> list[Cell]:
        """Return the cells of a submitted file.

        Raises
        ------
        Ungradable : it is not a notebook of format 4 within the limits.
        """
        if len(data) > MOST_BYTES:
            raise Ungradable(
                f"the file has more than {MOST_BYTES / 1e6:.0f} MB; clear its outputs and hand it in again"
            )
        answer = self._ask(data)
        if answer is None:
            self.__exit__()
            self._start()
            raise Ungradable("reading the file took more time or memory than any notebook needs")
        if isinstance(answer, str):
            raise Ungradable(answer)
        return [Cell(*cell) for cell in answer]

    def _ask(self, data: bytes) -> Any:
        pipe_in, pipe_out = self._process.stdin, self._process.stdout
        assert pipe_in is not None
        assert pipe_out is not None
        try:
            pipe_in.write(struct.pack(">I", len(data)) + data)
            pipe_in.flush()
            if not select.select([pipe_out], [], [], READ_SECONDS)[0]:
                return None
            size = pipe_out.read(4)
            return json.loads(pipe_out.read(struct.unpack(">I", size)[0])) if len(size) == 4 else None
        except (OSError, ValueError):
            return None


def cells_of(data: bytes) -> list[list[str]] | str:
    """Return id, grade id, kind and text of each cell, or why the file is no notebook."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return f"the file is not UTF-8 text (at byte {error.start}); {AGAIN}"
    if not text.strip():
        return "the file is empty"
    try:
        notebook = json.loads(text)
    except RecursionError:
        return "the file is nested too deeply to be a notebook"
    except ValueError as error:
        return f"the file is not a notebook: {str(error)[:100]}; it may have been cut off while it was sent"
    if not isinstance(notebook, dict):
        return "the file is JSON but not a notebook"
    version = notebook.get("nbformat")
    if version != 4:
        shown = version if version in range(100) else "unknown"
        return f"the notebook has the format {shown}, not 4; {AGAIN}"
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        return "the notebook has no list of cells"
    if len(cells) > MOST_CELLS:
        return f"the notebook has {len(cells)} cells; at most {MOST_CELLS} are read"
    return [_cell(cell) for cell in cells if isinstance(cell, dict)]


def _cell(cell: dict[str, Any]) -> list[str]:
    metadata = cell.get("metadata")
    stamp = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = stamp.get("grade_id") if isinstance(stamp, dict) else None
    source = cell.get("source")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    parts = [cell.get("id"), grade_id, cell.get("cell_type"), source]
    clean = [part if isinstance(part, str) else "" for part in parts]
    return [*(part[:200] for part in clean[:3]), clean[3][:MOST_SOURCE].encode("utf-8", "replace").decode()]


def main() -> None:
    """Answer files that come over standard input until it is closed."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while size := sys.stdin.buffer.read(4):
        data = sys.stdin.buffer.read(struct.unpack(">I", size)[0])
        try:
            answer = json.dumps(cells_of(data)).encode()
        except MemoryError:
            answer = json.dumps("reading the file took more memory than any notebook needs").encode()
        sys.stdout.buffer.write(struct.pack(">I", len(answer)) + answer)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
