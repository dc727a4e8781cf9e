"""What relief is worth: how far each scenario's revenue differs from no relief, split into volume, Brent and discount, draw by draw."""

import numpy as np
import pandas as pd

from detente.comparison import compare
from detente.errors import ConfigError
from detente.figures import labels, phrases
from detente.figures.picture import Picture
from detente.figures.sheet import Panel, Sheet, digits, nice, widest
from detente.figures.style import BLUE, GREEN, INK, MUTED, ORANGE, Size
from detente.figures.timeline import foot
from detente.results import Run

REFERENCE = "no-relief"
PARTS = {"volume": BLUE, "Brent": GREEN, "discount": ORANGE, "total": "#4D4D4D"}
STATISTICS = ["mean", "q05", "q95", "mc_error"]
ROW, HEAD = 1.3, 1.7
"""Heights of a bar's row and of a scenario's name in lines of text."""


def worth(run: Run, against: list[Run]) -> dict[str, pd.DataFrame]:
    """Paired differences of revenue to no relief, bn USD a year, by scenario; empty without a run of no relief. Runs that cannot be paired are left out."""
    runs = [run, *against]
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
    """Bars from zero to the mean difference, part by part, with the 90% band of each; None if nothing can be compared with no relief."""
    tables = worth(run, against)
    if not tables:
        return None
    used = [one for one in against if one.scenario in tables or one.scenario == REFERENCE]
    subtitle = (
        "Difference of Russian oil export revenue to no relief, bn USD a year, same draws in both: mean of all paths and, as a line, 90% of paths. "
        "Each bar starts where the one above ends; the total starts at zero."
    )
    rows = len(PARTS) * len(tables)
    body = (rows * ROW + len(tables) * HEAD + 2.4) * size.pitch
    sheet = Sheet(size, _title(tables, run), subtitle, foot(run, others=used), body=body)
    pitch = min(size.pitch, (sheet.top - sheet.bottom - 2.4 * size.pitch) / (rows * ROW + len(tables) * HEAD))
    texts = {key: _text(table.loc[part]) for scenario, table in tables.items() for part in PARTS for key in [(scenario, part)]}
    left = sheet.left + widest([phrases.capital(part) for part in PARTS], size.text) + 0.6 * size.pitch
    right = sheet.right - widest(list(texts.values()), size.text) - 0.6 * size.pitch
    low, high = _limits(tables)
    panel = sheet.panel((left, sheet.bottom + 1.7 * size.pitch, right, sheet.top), (low, high), (0.0, 1.0))
    ticks = _ticks(panel, low, high)
    panel.axes.axvline(0.0, color=INK, linewidth=0.6 * size.line, zorder=4)
    y = sheet.top
    for scenario, table in tables.items():
        y -= HEAD * pitch
        sheet.text(sheet.left, y + 0.4 * pitch, phrases.capital(phrases.words(scenario)), bold=True, va="baseline")
        _bars(panel, table, y, ROW * pitch)
        for number, part in enumerate(PARTS):
            base = y - (number + 0.5) * ROW * pitch - 0.35 * size.text / 72.0
            bold = part == "total"
            sheet.text(left - 0.4 * size.pitch, base, phrases.capital(part), ha="right", va="baseline", bold=bold)
            sheet.text(sheet.right, base, texts[scenario, part], ha="right", va="baseline", colour=INK if bold else MUTED)
        y -= len(PARTS) * ROW * pitch
    data = pd.concat([table.rename_axis("part").reset_index().assign(scenario=scenario) for scenario, table in tables.items()], ignore_index=True)
    data = data.melt(["scenario", "part"], var_name="statistic", value_name="value").assign(unit="bn USD/year", reference=REFERENCE)
    return Picture("worth", "relief", sheet, _alt(tables), data[["scenario", "reference", "part", "statistic", "value", "unit"]])


