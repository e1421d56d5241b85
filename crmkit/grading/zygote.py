"""The warm process: it has imported everything, and forks a kernel for each submission in milliseconds.

It runs in the small root that `isolation` built. It holds no key, no answer and no submission, because a
fork copies memory. Each fork becomes two processes: a supervisor, which holds the deadline and a line to the
grader, and, in namespaces of its own, the kernel, which is the first process of its pid namespace: when it is
killed, everything that it started is gone.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from crmkit.grading import isolation, stock
from crmkit.grading.line import lay_out, take
from crmkit.grading.shell import ShellWithoutZMQ, serve, warm_shell

Filters = Mapping[bool, bytes]
INSIDE = 1000
"""The user's number inside; on the host it is one without rights."""


def main(control_number: int) -> None:
    """Serve the grader at the other end of a socket until that closes it."""
    control = socket.socket(fileno=control_number)
    refused = {
        False: isolation.system_call_filter(),
        # The messaging library of a stock kernel ends the process where it cannot ask for its interfaces.
        True: isolation.system_call_filter((isolation.UNIX, isolation.NETLINK)),
    }
    shell = warm_shell(json.loads(control.recv(1 << 20)))
    threads = len(os.listdir("/proc/self/task"))
    if threads != 1:
        raise RuntimeError(f"the warm process has {threads} threads and cannot be forked")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    control.send(b"ready")
    while True:
        message, numbers, _, _ = socket.recv_fds(control, 65_536, 2)
        if not message:
            return
        leash, line = (socket.socket(fileno=number) for number in numbers)
        if os.fork() == 0:
            control.close()
            try:
                supervise(json.loads(message), leash, line, shell, refused)
            finally:
                os._exit(1)
        leash.close()
        line.close()


def supervise(
    request: dict[str, Any],
    leash: socket.socket,
    line: socket.socket,
    shell: ShellWithoutZMQ,
    refused: Filters,
) -> None:
    """Start a kernel in namespaces of its own, and end it at the deadline or when the grader lets go."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    begun = time.monotonic()
    try:
        kernel, start = _fork_kernel(request, leash, line, shell, refused)
    except OSError as error:
        leash.send(json.dumps({"failed": str(error)}).encode())
        return
    line.close()
    watched = os.pidfd_open(kernel)
    leash.send(json.dumps({"pid": kernel}).encode())
    # The grader answers when it has put the process into its control group.
    if leash.recv(1) == b"g":
        os.write(start, b"g")
        left = begun + request["seconds"] - time.monotonic()
        select.select([watched, leash.fileno()], [], [], max(0, left))
    signal.pidfd_send_signal(watched, signal.SIGKILL)
    _, status, used = os.wait4(kernel, 0)
    late = time.monotonic() - begun >= request["seconds"]
    ended = {"exit": os.waitstatus_to_exitcode(status), "late": late}
    spent = {"cpu": used.ru_utime + used.ru_stime, "peak_mb": used.ru_maxrss / 1024}
    with suppress(OSError):  # the grader may be gone, and with it the reason to tell
        leash.send(json.dumps(ended | spent).encode())
    os._exit(0)


def _fork_kernel(
    request: dict[str, Any],
    leash: socket.socket,
    line: socket.socket,
    shell: ShellWithoutZMQ,
    refused: Filters,
) -> tuple[int, int]:
    wait, start = os.pipe()
    if request["isolated"]:
        isolation.unshare(
            isolation.NEW_USER | isolation.NEW_MOUNT | isolation.NEW_PID | isolation.NEW_NET
            | isolation.NEW_IPC | isolation.NEW_UTS
        )  # fmt: skip
        isolation.map_user(INSIDE, 0, 0)
    kernel = os.fork()
    if kernel == 0:
        try:
            leash.close()
            os.close(start)
            # A signal to the kernel's process group must not reach who holds the deadline.
            os.setsid()
            isolation.die_with_parent()
            if os.read(wait, 1) == b"g":
                os.close(wait)
                _become_kernel(request, line, shell, refused)
        except BaseException as error:
            line.sendall(f"{type(error).__name__}: {error}".encode())
        finally:
            os._exit(70)
    os.close(wait)
    return kernel, start


def _become_kernel(
    request: dict[str, Any], line: socket.socket, shell: ShellWithoutZMQ, refused: Filters
) -> None:
    if request["isolated"]:
        isolation.mount("", "/", flags=isolation.RECURSIVE | isolation.PRIVATE)
        isolation.scratch("/tmp", request["scratch_mb"], files=4000)
        isolation.scratch("/home/student", request["scratch_mb"], files=4000)
        isolation.seal("/cache")
        unseen = isolation.NO_SETUID | isolation.NO_DEVICES | isolation.NO_EXEC
        isolation.mount("proc", "/proc", "proc", unseen, "subset=pid")
        # Where the whole machine runs out of memory, it is a submission that goes, and not its grader.
        Path("/proc/self/oom_score_adj").write_text("1000")
        os.chdir("/home/student")
        os.environ["HOME"] = "/home/student"
    else:
        os.chdir(tempfile.mkdtemp(dir="."))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    os.close(nowhere)
    # What the warm process has mapped is shared, and not the submission's.
    shared = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    isolation.limit(request["limits"] | {"AS": request["limits"]["AS"] + shared})
    if request["isolated"]:
        isolation.drop_privileges(refused[request["stock"]])
    lay_out(Path(), (take(line) or {"beside": {}})["beside"])
    if request["stock"]:
        stock.serve(line)
    serve(shell, line)


if __name__ == "__main__":
    main(int(sys.argv[1]))
