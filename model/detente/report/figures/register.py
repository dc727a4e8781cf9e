"""The sanctions register on a legal calendar: a row an instrument, with its expected strength and legal dates."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.collections import PolyCollection
from matplotlib.colors import Colormap

from detente.config.schema import Instrument
from detente.engine import tables
from detente.report.figures.easing import COUNTRIES
from detente.report.plots import labels
from detente.report.plots.numbers import Numbers, from_fan, given
from detente.report.plots.page import Panel, Sheet, widest
from detente.report.plots.picture import Picture
from detente.report.plots.style import LINE_PITCH, Size
from detente.report.plots.timeline import Timeline, foot, timeline
from detente.runs.run import Run
from detente.shared import formatting

SUBTITLE = (
    "Expected strength of each measure over time, with the value at the end. Suspended, lifted or not yet in "
    "force: 0%; "
    "licensed: in between."
)
PROPOSED = "°"
SCALE = "0%|100% of its strength"
SCALE_WIDTH = 5.0
"""Width of the colour scale in lines of text."""
LEVELS = 100
ROW, HEAD = 1.28, 1.5
"""Heights of a row and of a country's name in lines of text."""
REGION = "Russian Federation"
TIGHTEST = 1.12
MARKS = {
    "renewal": ("|", "renewal"),
    "start": (">", "enters into force"),
    "end": ("<", "expires"),
    "set": ("D", "set by the scenario"),
}


@dataclass(frozen=True)
class Row:
    """An instrument with its expected strength over time and its legal dates."""

    instrument: Instrument
    strength: np.ndarray
    dates: tuple[tuple[str, dt.date], ...]

    def label(self, size: Size) -> str:
        """Its name in words, with a sign if it is only proposed."""
        name = formatting.capital(formatting.slug_in_words(self.instrument.name))
        if self.instrument.status != "proposed":
            return name
        return f"{name} {PROPOSED}" if size.narrow else f"{name} (proposed)"

    @property
    def movement(self) -> float:
        """Largest change of its strength."""
        return float(np.abs(self.strength - self.strength[0]).max())


def strip(run: Run, size: Size) -> Picture:
    """Every instrument of the run, by sanctioning country; on a slide in two columns, the ones that move most."""
    line, numbers = timeline(run), Numbers()
    rows = _rows(run, line)
    key = _flow(
        [name for kind, (_, name) in MARKS.items() if any(kind == k for row in rows for k, _ in row.dates)], size
    )
    above, below = (1.2 + 1.25 * len(key)) * size.pitch, 2.0 * size.pitch
    columns = _columns(rows, size, above + below)
    shown = [row for column in columns for group in column for row in group]
    left_out = (
        f" Not shown: {numbers.amount(given(len(rows) - len(shown), 'instruments left out'))} that change less."
        if len(shown) < len(rows)
        else ""
    )
    proposed = (
        f" {PROPOSED} proposed." if size.narrow and any(row.instrument.status == "proposed" for row in shown) else ""
    )
    tall = max(sum(HEAD + ROW * len(group) for group in column) for column in columns) * size.pitch
    sheet = Sheet(
        size, _title(run, rows, line, numbers), SUBTITLE + left_out + proposed, foot(run), body=tall + above + below
    )
    colours = matplotlib.colormaps["viridis_r"]
    _key(sheet, colours, key)
    pitch = size.pitch * min(1.0, (sheet.top - sheet.bottom - above - below) / tall)
    gap = 2.0 * size.pitch
    wide = (sheet.right - sheet.left - gap * (len(columns) - 1)) / len(columns)
    for number, column in enumerate(columns):
        left = sheet.left + number * (wide + gap)
        _column(sheet, line, column, (left, sheet.bottom, left + wide, sheet.top - above), pitch, colours)
    return Picture("register", "road", sheet, _alt(rows, line), _data(run, line, shown), tuple(numbers.readings))


