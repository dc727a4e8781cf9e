"""European gas: the effect of relief on the bill, flows and prices, and the outlook for TTF and storage."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from detente.analysis.estimates import Readings
from detente.analysis.gas_costs import MEASURES, TTF, GasCosts
from detente.analysis.outcomes import GAS_CHANGE
from detente.analysis.sensitivity import Sensitivity
from detente.report import cells
from detente.report.context import Context
from detente.report.figures.europe import europe
from detente.report.figures.gas import storage, ttf
from detente.report.figures.gas_effects import gas_effect
from detente.report.figures.gas_routes import russian_gas
from detente.report.plots import fan
from detente.report.section import Figure, Finding, Section
from detente.report.tables import Cell, Column, Table
from detente.report.wording import change, depends, significant, size, spread, title
from detente.shared import formatting

NAMES = {"gas": "Russian gas flows", "TTF": "TTF", "HICP": "consumer prices"}


def gas(context: Context) -> Section | None:
    """The section; None for a run without gas."""
    if TTF[0] not in context.columns:
        return None
    own, run = context.own_gas_costs, context.run
    findings = gas_findings(own, context.sensitivity) if own else tuple(bill(costs) for costs in context.gas_costs)
    fans = tuple(
        Figure(name, partial(fan.draw, run, outlook(run), context.examples))
        for name, outlook in (("ttf", ttf), ("storage", storage))
    )
    effect = (Figure("gas-effect", lambda size: gas_effect(run, context.gas_effects, size)),)
    return Section(
        "gas",
        "European gas",
        findings=findings,
        figures=(
            *(effect if context.same_model else ()),
            Figure("europe", lambda size: europe(run, context.examples, size)),
            *fans,
            Figure("russian-gas", lambda size: russian_gas(run, size)),
        ),
        tables=(gas_table(context.gas_costs),) if context.gas_costs else (),
    )


def gas_findings(costs: GasCosts, sensitivity: Sensitivity) -> tuple[Finding, ...]:
    """The bill, then each quantity that differs, one sentence for the others, and the main sensitivity of the bill."""
    present = [name for name in NAMES if costs.has(name)]
    different = [name for name in present if _differs(costs, name)]
    same = [name for name in present if name not in different]
    findings = [bill(costs, subject=True), *(_SENTENCES[name](costs) for name in different)]
    if same:
        verb = "does" if same == ["TTF"] else "do"
        text = f"{formatting.join(NAMES[name] for name in same)} {verb} not change measurably"
        findings.append(Finding("gas-same", formatting.sentence(text), tuple(costs.amount(name) for name in same)))
    leader = sensitivity.leader(GAS_CHANGE)
    if leader is not None:
        text, row = depends(leader, GAS_CHANGE, "The relative effect on the gas bill", (0.1, "%"), True)
        findings.append(Finding("gas-sensitivity", formatting.sentence(text), (row,)))
    return tuple(findings)


def bill(costs: GasCosts, subject: bool = False) -> Finding:
    """The effect of relief on Europe's gas bill; ``subject``: the report is about this run."""
    measure = MEASURES["bill"]
    mean, *quantiles = rows = tuple(costs.amount("bill", statistic) for statistic in ("mean", "q50", "q05", "q95"))
    begin = "" if subject else f"In “{title(costs.run)}”, "
    key = f"gas-bill-{costs.run.scenario}"
    if not _differs(costs, "bill"):
        text = f"{begin}Europe's gas bill does not change measurably."
        if costs.same_law:
            text += " Sanctions relief does not affect the EU gas phase-out law in the model."
        return Finding(key, text, (mean,))
    sign = 1.0 if mean.value > 0.0 else -1.0
    text = f"{begin}Europe's gas bill is {change(mean, measure.resolution, measure.unit)} on average"
    text += f" than in “{title(costs.reference)}” ({spread(quantiles, sign, measure.resolution)})."
    if costs.has("spending") and _differs(costs, "spending"):
        money = costs.amount("spending")
        amount = size(money, MEASURES["spending"].resolution, MEASURES["spending"].unit)
        text += f" At the hub price, EU gas use costs {amount} {'more' if money.value > 0.0 else 'less'}."
        rows = (*rows, money)
    return Finding(key, text, rows)


