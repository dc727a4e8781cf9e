"""Forecasts of others beside the run's own: probabilities of events and levels of prices."""

import datetime as dt

from detente.analysis.estimates import Reading, Readings
from detente.catalog.outside import OLDEST, Outside, OutsideEvent, OutsideLevel, known, latest_levels
from detente.report import cells
from detente.report.tables import Cell, Column, Table
from detente.shared import formatting

HEADS = (
    Column("Event or output"),
    Column("By or in"),
    Column("Forecast of", "date"),
    Column("Theirs", numeric=True),
    Column("Ours", numeric=True),
    Column("Difference in definition"),
)
NOTE = (
    f"Entries are dated up to the as-of date, at most {OLDEST} months before it, and are not used by the model. Ours: "
    "probability of the event; for a level, the average of the monthly medians with that of the 90% ranges."
)
SAME = "none: mean over the same months"


def outside_of(estimates: Readings) -> Outside:
    """Entries for the dates of a run."""
    return known(estimates.as_of, estimates.end(estimates.horizon))


def outside_table(estimates: Readings, columns: frozenset[str]) -> Table | None:
    """The table of the forecasts of others; None if there is none for the run's dates and outputs."""
    held = outside_of(estimates)
    rows = [_event(one, estimates) for one in held.events if one.field in columns]
    outputs = dict.fromkeys(one.output for one in held.levels if one.output in columns)
    rows += [_level(one, estimates) for output in outputs for one in latest_levels(held, output)]
    return Table("outside", "Forecasts of others", HEADS, tuple(rows), NOTE, sortable=False) if rows else None


def span_name(one: OutsideLevel) -> str:
    """``2027``, ``Q4 2026`` or the months."""
    year, first = one.begin.split("-")
    last = one.end.split("-")[1]
    if one.end[:4] == year and (first, last) == ("01", "12"):
        return year
    if one.end[:4] == year and int(first) % 3 == 1 and int(last) == int(first) + 2:
        return f"Q{(int(first) + 2) // 3} {year}"
    end = one.after - dt.timedelta(days=1)
    return f"{formatting.short_month(one.first)} to {formatting.short_month(end)}"


def ours(one: OutsideLevel, estimates: Readings, statistic: str) -> Reading:
    """Average of a statistic over the steps that begin in the months of a forecast."""
    steps = [
        start
        for step in range(estimates.calendar.steps)
        if one.first <= (start := estimates.calendar.start(step)) < one.after
    ]
    read = [estimates.at(one.output, one.region, start, statistic) for start in steps]
    value, error = (
        sum(values) / len(read) for values in zip(*((each.value, each.error) for each in read), strict=True)
    )
    return Reading(value, error, read[0].table, f"average of {len(read)} steps from {read[0].row}")


def _event(one: OutsideEvent, estimates: Readings) -> tuple[Cell, ...]:
    months = round((estimates.calendar.index(one.by) + 1) * estimates.calendar.months_per_step)
    theirs = formatting.percent(one.value)
    if one.low is not None and one.high is not None:
        theirs = f"{formatting.percent(one.low)} to {formatting.percent(one.high)}"
    return (
        Cell(formatting.capital(one.event.removeprefix("Event|").removeprefix("First "))),
        Cell(formatting.short_day(one.by)),
        _who(one),
        Cell(theirs, sort=one.value),
        cells.probability(estimates.happened(one.field, months), bar=False),
        Cell(one.differs),
    )


def _level(one: OutsideLevel, estimates: Readings) -> tuple[Cell, ...]:
    middle, low, high = (ours(one, estimates, statistic) for statistic in ("q50", "q05", "q95"))
    return (
        Cell(one.output.split("|")[-1], one.unit),
        Cell(span_name(one)),
        _who(one),
        Cell(formatting.plain(one.value), sort=one.value),
        Cell(formatting.rounded(middle.value, middle.error, 1.0), cells.span(low, high, 1.0).text, sort=middle.value),
        Cell(SAME),
    )


def _who(one: OutsideEvent | OutsideLevel) -> Cell:
    return Cell(one.who, formatting.short_day(one.dated), title=f"{one.source} ({one.confidence})")
