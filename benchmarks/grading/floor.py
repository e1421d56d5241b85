"""The least that any grader must do: fork a warm process, exec the cells, end what loops.

No sandbox, no comparison, no verdict, no record. It reads its task as JSON and writes what each took.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import sys
import time
from importlib import import_module
from typing import Any, NoReturn


def main() -> None:
    """Run the submissions of standard input."""
    task = json.load(sys.stdin)
    out = os.fdopen(os.dup(1), "w")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    warm(task["given"], task["apart"])
    print("ready", file=out, flush=True)
    json.dump(run(task), out)


def warm(given: list[str], apart: bool) -> None:
    """Import and do once whatever takes time, as the grader's own warm process does.

    Parameters
    ----------
    given : the cells that every submission has.
    apart : whether the calls of a student's function get a process of their own, as they do from the grader.
    """
    for module in ("numpy", "pandas", "scipy.optimize", "scipy.stats"):
        import_module(module)
    import IPython.display
    import matplotlib

    from crmkit.grading import values

    matplotlib.use("agg")
    import_module("matplotlib.pyplot")
    # Check cells send answers out with it; here there is nobody to send them to.
    IPython.display.publish_display_data = lambda *_, **__: None
    if not apart:
        values.encode_function = lambda function, calls: [function(*call) for call in calls]  # type: ignore
    space: dict[str, Any] = {}
    for cell in given:
        exec(cell, space)
    gc.collect()
    gc.freeze()


def run(task: dict[str, Any]) -> dict[str, Any]:
    """Return seconds, and whether it looped, for each submission."""
    waiting = list(task["submissions"].items())[::-1]
    running: dict[int, tuple[str, int, float]] = {}
    found = {}
    while waiting or running:
        while waiting and len(running) < task["at_once"]:
            student, cells = waiting.pop()
            pid = os.fork()
            if pid == 0:
                exec_cells(cells, task["cell_seconds"])
            running[os.pidfd_open(pid)] = (student, pid, time.monotonic())
        soonest = min(begun for _, _, begun in running.values()) + task["seconds"]
        ended = select.select(list(running), [], [], max(0, soonest - time.monotonic()))[0]
        now = time.monotonic()
        for file in [file for file, (_, _, begun) in running.items() if now > begun + task["seconds"]]:
            os.kill(running[file][1], signal.SIGKILL)
            ended.append(file)
        for file in set(ended):
            student, pid, begun = running.pop(file)
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            found[student] = {"seconds": time.monotonic() - begun, "looped": status != 0}
            os.close(file)
    return found


def exec_cells(cells: list[str], seconds: float) -> NoReturn:
    """Run a submission in this process, and end it."""
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    space: dict[str, Any] = {"__name__": "__main__"}
    looped = False
    for cell in cells:
        try:
            signal.setitimer(signal.ITIMER_REAL, seconds)
            exec(cell, space)
        except KeyboardInterrupt:
            looped = True
        except BaseException:
            pass
    os._exit(looped)


if __name__ == "__main__":
    main()
