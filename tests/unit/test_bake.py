"""Baking: one picture for each combination of control steps, in order, once, all or none."""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from crmkit.site import bake as baking
from crmkit.site.bake import FORGET_AFTER_DAYS, bake, folder_name, frame_index
from crmkit.site.digest import imported_modules, widget_digest
from crmkit.widgets.widget import Widget

# The colour of a picture says at which values it was drawn.
SAMPLE = '''
from matplotlib.figure import Figure
from crmkit.widgets.widget import Choice, Slider, widget

@widget(red=Slider("Red", 0, 4, 1, 2), green=Slider("Green", 0, 2, 1, 0), blue=Choice("Blue", ("no", "yes")))
def colours(red, green, blue):
    """Which colour is this?"""
    colour = (red / 5, green / 5, float(blue == "yes"))
    return Figure(figsize=(0.2, 0.1), dpi=100, facecolor=colour), f"{red:.0f} {green:.0f} {blue}"
'''

Module = Callable[..., Widget]


@pytest.fixture
def widget_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Module:
    """Return a function that writes a module and gives its widget."""
    (tmp_path / "modules").mkdir()
    monkeypatch.syspath_prepend(tmp_path / "modules")

    def write(source: str, name: str = "sample_widgets", function: str = "colours") -> Widget:
        file = tmp_path / "modules" / f"{name}.py"
        file.write_text(source, encoding="utf-8")
        sys.modules.pop(name, None)
        # Two versions written within a second would share their compiled file.
        Path(importlib.util.cache_from_source(str(file))).unlink(missing_ok=True)
        importlib.invalidate_caches()
        found: Widget = getattr(importlib.import_module(name), function)
        return found

    return write


def captions(folder: Path) -> list[str]:
    script = (folder / "captions.js").read_text(encoding="utf-8")
    texts: list[str] = json.loads(script[script.index("= [") + 2 :].rstrip(";\n"))
    return texts


def test_there_is_one_picture_for_each_combination_of_steps(widget_of: Module, tmp_path: Path) -> None:
    (folder,) = bake([widget_of(SAMPLE)], tmp_path / "cache")
    assert {file.name for file in folder.iterdir()} == {*(f"{i}.webp" for i in range(30)), "captions.js"}


def test_a_picture_and_its_caption_stand_at_the_number_of_their_values(
    widget_of: Module, tmp_path: Path
) -> None:
    widget = widget_of(SAMPLE)
    (folder,) = bake([widget], tmp_path / "cache")
    for number, values in enumerate(widget.frames()):
        assert frame_index(widget, values) == number
        assert captions(folder)[number] == widget.caption(**values)
        with Image.open(folder / f"{number}.webp") as picture:
            pixel = picture.convert("RGB").getpixel((5, 5))
        assert pixel == (values["red"] * 51, values["green"] * 51, 255 * (values["blue"] == "yes"))


def test_the_last_control_counts_fastest(widget_of: Module) -> None:
    widget = widget_of(SAMPLE)
    assert frame_index(widget, {"red": 0, "green": 0, "blue": "yes"}) == 1
    assert frame_index(widget, {"red": 0, "green": 1, "blue": "no"}) == 2
    assert frame_index(widget, {"red": 1, "green": 0, "blue": "no"}) == 6


def test_a_value_that_is_not_a_step_has_no_number(widget_of: Module) -> None:
    with pytest.raises(ValueError, match=r"0\.5"):
        frame_index(widget_of(SAMPLE), {"red": 0.5, "green": 0, "blue": "no"})


def test_captions_are_a_script_that_a_page_may_load_from_a_disk(widget_of: Module, tmp_path: Path) -> None:
    (folder,) = bake([widget_of(SAMPLE)], tmp_path / "cache")
    script = (folder / "captions.js").read_text(encoding="utf-8")
    assert script.startswith(f'(window.crmkitCaptions ??= {{}})["{folder.name}"] = [')


