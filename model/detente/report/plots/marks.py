"""Marks that several figures share: the as-of line, and names beside points or lines."""

import datetime as dt
from collections.abc import Sequence
from itertools import permutations, product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from detente.report.plots import labels
from detente.report.plots.page import Panel
from detente.report.plots.style import INK, MUTED, OBSERVED, RULE, Size
from detente.shared import formatting

FARTHEST = 1.6
"""Most distance of a name from its line, inches."""
MOST_FLAGS = 5
ONE_LINE, TWO_LINES, NAME_ALONE = "{name} {day}", "{name}\n{day}", "{name}"


def as_of(panel: Panel, date: dt.date, clutter: labels.Clutter) -> None:
    """A dashed line at the as-of date with its name at the first free place down its sides."""
    size = panel.sheet.size
    panel.axes.axvline(date.toordinal(), color=RULE, linewidth=0.7 * size.line, linestyle=(0, (3, 2)), zorder=1)
    at, gap = float(panel.x(date.toordinal())), 0.07
    clutter.add_line([at, at], [panel.box[1], panel.box[3]])
    day = formatting.short_day(date)
    for text in (f"as of {day}", f"as of\n{day}", "as of\n" + "\n".join(day.rsplit(" ", 1))):
        wide, high = labels.width(text, size.text), labels.height(text, size.text)
        rows = np.arange(panel.box[3] - high, panel.box[1] + high, -0.5 * size.pitch)
        candidates = [
            (x, y) for y in rows for x in (at - gap - wide, at + gap) if x >= panel.box[0] and x + wide <= panel.box[2]
        ]
        if panel.inside(clutter, text, candidates, colour=MUTED, strict=True):
            return


def name_beside(
    panel: Panel,
    text: str,
    x: ArrayLike,
    y: ArrayLike,
    clutter: labels.Clutter,
    *,
    last: float,
    sample: dict[str, Any] | None = None,
) -> None:
    """Name a line or points given in data units, as near to them as room allows and left of the abscissa ``last``.

    On two lines if need be.
    """
    size = panel.sheet.size
    indent = panel.sheet.sample if sample is not None else 0.0
    places, heights = panel.x(x), panel.y(y)
    for wrapped in dict.fromkeys((text, "\n".join(text.rsplit(" ", 1)), text.replace(" ", "\n"))):
        wide, tall = labels.width(wrapped, size.text) + indent, labels.height(wrapped, size.text)
        candidates = []
        for start in np.arange(panel.box[0] + 0.04, min(float(panel.x(last)), panel.box[2]) - wide - 0.05, 0.08):
            off = np.maximum(0.0, np.maximum(start - places, places - start - wide))
            near, away = heights[off <= off.min() + 0.02], float(off.min())
            for shift in np.arange(0.05, FARTHEST, 0.06):
                candidates.append((shift + away, start, float(near.max()) + shift))
                candidates.append((shift + away + 0.03, start, float(near.min()) - shift - tall))
        fits = [(start, y) for _, start, y in sorted(candidates) if panel.box[1] + 0.03 < y < panel.box[3] - tall]
        if panel.inside(clutter, wrapped, fits, colour=OBSERVED, sample=sample):
            return


def flag_rows(dates: Sequence[tuple[dt.date, str]], size: Size) -> float:
    """Height in inches that the names of some dates need above everything else in a plot, one line each."""
    return 1.15 * min(len(dates), MOST_FLAGS) * size.pitch


def flags(panel: Panel, dates: Sequence[tuple[dt.date, str]], clutter: labels.Clutter, form: str = ONE_LINE) -> bool:
    """A pole at each of the first ``MOST_FLAGS`` dates, with its name at its top and no name across a pole.

    False, and nothing drawn, if the names do not fit.
    """
    size = panel.sheet.size
    shown = dates[:MOST_FLAGS]
    texts = [form.format(name=name, day=formatting.short_day(day)) for day, name in shown]
    poles = [float(panel.x(day.toordinal())) for day, _ in shown]
    row = (1.15 + form.count("\n")) * size.pitch
    for order in permutations(range(len(shown))):
        tops = [panel.box[3] - row * rank for rank in order]
        for sides in product((True, False), repeat=len(shown)):
            boxes = [
                _flag(text, pole, top, right, size)
                for text, pole, top, right in zip(texts, poles, tops, sides, strict=True)
            ]
            if _clear(panel, boxes, poles, tops, clutter):
                for pole, top, box, text in zip(poles, tops, boxes, texts, strict=True):
                    panel.sheet.line([pole, pole], [panel.box[1], top], color=INK, linewidth=0.6 * size.line)
                    panel.sheet.text(box[0], box[1], text, va="bottom")
                    clutter.boxes.append(box)
                    clutter.add_line([pole, pole], [panel.box[1], top])
                return True
    return False


def _flag(text: str, pole: float, top: float, right: bool, size: Size) -> labels.Box:
    wide, tall = labels.width(text, size.text), labels.height(text, size.text)
    left = pole + 0.05 if right else pole - 0.05 - wide
    return left, top - tall, left + wide, top


def _clear(
    panel: Panel, boxes: list[labels.Box], poles: list[float], tops: list[float], clutter: labels.Clutter
) -> bool:
    """Whether all names are inside the panel and free of poles, of each other and of other text."""
    dots = np.concatenate(clutter.dots) if clutter.dots else np.empty((0, 2))
    for number, (left, bottom, right, top) in enumerate(boxes):
        if left < panel.box[0] or right > panel.box[2] + 0.1:
            return False
        if any(
            left - 0.02 < pole < right + 0.02 and bottom < high
            for k, (pole, high) in enumerate(zip(poles, tops, strict=True))
            if k != number
        ):
            return False
        if any(labels.overlap((left, bottom, right, top), other) for other in (*boxes[:number], *clutter.boxes)):
            return False
        if ((dots[:, 0] > left) & (dots[:, 0] < right) & (dots[:, 1] > bottom) & (dots[:, 1] < top)).any():
            return False
    return True
