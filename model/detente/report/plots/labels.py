"""Placement of labels from measured widths and the known clutter of the page.

All lengths are inches on the page.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate, combinations, pairwise

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text
from matplotlib.textpath import TextToPath
from numpy.typing import ArrayLike

from detente.report.plots.style import LINE_PITCH

Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""

_measure = TextToPath()


@lru_cache(maxsize=4096)
def width(text: str, points: float, *, bold: bool = False) -> float:
    """Width of the widest line of a text."""
    font = FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal", size=points)
    return max(_measure.get_text_width_height_descent(line, font, ismath=False)[0] for line in text.split("\n")) / 72.0


def height(text: str, points: float) -> float:
    """Height of a text of one or more lines."""
    return (text.count("\n") + 1) * points * LINE_PITCH / 72.0


def wrap(text: str, room: float, points: float, *, bold: bool = False) -> str:
    """Break a text at its spaces into lines no wider than ``room``; a word that is wider stands alone."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        words = paragraph.split(" ")
        while words:
            count = _fitting(words, room, points, bold)
            lines.append(" ".join(words[:count]))
            words = words[count:]
    return "\n".join(lines)


def _fitting(words: list[str], room: float, points: float, bold: bool) -> int:
    """Number of words that fit into a line, at least one.

    Measuring is slow: it begins with letters about half as wide as high.
    """
    letters = list(accumulate(len(word) + 1 for word in words))
    fits, fails, guess = 1, len(words) + 1, room * 72.0 / (0.55 * points)
    while fails - fits > 1:
        count = min(max(bisect_right(letters, guess), fits + 1), fails - 1)
        measured = width(" ".join(words[:count]), points, bold=bold)
        fits, fails = (count, fails) if measured <= room else (fits, count)
        guess = letters[count - 1] * room / max(measured, 1e-9)
    return fits


def spread(
    wanted: ArrayLike, heights: ArrayLike, low: float, high: float, weights: ArrayLike | None = None
) -> np.ndarray:
    """Centres of labels in one column, as near as possible (weighted least squares) to their wanted places.

    No label over another, all within low to high. Exact: labels are sorted, their gaps taken out, and neighbours out of
    order pooled. Too many labels for the room start at ``high`` and overflow below.
    """
    goals = np.asarray(wanted, float)
    pull = np.ones_like(goals) if weights is None else np.asarray(weights, float)
    if goals.size == 0:
        return goals
    order = np.argsort(goals, kind="stable")
    sizes = np.asarray(heights, float)[order]
    offset = np.cumsum(sizes) - sizes / 2.0
    pools: list[tuple[float, float, int]] = []
    for target, weight in zip(goals[order] - offset, pull[order], strict=True):
        pools.append((float(target), float(weight), 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (above, u, n), (below, v, m) = pools.pop(), pools.pop()
            pools.append(((above * u + below * v) / (u + v), u + v, n + m))
    base = np.concatenate([np.full(n, value) for value, _, n in pools])
    base = np.minimum(np.maximum(base, low), high - sizes.sum())
    centres = np.empty_like(goals)
    centres[order] = base + offset
    return centres


@dataclass
class Clutter:
    """Occupied places of the page: boxes of text, and points along lines about a hundredth of an inch apart."""

    boxes: list[Box] = field(default_factory=list)
    dots: list[np.ndarray] = field(default_factory=list)

    def add_line(self, x: Iterable[float], y: Iterable[float], step: float = 0.012) -> None:
        """A polyline; parts with missing values are gaps."""
        points = np.column_stack([np.asarray(x, float), np.asarray(y, float)])
        for start, end in pairwise(points):
            if np.isfinite(start).all() and np.isfinite(end).all():
                count = max(2, int(np.hypot(*(end - start)) / step) + 1)
                self.dots.append(start + np.linspace(0.0, 1.0, count)[:, None] * (end - start))
        self.dots.append(points[np.isfinite(points).all(axis=1)])

    def add_area(self, box: Box, step: float = 0.05) -> None:
        """A shaded or hatched area for text to avoid."""
        x, y = np.meshgrid(np.arange(box[0], box[2] + step, step), np.arange(box[1], box[3] + step, step))
        self.dots.append(np.column_stack([x.ravel(), y.ravel()]))

    def place(
        self,
        size: tuple[float, float],
        candidates: Iterable[tuple[float, float]],
        pad: float = 0.03,
        *,
        strict: bool = False,
    ) -> tuple[float, float] | None:
        """Lower left corner of the first candidate with a free box of this size; else of the least occupied.

        None when every candidate would lie on other text, or, if ``strict``, on a line.
        """
        dots = np.concatenate(self.dots) if self.dots else np.empty((0, 2))
        best, least = None, np.inf
        for left, bottom in candidates:
            box = (left - pad, bottom - pad, left + size[0] + pad, bottom + size[1] + pad)
            if any(overlap(box, other) for other in self.boxes):
                continue
            met = int(
                np.count_nonzero(
                    (dots[:, 0] > box[0]) & (dots[:, 0] < box[2]) & (dots[:, 1] > box[1]) & (dots[:, 1] < box[3])
                )
            )
            if met < least and not (strict and met):
                best, least = (left, bottom), met
            if met == 0:
                break
        if best is not None:
            self.boxes.append((best[0], best[1], best[0] + size[0], best[1] + size[1]))
        return best


def overlap(a: Box, b: Box) -> bool:
    """Whether two boxes overlap."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def extents(figure: Figure) -> list[tuple[str, Box]]:
    """Every visible text of a figure with the box that the renderer gives it, in inches."""
    renderer = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]  # not annotated in Matplotlib
    figure.draw_without_rendering()
    texts = []
    for text in figure.findobj(Text):
        if text.get_visible() and text.get_text().strip():
            box = text.get_window_extent(renderer)
            texts.append(
                (text.get_text(), (box.x0 / figure.dpi, box.y0 / figure.dpi, box.x1 / figure.dpi, box.y1 / figure.dpi))
            )
    return texts


def faults(figure: Figure) -> list[str]:
    """Faults in the text of a figure, a line each: overlapping texts, texts outside the page.

    Measured on the drawn figure.
    """
    page = (0.0, 0.0, *figure.get_size_inches())
    texts = extents(figure)
    outside = [
        f"{text!r} leaves the page"
        for text, box in texts
        if box[0] < 0 or box[1] < 0 or box[2] > page[2] or box[3] > page[3]
    ]
    return outside + [
        f"{a!r} lies on {b!r}" for (a, first), (b, second) in combinations(texts, 2) if overlap(first, second)
    ]
