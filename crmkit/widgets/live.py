"""A widget in a notebook: ipywidgets controls above a figure that redraws when they come to rest."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any

from crmkit.widgets.style import encode_png
from crmkit.widgets.widget import Choice

if TYPE_CHECKING:
    from crmkit.widgets.widget import Control, Widget

DEBOUNCE_SECONDS = 0.04


def mimebundle(widget: Widget) -> dict[str, Any]:
    """Return the ipywidgets view of the widget as a MIME bundle, its text left out."""
    bundle = build(widget)._repr_mimebundle_()
    return {key: value for key, value in bundle.items() if key != "text/plain"}


def build(widget: Widget) -> Any:
    """Return an ipywidgets box: the controls, and the figure with its caption as alternative text."""
    import ipywidgets

    inputs = {key: _input(control, widget.start[key]) for key, control in widget.controls.items()}
    picture = ipywidgets.HTML()

    def redraw() -> None:
        picture.value = _figure_html(widget, {key: box.value for key, box in inputs.items()})

    on_change = _debounced(redraw)
    for box in inputs.values():
        box.observe(lambda _: on_change(), names="value")
    redraw()
    heading = ipywidgets.HTML(f"<strong>{escape(widget.title)}</strong>")
    return ipywidgets.VBox([heading, *inputs.values(), picture])


def _input(control: Control, start: Any) -> Any:
    import ipywidgets

    layout = ipywidgets.Layout(width="min(32rem, 98%)")
    style = {"description_width": "11rem"}
    if isinstance(control, Choice):
        return ipywidgets.Dropdown(
            description=control.label, options=control.values, value=start, layout=layout, style=style
        )
    return ipywidgets.SelectionSlider(
        description=control.label,
        options=[(control.text(value), value) for value in control.values],
        value=start,
        layout=layout,
        style=style,
    )


def _figure_html(widget: Widget, values: dict[str, Any]) -> str:
    figure, caption = widget.draw(**values)
    data = base64.b64encode(encode_png(figure)).decode("ascii")
    text = escape(caption, quote=True)
    image = f'<img alt="{text}" style="width:100%;background:#fff" src="data:image/png;base64,{data}">'
    words = f'<figcaption aria-live="polite" style="line-height:1.4">{text}</figcaption>'
    return f'<figure style="margin:0;max-width:40rem">{image}{words}</figure>'


def _debounced(act: Callable[[], None]) -> Callable[[], None]:
    """Return a function that runs `act` once the calls to it pause, or at once where no loop runs."""
    waiting: asyncio.TimerHandle | None = None

    def call() -> None:
        nonlocal waiting
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            act()
            return
        if waiting is not None:
            waiting.cancel()
        waiting = loop.call_later(DEBOUNCE_SECONDS, act)

    return call
