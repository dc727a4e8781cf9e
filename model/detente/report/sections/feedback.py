"""How much feedback matters: the run with feedback on and off, and the assumptions behind it."""

from detente.analysis.estimates import Reading, Readings
from detente.analysis.feedback import CEASEFIRE, EXHAUSTED, FEEDBACKS, FeedbackEffects, Quantity
from detente.catalog.describe import amount, spread
from detente.config.loader import Config
from detente.report import cells
from detente.report.context import Context
from detente.report.section import Finding, Section
from detente.report.tables import Cell, Column, Table
from detente.report.wording import significant, simulations
from detente.shared import formatting

NOTE = (
    "The ceasefire probability starts from historical base rates. Russia's finances, force levels, tariff threats "
    "and relief offers then raise or lower it. A larger Russian force in a ceasefire makes renewed war more likely, "
    "and oil and gas revenue raises the pay of recruits. None of these effects has been measured; all are judgement."
)
OFF = (
    "Feedback is off in this scenario. Changes after the as-of date affect neither the ceasefire probability nor the "
    "pay of recruits."
)


def feedback(context: Context) -> Section | None:
    """The section; None for a run without the parameters of feedback."""
    if not any(one.key in context.config.parameters for one in FEEDBACKS):
        return None
    effects = context.feedback
    tables = [*([changes_table(effects)] if effects else []), assumptions_table(context.config)]
    return Section(
        "feedback",
        "How much feedback matters",
        findings=feedback_findings(effects) if effects else (),
        tables=tuple(tables),
        note=NOTE if context.config.conflict_feedback else OFF,
    )


def feedback_findings(effects: FeedbackEffects) -> tuple[Finding, ...]:
    """Effect of feedback on the ceasefire probability, on revenue and casualties, and on the reserve."""
    return (_ceasefire(effects), *_amounts(effects), *_reserve(effects))


def _ceasefire(effects: FeedbackEffects) -> Finding:
    estimates = Readings(effects.run)
    rows, sentences = [], []
    for months in effects.dates:
        on, off, difference = effects.probability(CEASEFIRE, months)
        rows += [on, off, difference]
        when, likely = formatting.day(estimates.end(months)), formatting.percent(on.value)
        if significant(difference, 0.01):
            text = f"With feedback, the probability of a ceasefire by {when} is {likely}"
            sentences.append(f"{text}; without it, {formatting.percent(off.value)}.")
        else:
            sentences.append(f"The probability of a ceasefire by {when} is {likely} with feedback and without it.")
    return Finding("feedback-ceasefire", " ".join(sentences), tuple(rows))


def _amounts(effects: FeedbackEffects) -> tuple[Finding, ...]:
    sentences, rows = [], []
    for quantity in effects.quantities:
        on, off, difference = effects.mean(quantity)
        rows += [on, off, difference]
        sentences.append(_amount(quantity, on, off, difference))
    return (Finding("feedback-amounts", " ".join(sentences), tuple(rows)),) if sentences else ()


def _amount(quantity: Quantity, on: Reading, off: Reading, difference: Reading) -> str:
    """A sentence: ``Mean Russian oil revenue is USD 120.1bn a year with feedback, and 120.9 without``."""
    plural = quantity.name.endswith("s")
    if not significant(difference, quantity.resolution):
        return f"Mean {quantity.name} {'do' if plural else 'does'} not change measurably."
    # Both levels share their error; the digits are those of the difference.
    mine, theirs = (formatting.rounded(row.value, difference.error, quantity.resolution) for row in (on, off))
    verb = "are" if plural else "is"
    return (
        f"Mean {quantity.name} {verb} {formatting.quantity(mine, quantity.unit)} with feedback, and {theirs} without."
    )


def _reserve(effects: FeedbackEffects) -> tuple[Finding, ...]:
    if not effects.has(EXHAUSTED):
        return ()
    last = Readings(effects.run).horizon
    on, off, difference = effects.probability(EXHAUSTED, last)
    when = formatting.day(Readings(effects.run).end(last))
    text = f"Russia's liquid reserve is exhausted by {when} {simulations(on)} with feedback"
    without = formatting.percent(off.value)
    text += f", and in {without} without." if significant(difference, 0.01) else " and without it."
    return (Finding("feedback-reserve", text, (on, off, difference)),)


def changes_table(effects: FeedbackEffects) -> Table:
    """Outcomes with feedback on and off."""
    estimates = Readings(effects.run)
    rows = []
    for field, name in ((CEASEFIRE, "General ceasefire"), (EXHAUSTED, "Liquid reserve exhausted")):
        if effects.has(field):
            for months in effects.dates:
                on, off, difference = effects.probability(field, months)
                points = Reading(100.0 * difference.value, 100.0 * difference.error, difference.table, difference.row)
                both = (cells.probability(row, bar=False) for row in (on, off))
                when = f"by {formatting.day(estimates.end(months))}"
                rows.append((Cell(name, when), *both, cells.number(points, 0.1, " points")))
    for quantity in effects.quantities:
        on, off, difference = effects.mean(quantity)
        unit = quantity.unit if "year" in quantity.unit else f"{quantity.unit} over the horizon"
        levels = (
            cells.number(Reading(row.value, difference.error, row.table, row.row), quantity.resolution)
            for row in (on, off)
        )
        rows.append((Cell(quantity.name, _unit(unit)), *levels, cells.number(difference, quantity.resolution)))
    heads = ("Feedback on", "Feedback off", "Difference")
    columns = (Column("Outcome"), *(Column(head, numeric=True) for head in heads))
    name = effects.reference.folder.name
    note = f"The same scenario with and without feedback, paired by simulation, from all paths ({name})."
    return Table("feedback", "With feedback on and off", columns, tuple(rows), note, sortable=False)


def _unit(unit: str) -> str:
    """``USD bn a year`` for ``bn USD a year``."""
    return unit.replace("bn USD", "USD bn")


def assumptions_table(config: Config) -> Table:
    """The parameters of feedback, with value, range, source and confidence."""
    rows = []
    for one in FEEDBACKS:
        record = config.parameters.get(one.key)
        if record is None:
            continue
        value = float(record.value) if not isinstance(record.value, str) else 0.0
        span = spread(record) or "fixed"
        rows.append(
            (
                Cell(formatting.capital(f"{one.what}, on {one.on}"), one.key),
                Cell(
                    _minus(amount(record.value, "1")),
                    span if record.dist is None else f"90% range: {_minus(span)}",
                    sort=value,
                ),
                Cell(formatting.one_line(record.doc)),
                cells.source(record),
            )
        )
    columns = (
        Column("Effect"),
        Column("Value", "and range", numeric=True),
        Column("Meaning"),
        Column("Source and confidence"),
    )
    note = (
        "Each effect has its own parameter. Effects of money and forces act by their change since the as-of date. "
        "Relief on offer, the Gulf and the tariff threat act by their level."
    )
    return Table("assumptions", "Assumptions of feedback", columns, tuple(rows), note, sortable=False, style="wide")


def _minus(text: str) -> str:
    return text.replace("-", formatting.MINUS)
