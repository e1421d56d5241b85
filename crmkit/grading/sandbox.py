"""The grader's side of the sandbox: start the warm process, take kernels from it, and end them."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import crmkit
from crmkit.data.package import data_folder
from crmkit.grading import isolation
from crmkit.grading.cgroup import Group, sweep
from crmkit.grading.line import put

START_SECONDS = 60
FIRST_USER = 61_000
"""Users from here on are those of the sandboxes of a grader that is root. Each has its own, so that a limit
on processes counts one submission's only, and no file of the host belongs to it."""


class SandboxError(RuntimeError):
    """This machine cannot isolate submissions, or its warm process is gone; the message says why."""


@dataclass(frozen=True)
class Limits:
    """What a submission may use.

    Parameters
    ----------
    seconds : wall clock of the whole notebook.
    cell_seconds : wall clock of a cell before it is interrupted; the slowest cell of the solutions takes two.
    memory_mb : memory of each process besides what it shares with the warm one; where control groups can be
        used, of all together.
    processes : processes and threads.
    scratch_mb : files in each of the two folders that can be written.
    file_mb : size of a file.
    output_mb : everything that is sent out.
    """

    seconds: float = 120.0
    cell_seconds: float = 10.0
    memory_mb: int = 1500
    processes: int = 64
    scratch_mb: int = 64
    file_mb: int = 32
    output_mb: int = 16

    def request(self) -> dict[str, Any]:
        """Return what the warm process needs to know."""
        limits = {
            "AS": self.memory_mb << 20,
            "NPROC": self.processes,
            "FSIZE": self.file_mb << 20,
            "NOFILE": 256,
            "CPU": int(self.seconds) + 1,
            "CORE": 0,
            "NICE": 0,
            "RTPRIO": 0,
            "MSGQUEUE": 0,
        }
        return {"seconds": self.seconds, "scratch_mb": self.scratch_mb, "limits": limits}


@dataclass
class Ended:
    """How a kernel ended, and what it used."""

    exit: int = 0
    late: bool = False
    cpu: float = 0.0
    peak_mb: float = 0.0


class Kernel:
    """A forked kernel: `line` carries cells in and messages out, and closing `leash` ends it."""

    def __init__(self, leash: socket.socket, line: socket.socket, pid: int, group: Group | None) -> None:
        self.leash, self.line, self.pid, self.group = leash, line, pid, group
        self.ended: Ended | None = None
        self._process: int | None = os.pidfd_open(pid)

    def is_alive(self) -> bool:
        """Return whether it still runs."""
        if self.ended is None and select.select([self.leash], [], [], 0)[0]:
            self._read_end()
        return self.ended is None

    def interrupt(self) -> None:
        """Send what Ctrl-C sends."""
        if self.is_alive():
            self._send(signal.SIGINT)

    def end(self) -> Ended:
        """Kill it with everything that it started, and return what it used."""
        if self.ended is None:
            self.leash.shutdown(socket.SHUT_WR)
            self._read_end()
        assert self.ended is not None
        self.leash.close()
        self.line.close()
        if self._process is not None:
            os.close(self._process)
            self._process = None
        if self.group is not None:
            self.ended.peak_mb = self.group.peak_mb() or self.ended.peak_mb
            self.group.remove()
            self.group = None
        return self.ended

    def _read_end(self) -> None:
        self.leash.settimeout(5)
        try:
            told = json.loads(self.leash.recv(4096))
        except (OSError, ValueError):
            told = {}
            # Nobody answers who should have killed it.
            self._send(signal.SIGKILL)
        known = {name: told[name] for name in ("exit", "late", "cpu", "peak_mb") if name in told}
        self.ended = Ended(**known)

    def _send(self, number: signal.Signals) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._process, number)


