"""A page over the units of a batch: for each, the outcomes that scenarios differ in, and which run holds the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from detente.report.page.html import render
from detente.report.tables import Cell, Column, Table
from detente.shared import formatting


@dataclass(frozen=True)
class Outcome:
    """A column of the page: an output at the end of the horizon.

    ``event``: a probability, reported by its mean.
    """

    text: str
    variable: str
    region: str
    unit: str
    event: bool = False


OUTCOMES = (
    Outcome("Brent", "Price|Oil|Brent", "World", "USD/bbl"),
    Outcome("Urals FOB discount", "Price|Oil|Urals|FOB Discount", "Russian Federation", "USD/bbl"),
    Outcome("Oil export revenue", "Trade|Oil|Value", "Russian Federation", "bn USD/month"),
    Outcome("European gas, TTF", "Price|Natural Gas|TTF", "European Union", "EUR/MWh"),
    Outcome("Ceasefire by then", "Event|First ceasefire", "World", "", event=True),
    Outcome("US oil relief by then", "Event|First US oil relief", "World", "", event=True),
)
Statistics = Mapping[tuple[str, str, str], float]
"""Values by variable, region and statistic, at the end of the horizon."""


@dataclass(frozen=True)
class Row:
    """One unit of the batch.

    Its name, a note, its run's folder, its statistics (empty if it is not finished) and its error.
    """

    name: str
    note: str
    run: str
    statistics: Statistics
    error: str = ""


def overview(title: str, rows: Sequence[Row]) -> str:
    """The page. Everything that comes from a configuration is escaped."""
    failed = [row for row in rows if row.error]
    done = [row for row in rows if row.statistics]
    lead = f"{formatting.plural(len(rows), 'unit')}, {formatting.count(len(done))} finished" + (
        f", {formatting.count(len(failed))} failed." if failed else "."
    )
    columns = (Column("Unit"), *(Column(one.text, one.unit or "probability", numeric=True) for one in OUTCOMES))
    body = tuple(
        (Cell(row.name, note=f"{row.note} {row.run}".strip()), *(_cell(one, row.statistics) for one in OUTCOMES))
        for row in done
    )
    note = (
        "Median, and below it the 90% range, at the end of each unit's horizon. "
        "For differences between scenarios, paired by simulation: detente report RUN RUN."
    )
    tables = [Table("units", "Outcomes at the end of the horizon", columns, body, note)] if body else []
    if failed:
        wrong = tuple((Cell(row.name), Cell(row.error)) for row in failed)
        tables.append(
            Table(
                "failed",
                "Failed units",
                (Column("Unit"), Column("What went wrong")),
                wrong,
                "Tracebacks: the folder errors.",
            )
        )
    return render("batch.html.j2", title=formatting.one_line(title), lead=lead, tables=tables)


def _cell(outcome: Outcome, statistics: Statistics) -> Cell:
    def value(statistic: str) -> float | None:
        return statistics.get((outcome.variable, outcome.region, statistic))

    mean, middle, low, high = (value(name) for name in ("mean", "q50", "q05", "q95"))
    if outcome.event:
        return Cell("–", sort=-1.0) if mean is None else Cell(formatting.percent(mean), sort=mean)
    if middle is None or low is None or high is None:
        return Cell("–")
    return Cell(formatting.plain(middle), note=f"{formatting.plain(low)} to {formatting.plain(high)}", sort=middle)
