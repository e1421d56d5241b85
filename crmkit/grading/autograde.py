"""Grade what was collected: find what is new, share it out to workers, record as they finish."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from crmkit.grading.dealt import Dealt, DealtError
from crmkit.grading.gradebook import Gradebook
from crmkit.grading.layout import ClassFolder
from crmkit.grading.sandbox import Limits
from crmkit.grading.submission import MOST_BYTES
from crmkit.grading.worker import Attempt, Submitted, Worker, WorkerError


@dataclass
class Batch:
    """What a run of the grader did.

    Parameters
    ----------
    graded : attempts that were recorded.
    ungradable : of these, by student, why a file could not be graded.
    failed : by student, why nothing was recorded; the next run tries again.
    passed_over : submissions that had been graded before.
    remarks : by student, what is odd about the dairy that was worked on.
    """

    graded: int = 0
    ungradable: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    passed_over: int = 0
    remarks: dict[str, str] = field(default_factory=dict)


class Pool:
    """Workers on this machine. Use as a context manager.

    Parameters
    ----------
    root, stem, limits : as for `Worker`.
    size : how many.
    isolated : False to run submissions without a sandbox.
    """

    def __init__(
        self, root: Path, stem: str, limits: Limits | None, size: int, isolated: bool = True
    ) -> None:
        first = os.getpid() % 100 * 10
        self.workers = [Worker(root, stem, limits, first + n, isolated) for n in range(size)]

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.workers:
            worker.__exit__()

    def hello(self) -> dict[str, Any]:
        """Return what the workers grade; the first one is started for it."""
        return self.workers[0].hello()

    def grade(self, submissions: Iterator[Submitted]) -> Iterator[tuple[Submitted, Attempt | WorkerError]]:
        """Yield each submission with its attempt, or with why there is none, as they finish."""
        # A queue of one each keeps a class of any size out of memory.
        waiting: queue.Queue[Submitted | None] = queue.Queue(len(self.workers))
        finished: queue.Queue[tuple[Submitted, Attempt | WorkerError] | None] = queue.Queue()

        def serve(worker: Worker) -> None:
            while (submission := waiting.get()) is not None:
                try:
                    finished.put((submission, worker.grade(submission)))
                except WorkerError as error:
                    finished.put((submission, error))
            finished.put(None)

        def feed() -> None:
            for submission in submissions:
                waiting.put(submission)
            for _ in self.workers:
                waiting.put(None)

        for target in [feed, *(lambda worker=worker: serve(worker) for worker in self.workers)]:
            threading.Thread(target=target, daemon=True).start()
        for _ in self.workers:
            while (found := finished.get()) is not None:
                yield found


class Cluster:
    """Any executor of futures, such as a Dask client's; in each of its processes a worker process lives on.

    Parameters
    ----------
    executor : where to grade; it must see the course folder at the same path.
    root, stem, limits : as for `Worker`.
    ahead : how many submissions are handed to the executor before one comes back.
    """

    def __init__(
        self, executor: Executor, root: Path, stem: str, limits: Limits | None, ahead: int = 16
    ) -> None:
        self.executor, self.ahead = executor, ahead
        self.work = (str(root), stem, limits or Limits())

    def hello(self) -> dict[str, Any]:
        """Return what the workers grade."""
        found: dict[str, Any] = self.executor.submit(_hello_there, *self.work).result()
        return found

    def grade(self, submissions: Iterator[Submitted]) -> Iterator[tuple[Submitted, Attempt | WorkerError]]:
        """Yield each submission with its attempt, or with why there is none, as they finish."""
        finished: queue.Queue[tuple[Submitted, Future[Attempt]]] = queue.Queue()
        running = 0
        for submission in submissions:
            future = self.executor.submit(_grade_there, *self.work, submission)
            future.add_done_callback(partial(_finish, finished, submission))
            running += 1
            if running >= self.ahead:
                yield _result(*finished.get())
                running -= 1
        for _ in range(running):
            yield _result(*finished.get())


def _finish(finished: queue.Queue[Any], submission: Submitted, future: Future[Attempt]) -> None:
    finished.put((submission, future))


def _result(submission: Submitted, future: Future[Attempt]) -> tuple[Submitted, Attempt | WorkerError]:
    error = future.exception()
    if error is not None:
        return submission, error if isinstance(error, WorkerError) else WorkerError(
            f"{submission.student}: {error}"
        )
    return submission, future.result()


_here: dict[tuple[str, str], Worker] = {}
_busy = threading.Lock()


def _worker_here(root: str, stem: str, limits: Limits) -> Worker:
    return _here.setdefault((root, stem), Worker(Path(root), stem, limits, slot=os.getpid()))


def _hello_there(root: str, stem: str, limits: Limits) -> dict[str, Any]:
    with _busy:
        return _worker_here(root, stem, limits).hello()


def _grade_there(root: str, stem: str, limits: Limits, submission: Submitted) -> Attempt:
    # One at a time in each process, whatever number of threads the cluster gives it.
    with _busy:
        return _worker_here(root, stem, limits).grade(submission)


@contextmanager
def dask(address: str, root: Path, stem: str, limits: Limits | None) -> Iterator[Cluster]:
    """Grade on a Dask cluster.

    Parameters
    ----------
    address : of its scheduler, such as `tcp://127.0.0.1:8786`.

    Raises
    ------
    WorkerError : there is no cluster at that address, or `distributed` is not installed.
    """
    try:
        from distributed import Client
    except ImportError:
        raise WorkerError('--dask needs distributed: pip install "crmkit[cluster]"') from None
    try:
        client = Client(address, timeout=10)
    except OSError as error:
        raise WorkerError(f"no Dask scheduler answers at {address} ({error})") from None
    with client:
        # A submission that was on a worker when that died is graded by another; its attempt is recorded once.
        yield Cluster(client.get_executor(pure=False, retries=3), root, stem, limits)


def in_shard(student: str, shard: tuple[int, int]) -> bool:
    """Return whether a student is in part i of n, counted from 1; each is in exactly one part."""
    part, parts = shard
    return int(sha256(student.encode()).hexdigest(), 16) % parts == part - 1


def autograde(
    graders: Pool | Cluster,
    gradebook: Gradebook,
    folder: ClassFolder,
    stem: str,
    *,
    shard: tuple[int, int] = (1, 1),
    dealt: Dealt | None = None,
    on_start: Callable[[int], Any] = lambda count: None,
    on_attempt: Callable[[str, Attempt | None], Any] = lambda student, attempt: None,
) -> Batch:
    """Grade every submission of an assignment that has not been graded against its newest release.

    Each attempt is recorded as soon as it is there. A run that is stopped loses only what was being graded;
    the next one goes on from there.

    Parameters
    ----------
    graders : who runs submissions.
    gradebook : where attempts are recorded, by this process alone.
    folder : the class.
    stem : the assignment.
    shard : part i of n of the students.
    dealt : the deal by which each student has a dairy of their own; None for the practice dairy.
    on_start : called with the number of submissions to grade.
    on_attempt : called after each, with its attempt or None.
    """
    told = graders.hello()
    release = dealt.release(told["release"]) if dealt else told["release"]
    gradebook.add_assignment(stem, told["title"], told["points"])
    gradebook.add_release(stem, release)
    batch = Batch()
    found: dict[str, Submitted] = {}
    for each in folder.submissions(stem):
        if not in_shard(each.student, shard):
            continue
        with each.path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        submitted = each.submitted.isoformat() if each.submitted else None
        found[each.student] = Submitted(each.student, data, submitted)
    gradebook.note_submissions(stem, {name: (each.content, each.submitted) for name, each in found.items()})
    done = gradebook.done(stem, release)
    new = [each for each in found.values() if (each.student, each.content) not in done]
    batch.passed_over = len(found) - len(new)
    if dealt is not None:
        new = list(_with_their_dairies(new, dealt, batch))
    on_start(len(new))
    for submission, attempt in graders.grade(iter(new)):
        if isinstance(attempt, WorkerError):
            batch.failed[submission.student] = str(attempt)
            on_attempt(submission.student, None)
            continue
        batch.graded += gradebook.record(attempt)
        if attempt["status"] == "ungradable":
            batch.ungradable[submission.student] = attempt["reason"]
        on_attempt(submission.student, attempt)
    return batch


def _with_their_dairies(new: Sequence[Submitted], dealt: Dealt, batch: Batch) -> Iterator[Submitted]:
    for each in new:
        try:
            copy = dealt.copy_for(each.student)
        except DealtError as error:
            batch.failed[each.student] = str(error)
            continue
        remark = dealt.remark(each.student, each.data)
        if remark:
            batch.remarks[each.student] = remark
        yield replace(each, dealt=copy)
