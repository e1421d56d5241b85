"""Commands that run submissions: `crmkit autograde` and `crmkit doctor`."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from typing import Any

import click

from crmkit.capstone.deal import STEM as CAPSTONE
from crmkit.grading.autograde import Batch, Cluster, Pool, dask
from crmkit.grading.autograde import autograde as grade
from crmkit.grading.cli import class_option, db_option
from crmkit.grading.dealt import Dealt, DealtError, dairy_named
from crmkit.grading.gradebook import Gradebook, GradebookError
from crmkit.grading.layout import ClassFolder
from crmkit.grading.roster import RosterError, read
from crmkit.grading.sandbox import Limits
from crmkit.grading.submission import MOST_BYTES
from crmkit.grading.worker import Attempt, WorkerError

NO_SANDBOX = "I trust this code with my account"


def _shard(context: click.Context, parameter: click.Parameter, text: str) -> tuple[int, int]:
    part, slash, parts = text.partition("/")
    if not (slash and part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
        raise click.BadParameter(f"{text!r} is not a part such as 1/4")
    return int(part), int(parts)


@click.command()
@click.argument("stems", nargs=-1)
@class_option
@db_option
@click.option("--jobs", type=click.IntRange(1), default=os.cpu_count() or 1, show_default=True,
              help="How many submissions to grade side by side.")  # fmt: skip
@click.option("--dask", "address", help="Grade on the Dask cluster with this scheduler.")
@click.option("--shard", callback=_shard, default="1/1", help="Grade part I/N of the students.")
@click.option("--dealt", "private", type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="Grade each student's capstone on the dairy that was dealt to them. PRIVATE is the folder "
              "that crmkit capstone deal was given as --private.", metavar="PRIVATE")  # fmt: skip
@click.option("--seconds", type=click.FloatRange(1), default=Limits.seconds, show_default=True,
              help="What a whole notebook may take.")  # fmt: skip
@click.option("--cell-seconds", type=click.FloatRange(0.1), default=Limits.cell_seconds, show_default=True,
              help="What one cell may take.")  # fmt: skip
@click.option("--memory-mb", type=click.IntRange(300), default=Limits.memory_mb, show_default=True,
              help="What a submission may hold in memory.")  # fmt: skip
@click.option("--unsafe-no-sandbox", "words", metavar="WORDS",
              help=f"Run submissions with your own rights. WORDS must be {NO_SANDBOX!r}.")  # fmt: skip
def autograde(
    stems: tuple[str, ...], folder: Path, place: str | None, jobs: int, address: str | None,
    shard: tuple[int, int], private: Path | None, seconds: float, cell_seconds: float, memory_mb: int,
    words: str | None,
) -> None:  # fmt: skip
    """Grade what was collected and not graded yet (every assignment by default).

    Submissions run in a sandbox and are judged outside it. Ctrl-C stops; the next run goes on from there.

    \b
    Example: crmkit autograde 02-pricing --jobs 4
    Example: crmkit autograde --dask tcp://10.0.0.5:8786
    Example: crmkit autograde 12-capstone --dealt private
    """
    from crmkit.cli import Problem, course_root, one_line_errors

    if words is not None and words != NO_SANDBOX:
        raise Problem(f"to run submissions without a sandbox, say so: --unsafe-no-sandbox {NO_SANDBOX!r}")
    root = course_root()
    class_folder = ClassFolder(folder)
    chosen = [Path(stem).name.removesuffix(".ipynb") for stem in stems]
    chosen = chosen or sorted({each.stem for each in class_folder.submissions()})
    if not chosen:
        raise Problem(f"nothing is in {class_folder.submitted}; crmkit collect brings submissions there")
    if private and CAPSTONE not in chosen:
        raise Problem(f"--dealt is for {CAPSTONE}, which is not graded here")
    limits = Limits(seconds=seconds, cell_seconds=cell_seconds, memory_mb=memory_mb)
    failed = 0
    with one_line_errors(), ExitStack() as stack:
        try:
            dealt = Dealt.read(private, root / "solutions" / f"{CAPSTONE}.ipynb") if private else None
            gradebook = stack.enter_context(Gradebook(place or class_folder.gradebook))
            gradebook.enrol(read(class_folder.roster).students)
            for stem in chosen:
                if stem == CAPSTONE and dealt is None:
                    _warn_of_dairies(class_folder)
                click.echo(f"{stem}: starting …")
                with ExitStack() as one:
                    graders: Pool | Cluster
                    if address:
                        graders = one.enter_context(dask(address, root, stem, limits))
                    else:
                        graders = one.enter_context(Pool(root, stem, limits, jobs, isolated=words is None))
                    of = dealt if stem == CAPSTONE else None
                    failed += _tell(stem, _with_bar(graders, gradebook, class_folder, stem, shard, of))
        except (DealtError, GradebookError, RosterError, WorkerError) as error:
            raise Problem(str(error)) from error
        except KeyboardInterrupt:
            raise Problem(
                "stopped; what was graded is recorded, and the next run goes on from there"
            ) from None
    if failed:
        raise Problem(f"{failed} submissions were not graded; run the command again, or see crmkit doctor")


def _warn_of_dairies(folder: ClassFolder) -> None:
    """Say that notebooks which were dealt with a dairy are about to be graded on another."""
    own = [each.student for each in folder.submissions(CAPSTONE) if _has_its_dairy(each.path)]
    if own:
        few = ", ".join(own[:5]) + (", …" if len(own) > 5 else "")
        click.echo(
            f"{CAPSTONE}: {len(own)} notebooks have a dairy of their own ({few}) and are graded on the "
            "practice dairy, where their right answers are wrong; stop, and give --dealt PRIVATE, the folder "
            "that crmkit capstone deal was given as --private",
            err=True,
        )


def _has_its_dairy(path: Path) -> bool:
    with path.open("rb") as file:
        return bool(dairy_named(file.read(MOST_BYTES)))


def _with_bar(
    graders: Pool | Cluster,
    gradebook: Gradebook,
    folder: ClassFolder,
    stem: str,
    shard: tuple[int, int],
    dealt: Dealt | None,
) -> Batch:
    """Grade an assignment with a progress bar that says how fast it goes and how long it will take."""
    with ExitStack() as stack:
        begun = perf_counter()
        done = 0
        bar: Any = None

        def start(count: int) -> None:
            nonlocal bar, begun
            begun = perf_counter()
            bar = stack.enter_context(
                click.progressbar(length=count, label=stem, show_pos=True, item_show_func=lambda rate: rate)
            )

        def advance(student: str, attempt: Attempt | None) -> None:
            nonlocal done
            done += 1
            bar.update(1, f"{done / (perf_counter() - begun):.1f} a second")

        return grade(
            graders, gradebook, folder, stem, shard=shard, dealt=dealt, on_start=start, on_attempt=advance
        )


def _tell(stem: str, batch: Batch) -> int:
    """Print what a batch came to; return how many submissions were not graded."""
    click.echo(
        f"{stem}: {batch.graded} graded, {batch.passed_over} graded before, "
        f"{len(batch.ungradable)} cannot be graded, {len(batch.failed)} failed"
    )
    told = [*(batch.ungradable | batch.failed).items(), *batch.remarks.items()]
    for student, said in sorted(told):
        click.echo(f"  {student}: {said}")
    return len(batch.failed)


@click.command()
def doctor() -> None:
    """Say what this machine can isolate, how it was tried, and how to mend what fails."""
    from crmkit.grading.doctor import examine

    missing = 0
    for finding in examine():
        click.echo(str(finding))
        missing += finding.needed and not finding.holds
    if missing:
        raise click.ClickException("submissions are not graded here until the lines with ✘ are mended")
