"""Months of runway of money and people while the war goes on, in Russia and in Ukraine."""

import datetime as dt

import numpy as np
import pandas as pd

from detente.analysis.relief_value import FEWEST_KEPT
from detente.report.figures.trade import key
from detente.report.plots import labels, small_multiples
from detente.report.plots.numbers import KEPT, Numbers, day_of, given, proportion
from detente.report.plots.page import Entry, Sheet, widest
from detente.report.plots.picture import Picture
from detente.report.plots.small_multiples import RUSSIA, UKRAINE
from detente.report.plots.style import MUTED, ORANGE, Size
from detente.report.plots.timeline import Timeline, foot, timeline
from detente.runs.run import Run
from detente.shared import formatting

PARTS = (
    (f"{RUSSIA}|Sovereign Fund|Runway", "Liquid reserve, Russia"),
    (f"{RUSSIA}|War|Manpower Runway", "Manpower, Russia"),
    (f"{UKRAINE}|War|Manpower Runway", "Manpower, Ukraine"),
)
"""Column of the kept paths, and heading."""
QUIET = (f"{UKRAINE}|Conflict|Ceasefire", f"{UKRAINE}|Conflict|Settlement")
EDGES = (12.0, 24.0)
"""Limits of the classes, months."""
LONGEST = 119.5
"""From here on a runway is at the model's upper limit, 120 months."""
SHARES = ("under 12", "12 to 24", "over 24", "no war")
COLOURS = ("#8A3D00", ORANGE, "#FBF3E3", "#C9C9C9")
KEY = dict(
    zip(("under 12 months, or run out", "12 to 24 months", "longer", "the war has stopped"), COLOURS, strict=True)
)
HIGH, HIGH_NARROW = 2.6, 1.95
"""Height of a panel with its heading on a free page, inches."""
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


def runway(run: Run, size: Size) -> Picture | None:
    """Kept paths by runway, as areas that add up to one, a panel a stock.

    None for a run without the stocks or without kept paths.

    Paths without war form a class of their own: there forces shrink because people are sent home.
    """
    paths = run.kept_paths()
    if paths.empty or not {*(column for column, _ in PARTS), *QUIET} <= set(paths):
        return None
    line, numbers = timeline(run), Numbers()
    tables = [table_of(paths, column) for column, _ in PARTS]
    columns = 1 if size.narrow else len(PARTS)
    body = 3 * HIGH_NARROW + 0.6 if size.narrow else HIGH + 0.2
    number = paths["path"].nunique()
    sheet = Sheet(size, _title(tables, line, number, numbers), _subtitle(run, number, numbers), foot(run), body=body)
    top = key(sheet, KEY)
    cells = small_multiples.boxes(sheet, [heading for _, heading in PARTS], columns, top, sheet.bottom)
    texts = [
        labels.wrap(_median(table), cell[2] - cell[0], size.text) for table, cell in zip(tables, cells, strict=True)
    ]
    tall = max(labels.height(text, size.text) for text in texts)
    for cell, table, text in zip(cells, tables, texts, strict=True):
        sheet.text(cell[0], cell[3] + (small_multiples.HEAD - 0.4) * size.pitch, text, va="top", colour=MUTED)
        _panel(sheet, (cell[0], cell[1], cell[2], cell[3] - tall), line, table)
    return Picture("runway", "war", sheet, _alt(tables, line), _data(tables), tuple(numbers.readings))


def table_of(paths: pd.DataFrame, column: str) -> pd.DataFrame:
    """Share of the kept paths with each of ``SHARES`` by step.

    Further columns: ``median`` of the months in war, and the number of ``paths`` in war.
    """
    war = paths[[*QUIET]].sum(axis=1) < 0.5
    months = paths[column]
    kinds = {
        SHARES[0]: war & (months < EDGES[0]),
        SHARES[1]: war & (months >= EDGES[0]) & (months < EDGES[1]),
        SHARES[2]: war & (months >= EDGES[1]),
        SHARES[3]: ~war,
    }
    table = pd.DataFrame(kinds).astype(float).groupby(paths["time"]).mean()
    at_war = months[war].groupby(paths["time"][war])
    return table.assign(median=at_war.median(), paths=at_war.size()).fillna({"paths": 0.0})


def short(table: pd.DataFrame, edge: str = SHARES[0]) -> float:
    """Share with a runway under one year, at the end, of the paths in war; NaN if these are too few."""
    last = table.iloc[-1]
    return float(last[edge] / (1.0 - last[SHARES[3]])) if last["paths"] >= FEWEST_KEPT else np.nan


