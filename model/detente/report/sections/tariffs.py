"""Tariffs on buyers of Russian oil: how likely, their cost while collected, and their effect on Russian oil."""

from detente.analysis.estimates import Reading, Readings
from detente.analysis.tariff_effects import (
    BORDER,
    BRENT,
    CPI,
    DROPPED,
    EXPORTS,
    REVENUE,
    RUSSIA,
    US,
    WELFARE,
    WORLD,
    Collected,
    TariffEffects,
    bill,
    gdp,
    matters,
)
from detente.report.context import Context
from detente.report.figures.tariff_brent import tariff_brent
from detente.report.figures.tariff_oil import tariff_oil
from detente.report.figures.tariff_status import tariff_road
from detente.report.figures.tariff_welfare import tariff_welfare
from detente.report.section import Figure, Finding, Section
from detente.report.wording import MONEY, change, significant, simulations, size, title
from detente.shared import formatting

NAMED = ("China", "India")
"""Targeted countries named beside the US; the figure shows the others."""
CALLED = {
    US: "the US",
    RUSSIA: "Russia",
    "European Union": "the European Union",
    "Rest of the World": "the rest of the world",
}


def tariffs(context: Context) -> Section | None:
    """The section; None unless the scenario sets tariffs, or they are likely enough."""
    run, effects = context.run, context.tariffs
    if not matters(run):
        return None
    brent = (Figure("tariff-brent", lambda size: tariff_brent(run, effects, context.brent_effects, size)),)
    return Section(
        "tariffs",
        "Tariffs on buyers of Russian oil",
        findings=tariff_findings(context.estimates, effects),
        figures=(
            Figure("tariff-road", lambda size: tariff_road(run, size)),
            Figure("tariff-welfare", lambda size: tariff_welfare(run, size)),
            Figure("tariff-oil", lambda size: tariff_oil(run, effects, size)),
            *(brent if context.same_model else ()),
        ),
    )


def tariff_findings(estimates: Readings, effects: TariffEffects | None) -> tuple[Finding, ...]:
    """Probability, welfare and prices while collected, purchases of Russian oil, effect against no tariffs."""
    findings = [_likelihood(estimates)]
    collected = Collected(estimates.run)
    if collected.enough:
        findings += [_welfare(collected), _prices(collected)]
        dropped = collected.dropped()
        if dropped is not None and effects is None and significant(dropped, 0.01):
            amount = formatting.quantity(formatting.rounded(dropped.value, dropped.error, 0.01), "mb/d")
            text = f"While tariffs apply, targeted buyers cut purchases by {amount}; other buyers take part of it."
            findings.append(Finding("tariff-oil", text, (dropped,)))
    if effects is not None:
        findings.append(_effects(effects))
    return tuple(findings)


def _likelihood(estimates: Readings) -> Finding:
    last = estimates.horizon
    law, any_buyer, india, china, order = rows = tuple(
        estimates.happened(f"tariffs.{field}", last)
        for field in ("first_law", "first_tariff", "first_tariff_on_india", "first_tariff_on_china", "first_order")
    )
    when, name = formatting.day(estimates.end(last)), bill(estimates.run.config)
    text = f"By {when} the {name} is law {simulations(law)}. A tariff on buyers of Russian oil is collected "
    text += f"{simulations(any_buyer)}: on India {_share(india)}, on China {_share(china)}."
    if order.value:
        text += f" An executive order adds a tariff {simulations(order)}."
    return Finding("tariff-likelihood", text, rows)


def _share(reading: Reading) -> str:
    """``in 8%``, after a share of simulations."""
    return "in none" if reading.value == 0.0 else f"in {formatting.percent(reading.value)}"


def _welfare(collected: Collected) -> Finding:
    money = gdp()
    means = {region: collected.mean(WELFARE, region) for region in (US, *NAMED)}
    largest = min(
        (region for region in money.index if region not in means),
        key=lambda region: collected.mean(WELFARE, region).value * money[region],
    )
    rest = collected.mean(WELFARE, largest)
    first, *others = (f"{_amount(mean, money[region])} in {_called(region)}" for region, mean in means.items())
    text = f"While a tariff is collected, trade effects alone change welfare by {first}. "
    text += f"The change is {formatting.join(others)}."
    if rest.value < 0.0:
        text += f" Among other regions, {_called(largest)} loses most: {_amount(rest, money[largest])}."
    text += f" These are means over {formatting.plural(collected.paths, 'simulation')} with a tariff."
    return Finding("tariff-welfare", text, (*means.values(), rest))


def _called(region: str) -> str:
    return CALLED.get(region, region)


def _amount(mean: Reading, money: float) -> str:
    """``−0.13% of GDP (USD −4.5bn a year)``."""
    share = formatting.rounded(mean.value, mean.error, 0.01, signed=True)
    usd = formatting.rounded(mean.value * money / 100.0, mean.error * money / 100.0, 0.1, signed=True)
    return f"{share}% of GDP ({formatting.quantity(usd, MONEY)})"


def _prices(collected: Collected) -> Finding:
    border, retail, revenue = rows = tuple(collected.mean(variable, US) for variable in (BORDER, CPI, REVENUE))
    points = formatting.quantity(formatting.rounded(retail.value, retail.error, 0.01), "points")
    text = (
        f"In these months US import prices are {formatting.rounded(border.value, border.error, 0.1)}% higher at the "
        f"border and consumer prices {points} higher. The US collects {size(revenue, 0.1, MONEY)}."
    )
    return Finding("tariff-prices", text, rows)


def _effects(effects: TariffEffects) -> Finding:
    """Revenue, exports and Brent against the same scenario without tariffs."""
    total, exports, brent, dropped = rows = (
        effects.revenue(),
        effects.mean(EXPORTS, RUSSIA),
        effects.mean(BRENT, WORLD),
        effects.mean(DROPPED, WORLD),
    )
    begin = f"Compared with “{title(effects.reference)}”, Russia's oil revenue"
    if significant(total, 0.1):
        text = f"{begin} is {change(total, 0.1, MONEY)} on average."
    else:
        text = f"{begin} does not change measurably."
    if significant(exports, 0.01):
        text += f" Its exports are {change(exports, 0.01, 'mb/d')}"
        if significant(dropped, 0.01) and dropped.value > 0.0:
            text += f", while targeted buyers cut purchases by {size(dropped, 0.01, 'mb/d')}"
        text += "."
    if significant(brent, 0.1):
        text += f" Brent is {change(brent, 0.1, 'USD/bbl')}."
    return Finding("tariff-effects", text, rows)
