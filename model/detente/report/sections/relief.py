"""Revenue effect of relief: Russia's oil revenue against no relief, by component and by route, and casualties."""

from collections.abc import Sequence

from detente.analysis.estimates import Reading, Readings
from detente.analysis.relief_value import PARTS, ReliefValue
from detente.report import cells
from detente.report.context import Context
from detente.report.figures.relief import waterfall
from detente.report.section import Figure, Finding, Section
from detente.report.tables import Cell, Column, Table
from detente.report.wording import BRENT, DISCOUNT, MONEY, VOLUME, change, significant, size, spread, title
from detente.shared import formatting

RUSSIAN, UKRAINIAN = "attrition.total_casualties_ru", "attrition.total_casualties_ua"
COMPONENTS = {
    "volume": ("Volume", VOLUME, "exports are {amount} mb/d {way}", 0.01),
    "discount": ("The discount", DISCOUNT, "the Urals FOB discount is {amount} USD/bbl {way}", 0.1),
    "Brent": ("The Brent price", BRENT, "Brent is {amount} USD/bbl {way}", 0.1),
}


def relief(context: Context) -> Section | None:
    """The section; None without a run without relief."""
    values, own = context.pairing.values, context.relief
    if not values:
        return None
    findings = (*relief_findings(own), *losses_findings(own)) if own else tuple(total(value) for value in values)
    tables = [relief_table(values), *losses_tables(values)]
    if own:
        tables.append(route_table(own))
    return Section(
        "relief",
        "Revenue effect of relief",
        findings=findings,
        figures=(Figure("worth", lambda size: waterfall(context.run, context.others, size)),),
        tables=tuple(tables),
    )


def relief_findings(value: ReliefValue) -> tuple[Finding, ...]:
    """The total effect, each component, and other differences between the two scenarios."""
    estimates = Readings(value.run)
    end = formatting.month(estimates.when(estimates.horizon))
    findings = [total(value, subject=True)]
    for name, (subject, variable, clause, resolution) in COMPONENTS.items():
        part, last = value.part(name), value.at_the_end(*variable)
        text = _component(subject, part)
        if significant(last, resolution):
            words = ("wider", "narrower") if name == "discount" else ("higher", "lower")
            way = words[0] if last.value > 0.0 else words[1]
            amount = formatting.rounded(abs(last.value), last.error, resolution)
            text += f". In {end}, {clause.format(amount=amount, way=way)} on average"
        findings.append(Finding(f"relief-{name.lower()}", formatting.sentence(text), (part, last)))
    if value.other_differences:
        text = (
            f"The scenarios also differ in {formatting.listed(value.other_differences, 3)}; the effect includes this."
        )
        findings.append(Finding("relief-other-differences", text, ()))
    return tuple(findings)


def total(value: ReliefValue, subject: bool = False) -> Finding:
    """The effect of one scenario's relief, with median and range; ``subject``: the report is about this run."""
    mean, *quantiles = rows = tuple(value.part("total", statistic) for statistic in ("mean", "q50", "q05", "q95"))
    begin = "" if subject else f"In “{title(value.run)}”, "
    against = title(value.reference)
    if significant(mean, 0.1):
        sign = 1.0 if mean.value > 0.0 else -1.0
        text = f"{begin}Russia's oil revenue is {change(mean, 0.1, MONEY)} on average than in “{against}”"
        text += f" ({spread(quantiles, sign, 0.1)})"
    else:
        text = f"{begin}Russia's oil revenue does not differ measurably from “{against}” on average"
        text += f" ({spread(quantiles, 1.0, 0.1)})"
    return Finding(f"relief-total-{value.run.scenario}", formatting.sentence(text), rows)


def _component(subject: str, part: Reading) -> str:
    """``The discount raises revenue by USD 1.9bn a year``."""
    if not significant(part):
        return f"{subject} does not change revenue measurably"
    verb = "raises" if part.value > 0.0 else "lowers"
    if not significant(part, 0.1):
        return f"{subject} {verb} revenue by less than {formatting.quantity('0.1', MONEY)}"
    return f"{subject} {verb} revenue by {size(part, 0.1, MONEY)}"