def _text(row: pd.Series) -> str:
    return f"{phrases.amount(row['mean'], 1, signed=True)} ({phrases.span(row['q05'], row['q95'], 1, signed=True)})"


def _limits(tables: dict[str, pd.DataFrame]) -> tuple[float, float]:
    low = min(0.0, *(float(table["q05"].min()) for table in tables.values()), *(float(_starts(table).min()) for table in tables.values()))
    high = max(0.0, *(float(table["q95"].max()) for table in tables.values()), *(float((_starts(table) + table["mean"]).max()) for table in tables.values()))
    room = 0.04 * max(high - low, 0.1)
    return low - room, high + room


def _starts(table: pd.DataFrame) -> pd.Series:
    """Where each bar begins: at the end of the one before it; the total at zero."""
    starts = table["mean"].cumsum() - table["mean"]
    starts["total"] = 0.0
    return starts


def _ticks(panel: Panel, low: float, high: float) -> None:
    size = panel.sheet.size
    ticks = nice(low, high, 5)
    names = [phrases.amount(tick, digits(ticks), signed=True) for tick in ticks]
    panel.axes.set_xticks(ticks, names)
    panel.axes.grid(axis="x", color="#DDDDDD", linewidth=0.5 * size.line)


def _bars(panel: Panel, table: pd.DataFrame, top: float, row: float) -> None:
    """The bars of one scenario, from a height on the page downwards."""
    size = panel.sheet.size
    span = panel.box[3] - panel.box[1]
    starts = _starts(table)
    for number, (part, colour) in enumerate(PARTS.items()):
        middle = (top - (number + 0.5) * row - panel.box[1]) / span
        tall = 0.62 * row / span
        values = table.loc[part]
        panel.axes.barh(middle, values["mean"], height=tall, left=starts[part], color=colour, linewidth=0.0, zorder=3)
        panel.axes.plot([values["q05"], values["q95"]], [middle, middle], color=INK, linewidth=0.7 * size.line, zorder=5, solid_capstyle="butt")
        for end in ("q05", "q95"):
            panel.axes.plot([values[end]] * 2, [middle - 0.2 * tall, middle + 0.2 * tall], color=INK, linewidth=0.7 * size.line, zorder=5)


def _title(tables: dict[str, pd.DataFrame], run: Run) -> str:
    """The finding for the run itself, or for the scenario with the largest difference when the run is the reference."""
    scenario = run.scenario if run.scenario in tables else max(tables, key=lambda name: abs(tables[name].loc["total", "mean"]))
    table = tables[scenario]
    total = float(table.loc["total", "mean"])
    if abs(total) < 0.05:
        return f"{phrases.capital(phrases.words(scenario))}: Russian oil revenue is the same as without relief, to 0.1 bn USD a year"
    parts = table["mean"].drop("total")
    same = parts[np.sign(parts) == np.sign(total)].sort_values(key=abs, ascending=False, kind="stable")
    first = same.index[0]
    through = f"most of it through the {first}" if first != "Brent" else "most of it through the price of Brent"
    if len(same) > 1 and abs(same.iloc[0]) < 1.3 * abs(same.iloc[1]):
        through = f"about equally through {phrases.listed(sorted(('the ' if part != 'Brent' else '') + part for part in same.index[:2]))}"
    more = "more" if total > 0 else "less"
    return f"{phrases.capital(phrases.words(scenario))}: {phrases.amount(abs(total), 1)} bn USD a year {more} for Russia than without relief, {through}"


def _alt(tables: dict[str, pd.DataFrame]) -> str:
    parts = []
    for scenario, table in tables.items():
        split = ", ".join(f"{part} {phrases.amount(table.loc[part, 'mean'], 1, signed=True)}" for part in PARTS if part != "total")
        parts.append(f"{phrases.words(scenario)}: {_text(table.loc['total'])} in total, of which {split}")
    return f"Difference of Russian oil export revenue to no relief in bn USD a year, mean and 90% band of paired paths. {'; '.join(parts)}."
