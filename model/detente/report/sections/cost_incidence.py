"""Sentences on who is hurt more: what a run costs whom against another, how often others lose more than Russia, and
through what."""

from detente.analysis.cost_incidence import CHINA, OTHERS, RUSSIA, TOGETHER, Burden
from detente.analysis.estimates import Reading
from detente.report.findings import MONEY, Finding, seen
from detente.shared import formatting

CALLED = {
    RUSSIA: "Russia",
    "European Union": "the EU",
    "United States": "the US",
    TOGETHER: "China, India, the EU and the US together",
}
THROUGH = {
    "volume": "oil that it does not sell",
    "discount": "the discount on Russian crude",
    "Brent": "the price of Brent",
    "gas": "gas",
    "tariffs": "trade in goods",
}
DECIDES = 0.3
"""Difference between the chances in both units from which the unit decides the answer."""


def burdens(burden: Burden | None) -> list[Finding]:
    """What the run costs each, how often others are hurt more, and the channel that matters most to the two largest
    losers."""
    return [] if burden is None else [_costs(burden), _compared(burden), *_through(burden)]


def called(region: str) -> str:
    return CALLED.get(region, region)


def loses(burden: Burden, region: str = RUSSIA) -> bool:
    """Whether a region loses on average, clear of the Monte Carlo error."""
    cost = burden.cost(region)
    return cost.value > 0.0 and seen(cost, 0.1)


def _costs(burden: Burden) -> Finding:
    """Losers from the largest cost, then gainers, then those on whom no difference is seen."""
    regions = (RUSSIA, *OTHERS)
    costs = {region: burden.cost(region) for region in regions}
    shares = {region: burden.cost(region, "share") for region in regions}
    clear = sorted((region for region in regions if seen(costs[region], 0.1)), key=lambda region: -costs[region].value)
    groups = (
        ("costs", [one for one in clear if costs[one].value > 0.0]),
        ("brings", [one for one in reversed(clear) if costs[one].value < 0.0]),
    )
    parts: list[str] = []
    for verb, group in groups:
        told = [
            f"{called(one)} {_amounts(costs[one], shares[one], first=not k and not parts)}"
            for k, one in enumerate(group)
        ]
        if told:
            parts.append(f"{verb} {formatting.join(told)}")
    same = [called(one) for one in regions if one not in clear]
    title, against = (formatting.one_line(run.manifest["title"]) for run in (burden.run, burden.other))
    begin = (
        f"Against “{against}”, draw by draw and on average over {formatting.count(burden.paths)} whole paths, “{title}”"
    )
    if not parts:
        text = f"{begin} makes no difference that is seen to any of the five"
    else:
        text = f"{begin} {formatting.join(parts)}"
        text += (
            f"; for {formatting.join(same)} the difference is less than 0.1 {MONEY} or cannot be seen" if same else ""
        )
    return Finding("burden-costs", formatting.sentence(text), (*costs.values(), *shares.values()))


def _amounts(cost: Reading, share: Reading, first: bool) -> str:
    """``20.6 bn USD a year (1.02% of GDP)``; the unit once in a sentence."""
    usd = formatting.rounded(abs(cost.value), cost.error, 0.1)
    usd = formatting.quantity(usd, MONEY) if first else usd
    part = formatting.rounded(abs(share.value), share.error, 0.01)
    part = part if any(digit in part for digit in "123456789") else "<0.01"
    return f"{usd} ({part}% of GDP)"


def _compared(burden: Burden) -> Finding:
    """How often others lose more than Russia, in both units; nothing to compare where Russia gains."""
    rows = tuple(burden.more(region, unit) for region in (TOGETHER, CHINA) for unit in ("usd", "share"))
    if not loses(burden):
        losers = [called(region) for region in OTHERS if loses(burden, region)]
        gains = "gains" if seen(burden.cost(RUSSIA), 0.1) else "neither gains nor loses"
        who = f"{formatting.join(losers)} {'lose' if len(losers) > 1 else 'loses'}" if losers else "none loses"
        return Finding("burden-more", formatting.sentence(f"On average Russia {gains}; of the others {who}"), rows)
    together, together_share, china, china_share = rows
    text = (
        f"{formatting.capital(called(TOGETHER))} lose more than Russia in dollars {_on(together)}, and in per cent of their GDP {_on(together_share)}; "
        f"China alone {_on(china)} and {_on(china_share)}"
    )
    if abs(together.value - together_share.value) > DECIDES:
        text += ". Whether others are hurt more is a question of the unit"
    return Finding("burden-more", formatting.sentence(text), rows)


def _on(reading: Reading) -> str:
    return (
        "on no path"
        if reading.value == 0.0
        else "on every path"
        if reading.value == 1.0
        else f"on {formatting.percent(reading.value)} of paths"
    )


def _through(burden: Burden) -> list[Finding]:
    """The largest channel of Russia's cost and of that of whom it costs most beside Russia."""
    largest = max(OTHERS, key=lambda region: burden.cost(region).value)
    if not loses(burden):
        return []
    parts: list[str] = []
    rows: list[Reading] = []
    for region in (RUSSIA, largest):
        if loses(burden, region):
            found = {name: burden.part(region, name) for name in burden.components(region)}
            main = max(found, key=lambda name: found[name].value)
            share = found[main].value / burden.cost(region).value
            how = "more than all of it" if share > 1.0 else f"{formatting.percent(share)} of it"
            parts.append(f"{called(region)}'s {'comes' if parts else 'cost comes'} through {THROUGH[main]} ({how})")
            rows.append(found[main])
    return [Finding("burden-through", formatting.sentence(formatting.capital("; ".join(parts))), tuple(rows))]
