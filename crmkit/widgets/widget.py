"""A widget: a pure function with declared controls.

One definition has three lives. In JupyterLab it is live (`crmkit.widgets.live`); on the published page
it is a set of pictures baked in advance (`crmkit.site.bake`); in print it is its first picture. All
three call the same `draw(**values) -> (Figure, caption)`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from matplotlib.figure import Figure

from crmkit.widgets.style import encode_png

MIME = "application/vnd.crmkit.widget+json"
MAX_FRAMES = 600


@dataclass(frozen=True)
class Slider:
    """A number on a grid: `low`, `low + step`, … `high`, starting at `start`."""

    label: str
    low: float
    high: float
    step: float
    start: float
    unit: str = ""
    decimals: int = 0

    @cached_property
    def values(self) -> list[float]:
        count = round((self.high - self.low) / self.step) + 1
        return [round(self.low + i * self.step, 10) for i in range(count)]

    def text(self, value: float) -> str:
        """Return the value as a reader sees it: `1.80 yuan`, `25%`."""
        space = "" if self.unit in ("", "%") else " "
        return f"{value:,.{self.decimals}f}{space}{self.unit}".replace("-", "−")


@dataclass(frozen=True)
class Choice:
    """One of a few named values, the first at the start unless `start` says otherwise."""

    label: str
    options: tuple[str, ...]
    start: str = ""

    @property
    def values(self) -> list[str]:
        return list(self.options)

    def text(self, value: str) -> str:
        return value


Control = Slider | Choice
Values = dict[str, Any]


class Widget:
    """A drawing function with its controls; shows itself wherever it is displayed."""

    def __init__(self, draw: Callable[..., tuple[Figure, str]], controls: dict[str, Control]) -> None:
        self.draw = draw
        self.controls = controls
        self.name = f"{draw.__module__.rpartition('.')[2]}.{draw.__name__}"
        self.title = (draw.__doc__ or "").strip().partition("\n")[0]
        self._check()

    def _check(self) -> None:
        if not self.title:
            raise ValueError(f"widget {self.name}: the first line of its docstring is its title; write one")
        frames = 1
        for key, control in self.controls.items():
            frames *= len(control.values)
            if self.start[key] not in control.values:
                raise ValueError(
                    f"widget {self.name}: {key} starts at {self.start[key]!r}, which is not one of its steps "
                    f"({control.values[0]!r} … {control.values[-1]!r})"
                )
        if frames > MAX_FRAMES:
            raise ValueError(
                f"widget {self.name}: {frames} combinations of control steps, at most {MAX_FRAMES} can be "
                "baked; take wider steps or fewer controls"
            )

    @cached_property
    def start(self) -> Values:
        """The values at which the controls stand first."""
        return {
            key: control.start if isinstance(control, Slider) or control.start else control.values[0]
            for key, control in self.controls.items()
        }

    def frames(self) -> Iterator[Values]:
        """Yield every combination of control steps; the last control varies fastest."""
        for combination in itertools.product(*(control.values for control in self.controls.values())):
            yield dict(zip(self.controls, combination, strict=True))

    def caption(self, **values: Any) -> str:
        """Return what the picture says at these values (others as at the start)."""
        return self.draw(**self.start | values)[1]

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        # The text holds every number that the picture shows: nbval compares text, never pictures.
        from crmkit.widgets import live

        figure, caption = self.draw(**self.start)
        settings = ", ".join(f"{c.label} = {c.text(self.start[k])}" for k, c in self.controls.items())
        return {
            "text/plain": f"{self.title}\n[{settings}]\n{caption}",
            "image/png": encode_png(figure),
            MIME: {"widget": self.name},
            **live.mimebundle(self),
        }


def widget(**controls: Control) -> Callable[[Callable[..., tuple[Figure, str]]], Widget]:
    """Declare a function's controls and make it a `Widget`.

    The function takes one keyword argument a control and returns the figure and its caption: one or two
    sentences with the numbers that the picture now shows. The first line of its docstring is the title.
    """

    def declare(draw: Callable[..., tuple[Figure, str]]) -> Widget:
        return Widget(draw, controls)

    return declare
