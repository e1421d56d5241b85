"""The reference for the kernel inside the sandbox: a stock ipykernel, with a bridge to the grader's line.

It is slow, because a kernel starts anew for each submission, and used by tests: what it says of a submission
is what the shell of `shell` has to say.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket

from crmkit.grading.line import put, take

START_SECONDS = 60
KINDS = ("stream", "display_data", "execute_result", "error")


def serve(line: socket.socket) -> None:
    """Run each cell that comes over the line in a stock kernel, until the line is closed."""
    from jupyter_client.manager import KernelManager

    manager = KernelManager(kernel_name="python3", transport="ipc", ip="/tmp/kernel")
    # It knows nothing of what the warm process has cached, and cannot write there.
    environment = os.environ | {"CRMKIT_CACHE": "/home/student"}
    manager.start_kernel(extra_arguments=["--HistoryManager.enabled=False"], env=environment)
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=START_SECONDS)
    signal.signal(signal.SIGINT, lambda *_: manager.interrupt_kernel())
    while request := take(line):
        message_id = client.execute(request["code"], store_history=False, allow_stdin=False)
        while True:
            try:
                message = client.get_iopub_msg(timeout=1)
            except Exception:  # nothing came within a second
                if not manager.is_alive():
                    os._exit(1)
                continue
            if message["parent_header"].get("msg_id") != message_id:
                continue
            content = message["content"]
            if message["msg_type"] in KINDS:
                put(line, {"type": message["msg_type"], "content": content})
            elif content.get("execution_state") == "idle":
                break
        with contextlib.suppress(Exception):
            client.get_shell_msg(timeout=5)
        put(line, {"type": "idle", "id": request["id"]})
    os._exit(0)
