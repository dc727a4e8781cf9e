"""Scenarios compared: medians and ranges of the main quantities."""

from collections.abc import Sequence

from detente.analysis.estimates import Readings
from detente.analysis.gas_costs import BILL, TTF
from detente.report import cells
from detente.report.context import Context
from detente.report.figures.scenarios import scenarios as scenarios_figure
from detente.report.section import Figure, Section
from detente.report.tables import Cell, Column, Table
from detente.report.wording import BRENT, DISCOUNT, VALUE, VOLUME
from detente.runs.run import Run
from detente.shared import formatting

LEVELS = (
    ("Urals FOB discount", "USD/bbl", DISCOUNT, 0.1),
    ("Exports, crude and products", "mb/d", VOLUME, 0.01),
    ("Brent", "USD/bbl", BRENT, 1.0),
    ("Oil revenue", "USD bn a month", VALUE, 0.1),
    ("TTF", "EUR/MWh", TTF, 1.0),
    ("Gas bill", "% of GDP", BILL, 0.1),
)


def scenarios(context: Context) -> Section:
    """The section, also for a run without comparison."""
    tables = []
    for months in context.estimates.compared():
        able = [run for run in context.runs if _comparable(Readings(run), context.estimates, months)]
        tables.append(levels_table(able, months))
    return Section(
        "scenarios",
        "Scenarios compared" if context.others else "Main quantities",
        figures=(Figure("scenarios", lambda size: scenarios_figure(context.run, context.others, size)),),
        tables=tuple(tables),
        note=" ".join(context.pairing.notes),
    )


def _comparable(other: Readings, own: Readings, months: int) -> bool:
    return other.horizon >= months and other.as_of == own.as_of


def levels_table(runs: Sequence[Run], months: int) -> Table:
    """Medians and 90% ranges of the main quantities in one month, one row a scenario."""
    first = Readings(runs[0])
    levels = [level for level in LEVELS if any(Readings(run).has(*level[2], "q50") for run in runs)]
    rows = tuple(
        (cells.scenario(run), *(_level(Readings(run), variable, months, step) for _, _, variable, step in levels))
        for run in runs
    )
    columns = (Column("Scenario"), *(Column(name, unit, numeric=True) for name, unit, _, _ in levels))
    when = formatting.month(first.when(months))
    caption = f"After {formatting.months(months)}, {when}: median and 90% range"
    return Table(f"levels-{months}", caption, columns, rows)


def _level(estimates: Readings, variable: tuple[str, str], months: int, resolution: float) -> Cell:
    if not estimates.has(*variable, "q50"):
        return Cell(cells.ABSENT, sort=float("-inf"), title="This run does not have it.")
    low, middle, high = (estimates.level(*variable, months, statistic) for statistic in ("q05", "q50", "q95"))
    return Cell(
        formatting.rounded(middle.value, middle.error, resolution),
        formatting.span(low.value, high.value, (low.error, high.error), resolution),
        sort=middle.value,
        title=f"{middle.table}: {middle.row}",
    )