def _panel(sheet: Sheet, box: labels.Box, line: Timeline, table: pd.DataFrame) -> None:
    """Areas from the bottom up, each with its last value."""
    size = sheet.size
    names = [f"{formatting.amount(100.0 * tick)}%" for tick in TICKS]
    room = widest(["100%"], size.text)
    left = box[0] + widest(names, size.text) + 0.6 * size.text / 72.0
    panel = sheet.panel(
        (left, box[1] + 1.6 * size.pitch, box[2] - room - small_multiples.LEAD * size.pitch, box[3]),
        (line.start, line.end),
        (0.0, 1.0),
    )
    panel.value_ticks(TICKS, names)
    small_multiples.dates(panel, line.calendar.as_of, dt.date.fromordinal(int(line.end)))
    x = np.concatenate([[line.start], line.edges[1:]])
    values = table[[*SHARES]].to_numpy()
    tops = np.cumsum(np.concatenate([values[:1], values]), axis=1)
    entries = []
    for number, (share, colour) in enumerate(zip(SHARES, COLOURS, strict=True)):
        base = tops[:, number - 1] if number else np.zeros(len(x))
        panel.axes.fill_between(
            x, base, tops[:, number], facecolor=colour, edgecolor="white", linewidth=0.3 * size.line, zorder=2
        )
        last = float(table[share].iloc[-1])
        if last > 0.0:
            middle = 0.5 * float(base[-1] + tops[-1, number])
            entries.append(Entry(middle, formatting.percent(last), MUTED, bold=number == 0, start=float(x[-1])))
    panel.beside(entries, panel.box[2] + small_multiples.LEAD * size.pitch, room)


def _months(value: float) -> str:
    return "120 or more" if value >= LONGEST else formatting.amount(value)


def _median(table: pd.DataFrame) -> str:
    """Median months while the war goes on, in the first step and in the last one."""
    known = table["median"].dropna()
    if known.empty:
        return "no war"
    first, last = _months(float(known.iloc[0])), _months(float(known.iloc[-1]))
    return (
        f"in war, median {first} months"
        if first == last
        else f"in war, median {first} months at first, {last} at the end"
    )


def _title(tables: list[pd.DataFrame], line: Timeline, paths: int, numbers: Numbers) -> str:
    """Probability that the reserve lasts less than a year at the end, if the war goes on."""
    if any(np.isnan(short(table)) for table in tables):
        over = proportion(
            float(tables[0][SHARES[3]].iloc[-1]), paths, KEPT, f"{SHARES[3]}, {day_of(tables[0].index[-1])}"
        )
        return f"The war has stopped by {line.last_month} in {numbers.percent(over)} of simulations"
    at_war = float(tables[0]["paths"].iloc[-1])
    reserve = proportion(
        short(tables[0]), at_war, KEPT, f"{PARTS[0][0]} under {EDGES[0]:.0f} months, paths in war at the end"
    )
    return f"If the war continues, Russia’s reserve lasts under a year in {numbers.percent(reserve)} of simulations"


def _subtitle(run: Run, paths: int, numbers: Numbers) -> str:
    count = numbers.amount(given(paths, "number of kept paths", KEPT))
    return (
        f"Share of {count} kept paths by months of runway at the end of each {run.config.run.step}; the title "
        "refers to "
        "the last one. Reserve: months at the present need beyond borrowing. Manpower: months until the force is "
        "down to "
        "three quarters of its size on the as-of date, at the present net change; a growing force counts as 120 "
        "months, "
        "the upper limit."
    )


def _alt(tables: list[pd.DataFrame], line: Timeline) -> str:
    parts = []
    for (_, heading), table in zip(PARTS, tables, strict=True):
        shares = ", ".join(f"{name} {formatting.percent(float(table[name].iloc[-1]))}" for name in SHARES)
        parts.append(f"{heading}: {_median(table)}; {line.last_month}: {shares}")
    return f"Stacked shares of simulations by months of runway. {'. '.join(parts)}."


def _data(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """Tidy: variable, series, time, statistic, value, unit."""
    frames = []
    for (column, _), table in zip(PARTS, tables, strict=True):
        long = table.rename_axis("time").reset_index().melt("time", var_name="series", value_name="value")
        units = {"median": "month", "paths": "paths"}
        long["unit"] = [units.get(name, "1") for name in long["series"]]
        long["statistic"] = ["in war" if name in units else "share" for name in long["series"]]
        frames.append(long.assign(variable=column))
    return pd.concat(frames, ignore_index=True)[["variable", "series", "time", "statistic", "value", "unit"]]
