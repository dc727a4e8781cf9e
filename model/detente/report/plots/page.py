"""A page with a title, a subtitle, a foot and panels, with positions in inches from the lower left corner."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from detente.report.plots import labels
from detente.report.plots.style import DPI, GRID, INK, LINE_PITCH, MUTED, RULE, SOLID, Size
from detente.shared import formatting

MOST_TICKS = 6
OVERHANG = 1.75
"""Reach of a date's name beyond its axis, in font sizes."""
MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60)


class Sheet:
    """A figure with its words. The room left for panels is ``left, bottom, right, top``."""

    def __init__(self, size: Size, title: str, subtitle: str, foot: str, body: float | None = None) -> None:
        """``body``: height of the room for panels where the page is free to grow.

        The usual one of the size if not given.
        """
        self.size = size
        self.title, self.subtitle = title, subtitle
        room = size.width - 2.0 * size.margin
        head = labels.wrap(title, room, size.title, bold=True)
        below = labels.wrap(subtitle, room, size.text)
        base = labels.wrap(foot, room, size.text)
        gap = 0.5 * size.pitch
        over = labels.height(head, size.title) + labels.height(below, size.text) + 1.5 * gap
        under = labels.height(base, size.text) + gap
        needed = size.body if body is None else body
        total = size.height or 2.0 * size.margin + over + needed + under
        self.figure = Figure(figsize=(size.width, total), dpi=DPI)
        self.left, self.right = size.margin, size.width - size.margin
        self.top, self.bottom = total - size.margin - over, size.margin + under
        y = total - size.margin
        self.text(size.margin, y, head, points=size.title, bold=True, va="top")
        self.text(size.margin, y - labels.height(head, size.title) - 0.6 * gap, below, va="top", colour=MUTED)
        self.text(size.margin, size.margin, base, va="bottom", colour=MUTED)

    @property
    def height(self) -> float:
        """Height of the page."""
        return float(self.figure.get_size_inches()[1])

    @property
    def sample(self) -> float:
        """Width of the piece of line before a label."""
        return 2.6 * self.size.text / 72.0

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        points: float | None = None,
        bold: bool = False,
        colour: str = INK,
        ha: str = "left",
        va: str = "center",
    ) -> None:
        """Write at a place of the page."""
        self.figure.text(
            x / self.size.width,
            y / self.height,
            text,
            fontsize=points or self.size.text,
            fontweight="bold" if bold else "normal",
            color=colour,
            ha=ha,
            va=va,
            linespacing=LINE_PITCH,
        )

    def line(self, x: ArrayLike, y: ArrayLike, **look: Any) -> None:
        """A line between places of the page."""
        self.figure.add_artist(
            Line2D(
                np.asarray(x) / self.size.width,
                np.asarray(y) / self.height,
                transform=self.figure.transFigure,
                solid_capstyle="butt",
                **look,
            )
        )

    def panel(self, box: labels.Box, x: tuple[float, float], y: tuple[float, float]) -> "Panel":
        """Axes that fill a box of the page, with these limits."""
        left, bottom, right, top = box
        wide, high = self.size.width, self.height
        axes = self.figure.add_axes((left / wide, bottom / high, (right - left) / wide, (top - bottom) / high))
        axes.set_xlim(*x)
        axes.set_ylim(*y)
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.spines["bottom"].set(color=RULE, linewidth=0.6 * self.size.line)
        axes.tick_params(length=0, labelsize=self.size.text, labelcolor=INK, pad=0.3 * self.size.text)
        axes.set_axisbelow(True)
        axes.set_xticks([])
        axes.set_yticks([])
        return Panel(self, axes, box, x, y)


@dataclass
class Entry:
    """A label beside a plot: its place on the value axis, its text, and the look of the line to it."""

    value: float
    text: str
    colour: str = MUTED
    dash: object = SOLID
    bold: bool = False
    start: float | None = None
    """Abscissa from which its line leads; the right edge of the panel if None."""
    weight: float = 1.0
    """Weight of its place against the labels beside it."""


