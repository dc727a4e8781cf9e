"""Who is hurt more: what a run costs Russia and others against another, in money and relative to GDP, with ranges."""

from itertools import pairwise

import pandas as pd

from detente.analysis.cost_incidence import OTHERS, RUSSIA, TOGETHER, CostIncidence
from detente.report.plots import labels
from detente.report.plots.page import Panel, Sheet, digits, nice, widest
from detente.report.plots.picture import Picture
from detente.report.plots.style import BLUE, GRID, INK, RULE, VERMILION, Size
from detente.report.plots.timeline import foot
from detente.shared import formatting

PANELS = (("usd", "bn USD a year", 1), ("share", "% of GDP a year", 2))
ROWS = (RUSSIA, *OTHERS, TOGETHER)
NAMES = {RUSSIA: "Russia", "European Union": "EU", "United States": "US", TOGETHER: "these four together"}
LOOKS = {RUSSIA: (VERMILION, "D"), TOGETHER: (INK, "s")}
OTHER_LOOK = (BLUE, "o")
STATISTICS = ("mean", "q05", "q95")
ROW, OVER, UNDER = 1.7, 2.9, 1.5
"""Heights of a row, of the room over a panel and of that under it, in lines of text."""
CREDIT = "Net oil imports: as in configs/burden.toml; GDP of 2023: World Bank"


def burden_figure(found: CostIncidence | None, size: Size) -> Picture | None:
    """A point for the mean and a line for 90% of paths, a row a party, a panel a unit; None where there is nothing
    to set the run against."""
    if found is None:
        return None
    table = burden_table(found)
    mine, against = (formatting.slug_in_words(run.scenario) for run in (found.run, found.reference))
    subtitle = (
        f"Yearly cost of “{mine}” against “{against}”, mean over the horizon, same draws in both; a loss is positive. Point: mean of "
        f"{found.paths:,} whole paths; line: 90% of them. Last column: share of paths with a loss, and a larger one than Russia's."
    )
    across = 1 if size.narrow else len(PANELS)
    down = len(PANELS) // across
    sheet = Sheet(
        size,
        _title(found, table),
        subtitle,
        f"{CREDIT}. {foot(found.run)}",
        body=down * (len(ROWS) * ROW + OVER + UNDER) * size.pitch,
    )
    names = [NAMES.get(region, region) for region in ROWS]
    wrapped = [labels.wrap(name, 5.0 * size.pitch, size.text) for name in names]
    left = sheet.left + widest([line for name in wrapped for line in name.split("\n")], size.text) + 0.8 * size.pitch
    gap = 1.4 * size.pitch
    wide = (sheet.right - left - gap * (across - 1)) / across
    high = (sheet.top - sheet.bottom) / down
    for number, (unit, heading, places) in enumerate(PANELS):
        start, upper = left + number % across * (wide + gap), sheet.top - number // across * high
        box = (start, upper - high + UNDER * size.pitch, start + wide, upper - OVER * size.pitch)
        _panel(sheet, table, unit, (heading, places), box)
        if number % across == 0:
            step = (box[3] - box[1]) / len(ROWS)
            for row, name in enumerate(wrapped):
                sheet.text(left - 0.7 * size.pitch, box[3] - (row + 0.5) * step, name, ha="right")
    return Picture("burden", "burden", sheet, _alt(found, table), _data(table))


def burden_table(found: CostIncidence) -> pd.DataFrame:
    """A row a party: mean, q05 and q95 of its cost in both units, and how often it is hurt more than Russia."""
    rows = []
    for region in ROWS:
        row: dict[str, object] = {"region": region}
        for unit, _, _ in PANELS:
            row |= {f"{unit}_{statistic}": found.cost(region, unit, statistic).value for statistic in STATISTICS}
            row[f"{unit}_more"] = float("nan") if region == RUSSIA else found.exceeds_russia(region, unit).value
        rows.append(row)
    return pd.DataFrame(rows)


