"""The kernel inside the sandbox: an IPython shell that takes cells from a line and answers on it.

It does what ipykernel does for a notebook that nobody types into, without sockets, threads and start-up time.
What it sends is believed by nobody: the code that it runs can write to the same line.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import socket
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from crmkit.grading.line import put, take

WARM_MODULES = (
    "numpy", "pandas", "scipy.optimize", "scipy.stats", "crmkit", "crmkit.grading.values",
)  # fmt: skip
MOST_PRINTED = 200_000
"""Characters that a cell may print; what comes after is cut, and said to be."""
PIECE = 32_768
"""Characters that are gathered before they are sent."""
WARMING = (
    "import matplotlib.pyplot as plt, pandas as pd\npd.DataFrame({'a': [1.5]})",
    "plt.figure(); plt.plot([1, 2]); plt.title('1.80')\nplt.show()",
    "1 / 0",
)
"""Cells that fill caches: of tables, of fonts, of tracebacks. What they leave is thrown away."""
CUT = "\n… cut: this cell prints too much\n"

_line: socket.socket | None = None


def send(kind: str, content: Mapping[str, Any]) -> None:
    """Send a message of a Jupyter kernel's kinds; before there is a line, nothing."""
    if kind != "stream":
        # What was printed before goes before.
        sys.stdout.flush()
        sys.stderr.flush()
    if _line is not None:
        put(_line, {"type": kind, "content": content})


class Publisher(DisplayPublisher):
    """Sends what is displayed."""

    def publish(self, data: Any, metadata: Any = None, source: Any = None, **_: Any) -> None:
        send("display_data", {"data": data, "metadata": metadata or {}})


class Hook(DisplayHook):
    """Sends the value of a cell's last expression."""

    def start_displayhook(self) -> None:
        self.found: dict[str, Any] = {}

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        self.found = {"data": format_dict, "metadata": md_dict or {}, "execution_count": self.prompt_count}

    def finish_displayhook(self) -> None:
        if self.found:
            send("execute_result", self.found)


class ShellWithoutZMQ(InteractiveShell):
    """IPython without a terminal, a history or a configuration file.

    pandas looks for "zmq" in the name of the class to tell a notebook from a terminal.
    """

    display_pub_class = Type(Publisher)
    displayhook_class = Type(Hook)

    def system(self, cmd: str) -> None:
        """Run a line that begins with `!`, without the terminal that IPython would open for it."""
        print(self.getoutput(cmd, split=False, depth=1))

    def enable_gui(self, gui: str | None = None) -> None:
        """Do nothing: `%matplotlib inline` asks for no window."""

    def _showtraceback(self, etype: Any, evalue: Any, stb: list[str]) -> None:
        send("error", {"ename": etype.__name__, "evalue": str(evalue), "traceback": list(stb)})


class Printed(io.TextIOBase):
    """Standard output or error: gathers what is printed, and sends it in pieces."""

    encoding = "utf-8"

    def __init__(self, name: str) -> None:
        self.name = name
        self.begin()

    def begin(self) -> None:
        """Forget what the last cell printed."""
        self.held: list[str] = []
        self.size = self.total = 0

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if self.total < MOST_PRINTED:
            kept = text[: MOST_PRINTED - self.total]
            self.held.append(kept if len(kept) == len(text) else kept + CUT)
            self.size += len(kept)
        self.total += len(text)
        if self.size > PIECE:
            self.flush()
        return len(text)

    def flush(self) -> None:
        text, self.held, self.size = "".join(self.held), [], 0
        if text:
            send("stream", {"name": self.name, "text": text})


def warm_shell(given: Sequence[str]) -> ShellWithoutZMQ:
    """Return a shell in which whatever takes time has been done once, to be forked.

    Parameters
    ----------
    given : cells that every submission will run, and that are the instructor's.
    """
    import matplotlib

    matplotlib.use("module://matplotlib_inline.backend_inline")
    import matplotlib.pyplot as plt
    import pandas
    from matplotlib_inline.backend_inline import _enable_matplotlib_integration

    for module in WARM_MODULES:
        import_module(module)

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.xmode = "Plain"
    shell = ShellWithoutZMQ.instance(config=config)
    _enable_matplotlib_integration()
    # Chosen when pandas was imported, which was before there was a shell: as for a terminal.
    pandas.set_option("display.max_columns", 20)
    for cell in (*WARMING, *given):
        shell.run_cell(cell, store_history=False)
    plt.close("all")
    shell.reset(new_session=True)
    import gc

    gc.collect()
    # What is frozen is not touched by collections, so that forks go on sharing its memory.
    gc.freeze()
    return shell


def serve(shell: ShellWithoutZMQ, line: socket.socket) -> None:
    """Run each cell that comes over the line, until that is closed."""
    global _line
    import signal

    import numpy

    _line = line
    signal.signal(signal.SIGINT, signal.default_int_handler)
    random.seed()
    numpy.random.seed()
    out, err = Printed("stdout"), Printed("stderr")
    sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__ = out, err  # type: ignore[misc,assignment]
    while True:
        # An interrupt that comes between two cells is for the one before.
        with contextlib.suppress(KeyboardInterrupt):
            request = take(line)
            if request is None:
                os._exit(0)
            out.begin()
            err.begin()
            try:
                shell.run_cell(request["code"], store_history=False)
            finally:
                out.flush()
                err.flush()
                put(line, {"type": "idle", "id": request["id"]})
