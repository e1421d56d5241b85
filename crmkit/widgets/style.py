"""One look for every figure of the course: palette, sizes, and a blank figure to draw on."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe and Ito's colours: told apart with every common form of colour blindness.
BLUE, ORANGE, GREEN, RED = "#0072B2", "#E69F00", "#009E73", "#D55E00"
PURPLE, SKY, YELLOW, BLACK = "#CC79A7", "#56B4E9", "#F0E442", "#222222"
GREY = "#8A8A8A"

WIDTH, HEIGHT, DPI = 6.4, 3.6, 150
"""Size of a figure in inches, and dots per inch: 960 × 540 pixels."""


def new_figure(panels: int = 1, *, height: float = HEIGHT) -> tuple[Figure, list[Axes]]:
    """Return a figure in the course's style and its axes, side by side.

    The figure does not belong to pyplot: it is freed when nobody holds it, so a widget may draw
    thousands. Margins are fixed, since automatic layout costs more than the drawing.

    Parameters
    ----------
    panels : number of axes, side by side.
    height : height in inches.
    """
    figure = Figure(figsize=(WIDTH, height), dpi=DPI)
    axes = list(figure.subplots(1, panels, squeeze=False)[0])
    figure.subplots_adjust(left=0.105, right=0.97, bottom=0.155, top=0.87, wspace=0.28)
    for ax in axes:
        ax.spines[["top", "right"]].set_visible(False)
        ax.spines[["left", "bottom"]].set_color(GREY)
        ax.tick_params(colors="#444444", labelsize=9)
        ax.xaxis.label.set_size(10)
        ax.yaxis.label.set_size(10)
    return figure, axes


def title(ax: Axes, finding: str) -> None:
    """Put the finding over the axes, left-aligned, as a sentence."""
    ax.set_title(finding, loc="left", fontsize=11, fontweight="bold", color=BLACK)