@dataclass
class Panel:
    """Axes with a known place on the page."""

    sheet: Sheet
    axes: Axes
    box: labels.Box
    xlim: tuple[float, float]
    ylim: tuple[float, float]

    def x(self, values: ArrayLike) -> np.ndarray:
        """From data to inches on the page."""
        share = (np.asarray(values, float) - self.xlim[0]) / (self.xlim[1] - self.xlim[0])
        return np.asarray(self.box[0] + share * (self.box[2] - self.box[0]))

    def y(self, values: ArrayLike) -> np.ndarray:
        """From data to inches on the page."""
        share = (np.asarray(values, float) - self.ylim[0]) / (self.ylim[1] - self.ylim[0])
        return np.asarray(self.box[1] + share * (self.box[3] - self.box[1]))

    def date_ticks(self, begin: dt.date, end: dt.date) -> None:
        """At most six dates, at starts of months or years, as many as fit.

        Over a shorter span, the month in its middle.
        """
        size = self.sheet.size
        gap, overhang = 0.6 * size.text / 72.0, OVERHANG * size.text / 72.0
        self.axes.tick_params(
            axis="x", length=0.25 * size.text, width=0.6 * size.line, color=RULE, pad=0.45 * size.text
        )
        for step in MONTH_STEPS:
            ticks = []
            for tick in _month_starts(begin, end, step):
                name = str(tick.year) if step >= 12 else formatting.short_month(tick)
                at, half = float(self.x(tick.toordinal())), 0.5 * labels.width(name, size.text)
                if at - half > self.box[0] - overhang and at + half < min(self.box[2] + overhang, size.width):
                    ticks.append((tick.toordinal(), name, at - half, at + half))
            if (
                ticks
                and len(ticks) <= MOST_TICKS
                and all(right + gap < left for (*_, right), (_, _, left, _) in pairwise(ticks))
            ):
                self.axes.set_xticks([day for day, *_ in ticks], [name for _, name, *_ in ticks])
                return
        middle = (begin.toordinal() + end.toordinal()) // 2
        self.axes.set_xticks([middle], [formatting.short_month(dt.date.fromordinal(middle))])

    def value_ticks(self, ticks: Sequence[float], names: Sequence[str]) -> None:
        """Horizontal grid lines with their values at the left; a line at zero is drawn like an axis."""
        self.axes.set_yticks(ticks, names)
        self.axes.grid(axis="y", color=GRID, linewidth=0.5 * self.sheet.size.line)
        if self.ylim[0] < 0.0 < self.ylim[1]:
            self.axes.axhline(0.0, color=RULE, linewidth=0.6 * self.sheet.size.line, zorder=1)

    def beside(
        self,
        entries: Sequence[Entry],
        left: float,
        room: float,
        low: float | None = None,
        high: float | None = None,
        *,
        sampled: bool = False,
    ) -> None:
        """Labels in a column at ``left``, ``room`` wide, each joined to its line.

        If ``sampled``, each after a piece of its line instead.
        """
        size = self.sheet.size
        low, high = self.box[1] if low is None else low, self.box[3] if high is None else high
        texts = [labels.wrap(entry.text, room, size.text, bold=entry.bold) for entry in entries]
        heights = [labels.height(text, size.text) + 0.25 * size.pitch for text in texts]
        anchors = [float(np.clip(self.y(entry.value), self.box[1], self.box[3])) for entry in entries]
        centres = labels.spread(anchors, heights, low, high, [entry.weight for entry in entries])
        elbow = 0.35 * size.text / 72.0
        indent = self.sheet.sample if sampled else 0.0
        for entry, text, anchor, centre in zip(entries, texts, anchors, centres, strict=True):
            begin = left if sampled else self.box[2] if entry.start is None else float(self.x(entry.start))
            width = (1.0 if sampled else 0.6) * size.line
            height = centre if sampled else anchor
            self.sheet.line(
                [begin, left + indent - elbow],
                [height, centre],
                color=entry.colour,
                linestyle=entry.dash,
                linewidth=width,
            )
            self.sheet.text(left + indent, float(centre), text, bold=entry.bold)

    def inside(
        self,
        clutter: labels.Clutter,
        text: str,
        candidates: Sequence[tuple[float, float]],
        *,
        colour: str = INK,
        strict: bool = False,
        ha: str = "left",
        sample: dict[str, Any] | None = None,
    ) -> bool:
        """A text at the first free place among candidates (lower left corners in inches); False if there is none.

        ``sample``: look of a piece of line before the text.
        """
        size = self.sheet.size
        indent = self.sheet.sample if sample is not None else 0.0
        wide = labels.width(text, size.text)
        place = clutter.place((wide + indent, labels.height(text, size.text)), candidates, strict=strict)
        if place is None:
            return False
        left, bottom = place[0] + indent, place[1]
        if sample is not None:
            middle = bottom + 0.48 * size.pitch
            self.sheet.line(place[0] + np.array([0.0, 0.4, 0.8]) * indent, [middle] * 3, markevery=[1], **sample)
        self.sheet.text(left + (wide if ha == "right" else 0.0), bottom, text, colour=colour, va="bottom", ha=ha)
        return True


def nice(low: float, high: float, most: int = MOST_TICKS) -> list[float]:
    """Round values between two limits, as many as ``most`` allows."""
    for bins in range(most + 2, 1, -1):
        ticks = MaxNLocator(nbins=bins, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
        within = [float(tick) for tick in ticks if low - 1e-9 <= tick <= high + 1e-9]
        if len(within) <= most:
            return within
    return within[:: -(-len(within) // most)]


def digits(ticks: Sequence[float]) -> int:
    """Decimals that keep the tick labels distinct."""
    step = min((abs(b - a) for a, b in pairwise(ticks)), default=1.0)
    return next((d for d in range(4) if abs(round(step, d) - step) < 1e-9), 4)


def widest(names: Sequence[str], points: float) -> float:
    """Width of the widest of some labels."""
    return max((labels.width(name, points) for name in names), default=0.0)


def _month_starts(begin: dt.date, end: dt.date, step: int) -> list[dt.date]:
    """First days of every ``step``-th month (counted from January, or from a round year) between two dates."""
    first = begin.year * 12 + begin.month - 1 + (begin.day > 1)
    first += -first % step
    last = end.year * 12 + end.month - 1
    return [dt.date(month // 12, month % 12 + 1, 1) for month in range(first, last + 1, step)]
