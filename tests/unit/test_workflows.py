"""What runs on other people's machines: pinned, with few rights, and calling only what there is."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from crmkit import cli

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
DEVCONTAINER = ROOT / ".devcontainer" / "devcontainer.json"
BINDER = ROOT / "binder"

MAY_WRITE = {("publish.yml", "deploy"): {"pages", "id-token"}}
"""The jobs that may change anything, and what."""

TARGETS = set(re.findall(r"^([a-z][\w-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))

every_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)


def read(path: Path) -> dict[Any, Any]:
    found: dict[Any, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def steps(path: Path) -> Iterator[dict[str, Any]]:
    for job in read(path)["jobs"].values():
        yield from job.get("steps", ())


def assert_there(command: str) -> None:
    """Assert that what a command line calls of ours is there."""
    program, *arguments = shlex.split(command)
    names = [each for each in arguments if not each.startswith("-")]
    if program == "make":
        assert set(names) <= TARGETS, command
    elif program.endswith("crmkit"):
        context = click.Context(cli.main)
        assert cli.main.get_command(context, names[0]), command
    elif "/" in program:
        file = ROOT / program
        assert file.is_file(), command
        assert file.stat().st_mode & 0o111, f"{program} cannot be executed"


def test_there_are_workflows_that_test_publish_and_ask_for_links() -> None:
    assert [path.name for path in WORKFLOWS] == ["ci.yml", "links.yml", "publish.yml"]


@every_workflow
def test_each_action_is_pinned_by_commit_and_says_its_version(path: Path) -> None:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if re.search(r"\buses:", line)]
    assert lines
    for line in lines:
        if local := re.search(r"uses: \./(\S+)$", line):
            assert (ROOT / local[1]).is_file(), line
        else:
            assert re.search(r"uses: [\w-]+/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


def test_an_action_has_the_same_version_everywhere() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in WORKFLOWS)
    pins: dict[str, set[str]] = {}
    for repository, pin in re.findall(r"uses: ([\w-]+/[\w-]+)\S*@(.+)$", text, re.MULTILINE):
        pins.setdefault(repository, set()).add(pin)
    assert {repository: len(found) for repository, found in pins.items() if len(found) > 1} == {}


@every_workflow
def test_a_workflow_may_only_read_and_a_job_may_write_only_where_it_must(path: Path) -> None:
    workflow = read(path)
    assert set(workflow["permissions"].items()) <= {("contents", "read")}
    for name, job in workflow["jobs"].items():
        writes = {what for what, how in job.get("permissions", {}).items() if how != "read"}
        assert writes == MAY_WRITE.get((path.name, name), set())


@every_workflow
def test_no_secret_is_used_and_no_credential_is_left_behind(path: Path) -> None:
    assert "secrets" not in path.read_text(encoding="utf-8")
    assert "pull_request_target" not in read(path)[True]  # YAML reads the key `on` as true
    for step in steps(path):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"] == {"persist-credentials": False}


@every_workflow
def test_each_job_ends_in_time_on_a_named_machine_with_a_named_image(path: Path) -> None:
    for job in read(path)["jobs"].values():
        if "uses" in job:
            continue
        assert 0 < job["timeout-minutes"] <= 120
        assert re.fullmatch(r"ubuntu-\d\d\.\d\d", job["runs-on"])
        image = job.get("container", "python:3.11.14")
        assert re.match(r"python:\d+\.\d+\.\d+", image if isinstance(image, str) else image["image"])


@every_workflow
def test_each_command_is_there_and_nothing_is_pasted_into_it(path: Path) -> None:
    for step in steps(path):
        for line in step.get("run", "").splitlines():
            assert "${{" not in line, "give it as an environment variable"
            assert_there(line)


def test_the_site_is_deployed_only_when_its_tests_have_passed() -> None:
    jobs = read(ROOT / ".github/workflows/publish.yml")["jobs"]
    assert set(jobs["deploy"]["needs"]) == {"test", "build"}
    assert jobs["test"]["uses"] == "./.github/workflows/ci.yml"
    assert "workflow_call" in read(ROOT / ".github/workflows/ci.yml")[True]
    built = next(step for step in jobs["build"]["steps"] if "upload-pages-artifact" in step.get("uses", ""))
    assert f"--to {built['with']['path']}" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_what_caches_are_keyed_by_is_there() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in WORKFLOWS)
    keys = set(re.findall(r"hashFiles\((.+?)\)", text))
    (key,) = keys
    for pattern in re.findall(r"'(.+?)'", key):
        assert any(ROOT.glob(pattern)), pattern


def test_the_devcontainer_has_a_pinned_image_and_calls_what_there_is() -> None:
    container = json.loads(DEVCONTAINER.read_text(encoding="utf-8"))
    assert re.fullmatch(r"python:\d+\.\d+\.\d+-bookworm", container["image"])
    assert container["forwardPorts"] == [8000, 8888]
    assert_there(container["postCreateCommand"])
    for label in (each["label"] for each in container["portsAttributes"].values()):
        assert_there(label.partition(": ")[2])


def test_binder_installs_the_locked_versions_and_the_course() -> None:
    python = (BINDER / "runtime.txt").read_text(encoding="utf-8").strip().removeprefix("python-")
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'requires-python = ">={python}"' in project
    lines = (BINDER / "requirements.txt").read_text(encoding="utf-8").splitlines()
    (file,) = [line.removeprefix("-r ") for line in lines if not line.startswith("#")]
    assert "--hash=sha256:" in (BINDER / file).read_text(encoding="utf-8")
    script = BINDER / "postBuild"
    assert script.stat().st_mode & 0o111
    subprocess.run(["bash", "-n", str(script)], check=True)
    text = script.read_text(encoding="utf-8")
    assert text.startswith("#!/bin/bash\n")
    assert "\nset -e\n" in text
