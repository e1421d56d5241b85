"""What a student imports: `from crmkit import load, check, hint, progress`."""

import sys

from crmkit.data import load
from crmkit.exercise.check import check, hint
from crmkit.exercise.progress import progress

__all__ = ["check", "hint", "load", "progress"]
__version__ = "0.1.0"

if sys.platform == "emscripten":
    from crmkit.browser import fetch_on_import

    fetch_on_import()