def _columns(rows: list[Row], size: Size, taken: float) -> list[list[list[Row]]]:
    """Rows by column and country.

    One column where the page may grow; else the US at the left and the others at the right, as many as fit.
    """
    if size.height is None:
        return [_by_sender(rows)]
    room = size.height - 2.0 * size.margin - 2.1 * size.title * LINE_PITCH / 72.0 - 5.5 * size.pitch - taken
    columns = []
    for part in (
        [row for row in rows if row.instrument.sender == "US"],
        [row for row in rows if row.instrument.sender != "US"],
    ):
        for most in range(len(part), 0, -1):
            ranked = sorted(range(len(part)), key=lambda k: (-part[k].movement, k))[:most]
            groups = _by_sender([part[k] for k in sorted(ranked)])
            if sum(HEAD + TIGHTEST * len(group) for group in groups) * size.pitch <= room:
                columns.append(groups)
                break
    return columns


def _by_sender(rows: list[Row]) -> list[list[Row]]:
    groups = ([row for row in rows if row.instrument.sender == sender] for sender in COUNTRIES)
    return [group for group in groups if group]


def _column(
    sheet: Sheet, line: Timeline, groups: list[list[Row]], box: labels.Box, pitch: float, colours: Colormap
) -> None:
    """A column of the calendar: names, bars, values at the end, and the time axis under them.

    ``pitch``: height of a line.
    """
    size = sheet.size
    names = {row.instrument.key: row.label(size) for group in groups for row in group}
    left = box[0] + widest(list(names.values()), size.text) + 0.6 * size.pitch
    right = box[2] - widest([">99%", "100%"], size.text) - 0.5 * size.pitch
    y = box[3]
    for group in groups:
        y -= HEAD * pitch
        sheet.text(box[0], y + 0.4 * pitch, COUNTRIES[group[0].instrument.sender], bold=True, va="baseline")
        panel = sheet.panel(
            (left, y - ROW * len(group) * pitch, right, y), (line.edges[0], line.end), (float(len(group)), 0.0)
        )
        panel.axes.spines["bottom"].set_visible(False)
        _cells(panel, line, group, colours)
        for number, row in enumerate(group):
            base = y - (number + 0.5) * ROW * pitch - 0.35 * size.text / 72.0
            sheet.text(left - 0.4 * size.pitch, base, names[row.instrument.key], ha="right", va="baseline")
            sheet.text(box[2], base, formatting.percent(float(row.strength[-1])), ha="right", va="baseline")
        for mark in MARKS:
            dated = [
                (day.toordinal(), number + 0.5)
                for number, row in enumerate(group)
                for kind, day in row.dates
                if kind == mark
            ]
            if dated:
                _mark(panel, dated, mark, size)
        y -= ROW * len(group) * pitch
    axis = sheet.panel((left, y - 0.3 * size.pitch, right, y - 0.2 * size.pitch), (line.edges[0], line.end), (0.0, 1.0))
    axis.date_ticks(dt.date.fromordinal(int(line.edges[0])), dt.date.fromordinal(int(line.end)))


def _rows(run: Run, line: Timeline) -> list[Row]:
    rows = []
    begin, end = run.config.as_of, dt.date.fromordinal(int(line.end))
    for instrument in tables.known_instruments(run.config):
        strength = run.fan(_variable(instrument), REGION)["mean"].to_numpy(float)
        dates = [("renewal", day) for day in _renewals(instrument, begin, end)]
        dates += [
            (kind, day)
            for kind, day in (("start", instrument.in_force), ("end", instrument.ends))
            if day is not None and begin < day < end
        ]
        dates += [
            ("set", event.date)
            for event in run.config.events
            if f"sanctions.{instrument.key}" in event.set and begin < event.date < end
        ]
        rows.append(Row(instrument, strength, tuple(dates)))
    return rows


