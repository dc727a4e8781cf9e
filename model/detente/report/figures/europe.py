"""Effects of gas on Europe's consumer prices, gas bill and output since the as-of date."""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from detente.analysis.estimates import Reading
from detente.report.plots import labels
from detente.report.plots.example_paths import Story
from detente.report.plots.fan import Look, write_key
from detente.report.plots.numbers import Numbers, from_fan, significant
from detente.report.plots.page import Entry, Sheet, digits, nice, widest
from detente.report.plots.picture import Picture
from detente.report.plots.style import BAND_50, BAND_90, BLUE, LINES, Size
from detente.report.plots.timeline import Timeline, foot, timeline
from detente.runs.run import Run
from detente.shared import formatting

EURO_AREA = "Euro Area"
QUANTILES = ("q05", "q25", "q50", "q75", "q95")
HEAD = 1.9
"""Height of a panel's name in lines of text."""


@dataclass(frozen=True)
class Part:
    """One panel: variable, heading, name in a sentence, unit in a sentence."""

    variable: str
    heading: str
    plain: str
    unit: str


PARTS = (
    Part("Inflation|HICP|Gas Effect", "Consumer prices, points", "consumer prices", "points"),
    Part("Bill|Natural Gas|Change", "Gas bill, % of GDP", "the gas bill", "% of GDP"),
    Part("GDP|Gas Effect", "Output, % of GDP", "output", "% of GDP"),
)
UNITS = {"Inflation|HICP|Gas Effect": "pp", "Bill|Natural Gas|Change": "% of GDP", "GDP|Gas Effect": "% of GDP"}


