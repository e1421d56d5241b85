"""Publish the built site: as a folder for any web server, or as a branch for GitHub Pages.

Nothing leaves without having been searched for what is not for readers, and nothing is pushed unasked.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from crmkit.site.private import private, search

MARK = ".nojekyll"
"""Tells GitHub Pages to serve folders that begin with an underscore, and us that a folder is a site."""

DOMAIN = "CNAME"
"""Where GitHub Pages keeps the domain of a site; it survives the next publication."""

LARGEST = 100 * 2**20
"""Bytes; GitHub takes no larger file."""

NAMED = 5
"""So many faults are named; the others are counted."""


class PublishError(RuntimeError):
    """The site is not fit to be published, or cannot be put where it should go."""


@dataclass(frozen=True)
class Extent:
    """How large a site is."""

    files: int
    bytes: int

    def __str__(self) -> str:
        return f"{self.files:,} files, {self.bytes / 1e6:.1f} MB"


def inspect(root: Path, site: Path) -> Extent:
    """Return how large a site is, if it is fit to be published.

    Parameters
    ----------
    root : the course's folder.
    site : the folder of the built site.

    Raises
    ------
    PublishError : a file holds something of the instructor's guide or of a solution, or is too large.
    """
    leaks = [f"{name} holds “{text}”" for name, text in search(site, private(root))]
    if leaks:
        raise PublishError(f"not published, for it would tell what is not for readers: {_some(leaks)}")
    sizes = {path: path.stat().st_size for path in site.rglob("*") if path.is_file()}
    large = [
        f"{path.relative_to(site).as_posix()} ({size / 2**20:.0f} MiB)"
        for path, size in sizes.items()
        if size > LARGEST
    ]
    if large:
        raise PublishError(f"not published, larger than {LARGEST // 2**20} MiB: {_some(large)}")
    return Extent(len(sizes), sum(sizes.values()))


def to_folder(site: Path, folder: Path) -> None:
    """Copy a site into a folder, in place of the site that was there.

    The copy is made beside the folder and takes its place when it is whole. A file CNAME stays.

    Parameters
    ----------
    site : the folder of the built site.
    folder : where to; made if it is not there.

    Raises
    ------
    PublishError : the folder holds something else than an earlier site, or lies in the built one.
    """
    check_folder(site, folder)
    folder = folder.resolve()
    fresh = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(site, fresh)
    (fresh / MARK).touch()
    if (folder / DOMAIN).is_file():
        shutil.copy2(folder / DOMAIN, fresh)
    if folder.is_dir():
        old = folder.with_name(f".{folder.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        folder.rename(old)
        fresh.rename(folder)
        shutil.rmtree(old)
    else:
        fresh.rename(folder)


def check_folder(site: Path, folder: Path) -> None:
    """Raise if `to_folder` would refuse the folder; ask this before a long build."""
    target, source = folder.resolve(), site.resolve()
    if target.is_relative_to(source) or source.is_relative_to(target):
        raise PublishError(f"{folder} and the built site, {site}, lie in one another; name another folder")
    if target.exists() and not target.is_dir():
        raise PublishError(f"{folder} is a file; name a folder")
    if (target / ".git").exists():
        raise PublishError(f"{folder} is a git repository; publish to a branch with --branch instead")
    if target.is_dir() and any(target.iterdir()) and not (target / MARK).is_file():
        raise PublishError(f"{folder} holds something else than a published site; name an empty folder")


def to_branch(root: Path, site: Path, branch: str, remote: str | None) -> None:
    """Commit a site to a branch, on top of what was published there; push only to a remote that is named.

    Parameters
    ----------
    root : the course's folder, in its git repository.
    site : the folder of the built site.
    branch : the branch, for instance `gh-pages`; made if it is not there. Its other contents are replaced.
    remote : the name of the remote to push the branch to, or None.

    Raises
    ------
    PublishError : git refuses, or the branch holds something else than a published site.
    """
    check_branch(root, branch, remote)
    message = f"Site of {_git(root, 'describe', '--always', '--dirty')}"
    command = [sys.executable, "-m", "ghp_import", "--no-jekyll", "--branch", branch, "--message", message]
    # Without a remote of that name, ghp-import commits on top of the local branch.
    command += ["--remote", remote or ""]
    if domain := _domain(root, branch, remote):
        command += ["--cname", domain]
    _run(root, "ghp-import", [*command, str(site.resolve())])
    if remote:
        _git(root, "push", "--quiet", remote, f"refs/heads/{branch}")


def check_branch(root: Path, branch: str, remote: str | None) -> None:
    """Raise if `to_branch` would refuse; ask this before a long build. What the remote has is fetched."""
    _git(root, "check-ref-format", "--branch", branch)
    _git(root, "var", "GIT_COMMITTER_IDENT")
    if branch == _git(root, "branch", "--show-current"):
        raise PublishError(f"you are on the branch {branch}; the site would take the place of the course")
    if remote:
        if remote not in _git(root, "remote").splitlines():
            raise PublishError(f"there is no remote {remote!r}; git remote -v shows those there are")
        _git(root, "fetch", "--quiet", remote)
    for ref in _refs(root, branch, remote):
        if MARK not in _git(root, "ls-tree", "--name-only", ref).splitlines():
            raise PublishError(f"{ref} holds something else than a published site; name another branch")


def _refs(root: Path, branch: str, remote: str | None) -> list[str]:
    """Return the full names of the branch, here and at the remote, as far as it exists."""
    names = [f"refs/heads/{branch}", *([f"refs/remotes/{remote}/{branch}"] if remote else [])]
    return _git(root, "for-each-ref", "--format=%(refname)", *names).splitlines()


def _domain(root: Path, branch: str, remote: str | None) -> str:
    refs = _refs(root, branch, remote)
    if refs and DOMAIN in _git(root, "ls-tree", "--name-only", refs[-1]).splitlines():
        return _git(root, "show", f"{refs[-1]}:{DOMAIN}")
    return ""


def _git(root: Path, *arguments: str) -> str:
    return _run(root, f"git {arguments[0]}", ["git", *arguments])


def _run(root: Path, name: str, command: list[str]) -> str:
    asks_nothing = {"GIT_TERMINAL_PROMPT": "0", "SSH_ASKPASS_REQUIRE": "never", "LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(
            command,
            cwd=root,
            env={**os.environ, **asks_nothing},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            start_new_session=True,  # without a terminal, ssh cannot ask either
            check=False,
        )
    except FileNotFoundError as error:
        raise PublishError(f"{command[0]} is needed to publish to a branch; install it") from error
    if done.returncode:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        reasons = [line for line in lines if line.startswith(("fatal:", "error:", "!", "remote:"))]
        raise PublishError(f"{name} failed: {'; '.join(reasons[:2] or lines[-1:])}")
    return done.stdout.strip()


def _some(faults: list[str]) -> str:
    more = f" … and {len(faults) - NAMED} more" if len(faults) > NAMED else ""
    return "; ".join(faults[:NAMED]) + more
