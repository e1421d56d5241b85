"""axe-core, which finds what keeps people out of a page: fetched by npm at the pinned version, for tests."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from pages import ROOT
from playwright.sync_api import Page

PACKAGE = ROOT / "node_modules" / "axe-core"

RUN = """
(rules) => axe.run({ resultTypes: ["violations"], ...(rules && { runOnly: rules }) })
  .then((results) => results.violations.flatMap((found) => found.nodes.map((node) =>
    `${found.impact}: ${found.id} at ${node.target.join(" ")} (${node.html.slice(0, 160)})`)))
"""


def source() -> str:
    """Return the script; fetch it unless it is there at the pinned version."""
    pinned = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["devDependencies"]["axe-core"]
    if _installed() != pinned:
        npm = shutil.which("npm") or shutil.which("npm", path=str(Path(sys.executable).parent))
        assert npm, "npm is needed to fetch axe-core"
        command = [npm, "ci", "--include=dev", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        assert _installed() == pinned
    return (PACKAGE / "axe.min.js").read_text(encoding="utf-8")


def findings(page: Page, *, rules: list[str] | None = None) -> list[str]:
    """Return what axe finds in a page that has the script: how bad, which rule, which element."""
    found: list[str] = page.evaluate(RUN, rules)
    return found


def _installed() -> Any:
    package = PACKAGE / "package.json"
    return json.loads(package.read_text(encoding="utf-8"))["version"] if package.is_file() else None
