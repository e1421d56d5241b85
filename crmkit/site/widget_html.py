"""A baked widget as HTML: its first picture and caption, and controls that a script brings to life.

The markup carries no script and no style of its own, so a page may forbid both. Without JavaScript the
controls stay hidden and the first picture with its caption is a plain figure.
"""

from __future__ import annotations

import json
from html import escape

from crmkit.site.bake import folder_name, frame_index
from crmkit.widgets.widget import Choice, Control, Widget

FRAMES = "_widgets"
"""Folder of the site that holds the folders of baked pictures."""


def widget_html(widget: Widget, *, ident: str, to_root: str) -> str:
    """Return the widget's figure.

    Parameters
    ----------
    widget : the widget.
    ident : identifier of this figure, unique on its page.
    to_root : relative address of the site's root, empty or ending in a slash.
    """
    figure, caption = widget.draw(**widget.start)
    width, height = (round(inches * figure.dpi) for inches in figure.get_size_inches())
    frames = f"{to_root}{FRAMES}/{folder_name(widget)}/"
    frame = frame_index(widget, widget.start)
    title, text = escape(widget.title), escape(caption)
    controls = "".join(
        _control(control, start=control.values.index(widget.start[key]), ident=f"{ident}-{key}")
        for key, control in widget.controls.items()
    )
    return (
        f'<figure class="crmkit-widget" id="{ident}" data-frames="{frames}" data-frame="{frame}" '
        f'data-widget="{widget.name}" aria-labelledby="{ident}-title">\n'
        f'<p class="crmkit-title" id="{ident}-title">{title}</p>\n'
        f'<img class="crmkit-frame" src="{frames}{frame}.webp" width="{width}" height="{height}" '
        f'alt="{text}" decoding="sync">\n'
        f'<div class="crmkit-controls" role="group" aria-label="Controls" hidden>\n{controls}'
        '<button type="button" class="crmkit-reset">Reset</button>\n</div>\n'
        '<p class="crmkit-announcement" aria-live="polite"></p>\n'
        # The picture's alternative text says the same: a screen reader would read it twice.
        f'<figcaption aria-hidden="true">{text}</figcaption>\n</figure>'
    )


def _control(control: Control, *, start: int, ident: str) -> str:
    label = f'<label for="{ident}">{escape(control.label)}</label>\n'
    # Browsers that keep a form's values over a reload would show values that the picture does not.
    shared = f'id="{ident}" autocomplete="off"'
    if isinstance(control, Choice):
        options = "".join(
            f"<option{' selected' if step == start else ''}>{escape(value)}</option>"
            for step, value in enumerate(control.values)
        )
        return f'<div class="crmkit-control">\n{label}<select {shared}>{options}</select>\n</div>\n'
    texts = [control.text(value) for value in control.values]
    # The slider counts steps; what a step means is in `data-texts`, formatted once, here.
    meanings = escape(json.dumps(texts, ensure_ascii=False))
    slider = (
        f'<input type="range" {shared} min="0" max="{len(texts) - 1}" step="1" value="{start}" '
        f'aria-valuetext="{escape(texts[start])}" data-texts="{meanings}">'
    )
    return (
        f'<div class="crmkit-control">\n{label}{slider}\n'
        # For the eye: a screen reader tells the slider's text, and would tell this as news at each step.
        f'<output for="{ident}" aria-hidden="true">{escape(texts[start])}</output>\n</div>\n'
    )
