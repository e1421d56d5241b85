"""What determines a widget's pictures, as one short digest.

A baked picture may be kept exactly as long as nothing that it was drawn from has changed: the code of the
widget's module and of every module of the package that it imports, the shipped tables if it reads them,
the steps of its controls, the settings of the bake and the drawing library. A comment or a docstring draws
nothing, so it does not count.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import matplotlib

import crmkit
from crmkit.widgets.widget import Widget

# These declare, show and describe widgets. What they add to the pictures are the steps of the controls, which
# are digested as such; so a change to how widgets are shown bakes nothing again.
NOT_DRAWING = frozenset({"crmkit.widgets.widget", "crmkit.widgets.live", "crmkit.widgets.words"})


def widget_digest(widget: Widget, settings: str = "") -> str:
    """Return 12 hexadecimal digits that change whenever the widget's pictures may.

    Parameters
    ----------
    widget : the widget.
    settings : how its pictures are encoded.
    """
    modules = imported_modules(widget.draw.__module__)
    digest = hashlib.sha256()
    for part in (widget.name, settings, matplotlib.__version__, crmkit.__version__):
        digest.update(part.encode() + b"\0")
    for key, control in widget.controls.items():
        digest.update(f"{key}={control.values!r}\0".encode())
    for name in sorted(modules):
        digest.update(name.encode() + b"\0" + _read(name, modules[name]).meaning + b"\0")
    if any(name == "crmkit.data" or name.startswith("crmkit.data.") for name in modules):
        digest.update(_shipped_tables())
    return digest.hexdigest()[:12]


def imported_modules(name: str) -> dict[str, Path]:
    """Return the source files of a module and of all of the package that it imports, however deep.

    An import inside a function counts. A package that is only passed on the way to one of its modules
    does not: `from crmkit.models.pricing import markup` depends on `crmkit.models.pricing` alone.

    Parameters
    ----------
    name : dotted name of the module to start from.

    Raises
    ------
    ModuleNotFoundError : the module does not exist or has no source.
    """
    start = _source(name)
    if start is None:
        raise ModuleNotFoundError(f"no source found for module {name}")
    found = {name: start}
    waiting = [name]
    while waiting:
        module = waiting.pop()
        for target in _read(module, found[module]).imports:
            if target in found or target in NOT_DRAWING or target.partition(".")[0] != "crmkit":
                continue
            source = _source(target)
            if source is not None:
                found[target] = source
                waiting.append(target)
    return found


@dataclass(frozen=True)
class _Code:
    """What a source file does: its syntax tree without comments, layout and docstrings; and its imports."""

    meaning: bytes
    imports: frozenset[str]


def _read(module: str, source: Path) -> _Code:
    return _parsed(module, source, source.stat().st_mtime_ns)


@cache  # every widget of a chapter asks for the same files
def _parsed(module: str, source: Path, changed: int) -> _Code:
    tree = ast.parse(source.read_bytes())
    imports = _imports(tree, package=module if source.name == "__init__.py" else module.rpartition(".")[0])
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
            del node.body[0]
    return _Code(ast.dump(tree).encode(), frozenset(imports))


def _imports(tree: ast.Module, *, package: str) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            relative = "." * node.level + (node.module or "")
            base = importlib.util.resolve_name(relative, package) if node.level else relative
            # `from a import b` names a module `a.b` or something defined in `a`.
            inside = {f"{base}.{alias.name}" for alias in node.names}
            modules = {name for name in inside if name.startswith("crmkit.") and _source(name)}
            names.update(modules if modules == inside else modules | {base})
    return names


def _source(name: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:  # its parent is a module, not a package
        return None
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return None
    return Path(spec.origin)


@cache
def _shipped_tables() -> bytes:
    package = Path(crmkit.__file__).parent
    installed, checkout = package / "datasets", package.parent / "datasets"
    folder = installed if installed.is_dir() else checkout
    digest = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.digest()
