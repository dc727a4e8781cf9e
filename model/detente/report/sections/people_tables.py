"""Tables of the sections on people and feedback: losses against no relief, who is hurt more, what the loop changes
and on which priors."""

from collections.abc import Sequence

from detente.analysis.cost_incidence import COMPONENTS, OTHERS, RUSSIA, TOGETHER, Burden
from detente.analysis.estimates import Reading, Readings
from detente.analysis.feedback import CEASEFIRE, EXHAUSTED, FEEDBACKS, Loop
from detente.analysis.relief_value import Worth
from detente.catalog.describe import CONFIDENCE, amount, spread
from detente.config.loader import Config
from detente.report.sections.cost_incidence import called
from detente.report.sections.feedback import RUSSIAN, UKRAINIAN
from detente.report.table import Cell, Column, Table
from detente.shared import formatting

HEADS = {"volume": "Volume", "discount": "Discount", "Brent": "Brent", "gas": "Gas", "tariffs": "Goods"}
"""Components of costs as heads of columns."""


def losses_table(worths: Sequence[Worth]) -> list[Table]:
    """One row a scenario: losses of both sides less those without relief; no table for runs without losses."""
    able = [worth for worth in worths if worth.has(RUSSIAN, UKRAINIAN)]
    if not able:
        return []
    sides = {RUSSIAN: "Russian casualties", UKRAINIAN: "Ukrainian casualties"}
    rows = tuple(
        (
            Cell(formatting.one_line(worth.run.manifest["title"]), worth.run.folder.name),
            *(_number(worth.people(field), 0.1) for field in sides),
        )
        for worth in able
    )
    columns = (
        Column("Scenario"),
        *(Column(side, "thousand over the horizon, mean", numeric=True) for side in sides.values()),
    )
    note = (
        "Killed and wounded, paired path by path on the same luck. Counts of losses are claims of one side, read with a prior of their bias. Where "
        "the scenario does not set the war itself, all of the difference comes through one prior: what relief on offer does to the chance of a "
        "ceasefire."
    )
    return [Table("losses", "Losses of people less those without relief", columns, rows, note)]


def burden_tables(burden: Burden | None) -> list[Table]:
    """Costs by party in both units with their ranges, then by component."""
    if burden is None:
        return []
    regions = (RUSSIA, *OTHERS, TOGETHER)
    rows = []
    for region in regions:
        cells = [Cell(formatting.capital(called(region)))]
        for unit, finest in (("usd", 0.1), ("share", 0.01)):
            low, high = (burden.cost(region, unit, statistic) for statistic in ("q05", "q95"))
            cells += [
                _number(burden.cost(region, unit), finest),
                Cell(formatting.span(low.value, high.value, (low.error, high.error), finest), sort=low.value),
                Cell("") if region == RUSSIA else _chance(burden.more(region, unit)),
            ]
        rows.append(tuple(cells))
    heads = [
        Column(text, note, numeric=True)
        for unit in ("bn USD a year", "% of GDP a year")
        for text, note in (
            ("Cost", f"{unit}, mean"),
            ("Cost", f"{unit}, 90% of paths"),
            ("More than Russia", f"in {unit.removesuffix(' a year')}, share of paths"),
        )
    ]
    against = formatting.one_line(burden.other.manifest["title"])
    note = (
        f"Against “{against}”, mean over the horizon at a yearly rate, paired path by path on {formatting.count(burden.paths)} whole paths; a loss is "
        "positive, a gain negative. More than Russia: a loss, and a larger one than Russia's. GDP of 2023, current USD (World Bank)."
    )
    first = Table("burden", "Who is hurt more", (Column("Party"), *heads), tuple(rows), note)
    return [first, _components(burden)]


def _components(burden: Burden) -> Table:
    names = [name for name in COMPONENTS if any(name in burden.components(region) for region in (RUSSIA, *OTHERS))]
    rows = tuple(
        (
            Cell(formatting.capital(called(region))),
            *(
                _number(burden.part(region, name), 0.1) if name in burden.components(region) else Cell("–", sort=0.0)
                for name in names
            ),
        )
        for region in (RUSSIA, *OTHERS)
    )
    columns = (Column("Party"), *(Column(HEADS[name], "bn USD a year, mean", numeric=True) for name in names))
    meaning = "; ".join(f"{HEADS[name]}: {COMPONENTS[name]}" for name in names)
    note = (
        f"{meaning}. Revenue, not profit: what Russia saves by lifting less oil is not taken off. The discount is "
        "counted on crude, on the basis delivered in India for every buyer. Net oil imports are fixed (configs/burden.toml)."
    )
    return Table("burden-parts", "What the costs are made of", columns, rows, note)


