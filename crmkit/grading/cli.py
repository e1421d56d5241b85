"""The grading commands of `crmkit` that run nothing: collect, due, override, export."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from crmkit.grading.gradebook import Gradebook


MEGABYTES = click.FloatRange(0, 1_000_000, min_open=True)


def _class_folder(context: click.Context, option: click.Parameter, folder: Path | None) -> Path:
    from crmkit.cli import course_root

    return folder or course_root() / "class"


class_option = click.option(
    "--class",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    callback=_class_folder,
    help="The class folder; by default class in the course folder.",
)
db_option = click.option(
    "--db", "place", help="A file or a URL; by default gradebook.db in the class folder."
)


def _megabytes(number: float) -> int:
    return int(number * 1e6)


@click.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.argument("stem", required=False)
@click.option("--class", "folder", type=click.Path(path_type=Path), default="class", show_default=True,
              help="The class folder; submitted/ in it is what is written to.")  # fmt: skip
@click.option("--roster", type=click.Path(path_type=Path), help="By default roster.csv in the class folder.")
@click.option("--dry-run", is_flag=True, help="Say what would happen; write nothing.")
@click.option(
    "--max-files", type=click.IntRange(1), default=20_000, show_default=True, help="Files in the source."
)
@click.option("--max-file", type=MEGABYTES, default=20.0, show_default=True, help="MB of one notebook.")
@click.option(
    "--max-total", type=MEGABYTES, default=2000.0, show_default=True, help="MB of all notebooks together."
)
@click.option(
    "--max-ratio",
    type=click.IntRange(1),
    default=200,
    show_default=True,
    help="How far a zip may have packed a file.",
)
def collect(
    source: Path,
    stem: str | None,
    folder: Path,
    roster: Path | None,
    dry_run: bool,
    max_files: int,
    max_file: float,
    max_total: float,
    max_ratio: int,
) -> None:
    """Take submissions from SOURCE into the class folder, the newest of each student.

    SOURCE is a folder of notebooks, nbgrader's submitted or inbound folder, or the zip that Moodle or Canvas
    gives. The roster is a CSV file with the columns student_id and name, and where you have them email,
    canvas_id, moodle_id, login, section and late_days. Nobody is guessed: what cannot be matched is listed
    as left over, and the exit code is 1. A second run changes nothing.

    A download from Moodle or Canvas does not say when a file was handed in, so no time is kept; a plain
    file's own date is.

    \b
    Example: crmkit collect submissions.zip 02-pricing --dry-run
    """
    from crmkit.cli import Problem, course_root
    from crmkit.grading.collect import collect as take
    from crmkit.grading.roster import RosterError
    from crmkit.grading.source import Caps

    root = course_root()
    stem = Path(stem).stem if stem and stem.endswith(".ipynb") else stem
    caps = Caps(max_files, _megabytes(max_file), _megabytes(max_total), max_ratio)
    try:
        done = take(
            source,
            folder,
            roster or folder / "roster.csv",
            stem,
            dry_run,
            exercises=root / "exercises",
            caps=caps,
        )
    except (RosterError, LookupError, OSError) as error:
        raise Problem(" ".join(str(error).split())) from error
    click.echo(done.table())
    if done.left_over:
        count = len(done.left_over)
        raise Problem(f"{count} {'file is' if count == 1 else 'files are'} left over; see the last lines")


def _gradebook(folder: Path, place: str | None) -> Gradebook:
    from crmkit.grading.gradebook import Gradebook
    from crmkit.grading.layout import ClassFolder

    return Gradebook(place or ClassFolder(folder).gradebook, create=False)


@contextmanager
def _one_line_errors() -> Iterator[None]:
    """Turn what a gradebook refuses, and files that cannot be read or written, into one line."""
    from crmkit.cli import Problem
    from crmkit.notebook import NotebookError

    try:
        yield
    except (ValueError, OSError, NotebookError) as error:
        raise Problem(" ".join(str(error).split())) from error


@click.command()
@click.argument("stem")
@click.argument("time", required=False)
@click.option("--zone", help="The time zone of the class, such as Asia/Shanghai.")
@click.option("--grace", default=0.0, show_default=True, help="Minutes after it that are still on time.")
@click.option("--per-day", default=0.0, show_default=True, help="Per cent that each started day costs.")
@click.option("--cap", default=100.0, show_default=True, help="Per cent that lateness costs at most.")
@class_option
@db_option
def due(
    stem: str, time: str | None, zone: str | None, grace: float, per_day: float, cap: float,
    folder: Path, place: str | None,
) -> None:  # fmt: skip
    """Say when an assignment is due and what lateness costs; without a TIME, that it is never late.

    Marks follow at once, also of what has been graded. Free late days are in the roster, in late_days; they
    are used up in the order of the due times.

    \b
    Example: crmkit due 02-pricing "2026-03-31 23:59" --zone Asia/Shanghai --grace 15 --per-day 10 --cap 50
    """
    from crmkit.grading.late import Policy, instant

    with _one_line_errors(), _gradebook(folder, place) as book:
        policy = Policy(grace, per_day, cap, zone or "UTC")
        if time is not None:
            instant(time, zone)
        book.set_due(stem, time, policy)
        said = next(each.due for each in book.assignments() if each.assignment == stem)
    click.echo(f"{stem}: due {said}" if said else f"{stem}: never late")


@click.command()
@click.argument("student", required=False)
@click.argument("stem", required=False)
@click.argument("question", required=False)
@click.option("--points", type=float, help="Points for the question, or the score of the whole assignment.")
@click.option("--penalty", type=float, help="Per cent taken off for lateness, in place of the policy's.")
@click.option("--excuse", is_flag=True, help="The student need not do the assignment.")
@click.option("--withdraw", type=click.Choice(["points", "penalty", "excuse"]), help="Undo one of these.")
@click.option("--from", "marked", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="Points by hand: student_id,assignment,question,points,why.")  # fmt: skip
@click.option("--waiting", type=click.Path(path_type=Path, dir_okay=False),
              help="Write such a file to fill in, with the answers that wait for points.")  # fmt: skip
@click.option("--why", help="The reason, for the record.")
@click.option("--who", default=getpass.getuser, show_default="your user name", help="Who decides.")
@class_option
@db_option
def override(
    student: str | None, stem: str | None, question: str | None, points: float | None, penalty: float | None,
    excuse: bool, withdraw: str | None, marked: Path | None, waiting: Path | None, why: str | None, who: str,
    folder: Path, place: str | None,
) -> None:  # fmt: skip
    """Decide otherwise than the grader, or mark a question by hand; without options, list what was decided.

    Nothing is changed or lost: each decision is added to the record, with who, when and why. A whole class
    is marked by hand with a CSV file, as often as it grows; a line without points is passed over, and one
    without a question gives the score of the whole assignment.

    \b
    Example: crmkit override s001 02-pricing pricing-memo --points 3 --why "clear, no numbers"
    Example: crmkit override s001 02-pricing --penalty 0 --why "was ill"
    Example: crmkit override --waiting memos.csv
    Example: crmkit override --from memos.csv
    Example: crmkit override s001
    """
    from crmkit.cli import Problem
    from crmkit.grading import by_hand

    if waiting is not None:
        with _one_line_errors(), _gradebook(folder, place) as book:
            content, count = by_hand.table(book, _known(book, ()))
            if not count:
                click.echo("no answer waits for points")
                return
            if waiting.exists():
                raise FileExistsError(f"{waiting} is there already, perhaps with points in it; name another")
            _replace(waiting, content)
        click.echo(f"{waiting}: {_counted(count, 'answer')} to mark; fill in points, then --from {waiting}")
        return
    if marked is not None:
        with _one_line_errors(), _gradebook(folder, place) as book:
            made = book.override_all(by_hand.points(marked), who=who)
        click.echo(f"{_counted(len(made), 'override')} added to the record")
        return
    chosen = [points is not None, penalty is not None, excuse, withdraw is not None]
    with _one_line_errors(), _gradebook(folder, place) as book:
        if not any(chosen):
            for each in book.overrides(stem, student):
                what = each.question or {"points": "score"}.get(each.field, each.field)
                change = f"{what} {_shown(each.old)} → {_shown(each.new)}"
                where = f"{each.at[:16]}  {each.student}  {each.assignment}"
                click.echo(f"{where}  {change}  {each.who}: {each.why}")
            return
        if sum(chosen) > 1 or student is None or stem is None or why is None:
            raise Problem("name the student and the assignment, one of the decisions, and --why")
        if question is not None and (points is None) == (withdraw != "points"):
            raise Problem("only points are given for a question")
        if points is not None or withdraw == "points":
            book.override(student, stem, points, question=question, who=who, why=why)
        elif penalty is not None or withdraw == "penalty":
            book.set_penalty(student, stem, penalty, who=who, why=why)
        else:
            book.excuse(student, stem, excuse, who=who, why=why)
        mark = next(each for each in book.marks(stem) if each.student == student)
    score = "" if mark.score is None else f", {mark.score:g} of {mark.points:g} points"
    click.echo(f"{student}, {stem}: {mark.status.value}{score}")


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _shown(number: float | None) -> str:
    return "–" if number is None else f"{number:g}"


@click.command()
@click.argument("stems", nargs=-1)
@click.option("--to", "form", type=click.Choice(["csv", "canvas", "moodle", "xlsx"]), default="csv",
              show_default=True, help="Whose columns.")  # fmt: skip
@click.option("--into", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="Canvas's exported gradebook, or Moodle's grading worksheet, to fill in.")  # fmt: skip
@click.option("--column", default="", help="The heading of the column to fill, if it is not the title.")
@click.option("--scale", is_flag=True, help="Convert marks to the points that the file to fill in has.")
@click.option("--partial", is_flag=True, help="Give marks with questions still to be marked by hand.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False),
              help="The file to write; by default one in exports/ in the class folder.")  # fmt: skip
@class_option
@db_option
def export(
    stems: tuple[str, ...], form: str, into: Path | None, column: str, scale: bool, partial: bool,
    out: Path | None, folder: Path, place: str | None,
) -> None:  # fmt: skip
    """Write the marks that count, of some assignments or of all.

    Who has no mark yet is left empty. Filling in a file that was downloaded from Canvas or Moodle is safer
    than a file of our own: what is in it finds its students and its assignment.

    \b
    Example: crmkit export --to xlsx
    Example: crmkit export 02-pricing --to canvas --into grades.csv
    """
    from crmkit.cli import Problem
    from crmkit.grading import export as exporting

    whole = {"csv": exporting.to_csv, "canvas": exporting.to_canvas, "moodle": exporting.to_moodle,
             "xlsx": exporting.to_xlsx}  # fmt: skip
    filled = {"canvas": exporting.into_canvas, "moodle": exporting.into_moodle}
    if into is not None and form not in filled:
        raise Problem("--into is for --to canvas and --to moodle")
    if into is None and (column or scale):
        raise Problem("--column and --scale are for a file to fill in, given with --into")
    with _one_line_errors(), _gradebook(folder, place) as book:
        marks = exporting.Marks.of(book, stems, partial=partial)
        if into is not None:
            written = filled[form](into.read_bytes(), marks, column=column, scale=scale)
        else:
            written = whole[form](marks)
        ending = "xlsx" if form == "xlsx" else "csv"
        name = "-".join([form, *stems]) if len(stems) < 2 else form
        path = out or folder / "exports" / f"{name}.{ending}"
        _replace(path, written.content)
    for warning in written.warnings:
        click.echo(warning)
    click.echo(f"Written: {path}")


@click.command()
@click.argument("stems", nargs=-1)
@class_option
@db_option
def feedback(stems: tuple[str, ...], folder: Path, place: str | None) -> None:
    """Write a page for each student about an assignment (every assignment by default).

    It says what went well, which slip was made and what to do next, and shows the student's own code and
    figures. It is one file without links to anywhere, and goes to feedback/ in the class folder. Run it again
    after an override: a page shows the points as they stand.

    \b
    Example: crmkit feedback 02-pricing
    """
    from crmkit.cli import course_root
    from crmkit.grading.feedback import pages
    from crmkit.grading.headings import Headings
    from crmkit.grading.layout import ClassFolder

    root, layout = course_root(), ClassFolder(folder)
    with _one_line_errors(), _gradebook(folder, place) as book:
        for stem in _known(book, stems):
            skipped: dict[str, list[str]] = {}
            written = 0
            for student, page in pages(book, stem, Headings.read(root, stem), skipped):
                _replace(layout.feedback(student, stem), page.encode())
                written += 1
            click.echo(f"{stem}: {_counted(written, 'page')} in {folder / 'feedback'}")
            for reason, students in skipped.items():
                click.echo(f"  {reason}: {', '.join(students)}")


@click.command()
@click.argument("stems", nargs=-1)
@click.option("--counted", is_flag=True, help="Look at the attempts that count, not at the first ones.")
@class_option
@db_option
def report(stems: tuple[str, ...], counted: bool, folder: Path, place: str | None) -> None:
    """Write a report on an assignment (every assignment by default), for instructors only.

    Scores, how hard each question is and how well it tells students apart, reliability, which misconceptions
    hit how many students, and what went wrong: a page and CSV files in reports/ in the class folder.

    \b
    Example: crmkit report 02-pricing
    Example: crmkit report 02-pricing --counted
    """
    from crmkit.cli import course_root
    from crmkit.grading.headings import Headings
    from crmkit.grading.layout import ClassFolder
    from crmkit.grading.report import report as look_at

    root, layout = course_root(), ClassFolder(folder)
    with _one_line_errors(), _gradebook(folder, place) as book:
        for stem in _known(book, stems):
            found = look_at(book, stem, Headings.read(root, stem), counted=counted)
            for name, content in found.files().items():
                _replace(layout.reports(stem) / name, content)
            click.echo(f"{stem}: {len(found.taken)} attempts, {layout.reports(stem) / 'report.html'}")


def _known(book: Gradebook, stems: tuple[str, ...]) -> list[str]:
    """Return the chosen assignments, or all; a notebook's path may be given."""
    there = [each.assignment for each in book.assignments()]
    if not there:
        raise ValueError("the gradebook has no assignment yet; run crmkit autograde")
    chosen = [Path(stem).stem if stem.endswith(".ipynb") else stem for stem in stems] or there
    for stem in chosen:
        if stem not in there:
            raise ValueError(f"the gradebook has no assignment {stem!r}; it has {', '.join(there)}")
    return chosen


def _replace(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read; a full disk or a stop leaves no half of it in its place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.part")
    draft.touch(mode=0o600)
    draft.write_bytes(content)
    draft.replace(path)