def losses_findings(value: ReliefValue) -> tuple[Finding, ...]:
    """The difference in casualties of both sides; empty for runs without losses."""
    if not value.has(RUSSIAN, UKRAINIAN):
        return ()
    rows = (value.casualties(RUSSIAN), value.casualties(UKRAINIAN))
    different = [(name, row) for name, row in zip(("Russian", "Ukrainian"), rows, strict=True) if significant(row, 0.1)]
    if not different:
        return (Finding("relief-losses", "Casualties do not differ measurably.", rows),)
    counts = formatting.join(
        f"{people(row)} {'fewer' if row.value < 0.0 else 'more'} {name} soldiers" for name, row in different
    )
    text = f"Over the horizon {counts} are killed or wounded on average. {_cause(value)}"
    return (Finding("relief-losses", text, rows),)


def people(row: Reading) -> str:
    """Persons, from thousands: ``31,000``."""
    return formatting.rounded(1000.0 * abs(row.value), 1000.0 * row.error, 100.0)


def _cause(value: ReliefValue) -> str:
    """Why losses differ: an assumed ceasefire, or the assumed effect of relief on its probability."""
    if not any(key.startswith("conflict.") for key in value.other_differences):
        return "This follows from an assumed effect of relief on the probability of a ceasefire."
    ceasefires = [
        any(state in ("ceasefire", "settlement") for event in run.config.events for state in event.set.values())
        for run in (value.run, value.reference)
    ]
    if ceasefires[0] != ceasefires[1]:
        return "One scenario assumes a ceasefire and the other does not."
    return "The two scenarios make different assumptions about the war."


def relief_table(values: Sequence[ReliefValue]) -> Table:
    """One row a scenario: effect of relief by component, and the spread of the total."""
    rows = tuple(
        (
            cells.scenario(value.run),
            *(cells.number(value.part(name)) for name in PARTS),
            cells.number(value.part("total", "q50")),
            cells.span(value.part("total", "q05"), value.part("total", "q95")),
        )
        for value in values
    )
    columns = (
        Column("Scenario"),
        *(Column(head, "mean", numeric=True) for head in ("Volume", "Discount", "Brent", "Total")),
        Column("Total", "median", numeric=True),
        Column("Total", "90% range", numeric=True),
    )
    note = (
        "USD bn a year over the horizon, paired by simulation with common random numbers. Components add up in the "
        "mean, not in the median."
    )
    return Table("relief", "Difference in Russia's oil revenue from no relief", columns, rows, note)


def route_table(value: ReliefValue) -> Table:
    """Effect of relief by route to US oil relief."""
    rows = tuple(
        (Cell(formatting.capital(name)), cells.probability(share), cells.number(effect))
        for name, share, effect in value.by_route()
    )
    columns = (
        Column("Route to US oil relief"),
        Column("Probability", numeric=True),
        Column("Revenue effect", "USD bn a year, mean", numeric=True),
    )
    note = "Difference in Russia's oil revenue from no relief, given the route. It includes relief by other countries."
    return Table("routes", "Revenue effect by route", columns, rows, note)


def losses_tables(values: Sequence[ReliefValue]) -> list[Table]:
    """One row a scenario: difference in casualties of both sides; no table for runs without losses."""
    able = [value for value in values if value.has(RUSSIAN, UKRAINIAN)]
    if not able:
        return []
    rows = tuple(
        (cells.scenario(value.run), *(cells.number(value.casualties(field)) for field in (RUSSIAN, UKRAINIAN)))
        for value in able
    )
    columns = (
        Column("Scenario"),
        *(
            Column(head, "thousand over the horizon, mean", numeric=True)
            for head in ("Russian casualties", "Ukrainian casualties")
        ),
    )
    note = (
        "Killed and wounded, paired by simulation. Published counts are claims of one side; the model corrects them "
        "for an assumed bias. Unless a scenario sets the war itself, the difference comes from the assumed effect of "
        "relief on the probability of a ceasefire."
    )
    return [Table("losses", "Difference in casualties from no relief", columns, rows, note)]