def europe(run: Run, examples: list[Story], size: Size) -> Picture:
    """50% and 90% ranges with the median named at its end, one panel an effect."""
    line, numbers = timeline(run), Numbers()
    tables = {part: run.fan(part.variable, EURO_AREA)[list(QUANTILES)] for part in PARTS}
    paths = _paths(run, examples)
    key = _key(examples if paths else [], size)
    under = sum(labels.height(text, size.text) + 0.3 * size.pitch for text, _ in key) + (
        0.4 * size.pitch if key else 0.0
    )
    columns = 1 if size.narrow else len(PARTS)
    rows = len(PARTS) // columns
    thin = "; lettered lines: example paths (in brackets: share of simulations with the same events)" if key else ""
    subtitle = (
        f"Effect of gas since {formatting.short_day(run.config.as_of)} on the euro area: level of consumer prices "
        "in points; gas bill at the hub price "
        f"and output in per cent of GDP. Bands: 50% and 90% ranges; thick line: median{thin}."
        f" 90% range of consumer prices in {line.last_month}: {_range(run, numbers)} points."
    )
    body = rows * (1.75 if size.narrow else 2.3) + under
    sheet = Sheet(size, _title(run, line, numbers), subtitle, foot(run), body=body)
    high = (sheet.top - sheet.bottom - under) / rows
    wide = (sheet.right - sheet.left) / columns
    for number, part in enumerate(PARTS):
        left, top = sheet.left + wide * (number % columns), sheet.top - high * (number // columns)
        sheet.text(left, top - 1.1 * size.pitch, part.heading, bold=True, va="baseline")
        gap = 0.0 if number % columns == columns - 1 else 0.6 * size.pitch
        _panel(
            sheet,
            run,
            line,
            (left, top - high, left + wide - gap, top - HEAD * size.pitch),
            tables[part],
            paths.get(part.variable, []),
        )
    write_key(sheet, key, sheet.bottom + under - 0.4 * size.pitch)
    return Picture(
        "europe", "relief", sheet, _alt(tables, line), _data(tables, paths, examples), tuple(numbers.readings)
    )


def _paths(run: Run, examples: list[Story]) -> dict[str, list[np.ndarray]]:
    """Values of the example paths by variable, in the order of the examples."""
    if not examples:
        return {}
    table = run.kept_paths()
    table = table[table["path"].isin([story.path for story in examples])].sort_values(["path", "time"])
    groups = table.groupby("path")
    return {
        part.variable: [
            groups[f"{EURO_AREA}|{part.variable}"].get_group(story.path).to_numpy(float) for story in examples
        ]
        for part in PARTS
    }


def _key(examples: list[Story], size: Size) -> list[tuple[str, Look]]:
    room = size.width - 2.0 * size.margin - 0.4
    looks = [{"color": colour, "linestyle": dash, "linewidth": 0.8 * size.line} for colour, dash in LINES]
    texts = [
        labels.wrap(f"{'ABCD'[number]}\u00a0 {story.bound}", room, size.text) for number, story in enumerate(examples)
    ]
    return list(zip(texts, looks, strict=False))


def _panel(
    sheet: Sheet, run: Run, line: Timeline, box: labels.Box, bands: pd.DataFrame, paths: list[np.ndarray]
) -> None:
    """One fan: the axis holds the bands and zero; an example path may leave it."""
    size = sheet.size
    low, high = min(0.0, float(bands["q05"].min())), max(0.0, float(bands["q95"].max()))
    edge = 0.05 * max(high - low, 0.02)
    ticks = nice(low - edge, high + edge, 5)
    names = [formatting.amount(tick, digits(ticks), signed=True) for tick in ticks]
    median = float(bands["q50"].iloc[-1])
    text = formatting.amount(median, 1, signed=True)
    room = max(labels.width("+0.0", size.text, bold=True), labels.width(text, size.text, bold=True))
    left = box[0] + widest(names, size.text) + 0.6 * size.text / 72.0
    inside = (left, box[1] + 1.6 * size.pitch, box[2] - room - 0.7 * size.pitch, box[3])
    panel = sheet.panel(inside, (line.start, line.end), (low - edge, high + edge))
    panel.value_ticks(ticks, names)
    panel.date_ticks(run.config.as_of, dt.date.fromordinal(int(line.end)))
    for lower, upper, colour in (("q05", "q95", BAND_90), ("q25", "q75", BAND_50)):
        x, below = line.drawn(bands[lower].to_numpy())
        panel.axes.fill_between(
            x, below, line.drawn(bands[upper].to_numpy())[1], color=colour, linewidth=0.0, zorder=0.5
        )
    x, y = line.drawn(bands["q50"].to_numpy())
    panel.axes.plot(x, y, color=BLUE, linewidth=1.7 * size.line, zorder=5)
    entries = [Entry(median, text, BLUE, bold=True, start=float(x[-1]), weight=4.0)]
    for number, values in enumerate(paths):
        colour, dash = LINES[number]
        xs, ys = line.drawn(values)
        panel.axes.plot(xs, ys, color=colour, linestyle=dash, linewidth=0.8 * size.line, zorder=4)
        entries.append(Entry(float(ys[-1]), "ABCD"[number], colour, dash, start=float(xs[-1])))
    panel.beside(entries, inside[2] + 0.7 * size.pitch, room)


def _moved(table: pd.DataFrame) -> str:
    """The median at the end with its 90% range."""
    end = table.iloc[-1]
    return formatting.with_range(*end[["q50", "q05", "q95"]], resolution=0.1, signed=True)


def _title(run: Run, line: Timeline, numbers: Numbers) -> str:
    """The median effect of gas on consumer prices at the end."""
    middle = from_fan(run, PARTS[0].variable, EURO_AREA, "q50")
    if not significant(middle, 0.1):
        return f"Gas hardly moves euro-area consumer prices by {line.last_month}: median {_points(middle, numbers)}"
    verb = "lowers" if middle.value < 0.0 else "raises"
    size = formatting.quantity(numbers.amount(middle, 0.1), "points")
    return f"Gas {verb} euro-area consumer prices by {size} by {line.last_month} (median)"


def _points(reading: Reading, numbers: Numbers) -> str:
    return formatting.quantity(numbers.amount(reading, 0.1, signed=True), "points")


def _range(run: Run, numbers: Numbers) -> str:
    low, high = (from_fan(run, PARTS[0].variable, EURO_AREA, statistic) for statistic in ("q05", "q95"))
    return numbers.span(low, high, 0.1, signed=True)


def _alt(tables: dict[Part, pd.DataFrame], line: Timeline) -> str:
    parts = [f"{part.plain} {_moved(table)} {part.unit}" for part, table in tables.items()]
    return (
        f"Three fan charts of the effect of gas on the euro area. Median and 90% range in {line.last_month}: "
        f"{'; '.join(parts)}."
    )


def _data(tables: dict[Part, pd.DataFrame], paths: dict[str, list[np.ndarray]], examples: list[Story]) -> pd.DataFrame:
    """Tidy: variable, series, time, statistic, value, unit."""
    frames = []
    for part, table in tables.items():
        long = table.rename_axis("time").reset_index().melt("time", var_name="statistic", value_name="value")
        frames.append(long.assign(variable=part.variable, series="model", unit=UNITS[part.variable]))
        for story, values in zip(examples, paths.get(part.variable, []), strict=False):
            rows = pd.DataFrame({"time": table.index, "statistic": "path", "value": values})
            frames.append(
                rows.assign(
                    variable=part.variable, series=f"path {story.path}: {story.name}", unit=UNITS[part.variable]
                )
            )
    return pd.concat(frames, ignore_index=True)[["variable", "series", "time", "statistic", "value", "unit"]]