def _panel(sheet: Sheet, table: pd.DataFrame, unit: str, named: tuple[str, int], box: labels.Box) -> None:
    size, (heading, places) = sheet.size, named
    means = [formatting.amount(value, places, signed=True) for value in table[f"{unit}_mean"]]
    shares = ["" if pd.isna(value) else formatting.percent(value) for value in table[f"{unit}_more"]]
    last = widest([*shares, "more than", "Russia"], size.text)
    first = widest([*means, "mean"], size.text)
    ends = (box[2] - last - 0.7 * size.pitch, box[2])
    inner = (box[0], box[1], ends[0] - first - 0.6 * size.pitch, box[3])
    low, high = min(0.0, float(table[f"{unit}_q05"].min())), max(0.0, float(table[f"{unit}_q95"].max()))
    edge = 0.05 * max(high - low, 1e-9)
    panel = sheet.panel(inner, (low - edge, high + edge), (float(len(table)), 0.0))
    sheet.text(box[0], box[3] + 1.45 * size.pitch, heading, bold=True, va="baseline")
    sheet.text(ends[0], box[3] + 0.4 * size.pitch, "mean", ha="right", va="bottom")
    sheet.text(ends[1], box[3] + 0.4 * size.pitch, "more than\nRussia", ha="right", va="bottom")
    ticks = next(ticks for most in (5, 4, 3, 2) if _apart(panel, ticks := nice(low, high, most)) or most == 2)
    panel.axes.set_xticks(ticks, [formatting.amount(tick, digits(ticks), signed=True) for tick in ticks])
    panel.axes.grid(axis="x", color=GRID, linewidth=0.5 * size.line)
    panel.axes.axvline(0.0, color=RULE, linewidth=0.8 * size.line, zorder=1)
    for number, row in enumerate(table.to_dict("records")):
        colour, shape = LOOKS.get(row["region"], OTHER_LOOK)
        y = number + 0.5
        panel.axes.plot(
            [row[f"{unit}_q05"], row[f"{unit}_q95"]], [y, y], color=colour, linewidth=1.6 * size.line, zorder=3
        )
        panel.axes.plot(
            row[f"{unit}_mean"],
            y,
            marker=shape,
            markersize=0.66 * size.text,
            color=colour,
            markeredgecolor="white",
            zorder=4,
        )
        height = float(panel.y(y))
        sheet.text(ends[0], height, means[number], ha="right")
        sheet.text(ends[1], height, shares[number], ha="right")


def _apart(panel: Panel, ticks: list[float]) -> bool:
    """Whether the names of the ticks do not touch."""
    points = panel.sheet.size.text
    halves = [0.5 * labels.width(formatting.amount(tick, digits(ticks), signed=True), points) for tick in ticks]
    places = [float(panel.x(tick)) for tick in ticks]
    return all(b - a > u + v + 0.5 * points / 72.0 for (a, u), (b, v) in pairwise(zip(places, halves, strict=True)))


def _title(found: CostIncidence, table: pd.DataFrame) -> str:
    """Whether others lose more than Russia, in both units; what Russia gains where it does."""
    rows = table.set_index("region")
    russia, others = rows.loc[RUSSIA], rows.loc[TOGETHER]
    if russia["usd_mean"] > 0.0:
        return (
            f"China, India, the EU and the US together lose more than Russia in dollars on {formatting.percent(others['usd_more'])} of paths, "
            f"relative to GDP on {formatting.percent(others['share_more'])}"
        )
    loser = rows.loc[list(OTHERS), "usd_mean"].idxmax()
    gained = f"Russia gains {formatting.amount(-russia['usd_mean'], 1)} bn USD a year"
    cost = float(rows.loc[loser, "usd_mean"])
    article = "the " if loser in NAMES else ""
    return (
        f"{gained}; of the others {article}{NAMES.get(loser, loser)} loses most, {formatting.amount(cost, 1)}"
        if cost >= 0.05
        else f"{gained}; no other loses"
    )


def _alt(found: CostIncidence, table: pd.DataFrame) -> str:
    parts = [
        f"{NAMES.get(row['region'], row['region'])} {formatting.amount(row['usd_mean'], 1, signed=True)} bn USD "
        f"({formatting.amount(row['share_mean'], 2, signed=True)}% of GDP)"
        for row in table.to_dict("records")
    ]
    return f"Yearly cost against {formatting.slug_in_words(found.reference.scenario)}, mean over {found.paths:,} paths: {'; '.join(parts)}."


def _data(table: pd.DataFrame) -> pd.DataFrame:
    """Tidy: region, statistic, value, unit."""
    rows = []
    for row in table.to_dict("records"):
        for unit, heading, _ in PANELS:
            rows += [(row["region"], statistic, row[f"{unit}_{statistic}"], heading) for statistic in STATISTICS]
            if row["region"] != RUSSIA:
                rows.append(
                    (row["region"], f"share of paths hurt more than Russia, {heading}", row[f"{unit}_more"], "1")
                )
    return pd.DataFrame(rows, columns=["region", "statistic", "value", "unit"])
