"""One look for every figure of the course: palette, sizes, and a blank figure to draw on."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from crmkit.widgets.words import words_of

# Okabe and Ito's colours: told apart with every common form of colour blindness.
BLUE, ORANGE, GREEN, RED = "#0072B2", "#E69F00", "#009E73", "#D55E00"
PURPLE, SKY, YELLOW, BLACK = "#CC79A7", "#56B4E9", "#F0E442", "#222222"
GREY = "#8A8A8A"

WIDTH, HEIGHT, DPI = 5.0, 3.4, 180
"""Size of a figure in inches, and dots per inch: 900 × 612 pixels.

A phone shows a figure about 360 CSS pixels wide, 72 to the inch: there a point is a pixel.
"""

TITLE, LABEL, SMALL = 10.5, 9.5, 9.0
"""Sizes of text in points. None is smaller: 9 pixels is the least that a phone shows legibly."""

HALO = [withStroke(linewidth=3, foreground="white")]
"""Path effects that keep a label readable where it crosses a line."""


class Picture(Figure):
    """A figure that any notebook shows, whether or not pyplot's inline backend is at work.

    Its words go along as the picture's metadata, from which the published page takes them for those who
    cannot see it.
    """

    def _repr_png_(self) -> tuple[bytes, dict[str, str]]:
        return encode_png(self), {"alt": words_of(self)}


def encode_png(figure: Figure) -> bytes:
    """Return the figure as PNG bytes, the same for the same figure."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def new_figure(panels: int = 1, *, height: float = HEIGHT) -> tuple[Figure, list[Axes]]:
    """Return a figure in the course's style and its axes, side by side.

    The figure does not belong to pyplot: it is freed when nobody holds it, so a widget may draw
    thousands. Margins are fixed, since automatic layout costs more than the drawing: whatever the
    height, they hold a headline of one line above and the axes' labels below and on the left.

    Parameters
    ----------
    panels : number of axes, side by side.
    height : height in inches.
    """
    figure = Picture(figsize=(WIDTH, height), dpi=DPI)
    axes = list(figure.subplots(1, panels, squeeze=False)[0])
    figure.subplots_adjust(left=0.135, right=0.97, bottom=0.54 / height, top=1 - 0.42 / height, wspace=0.3)
    for ax in axes:
        ax.spines[["top", "right"]].set_visible(False)
        ax.spines[["left", "bottom"]].set_color(GREY)
        ax.tick_params(colors="#444444", labelsize=SMALL)
        ax.xaxis.label.set_size(LABEL)
        ax.yaxis.label.set_size(LABEL)
    return figure, axes


def title(ax: Axes, finding: str) -> None:
    """Put the finding over the axes, left-aligned, as a sentence."""
    # A given height spares matplotlib the search for one, which costs 5 ms an axes.
    ax.set_title(finding, loc="left", y=1.0, fontsize=TITLE, fontweight="bold", color=BLACK)


def headline(figure: Figure, finding: str) -> None:
    """Put the finding over the figure, left-aligned, as a sentence: up to about 54 characters fit."""
    top = 1 - 0.09 / figure.get_figheight()
    figure.text(0.02, top, finding, va="top", fontsize=TITLE, fontweight="bold", color=BLACK)


def panel_title(ax: Axes, name: str) -> None:
    """Name one panel, left-aligned, under the figure's headline."""
    ax.set_title(name, loc="left", y=1.0, fontsize=LABEL, color=BLACK)


def edge_labels(ax: Axes, levels: Sequence[tuple[float, str]], *, x: float = 1.015) -> None:
    """Name lines where they end on the right, pushed apart where they are close.

    Parameters
    ----------
    levels : height of each line's end, in data, and its name.
    x : where the names begin, in widths of the axes.
    """
    low, high = ax.get_ylim()
    line_height = (high - low) * 12.5 * DPI / 72 / ax.bbox.height  # 12.5 points, in data
    place = -math.inf
    for level, text in sorted(levels):
        place = max(level, place + line_height)
        ax.text(x, place, text, transform=ax.get_yaxis_transform(), va="center", fontsize=SMALL)


def number(value: float, spec: str = ",.0f") -> str:
    """Return a number as the course prints it: format `spec`, a true minus sign, no sign on a zero."""
    text = format(value, spec).replace("-", "−")
    return text if any(digit in text for digit in "123456789") else text.lstrip("+−")
