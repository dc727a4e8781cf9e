"""Fan charts: 50% and 90% ranges with the median, observations, and example paths named by their events."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from detente.analysis.estimates import Reading
from detente.report.plots import labels, marks
from detente.report.plots.example_paths import Story
from detente.report.plots.history import COLUMNS
from detente.report.plots.numbers import from_fan
from detente.report.plots.page import Entry, Panel, Sheet, digits, nice, widest
from detente.report.plots.picture import Picture
from detente.report.plots.style import BAND_50, BAND_90, BLUE, INK, LINES, OBSERVED, RULE, Size
from detente.report.plots.timeline import Timeline, foot, history_begin, timeline
from detente.runs.run import Run
from detente.shared import formatting

Look = dict[str, Any]
"""Arguments of Matplotlib for a line."""
QUANTILES = ("q05", "q25", "q50", "q75", "q95")
KEY_LINE = 0.25
BELOW = 1.4
"""Reach of names below the time axis, in lines."""
LONGEST_GAP = 40
"""Days between two points of a monthly series that are still joined by a line."""


@dataclass(frozen=True)
class Observed:
    """A series observed before the as-of date: ``points`` (date, value, basis), drawn as a line or as marks."""

    label: str
    points: pd.DataFrame
    marker: str = ""
    line: bool = True
    colour: str = OBSERVED


@dataclass(frozen=True)
class Fan:
    """Content of a fan chart.

    ``title``: the finding, its numbers from ``readings``; ``level``: a range to mark by name, such as a floor.

    ``state``: values at the end of each step, not means over it. ``beside`` draws further marks into the plot,
    ``extra`` holds their numbers (series, time, statistic, value), and ``note`` explains them in the subtitle.
    ``top``: least upper end of the value axis.
    """

    name: str
    variable: str
    region: str
    unit: str
    title: str
    subtitle: str
    alt: str
    readings: tuple[Reading, ...] = ()
    observed: tuple[Observed, ...] = ()
    credit: str = ""
    level: tuple[float, float, str] | None = None
    resolution: float = 1.0
    state: bool = False
    top: float = 0.0
    beside: Callable[[Panel, labels.Clutter], None] | None = None
    extra: pd.DataFrame | None = None
    note: str = ""
    section: str = field(default="fans")


def draw(run: Run, fan: Fan, examples: list[Story], size: Size) -> Picture:
    """Draw a fan from the start of its history to the horizon."""
    line = timeline(run)
    begin = history_begin(run, size)
    past = [Observed(o.label, o.points[o.points["date"] >= begin], o.marker, o.line, o.colour) for o in fan.observed]
    bands = run.fan(fan.variable, fan.region)[list(QUANTILES)]
    paths = _paths(run, fan, examples)
    thin = "; thin lines: example paths (in brackets: share of simulations with the same events)" if paths else ""
    when = f"at the end of each {run.config.run.step}" if fan.state else f"{run.config.run.step}ly means"
    subtitle = f"{fan.subtitle}, {when}. Bands: 50% and 90% ranges; thick line: median{thin}.{fan.note}"
    high = _ceiling(bands, paths, past, fan)
    ticks = nice(0.0, high)
    names = [formatting.amount(tick, digits(ticks)) for tick in ticks]
    key = _key(paths, past, size) if size.narrow else []
    under = sum(labels.height(text, size.text) + 0.3 * size.pitch for text, _ in key) + (
        0.4 * size.pitch if key else 0.0
    )
    sheet = Sheet(
        size,
        fan.title,
        subtitle,
        foot(run, fan.credit if any(len(o.points) for o in past) else ""),
        body=size.body + under,
    )
    panel, room = _panel(sheet, line, begin, (0.0, high), names, size, under, examples)
    panel.value_ticks(ticks, names)
    panel.date_ticks(begin, dt.date.fromordinal(int(line.end)))
    clutter = labels.Clutter()
    for tick in ticks:
        clutter.add_line(panel.box[::2], [float(panel.y(tick))] * 2, step=0.05)
    x, _ = line.drawn(bands["q50"].to_numpy(), state=fan.state)
    _bands(panel, line, bands, clutter, state=fan.state)
    _observations(panel, past, clutter)
    middle = from_fan(run, fan.variable, fan.region, "q50")
    entries = [
        Entry(
            middle.value,
            f"median {formatting.rounded(middle.value, middle.error, fan.resolution)}",
            BLUE,
            bold=True,
            start=float(x[-1]),
            weight=4.0,
        )
    ]
    for number, (story, values) in enumerate(paths):
        colour, dash = LINES[number]
        xs, ys = line.drawn(values, state=fan.state)
        panel.axes.plot(xs, ys, color=colour, linestyle=dash, linewidth=0.8 * size.line, zorder=4)
        clutter.add_line(panel.x(xs), panel.y(ys))
        entries.append(
            Entry(float(values[-1]), "ABCD"[number] if size.narrow else story.bound, colour, dash, start=float(xs[-1]))
        )
    panel.beside(entries, panel.box[2] + 0.9 * size.pitch, room, low=panel.box[1] - BELOW * size.pitch)
    if fan.beside is not None:
        fan.beside(panel, clutter)
    marks.as_of(panel, run.config.as_of, clutter)
    if fan.level is not None:
        _level(panel, fan.level, clutter)
    _names(panel, line, bands, [] if size.narrow else past, clutter, state=fan.state)
    write_key(sheet, key, sheet.bottom + under - 0.4 * size.pitch)
    return Picture(
        fan.name, fan.section, sheet, fan.alt + _alt(paths), _data(run, fan, bands, paths, past), fan.readings
    )


def _paths(run: Run, fan: Fan, examples: list[Story]) -> list[tuple[Story, np.ndarray]]:
    """The values of the example paths, in the order of time."""
    if not examples:
        return []
    table = run.kept_paths()
    table = table[table["path"].isin([story.path for story in examples])].sort_values(["path", "time"])
    values = table.groupby("path")[f"{fan.region}|{fan.variable}"]
    return [(story, values.get_group(story.path).to_numpy(float)) for story in examples]


def _ceiling(bands: pd.DataFrame, paths: list[tuple[Story, np.ndarray]], past: list[Observed], fan: Fan) -> float:
    """Top of the value axis: above the bands and the observations; an example path raises it by a quarter at most."""
    top = max(
        [
            float(bands["q95"].max()),
            *(o.points["value"].max() for o in past if len(o.points)),
            *(fan.level[1:2] if fan.level else ()),
        ]
    )
    highest = max((values.max() for _, values in paths), default=0.0)
    return max(1.05 * float(np.clip(highest, top, 1.25 * top)), fan.top) or 1.0


def _key(paths: list[tuple[Story, np.ndarray]], past: list[Observed], size: Size) -> list[tuple[str, Look]]:
    """The name of each line with its look, for a page too narrow for names in the plot."""
    room = size.width - 2.0 * size.margin - 1.3 * KEY_LINE
    entries: list[tuple[str, Look]] = []
    for number, (story, _) in enumerate(paths):
        colour, dash = LINES[number]
        entries.append(
            (
                f"{'ABCD'[number]}\u00a0 {story.bound}",
                {"color": colour, "linestyle": dash, "linewidth": 0.8 * size.line},
            )
        )
    entries += [(series.label, _look(series, size.line, series.marker)) for series in past if len(series.points)]
    return [(labels.wrap(text, room, size.text), look) for text, look in entries]


def write_key(sheet: Sheet, key: list[tuple[str, Look]], top: float) -> None:
    """Lines with their names, one under the other from ``top`` down."""
    y = top
    for text, look in key:
        y -= labels.height(text, sheet.size.text) + 0.3 * sheet.size.pitch
        middle = y + labels.height(text, sheet.size.text) - 0.5 * sheet.size.pitch
        sheet.line(sheet.left + KEY_LINE * np.array([0.0, 0.5, 1.0]), [middle] * 3, markevery=[1], **look)
        sheet.text(sheet.left + 1.3 * KEY_LINE, y, text, va="bottom")


def _panel(
    sheet: Sheet,
    line: Timeline,
    begin: dt.date,
    limits: tuple[float, float],
    names: list[str],
    size: Size,
    under: float,
    examples: list[Story],
) -> tuple[Panel, float]:
    """The axes, and the room to their right for names.

    As wide as the longest event, or wider until all names fit.
    """
    names_beside = [] if size.narrow else [story.bound for story in examples]
    least = max(
        labels.width("median 999", size.text, bold=True),
        widest([event for story in names_beside for event in story.split(", ")], size.text),
    )
    bottom, top = sheet.bottom + under + 1.6 * size.pitch, sheet.top - 0.3 * size.pitch
    for room in least * np.array([1.0, 1.3, 1.6, 2.0]):
        tall = sum(
            labels.height(labels.wrap(story, room, size.text), size.text) + 0.25 * size.pitch for story in names_beside
        )
        if tall + 1.25 * size.pitch < top - bottom + BELOW * size.pitch:
            break
    box = (
        sheet.left + widest(names, size.text) + 0.6 * size.text / 72.0,
        bottom,
        sheet.right - room - 0.9 * size.pitch,
        top,
    )
    return sheet.panel(box, (float(begin.toordinal()), line.end), limits), float(room)


def _bands(panel: Panel, line: Timeline, bands: pd.DataFrame, clutter: labels.Clutter, *, state: bool) -> None:
    for low, high, colour in (("q05", "q95", BAND_90), ("q25", "q75", BAND_50)):
        x, lower = line.drawn(bands[low].to_numpy(), state=state)
        panel.axes.fill_between(x, lower, line.drawn(bands[high].to_numpy())[1], color=colour, linewidth=0.0, zorder=2)
    x, median = line.drawn(bands["q50"].to_numpy(), state=state)
    panel.axes.plot(x, median, color=BLUE, linewidth=1.7 * panel.sheet.size.line, zorder=5)
    clutter.add_line(panel.x(x), panel.y(median))


def _observations(panel: Panel, past: list[Observed], clutter: labels.Clutter) -> None:
    """Lines broken where months are missing or the basis changes; marks for single points."""
    width = panel.sheet.size.line
    for series in past:
        for part in _pieces(series) if series.line else [series.points]:
            x = np.array([date.toordinal() for date in part["date"]], float)
            marker = series.marker or ("." if len(part) == 1 else "")
            panel.axes.plot(x, part["value"], zorder=3, **_look(series, width, marker))
            clutter.add_line(panel.x(x), panel.y(part["value"]))


def _look(series: Observed, width: float, marker: str) -> Look:
    style = "solid" if series.line else "none"
    return {
        "color": series.colour,
        "linestyle": style,
        "linewidth": width,
        "marker": marker,
        "markersize": 3.0 * width,
        "markerfacecolor": "white",
    }


def _pieces(series: Observed) -> list[pd.DataFrame]:
    points = series.points
    if points.empty:
        return []
    days = np.array([date.toordinal() for date in points["date"]])
    breaks = (np.diff(days) > LONGEST_GAP) | (points["basis"].to_numpy()[1:] != points["basis"].to_numpy()[:-1])
    return [points.iloc[part] for part in np.split(np.arange(len(points)), np.flatnonzero(breaks) + 1)]


def _level(panel: Panel, level: tuple[float, float, str], clutter: labels.Clutter) -> None:
    """A hatched range with its name."""
    low, high, text = level
    size = panel.sheet.size
    panel.axes.axhspan(
        low, max(high, low + 1e-9), facecolor="none", edgecolor="#B5B5B5", hatch="///", linewidth=0.0, zorder=2.5
    )
    for edge in (low, high):
        panel.axes.axhline(edge, color=RULE, linewidth=0.5 * size.line, zorder=2.6)
    clutter.add_area((panel.box[0], float(panel.y(low)), panel.box[2], float(panel.y(high))))
    wide, tall = labels.width(text, size.text), labels.height(text, size.text)
    columns = np.arange(panel.box[0] + 0.06, panel.box[2] - wide, 0.1)
    rows = (float(panel.y(low)) - tall - 0.05, float(panel.y(high)) + 0.05)
    panel.inside(clutter, text, [(x, y) for y in rows for x in columns if y >= panel.box[1] + 0.01], colour=INK)


def _names(
    panel: Panel, line: Timeline, bands: pd.DataFrame, past: list[Observed], clutter: labels.Clutter, *, state: bool
) -> None:
    """Names of the bands inside them, and of the observations beside them, where no line passes."""
    size = panel.sheet.size
    tall = labels.height("50%", size.text)
    wide = labels.width("50%", size.text)
    x = line.drawn(bands["q50"].to_numpy(), state=state)[0]
    edges = {name: panel.y(line.drawn(bands[name].to_numpy())[1]) for name in QUANTILES}
    for text, pairs in (("90%", (("q75", "q95"), ("q05", "q25"))), ("50%", (("q50", "q75"), ("q25", "q50")))):
        panel.inside(clutter, text, list(_within(panel.x(x), edges, pairs, wide, tall)), colour=BLUE, strict=True)
    for series in past:
        if len(series.points):
            days = [date.toordinal() for date in series.points["date"]]
            sample = _look(series, size.line, series.marker) if series.marker or len(past) > 1 else None
            marks.name_beside(
                panel, series.label, days, series.points["value"], clutter, last=line.start, sample=sample
            )


def _within(
    x: np.ndarray, edges: dict[str, np.ndarray], pairs: Iterable[tuple[str, str]], wide: float, tall: float
) -> Iterator[tuple[float, float]]:
    """Lower left corners of boxes between two edges, latest first: there the fan is widest."""
    for lower, upper in pairs:
        for centre in np.arange(x[-1] - wide, x[0] + wide, -0.05):
            at = np.linspace(centre - wide / 2, centre + wide / 2, 5)
            floor, roof = np.interp(at, x, edges[lower]).max(), np.interp(at, x, edges[upper]).min()
            if roof - floor > tall + 0.05:
                yield centre - wide / 2, 0.5 * (floor + roof - tall)


def _alt(paths: list[tuple[Story, np.ndarray]]) -> str:
    return f" Example paths: {'; '.join(story.label for story, _ in paths)}." if paths else ""


def _data(
    run: Run, fan: Fan, bands: pd.DataFrame, paths: list[tuple[Story, np.ndarray]], past: list[Observed]
) -> pd.DataFrame:
    """Tidy: series, time, statistic, value, unit, basis."""
    long = bands.rename_axis("time").reset_index().melt("time", var_name="statistic", value_name="value")
    frames = [long.assign(series="model", basis="")]
    for story, values in paths:
        frames.append(
            pd.DataFrame(
                {
                    "series": f"path {story.path}: {story.name}",
                    "time": bands.index,
                    "statistic": "path",
                    "value": values,
                    "basis": "",
                }
            )
        )
    for series in past:
        points = series.points[COLUMNS].rename(columns={"date": "time"})
        frames.append(points.assign(series=f"observed: {series.label}", statistic="observed"))
    if fan.extra is not None:
        frames.append(fan.extra.assign(basis=""))
    table = pd.concat([frame for frame in frames if len(frame)], ignore_index=True)
    return table.assign(unit=fan.unit)[["series", "time", "statistic", "value", "unit", "basis"]]
