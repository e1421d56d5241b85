"""The course's widgets, one module a chapter. `find` gets one by name."""

from __future__ import annotations

import importlib

from crmkit.widgets.widget import Widget


def find(name: str) -> Widget:
    """Return the widget `chapter.function`, for instance `pricing.demand_and_surplus`.

    Raises
    ------
    LookupError : no such chapter or no such widget; the message lists what the chapter has.
    """
    chapter, _, function = name.partition(".")
    try:
        module = importlib.import_module(f"crmkit.widgets.{chapter}")
    except ModuleNotFoundError as error:
        raise LookupError(f"no widgets for a chapter {chapter!r} (widget {name!r})") from error
    found = getattr(module, function, None)
    if not isinstance(found, Widget):
        have = ", ".join(sorted(key for key, value in vars(module).items() if isinstance(value, Widget)))
        raise LookupError(f"no widget {name!r}; crmkit.widgets.{chapter} has {have}")
    return found
