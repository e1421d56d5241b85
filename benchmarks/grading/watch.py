"""What the processes below this one use: memory of kernels, and CPU time that nobody waits for."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

EVERY_SECONDS = 0.1
REST_EVERY = 10
"""How many samples of kernels there are to one of everything else."""
Kind = Callable[[Sequence[str]], bool]
"""Whether a process is of a kind, told by its command line and those above it, its own first."""


def below(root: int) -> dict[int, list[str]]:
    """Return the processes below one: their command lines and those of what is above them up to it."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError, ValueError):
                # The name in brackets can hold anything.
                parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    lines: dict[int, str] = {}
    found = {}
    for pid in parents:
        chain = [pid]
        while chain[-1] != root and chain[-1] in parents:
            chain.append(parents[chain[-1]])
        if chain[-1] == root and pid != root:
            for each in chain:
                if each not in lines:
                    lines[each] = _command(each)
            found[pid] = [lines[each] for each in chain]
    return found


def _command(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""


def end_below(root: int) -> None:
    """Kill the processes below one."""
    for pid in below(root):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


class Watch(threading.Thread):
    """Samples what is below this process, in a thread of its own. Use as a context manager.

    Parameters
    ----------
    is_kernel : the processes that run submissions.
    is_unwaited : processes whose CPU time their parents do not take over.
    """

    def __init__(self, is_kernel: Kind, is_unwaited: Kind = lambda _: False) -> None:
        super().__init__(daemon=True)
        self.is_kernel, self.is_unwaited = is_kernel, is_unwaited
        self.uss_mb = self.pss_mb = self.rest_mb = self.cpu = 0.0
        self.samples = 0
        self.kernels: dict[int, float] = {}
        self._unwaited: dict[int, float] = {}
        self._over = threading.Event()

    def __enter__(self) -> Watch:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Stop sampling."""
        self._over.set()
        self.join()

    @property
    def unwaited(self) -> float:
        """CPU seconds of the unwaited processes, as they were last seen."""
        return sum(self._unwaited.values())

    def run(self) -> None:
        """Sample until it is over."""
        number = 0
        while not self._over.wait(EVERY_SECONDS):
            rest = 0.0
            for pid, chain in below(os.getpid()).items():
                if self.is_kernel(chain):
                    uss, pss = memory_mb(pid)
                    self.uss_mb, self.pss_mb = max(self.uss_mb, uss), max(self.pss_mb, pss)
                    self.samples += uss > 0
                    self.kernels[pid] = cpu_seconds(pid) or self.kernels.get(pid, 0)
                elif self.is_unwaited(chain):
                    self._unwaited[pid] = cpu_seconds(pid) or self._unwaited.get(pid, 0)
                elif number % REST_EVERY == 0:
                    rest += memory_mb(pid)[1]
            self.rest_mb = max(self.rest_mb, rest)
            number += 1
        self.cpu = time.thread_time()


def memory_mb(pid: int) -> tuple[float, float]:
    """Return a process's private memory and its part of what is shared, both in MB; 0 where it is gone."""
    with suppress(OSError, ValueError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
        kilobytes = {
            name: int(value.split()[0]) for name, _, value in (line.partition(":") for line in lines)
        }
        return (kilobytes["Private_Clean"] + kilobytes["Private_Dirty"]) / 1024, kilobytes["Pss"] / 1024
    return 0.0, 0.0


def spent_below(root: int) -> float:
    """Return the CPU time of the processes below one that still run, and of those that they waited for."""
    spent = 0
    for pid in below(root):
        with suppress(OSError, ValueError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            spent += sum(int(field) for field in fields[11:15])
    return spent / os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process without its children's; 0 where it is gone."""
    with suppress(OSError, ValueError):
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    return 0.0
