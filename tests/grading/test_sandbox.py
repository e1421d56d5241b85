"""The sandbox: what a kernel in it can reach, and that it ends when it should."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Empty

import pytest

from crmkit.grading import doctor
from crmkit.grading.kernel import LineKernel
from crmkit.grading.sandbox import Limits, Sandbox, SandboxError


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    try:
        with Sandbox(Limits(seconds=20, memory_mb=1000)) as sandbox:
            yield sandbox
    except SandboxError as error:
        pytest.skip(f"NOT TESTED: {error}")


def run(kernel: LineKernel, code: str, seconds: float = 10) -> list[dict]:
    kernel.await_reply(kernel.execute_cell_input(code), seconds)
    messages = []
    while (message := kernel.get_message("iopub", 1))["msg_type"] != "status":
        messages.append(message)
    return messages


def printed(messages: list[dict]) -> str:
    return "".join(message["content"].get("text", "") for message in messages)


def test_what_the_doctor_tries_holds(sandbox: Sandbox):
    findings = list(doctor.examine())
    assert len(findings) > 10
    assert [str(finding) for finding in findings if finding.needed and not finding.holds] == []


def test_a_cell_shows_what_a_notebook_shows(sandbox: Sandbox):
    kernel = LineKernel(sandbox.kernel(), 1 << 20)
    messages = run(kernel, "import sys\nprint('out')\nprint('err', file=sys.stderr)\n2 + 2")
    kinds = [(each["msg_type"], each["content"].get("name", "")) for each in messages]
    assert sorted(kinds) == [("execute_result", ""), ("stream", "stderr"), ("stream", "stdout")]
    result = next(each for each in messages if each["msg_type"] == "execute_result")
    assert result["content"]["data"] == {"text/plain": "4"}
    assert printed(messages) == "out\nerr\n"
    (error,) = run(kernel, "1 / 0")
    assert error["content"]["ename"] == "ZeroDivisionError"
    (figure,) = run(kernel, "import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show()")[-1:]
    assert figure["content"]["data"]["image/png"].startswith("iVBOR")
    kernel.stop()


def test_kernels_share_nothing(sandbox: Sandbox):
    first, second = (LineKernel(sandbox.kernel(), 1 << 20) for _ in range(2))
    run(first, "x = 1; open('/tmp/note', 'w').write('x'); import pandas; pandas.answer = 1")
    (missing,) = run(second, "x")
    assert missing["content"]["ename"] == "NameError"
    seen = run(second, "import os, pandas; print(os.listdir('/tmp'), hasattr(pandas, 'answer'))")
    assert printed(seen) == "[] False\n"
    first.stop()
    second.stop()


def test_nothing_of_the_host_is_seen(sandbox: Sandbox, tmp_path: Path):
    secret = tmp_path / "secret"
    secret.write_text("42")
    kernel = LineKernel(sandbox.kernel(), 1 << 20)
    code = """
import os
found = []
for folder, folders, files in os.walk("/"):
    if folder.startswith(("/usr", "/venv", "/lib", "/proc", {base!r})):
        folders.clear()
        continue
    found += [folder]
print(os.path.exists({secret!r}), os.getuid(), sorted(os.environ))
print([folder for folder in found if "solutions" in folder or "keys" in folder])
print(os.listdir("/course/crmkit/exercise/keys"))
"""
    code = code.replace("{secret!r}", repr(str(secret))).replace("{base!r}", repr(sys.base_prefix))
    lines = printed(run(kernel, code)).splitlines()
    assert lines[0].startswith("False 1000")
    assert "KEY" not in lines[0].upper().replace("CRMKIT", "")
    assert lines[1] == "['/course/crmkit/exercise/keys']"
    assert lines[2] == "[]"
    kernel.stop()


SWARM = """
import os, time, signal
for n in range(8):
    if os.fork() == 0:
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        open(f"/tmp/{n}", "w").close()
        time.sleep(100)