def _differs(costs: GasCosts, name: str) -> bool:
    return significant(costs.amount(name), MEASURES[name].resolution)


def _flows(costs: GasCosts) -> Finding:
    difference, (mine, theirs) = costs.amount("gas"), costs.russian_gas()
    resolution = MEASURES["gas"].resolution
    with_relief, without = (formatting.rounded(row.value, row.error, resolution) for row in (mine, theirs))
    text = f"Russian gas flows to Europe are {change(difference, resolution, 'bcm a year')} on average"
    return Finding("gas-flows", f"{text}: {with_relief} instead of {without}.", (difference, mine, theirs))


def _ttf(costs: GasCosts) -> Finding:
    mean, ratio = costs.amount("TTF"), costs.amount("ratio", "q50")
    text = f"TTF is {change(mean, MEASURES['TTF'].resolution, 'EUR/MWh')} on average over the horizon"
    if significant(ratio, MEASURES["ratio"].resolution):
        way = "higher" if ratio.value > 0.0 else "lower"
        text += f", and {formatting.percent(abs(ratio.value))} {way} in the median"
    return Finding("gas-ttf", formatting.sentence(text), (mean, ratio))


def _hicp(costs: GasCosts) -> Finding:
    mean, estimates = costs.amount("HICP"), Readings(costs.run)
    end = formatting.month(estimates.when(estimates.horizon))
    points = change(mean, MEASURES["HICP"].resolution, "points")
    text = f"Through gas alone, euro-area consumer prices are {points} in {end}."
    return Finding("gas-hicp", text, (mean,))


_SENTENCES = {"gas": _flows, "TTF": _ttf, "HICP": _hicp}


def gas_table(by_run: Sequence[GasCosts]) -> Table:
    """One row a scenario: the effect of relief on European gas."""
    paths = max((len(costs.by_path["TTF"]) for costs in by_run if costs.has("TTF")), default=0)
    rows = []
    for costs in by_run:
        means = [_difference(costs, name) for name in ("gas", "TTF", "HICP", "bill")]
        if costs.has("ratio"):
            ratio = costs.amount("ratio", "q50")
            means[1] = replace(means[1], note=f"{formatting.rounded(100.0 * ratio.value, 100.0 * ratio.error, 1.0)}%")
        low, high = (costs.amount("bill", statistic) for statistic in ("q05", "q95"))
        rows.append(
            (
                cells.scenario(costs.run),
                *means,
                _difference(costs, "bill", "q50"),
                cells.span(low, high, MEASURES["bill"].resolution),
                _difference(costs, "spending"),
            )
        )
    columns = (
        Column("Scenario"),
        Column("Russian gas", "bcm a year, mean", numeric=True),
        Column("TTF", "EUR/MWh, mean; median in %", numeric=True),
        Column("Consumer prices", "points at the end, mean", numeric=True),
        Column("Gas bill", "% of GDP a year, mean", numeric=True),
        Column("Gas bill", "median", numeric=True),
        Column("Gas bill", "90% range", numeric=True),
        Column("Gas used", "EUR bn a year, mean", numeric=True),
    )
    share = formatting.plain(10.0 * float(by_run[0].run.config.parameters["gas.bill_share"].value))
    note = (
        "Over the horizon, paired by simulation. The bill is that of the euro area by a rule of thumb: EUR 10/MWh is "
        f"{share}% of GDP. Gas used is EU demand at TTF, a narrower measure. TTF, consumer prices and gas used are "
        f"from {formatting.plural(paths, 'stored path')}, the rest from all."
    )
    return Table("gas", "Difference in European gas from no relief", columns, tuple(rows), note)


def _difference(costs: GasCosts, name: str, statistic: str = "mean") -> Cell:
    if not costs.has(name):
        return Cell(cells.ABSENT, sort=0.0, title="Too few complete paths are stored.")
    return cells.number(costs.amount(name, statistic), MEASURES[name].resolution)
