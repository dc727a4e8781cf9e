"""Rows of points with their ranges under headings, over one value axis in per cent."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from detente.report.plots import labels
from detente.report.plots.page import Panel, Sheet, nice, widest
from detente.report.plots.style import GRID, INK, MUTED, OBSERVED, RULE, Size
from detente.shared import formatting

ROW, HEAD, AXIS = 1.3, 1.6, 1.8
"""Heights of a row, of a heading and of the value axis in lines of text."""
NAMES = (0.42, 0.27)
"""Most of the page's width for names: on paper, on a slide."""
STRETCH = 1.5
"""Most that rows are spread on a page of fixed height."""
NO_FIGURE = "no figure"


@dataclass(frozen=True)
class Mark:
    """One line of the figure: name, text at the right, and a point with its range in per cent (NaN: none)."""

    name: str
    said: str
    value: float
    low: float
    high: float
    colour: str
    shape: str


Groups = Sequence[tuple[str, list[Mark]]]
"""Headings with their marks."""
Wrapped = list[tuple[str, list[tuple[str, Mark]]]]
"""The same, each mark with its name broken into lines."""


def chart(columns: Sequence[Groups], size: Size, title: str, subtitle: str, base: str) -> Sheet:
    """The page with its columns of groups side by side; the axis holds zero and every range."""
    placed: list[Wrapped] = [
        [(heading, [(_wrapped(mark, size), mark) for mark in marks]) for heading, marks in groups] for groups in columns
    ]
    tall = max(
        sum(HEAD * size.pitch + sum(_height(name, size) for name, _ in marks) for _, marks in groups)
        for groups in placed
    )
    sheet = Sheet(size, title, subtitle, base, body=tall + AXIS * size.pitch)
    squeeze = min(STRETCH if size.height else 1.0, (sheet.top - sheet.bottom - AXIS * size.pitch) / tall)
    limits = _limits([mark for groups in columns for _, marks in groups for mark in marks])
    beside = [_beside(groups, size) for groups in placed]
    gap = 2.0 * size.pitch
    plot = (sheet.right - sheet.left - gap * (len(placed) - 1) - sum(map(sum, beside))) / len(placed)
    left = sheet.left
    for groups, (names, said) in zip(placed, beside, strict=True):
        right = left + names + plot + said
        _column(sheet, groups, (left, sheet.bottom, right, sheet.top), (left + names, right - said), limits, squeeze)
        left = right + gap
    return sheet


def percent(value: float, digits: int = 0, *, signed: bool = False) -> str:
    """A value in per cent with fixed decimals."""
    return f"{formatting.amount(value, digits, signed=signed)}%"


def _limits(marks: list[Mark]) -> tuple[float, float]:
    low = 1.06 * min([0.0, *(mark.low for mark in marks if not np.isnan(mark.low))])
    high = 1.06 * max([0.0, *(mark.high for mark in marks if not np.isnan(mark.high))])
    return (min(low, -0.02 * high), max(high, -0.02 * low))


def _wrapped(mark: Mark, size: Size) -> str:
    """The name in lines: over the whole width on a narrow page, where it stands above its line.

    Else in a part of it.
    """
    room = size.width - 2.0 * size.margin
    return labels.wrap(mark.name, room if size.narrow else NAMES[size.height is not None] * room, size.text)


def _beside(groups: Wrapped, size: Size) -> tuple[float, float]:
    """Width of the names at the left of a column's plot and of the figures at its right, each with some air."""
    marks = [pair for _, pairs in groups for pair in pairs]
    names = 0.2 * size.pitch if size.narrow else widest([name for name, _ in marks], size.text) + 0.8 * size.pitch
    return names, widest([mark.said for _, mark in marks], size.text) + 0.8 * size.pitch


def _height(name: str, size: Size) -> float:
    own = 1.15 * size.pitch if size.narrow else 0.0
    return labels.height(name, size.text) + own + (ROW - 1.0) * size.pitch


def _column(
    sheet: Sheet,
    groups: Wrapped,
    box: labels.Box,
    plot: tuple[float, float],
    limits: tuple[float, float],
    squeeze: float,
) -> None:
    """Headings and rows over one value axis.

    ``plot``: its ends on the page; ``limits``: in per cent; ``squeeze``: factor on all heights.
    """
    size = sheet.size
    panel = sheet.panel((plot[0], box[1] + AXIS * size.pitch, plot[1], box[3]), limits, (0.0, 1.0))
    panel.axes.patch.set_visible(False)
    ends = (
        limits
        if limits[0] * limits[1] < -0.1 * max(map(abs, limits)) ** 2
        else (limits[0], 0.0)
        if -limits[0] > limits[1]
        else (0.0, limits[1])
    )
    ticks = next(ticks for most in (5, 4, 3, 2) if _fits(panel, ticks := nice(*ends, most)) or most == 2)
    panel.axes.set_xticks(ticks, [percent(tick) for tick in ticks])
    y = box[3]
    for heading, marks in groups:
        sheet.text(box[0], y - 0.3 * size.pitch * squeeze, heading, bold=True, va="top")
        y -= HEAD * size.pitch * squeeze
        for name, mark in marks:
            tall = labels.height(name, size.text)
            middle = y - tall - 0.55 * size.pitch if size.narrow else y - 0.5 * tall
            for tick in ticks:
                reach = 0.5 * size.pitch if size.narrow else 0.5 * _height(name, size) * squeeze
                colour = RULE if tick == 0.0 else GRID
                sheet.line(
                    panel.x([tick, tick]),
                    [middle - reach, middle + reach],
                    color=colour,
                    linewidth=0.6 * size.line,
                    zorder=0,
                )
            sheet.text(box[0], y, name, va="top", colour=INK if size.narrow else MUTED)
            sheet.text(box[2], middle, mark.said, ha="right", colour=OBSERVED if mark.said == NO_FIGURE else INK)
            _point(panel, mark, middle)
            y -= _height(name, size) * squeeze


def _fits(panel: Panel, ticks: list[float]) -> bool:
    """Whether the tick labels stand apart."""
    points = panel.sheet.size.text
    return all(
        float(panel.x(b) - panel.x(a)) > labels.width(percent(a), points) + 0.5 * points / 72.0
        for a, b in pairwise(ticks)
    )


def _point(panel: Panel, mark: Mark, height: float) -> None:
    """A mark at a height of the page, with its range."""
    if np.isnan(mark.value):
        return
    sheet, size = panel.sheet, panel.sheet.size
    if mark.low < mark.high:
        sheet.line(panel.x([mark.low, mark.high]), [height, height], color=mark.colour, linewidth=1.6 * size.line)
    look = {
        "marker": mark.shape,
        "markersize": 0.62 * size.text,
        "markerfacecolor": mark.colour,
        "markeredgecolor": "white",
        "linestyle": "none",
    }
    sheet.line([float(panel.x(mark.value))], [height], **look)
