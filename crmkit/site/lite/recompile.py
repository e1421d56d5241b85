"""Archives of Python with bytecode in the place of the source; run by the Python that will load them.

Uses the standard library only, for it runs in Pyodide before any package is there.
"""

from __future__ import annotations

import marshal
import zipfile
from importlib.util import MAGIC_NUMBER, source_hash

UNCHECKED_HASH = (1).to_bytes(4, "little")
"""Says that the hash of the source follows, and that the source need not be looked for."""

_LONG_AGO = (1980, 1, 1, 0, 0, 0)


def recompile(source: str, target: str, prefix: str) -> None:
    """Write an archive again, each `.py` in it as a `.pyc`; what is no Python of this version stays.

    Parameters
    ----------
    source, target : paths of the archive that is read and of the one that is written.
    prefix : the folder in which the archive's content will lie, for tracebacks.
    """
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            name, data = entry.filename, old.read(entry)
            if name.endswith(".py"):
                name, data = _compiled(name, data, prefix)
            new.writestr(zipfile.ZipInfo(name, _LONG_AGO), data, zipfile.ZIP_DEFLATED, compresslevel=9)


def _compiled(name: str, source: bytes, prefix: str) -> tuple[str, bytes]:
    try:
        code = compile(source, f"{prefix}/{name}", "exec", dont_inherit=True)
    except SyntaxError:
        return name, source
    return f"{name}c", MAGIC_NUMBER + UNCHECKED_HASH + source_hash(source) + marshal.dumps(code)
