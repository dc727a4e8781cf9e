"""Small fan charts side by side, with medians, lettered example paths and observations."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from detente.analysis.estimates import Reading
from detente.report.plots import labels
from detente.report.plots.example_paths import Story
from detente.report.plots.fan import KEY_LINE, QUANTILES, Look, Observed
from detente.report.plots.numbers import from_fan
from detente.report.plots.page import MOST_TICKS, Entry, Panel, Sheet, digits, nice, widest
from detente.report.plots.style import BAND_50, BAND_90, BLUE, LINES, OBSERVED, RULE, SOLID, Size
from detente.report.plots.timeline import Timeline
from detente.runs.run import Run
from detente.shared import formatting

RUSSIA, UKRAINE = "Russian Federation", "Ukraine"
LETTERS = "ABCD"
MOST_POINTS = 18
"""Points drawn of a stock, which moves slowly, besides the first: the last step and every so many before it."""
TICKS = 5
GAP, HEAD = 0.7, 0.85
"""Between two columns, and between a heading and its plot, in lines of text."""
LEAD = 0.6
"""Length of the line from a plot to a name beside it, in lines of text."""


class Shades(NamedTuple):
    """Colours of a fan's bands and median."""

    outer: str
    inner: str
    line: str
    dash: object


LOOKS = (Shades(BAND_90, BAND_50, BLUE, SOLID), Shades("#E4E4E4", "#BDBDBD", "#333333", (0, (3, 1.2))))


@dataclass(frozen=True)
class Part:
    """One panel: variable, region, the name over it, its unit in the data and the factor that leads to it.

    ``state``: values at the ends of steps, thinned out if there are many. ``levels``: means over spans of the past
    (since, until, low, high). ``cut``: upper limit of the value axis; the heading states what lies above it.
    """

    variable: str
    region: str
    heading: str
    unit: str
    scale: float = 1.0
    decimals: int = 0
    state: bool = False
    observations: tuple[Observed, ...] = ()
    levels: pd.DataFrame | None = None
    cut: float = np.inf

    @property
    def column(self) -> str:
        """Its column in the kept paths."""
        return f"{self.region}|{self.variable}"


@dataclass(frozen=True)
class Shown:
    """The numbers of one panel.

    ``steps`` drawn, quantiles by step, values of the example paths, and the median at the end with its error.
    """

    part: Part
    steps: np.ndarray
    table: pd.DataFrame
    paths: list[np.ndarray]
    median: Reading

    @property
    def end(self) -> pd.Series:
        """Quantiles at the last step."""
        return self.table.iloc[-1]


def holds(run: Run, needed: Iterable[tuple[str, str]], statistic: str = "q50") -> bool:
    """Whether the summary of a run has a statistic of all these variables and regions."""
    table = run.summary()
    table = table[table["statistic"] == statistic]
    return set(needed) <= set(zip(table["variable"], table["region"], strict=True))


def example_values(run: Run, examples: Sequence[Story], columns: Iterable[str]) -> dict[str, list[np.ndarray]]:
    """Values of the example paths by column of the kept paths, in the order of the examples.

    No entry for a column without kept paths.
    """
    if not examples:
        return {}
    table = run.kept_paths()
    table = table[table["path"].isin([story.path for story in examples])].sort_values(["path", "time"])
    groups = table.groupby("path")
    return {
        column: [groups[column].get_group(story.path).to_numpy(float) for story in examples]
        for column in columns
        if column in table
    }


@dataclass(frozen=True)
class Key:
    """Key of the lettered lines: texts and looks in columns, and their height in inches."""

    size: Size
    columns: list[list[tuple[str, Look]]]

    @property
    def height(self) -> float:
        """Height of the key, inches."""
        tall = [
            sum(labels.height(text, self.size.text) + 0.3 * self.size.pitch for text, _ in column)
            for column in self.columns
        ]
        return max(tall, default=0.0) + (0.4 * self.size.pitch if self.columns else 0.0)

    def write(self, sheet: Sheet) -> None:
        """At the foot of the room for panels."""
        wide = (sheet.right - sheet.left) / max(len(self.columns), 1)
        for number, column in enumerate(self.columns):
            y, x = sheet.bottom + self.height - 0.4 * self.size.pitch, sheet.left + number * wide
            for text, look in column:
                y -= labels.height(text, self.size.text) + 0.3 * self.size.pitch
                middle = y + labels.height(text, self.size.text) - 0.5 * self.size.pitch
                sheet.line([x, x + KEY_LINE], [middle] * 2, **look)
                sheet.text(x + 1.3 * KEY_LINE, y, text, va="bottom")


