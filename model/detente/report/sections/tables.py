"""The tables of the briefing: by when and how likely, what relief is worth, scenarios side by side, what the answer
turns on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from detente.analysis.estimates import FEWEST, Reading, Readings
from detente.analysis.gas_costs import BILL, MEASURES, TTF, Europe
from detente.analysis.outcomes import PEACE, SHORT, TITLES
from detente.analysis.relief_value import PARTS, Worth
from detente.analysis.sensitivity import Assumption, Influence, Target, Values, alternatives
from detente.analysis.tariff_effects import bill
from detente.catalog.describe import CONFIDENCE
from detente.config.loader import Config
from detente.config.schema import Record
from detente.report.findings import BRENT, DISCOUNT, VALUE, VOLUME
from detente.report.table import Cell, Column, Table
from detente.runs.run import Run
from detente.shared import formatting

Lookup = Callable[[Readings, int], Reading | None]


@dataclass(frozen=True)
class _Line:
    """A row of "by when": its head, what it means, the event columns or variable it needs, how it is read, and the
    rule of law it is about."""

    text: str
    note: str
    needs: tuple[str, ...]
    read: Lookup
    rule: str = ""
    if_seen: bool = False

    def concerns(self, readings: Readings, held: set[str]) -> bool:
        """Whether a run has what the row is about: the outputs, law of that kind on its as-of date, and, of a row
        ``if_seen``, a path with it."""
        law = {one.rule for one in readings.run.config.instruments if one.announced <= readings.as_of}
        if not held.issuperset(self.needs) or (self.rule and self.rule not in law):
            return False
        found = self.read(readings, readings.horizon) if self.if_seen else None
        return not self.if_seen or (found is not None and found.value > 0.0)


def _event(text: str, note: str, field: str, rule: str = "", if_seen: bool = False) -> _Line:
    return _Line(text, note, (field,), lambda readings, months: readings.happened(field, months), rule, if_seen)


DEAL, OIL = "sanctions.first_oil_relief_by_deal", "sanctions.first_oil_relief"
LINES = (
    _event("General ceasefire", "", "conflict.first_ceasefire"),
    _Line(
        "War again after it",
        "among the paths with a ceasefire by then",
        ("conflict.first_relapse", "conflict.first_ceasefire"),
        lambda readings, months: readings.followed("conflict.first_relapse", "conflict.first_ceasefire", months),
    ),
    _event("US oil relief under a deal", "for a stage of the roadmap; a licence may have come before", DEAL),
    _Line(
        "US oil relief without a deal",
        "a licence because oil is dear, or an initiative, before any deal",
        (OIL, DEAL),
        lambda readings, months: readings.happened_without(OIL, DEAL, months),
    ),
    _event("Broad US relief", "licences for dear oil left out", "sanctions.first_broad_US_relief"),
    _event("EU eases the crude embargo", "suspended, lifted or lapsed", "sanctions.first_EU_crude_relief"),
    _event("EU gas law reversed", "by a new law, with or without peace", "sanctions.first_EU_gas_reversal", rule="law"),
    _event(
        "Emergency suspension of the EU's gas ban",
        "for four weeks at a time, by decree",
        "gas.first_suspension",
        rule="law",
    ),
    _event("The {bill} is law", "in this Congress or a later one", "tariffs.first_law"),
    _event("Tariff on any buyer of Russian oil", "collected, by the law or by order", "tariffs.first_tariff"),
    _event("Tariff on India", "the only precedent, August 2025", "tariffs.first_tariff_on_india"),
    _event("Tariff on China", "for buying Russian oil", "tariffs.first_tariff_on_china"),
    _event("Tariff waiver", "for a buyer, under the law or because it complied", "tariffs.first_waiver"),
    _event("Tariff struck down", "by a court", "tariffs.first_struck_down"),
    _event("Snap-back", "relief taken back by its sender", "sanctions.first_snapback"),
    _Line(
        "Brent above 100 USD/bbl",
        "in that {step}",
        (BRENT[0],),
        lambda readings, months: readings.above(*BRENT, months, 100.0),
    ),
    _Line(
        "Brent below 60 USD/bbl",
        "in that {step}",
        (BRENT[0],),
        lambda readings, months: readings.below(*BRENT, months, 60.0),
    ),
    _Line(
        "TTF above 60 EUR/MWh", "in that {step}", (TTF[0],), lambda readings, months: readings.above(*TTF, months, 60.0)
    ),
    _Line(
        "TTF below 25 EUR/MWh", "in that {step}", (TTF[0],), lambda readings, months: readings.below(*TTF, months, 25.0)
    ),
    _Line(
        "Urals FOB discount under 8 USD/bbl",
        "in that {step}",
        (DISCOUNT[0],),
        lambda readings, months: readings.below(*DISCOUNT, months, 8.0),
    ),
    _event(
        "Russia's liquid reserve exhausted",
        "part of a deficit is covered neither by borrowing nor by the reserve",
        "fiscal.first_exhausted",
    ),
    _event("New Russian mobilisation", "of the size of September 2022", "attrition.first_mobilisation"),
    _event(
        "EU gas storage below target", "under {target} of capacity, on a 1 November by then", "gas.first_low_storage"
    ),
    _event("Gas shortage in Europe", "demand turned away because storage is empty", "gas.first_shortage", if_seen=True),
)
LEVELS = (
    ("Urals FOB discount", "USD/bbl", DISCOUNT, 0.1),
    ("Exports, crude and products", "mb/d", VOLUME, 0.01),
    ("Brent", "USD/bbl", BRENT, 1.0),
    ("Oil revenue", "bn USD/month", VALUE, 0.1),
    ("TTF", "EUR/MWh", TTF, 1.0),
    ("Gas bill", "% of GDP", BILL, 0.1),
)


def by_when(readings: Readings) -> Table:
    """Probabilities of what a reader asks for, by the months from the as-of date."""
    months = readings.milestones()
    held = {*readings.run.events().columns, *readings.run.summary()["variable"].unique()}
    target = readings.run.config.parameters.get("gas.storage_target")
    law = bill(readings.run.config) if "tariffs.first_law" in held else ""
    own = {
        "bill": law,
        "step": readings.calendar.step,
        "target": formatting.quantity(formatting.plain(float(target.value)), target.unit) if target else "target",
    }
    lines = [line for line in LINES if line.concerns(readings, held)]
    rows = tuple(
        (
            Cell(formatting.capital(line.text.format(**own)), line.note.format(**own)),
            *(_probability(line.read(readings, m)) for m in months),
        )
        for line in lines
    )
    columns = (
        Column("Event"),
        *(
            Column(f"{m} months" if m > 1 else "1 month", formatting.short_month(readings.end(m)), numeric=True)
            for m in months
        ),
    )
    worst = 50.0 / max(len(readings.healthy), 1) ** 0.5
    note = (
        f"Share of {formatting.count(len(readings.healthy))} paths; Monte Carlo error at most {formatting.plain(worst, 1)} points, more for the row with a "
        f"condition, which is left out where fewer than {FEWEST} paths meet it. 0% and 100% stand for no path and every path, as where the scenario "
        "excludes or sets an event."
    )
    return Table("by-when", "Probability by date", columns, rows, note, sortable=False)


def _probability(reading: Reading | None) -> Cell:
    if reading is None:
        return Cell("–", sort=-1.0, title=f"Fewer than {FEWEST} paths meet the condition by then.")
    return Cell(formatting.percent(reading.value), sort=reading.value, bar=reading.value, title=_trace(reading))


def _trace(reading: Reading) -> str:
    error = 100.0 * reading.error
    return f"{100.0 * reading.value:.2f}% ± {formatting.plain(error, 1)} points. {reading.table}: {reading.row}"


def worth_table(worths: Sequence[Worth]) -> Table:
    """One row a scenario: what its relief is worth by volume, discount and Brent, and the spread of the total."""
    rows = []
    for worth in worths:
        means = [_amount(worth.part(name)) for name in PARTS]
        low, high = (worth.part("total", statistic) for statistic in ("q05", "q95"))
        spread = Cell(formatting.span(low.value, high.value, (low.error, high.error), 0.1), sort=low.value)
        rows.append((_scenario(worth.run), *means, _amount(worth.part("total", "q50")), spread))
    heads = ("Volume", "Discount", "Brent", "Total")
    columns = (
        Column("Scenario"),
        *(Column(head, "mean", numeric=True) for head in heads),
        Column("Total", "median", numeric=True),
        Column("Total", "90% of paths", numeric=True),
    )
    note = "bn USD a year over the horizon, paired path by path on the same luck. The parts add up in the mean, not in the median."
    return Table("worth", "Oil revenue less that without relief", columns, tuple(rows), note)


def route_table(worth: Worth) -> Table:
    """What relief is worth by what happened: few paths carry most of it."""
    rows = tuple(
        (
            Cell(formatting.capital(name)),
            Cell(formatting.percent(share.value), sort=share.value, bar=share.value, title=_trace(share)),
            _amount(value),
        )
        for name, share, value in worth.by_route()
    )
    columns = (
        Column("On the paths with"),
        Column("Share of paths", numeric=True),
        Column("Worth", "bn USD a year, mean", numeric=True),
    )
    note = "Russia's oil revenue over the horizon less that without relief, same luck. What other senders do comes on top in every row."
    return Table("routes", "Where it comes from", columns, rows, note)


def europe_table(europes: Sequence[Europe]) -> Table:
    """One row a scenario: what its relief changes for Europe."""
    kept = max((len(one.by_path["TTF"]) for one in europes if one.has("TTF")), default=0)
    rows = []
    for one in europes:
        means = [_difference(one, name) for name in ("gas", "TTF", "HICP", "bill")]
        if one.has("ratio"):
            ratio = one.amount("ratio", "q50")
            means[1] = replace(means[1], note=f"{formatting.rounded(100.0 * ratio.value, 100.0 * ratio.error, 1.0)}%")
        low, high = (one.amount("bill", statistic) for statistic in ("q05", "q95"))
        finest = MEASURES["bill"].finest
        spread = Cell(formatting.span(low.value, high.value, (low.error, high.error), finest), sort=low.value)
        rows.append((_scenario(one.run), *means, _difference(one, "bill", "q50"), spread, _difference(one, "spending")))
    columns = (
        Column("Scenario"),
        Column("Russian gas", "bcm a year, mean", numeric=True),
        Column("TTF", "EUR/MWh, mean; % on the median path", numeric=True),
        Column("Consumer prices", "points at the end, mean", numeric=True),
        Column("Gas bill", "% of GDP a year, mean", numeric=True),
        Column("Gas bill", "median", numeric=True),
        Column("Gas bill", "90% of paths", numeric=True),
        Column("Gas used", "bn EUR a year, mean", numeric=True),
    )
    share = europes[0].run.config.parameters["gas.bill_share"]
    note = (
        "Over the horizon, paired path by path on the same luck. The bill is the euro area's by a rule of thumb "
        f"(EUR 10/MWh is {formatting.plain(10.0 * float(share.value))}% of GDP); gas used is the EU's demand at TTF, a narrower measure. "
        f"TTF, consumer prices and gas used are from {formatting.plural(kept, 'whole path')}, the rest from all."
    )
    return Table("europe", "Europe less what it is without relief", columns, tuple(rows), note)


def _difference(europe: Europe, name: str, statistic: str = "mean") -> Cell:
    if not europe.has(name):
        return Cell("–", sort=0.0, title="Too few whole paths were kept.")
    return _amount(europe.amount(name, statistic), MEASURES[name].finest)


def _amount(reading: Reading, finest: float = 0.1) -> Cell:
    title = f"{reading.value:.3f} ± {reading.error:.3f}. {reading.table}: {reading.row}"
    return Cell(formatting.rounded(reading.value, reading.error, finest), sort=reading.value, title=title)


def _scenario(run: Run) -> Cell:
    return Cell(formatting.one_line(run.manifest["title"]), run.folder.name)


def side_by_side(runs: Sequence[Run], months: int) -> Table:
    """Medians and central 90% of the main quantities in one month, one row a scenario."""
    first = Readings(runs[0])
    levels = [level for level in LEVELS if any(Readings(run).has(*level[2], "q50") for run in runs)]
    rows = tuple(
        (_scenario(run), *(_level(Readings(run), variable, months, finest) for _, _, variable, finest in levels))
        for run in runs
    )
    columns = (Column("Scenario"), *(Column(name, unit, numeric=True) for name, unit, _, _ in levels))
    caption = f"After {formatting.months(months)}, {formatting.month(first.when(months))}: median, and 90% of paths"
    return Table(f"beside-{months}", caption, columns, rows)


def _level(readings: Readings, variable: tuple[str, str], months: int, finest: float) -> Cell:
    if not readings.has(*variable, "q50"):
        return Cell("–", sort=float("-inf"), title="This run does not have it.")
    low, middle, high = (readings.level(*variable, months, statistic) for statistic in ("q05", "q50", "q95"))
    span = formatting.span(low.value, high.value, (low.error, high.error), finest)
    return Cell(
        formatting.rounded(middle.value, middle.error, finest),
        span,
        sort=middle.value,
        title=f"{middle.table}: {middle.row}",
    )


def turning(influence: Influence, config: Config, targets: dict[str, Target], most: int = 8) -> Table:
    """The assumptions that move the answers most, with value, range, source and confidence."""
    records = config.parameters | config.facts
    names = [name for name in targets if name in influence.paths]
    rows = []
    for assumption in influence.top(most):
        record = records[assumption.keys[0]]
        shares = (_share(assumption, name) for name in names)
        rows.append(
            (
                _named(assumption, records),
                _value(assumption, record),
                *shares,
                _moves(assumption, targets),
                _source(record),
            )
        )
    columns = (
        Column("Assumption"),
        Column("Value", "and 90% range", numeric=True),
        *(Column(SHORT[name], "share of its spread", numeric=True) for name in names),
        Column("What it moves most", "from its lowest to its highest fifth"),
        Column("Source and confidence"),
    )
    outcomes = "; ".join(TITLES[name] for name in names)
    note = (
        f"Outcomes: {outcomes}. Share of the variance of an outcome's ranks (of the outcome itself for a ceasefire) that the assumption accounts for "
        f"by itself; a dot where it cannot be told from noise. All {influence.drawn} drawn assumptions were tested; the largest shares are shown."
    )
    return Table("turning", "The assumptions that move the answers most", columns, tuple(rows), note)


def _named(assumption: Assumption, records: dict[str, Record]) -> Cell:
    heads = [formatting.headline(records[key].doc) for key in assumption.keys]
    return Cell(heads[0], ", ".join(assumption.keys), lines=tuple(heads[1:]))


def _value(assumption: Assumption, record: Record) -> Cell:
    span = f"{formatting.plain(assumption.low, 2)} to {formatting.plain(assumption.high, 2)}"
    value = float(record.value) if not isinstance(record.value, str) else 0.0
    if record.unit == "year":
        return Cell(f"{value:g}", f"{assumption.low:.0f} to {assumption.high:.0f}", sort=value)
    return Cell(formatting.quantity(formatting.plain(value), record.unit), span, sort=value)


def _share(assumption: Assumption, name: str) -> Cell:
    share = assumption.shares[name]
    title = f"{100.0 * share.share:.2f}% ± {100.0 * share.error:.2f} points, rank correlation {share.correlation:+.2f}"
    if not share.seen:
        return Cell("·", sort=0.0, title=title)
    shown = formatting.percent(share.share) if share.share >= 0.1 else f"{100.0 * share.share:.1f}%"
    return Cell(shown, sort=share.share, bar=share.share, title=title)


def _moves(assumption: Assumption, targets: dict[str, Target]) -> Cell:
    name, share = assumption.largest or ("", None)
    if share is None:
        return Cell("")
    if name == PEACE:
        moved = f"{formatting.percent(share.low)} to {formatting.percent(share.high)}"
    else:
        moved = formatting.quantity(
            formatting.span(share.low, share.high, (share.wobble, share.wobble), 0.1), targets[name].unit
        )
    return Cell(f"{SHORT[name]}: {moved}", sort=SHORT[name])


def _source(record: Record) -> Cell:
    tags = formatting.join(CONFIDENCE[part] for part in record.confidence.split("/"))
    return Cell(formatting.one_line(record.source), f"{record.confidence}: {tags}")


def explained(influence: Influence) -> Table:
    """How much of each outcome's spread the drawn assumptions account for, and what could not have been seen."""
    rows = tuple(
        (
            Cell(formatting.capital(TITLES[name])),
            Cell(formatting.percent(share), sort=share, bar=share),
            Cell(f"{100.0 * influence.floor[name]:.2f}%", sort=influence.floor[name]),
            Cell(formatting.count(influence.paths[name]), sort=float(influence.paths[name])),
        )
        for name, share in influence.explained.items()
    )
    columns = (
        Column("Outcome"),
        Column("Explained", "by the drawn assumptions, one at a time", numeric=True),
        Column("Noise floor", "smaller shares are not seen", numeric=True),
        Column("Paths", numeric=True),
    )
    return Table("explained", "How much the assumptions explain", columns, rows)


def structures(config: Config, name: str, targets: Sequence[Target], values: Values) -> Table:
    """Alternatives that are drawn as a whole, such as pairs of elasticities: weight in the run, and the outcomes
    under each."""
    joint = config.joints[name]
    tails = [formatting.key_in_words(column) for column in joint.columns]
    found = [alternatives(config, name, target, values) for target in targets]
    body = tuple(
        (
            Cell(
                formatting.join(
                    f"{tail} {formatting.plain(value)}" for tail, value in zip(tails, same[0].row, strict=True)
                )
            ),
            Cell(formatting.percent(same[0].share), sort=same[0].share, bar=same[0].share),
            *(Cell(formatting.rounded(one.outcome, one.error, 0.1), sort=one.outcome) for one in same),
        )
        for same in zip(*found, strict=True)
    )
    outcomes = (
        Column(
            formatting.capital(target.name), f"{target.unit}, {'mean' if target.by_mean else 'median'}", numeric=True
        )
        for target in targets
    )
    columns = (Column("Alternative"), Column("Share of paths", numeric=True), *outcomes)
    return Table(
        f"structure-{name}",
        f"Alternatives drawn as a whole: {name.replace('_', ' ')}",
        columns,
        body,
        formatting.one_line(joint.source),
    )
