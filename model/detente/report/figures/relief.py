"""Revenue effect of relief.

Paired difference of each scenario's revenue from no relief, split into volume, Brent and discount.
"""

import numpy as np
import pandas as pd

from detente.analysis.estimates import BOTH_EVENTS, Reading
from detente.report.plots import labels
from detente.report.plots.numbers import Numbers, significant
from detente.report.plots.page import Panel, Sheet, digits, nice, widest
from detente.report.plots.picture import Picture
from detente.report.plots.style import BLUE, GREEN, GRID, INK, MUTED, ORANGE, Size
from detente.report.plots.timeline import foot
from detente.runs.comparison import compare
from detente.runs.run import Run
from detente.shared import formatting
from detente.shared.errors import ConfigError

REFERENCE = "no-relief"
PARTS = {"volume": BLUE, "Brent": GREEN, "discount": ORANGE, "total": "#4D4D4D"}
PLAIN = {"volume": "export volumes", "Brent": "the price of Brent", "discount": "the discount"}
STATISTICS = ["mean", "q05", "q95", "mc_error"]
ROW, HEAD = 1.3, 1.7
"""Heights of a bar's row and of a scenario's name in lines of text."""
TIGHTEST = 0.77
"""Least line pitch where the page is fixed; beyond it, scenarios go into further columns."""
MOST, MOST_ON_SLIDE = 9, 6
"""Scenarios in one figure: the run itself and those that differ most."""


def worth(run: Run, against: list[Run]) -> dict[str, pd.DataFrame]:
    """Paired differences of revenue from no relief, USD bn a year, by scenario; empty without a run of no relief.

    Runs that cannot be paired with it (other seed, horizon, step, paths or start) are left out.
    """
    runs = [run, *(one for one in against if one.scenario != run.scenario)]
    reference = next((one for one in runs if one.scenario == REFERENCE), None)
    tables: dict[str, pd.DataFrame] = {}
    for one in runs:
        if reference is None or one.scenario == REFERENCE or one.scenario in tables:
            continue
        try:
            tables[one.scenario] = compare(one, reference).revenue().loc[list(PARTS), STATISTICS]
        except ConfigError:
            continue
    return tables


