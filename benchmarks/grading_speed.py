"""How fast the pricing exercise is graded: by us in the sandbox, by nbgrader, by Otter, and at the least.

`make bench-grading` runs it: half an hour for 200 submissions, most of it for nbgrader and Otter. It prints a
table and writes .benchmarks/grading.json. The other graders get environments of their own in .cache/bench.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import platform
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from grading import floor as floor_program
from grading.others import CACHE, END_SECONDS, Missing, nbgrader, otter, process
from grading.result import Result, Task
from grading.submissions import ONE_IN, ROOT, STEM, generate
from grading.watch import Watch

from crmkit import notebook
from crmkit.grading.assignment import Assignment
from crmkit.grading.autograde import Cluster, Pool, autograde, dask
from crmkit.grading.gradebook import Gradebook
from crmkit.grading.layout import ClassFolder
from crmkit.grading.roster import Student
from crmkit.grading.run import Job, rebuild
from crmkit.grading.sandbox import Limits
from crmkit.grading.worker import Attempt, Worker

ZYGOTE, FLOOR = "crmkit.grading.zygote", str(Path(floor_program.__file__))
OUT = ROOT / ".benchmarks"


def depth(program: str, chain: Sequence[str]) -> int:
    """Return how many processes of a program there are from one upwards."""
    return sum(program in line for line in chain)


Lose = Callable[[], Any]


@contextmanager
def pool(task: Task) -> Iterator[tuple[Pool, Lose]]:
    """Give a pool of workers that have started, and nothing to lose."""
    with Pool(ROOT, STEM, task.limits, task.at_once) as workers:
        with ThreadPoolExecutor() as threads:
            list(threads.map(Worker.hello, workers.workers))
        yield workers, lambda: None


@contextmanager
def cluster(task: Task) -> Iterator[tuple[Cluster, Lose]]:
    """Give a Dask cluster on this machine, and a function that kills one of its workers."""
    from distributed import LocalCluster

    with (
        LocalCluster(
            n_workers=task.at_once, threads_per_worker=1, host="127.0.0.1", dashboard_address=None,
            silence_logs=logging.CRITICAL,
        ) as local,
        dask(local.scheduler_address, ROOT, STEM, task.limits) as graders,
    ):  # fmt: skip
        graders.hello()
        yield graders, lambda: os.kill(next(iter(local.workers.values())).pid, signal.SIGKILL)


def ours(
    task: Task, name: str = "crmkit", graders: Callable[[Task], AbstractContextManager[Any]] = pool
) -> Result:
    """Grade in the sandbox, into a gradebook.

    Parameters
    ----------
    name : of the result.
    graders : gives who grades, and what is to be done when half of the submissions are graded.
    """
    folder = ClassFolder(task.work / "class")
    released = notebook.read(ROOT / "exercises" / f"{STEM}.ipynb")
    for each in task.hand_ins:
        path = folder.notebook(each.student, STEM)
        path.parent.mkdir(parents=True)
        notebook.write(each.fill(released), path)
    result = Result(name, at_once=task.at_once)

    def keep(student: str, attempt: Attempt | None) -> None:
        if attempt is None:
            return
        if len(result.took) == len(task.hand_ins) // 2:
            lose()
        result.took[student] = attempt["seconds"]
        result.cpu += attempt["cpu"]  # of the kernel: its supervisor is waited for by nobody
        marked = [item for item in attempt["items"] if item["earned"] is not None]
        result.right[student] = {
            item["question"]: item["earned"] == item["points"]
            for item in marked
            if item["question"] in task.hand_ins[0].right
        }

    # The warm process, a supervisor for each submission, and below it the kernel.
    with (
        Watch(lambda chain: depth(ZYGOTE, chain) == 3, lambda chain: depth(ZYGOTE, chain) == 2) as watch,
        result.measured(watch),
        Gradebook(folder.gradebook) as gradebook,
        graders(task) as (chosen, lose),
    ):
        gradebook.enrol(Student(each.student, each.student) for each in task.hand_ins)
        result.begins()
        batch = autograde(chosen, gradebook, folder, STEM, on_attempt=keep)
    result.notes += [f"{student}: {reason}" for student, reason in batch.failed.items()]
    shutil.rmtree(folder.root)
    return result


def floor(task: Task, apart: bool = False) -> Result:
    """Fork a warm process and exec the same cells, and nothing else.

    Parameters
    ----------
    apart : whether the calls of a student's function get a process of their own, as they do from the grader.
    """
    assignment = Assignment.load(ROOT, STEM)
    cells = {}
    for each in task.hand_ins:
        answers = {cell.id: cell.source for cell in each.fill(assignment.exercise).cells}
        rebuilt = rebuild(Job(assignment, answers, each.student))
        cells[each.student] = [cell.source for cell in rebuilt.cells]
    plan = {
        "given": assignment.given, "submissions": cells, "at_once": task.at_once,
        "seconds": task.limits.seconds, "cell_seconds": task.limits.cell_seconds, "apart": apart,
    }  # fmt: skip
    result = Result("fork and exec", at_once=task.at_once)
    around = os.environ | dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with (
        Watch(lambda chain: depth(FLOOR, chain) == 2) as watch,
        result.measured(watch),
        process([sys.executable, FLOOR], cwd=ROOT, env=around, **pipes) as running,
    ):
        assert running.stdin is not None
        assert running.stdout is not None
        with closing(running.stdin):
            json.dump(plan, running.stdin)
        running.stdout.readline()
        result.begins()
        found = json.load(running.stdout)
    result.took = {student: each["seconds"] for student, each in found.items()}
    looped = {student for student, each in found.items() if each["looped"]}
    expected = {each.student for each in task.hand_ins if each.loops}
    result.notes.append("ended what loops, and only that" if looped == expected else "ended the wrong ones")
    return result


GRADERS: dict[str, Callable[[Task], Result]] = {
    "ours": ours,
    "dask": partial(ours, name="crmkit on Dask, a worker killed half-way", graders=cluster),
    "floor": floor,
    "floor-apart": partial(floor, apart=True),
    "nbgrader": nbgrader,
    "otter": otter,
}
COLUMNS = {
    "graded": lambda row: f"{row['submissions']} ({row['looping']} loop)",
    "at once": lambda row: f"{row['at_once']}",
    "start s": lambda row: f"{row['start_seconds']:.1f}",
    "all s": lambda row: f"{row['wall_seconds']:.1f}",
    "wall": lambda row: f"{row['wall_per_submission']:.3f}",
    "CPU": lambda row: f"{row['cpu_per_submission']:.3f}",
    "honest s": lambda row: f"{row['seconds_of_an_honest_one']:.3f}",
    "honest CPU": lambda row: f"{row['cpu_per_honest_submission']:.3f}",
    "loop s": lambda row: f"{row['seconds_of_a_looping_one']:.1f}",
    "1 in 50": lambda row: f"{row['at_one_in_50']:.3f}",
    "USS": lambda row: f"{row['kernel_uss_mb']:.0f}",
    "PSS": lambda row: f"{row['kernel_pss_mb']:.0f}",
    "rest": lambda row: f"{row['grader_mb']:.0f}",
    "as expected": lambda row: f"{row['judged_as_expected']}/{row['judged']}" if row["judged"] else "–",
}
RATIOS = (
    "wall_per_submission",
    "cpu_per_submission",
    "seconds_of_an_honest_one",
    "cpu_per_honest_submission",
    "at_one_in_50",
)
LEGEND = """\
start s       until the first submission is begun; all s: until the end
wall, CPU     seconds per submission of everything, start-up included
honest s      mean of one that does not loop, on its own lane
honest CPU    the same in CPU seconds of everything, without start-up and what the kernels that loop burn
1 in 50       wall seconds per submission in a long run in which one in fifty loops, all lanes together
USS, PSS      most MB of a process that runs a submission: its own; with its part of what it shares
rest          most MB of everything else of the grader, together
dask          ours on a Dask cluster of this machine, one of whose workers is killed half-way
floor-apart   the floor with a process apart for a student's function, as ours has
as expected   submissions in which the right questions, and no others, earned their points"""


def table(rows: dict[str, dict[str, Any]]) -> str:
    """Return rows of results as text."""
    lines = [
        ["", *COLUMNS],
        *([name, *(show(row) for show in COLUMNS.values())] for name, row in rows.items()),
    ]
    widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
    return "\n".join(
        "  ".join(text.rjust(width) for text, width in zip(line, widths, strict=True)) for line in lines
    )


def machine() -> dict[str, Any]:
    """Return what the measurements were made on."""
    return {
        "python": platform.python_version(),
        "kernel": platform.release(),
        "cores": len(os.sched_getaffinity(0)),
        "load": os.getloadavg(),
        "time": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }


def agreement(results: dict[str, Result]) -> list[str]:
    """Return where two graders say different things of the same question."""
    found = []
    names = [name for name, result in results.items() if result.right]
    for first, second in ((a, b) for place, a in enumerate(names) for b in names[place + 1 :]):
        one, other = results[first].right, results[second].right
        both = one.keys() & other.keys()
        differing = [
            f"{student} {name}" for student in sorted(both) for name in one[student]
            if one[student][name] != other[student].get(name)
        ]  # fmt: skip
        said = f"differ on {', '.join(differing)}" if differing else "agree on every question"
        found.append(f"{first} and {second}: {len(both)} submissions, {said}")
    return found


def compare(chosen: Sequence[str], task: Task, subset: int) -> dict[str, Any]:
    """Run the graders one after the other; return what is written to the file."""
    results: dict[str, Result] = {}
    missing, loads = {}, {}
    for name in chosen:
        own = Task(task.hand_ins[:subset], task.at_once, task.limits, task.work) if name in SLOW else task
        print(f"{name}: {len(own.hand_ins)} submissions …", flush=True)
        load = os.getloadavg()[0]
        try:
            results[name] = GRADERS[name](own)
            loads[name] = [load, os.getloadavg()[0]]
        except Missing as reason:
            missing[name] = str(reason)
            print(f"{name}: NOT MEASURED, {reason}", flush=True)
    rows = {name: result.summary(task.hand_ins) for name, result in results.items()}
    if "ours" in rows:
        for row in rows.values():
            row["times_ours"] = {name: row[name] / rows["ours"][name] for name in RATIOS}
    print(f"\n{table(rows)}\n\n{LEGEND}\n")
    for name, row in rows.items():
        if "times_ours" in row and name != "ours":
            shown = " · ".join(f"{key.replace('_', ' ')} {row['times_ours'][key]:.2f}" for key in RATIOS)
            print(f"{name}, times ours: {shown}")
        for note in row["notes"]:
            print(f"{name}: {note}")
    agreed = agreement(results)
    print("\n".join(agreed))
    return {"graders": rows, "loads": loads, "missing": missing, "agreement": agreed}


SLOW = ("nbgrader", "otter")


def scale(counts: Sequence[int], seed: int, task: Task) -> dict[str, Any]:
    """Run only ours, on classes of several sizes."""
    rows = {}
    for count in counts:
        print(f"{count} submissions …", flush=True)
        own = Task(generate(count, seed), task.at_once, task.limits, task.work)
        rows[str(count)] = ours(own).summary(own.hand_ins)
    print(f"\n{table(rows)}\n\n{LEGEND}")
    return {"scale": rows}


def main() -> int:
    """Measure what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--submissions", type=int, default=200, metavar="N")
    parser.add_argument("--subset", type=int, metavar="N", help="how many of them nbgrader and Otter grade")
    parser.add_argument("--only", default=",".join(GRADERS), metavar="NAMES", help="of: %(default)s")
    parser.add_argument(
        "--scale", metavar="COUNTS", help="only ours, on classes of these sizes: 100,1000,5000"
    )
    parser.add_argument("--cell-seconds", type=float, default=Limits().cell_seconds, help="limit on a cell")
    parser.add_argument(
        "--at-once", type=int, default=len(os.sched_getaffinity(0)), help="default: the cores"
    )
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chosen = options.only.split(",")
    if unknown := set(chosen) - GRADERS.keys():
        parser.error(f"--only: there is no {', '.join(sorted(unknown))}")
    work = CACHE / "work"
    shutil.rmtree(work, ignore_errors=True)
    limits = Limits(cell_seconds=options.cell_seconds)
    task = Task(generate(options.submissions, options.seed), options.at_once, limits, work)
    before = machine()
    print(
        f"{before['cores']} cores, load {before['load'][0]:.1f}; a cell may take {limits.cell_seconds:g} s; "
        f"one in {ONE_IN} loops; Otter's are killed after {limits.cell_seconds + END_SECONDS:g} s",
        flush=True,
    )
    try:
        if options.scale:
            found = scale([int(count) for count in options.scale.split(",")], options.seed, task)
        else:
            found = compare(chosen, task, options.subset or options.submissions)
    except KeyboardInterrupt:
        print("\nstopped; nothing was written", file=sys.stderr)
        return 130
    finally:
        shutil.rmtree(work, ignore_errors=True)
    OUT.mkdir(exist_ok=True)
    path = OUT / ("grading-scale.json" if options.scale else "grading.json")
    about = {"before": before, "after": machine(), "seed": options.seed, "limits": asdict(limits)}
    path.write_text(json.dumps(about | found, indent=1) + "\n")
    print(f"written to {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
