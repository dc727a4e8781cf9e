"""Distribution of costs: losses and gains by country, comparisons with Russia, and the main channels."""

from detente.analysis.cost_incidence import CHINA, COMPONENTS, OTHERS, TOGETHER, CostIncidence
from detente.analysis.estimates import Reading
from detente.analysis.tariff_effects import RUSSIA
from detente.report import cells
from detente.report.context import Context
from detente.report.figures.cost_incidence import cost_incidence_figure
from detente.report.section import Figure, Finding, Section
from detente.report.tables import Cell, Column, Table
from detente.report.wording import MONEY, significant, simulations, title
from detente.shared import formatting

CALLED = {
    RUSSIA: "Russia",
    "European Union": "the EU",
    "United States": "the US",
    TOGETHER: "China, India, the EU and the US together",
}
CHANNELS = {
    "volume": "lost volumes account",
    "discount": "the discount on Russian crude accounts",
    "Brent": "the oil price accounts",
    "gas": "gas accounts",
    "tariffs": "trade in goods accounts",
}
HEADS = {"volume": "Volume", "discount": "Discount", "Brent": "Brent", "gas": "Gas", "tariffs": "Goods"}
"""Components of costs as heads of columns."""


def cost_incidence(context: Context) -> Section | None:
    """The section; None where there is nothing to compare the run with."""
    costs = context.costs
    if costs is None:
        return None
    return Section(
        "cost-incidence",
        "Distribution of costs",
        findings=cost_findings(costs),
        figures=(Figure("cost-incidence", lambda size: cost_incidence_figure(costs, size)),),
        tables=(costs_table(costs), components_table(costs)),
    )


def cost_findings(costs: CostIncidence) -> tuple[Finding, ...]:
    """Costs by country, comparison with Russia, and the channel that matters most to the two largest losers."""
    return (_costs(costs), _compared(costs), *_channels(costs))


def called(region: str) -> str:
    """The name of a region in a sentence."""
    return CALLED.get(region, region)


def loses(costs: CostIncidence, region: str = RUSSIA) -> bool:
    """Whether a region loses significantly on average."""
    cost = costs.cost(region)
    return cost.value > 0.0 and significant(cost, 0.1)


def _costs(costs: CostIncidence) -> Finding:
    """Russia, then the others that lose, those that gain, and those without a measurable difference."""
    regions = (RUSSIA, *OTHERS)
    usd = {region: costs.cost(region) for region in regions}
    share = {region: costs.cost(region, "share") for region in regions}
    clear = sorted(
        (region for region in regions if significant(usd[region], 0.1)), key=lambda region: -usd[region].value
    )
    first = RUSSIA if RUSSIA in clear else clear[0] if clear else ""
    amounts = {region: _amount(usd[region], share[region], full=region == first) for region in clear}
    sentences = []
    if RUSSIA in clear:
        verb = "costs" if usd[RUSSIA].value > 0.0 else "brings"
        sentences.append(f"the scenario {verb} Russia {amounts[RUSSIA]} on average")
    losers = [region for region in clear if region != RUSSIA and usd[region].value > 0.0]
    gainers = [region for region in reversed(clear) if region != RUSSIA and usd[region].value < 0.0]
    for verb, group in (("costs", losers), ("brings", gainers)):
        if group:
            subject = "it" if sentences else "the scenario"
            sentences.append(f"{subject} {verb} {formatting.join(f'{called(one)} {amounts[one]}' for one in group)}")
    same = [called(region) for region in regions if region not in clear]
    if same:
        subject = "no country" if not sentences else formatting.join(same)
        verb = "sees a measurable difference" if not sentences or len(same) == 1 else "see no measurable difference"
        verb = "sees no measurable difference" if sentences and len(same) == 1 else verb
        sentences.append(f"{subject} {verb}")
    sentences[0] = f"compared with “{title(costs.reference)}”, {sentences[0]}"
    text = " ".join(formatting.sentence(part) for part in sentences)
    return Finding("cost-amounts", text, (*usd.values(), *share.values()))


def _amount(cost: Reading, share: Reading, full: bool) -> str:
    """``USD 20.6bn a year (1.02% of GDP)``, or in short ``USD 20.6bn (1.02%)``."""
    usd = formatting.quantity(formatting.rounded(abs(cost.value), cost.error, 0.1), MONEY if full else "bn USD")
    part = formatting.rounded(abs(share.value), share.error, 0.01)
    part = part if any(digit in part for digit in "123456789") else "<0.01"
    return f"{usd} ({part}% of GDP)" if full else f"{usd} ({part}%)"


