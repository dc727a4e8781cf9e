"""Welfare by country while a tariff on buyers of Russian oil is collected, in money and relative to GDP."""

import pandas as pd

from detente.analysis.tariff_effects import ANY, APPLIED, US, WELFARE, Collected, gdp, has_tariffs
from detente.report.figures.trade import LOWER, OVER, ROW, UNDER, WITH_ARTICLE, bars, key
from detente.report.plots.numbers import EVENTS, Numbers, given, scaled, significant
from detente.report.plots.page import Sheet, widest
from detente.report.plots.picture import Picture
from detente.report.plots.style import BLUE, OBSERVED, VERMILION, Size
from detente.report.plots.timeline import foot
from detente.runs.run import Run
from detente.shared import formatting

PANELS = (("usd", "USD bn a year"), ("share", "% of GDP"))
KEY = {
    "imposes the tariff": BLUE,
    "targeted (in brackets: share of these months)": VERMILION,
    "third country": OBSERVED,
}
CREDIT = "Goods trade: CEPII, BACI; GDP: World Bank"
BUYER = {"Rest of the World": "Other"}
"""Buyers with another name in the trade table."""


def tariff_welfare(run: Run, size: Size) -> Picture | None:
    """Bars of the mean over the months with a tariff, lines for their 90% range; None if too few paths have one."""
    collected = Collected(run) if has_tariffs(run) else None
    if collected is None or not collected.enough:
        return None
    rows, numbers = welfare_table(collected), Numbers()
    paths = numbers.amount(given(collected.paths, "paths with a tariff", EVENTS))
    ranged = not rows["usd_low"].isna().any()
    if not ranged:
        rows = rows.drop(columns=[f"{column}_{end}" for column, _ in PANELS for end in ("low", "high")])
    subtitle = (
        "Change of welfare through trade alone while a US tariff for buying Russian oil is collected: mean over these "
        f"months in {paths} simulations{'; lines: 90% range over these months' if ranged else ''}."
    )
    across = 1 if size.narrow else len(PANELS)
    down = len(PANELS) // across
    pitch = ROW if size.height is None else 1.25
    sheet = Sheet(
        size,
        _title(rows, collected, numbers),
        subtitle,
        f"{CREDIT}. {foot(run)}",
        body=(down * (len(rows) * pitch + OVER + UNDER) + 3.0) * size.pitch,
    )
    top = key(sheet, {text: colour for text, colour in KEY.items() if not size.narrow or text != "third country"})
    names = rows["label"].tolist()
    left = sheet.left + widest(names, size.text) + 1.0 * size.pitch
    gap = 1.2 * size.pitch
    wide = (sheet.right - left - gap * (across - 1)) / across
    high = (top - sheet.bottom) / down
    for number, (column, unit) in enumerate(PANELS):
        start, upper = left + number % across * (wide + gap), top - number // across * high
        box = (start, upper - high + UNDER * size.pitch, start + wide, upper - OVER * size.pitch)
        bars(sheet, rows, column, unit, box)
        if number % across == 0:
            step = (box[3] - box[1]) / len(rows)
            for row, name in enumerate(names):
                sheet.text(
                    left - 0.7 * size.pitch,
                    box[3] - (row + 0.5) * step - LOWER * size.text / 72.0,
                    name,
                    ha="right",
                    va="baseline",
                )
    return Picture(
        "tariff-welfare", "tariff", sheet, _alt(rows, collected), _data(rows, collected), tuple(numbers.readings)
    )


def welfare_table(collected: Collected) -> pd.DataFrame:
    """A row a region from the largest loss in money.

    Mean and 90% range in USD bn a year and % of GDP, and the share of months with a tariff on it.
    """
    table = []
    for region, money in gdp().items():
        mean = collected.mean(WELFARE, region)
        low, high = collected.range(WELFARE, region)
        met = 0.0 if region == US else _targeted(collected, region)
        table.append(
            {
                "name": region,
                "role": "imposes" if region == US else "target" if met > 0.0 else "other",
                "met": met,
                "label": f"{region} ({formatting.percent(met)})" if met > 0.0 else region,
                "share": mean.value,
                "share_low": low,
                "share_high": high,
                "usd": mean.value * money / 100.0,
                "usd_low": low * money / 100.0,
                "usd_high": high * money / 100.0,
            }
        )
    return pd.DataFrame(table).sort_values("usd", kind="stable", ignore_index=True)


def _targeted(collected: Collected, region: str) -> float:
    """Share of the months with a tariff that it is on a buyer; 0 for a region that buys no Russian oil."""
    summary = collected.run.summary()
    name = BUYER.get(region, region)
    if not ((summary["variable"] == APPLIED) & (summary["region"] == name)).any():
        return 0.0
    return collected.mean(APPLIED, name).value


def _called(name: str) -> str:
    if name == US:
        return "the US"
    return (
        f"the {name[:1].lower() + name[1:] if name == 'Rest of the World' else name}"
        if name in (*WITH_ARTICLE, "Rest of the World")
        else name
    )


def _said(region: str, collected: Collected, numbers: Numbers, *, first: bool) -> str:
    """``India loses USD 4.1bn a year``; without the unit after the first."""
    money = scaled(collected.mean(WELFARE, region), float(gdp()[region]) / 100.0)
    if not significant(money, 0.1):
        return f"{_called(region)} hardly gains or loses"
    plural = region in ("Gulf exporters", "Canada and Mexico")
    verb = ("gain" if money.value > 0.0 else "lose") + ("" if plural else "s")
    size = numbers.quantity(money, "bn USD a year" if first else "bn USD", 0.1)
    return f"{_called(region)} {verb} {size}"


def _title(rows: pd.DataFrame, collected: Collected, numbers: Numbers) -> str:
    """The largest loser, and the effect on the country that imposes the tariff."""
    home = rows[rows["role"] == "imposes"].iloc[0]
    loser = rows[rows["role"] != "imposes"].iloc[0]
    order = [loser, home] if float(loser["usd"]) <= float(home["usd"]) else [home, loser]
    first, second = (_said(str(row["name"]), collected, numbers, first=number == 0) for number, row in enumerate(order))
    return f"While the US collects tariffs, {first}; {second}"


def _alt(rows: pd.DataFrame, collected: Collected) -> str:
    parts = [
        f"{row['name']} {formatting.amount(row['usd'], 1, signed=True)} bn "
        f"({formatting.amount(row['share'], 2, signed=True)}% of GDP)"
        for row in rows.to_dict("records")
    ]
    return f"Welfare by country in USD while a tariff is collected, mean over these months: {'; '.join(parts)}."


def _data(rows: pd.DataFrame, collected: Collected) -> pd.DataFrame:
    """Tidy: region, statistic, value, unit; with the share of the months in which the tariff is on a buyer."""
    long = []
    for row in rows.to_dict("records"):
        for column, unit in (("usd", "bn USD/y"), ("share", "% of GDP")):
            for ending, statistic in (("", "mean"), ("_low", "q05"), ("_high", "q95")):
                if f"{column}{ending}" in row:
                    long.append((row["name"], WELFARE, statistic, row[f"{column}{ending}"], unit))
        if row["role"] == "target":
            long.append((row["name"], APPLIED, "mean", row["met"], "1"))
    long.append((US, ANY, "paths", float(collected.paths), "paths"))
    return pd.DataFrame(long, columns=["region", "variable", "statistic", "value", "unit"])
