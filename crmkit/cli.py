"""The command `crmkit`: run, release and prove notebooks, open them, make data, deal the capstone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from time import perf_counter

import click

from crmkit.notebook import NotebookError


class Problem(click.ClickException):
    """Bad input or a failed command: one line on standard error, exit code 1."""

    def show(self, file: object = None) -> None:
        click.echo(f"crmkit: {self.message}", err=True)


@contextmanager
def one_line_errors() -> Iterator[None]:
    """Turn the errors that a user can mend into one line."""
    try:
        yield
    except (NotebookError, LookupError, OSError, RuntimeError) as error:
        raise Problem(" ".join(str(error).split())) from error


def course_root() -> Path:
    """Return the course's folder: the nearest one, from here upwards, with `_config.yml` and `solutions/`."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "_config.yml").is_file() and (folder / "solutions").is_dir():
            return folder
    raise Problem(
        f"{here} is not inside a course folder (one with _config.yml and solutions/); go there first"
    )


def stems_in(root: Path, chosen: tuple[str, ...]) -> list[str]:
    """Return the stems of the chosen solution notebooks, or of all; a path or a stem may be given."""
    there = sorted(path.stem for path in (root / "solutions").glob("*.ipynb"))
    if not there:
        raise Problem(f"there are no notebooks in {root / 'solutions'}")
    stems = [Path(name).stem if name.endswith(".ipynb") else name for name in chosen] or there
    for stem in stems:
        if stem not in there:
            raise Problem(f"no solution notebook {stem!r}; there are {', '.join(there)}")
    return stems


ELSEWHERE = {
    **dict.fromkeys(["site", "publish", "pdf", "links"], "site.commands"),
    **dict.fromkeys(["autograde", "doctor"], "grading.commands"),
    **dict.fromkeys(["collect", "due", "override", "export", "feedback", "report"], "grading.cli"),
}
"""Commands by the module of `crmkit` that has them, where that is not this one."""


class Commands(click.Group):
    """Loads commands of other modules, and the database or the browser with them, when they are asked for."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted({*super().list_commands(context), *ELSEWHERE})

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Return the command of a name."""
        if name not in ELSEWHERE:
            return super().get_command(context, name)
        found: click.Command = getattr(import_module(f"crmkit.{ELSEWHERE[name]}"), name)
        return found


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="crmkit")
def main() -> None:
    """Run, release, prove and publish the CRM course.

    \b
    Example: after editing solutions/02-pricing.ipynb
        crmkit release 02-pricing
        crmkit validate 02-pricing
        crmkit site --serve
    """


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="Write nothing; fail if a notebook would change.")
def execute(paths: tuple[Path, ...], check: bool) -> None:
    """Run notebooks from top to bottom and keep their outputs (chapters by default).

    A run without a change gives no difference: counts, cell ids and metadata are put in normal form.
    Solutions are run by `crmkit release`, which also brings exercise and key up to date.

    \b
    Example: crmkit execute chapters/02-pricing.ipynb
    """
    from crmkit import notebook

    stale = []
    chosen = paths or sorted((course_root() / "chapters").glob("*.ipynb"))
    if not chosen:
        raise Problem(f"there are no notebooks in {course_root() / 'chapters'}")
    for path in chosen:
        with one_line_errors():
            before = notebook.read(path)
            with click.progressbar(length=len(before.cells), label=f"{path.name:24}") as bar:
                after = notebook.execute(before, path, on_cell=partial(bar.update, 1))
                bar.update(len(before.cells))
            if check and notebook.to_text(after) != path.read_text(encoding="utf-8"):
                stale.append(str(path))
            elif not check:
                click.echo("  written" if notebook.write(after, path) else "  unchanged")
    if stale:
        raise Problem(f"not as a run leaves them: {', '.join(stale)}; run crmkit execute")


@main.command()
@click.argument("stems", nargs=-1)
@click.option("--check", is_flag=True, help="Write nothing; fail if a released file is out of date.")
def release(stems: tuple[str, ...], check: bool) -> None:
    """Make exercises and their keys from solution notebooks (all by default).

    \b
    Example: crmkit release 02-pricing
    Example: crmkit release --check
    """
    from crmkit import notebook
    from crmkit.exercise import release as releasing
    from crmkit.exercise.validate import stale

    root = course_root()
    outdated: list[str] = []
    for stem in stems_in(root, stems):
        with one_line_errors():
            source = root / "solutions" / f"{stem}.ipynb"
            cells = len(notebook.read(source).cells)
            with click.progressbar(length=cells, label=f"{stem:24}") as bar:
                fresh = releasing.release(source, on_cell=partial(bar.update, 1))
                bar.update(cells)
            if check:
                outdated += stale(root, stem, fresh)
                continue
            written = [
                notebook.write(fresh.solution, source),
                notebook.write(fresh.exercise, root / "exercises" / f"{stem}.ipynb"),
                notebook.write_text(fresh.key_text, releasing.key_path(fresh.key["topic"])),
            ]
            state = "released" if any(written) else "unchanged"
            click.echo(f"  {state}: {len(fresh.questions)} questions, {fresh.points} points")
    if outdated:
        raise Problem("; ".join(outdated))


