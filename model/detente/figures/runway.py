"""Months of runway: how often money and people last less than one year or two, in Russia and in Ukraine."""

import datetime as dt

import numpy as np
import pandas as pd

from detente.figures import labels, phrases, smallfan
from detente.figures.picture import Picture
from detente.figures.sheet import Entry, Sheet, widest
from detente.figures.smallfan import RUSSIA, UKRAINE
from detente.figures.style import MUTED, ORANGE, Size
from detente.figures.tariff import key
from detente.figures.timeline import Timeline, foot, timeline
from detente.results import Run

MONEY, PEOPLE = "Sovereign Fund|Runway", "War|Manpower Runway"
PARTS = ((MONEY, RUSSIA, "Money, Russia"), (PEOPLE, RUSSIA, "People, Russia"), (PEOPLE, UKRAINE, "People, Ukraine"))
"""Variable, region, heading."""
SHORT, LONG = 12, 24
"""Months under which a runway is told; the codelist holds the probability of being above both."""
LONGEST = 119.5
"""From here on a runway is at the end of what the model counts, 120 months; quantiles come from bins and may miss it a little."""
DARK, LIGHT = "#8A3D00", ORANGE
KEY = {"under 12 months, or run out": DARK, "12 to 24 months": LIGHT}
HIGH, HIGH_NARROW = 2.5, 1.85
"""Height of a panel with its heading on a free page, inches."""
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


def runway(run: Run, size: Size) -> Picture | None:
    """Shares of paths with a runway under one year and under two, a panel a stock; None for a run that does not say them."""
    needed = [(variable, region) for variable, region, *_ in PARTS]
    if not all(smallfan.holds(run, needed, statistic) for statistic in ("q50", f"p_above_{SHORT}", f"p_above_{LONG}")):
        return None
    line = timeline(run)
    tables = [run.fan(variable, region) for variable, region, *_ in PARTS]
    columns = 1 if size.narrow else len(PARTS)
    sheet = Sheet(size, _title(tables, line), _subtitle(run), foot(run), body=3 * HIGH_NARROW + 0.4 if size.narrow else HIGH + 0.2)
    top = key(sheet, KEY)
    cells = smallfan.boxes(sheet, [heading for *_, heading in PARTS], columns, top, sheet.bottom)
    for cell, table in zip(cells, tables, strict=True):
        _panel(sheet, cell, line, table)
    return Picture("runway", "war", sheet, _alt(tables, line), _data(tables))


def shares(table: pd.DataFrame) -> pd.DataFrame:
    """Share of paths under one year and under two, by step."""
    return pd.DataFrame({months: 1.0 - table[f"p_above_{months}"] for months in (SHORT, LONG)})


def _panel(sheet: Sheet, box: labels.Box, line: Timeline, table: pd.DataFrame) -> None:
    """Areas from zero up to both shares, each with its last value; the median in words under the heading."""
    size = sheet.size
    under = shares(table)
    names = [f"{phrases.amount(100.0 * tick)}%" for tick in TICKS]
    ends = [phrases.percent(float(under[months].iloc[-1])) for months in (SHORT, LONG)]
    room = widest(["100%", *ends], size.text)
    said = labels.wrap(_median(table), box[2] - box[0], size.text)
    sheet.text(box[0], box[3] + (smallfan.HEAD - 0.4) * size.pitch, said, va="top", colour=MUTED)
    left = box[0] + widest(names, size.text) + 0.6 * size.text / 72.0
    top = box[3] - labels.height(said, size.text)
    panel = sheet.panel((left, box[1] + 1.6 * size.pitch, box[2] - room - 0.7 * size.pitch, top), (line.start, line.end), (0.0, 1.0))
    panel.value_ticks(TICKS, names)
    panel.date_ticks(line.calendar.as_of, dt.date.fromordinal(int(line.end)))
    x = np.concatenate([[line.start], line.edges[1:]])
    entries = []
    for months, floor, colour, text in ((LONG, SHORT, LIGHT, ends[1]), (SHORT, None, DARK, ends[0])):
        values = _from_start(under[months])
        panel.axes.fill_between(x, 0.0 if floor is None else _from_start(under[floor]), values, facecolor=colour, linewidth=0.0, zorder=2)
        entries.append(Entry(float(values[-1]), text, colour, bold=months == SHORT, start=float(x[-1])))
    panel.beside(entries if ends[0] != ends[1] else entries[1:], panel.box[2] + 0.7 * size.pitch, room)


def _from_start(values: pd.Series) -> np.ndarray:
    """The values at the ends of the steps, the first one also at the as-of date."""
    return np.concatenate([values.to_numpy()[:1], values.to_numpy()])


def _months(value: float) -> str:
    return "120 or more" if value >= LONGEST else phrases.amount(value)


def _median(table: pd.DataFrame) -> str:
    first, last = (_months(float(table["q50"].iloc[step])) for step in (0, -1))
    return f"median {first} months" if first == last else f"median {first} months at first, {last} at the end"


def _title(tables: list[pd.DataFrame], line: Timeline) -> str:
    """How often each is short at the end."""
    money, russia, ukraine = (phrases.percent(float(shares(table)[SHORT].iloc[-1])) for table in tables)
    return (
        f"By {line.last_month} Russia’s money lasts less than a year on {money} of paths, its people on {russia}; "
        f"Ukraine’s people on {ukraine}"
    )


def _subtitle(run: Run) -> str:
    return (
        f"Share of paths with a short runway at the end of each {run.config.run.step}. Money: months that the liquid reserve lasts at the present need "
        "beyond borrowing. People: months until the force is three quarters of what it was on the as-of date, at the present net change. Not counted "
        "beyond 120 months; a force that grows counts as 120."
    )


def _alt(tables: list[pd.DataFrame], line: Timeline) -> str:
    parts = []
    for (*_, heading), table in zip(PARTS, tables, strict=True):
        under = shares(table).iloc[-1]
        parts.append(
            f"{heading}: {_median(table)}; by {line.last_month} under 12 months on {phrases.percent(float(under[SHORT]))} of paths, under 24 on "
            f"{phrases.percent(float(under[LONG]))}"
        )
    return f"Three panels of shares of paths with a short runway. {'. '.join(parts)}."


def _data(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """Tidy: region, variable, series, time, statistic, value, unit."""
    frames = []
    for (variable, region, *_), table in zip(PARTS, tables, strict=True):
        long = shares(table).rename(columns={months: f"p_under_{months}" for months in (SHORT, LONG)}).rename_axis("time").reset_index()
        frames.append(long.melt("time", var_name="statistic", value_name="value").assign(region=region, variable=variable, unit="1"))
        median = table["q50"].rename("value").rename_axis("time").reset_index()
        frames.append(median.assign(statistic="q50", region=region, variable=variable, unit="month"))
    return pd.concat(frames, ignore_index=True).assign(series="model")[["region", "variable", "series", "time", "statistic", "value", "unit"]]