def _variable(instrument: Instrument) -> str:
    return f"Sanctions|{instrument.sender}|{instrument.title}|Strength"


def _renewals(instrument: Instrument, begin: dt.date, end: dt.date) -> list[dt.date]:
    days = [tuple(int(part) for part in day.split("-")) for day in instrument.renewal]
    every = [
        dt.date(year, month, min(day, 28) if month == 2 else day)
        for year in range(begin.year, end.year + 1)
        for month, day in days
    ]
    return sorted(date for date in every if begin < date < end)


def _cells(panel: Panel, line: Timeline, group: list[Row], colours: Colormap) -> None:
    """One rectangle for each span of equal colour: few shapes, and no seams between the steps."""
    shapes, faces = [], []
    for number, row in enumerate(group):
        level = np.round(np.clip(row.strength, 0.0, 1.0) * LEVELS).astype(int)
        edges = np.concatenate([[0], np.flatnonzero(np.diff(level)) + 1, [level.size]])
        low, high = number + 0.07, number + 0.93
        for first, last in pairwise(edges):
            x0, x1 = line.edges[first], line.edges[last]
            shapes.append([(x0, low), (x1, low), (x1, high), (x0, high)])
            faces.append(colours(level[first] / LEVELS))
    panel.axes.add_collection(PolyCollection(shapes, facecolors=faces, edgecolors=faces, linewidths=0.2))


def _mark(panel: Panel, places: Sequence[tuple[float, float]], kind: str, size: Size) -> None:
    """A mark that shows on dark and on light: black behind, white in front."""
    marker = MARKS[kind][0]
    large = (0.62 if kind == "renewal" else 0.42) * size.text
    behind, front = (0.2, 0.08) if kind == "renewal" else (0.16, 0.0)
    x, y = zip(*places, strict=True)
    for colour, scale, edge, above in (("black", 1.0, behind, 5), ("white", 0.92, front, 6)):
        look: dict[str, Any] = {
            "marker": marker,
            "markersize": scale * large,
            "markeredgewidth": edge * size.text,
            "color": colour,
        }
        panel.axes.plot(x, y, linestyle="none", zorder=above, clip_on=False, **look)


def _flow(names: list[str], size: Size) -> list[list[tuple[str, float]]]:
    """The entries of the key in lines, each with its abscissa: first the colour scale, then the marks that occur."""
    edge = size.width - size.margin
    lines: list[list[tuple[str, float]]] = [[(SCALE, size.margin)]]
    x = size.margin + SCALE_WIDTH * size.pitch + labels.width(SCALE, size.text) + 1.6 * size.pitch
    for name in names:
        wide = labels.width(name, size.text) + 1.0 * size.pitch
        if x + wide > edge:
            lines.append([])
            x = size.margin
        lines[-1].append((name, x))
        x += wide + 1.2 * size.pitch
    return lines


def _key(sheet: Sheet, colours: Colormap, lines: list[list[tuple[str, float]]]) -> None:
    """The colour scale and the marks, over the rows."""
    size = sheet.size
    marker = {name: kind for kind, (_, name) in MARKS.items()}
    for number, entries in enumerate(lines):
        y = sheet.top - (1.0 + 1.25 * number) * size.pitch
        for name, x in entries:
            if name == SCALE:
                _scale(sheet, colours, x, y)
            else:
                panel = sheet.panel(
                    (x, y - 0.1 * size.pitch, x + 0.8 * size.pitch, y + 0.7 * size.pitch), (0.0, 1.0), (0.0, 1.0)
                )
                panel.axes.set_axis_off()
                panel.axes.axhspan(0.0, 1.0, color="#7F7F7F")
                _mark(panel, [(0.5, 0.5)], marker[name], size)
                sheet.text(x + 1.1 * size.pitch, y, name, va="baseline")