def waterfall(run: Run, against: list[Run], size: Size) -> Picture | None:
    """Bars part by part up to the mean difference, with the 90% range of each.

    None without a comparison with no relief.
    """
    numbers = Numbers()
    tables = _largest(worth(run, against), run.scenario, MOST_ON_SLIDE if size.height else MOST)
    if not tables:
        return None
    used = [
        one for one in against if one.scenario != run.scenario and (one.scenario in tables or one.scenario == REFERENCE)
    ]
    subtitle = (
        "Difference of Russian oil export revenue from no relief, USD bn a year, with common random numbers: mean; "
        "thin lines: 90% range. Each bar starts at the end of the one above, the total at zero."
    )
    tall = HEAD + ROW * len(PARTS)
    sheet = Sheet(
        size,
        _title(tables, run, numbers),
        subtitle,
        foot(run, others=used),
        body=(len(tables) * tall + 2.0) * size.pitch,
    )
    room = sheet.top - sheet.bottom - 2.0 * size.pitch
    columns = -(-len(tables) // max(1, int(room / (TIGHTEST * tall * size.pitch)))) if size.height else 1
    rows = -(-len(tables) // columns)
    pitch = min(size.pitch, room / (rows * tall))
    brief = size.narrow or columns > 1
    gap = 1.5 * size.pitch
    wide = (sheet.right - sheet.left - gap * (columns - 1)) / columns
    for column, begin in enumerate(range(0, len(tables), rows)):
        part = dict(list(tables.items())[begin : begin + rows])
        left = sheet.left + column * (wide + gap)
        _column(sheet, part, _limits(tables), (left, sheet.bottom, left + wide, sheet.top), pitch, brief)
    drawn = {scenario: table.assign(start=_starts(table)) for scenario, table in tables.items()}
    data = pd.concat(
        [table.rename_axis("part").reset_index().assign(scenario=scenario) for scenario, table in drawn.items()],
        ignore_index=True,
    )
    data = data.melt(["scenario", "part"], var_name="statistic", value_name="value").assign(
        unit="bn USD/year", reference=REFERENCE
    )
    columns_kept = ["scenario", "reference", "part", "statistic", "value", "unit"]
    return Picture("worth", "relief", sheet, _alt(tables), data[columns_kept], tuple(numbers.readings))


def _largest(tables: dict[str, pd.DataFrame], first: str, most: int) -> dict[str, pd.DataFrame]:
    """The scenario ``first`` and those with the largest totals, ``most`` in all, in the order they had."""
    ranked = sorted(tables, key=lambda scenario: (scenario != first, -abs(tables[scenario].loc["total", "mean"])))[
        :most
    ]
    return {scenario: table for scenario, table in tables.items() if scenario in ranked}


def _column(
    sheet: Sheet,
    tables: dict[str, pd.DataFrame],
    limits: tuple[float, float],
    box: labels.Box,
    pitch: float,
    brief: bool,
) -> None:
    """Scenarios under one another: name, bars, values.

    ``pitch``: height of a line; ``brief``: values without their range.
    """
    size = sheet.size
    texts = {(scenario, part): _text(table.loc[part], brief) for scenario, table in tables.items() for part in PARTS}
    left = box[0] + widest([formatting.capital(part) for part in PARTS], size.text) + 0.8 * size.pitch
    right = box[2] - widest(list(texts.values()), size.text) - 0.8 * size.pitch
    y = box[3]
    for scenario, table in tables.items():
        y -= HEAD * pitch
        sheet.text(
            box[0], y + 0.4 * pitch, formatting.capital(formatting.slug_in_words(scenario)), bold=True, va="baseline"
        )
        panel = sheet.panel((left, y - ROW * len(PARTS) * pitch, right, y), limits, (float(len(PARTS)), 0.0))
        _bars(panel, table)
        for number, part in enumerate(PARTS):
            base = y - (number + 0.5) * ROW * pitch - 0.35 * size.text / 72.0
            bold = part == "total"
            sheet.text(left - 0.4 * size.pitch, base, formatting.capital(part), ha="right", va="baseline", bold=bold)
            sheet.text(box[2], base, texts[scenario, part], ha="right", va="baseline", colour=INK if bold else MUTED)
        y -= ROW * len(PARTS) * pitch
        _ticks(panel, named=scenario == list(tables)[-1])


def _text(row: pd.Series, brief: bool) -> str:
    """The mean with its range; without it where there is little room."""
    return formatting.amount(row["mean"], 1, signed=True) if brief else _with_range(row)


def _with_range(row: pd.Series) -> str:
    return formatting.with_range(*row[["mean", "q05", "q95"]], resolution=0.1, signed=True)


def _limits(tables: dict[str, pd.DataFrame]) -> tuple[float, float]:
    """Ends of the value axis: zero, every bar and every whisker are inside."""
    ends = [0.0]
    for table in tables.values():
        starts = _starts(table)
        for statistic in ("mean", "q05", "q95"):
            ends += [float((starts + table[statistic]).min()), float((starts + table[statistic]).max())]
    room = 0.04 * max(max(ends) - min(ends), 0.1)
    return min(ends) - room, max(ends) + room


def _starts(table: pd.DataFrame) -> pd.Series:
    """Where each bar begins: at the end of the one before it; the total at zero."""
    starts = table["mean"].cumsum() - table["mean"]
    starts["total"] = 0.0
    return starts


def _ticks(panel: Panel, *, named: bool) -> None:
    """Grid lines at round values; their figures under the last panel only."""
    size = panel.sheet.size
    ticks = nice(*panel.xlim, 3 if panel.box[2] - panel.box[0] < 28.0 * size.text / 72.0 else 5)
    names = [formatting.amount(tick, digits(ticks), signed=True) for tick in ticks]
    panel.axes.set_xticks(ticks, names if named else [""] * len(ticks))
    panel.axes.grid(axis="x", color=GRID, linewidth=0.5 * size.line)
    panel.axes.axvline(0.0, color=INK, linewidth=0.6 * size.line, zorder=4)
    panel.axes.spines["bottom"].set_visible(named)


def _bars(panel: Panel, table: pd.DataFrame) -> None:
    """The bars of one scenario, one row a part; the range of each is measured from the start of its bar."""
    width = 0.7 * panel.sheet.size.line
    starts = _starts(table)
    for number, (part, colour) in enumerate(PARTS.items()):
        middle = number + 0.5
        values = table.loc[part]
        panel.axes.barh(middle, values["mean"], height=0.64, left=starts[part], color=colour, linewidth=0.0, zorder=3)
        ends = starts[part] + values[["q05", "q95"]].to_numpy(float)
        panel.axes.plot(ends, [middle, middle], color=INK, linewidth=width, zorder=5, solid_capstyle="butt")
        for end in ends:
            panel.axes.plot(
                [end, end], [middle - 0.13, middle + 0.13], color=INK, linewidth=width, zorder=5, solid_capstyle="butt"
            )


def _title(tables: dict[str, pd.DataFrame], run: Run, numbers: Numbers) -> str:
    """The finding for the run itself, or for the scenario with the largest difference if the run is the reference."""
    scenario = (
        run.scenario if run.scenario in tables else max(tables, key=lambda name: abs(tables[name].loc["total", "mean"]))
    )
    table = tables[scenario]
    name = formatting.capital(formatting.slug_in_words(scenario))
    total = _reading(table, scenario, "total")
    if not significant(total, 0.1):
        return f"{name}: no measurable change in Russia’s oil revenue against no relief"
    parts = table["mean"].drop("total")
    main = parts[np.sign(parts) == np.sign(total.value)].abs().idxmax()
    verb = "adds" if total.value > 0.0 else "takes"
    money = numbers.quantity(total, "bn USD a year", 0.1)
    link = "to" if total.value > 0.0 else "off"
    return f"{name} {verb} {money} {link} Russia’s oil revenue, mostly through {PLAIN[main]}"


def _reading(table: pd.DataFrame, scenario: str, part: str) -> Reading:
    row = f"mean of the paired difference in oil.total_revenue, {part}, {scenario} less {REFERENCE}"
    return Reading(float(table.loc[part, "mean"]), float(table.loc[part, "mc_error"]), BOTH_EVENTS, row)


def _alt(tables: dict[str, pd.DataFrame]) -> str:
    parts = []
    for scenario, table in tables.items():
        split = ", ".join(
            f"{part} {formatting.amount(table.loc[part, 'mean'], 1, signed=True)}" for part in PARTS if part != "total"
        )
        parts.append(
            f"{formatting.slug_in_words(scenario)}: {_with_range(table.loc['total'])} in total, of which {split}"
        )
    return (
        "Difference of Russian oil export revenue from no relief in USD bn a year, mean and 90% range. "
        f"{'; '.join(parts)}."
    )
