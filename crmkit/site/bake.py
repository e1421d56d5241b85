"""Bake a widget: draw one picture for each combination of its control steps, once, in advance.

The folder of a baked widget holds `0.webp`, `1.webp`, … and `captions.js`. A picture's number is the
mixed-radix number of its control steps, the last control counting fastest, so that the page can compute
it without a table. The folder's name ends in a digest of all that determines the pictures: a folder that
is there is right, and costs nothing.
"""

from __future__ import annotations

import gc
import itertools
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from crmkit.site.digest import widget_digest
from crmkit.widgets.widget import Values, Widget

Progress = Callable[[str], None]
Size = tuple[int, int]

# Measured on the six widgets of the pricing chapter (960 × 540): lossless WebP takes 3–28 kB; with 16
# levels a channel 2–16 kB and no visible difference, since what goes are shades in the smoothed edges of
# letters. Lossy WebP is larger at any quality that leaves text crisp. Slower methods gain 1%.
LEVELS = 16
METHOD, QUALITY = 2, 50
SETTINGS = f"webp lossless levels={LEVELS} method={METHOD} quality={QUALITY} captions=1"

CHUNK = 12
"""Frames a task: small enough that two cores end together, large enough that tasks cost nothing."""

FORGET_AFTER_DAYS = 14

TELL_SECONDS = 2

_NEAREST_LEVEL = [round(round(v * (LEVELS - 1) / 255) * 255 / (LEVELS - 1)) for v in range(256)] * 3


def quiet(_: str) -> None:
    """Report nothing."""


def folder_name(widget: Widget) -> str:
    """Return the name of the folder with the widget's pictures: its name and their digest."""
    return f"{widget.name}-{widget_digest(widget, SETTINGS)}"


def frame_index(widget: Widget, values: Values) -> int:
    """Return the number of the picture at these values.

    Parameters
    ----------
    widget : the widget.
    values : the value of each control.

    Raises
    ------
    ValueError : a value is not one of its control's steps.
    """
    index = 0
    for key, control in widget.controls.items():
        steps: list[object] = list(control.values)
        index = index * len(steps) + steps.index(values[key])
    return index


def bake(
    widgets: Sequence[Widget], cache: Path, *, progress: Progress = quiet, workers: int | None = None
) -> list[Path]:
    """Bake those of the widgets that are not in the cache yet, on all cores.

    A folder appears in the cache only when it is whole: an interrupted bake leaves none.

    Parameters
    ----------
    widgets : what to bake.
    cache : folder that keeps baked widgets; made if missing.
    progress : told the number of pictures drawn, now and then.
    workers : number of processes; by default one a core.

    Returns
    -------
    The folder of each widget, in the order given.

    Raises
    ------
    RuntimeError : a widget cannot be drawn at some values, or its pictures differ in size.
    """
    cache.mkdir(parents=True, exist_ok=True)
    _forget_unused(cache)
    folders = {widget.name: cache / folder_name(widget) for widget in widgets}
    missing = {widget.name: widget for widget in widgets if not folders[widget.name].is_dir()}
    if missing:
        _bake_missing(missing, folders, cache, progress, workers)
    for folder in folders.values():
        os.utime(folder)
    return [folders[widget.name] for widget in widgets]


@dataclass
class _Bake:
    """One widget being baked, in a folder that nobody else knows."""

    widget: Widget
    folder: Path
    captions: list[str]
    sizes: set[Size] = field(default_factory=set)

    @property
    def done(self) -> bool:
        return all(self.captions)


@dataclass(frozen=True)
class _Chunk:
    """Some pictures in a row, as a task for another process."""

    module: str
    function: str
    start: int
    stop: int
    folder: Path