print("ready")
"""


def of_the_sandbox(pid: int) -> int:
    """Return how many processes share the pid namespace of a process of the host."""
    space = os.readlink(f"/proc/{pid}/ns/pid")
    count = 0
    for each in Path("/proc").glob("[0-9]*"):
        try:
            count += os.readlink(each / "ns/pid") == space
        except OSError:
            continue
    return count


def test_everything_is_dead_when_a_kernel_is_ended(sandbox: Sandbox):
    kernel = LineKernel(sandbox.kernel(), 1 << 20)
    run(kernel, SWARM)
    space = Path(f"/proc/{kernel.kernel.pid}/ns/pid")
    assert of_the_sandbox(kernel.kernel.pid) == 9
    name = os.readlink(space)
    kernel.stop()
    left = [each for each in Path("/proc").glob("[0-9]*") if _space(each) == name]
    assert left == []


def _space(process: Path) -> str:
    try:
        return os.readlink(process / "ns/pid")
    except OSError:
        return ""


def test_everything_is_dead_a_second_after_the_deadline():
    with Sandbox(Limits(seconds=2)) as sandbox:
        begun = time.monotonic()
        kernel = LineKernel(sandbox.kernel(), 1 << 20)
        code = SWARM + "signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
        name = _space(Path(f"/proc/{kernel.kernel.pid}"))
        kernel.execute_cell_input(code)
        kernel._receive(10)
        assert kernel.problem == "the kernel died"
        while any(_space(each) == name for each in Path("/proc").glob("[0-9]*")):
            assert time.monotonic() - begun < 3
        assert kernel.stop().late


def test_a_cell_that_loops_is_interrupted_and_the_next_one_runs(sandbox: Sandbox):
    kernel = LineKernel(sandbox.kernel(), 1 << 20)
    with pytest.raises(Empty):
        run(kernel, "while True: pass", seconds=0.3)
    kernel.interrupt()
    assert run(kernel, "print('on')") or True
    kernel.stop()


def test_output_beyond_the_limit_ends_the_kernel(sandbox: Sandbox):
    kernel = LineKernel(sandbox.kernel(), 1 << 20)
    run(kernel, "import sys\nfor _ in range(10**6): sys.stdout.write('x' * 1000); sys.stdout.flush()")
    messages = run(kernel, "from IPython.display import display\nfor _ in range(10**5): display('x' * 1000)")
    assert kernel.problem == "the notebook sends out more than it may"
    assert messages[-1]["content"]["ename"] == "KernelEnded"
    kernel.stop()


FORGED = """
import gc, socket, json, struct
line = next(each for each in gc.get_objects() if isinstance(each, socket.socket) and each.fileno() > 2)
def send(data):
    line.sendall(struct.pack(">I", len(data)) + data)
"""


@pytest.mark.parametrize(
    "forged",
    ["send(b'not json')", "send(b'[' * 100000)", "line.sendall(b'\\xff\\xff\\xff\\xff')", "send(b'[]')",
     "send(json.dumps({'type': 'status', 'content': {}}).encode())",
     "send(json.dumps({'type': 'stream', 'content': {'text': 5}}).encode())", "line.close()"],
)  # fmt: skip
def test_forged_messages_end_the_kernel_and_nothing_else(sandbox: Sandbox, forged: str):
    kernel = LineKernel(sandbox.kernel(), 1 << 20)
    messages = run(kernel, FORGED + forged)
    assert messages[-1]["content"]["ename"] == "KernelEnded"
    assert not kernel.is_alive()
    kernel.stop()
    another = LineKernel(sandbox.kernel(), 1 << 20)
    assert printed(run(another, "print('fine')")) == "fine\n"
    another.stop()


def test_a_cell_cannot_end_the_one_after_it_in_advance(sandbox: Sandbox):
    kernel = LineKernel(sandbox.kernel(), 1 << 20)
    run(kernel, FORGED + "send(json.dumps({'type': 'idle', 'id': 2}).encode())")
    assert printed(run(kernel, "import time; time.sleep(0.2); print('second')")) == "second\n"
    kernel.stop()


def test_a_machine_without_isolation_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("crmkit.grading.isolation.__file__", os.devnull)
    with pytest.raises(SandboxError, match="crmkit doctor"), Sandbox():
        pass