@dataclass
class Sandbox:
    """A warm process in its root, ready to fork kernels. Use as a context manager.

    Parameters
    ----------
    limits : what each kernel may use.
    slot : tells the sandboxes of one machine apart.
    isolated : False to run submissions with the rights of whoever calls this; only for code that you trust.
    given : cells that every submission will run; run once before, so that they fill caches.
    stock : True to run a stock ipykernel in it, the reference that the faster one is tested against.
    """

    limits: Limits = field(default_factory=Limits)
    slot: int = 0
    isolated: bool = True
    given: Sequence[str] = ()
    stock: bool = False

    def __enter__(self) -> Sandbox:
        self._folder = tempfile.mkdtemp(prefix="crmkit-")
        os.chmod(self._folder, 0o755)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._errors = tempfile.TemporaryFile()
        with theirs:
            os.set_inheritable(theirs.fileno(), True)
            plan = self._plan(theirs.fileno())
            command = [sys.executable, "-I", "-S", isolation.__file__, json.dumps(plan)]
            environment = {}
            if not self.isolated:
                command = [sys.executable, "-m", "crmkit.grading.zygote", str(theirs.fileno())]
                home = dict.fromkeys(("HOME", "MPLCONFIGDIR", "IPYTHONDIR", "CRMKIT_CACHE"), self._folder)
                environment = (
                    plan["environment"] | home | {"PYTHONPATH": str(Path(crmkit.__file__).parents[1])}
                )
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=self._errors, stderr=self._errors, env=environment,
                pass_fds=[theirs.fileno()], cwd=self._folder, start_new_session=True,
            )  # fmt: skip
        self._control = ours
        ours.settimeout(START_SECONDS)
        try:
            ours.send(json.dumps(self.given).encode())
            ready = ours.recv(64)
        except OSError:
            ready = b""
        if ready != b"ready":
            reason = self._said()
            self.__exit__()
            raise SandboxError(f"submissions cannot be isolated here ({reason}); run crmkit doctor")
        if self.isolated:
            # Its root is mounted where only it sees it; the folder is not left behind when we are killed.
            shutil.rmtree(self._folder, ignore_errors=True)
        sweep()
        return self

    def __exit__(self, *_: object) -> None:
        self._control.close()
        self._process.kill()
        self._process.wait()
        self._errors.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _plan(self, control: int) -> dict[str, Any]:
        package = Path(crmkit.__file__).parent
        prefix = Path(sys.prefix)
        keys = "exercise/keys"
        seen = [["/usr", "/usr"], [str(prefix), "/venv"], [str(package), "/course/crmkit"]]
        hidden = [f"/course/crmkit/{keys}"]
        datasets = data_folder(package.parent)
        if not datasets.is_relative_to(package):
            seen.append([str(datasets), "/course/datasets"])
        if package.is_relative_to(prefix):
            hidden.append(f"/venv/{package.relative_to(prefix)}/{keys}")
        base = Path(sys.base_prefix)
        if not base.is_relative_to("/usr"):
            seen.append([str(base), str(base)])
        seen += [[name, name] for name in ("/etc/ld.so.cache", "/etc/fonts") if os.path.exists(name)]
        return {
            "root": self._folder,
            "seen": seen,
            "hidden": hidden,
            "user": FIRST_USER + self.slot % 1000,
            "command": ["/venv/bin/python", "-m", "crmkit.grading.zygote", str(control)],
            "environment": {
                "PYTHONPATH": "/course", "PYTHONDONTWRITEBYTECODE": "1",
                "HOME": "/tmp", "MPLCONFIGDIR": "/tmp", "IPYTHONDIR": "/tmp/ipython",
                "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8",
                "CRMKIT_CACHE": "/cache", "CRMKIT_PROGRESS": "off",
                "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
                "JE_ARROW_MALLOC_CONF": "background_thread:false",  # a fork does not copy threads
            },
        }  # fmt: skip

    def _said(self) -> str:
        self._process.poll()
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else "no answer"

    def kernel(self, seconds: float | None = None, beside: Mapping[str, str] | None = None) -> Kernel:
        """Fork a kernel.

        Parameters
        ----------
        seconds : when to end it, if sooner than the limits say.
        beside : texts of the files that are to lie in its folder, by path.

        Raises
        ------
        SandboxError : the warm process is gone, or could not isolate the kernel.
        """
        leash, their_leash = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        line, their_line = socket.socketpair()
        with their_leash, their_line:
            request = self.limits.request() | {"isolated": self.isolated, "stock": self.stock}
            request["seconds"] = min(request["seconds"], seconds or request["seconds"])
            try:
                ends = [their_leash.fileno(), their_line.fileno()]
                socket.send_fds(self._control, [json.dumps(request).encode()], ends)
            except OSError:
                raise SandboxError(f"the warm process is gone ({self._said()})") from None
        leash.settimeout(START_SECONDS)
        try:
            told = json.loads(leash.recv(4096) or b"{}")
            if "pid" not in told:
                raise SandboxError(f"a kernel could not be isolated ({told.get('failed', self._said())})")
            group = Group.make(
                f"crmkit-{os.getpid()}-{told['pid']}", self.limits.memory_mb, self.limits.processes
            )
            kernel = Kernel(leash, line, told["pid"], group)
            if group is not None:
                group.add(told["pid"])
            leash.send(b"g")
        except OSError as error:
            raise SandboxError(f"a kernel could not be started ({error})") from None
        line.settimeout(START_SECONDS)
        with suppress(OSError):  # whoever sends it a cell finds out that it died
            put(line, {"beside": dict(beside or {})})
        return kernel
