"""The commands of `crmkit` that build the site, publish it, print it and ask for its links."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from crmkit.cli import Problem, course_root, one_line_errors
from crmkit.site import publish as publishing
from crmkit.site.build import PUBLIC, build
from crmkit.site.links import State, check_links
from crmkit.site.serve import serve as start


def _tell(step: str) -> None:
    """Print a step; in a terminal, a count takes the place of the count before it."""
    if not sys.stdout.isatty():
        click.echo(f"  {step}")
        return
    click.echo(f"\r  {step}\033[K", nl=not step[:1].isdigit())


@click.command()
@click.option("--serve", is_flag=True, help="Then serve it on this machine until Ctrl-C.")
@click.option("--port", default=8000, show_default=True, help="The port to serve on; if taken, another one.")
@click.option("--instructor", is_flag=True, help="Build the instructor's edition instead. Do not publish it.")
@click.option("--no-lite", is_flag=True, help="Leave the browser edition as it is, while working on a page.")
@click.option("--base-url", metavar="URL", help="Where it will be published: for canonical links, a sitemap.")
def site(serve: bool, port: int, instructor: bool, no_lite: bool, base_url: str | None) -> None:
    """Build the site into _build/html, with every widget alive on the page.

    The instructor's edition also has the guide of instructor/ and goes into _build/instructor. The site works
    at any address; --base-url tells search engines and previews the right one.

    \b
    Example: crmkit site --serve
    Example: crmkit site --base-url https://host/course/
    Example: crmkit site --instructor --serve
    """
    with one_line_errors():
        built = build(
            course_root(), instructor=instructor, lite=not no_lite, base_url=base_url, progress=_tell
        )
    click.echo(f"{built.pages} pages and {built.widgets} widgets in {built.seconds:.0f} s: {built.folder}")
    if not serve:
        return
    with start(built.folder, port=port) as server:
        click.echo(f"\nThe course is at {server.address} (Ctrl-C stops it).")
        click.echo("Next: make lab opens the exercises in JupyterLab.")
        try:
            server.wait()
        except KeyboardInterrupt:
            click.echo("\nStopped.")


@click.command()
@click.option("--to", type=click.Path(path_type=Path), help="A folder for any web server; made or replaced.")
@click.option("--branch", metavar="NAME", help="A branch of this repository, such as gh-pages.")
@click.option("--push", metavar="REMOTE", help="Push the branch to this remote; otherwise nothing is pushed.")
@click.option("--base-url", metavar="URL", help="The site's address: for canonical links, a sitemap.")
def publish(to: Path | None, branch: str | None, push: str | None, base_url: str | None) -> None:
    """Build the site, make sure that nothing private is in it, and put it into a folder or onto a branch.

    It stops if a file holds anything of the instructor's guide or of a solution, or is over 100 MiB.

    \b
    Example: crmkit publish --to _build/public --base-url https://host/course/
    Example: crmkit publish --branch gh-pages --push origin
    """
    root = course_root()
    if (to is None) == (branch is None) or (push and branch is None):
        raise Problem("give either --to FOLDER, or --branch NAME with or without --push REMOTE")
    with one_line_errors():
        if to is not None:
            publishing.check_folder(root / PUBLIC, to)
        if branch is not None:
            publishing.check_branch(root, branch, push)
        built = build(root, base_url=base_url, progress=_tell)
        extent = publishing.inspect(root, built.folder)
        click.echo(f"{extent}, nothing private in them")
        if to is not None:
            publishing.to_folder(built.folder, to)
        if branch is not None:
            publishing.to_branch(root, built.folder, branch, push)
    if to is not None:
        click.echo(f"Ready to be put on a web server: {to}")
    elif push:
        click.echo(f"Pushed: the branch {branch} of {push}")
    else:
        click.echo(f"Committed to the branch {branch}, not pushed; git push REMOTE {branch} does it")


@click.command()
@click.option("--paper", type=click.Choice(["A4", "Letter"]), default="A4", show_default=True)
def pdf(paper: str) -> None:
    """Print the whole book into one PDF, _build/crm-in-practice.pdf; the site is built first.

    It needs Chromium, Chrome or Edge on this machine, and takes about as long as the site.

    \b
    Example: crmkit pdf --paper Letter
    """
    from crmkit.site.pdf import NAME, print_book

    root = course_root()
    with one_line_errors():
        built = build(root, progress=_tell)
        click.echo("  printing …")
        printed = print_book(root, built.folder, root / "_build" / NAME, paper=paper)
    size = f"{printed.pages} pages, {printed.bytes / 1e6:.0f} MB"
    click.echo(f"{size} in {printed.seconds:.0f} s: {printed.path}")


@click.command()
def links() -> None:
    """Ask for every address outside of the book that it links to, and name those that are dead.

    Needs the network and takes some minutes. Exit code 1 if an address is dead: an error such as 404, no such
    server, or no answer within 30 seconds, twice. What has moved for good is named, too. A server that
    refuses programs (401, 403, 429), as publishers do, counts as there. Places within foreign pages are not
    looked for. The settings are those of Sphinx's linkcheck in _config.yml. Links within the book are tested
    by tests/site/test_links.py on the built pages.

    \b
    Example: crmkit links
    """
    with one_line_errors():
        found = check_links(course_root())
    for link in found:
        if link.state in (State.MOVED, State.DEAD):
            click.echo(f"{link.state.value}: {link.address} ({link.file}:{link.line}; {link.answer})")
    counts = {state: sum(link.state is state for link in found) for state in State}
    told = [f"{number} {state.value}" for state, number in counts.items() if number]
    click.echo(", ".join([f"{len(found)} links", *told]))
    if counts[State.DEAD]:
        raise Problem(f"{counts[State.DEAD]} links lead nowhere; mend or remove them")
