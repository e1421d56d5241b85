"""Publishing: nothing private leaves, a folder is replaced whole, a branch is pushed only when told."""

from __future__ import annotations

import json
import subprocess
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crmkit import cli
from crmkit.site import publish as publishing
from crmkit.site.build import PUBLIC, Site
from crmkit.site.publish import PublishError

GUIDE = "# Guide\n\nLet the class vote before you show the price.\n"
NOTE = "Ask *why* a pensioner pays less than anybody else here."
SHARED = "This sentence stands in the guide and on a page."
SOLVED = "### BEGIN SOLUTION\nmargin = (price - unit_cost) / price\n### END SOLUTION\n"
KEPT = "print(f'{price:.2f} yuan a bottle')"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def notebook(*cells: tuple[str, str, dict[str, object]]) -> str:
    written = [
        {"cell_type": kind, "id": f"cell-{number}", "source": source, "metadata": metadata}
        | ({"outputs": [], "execution_count": None} if kind == "code" else {})
        for number, (kind, source, metadata) in enumerate(cells)
    ]
    return json.dumps({"cells": written, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course in a git repository, with a guide, a note, a solution and a built site."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    write(tmp_path / "gitconfig", "[user]\nname = A Teacher\nemail = teacher@example.edu\n")
    root = tmp_path / "course"
    write(root / "_config.yml", "")
    write(root / "_toc.yml", "format: jb-book\nroot: index\nchapters:\n- file: chapters/02-pricing\n")
    write(root / "index.md", f"# Milk\n\n{SHARED}\n")
    write(root / "instructor" / "guide.md", f"{GUIDE}\n{SHARED}\n")
    note = ("markdown", NOTE, {"tags": ["instructor", "remove-cell"]})
    write(root / "chapters" / "02-pricing.ipynb", notebook(("markdown", "# 02 · Pricing lab", {}), note))
    solved = [("code", KEPT, {}), ("code", SOLVED, {})]
    write(root / "solutions" / "02-pricing.ipynb", notebook(*solved))
    write(root / "exercises" / "02-pricing.ipynb", notebook(("code", KEPT, {}), ("code", "margin = ...", {})))
    write(root / ".gitignore", "_build/\n")
    write(root / PUBLIC / "index.html", f"<h1>Milk</h1><p>{SHARED}</p>")
    write(root / PUBLIC / "_static" / "course.css", "body {}")
    git(root, "init", "--quiet", "--initial-branch", "main")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", "A course")
    return root


@pytest.fixture
def remote(root: Path) -> Path:
    """A bare repository, known to the course as `school`."""
    bare = root.parent / "school.git"
    git(root, "init", "--quiet", "--bare", str(bare))
    git(root, "remote", "add", "school", str(bare))
    return bare


@pytest.fixture
def publish(root: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """A function that runs the command in the course; building takes no time there."""
    monkeypatch.chdir(root)
    monkeypatch.setattr("crmkit.site.commands.build", lambda root, **_: Site(root / PUBLIC, 1, 0, 0.0))
    return lambda *arguments: CliRunner().invoke(cli.main, ["publish", *map(str, arguments)])


def line_of(result: Result) -> str:
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    return line


# ---- what may not leave ----


def wheel(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("course/guide.md", text)


def inventory(path: Path, text: str) -> None:
    packed = zlib.compress(text.encode())
    path.write_bytes(b"# Sphinx inventory version 2\n# using zlib.\n" + packed)


LEAKS: dict[str, Callable[[Path], object]] = {
    "a page of the guide": lambda site: write(
        site / "a.html", "<p>Let the <b>class</b> vote before you show the price"
    ),
    "a search index": lambda site: write(site / "searchindex.js", f'Search.setIndex("x\\n{GUIDE[9:]}")'),
    "an inventory": lambda site: inventory(site / "objects.inv", GUIDE),
    "a note in a notebook": lambda site: write(site / "lite" / "02.ipynb", notebook(("markdown", NOTE, {}))),
    "a solved notebook": lambda site: write(site / "02.ipynb", notebook(("code", SOLVED, {}))),
    "a solution on a page": lambda site: write(
        site / "a.html", "<pre><span>margin</span> <span>=</span> (price - unit_cost) / price\n</pre>"
    ),
    "a wheel": lambda site: wheel(site / "lite" / "course.whl", GUIDE),
    "a picture of the guide": lambda site: write(site / "_images" / "instructor" / "board.svg", "<svg/>"),
    "a file of the solutions": lambda site: write(site / "solutions" / "data.csv", "1"),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_a_site_that_holds_anything_private_is_not_published(root: Path, leak: str) -> None:
    before = {path for path in (root / PUBLIC).rglob("*") if path.is_file()}
    LEAKS[leak](root / PUBLIC)
    (file,) = {path for path in (root / PUBLIC).rglob("*") if path.is_file()} - before
    with pytest.raises(PublishError, match="it would tell what is not for readers") as caught:
        publishing.inspect(root, root / PUBLIC)
    assert file.relative_to(root / PUBLIC).as_posix() in str(caught.value)


def test_what_is_public_anyway_is_no_leak_and_the_size_is_told(root: Path) -> None:
    write(root / PUBLIC / "exercises" / "02-pricing.ipynb", notebook(("code", KEPT, {}), ("code", "", {})))
    (root / PUBLIC / "picture.webp").write_bytes(b"\0" + NOTE.encode())
    assert str(publishing.inspect(root, root / PUBLIC)) == "4 files, 0.0 MB"


def test_a_file_that_is_too_large_for_its_host_is_named(root: Path) -> None:
    with (root / PUBLIC / "large.bin").open("wb") as file:
        file.truncate(publishing.LARGEST + 2**20)
    with pytest.raises(PublishError, match=r"larger than 100 MiB: large\.bin \(101 MiB\)"):
        publishing.inspect(root, root / PUBLIC)


def test_the_command_publishes_nothing_private(
    publish: Callable[..., Result], root: Path, tmp_path: Path
) -> None:
    write(root / PUBLIC / "guide.html", GUIDE)
    line = line_of(publish("--to", tmp_path / "out"))
    assert "guide.html holds “let the class vote before you show the price”" in line
    assert not (tmp_path / "out").exists()
    line_of(publish("--branch", "gh-pages"))
    assert git(root, "branch", "--list", "gh-pages") == ""


# ---- a folder ----


def test_a_folder_becomes_the_site_and_then_the_next_one(
    publish: Callable[..., Result], root: Path, tmp_path: Path
) -> None:
    out = tmp_path / "web" / "out"
    first = publish("--to", out)
    assert (first.exit_code, first.stderr) == (0, "")
    assert "2 files, 0.0 MB" in first.output
    assert {path.name for path in out.iterdir()} == {"index.html", "_static", ".nojekyll"}

    write(out / "CNAME", "course.example.edu\n")
    write(out / "gone.html", "")
    write(root / PUBLIC / "new.html", "")
    assert publish("--to", out).exit_code == 0
    assert {path.name for path in out.iterdir()} == {
        "index.html",
        "new.html",
        "_static",
        ".nojekyll",
        "CNAME",
    }
    assert [path.name for path in out.parent.iterdir()] == ["out"]


def test_a_folder_with_other_things_in_it_is_left_alone(
    publish: Callable[..., Result], root: Path, tmp_path: Path
) -> None:
    write(tmp_path / "thesis" / "thesis.txt", "five years")
    assert "holds something else than a published site" in line_of(publish("--to", tmp_path / "thesis"))
    assert "is a file" in line_of(publish("--to", tmp_path / "thesis" / "thesis.txt"))
    write(tmp_path / "clone" / ".nojekyll", "")
    git(tmp_path, "init", "--quiet", "clone")
    assert "is a git repository" in line_of(publish("--to", tmp_path / "clone"))
    for folder in (root, root / PUBLIC, root / PUBLIC / "deeper"):
        assert "lie in one another" in line_of(publish("--to", folder))
    assert (tmp_path / "thesis" / "thesis.txt").read_text() == "five years"


# ---- a branch ----


def test_a_branch_gets_the_site_and_nothing_is_pushed_unasked(
    publish: Callable[..., Result], root: Path, remote: Path
) -> None:
    head = git(root, "rev-parse", "HEAD")
    result = publish("--branch", "gh-pages")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "not pushed" in result.output
    names = git(root, "ls-tree", "-r", "--name-only", "gh-pages").splitlines()
    assert sorted(names) == [".nojekyll", "_static/course.css", "index.html"]
    assert git(root, "log", "-1", "--format=%s %an", "gh-pages") == f"Site of {head[:7]} A Teacher"
    assert git(remote, "for-each-ref") == ""
    assert (git(root, "rev-parse", "HEAD"), git(root, "status", "--porcelain")) == (head, "")


def test_a_push_follows_what_others_published_and_keeps_the_domain(
    publish: Callable[..., Result], root: Path, remote: Path, tmp_path: Path
) -> None:
    assert "Pushed" in publish("--branch", "gh-pages", "--push", "school").output
    git(tmp_path, "clone", "--quiet", "--branch", "gh-pages", str(remote), "colleague")
    write(tmp_path / "colleague" / "CNAME", "course.example.edu\n")
    git(tmp_path / "colleague", "add", ".")
    git(tmp_path / "colleague", "commit", "--quiet", "--message", "A domain")
    git(tmp_path / "colleague", "push", "--quiet")

    write(root / PUBLIC / "new.html", "")
    (root / PUBLIC / "_static" / "course.css").unlink()
    result = publish("--branch", "gh-pages", "--push", "school")
    assert (result.exit_code, result.stderr) == (0, "")
    names = git(remote, "ls-tree", "-r", "--name-only", "gh-pages").splitlines()
    assert sorted(names) == [".nojekyll", "CNAME", "index.html", "new.html"]
    assert git(remote, "show", "gh-pages:CNAME") == "course.example.edu"
    assert git(remote, "rev-list", "--count", "gh-pages") == "3"
    assert git(remote, "for-each-ref", "--format=%(refname)") == "refs/heads/gh-pages"


def test_a_branch_that_holds_other_work_is_left_alone(
    publish: Callable[..., Result], root: Path, remote: Path
) -> None:
    git(root, "push", "--quiet", "school", "main:thesis", "main:draft")
    git(root, "branch", "draft")
    assert "you are on the branch main" in line_of(publish("--branch", "main"))
    assert "refs/heads/draft holds something else" in line_of(publish("--branch", "draft"))
    refused = line_of(publish("--branch", "thesis", "--push", "school"))
    assert "refs/remotes/school/thesis holds something else" in refused
    assert (
        git(remote, "rev-parse", "thesis")
        == git(root, "rev-parse", "main")
        == git(root, "rev-parse", "draft")
    )


def test_what_git_refuses_is_one_line(
    publish: Callable[..., Result], root: Path, remote: Path, tmp_path: Path
) -> None:
    assert "there is no remote 'origin'" in line_of(publish("--branch", "gh-pages", "--push", "origin"))
    assert "not a valid branch name" in line_of(publish("--branch", "..", "--push", "school"))
    write(remote / "hooks" / "pre-receive", "#!/bin/sh\necho closed for the holidays >&2\nexit 1\n")
    (remote / "hooks" / "pre-receive").chmod(0o755)
    assert "closed for the holidays" in line_of(publish("--branch", "gh-pages", "--push", "school"))
    remote.rename(tmp_path / "moved.git")
    assert "git fetch failed: fatal: " in line_of(publish("--branch", "gh-pages", "--push", "school"))
    (root / ".git").rename(tmp_path / "git")
    assert "not a git repository" in line_of(publish("--branch", "gh-pages"))


@pytest.mark.parametrize(
    "arguments", [(), ("--push", "school"), ("--to", "x", "--branch", "y"), ("--to", "x", "--push", "school")]
)
def test_it_must_be_clear_where_to(publish: Callable[..., Result], arguments: tuple[str, ...]) -> None:
    assert "give either --to FOLDER, or --branch NAME" in line_of(publish(*arguments))
