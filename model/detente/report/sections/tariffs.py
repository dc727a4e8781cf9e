"""Sentences on tariffs: how they come, what they cost whom while one is collected, and what they do to Russian oil
against the same without them."""

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
    Twin,
    bill,
    gdp,
    matters,
    sets_tariffs,
)
from detente.report.findings import Finding, more, seen, size
from detente.runs.run import Run
from detente.shared import formatting

MONEY = "bn USD a year"
TOLD = ("China", "India")
"""Targets whose welfare is told beside that of the US; others are in the figure."""
NEVER = "on no path"


def tariffs(run: Run, pair: Twin | None) -> list[Finding]:
    """What a run says of tariffs, in the order of cause; nothing if they hardly come. ``pair``: the run against the
    same scenario without them."""
    if not matters(run):
        return []
    found = [_coming(Readings(run))]
    collected = Collected(run)
    if collected.enough:
        found += [_welfare(collected), _prices(collected)]
        dropped = collected.dropped()
        if dropped is not None and pair is None and seen(dropped, 0.01):
            found.append(_dropped(dropped))
    if pair is not None:
        found.append(_against(pair))
    return found


def note(run: Run, pair: Twin | None) -> str:
    """Why there is no comparison, where a scenario sets tariffs and none was given."""
    if pair is not None or not sets_tariffs(run):
        return ""
    return "What the tariffs do to Russian oil is measured against the same scenario without them, and no run of it was given."


def _coming(readings: Readings) -> Finding:
    last = readings.horizon
    fields = (
        "tariffs.first_law",
        "tariffs.first_tariff",
        "tariffs.first_tariff_on_india",
        "tariffs.first_tariff_on_china",
        "tariffs.first_order",
    )
    law, any_buyer, india, china, order = rows = tuple(readings.happened(field, last) for field in fields)
    text = f"By {formatting.day(readings.end(last))} the {bill(readings.run.config)} is law {_on(law)}, "
    text += f"and a tariff for buying Russian oil has been collected {_on(any_buyer)}"
    text += f", on India {_on(india)} and on China {_on(china)}; an order without the law comes {_on(order)}"
    return Finding("tariff-coming", formatting.sentence(text), rows)


def _on(reading: Reading) -> str:
    """``on 8% of paths``."""
    return (
        NEVER
        if reading.value == 0.0
        else "on every path"
        if reading.value == 1.0
        else f"on {formatting.percent(reading.value)} of paths"
    )


def _welfare(collected: Collected) -> Finding:
    money = gdp()
    means = {region: collected.mean(WELFARE, region) for region in (US, *TOLD)}
    parts = [
        _change(f"{'the ' if region == US else ''}{region}", mean, float(money[region]))
        for region, mean in means.items()
    ]
    largest = min(
        (region for region in money.index if region not in means),
        key=lambda region: collected.mean(WELFARE, region).value * money[region],
    )
    rest = collected.mean(WELFARE, largest)
    paths = formatting.count(collected.paths)
    text = f"While a tariff is collected ({paths} paths, mean over these months), trade alone changes welfare by {formatting.join(parts)}"
    text += (
        f"; of the others {_called(largest)} loses most, {_amount(rest, float(money[largest]))}"
        if rest.value < 0.0
        else ""
    )
    return Finding("tariff-welfare", formatting.sentence(text), (*means.values(), rest))


def _called(region: str) -> str:
    return {
        "Russian Federation": "Russia",
        "European Union": "the European Union",
        "Rest of the World": "the rest of the world",
    }.get(region, region)


def _change(name: str, mean: Reading, money: float) -> str:
    return f"{_amount(mean, money)} in {name}"


def _amount(mean: Reading, money: float) -> str:
    """``−0.13% of GDP (−4.5 bn USD a year)``."""
    share = _signed(formatting.rounded(mean.value, mean.error, 0.01))
    usd = _signed(formatting.rounded(mean.value * money / 100.0, mean.error * money / 100.0, 0.1))
    return f"{share}% of GDP ({formatting.quantity(usd, MONEY)})"


def _signed(text: str) -> str:
    """A gain with its sign, as a loss has one."""
    return text if text.startswith(formatting.MINUS) or not any(digit in text for digit in "123456789") else f"+{text}"


def _prices(collected: Collected) -> Finding:
    border, retail, revenue = rows = tuple(collected.mean(variable, US) for variable in (BORDER, CPI, REVENUE))
    text = (
        f"In these months US import prices are {formatting.rounded(border.value, border.error, 0.1)}% higher at the border and consumer prices "
        f"{formatting.quantity(formatting.rounded(retail.value, retail.error, 0.01), 'points')} higher, and the US collects "
        f"{formatting.quantity(formatting.rounded(revenue.value, revenue.error, 0.1), MONEY)}"
    )
    return Finding("tariff-prices", formatting.sentence(text), rows)


def _dropped(dropped: Reading) -> Finding:
    amount = formatting.quantity(formatting.rounded(dropped.value, dropped.error, 0.01), "mb/d")
    text = f"In these months buyers do without {amount} of Russian oil on average, part of which others take"
    return Finding("tariff-oil", formatting.sentence(text), (dropped,))


def _against(pair: Twin) -> Finding:
    """Revenue, exports and Brent against the scenario without the tariffs."""
    total, exports, brent, dropped = rows = (
        pair.revenue(),
        pair.mean(EXPORTS, RUSSIA),
        pair.mean(BRENT, WORLD),
        pair.mean(DROPPED, WORLD),
    )
    begin = f"Against “{_title(pair.other)}”, draw by draw"
    differing = (
        f"Russia's oil revenue is {more(total, 0.1, MONEY)}" if seen(total, 0.1) else "Russia's oil revenue is the same"
    )
    parts = [differing]
    if seen(exports, 0.01):
        said = f"its exports are {more(exports, 0.01, 'mb/d')}"
        said += (
            f" while buyers drop {size(dropped, 0.01, 'mb/d')} more"
            if seen(dropped, 0.01) and dropped.value > 0.0
            else ""
        )
        parts.append(said)
    if seen(brent, 0.1):
        parts.append(f"Brent is {more(brent, 0.1, 'USD/bbl')}")
    return Finding(
        "tariff-against",
        formatting.sentence(f"{begin}, {formatting.join(parts)}, on average over paths and horizon"),
        rows,
    )


def _title(run: Run) -> str:
    return formatting.one_line(run.manifest["title"])
