"""What relief is worth: how far each scenario's revenue differs from no relief, split into volume, Brent and
discount, draw by draw."""

import numpy as np
import pandas as pd

from detente.report.plots import labels
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
PLAIN = {"volume": "the volume", "Brent": "the price of Brent", "discount": "the discount"}
STATISTICS = ["mean", "q05", "q95", "mc_error"]
ROW, HEAD = 1.3, 1.7
"""Heights of a bar's row and of a scenario's name in lines of text."""
TIGHTEST = 0.77
"""How far lines may be drawn together where the page is fixed; beyond it, scenarios go into further columns."""
MOST, MOST_ON_SLIDE = 9, 6
"""Scenarios in one figure; of more, those are shown that differ most, and the run itself."""


def worth(run: Run, against: list[Run]) -> dict[str, pd.DataFrame]:
    """Paired differences of revenue to no relief, bn USD a year, by scenario; empty without a run of no relief.

    Runs that cannot be paired with it (other seed, horizon, step, paths or start) are left out.
    """
    runs = [run, *(one for one in against if one.scenario != run.scenario)]
    reference = next((one for one in runs if one.scenario == REFERENCE), None)
    found: dict[str, pd.DataFrame] = {}
    for one in runs:
        if reference is None or one.scenario == REFERENCE or one.scenario in found:
            continue
        try:
            found[one.scenario] = compare(one, reference).revenue().loc[list(PARTS), STATISTICS]
        except ConfigError:
            continue
    return found


def waterfall(run: Run, against: list[Run], size: Size) -> Picture | None:
    """Bars part by part up to the mean difference, with the 90% band of each; None if nothing can be compared with
    no relief."""
    tables = _largest(worth(run, against), run.scenario, MOST_ON_SLIDE if size.height else MOST)
    if not tables:
        return None
    used = [
        one for one in against if one.scenario != run.scenario and (one.scenario in tables or one.scenario == REFERENCE)
    ]
    subtitle = (
        "Difference of Russian oil export revenue to no relief, bn USD a year, same draws in both: mean of all paths; "
        "thin lines: 90% of paths. Each bar starts where the one above ends, the total at zero."
    )
    tall = HEAD + ROW * len(PARTS)
    sheet = Sheet(
        size, _title(tables, run), subtitle, foot(run, others=used), body=(len(tables) * tall + 2.0) * size.pitch
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
    return Picture(
        "worth", "relief", sheet, _alt(tables), data[["scenario", "reference", "part", "statistic", "value", "unit"]]
    )


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
    """Scenarios under one another: name, bars, figures. ``pitch``: height of a line; ``brief``: figures without
    their band."""
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
    """The mean with its band; the band is left to the drawing where there is little room."""
    return formatting.amount(row["mean"], 1, signed=True) if brief else _with_band(row)


def _with_band(row: pd.Series) -> str:
    return f"{formatting.amount(row['mean'], 1, signed=True)} ({formatting.span(row['q05'], row['q95'], resolution=0.1, signed=True)})"


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
    """The bars of one scenario, one row a part; the band of each is measured from where its bar starts."""
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


def _title(tables: dict[str, pd.DataFrame], run: Run) -> str:
    """The finding for the run itself, or for the scenario with the largest difference when the run is the reference."""
    scenario = (
        run.scenario if run.scenario in tables else max(tables, key=lambda name: abs(tables[name].loc["total", "mean"]))
    )
    table = tables[scenario]
    total = float(table.loc["total", "mean"])
    if abs(total) < 0.05:
        return f"{formatting.capital(formatting.slug_in_words(scenario))}: Russian oil revenue is the same as without relief, to 0.1 bn USD a year"
    parts = table["mean"].drop("total")
    same = parts[np.sign(parts) == np.sign(total)].sort_values(key=abs, ascending=False, kind="stable")
    names = [PLAIN[part] for part in same.index]
    if len(same) > 1 and abs(same.iloc[0]) < 1.3 * abs(same.iloc[1]):
        through = f"about equally through {formatting.join(sorted(names[:2]))}"
    else:
        through = f"most of it through {names[0]}"
    size = f"{formatting.amount(abs(total), 1)} bn USD a year {'more' if total > 0 else 'less'}"
    return f"{formatting.capital(formatting.slug_in_words(scenario))}: {size} for Russia than without relief, {through}"


def _alt(tables: dict[str, pd.DataFrame]) -> str:
    parts = []
    for scenario, table in tables.items():
        split = ", ".join(
            f"{part} {formatting.amount(table.loc[part, 'mean'], 1, signed=True)}" for part in PARTS if part != "total"
        )
        parts.append(
            f"{formatting.slug_in_words(scenario)}: {_with_band(table.loc['total'])} in total, of which {split}"
        )
    return f"Difference of Russian oil export revenue to no relief in bn USD a year, mean and 90% band of paired paths. {'; '.join(parts)}."