def _compared(costs: CostIncidence) -> Finding:
    """How often others lose more than Russia, in both units; who loses where Russia does not."""
    rows = tuple(costs.exceeds_russia(region, unit) for region in (TOGETHER, CHINA) for unit in ("usd", "share"))
    if not loses(costs):
        losers = [called(region) for region in OTHERS if loses(costs, region)]
        gains = "gains" if significant(costs.cost(RUSSIA), 0.1) else "neither gains nor loses"
        others = f"{formatting.join(losers)} {'lose' if len(losers) > 1 else 'loses'}" if losers else "none loses"
        return Finding("cost-comparison", f"On average Russia {gains}; of the others, {others}.", rows)
    together, together_share, china, china_share = rows
    text = (
        f"In dollars, {called(TOGETHER)} lose more than Russia {simulations(together)}. "
        f"Relative to GDP, they do so {simulations(together_share)}. "
        f"China alone loses more {simulations(china)} in dollars, and {simulations(china_share)} relative to GDP."
    )
    return Finding("cost-comparison", text, rows)


def _channels(costs: CostIncidence) -> tuple[Finding, ...]:
    """The largest channel of Russia's loss, and of the largest loss beside Russia's."""
    largest = max(OTHERS, key=lambda region: costs.cost(region).value)
    if not loses(costs):
        return ()
    sentences: list[str] = []
    rows: list[Reading] = []
    for region in (RUSSIA, largest):
        if loses(costs, region):
            parts = {name: costs.part(region, name) for name in costs.components(region)}
            main = max(parts, key=lambda name: parts[name].value)
            share = parts[main].value / costs.cost(region).value
            how = "all" if share > 0.995 else formatting.percent(share)
            offset = "; other channels offset a part" if share > 1.005 else ""
            possessive = f"{called(region)}'s"
            sentences.append(f"{CHANNELS[main]} for {how} of {possessive} loss{offset}")
            rows.append(parts[main])
    return (Finding("cost-channels", " ".join(formatting.sentence(one) for one in sentences), tuple(rows)),)


def costs_table(costs: CostIncidence) -> Table:
    """Costs by country in both units, with ranges and comparisons with Russia."""
    rows = []
    for region in (RUSSIA, *OTHERS, TOGETHER):
        row = [Cell(formatting.capital(called(region)))]
        for unit, resolution in (("usd", 0.1), ("share", 0.01)):
            low, high = (costs.cost(region, unit, statistic) for statistic in ("q05", "q95"))
            row += [
                cells.number(costs.cost(region, unit), resolution),
                cells.span(low, high, resolution),
                Cell("") if region == RUSSIA else cells.probability(costs.exceeds_russia(region, unit)),
            ]
        rows.append(tuple(row))
    heads = [
        Column(text, note, numeric=True)
        for unit in ("USD bn a year", "% of GDP a year")
        for text, note in (
            ("Cost", f"{unit}, mean"),
            ("Cost", f"{unit}, 90% range"),
            ("More than Russia", f"in {unit.removesuffix(' a year')}, probability"),
        )
    ]
    note = (
        f"Compared with “{title(costs.reference)}”, mean over the horizon at a yearly rate. Paired by simulation on "
        f"{formatting.plural(costs.paths, 'stored path')}; a loss is positive, a gain negative. More than Russia: a "
        "loss that exceeds Russia's. GDP of 2023 in current USD (World Bank)."
    )
    return Table("costs", "Costs by country", (Column("Country"), *heads), tuple(rows), note)


def components_table(costs: CostIncidence) -> Table:
    """Mean costs by country and component."""
    regions = (RUSSIA, *OTHERS)
    names = [name for name in COMPONENTS if any(name in costs.components(region) for region in regions)]
    rows = tuple(
        (
            Cell(formatting.capital(called(region))),
            *(
                cells.number(costs.part(region, name))
                if name in costs.components(region)
                else Cell(cells.ABSENT, sort=0.0)
                for name in names
            ),
        )
        for region in regions
    )
    columns = (Column("Country"), *(Column(HEADS[name], "USD bn a year, mean", numeric=True) for name in names))
    meaning = " ".join(f"{HEADS[name]}: {COMPONENTS[name]}." for name in names)
    note = (
        f"{meaning} Revenue, not profit: savings on production costs are not deducted. The discount is counted on "
        "crude as delivered in India, for every buyer. Net oil imports are fixed."
    )
    return Table("cost-components", "Costs by component", columns, rows, note)
