"""What a student imports: `from crmkit import load, check, hint, progress`."""

__version__ = "0.1.0"
