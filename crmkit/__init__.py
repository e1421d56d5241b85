"""What a student imports: `from crmkit import load, check, hint, progress`."""

from crmkit.data import load
from crmkit.exercise.check import check, hint
from crmkit.exercise.progress import progress

__all__ = ["check", "hint", "load", "progress"]
__version__ = "0.1.0"