def lettered(examples: Sequence[Story], size: Size) -> Key:
    """The key of the example paths: one under the other, or on a wide page in two columns."""
    across = 1 if size.narrow else 2
    room = (size.width - 2.0 * size.margin) / across - 1.3 * KEY_LINE - size.pitch
    looks = [{"color": colour, "linestyle": dash, "linewidth": 0.8 * size.line} for colour, dash in LINES]
    texts = [
        labels.wrap(f"{LETTERS[number]}\u00a0 {story.bound}", room, size.text) for number, story in enumerate(examples)
    ]
    key = list(zip(texts, looks, strict=False))
    each = -(-len(key) // across)
    return Key(size, [key[first : first + each] for first in range(0, len(key), each)] if key else [])


def numbers(run: Run, parts: Sequence[Part], examples: Sequence[Story]) -> list[Shown]:
    """The content of the panels of a run."""
    values = example_values(run, examples, [part.column for part in parts])
    shown = []
    for part in parts:
        table = part.scale * run.fan(part.variable, part.region)[list(QUANTILES)]
        every = -(-len(table) // MOST_POINTS) if part.state else 1
        steps = np.unique([0, *range(len(table) - 1, -1, -every)])
        paths = [part.scale * path[steps] for path in values.get(part.column, [])]
        median = from_fan(run, part.variable, part.region, "q50", scale=part.scale)
        shown.append(Shown(part, steps, table.iloc[steps], paths, median))
    return shown


def boxes(sheet: Sheet, headings: Sequence[str], columns: int, top: float, bottom: float) -> list[labels.Box]:
    """Cells in rows between two heights, each with its heading; returns the boxes below the headings."""
    size = sheet.size
    rows, gap = -(-len(headings) // columns), GAP * size.pitch
    wide = (sheet.right - sheet.left - gap * (columns - 1)) / columns
    high = (top - bottom) / rows
    texts = [labels.wrap(heading, wide, size.text, bold=True) for heading in headings]
    cells = []
    for number, text in enumerate(texts):
        row, column = divmod(number, columns)
        lines = max(other.count("\n") + 1 for other in texts[row * columns : (row + 1) * columns])
        left, upper = sheet.left + column * (wide + gap), top - row * high
        sheet.text(left, upper - 0.25 * size.pitch, text, bold=True, va="top")
        cells.append((left, upper - high, left + wide, upper - (lines + HEAD) * size.pitch))
    return cells


def limits(drawn: Sequence[Shown], begin: dt.date) -> tuple[float, float]:
    """Ends of a value axis that holds zero, the bands and the observations since ``begin``."""
    low, high = 0.0, 0.0
    for one in drawn:
        observed = [
            float(value)
            for series in one.part.observations
            for value in series.points.loc[series.points["date"] >= begin, "value"]
        ]
        levels = (
            [] if one.part.levels is None else one.part.levels.loc[one.part.levels["until"] > begin, "high"].tolist()
        )
        low = min(low, float(one.table["q05"].min()))
        high = max(high, min(float(one.table["q95"].max()), one.part.cut), *observed, *levels)
    edge = 0.05 * max(high - low, 0.02)
    return (low - edge if low < 0.0 else 0.0, high + edge)


def draw(
    sheet: Sheet,
    box: labels.Box,
    line: Timeline,
    begin: dt.date,
    one: Shown,
    reach: tuple[float, float],
    second: Shown | None = None,
) -> tuple[Panel, labels.Clutter]:
    """One panel into the box, its value axis over ``reach``; returns it with its clutter.

    ``second``: in grey, dashed.
    """
    size = sheet.size
    ticks = nice(*reach, TICKS)
    names = [formatting.amount(tick, digits(ticks)) for tick in ticks]
    both = [shown for shown in (one, second) if shown is not None]
    medians = [formatting.rounded(shown.median.value, shown.median.error, 10.0**-shown.part.decimals) for shown in both]
    room = max(labels.width(text, size.text, bold=True) for text in ("0.0", *medians))
    left = box[0] + widest(names, size.text) + 0.6 * size.text / 72.0
    inside = (left, box[1] + 1.6 * size.pitch, box[2] - room - LEAD * size.pitch, box[3])
    panel = sheet.panel(inside, (float(begin.toordinal()), line.end), reach)
    panel.value_ticks(ticks, names)
    dates(panel, begin, dt.date.fromordinal(int(line.end)))
    clutter = labels.Clutter()
    x = places(line, one.steps, state=one.part.state)
    entries = []
    for shown, median, look in zip(both, medians, LOOKS, strict=False):
        series = {name: _over(x, shown.table[name].to_numpy()) for name in QUANTILES}
        for lower, upper, colour in (("q05", "q95", look.outer), ("q25", "q75", look.inner)):
            panel.axes.fill_between(x, series[lower], series[upper], color=colour, linewidth=0.0, zorder=0.5)
        panel.axes.plot(x, series["q50"], color=look.line, linewidth=1.7 * size.line, linestyle=look.dash, zorder=5)
        entries.append(Entry(float(shown.end["q50"]), median, look.line, bold=True, start=float(x[-1]), weight=4.0))
    clutter.add_area((float(panel.x(x[0])), *panel.box[1:]))
    for number, values in enumerate(one.paths):
        colour, dash = LINES[number]
        panel.axes.plot(x, _over(x, values), color=colour, linestyle=dash, linewidth=0.8 * size.line, zorder=4)
        entries.append(Entry(float(values[-1]), LETTERS[number], colour, dash, start=float(x[-1])))
    panel.beside(entries, inside[2] + LEAD * size.pitch, room)
    if begin < line.calendar.as_of:
        panel.axes.axvline(line.start, color=RULE, linewidth=0.7 * size.line, linestyle=(0, (3, 2)), zorder=1)
        clutter.add_line([float(panel.x(line.start))] * 2, panel.box[1::2])
    _past(panel, one.part, begin, clutter)
    return panel, clutter


def dates(panel: Panel, begin: dt.date, end: dt.date) -> None:
    """Dates under a panel; where only one would fit, years by their last two digits."""
    panel.date_ticks(begin, end)
    years = [year for year in range(begin.year, end.year + 1) if begin < dt.date(year, 1, 1) < end]
    if len(panel.axes.get_xticks()) < 2 <= len(years) <= MOST_TICKS:
        panel.axes.set_xticks(
            [dt.date(year, 1, 1).toordinal() for year in years], [f"’{year % 100:02d}" for year in years]
        )


def places(line: Timeline, steps: np.ndarray, *, state: bool) -> np.ndarray:
    """Abscissas of the drawn steps; of a single step, both its ends."""
    return line.edges if line.middles.size == 1 else (line.edges[1:] if state else line.middles)[steps]


def _over(x: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Values at these abscissas; a single one over both."""
    return values if values.size == x.size else np.repeat(values, x.size)


def _past(panel: Panel, part: Part, begin: dt.date, clutter: labels.Clutter) -> None:
    """Observations as lines or marks, and means of spans as bars from their low to their high end."""
    width = panel.sheet.size.line
    for series in part.observations:
        points = series.points[series.points["date"] >= begin]
        x, look = [date.toordinal() for date in points["date"]], observed_look(series, width)
        panel.axes.plot(x, points["value"], zorder=3, **look)
        clutter.add_line(panel.x(x), panel.y(points["value"]))
    if part.levels is None:
        return
    for span in part.levels[part.levels["until"] > begin].to_dict("records"):
        x = [max(span["since"], begin).toordinal(), span["until"].toordinal()]
        if span["high"] > span["low"]:
            panel.axes.fill_between(x, span["low"], span["high"], color="#CFCFCF", linewidth=0.0, zorder=1.5)
        panel.axes.plot(
            x,
            [0.5 * (span["low"] + span["high"])] * 2,
            color=OBSERVED,
            linewidth=1.1 * width,
            zorder=2,
            solid_capstyle="butt",
        )
        for edge in ("low", "high"):
            clutter.add_line(panel.x(x), panel.y([span[edge]] * 2))


def observed_look(series: Observed, width: float) -> Look:
    """Look of an observed series."""
    look = {
        "color": series.colour,
        "linestyle": "solid" if series.line else "none",
        "linewidth": width,
        "marker": series.marker,
    }
    return look | {"markersize": 2.2 * width, "markerfacecolor": "white", "markeredgewidth": 0.6 * width}


def data(drawn: Sequence[Shown], examples: Sequence[Story]) -> pd.DataFrame:
    """Tidy: region, variable, series, time, statistic, value, unit.

    Quantiles to six digits, values of example paths to four.
    """
    frames = []
    for one in drawn:
        named = {"region": one.part.region, "variable": one.part.variable, "unit": one.part.unit}
        long = one.table.rename_axis("time").reset_index().melt("time", var_name="statistic", value_name="value")
        long["value"] = [float(f"{value:.6g}") for value in long["value"]]
        frames.append(long.assign(series="model", **named))
        for story, values in zip(examples, one.paths, strict=False):
            rounded = [float(f"{value:.4g}") for value in values]
            rows = pd.DataFrame({"time": one.table.index, "statistic": "path", "value": rounded})
            frames.append(rows.assign(series=f"path {story.path}", **named))
        for series in one.part.observations:
            points = series.points.rename(columns={"date": "time"})[["time", "value"]]
            frames.append(points.assign(series=series.label, statistic="observed", **named))
        if one.part.levels is not None:
            for edge in ("low", "high"):
                spans = one.part.levels.rename(columns={edge: "value", "who": "series"})
                spans = spans.assign(
                    time=[until - dt.timedelta(days=1) for until in spans["until"]],
                    statistic="observed" if edge == "low" else "observed, high",
                )
                frames.append(spans[["time", "series", "statistic", "value"]].assign(**named))
    table = pd.concat([frame for frame in frames if len(frame)], ignore_index=True)
    return table[["region", "variable", "series", "time", "statistic", "value", "unit"]]
