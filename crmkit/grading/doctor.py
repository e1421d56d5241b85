"""What this machine can isolate: each thing tried, not looked up, with what to do where it fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from crmkit.grading.kernel import LineKernel
from crmkit.grading.sandbox import Limits, Sandbox, SandboxError

MEND_NAMESPACES = (
    "grade on Linux with unprivileged user namespaces (sysctl user.max_user_namespaces above 0, and "
    "kernel.apparmor_restrict_unprivileged_userns=0 on Ubuntu), or as root; in a container, run it with "
    "--security-opt seccomp=unconfined --cap-add SYS_ADMIN"
)
MEND_GROUPS = (
    "not needed, but without it only each process is limited, and not all of a submission together; run as "
    "root, or under systemd-run --user --scope -p Delegate=yes"
)


@dataclass(frozen=True)
class Finding:
    """One thing that was tried."""

    name: str
    holds: bool
    needed: bool
    tried: str
    mend: str = ""

    def __str__(self) -> str:
        sign = "✔" if self.holds else "✘" if self.needed else "△"
        lines = [f"{sign} {self.name}: {self.tried}"]
        return "\n".join(lines if self.holds else [*lines, f"    {self.mend}"])


PROBES = {
    "no network": ("import socket; socket.create_connection(('1.1.1.1', 53), 1)", "OSError"),
    "no files of the host": ("open('/etc/passwd')", "OSError"),
    "no keys": (
        "import os\nif not os.listdir('/course/crmkit/exercise/keys'): raise LookupError",
        "LookupError",
    ),
    "no other processes": (
        "import os\n"
        "if [name for name in os.listdir('/proc') if name.isdigit()] == ['1']: raise ProcessLookupError",
        "ProcessLookupError",
    ),
    "no writing but to scratch": ("open('/course/x', 'w')", "OSError"),
    "no devices": ("import os; os.mknod('/tmp/x', 0o60600, 1)", "OSError"),
    "no new namespaces": (
        "import ctypes\nif ctypes.CDLL(None).unshare(0x10000000) < 0: raise OSError",
        "OSError",
    ),
    "limited memory": ("bytearray(8 << 30)", "MemoryError"),
    "limited files": (
        "with open('/tmp/x', 'wb') as file:\n    for _ in range(500):\n        file.write(bytes(1 << 20))",
        "OSError",
    ),
    "limited processes": (
        "import os, time\nfor _ in range(500):\n    if os.fork() == 0: time.sleep(60)",
        "OSError",
    ),
}
"""What has to hold: what is tried in the sandbox, and the error that it has to meet."""
KINDS = {"OSError": ("PermissionError", "FileNotFoundError", "ConnectionRefusedError", "BlockingIOError")}


def examine() -> Iterator[Finding]:
    """Yield what holds on this machine, each as it is found."""
    try:
        with Sandbox(Limits(seconds=30, memory_mb=1000)) as sandbox:
            kernel = sandbox.kernel()
            grouped = kernel.group is not None
            kernel.end()
            yield Finding("a root and namespaces of its own", True, True, "a kernel was forked in them")
            for name, (code, error) in PROBES.items():
                met = _meets(sandbox, code)
                holds = met == error or met in KINDS.get(error, ())
                tried = f"tried it, and met {met or 'no error'}"
                yield Finding(name, holds, True, tried, MEND_NAMESPACES)
            said = "limits were set on a group" if grouped else "no group could be made"
            yield Finding("one limit for all processes together", grouped, False, said, MEND_GROUPS)
    except SandboxError as error:
        yield Finding("a root and namespaces of its own", False, True, str(error), MEND_NAMESPACES)


def _meets(sandbox: Sandbox, code: str) -> str:
    """Return the name of the error that a cell meets in a fresh kernel, or nothing."""
    kernel = LineKernel(sandbox.kernel(), 1 << 20)
    try:
        kernel.await_reply(kernel.execute_cell_input(code), 20)
        while (message := kernel.get_message("iopub", 1))["msg_type"] != "status":
            if message["msg_type"] == "error":
                return str(message["content"]["ename"])
        return ""
    finally:
        kernel.stop()
