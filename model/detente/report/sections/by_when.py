"""Probabilities by date, and forecasts of others beside them."""

from collections.abc import Callable
from dataclasses import dataclass

from detente.analysis.estimates import FEWEST, Reading, Readings
from detente.analysis.gas_costs import TTF
from detente.analysis.tariff_effects import bill
from detente.report import cells
from detente.report.context import Context
from detente.report.outside import outside_table
from detente.report.section import Section
from detente.report.tables import Cell, Column, Table
from detente.report.wording import BRENT, DISCOUNT
from detente.shared import formatting

Lookup = Callable[[Readings, int], Reading | None]


@dataclass(frozen=True)
class Row:
    """A row of the table: head, meaning, the outputs it needs, how it is read, and the rule of law it is about.

    A row with ``if_positive`` is shown only where its probability is not zero.
    """

    text: str
    note: str
    needs: tuple[str, ...]
    read: Lookup
    rule: str = ""
    if_positive: bool = False

    def applies(self, estimates: Readings, columns: frozenset[str]) -> bool:
        """Whether a run has the outputs, and law of that rule on its as-of date."""
        rules = {one.rule for one in estimates.run.config.instruments if one.announced <= estimates.as_of}
        if not columns.issuperset(self.needs) or (self.rule and self.rule not in rules):
            return False
        reading = self.read(estimates, estimates.horizon) if self.if_positive else None
        return not self.if_positive or (reading is not None and reading.value > 0.0)


def _event(text: str, note: str, field: str, rule: str = "", if_positive: bool = False) -> Row:
    return Row(text, note, (field,), lambda estimates, months: estimates.happened(field, months), rule, if_positive)


def _above(name: str, variable: tuple[str, str], threshold: float, unit: str) -> Row:
    return Row(
        f"{name} above {threshold:g} {unit}",
        "in that {step}",
        (variable[0],),
        lambda estimates, months: estimates.above(*variable, months, threshold),
    )


def _below(name: str, variable: tuple[str, str], threshold: float, unit: str) -> Row:
    return Row(
        f"{name} below {threshold:g} {unit}",
        "in that {step}",
        (variable[0],),
        lambda estimates, months: estimates.below(*variable, months, threshold),
    )


DEAL, OIL = "sanctions.first_oil_relief_by_deal", "sanctions.first_oil_relief"
ROWS = (
    _event("General ceasefire", "", "conflict.first_ceasefire"),
    Row(
        "Renewed war",
        "given a ceasefire by then",
        ("conflict.first_relapse", "conflict.first_ceasefire"),
        lambda estimates, months: estimates.followed("conflict.first_relapse", "conflict.first_ceasefire", months),
    ),
    _event("US oil relief under a deal", "for a stage of the roadmap", DEAL),
    Row(
        "US oil relief without a deal",
        "general licence or US initiative, before any deal",
        (OIL, DEAL),
        lambda estimates, months: estimates.happened_without(OIL, DEAL, months),
    ),
    _event("Broad US relief", "without price-triggered general licences", "sanctions.first_broad_US_relief"),
    _event("EU eases the crude embargo", "suspended, lifted or lapsed", "sanctions.first_EU_crude_relief"),
    _event("EU gas law reversed", "by a new law", "sanctions.first_EU_gas_reversal", rule="law"),
    _event("Emergency suspension of the EU gas ban", "four weeks at a time", "gas.first_suspension", rule="law"),
    _event("The {bill} becomes law", "in this Congress or a later one", "tariffs.first_law"),
    _event("Tariff on any buyer of Russian oil", "collected, by law or executive order", "tariffs.first_tariff"),
    _event("Tariff on India", "for buying Russian oil", "tariffs.first_tariff_on_india"),
    _event("Tariff on China", "for buying Russian oil", "tariffs.first_tariff_on_china"),
    _event("Tariff waiver", "under the law, or after a buyer complies", "tariffs.first_waiver"),
    _event("Tariff struck down", "by a court", "tariffs.first_struck_down"),
    _event("Snap-back", "relief withdrawn by the sanctioning country", "sanctions.first_snapback"),
    _above("Brent", BRENT, 100.0, "USD/bbl"),
    _below("Brent", BRENT, 60.0, "USD/bbl"),
    _above("TTF", TTF, 60.0, "EUR/MWh"),
    _below("TTF", TTF, 25.0, "EUR/MWh"),
    _below("Urals FOB discount", DISCOUNT, 8.0, "USD/bbl"),
    _event(
        "Russia's liquid reserve exhausted", "deficit not covered by borrowing or reserve", "fiscal.first_exhausted"
    ),
    _event("New Russian mobilisation", "of the size of September 2022", "attrition.first_mobilisation"),
    _event("EU gas storage below target", "under {target} of capacity on a 1 November", "gas.first_low_storage"),
    _event("Gas shortage in Europe", "demand not met because storage is empty", "gas.first_shortage", if_positive=True),
)


def by_when(context: Context) -> Section:
    """The section with the table of probabilities."""
    tables = (by_when_table(context.estimates, context.columns), outside_table(context.estimates, context.columns))
    return Section("by-when", "Probabilities by date", tables=tuple(table for table in tables if table))


def by_when_table(estimates: Readings, columns: frozenset[str]) -> Table:
    """Probabilities of the main events by the months from the as-of date; ``columns``: outputs of the run."""
    months = estimates.milestones()
    target = estimates.run.config.parameters.get("gas.storage_target")
    words = {
        "bill": bill(estimates.run.config) if "tariffs.first_law" in columns else "",
        "step": estimates.calendar.step,
        "target": formatting.quantity(formatting.plain(float(target.value)), target.unit) if target else "target",
    }
    rows = tuple(
        (
            Cell(formatting.capital(row.text.format(**words)), row.note.format(**words)),
            *(cells.probability(row.read(estimates, month)) for month in months),
        )
        for row in ROWS
        if row.applies(estimates, columns)
    )
    heads = (
        Column("Event"),
        *(
            Column(
                formatting.months(month).replace("\u00a0", " "),
                formatting.short_month(estimates.end(month)),
                numeric=True,
            )
            for month in months
        ),
    )
    paths = len(estimates.valid)
    error = formatting.plain(50.0 / max(paths, 1) ** 0.5, 1)
    note = (
        f"Share of {formatting.count(paths)} simulations. The Monte Carlo error is at most {error} points, and larger "
        f"for renewed war. That probability is left out if fewer than {FEWEST} simulations have a ceasefire. The "
        "scenario can exclude an event (0%) or set it (100%)."
    )
    return Table("by-when", "Probability by date", heads, rows, note, sortable=False, style="bars")