def _bake_missing(
    missing: dict[str, Widget], folders: dict[str, Path], cache: Path, progress: Progress, workers: int | None
) -> None:
    bakes: dict[str, _Bake] = {}
    pool = ProcessPoolExecutor(max_workers=workers or available_cores(), initializer=_collect_by_hand)
    try:
        tasks: dict[Future[tuple[list[str], set[Size]]], tuple[_Bake, _Chunk]] = {}
        for name, widget in missing.items():
            count = sum(1 for _ in widget.frames())
            folder = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=cache))
            bakes[name] = _Bake(widget, folder, [""] * count)
            for chunk in _chunks(widget, count, folder):
                tasks[pool.submit(_draw_chunk, chunk)] = (bakes[name], chunk)
        total = sum(len(bake.captions) for bake in bakes.values())
        drawn, told = 0, time.monotonic()
        for task in as_completed(tasks):
            bake, chunk = tasks[task]
            captions, sizes = task.result()
            bake.captions[chunk.start : chunk.stop] = captions
            bake.sizes |= sizes
            drawn += len(captions)
            if bake.done:
                _put_in_place(bake, folders[bake.widget.name])
            if time.monotonic() - told > TELL_SECONDS or drawn == total:
                told = time.monotonic()
                progress(f"{drawn} of {total} pictures ({bake.widget.name})")
    finally:
        pool.shutdown(cancel_futures=True)
        for bake in bakes.values():
            shutil.rmtree(bake.folder, ignore_errors=True)


def _chunks(widget: Widget, count: int, folder: Path) -> list[_Chunk]:
    module, function = widget.draw.__module__, widget.draw.__name__
    return [
        _Chunk(module, function, start, min(start + CHUNK, count), folder) for start in range(0, count, CHUNK)
    ]


def _collect_by_hand() -> None:
    # A figure is thousands of objects that point at each other. Looking for garbage among all that was
    # ever imported, several times a picture, takes a fifth of the time; once a chunk is often enough.
    gc.freeze()
    gc.disable()


def _draw_chunk(chunk: _Chunk) -> tuple[list[str], set[Size]]:
    widget: Widget = getattr(import_module(chunk.module), chunk.function)
    captions: list[str] = []
    sizes: set[Size] = set()
    rows = itertools.islice(widget.frames(), chunk.start, chunk.stop)
    for index, values in enumerate(rows, start=chunk.start):
        try:
            figure, caption = widget.draw(**values)
            picture = picture_of(figure)
        except Exception as error:
            raise RuntimeError(f"widget {widget.name} cannot be drawn at {values}: {error!r}") from error
        if not caption:
            raise RuntimeError(f"widget {widget.name} has no caption at {values}")
        picture.save(chunk.folder / f"{index}.webp", lossless=True, method=METHOD, quality=QUALITY)
        captions.append(caption)
        sizes.add(picture.size)
    gc.collect()
    return captions, sizes


def picture_of(figure: Figure) -> Image.Image:
    """Draw a figure and return it as an RGB image with the bake's levels of colour."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    pixels = Image.frombuffer("RGBA", canvas.get_width_height(), canvas.buffer_rgba(), "raw", "RGBA", 0, 1)
    return pixels.convert("RGB").point(_NEAREST_LEVEL)


def _put_in_place(bake: _Bake, folder: Path) -> None:
    if len(bake.sizes) > 1:
        sizes = " and ".join(f"{width} × {height}" for width, height in sorted(bake.sizes))
        raise RuntimeError(f"widget {bake.widget.name}: its pictures differ in size ({sizes} pixels)")
    # A script, not JSON: a page opened from a disk may load scripts but not fetch files.
    script = f"(window.crmkitCaptions ??= {{}})[{json.dumps(folder.name)}] = {_json_lines(bake.captions)};\n"
    (bake.folder / "captions.js").write_text(script, encoding="utf-8")
    bake.folder.chmod(0o755)  # mkdtemp's folders are closed to others
    try:
        bake.folder.rename(folder)
    except OSError:
        if not folder.is_dir():  # else another build baked the same meanwhile
            raise


def _json_lines(captions: list[str]) -> str:
    return "[\n" + ",\n".join(json.dumps(caption, ensure_ascii=False) for caption in captions) + "\n]"


def _forget_unused(cache: Path) -> None:
    oldest = time.time() - FORGET_AFTER_DAYS * 24 * 3600
    for folder in cache.iterdir():
        if folder.is_dir() and folder.stat().st_mtime < oldest:
            shutil.rmtree(folder, ignore_errors=True)


def available_cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
