"""Scenarios side by side: medians of the discount and of exports, with 50% ranges at the end."""

import datetime as dt
from dataclasses import replace

import pandas as pd

from detente.report.plots import labels
from detente.report.plots.numbers import Numbers, from_fan
from detente.report.plots.page import Entry, Sheet, digits, nice, widest
from detente.report.plots.picture import Picture
from detente.report.plots.style import SCENARIO_LINES, Size
from detente.report.plots.timeline import foot, timeline
from detente.runs.run import Run
from detente.shared import formatting

PANELS = (
    ("Price|Oil|Urals|FOB Discount", "Russian Federation", "Urals discount at the port, USD/bbl", "USD/bbl", 1),
    ("Trade|Oil|Volume", "Russian Federation", "Exports of crude and products, mb/d", "mb/d", 1),
)
Tables = dict[tuple[str, str], pd.DataFrame]
"""Statistics over time by scenario and variable."""
MOST = len(SCENARIO_LINES)


def scenarios(run: Run, against: list[Run], size: Size) -> Picture | None:
    """Two panels, one line a scenario; None without another scenario of the same start and step."""
    runs = comparable(run, against)
    if len(runs) < 2:
        return None
    line, numbers = timeline(run), Numbers()
    tables = {(one.scenario, variable): one.fan(variable, region) for one in runs for variable, region, *_ in PANELS}
    subtitle = "Medians; bars at the end: 50% ranges. The value axes do not start at zero."
    side = size.height is not None
    body = 2.0 * max(2.3, 0.36 + len(runs) * 1.3 * size.pitch)
    sheet = Sheet(size, _title(runs, line.last_month, numbers), subtitle, foot(run, others=runs[1:]), body=body)
    wide = (sheet.right - sheet.left - 1.5 * size.pitch) / 2.0 if side else sheet.right - sheet.left
    high = sheet.top - sheet.bottom if side else (sheet.top - sheet.bottom) / 2.0
    axis = max(
        widest(_scale({one.scenario: tables[one.scenario, variable] for one in runs})[1], size.text)
        for variable, *_ in PANELS
    )
    for number, (variable, _, heading, _, decimals) in enumerate(PANELS):
        left = sheet.left + (wide + 1.5 * size.pitch) * number if side else sheet.left
        top = sheet.top if side else sheet.top - number * high
        sheet.text(left, top - 1.1 * size.pitch, heading, bold=True, va="baseline")
        chosen = {one.scenario: tables[one.scenario, variable] for one in runs}
        _panel(sheet, run, (left, top - high, left + wide, top - 1.8 * size.pitch), chosen, decimals, axis)
    return Picture(
        "scenarios", "relief", sheet, _alt(runs, tables, line.last_month), _data(runs, tables), tuple(numbers.readings)
    )


def comparable(run: Run, against: list[Run]) -> list[Run]:
    """The run and comparable others, each scenario once, as many as there are line styles.

    Comparable: same start, horizon and step.
    """
    runs = [run]
    for one in against:
        options, mine = one.manifest["config"]["run"], run.manifest["config"]["run"]
        alike = one.config.as_of == run.config.as_of and all(options[key] == mine[key] for key in ("horizon", "step"))
        if alike and one.scenario not in [other.scenario for other in runs]:
            runs.append(one)
    return runs[:MOST]


