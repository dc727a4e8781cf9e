"""Distribution of costs: cost of a run to Russia and others against another run, in money and relative to GDP."""

from itertools import pairwise

import numpy as np
import pandas as pd

from detente.analysis.cost_incidence import OTHERS, TOGETHER, CostIncidence
from detente.analysis.tariff_effects import RUSSIA
from detente.report.plots import labels
from detente.report.plots.numbers import KEPT, Numbers, given
from detente.report.plots.page import Panel, Sheet, digits, nice, widest
from detente.report.plots.picture import Picture
from detente.report.plots.style import BLUE, GRID, INK, RULE, VERMILION, Size
from detente.report.plots.timeline import foot
from detente.shared import formatting

PANELS = (("usd", "USD bn a year", 1), ("share", "% of GDP a year", 2))
ROWS = (RUSSIA, *OTHERS, TOGETHER)
NAMES = {RUSSIA: "Russia", "European Union": "EU", "United States": "US", TOGETHER: "these four together"}
LOOKS = {RUSSIA: (VERMILION, "D"), TOGETHER: (INK, "s")}
OTHER_LOOK = (BLUE, "o")
STATISTICS = ("mean", "q05", "q95")
ROW, OVER, UNDER = 1.7, 2.9, 1.5
"""Heights of a row, of the room over a panel and of that under it, in lines of text."""
CREDIT = "Net oil imports: as in configs/cost-incidence.toml; GDP of 2023: World Bank"


def cost_incidence_figure(costs: CostIncidence | None, size: Size) -> Picture | None:
    """A point for the mean and a line for the 90% range, a row a party, a panel a unit.

    None without a comparison run.
    """
    if costs is None:
        return None
    table, numbers = cost_incidence_table(costs), Numbers()
    mine, against = (formatting.slug_in_words(run.scenario) for run in (costs.run, costs.reference))
    title = _title(costs, numbers)
    in_gdp = numbers.percent(costs.exceeds_russia(TOGETHER, "share"))
    subtitle = (
        f"Yearly cost of “{mine}” against “{against}”, mean over the horizon, with common random numbers; losses are "
        f"positive. Point: mean of {numbers.amount(given(costs.paths, 'number of kept paths', KEPT))} "
        "simulations; line: 90% "
        "range. Last column: probability of a loss larger than Russia’s. Relative to GDP the four together lose more "
        f"than Russia in {in_gdp} of simulations."
    )
    across = 1 if size.narrow else len(PANELS)
    down = len(PANELS) // across
    sheet = Sheet(
        size, title, subtitle, f"{CREDIT}. {foot(costs.run)}", body=down * (len(ROWS) * ROW + OVER + UNDER) * size.pitch
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
    return Picture("cost-incidence", "cost-incidence", sheet, _alt(costs, table), _data(table), tuple(numbers.readings))


def cost_incidence_table(costs: CostIncidence) -> pd.DataFrame:
    """A row a party: mean, q05 and q95 of its cost in both units, and the probability of a cost above Russia's."""
    rows = []
    for region in ROWS:
        row: dict[str, object] = {"region": region}
        for unit, _, _ in PANELS:
            row |= {f"{unit}_{statistic}": costs.cost(region, unit, statistic).value for statistic in STATISTICS}
            row[f"{unit}_more"] = float("nan") if region == RUSSIA else costs.exceeds_russia(region, unit).value
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
    """Whether the tick labels stand apart."""
    points = panel.sheet.size.text
    halves = [0.5 * labels.width(formatting.amount(tick, digits(ticks), signed=True), points) for tick in ticks]
    places = [float(panel.x(tick)) for tick in ticks]
    return all(b - a > u + v + 0.5 * points / 72.0 for (a, u), (b, v) in pairwise(zip(places, halves, strict=True)))


def _title(costs: CostIncidence, numbers: Numbers) -> str:
    """Probability that the others together lose more dollars than Russia; Russia's gain where it gains."""
    russia = costs.cost(RUSSIA)
    if russia.value > 0.0:
        more = numbers.percent(costs.exceeds_russia(TOGETHER, "usd"))
        return f"China, India, EU and US together lose more dollars than Russia in {more} of simulations"
    gain = f"Russia gains {numbers.quantity(russia, 'bn USD a year', 0.1)}"
    losses = [costs.cost(region) for region in OTHERS]
    loser = int(np.argmax([loss.value for loss in losses]))
    if losses[loser].value < 0.05:
        return f"{gain}; no other party loses"
    article = "the " if OTHERS[loser] in NAMES else ""
    name = NAMES.get(OTHERS[loser], OTHERS[loser])
    return f"{gain}; of the others {article}{name} loses most, {numbers.amount(losses[loser], 0.1)}bn"


def _alt(costs: CostIncidence, table: pd.DataFrame) -> str:
    parts = [
        f"{NAMES.get(row['region'], row['region'])} {formatting.amount(row['usd_mean'], 1, signed=True)} bn "
        f"({formatting.amount(row['share_mean'], 2, signed=True)}% of GDP)"
        for row in table.to_dict("records")
    ]
    return (
        f"Yearly cost in USD against {formatting.slug_in_words(costs.reference.scenario)}, mean of "
        f"{formatting.count(costs.paths)} simulations: {'; '.join(parts)}."
    )


def _data(table: pd.DataFrame) -> pd.DataFrame:
    """Tidy: region, statistic, value, unit."""
    rows = []
    for row in table.to_dict("records"):
        for unit, heading, _ in PANELS:
            rows += [(row["region"], statistic, row[f"{unit}_{statistic}"], heading) for statistic in STATISTICS]
            if row["region"] != RUSSIA:
                rows.append(
                    (row["region"], f"probability of a larger cost than Russia's, {heading}", row[f"{unit}_more"], "1")
                )
    return pd.DataFrame(rows, columns=["region", "statistic", "value", "unit"])
