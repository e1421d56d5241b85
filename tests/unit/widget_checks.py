"""What the tests of a chapter's widgets and those of every widget look at."""

import itertools
import random

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from crmkit.widgets.widget import Values, Widget


def sample(widget: Widget, count: int) -> list[Values]:
    """Some of the widget's frames, the same ones in every run; all of them if it has fewer."""
    frames = list(widget.frames())
    return random.Random(widget.name).sample(frames, min(count, len(frames)))


def corners(widget: Widget) -> list[Values]:
    """Every combination of the ends of the controls."""
    ends = [(control.values[0], control.values[-1]) for control in widget.controls.values()]
    return [dict(zip(widget.controls, values, strict=True)) for values in itertools.product(*ends)]


def headline(widget: Widget, **values: object) -> str:
    """What the picture says over itself, with the other controls at the start."""
    figure, _ = widget.draw(**widget.start | values)
    return figure.texts[0].get_text()


def assert_texts_fit(figure: Figure, frame: Values) -> None:
    """Every text is inside the picture, of 9 points or more, and apart from every other."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    # Axes that are off still hold the labels of their ticks, which are not drawn.
    off = [ax for ax in figure.axes if not ax.axison]
    hidden = {text for ax in off for axis in (ax.xaxis, ax.yaxis) for text in axis.findobj(Text)}
    texts = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text()]
    boxes = {text: text.get_window_extent(renderer) for text in texts if text not in hidden}
    for text, box in boxes.items():
        inside = box.x0 >= 0 and box.y0 >= 0 and box.x1 <= figure.bbox.x1 and box.y1 <= figure.bbox.y1
        assert inside, (text, frame)
        assert text.get_fontsize() >= 9, (text, frame)
    for one, other in itertools.combinations(boxes, 2):
        width = min(boxes[one].x1, boxes[other].x1) - max(boxes[one].x0, boxes[other].x0)
        height = min(boxes[one].y1, boxes[other].y1) - max(boxes[one].y0, boxes[other].y0)
        assert width < 2 or height < 2, (one, other, frame)