def _panel(
    sheet: Sheet, run: Run, box: labels.Box, tables: dict[str, pd.DataFrame], decimals: int, axis: float
) -> None:
    """Lines to the horizon, then a bar for the 50% range of each scenario, then the names."""
    size, line = sheet.size, timeline(run)
    low, high = _limits(tables)
    ticks, names = _scale(tables)
    texts = {
        name: f"{formatting.slug_in_words(name)} {formatting.amount(table['q50'].iloc[-1], decimals)}"
        for name, table in tables.items()
    }
    room = min(max(labels.width(text, size.text, bold=True) for text in texts.values()), 0.42 * (box[2] - box[0]))
    step = 0.45 * size.text / 72.0
    bars = (len(tables) + 1) * step
    left = box[0] + axis + 0.6 * size.text / 72.0
    right = box[2] - room - 0.3 * size.pitch - sheet.sample - bars
    panel = sheet.panel((left, box[1] + 1.8 * size.pitch, right, box[3]), (line.start, line.end), (low, high))
    panel.value_ticks(ticks, names)
    panel.date_ticks(run.config.as_of, dt.date.fromordinal(int(line.end)))
    entries = []
    for number, (name, table) in enumerate(tables.items()):
        colour, dash = SCENARIO_LINES[number]
        x, y = line.drawn(table["q50"].to_numpy())
        panel.axes.plot(x, y, color=colour, linestyle=dash, linewidth=1.1 * size.line, zorder=4 + (number == 0))
        at = right + (number + 1) * step
        sheet.line([at, at], panel.y(table[["q25", "q75"]].iloc[-1]), color=colour, linewidth=1.6 * size.line)
        sheet.line(
            [at - 0.4 * step, at + 0.4 * step],
            [float(panel.y(table["q50"].iloc[-1]))] * 2,
            color="white",
            linewidth=0.8 * size.line,
        )
        entries.append(Entry(float(table["q50"].iloc[-1]), texts[name], colour, dash, bold=number == 0))
    panel.beside(
        entries,
        right + bars + 0.3 * size.pitch,
        room,
        sampled=True,
        low=panel.box[1] - 0.8 * size.pitch,
        high=panel.box[3] + 0.3 * size.pitch,
    )


def _scale(tables: dict[str, pd.DataFrame]) -> tuple[list[float], list[str]]:
    """Ticks of the value axis and their labels."""
    ticks = nice(*_limits(tables), 5)
    return ticks, [formatting.amount(tick, digits(ticks)) for tick in ticks]


def _limits(tables: dict[str, pd.DataFrame]) -> tuple[float, float]:
    low = min(min(float(table["q50"].min()), float(table["q25"].iloc[-1])) for table in tables.values())
    high = max(max(float(table["q50"].max()), float(table["q75"].iloc[-1])) for table in tables.values())
    room = 0.06 * max(high - low, 0.05 * abs(high), 1e-6)
    return low - room, high + room


def _called(scenario: str) -> str:
    return "the baseline" if scenario == "baseline" else formatting.slug_in_words(scenario)


def _title(runs: list[Run], last_month: str, numbers: Numbers) -> str:
    """The scenarios with the narrowest and the widest median discount at the end."""
    variable, region, *_ = PANELS[0]
    ends = {one.scenario: from_fan(one, variable, region, "q50") for one in runs}
    ends = {name: replace(reading, row=f"{reading.row}, {name}") for name, reading in ends.items()}
    least, most = (pick(ends, key=lambda name: ends[name].value) for pick in (min, max))
    low = numbers.quantity(ends[least], "USD/bbl")
    if formatting.rounded(ends[most].value, ends[most].error, 1.0) in low.split("\u00a0"):
        return f"Median Urals discount in {last_month}: {low} in all scenarios"
    high = numbers.amount(ends[most])
    return f"Median Urals discount in {last_month}: {low} under {_called(least)}, {high} under {_called(most)}"


def _alt(runs: list[Run], tables: Tables, last_month: str) -> str:
    parts = []
    for variable, _, heading, _, decimals in PANELS:
        ends = [
            f"{formatting.slug_in_words(one.scenario)} "
            f"{formatting.with_range(*end[['q50', 'q25', 'q75']], resolution=10.0**-decimals)}"
            for one in runs
            for end in (tables[one.scenario, variable].iloc[-1],)
        ]
        parts.append(f"{heading}: {'; '.join(ends)}.")
    return f"Medians by scenario in {last_month}, in brackets 50% ranges. {' '.join(parts)}"


def _data(runs: list[Run], tables: Tables) -> pd.DataFrame:
    """Medians over time, and 50% ranges at the end."""
    frames = []
    for variable, region, _, unit, _ in PANELS:
        for one in runs:
            table = tables[one.scenario, variable]
            names = {"scenario": one.scenario, "variable": variable, "region": region, "unit": unit}
            frames.append(
                pd.DataFrame({**names, "time": table.index, "statistic": "q50", "value": table["q50"].to_numpy()})
            )
            end = table[["q25", "q75"]].iloc[-1]
            frames.append(
                pd.DataFrame({**names, "time": table.index[-1], "statistic": end.index, "value": end.to_numpy()})
            )
    return pd.concat(frames, ignore_index=True)
