"""Marks that several figures share: the line where knowledge ends, and names beside points or lines."""

import datetime as dt

import numpy as np
from numpy.typing import ArrayLike

from detente.figures import labels, phrases
from detente.figures.sheet import Panel
from detente.figures.style import MUTED, OBSERVED, RULE

FARTHEST = 1.6
"""How far a name may stand from what it names, inches."""


def as_of(panel: Panel, date: dt.date, clutter: labels.Clutter) -> None:
    """A dashed line at the as-of date with its name at the first free place down its sides, on one line or on several."""
    size = panel.sheet.size
    panel.axes.axvline(date.toordinal(), color=RULE, linewidth=0.7 * size.line, linestyle=(0, (3, 2)), zorder=1)
    at, gap = float(panel.x(date.toordinal())), 0.07
    clutter.add_line([at, at], [panel.box[1], panel.box[3]])
    day = phrases.day(date)
    for text in (f"as of {day}", f"as of\n{day}", "as of\n" + "\n".join(day.rsplit(" ", 1))):
        wide, high = labels.width(text, size.text), labels.height(text, size.text)
        rows = np.arange(panel.box[3] - high, panel.box[1] + high, -0.5 * size.pitch)
        candidates = [(x, y) for y in rows for x in (at - gap - wide, at + gap) if x >= panel.box[0] and x + wide <= panel.box[2]]
        if panel.inside(clutter, text, candidates, colour=MUTED, strict=True):
            return


def name_beside(panel: Panel, text: str, x: ArrayLike, y: ArrayLike, clutter: labels.Clutter, *, last: float, sample: dict | None = None) -> None:
    """Name a line or points given in data units, as near to them as room allows and left of the abscissa ``last``; on two lines if need be."""
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