def loop_tables(loop: Loop | None, config: Config) -> list[Table]:
    """What closing the loop changes, and the priors that close it."""
    return ([_changes(loop)] if loop else []) + (
        [priors(config)] if any(one.key in config.parameters for one in FEEDBACKS) else []
    )


def _changes(loop: Loop) -> Table:
    readings = Readings(loop.run)
    rows = []
    for field, name in ((CEASEFIRE, "General ceasefire"), (EXHAUSTED, "Liquid reserve exhausted")):
        if loop.has(field):
            for months in loop.dates:
                closed, opened, difference = loop.chance(field, months)
                points = Reading(100.0 * difference.value, 100.0 * difference.error, difference.table, difference.row)
                cells = (
                    Cell(formatting.percent(one.value), sort=one.value, title=_title(one)) for one in (closed, opened)
                )
                rows.append(
                    (Cell(name, f"by {formatting.day(readings.end(months))}"), *cells, _number(points, 0.1, " points"))
                )
    for quantity in loop.quantities:
        closed, opened, difference = loop.mean(quantity)
        unit = quantity.unit if "year" in quantity.unit else f"{quantity.unit} over the horizon"
        # To the digits of the difference: what both levels share in error is no doubt about what the loop does.
        levels = (
            Cell(formatting.rounded(one.value, difference.error, quantity.finest), sort=one.value, title=_title(one))
            for one in (closed, opened)
        )
        rows.append((Cell(quantity.name, unit), *levels, _number(difference, quantity.finest)))
    columns = (
        Column("Outcome"),
        Column("Loop closed", numeric=True),
        Column("Loop open", numeric=True),
        Column("Difference", numeric=True),
    )
    note = f"The same scenario run twice on the same luck, the second time with conflict.feedback = false ({loop.other.folder.name}); all paths."
    return Table("loop", "With the loop closed and open", columns, tuple(rows), note, sortable=False)


def priors(config: Config) -> Table:
    """The parameters that close the loop, with value, range, source and confidence."""
    rows = []
    for one in FEEDBACKS:
        record = config.parameters.get(one.key)
        if record is None:
            continue
        tags = formatting.join(CONFIDENCE[part] for part in record.confidence.split("/"))
        value = float(record.value) if not isinstance(record.value, str) else 0.0
        span = spread(record) or "not drawn"
        rows.append(
            (
                Cell(formatting.capital(f"{one.what}, on {one.on}"), one.key),
                Cell(
                    _minus(amount(record.value, "1")),
                    span if record.dist is None else f"90% of draws: {_minus(span)}",
                    sort=value,
                ),
                Cell(formatting.one_line(record.doc)),
                Cell(formatting.one_line(record.source), f"{record.confidence}: {tags}"),
            )
        )
    columns = (
        Column("What acts, and on what"),
        Column("Value", "and range", numeric=True),
        Column("Meaning"),
        Column("Source and confidence"),
    )
    note = (
        "Each can be switched off alone by setting it to 0, as in --set parameters.conflict.runway_effect=0, and all together by "
        "--set conflict.feedback=false. Effects of money, forces and the regenerated force count from the as-of date, whose state the base rates "
        "know; relief on offer, the gulf and the threat count by their level."
    )
    return Table("priors", "The priors that close the loop", columns, tuple(rows), note, sortable=False)


def _minus(text: str) -> str:
    return text.replace("-", formatting.MINUS)


def _number(reading: Reading, finest: float, unit: str = "") -> Cell:
    return Cell(
        f"{formatting.rounded(reading.value, reading.error, finest)}{unit}", sort=reading.value, title=_title(reading)
    )


def _chance(reading: Reading) -> Cell:
    return Cell(formatting.percent(reading.value), sort=reading.value, bar=reading.value, title=_title(reading))


def _title(reading: Reading) -> str:
    return f"{reading.value:.4g} ± {reading.error:.2g}. {reading.table}: {reading.row}"
