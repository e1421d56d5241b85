"""Control groups: a limit on what a submission's processes use together, where this machine allows it."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Group:
    """A group of processes: one folder in version 2, one for each controller in version 1."""

    folders: tuple[Path, ...]

    @classmethod
    def make(cls, name: str, memory_mb: int, processes: int) -> Group | None:
        """Return a new group with limits, or None where groups cannot be made."""
        folders = [parent / name for parent in _parents()]
        made = cls(tuple(folders))
        try:
            for folder in folders:
                folder.mkdir()
            made._write("memory.max", "memory.limit_in_bytes", memory_mb << 20)
            made._write("pids.max", "pids.max", processes)
            with suppress(OSError):  # swap, where it is counted
                made._write("memory.swap.max", "memory.memsw.limit_in_bytes", memory_mb << 20)
        except OSError:
            made.remove()
            return None
        return made if folders else None

    def _write(self, name: str, older: str, value: int) -> None:
        for folder in self.folders:
            for file in (folder / name, folder / older):
                if file.exists():
                    file.write_text(str(value))
                    return
        raise FileNotFoundError(name)

    def add(self, pid: int) -> None:
        """Put a process, and what it will start, into the group."""
        for folder in self.folders:
            (folder / "cgroup.procs").write_text(str(pid))

    def peak_mb(self) -> float:
        """Return the most memory that the group used, in MB; 0 where the kernel does not say."""
        for folder in self.folders:
            for name in ("memory.peak", "memory.max_usage_in_bytes"):
                with suppress(OSError, ValueError):
                    return int((folder / name).read_text()) / 2**20
        return 0.0

    def remove(self) -> None:
        """Remove the group; its processes must have been killed."""
        for folder in self.folders:
            for _ in range(100):
                try:
                    folder.rmdir()
                except FileNotFoundError:
                    break
                except OSError:  # the last process is still being buried
                    time.sleep(0.01)
                else:
                    break


def sweep() -> None:
    """Remove the groups that a grader left behind which was killed; those with processes stay."""
    for parent in _parents():
        for folder in parent.glob("crmkit-*-*"):
            if not Path(f"/proc/{folder.name.split('-')[1]}").exists():
                with suppress(OSError):
                    folder.rmdir()


def _parents() -> list[Path]:
    """Return where groups can be made: below our own of version 2, or at the two controllers of version 1."""
    controllers = ROOT / "cgroup.controllers"
    if controllers.exists():
        own = next(
            (
                line[3:]
                for line in Path("/proc/self/cgroup").read_text().splitlines()
                if line.startswith("0::")
            ),
            "/",
        )
        parent = (ROOT / own.strip("/")).parent
        enabled = parent / "cgroup.subtree_control"
        if enabled.exists() and os.access(parent, os.W_OK) and "memory" in enabled.read_text():
            return [parent]
        return []
    limiting, sharing = [ROOT / "memory", ROOT / "pids"], ROOT / "cpu"
    if not all(map(_is_usable, limiting)):
        return []
    # Groups get equal shares of the processors, however many processes are in one.
    return [*limiting, sharing] if _is_usable(sharing) else limiting


def _is_usable(folder: Path) -> bool:
    return os.access(folder, os.W_OK) and (folder / "cgroup.procs").exists()