def test_a_baked_widget_costs_nothing(
    widget_of: Module, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    widget = widget_of(SAMPLE)
    folders = bake([widget], tmp_path / "cache")
    monkeypatch.setattr(baking, "ProcessPoolExecutor", None)
    assert bake([widget], tmp_path / "cache") == folders


def test_only_what_is_drawn_anew_is_baked_anew(widget_of: Module, tmp_path: Path) -> None:
    one, other = widget_of(SAMPLE, "one_chapter"), widget_of(SAMPLE, "other_chapter")
    bake([one, other], tmp_path / "cache")
    changed = widget_of(SAMPLE.replace("red / 5", "red / 4"), "one_chapter")
    told: list[str] = []
    bake([changed, other], tmp_path / "cache", progress=told.append)
    assert told[-1] == "30 of 30 pictures (one_chapter.colours)"


def test_a_comment_or_a_docstring_bakes_nothing_anew(widget_of: Module) -> None:
    before = folder_name(widget_of(SAMPLE))
    commented = SAMPLE.replace("Which colour is this?", "What colour?").replace(
        "import Figure", "import Figure  # !"
    )
    assert folder_name(widget_of(commented)) == before


def test_a_wider_slider_is_baked_anew(widget_of: Module) -> None:
    before = folder_name(widget_of(SAMPLE))
    assert folder_name(widget_of(SAMPLE.replace("0, 4, 1, 2", "0, 5, 1, 2"))) != before


def test_shipped_tables_count_where_they_are_read(widget_of: Module, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = widget_of(SAMPLE, "plain")
    reading = widget_of("from crmkit.data import load\n" + SAMPLE, "reading")
    before = widget_digest(plain), widget_digest(reading)
    monkeypatch.setattr("crmkit.site.digest._shipped_tables", lambda: b"other tables")
    assert widget_digest(plain) == before[0]
    assert widget_digest(reading) != before[1]


def test_imports_are_followed_through_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "reader.py").write_text(
        "def draw():\n    from crmkit.widgets import style\n    import crmkit.widgets.live, json\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert set(imported_modules("reader")) == {"reader", "crmkit.widgets.style"}
    through = set(imported_modules("crmkit.site.bake"))
    assert {"crmkit.site.bake", "crmkit.site.digest"} <= through


def test_a_widget_that_cannot_be_drawn_leaves_no_folder_and_says_where(
    widget_of: Module, tmp_path: Path
) -> None:
    widget = widget_of(SAMPLE.replace("red / 5,", "red / 5 / (red != 3),"))
    with pytest.raises(RuntimeError, match=r"sample_widgets\.colours cannot be drawn at \{'red': 3"):
        bake([widget], tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_pictures_of_one_widget_have_one_size(widget_of: Module, tmp_path: Path) -> None:
    widget = widget_of(SAMPLE.replace("(0.2, 0.1)", "(0.2 + red / 10, 0.1)"))
    with pytest.raises(RuntimeError, match="differ in size"):
        bake([widget], tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_an_interrupted_bake_leaves_no_folder_and_can_be_done_again(
    widget_of: Module, tmp_path: Path
) -> None:
    widget = widget_of(SAMPLE)

    def interrupt(_: str) -> None:
        raise KeyboardInterrupt

    slow = widget_of(SAMPLE.replace("colour =", "__import__('time').sleep(0.02); colour ="), "slow")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(baking, "TELL_SECONDS", 0)
        with pytest.raises(KeyboardInterrupt):
            bake([slow], tmp_path / "cache", progress=interrupt)
    assert list((tmp_path / "cache").iterdir()) == []
    (folder,) = bake([widget], tmp_path / "cache")
    assert len(captions(folder)) == 30


def test_what_nobody_has_used_for_long_is_forgotten(widget_of: Module, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    long_ago = time.time() - (FORGET_AFTER_DAYS + 1) * 24 * 3600
    (in_use,) = bake([widget_of(SAMPLE)], cache)
    old = cache / "gone.widget-0123456789ab"
    old.mkdir()
    os.utime(old, (long_ago, long_ago))
    bake([widget_of(SAMPLE)], cache)
    assert list(cache.iterdir()) == [in_use]