@main.command()
@click.argument("stems", nargs=-1)
def validate(stems: tuple[str, ...]) -> None:
    """Prove exercises before students see them (all by default).

    Blank, every check says "not attempted" and nothing else fails; the solution earns full points; each
    declared mistake is met with its own message; no answer, mistake or solution is in the released files.

    \b
    Example: crmkit validate 02-pricing
    """
    from crmkit.exercise.validate import validate as prove

    root = course_root()
    faults: list[str] = []
    for stem in stems_in(root, stems):
        begun = perf_counter()
        with one_line_errors():
            click.echo(stem)
            found = prove(root, stem, on_step=lambda step: click.echo(f"  {step} …"))
        faults += [f"{stem}: {fault}" for fault in found]
        click.echo(f"{stem}: {len(found) or 'no'} faults, {perf_counter() - begun:.0f} s")
    for fault in faults:
        click.echo(f"  {fault}")
    if faults:
        raise Problem(f"{len(faults)} faults; the exercises are not ready")


@main.command()
@click.argument("notebook", required=False)
def lab(notebook: str | None) -> None:
    """Open the course in JupyterLab, at an exercise if one is named.

    \b
    Example: crmkit lab 02-pricing
    """
    root = course_root()
    opened = root / "exercises"
    if notebook:
        opened /= f"{stems_in(root, (notebook,))[0]}.ipynb"
    command = [sys.executable, "-m", "jupyterlab", "--ServerApp.ip=127.0.0.1", f"--notebook-dir={root}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # as in many containers; JupyterLab would refuse
        command.append("--allow-root")
    raise SystemExit(subprocess.call([*command, str(opened)]))


@main.group()
def data() -> None:
    """Make data of the simulated dairy.

    \b
    Example: crmkit data build --seed 7 --out our-dairy
    """


@data.command("build")
@click.option(
    "--scale",
    type=click.Choice(["sample", "full"]),
    default="sample",
    show_default=True,
    help="Accounts of 20 routes as CSV (12 MB), or all 80,000 accounts as Parquet (25 MB).",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    required=True,
    help="Any whole number: each gives another dairy with the same planted truths.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="The folder to write into; made if it is not there.",
)
def build_data(scale: str, seed: int, out: Path) -> None:
    """Write a dairy of one's own, with a data package that describes it.

    Each table takes the place of an older one only when it is whole, so a build that was stopped can simply
    be started again.

    \b
    Example: crmkit data build --scale full --seed 7 --out our-dairy
    """
    from crmkit.data.hailang.scale import build, number_of_pieces

    begun = perf_counter()
    with (
        one_line_errors(),
        click.progressbar(
            length=number_of_pieces(scale), label=f"{scale}, seed {seed}", item_show_func=lambda table: table
        ) as bar,
    ):
        try:
            package = build(out, scale, seed, on_piece=lambda table: bar.update(1, table))
        except KeyboardInterrupt:
            raise Problem(f"stopped; {out} is not complete, start the command again") from None
    size = f"{len(package.tables)} tables, {sum(table.bytes for table in package.tables) / 1e6:.0f} MB"
    click.echo(f"{size} in {perf_counter() - begun:.0f} s: {out / package.name}")
    click.echo(f'Load them with crmkit.data.Catalogue("{out}")("{package.name}.subscribers").')


@main.group()
def capstone() -> None:
    """Give each student a dairy of their own for the capstone.

    \b
    Example: crmkit capstone deal roster.csv --out handout --private private
    """


@capstone.command("deal")
@click.argument("roster", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--class", "for_class", is_flag=True, help="One dairy for all; no roster.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="The folder for what students get; made if it is not there.",
)
@click.option(
    "--private",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="The folder for the secret and the answers; made if it is not there. Not for students.",
)
def deal_capstone(roster: Path | None, for_class: bool, out: Path, private: Path) -> None:
    """Write for each student a folder with the notebook, a dairy and its key, and keep the answers.

    ROSTER is a CSV file with a column student_id. With --class there is one folder, `class`, for all. The
    same secret deals the same dairies; it is made on the first call, and whoever has it knows all answers.
    Each folder appears when it is whole, so a deal that was stopped can simply be started again. It takes
    about 5 seconds a student.

    \b
    Example: crmkit capstone deal roster.csv --out handout --private private
    Example: crmkit capstone deal --class --out handout --private private
    """
    from crmkit.capstone import deal as dealing

    if for_class == (roster is not None):
        raise Problem("give either a roster or --class")
    solution = course_root() / "solutions" / f"{dealing.STEM}.ipynb"
    begun = perf_counter()
    with one_line_errors():
        try:
            students = [dealing.CLASS] if roster is None else dealing.read_roster(roster)
            secret = dealing.read_secret(private)
            chosen = dealing.Deal(solution, secret, out, private)
            with click.progressbar(length=len(students), label="capstone", item_show_func=str) as bar:
                dealt = dealing.deal(chosen, students, on_student=lambda student: bar.update(1, student))
        except KeyboardInterrupt:
            raise Problem("stopped; start the command again to deal to the others") from None
    click.echo(f"{len(dealt)} dealt now, {len(students)} in all, {perf_counter() - begun:.0f} s: {out}")
    click.echo(f"Keep {private} to yourself: it holds the secret and the answers.")