def _scale(sheet: Sheet, colours: Colormap, x: float, y: float) -> None:
    """From not in force to fully in force."""
    size = sheet.size
    first, last = SCALE.split("|")
    x += labels.width(first, size.text) + 0.3 * size.pitch
    panel = sheet.panel((x, y, x + SCALE_WIDTH * size.pitch, y + 0.6 * size.pitch), (0.0, 1.0), (0.0, 1.0))
    panel.axes.set_axis_off()
    edges = np.linspace(0.0, 1.0, 41)
    shapes = [[(a, 0.0), (b, 0.0), (b, 1.0), (a, 1.0)] for a, b in pairwise(edges)]
    faces = [colours(0.5 * (a + b)) for a, b in pairwise(edges)]
    panel.axes.add_collection(PolyCollection(shapes, facecolors=faces, edgecolors=faces, linewidths=0.2))
    sheet.text(x - 0.3 * size.pitch, y, first, ha="right", va="baseline")
    sheet.text(x + (SCALE_WIDTH + 0.3) * size.pitch, y, last, va="baseline")


def _in_force(rows: list[Row], as_of: dt.date) -> list[Row]:
    """Measures in force when the run starts."""
    return [row for row in rows if row.instrument.status == "in force" and (row.instrument.in_force or as_of) <= as_of]


def _called(row: Row) -> str:
    return f"{row.instrument.sender} {formatting.slug_in_words(row.instrument.name)}"


def _title(run: Run, rows: list[Row], line: Timeline, numbers: Numbers) -> str:
    """The weakest of the measures now in force at the end, or that all keep their strength."""
    held = _in_force(rows, line.calendar.as_of)
    if not held:
        count = numbers.amount(given(len(rows), "instruments of the register"))
        return f"No measure is in force; {count} may follow by {line.last_month}"
    weakest = min(held, key=lambda row: (row.strength[-1], row.instrument.key))
    strength = numbers.percent(from_fan(run, _variable(weakest.instrument), REGION, "mean"))
    alike = sum(formatting.percent(float(row.strength[-1])) == strength for row in held)
    if alike == 1:
        return f"Weakest measure by {line.last_month}: {_called(weakest)}, at {strength} of full strength (mean)"
    number, total = (numbers.amount(given(count, "instruments in force")) for count in (alike, len(held)))
    if alike == len(held):
        return f"All {total} measures in force stay at {strength} of full strength until {line.last_month}"
    return f"{number} of {total} measures in force weaken most by {line.last_month}, to {strength} of full strength"


def _alt(rows: list[Row], line: Timeline) -> str:
    held = sorted(_in_force(rows, line.calendar.as_of), key=lambda row: (row.strength[-1], row.instrument.key))
    ends = "; ".join(f"{_called(row)} {formatting.percent(float(row.strength[-1]))}" for row in held[:5])
    starts = [
        f"{_called(row)} {formatting.short_day(day)}" for row in rows for kind, day in row.dates if kind == "start"
    ]
    later = f" Entering into force: {'; '.join(starts)}." if starts else ""
    return (
        "Calendar of the sanctions register, a row a measure, with its expected strength. Weakest in "
        f"{line.last_month}: {ends}.{later}"
    )


def _data(run: Run, line: Timeline, shown: list[Row]) -> pd.DataFrame:
    """Tidy: sanctioning country, instrument, time, statistic (mean strength or a legal date), value, unit."""
    frames = []
    for row in shown:
        names = {"sanctioning_country": row.instrument.sender, "instrument": row.instrument.name}
        frames.append(
            pd.DataFrame({**names, "time": line.calendar.starts(), "statistic": "mean", "value": row.strength})
        )
        if row.dates:
            marks = {
                "time": [day for _, day in row.dates],
                "statistic": [MARKS[kind][1] for kind, _ in row.dates],
                "value": np.nan,
            }
            frames.append(pd.DataFrame({**names, **marks}))
    return pd.concat(frames, ignore_index=True).assign(unit="1")
