"""Track record: how past forecasts of the model did, misses first."""

from detente.analysis.estimates import Reading
from detente.evaluation.outcomes import targets
from detente.evaluation.track_record import FILE, Record, objection, record
from detente.evaluation.track_record_page import headline_sentence, misses
from detente.report.context import Context
from detente.report.section import Finding, Item, Section
from detente.report.tables import Cell, Column, Table
from detente.shared import formatting

TABLE = f"configs/{FILE}"
HEADLINE = ("brent", "ttf")
UNMEASURED = "Not measured for these settings"
NOTE = """\
The baseline was run from the facts of earlier dates and compared with what came. The months of one forecast depend on
one another, and forecasts from several dates share outcomes. The parameters date from 2026 where the facts of the
earlier date do not replace them, so that the model knew part of the future. docs/track-record.md counts it, and holds
every table."""


def past_forecasts(context: Context) -> Finding | None:
    """One line on past forecasts of prices, and whether they are like this run; None without a record."""
    known = record()
    if known is None:
        return None
    rows = {row.output: row for row in known.summary.output}
    readings = [
        Reading(float(value), 0.0, TABLE, f"{key}, {name}")
        for key in HEADLINE
        if key in rows
        for name, value in (("inside the 90% range", rows[key].inside_90), ("month forecasts", rows[key].forecasts))
    ]
    readings += [
        Reading(float(known.summary.inside_90), 0.0, TABLE, "all outputs, inside the 90% range"),
        Reading(float(known.summary.forecasts), 0.0, TABLE, "all outputs, month forecasts"),
    ]
    text = headline_sentence(known, HEADLINE)
    if against := _objection(context, known):
        text += f" {UNMEASURED}: {against}."
    return Finding("past-forecasts", text, tuple(readings))


def track_record(context: Context) -> Section | None:
    """The section: misses with their reasons, then every output; None without a record."""
    known = record()
    if known is None:
        return None
    against = _objection(context, known)
    first = f"{UNMEASURED}: {against}. The record is that of the baseline.\n\n" if against else ""
    items = tuple(Item(miss.sentence, miss.reason) for miss in misses(known))
    return Section(
        "track-record",
        "Track record",
        tables=(_outputs(known),),
        note=first + NOTE,
        subsections=(Section("track-record-misses", "Misses", items=items),) if items else (),
    )


def _objection(context: Context, known: Record) -> str:
    return objection(context.config, str(context.run.manifest["versions"]["model"]), known)


def _outputs(known: Record) -> Table:
    rows = []
    scores = {row.output: row for row in known.summary.output}
    for target in targets():
        if target.key not in scores:
            continue
        row = scores[target.key]
        ratio = "" if row.ratio is None else formatting.amount(row.ratio, 2)
        cells = [Cell(target.title), Cell(f"{row.inside_90} of {row.forecasts}", sort=row.inside_90 / row.forecasts)]
        cells.append(Cell(ratio, sort=row.ratio))
        for origin in known.origin:
            each = next((one for one in origin.output if one.output == target.key), None)
            text = "" if each is None else f"{each.inside_90_all} of {len(each.month)}"
            cells.append(Cell(text, sort=0.0 if each is None else each.inside_90_all / len(each.month)))
        rows.append(tuple(cells))
    heads = (
        Column("Output"),
        Column("Inside the 90% range", "all dates", numeric=True),
        Column("CRPS", "no change = 1", numeric=True),
        *(Column("From", formatting.short_day(origin.as_of), numeric=True) for origin in known.origin),
    )
    summary = known.summary
    note = (
        f"Model {known.model_version}; outcomes to {known.data_to}. A CRPS below 1 is better than no change from the "
        "last value."
    )
    if summary.brier is not None and summary.brier_base_rate is not None:
        note += (
            f" On {summary.questions} event questions the Brier score is {formatting.amount(summary.brier, 3)}, that "
            f"of base rates {formatting.amount(summary.brier_base_rate, 3)}."
        )
    return Table("track-record", "Past forecasts and what came, by month", heads, tuple(rows), note)
