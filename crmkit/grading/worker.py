"""A process that grades submissions one after the other, and the grader's handle on it.

Submissions go in over its standard input and attempts come out, each as a length and JSON. What goes wrong in
it, down to a crash of the interpreter, costs one submission a second try and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import select
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from crmkit.grading.assignment import Assignment
from crmkit.grading.dealt import Copy
from crmkit.grading.sandbox import Limits, Sandbox, SandboxError
from crmkit.grading.submission import Reader, Ungradable
from crmkit.notebook import NotebookError

LOAD_SECONDS, END_SECONDS = 300, 3
Attempt = dict[str, Any]


@dataclass(frozen=True)
class Submitted:
    """A submission as it lies in the class folder.

    Parameters
    ----------
    student : the student's id.
    data : the bytes of the file.
    submitted : when it was handed in, as ISO 8601 text; None if nobody knows.
    dealt : the student's own capstone; None for what is the same for all.
    """

    student: str
    data: bytes
    submitted: str | None = None
    dealt: Copy | None = None

    @property
    def content(self) -> str:
        """What tells it from other versions: the sha256 of its bytes."""
        return hashlib.sha256(self.data).hexdigest()


class WorkerError(RuntimeError):
    """A worker could not start, or failed twice at the same submission."""


class Worker:
    """The handle on a worker process; it is started when it is first needed. Use as a context manager.

    Parameters
    ----------
    root : the course folder.
    stem : the assignment.
    limits : what each submission may use.
    slot : tells the workers of this machine apart.
    isolated : False to run submissions without a sandbox.
    """

    def __init__(
        self, root: Path, stem: str, limits: Limits | None = None, slot: int = 0, isolated: bool = True
    ) -> None:
        self.root, self.stem, self.limits, self.slot = root, stem, limits or Limits(), slot
        self.isolated = isolated
        self._process: subprocess.Popen[bytes] | None = None
        self._hello: dict[str, Any] = {}

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.terminate()  # it cleans up, if it can
            try:
                process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
            process.communicate()

    def hello(self) -> dict[str, Any]:
        """Return what the worker grades: `release`, `points` and `title`.

        Raises
        ------
        WorkerError : it could not start; the message says why.
        """
        if self._process is None:
            plan = json.dumps([str(self.root), self.stem, asdict(self.limits), self.slot, self.isolated])
            self._process = subprocess.Popen(
                [sys.executable, "-m", "crmkit.grading.worker", plan],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=self.root,
                start_new_session=True,  # Ctrl-C is for the grader, which then ends its workers
            )  # fmt: skip
            said = self._receive(LOAD_SECONDS)
            if not said or "failed" in said:
                self.__exit__()
                raise WorkerError(said["failed"] if said else "the worker ended while it was starting")
            self._hello = said
        return self._hello

    def grade(self, submission: Submitted) -> Attempt:
        """Return the attempt that a submission makes.

        Raises
        ------
        WorkerError : the worker failed at it twice.
        """
        patience = 2 * self.limits.seconds + LOAD_SECONDS
        for _ in range(2):
            self.hello()
            assert self._process is not None
            assert self._process.stdin is not None
            job = {
                "student": submission.student,
                "submitted": submission.submitted,
                "data": base64.b64encode(submission.data).decode(),
                "dealt": asdict(submission.dealt) if submission.dealt else None,
            }
            try:
                write(self._process.stdin, job)
                attempt = self._receive(patience)
            except OSError:
                attempt = None
            if attempt and "failed" not in attempt:
                return attempt
            self.__exit__()
        reason = attempt["failed"] if attempt else "the worker ended"
        raise WorkerError(f"not graded, because the grader failed at it twice ({reason})")

    def _receive(self, seconds: float) -> dict[str, Any] | None:
        assert self._process is not None
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], seconds)[0]:
            return None
        return read(self._process.stdout)


def write(file: IO[bytes], message: dict[str, Any]) -> None:
    """Write a message: its length, then JSON."""
    data = json.dumps(message).encode()
    file.write(struct.pack(">I", len(data)) + data)
    file.flush()


def read(file: IO[bytes]) -> dict[str, Any] | None:
    """Return the next message, or None at the end."""
    size = file.read(4)
    if len(size) < 4:
        return None
    found = json.loads(file.read(struct.unpack(">I", size)[0]))
    return found if isinstance(found, dict) else None


def main(root: str, stem: str, limits: dict[str, Any], slot: int, isolated: bool) -> None:
    """Grade what comes over standard input until it is closed."""
    # What pytest or a library prints must not get between the messages.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    from crmkit.grading.run import Job, Run, Session, answers_in

    try:
        assignment = Assignment.load(Path(root), stem)
        box = Sandbox(Limits(**limits), slot, isolated, assignment.given)
        with box as sandbox, Reader() as reader:
            told = {"release": assignment.release, "points": assignment.points}
            write(out, told | {"title": assignment.title})
            now: dict[str, Any] = {}

            def finish(run: Run | None, reason: str = "") -> None:
                write(out, _attempt(now["assignment"], now, run, reason))

            def jobs() -> Iterator[Job]:
                while job := read(sys.stdin.buffer):
                    data = base64.b64decode(job["data"])
                    now.clear()
                    now.update(job, content=hashlib.sha256(data).hexdigest(), begun=time.monotonic())
                    own = Copy(**job["dealt"]).assignment(assignment) if job["dealt"] else assignment
                    now["assignment"] = own
                    try:
                        answers = answers_in(own, reader.read(data))
                        if not answers:
                            raise Ungradable(f"no answer cell of {stem} is in it; is it another exercise's?")
                    except Ungradable as error:
                        finish(None, str(error))
                        continue
                    yield Job(own, answers, f"{own.release} {now['content']}")

            Session(sandbox, jobs(), finish).run()
    except (NotebookError, SandboxError, OSError, LookupError) as error:
        write(out, {"failed": " ".join(str(error).split())})
    except KeyboardInterrupt:  # the grader wants no more
        sys.exit(1)


def _attempt(assignment: Assignment, now: dict[str, Any], run: Any, reason: str) -> Attempt:
    return {
        "student": now["student"],
        "assignment": assignment.stem,
        "content": now["content"],
        "release": assignment.release,
        "submitted": now["submitted"],
        "graded": datetime.now(UTC).isoformat(timespec="seconds"),
        "status": "graded" if run else "ungradable",
        "reason": reason,
        "seconds": time.monotonic() - now["begun"],
        "cpu": run.cpu if run else 0.0,
        "peak_mb": run.peak_mb if run else 0.0,
        "items": run.items if run else [],
        "transcript": run.transcript if run else [],
    }


if __name__ == "__main__":
    main(*json.loads(sys.argv[1]))
