"""What a picture says in words: the finding over it, what its axes measure, and the labels drawn in it."""

from __future__ import annotations

from collections.abc import Iterable

from matplotlib.figure import Figure
from matplotlib.text import Text


def words_of(figure: Figure) -> str:
    """Return the words of a figure as sentences, for those who cannot see it.

    The numbers that a figure draws are printed beside it, so they are not told again.

    Parameters
    ----------
    figure : a figure with a headline, or with a title over each of its axes.
    """
    titles = _told(ax.get_title(loc=place) for ax in figure.axes for place in ("left", "center", "right"))
    finding = [*_told(map(Text.get_text, figure.texts)), *titles]
    across = _told(ax.get_xlabel() for ax in figure.axes)
    up = _told(ax.get_ylabel() for ax in figure.axes)
    labels = _told(text.get_text() for ax in figure.axes for text in ax.texts)
    parts = {"": finding, "Horizontal axis: ": across, "Vertical axis: ": up, "Labels: ": labels}
    return " ".join(_sentence(name + "; ".join(told)) for name, told in parts.items() if told)


def _told(texts: Iterable[str]) -> list[str]:
    """Return texts without line breaks, each once, none empty."""
    return list(dict.fromkeys(plain for text in texts if (plain := " ".join(text.split()))))


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."
