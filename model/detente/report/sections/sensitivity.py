"""Key sensitivities: which uncertain assumptions move the outcomes most, and how much they explain."""

from collections.abc import Mapping, Sequence

from detente.analysis.estimates import Reading
from detente.analysis.outcomes import OIL_REVENUE, PEACE, RELIEF, SHORT, TITLES
from detente.analysis.sensitivity import Assumption, Sensitivity, Target, Values, alternatives
from detente.config.distributions import JointDraw
from detente.config.loader import Config
from detente.config.schema import Record
from detente.report import cells
from detente.report.context import Context
from detente.report.section import Finding, Section
from detente.report.tables import Cell, Column, Table
from detente.report.wording import DRAWS
from detente.runs.run import Run
from detente.shared import formatting

MOST = 8
"""Assumptions shown."""


def sensitivity(context: Context) -> Section:
    """The section of every run; its note says where nothing can be said."""
    result, targets = context.sensitivity, context.outcomes
    tables = [assumptions_table(result, context.config, targets), explained_table(result)] if result.assumptions else []
    if context.same_model:
        money = [targets[name] for name in (RELIEF, OIL_REVENUE) if name in targets]
        names = _joint_tables(context.config)
        tables += [alternatives_table(context.config, name, money, context.draws) for name in names]
    explained = explained_finding(result)
    return Section(
        "sensitivity",
        "Key sensitivities",
        findings=(explained,) if explained else (),
        tables=tuple(tables),
        note=note(context.run, result, context.same_model),
    )


def _joint_tables(config: Config) -> list[str]:
    """Joint tables that a run draws from."""
    dists = [record.dist for record in (config.parameters | config.facts).values()]
    drawn = {dist.table for dist in dists if isinstance(dist, JointDraw)}
    return [name for name in config.joints if name in drawn]


def note(run: Run, result: Sensitivity, same_model: bool) -> str:
    """Why there is no table of assumptions, where there is none."""
    if not same_model:
        version = run.manifest["versions"]["model"]
        return f"The run was made by model version {version}; another version cannot recompute its simulated values."
    if result.assumptions:
        return ""
    paths = formatting.plural(run.paths, "simulation")
    if not result.paths:
        return f"With {paths} no sensitivity is statistically distinguishable from zero."
    return f"With {paths} none of the {result.drawn} uncertain assumptions has a statistically distinguishable effect."


def explained_finding(result: Sensitivity) -> Finding | None:
    """The share of the first outcome's spread that single assumptions explain; None if it is not known."""
    if not result.explained:
        return None
    target, share = next(iter(result.explained.items()))
    if share == 0.0:
        paths = formatting.plural(result.paths[target], "simulation")
        text = f"With {paths} no single assumption has a statistically distinguishable effect on {TITLES[target]}."
        return Finding("sensitivity-explained", text, ())
    text = (
        f"Uncertainty about single assumptions explains {formatting.percent(share)} of the spread in {TITLES[target]}. "
        "The rest is unpredictable events and interactions."
    )
    row = f"sum of the significant variance shares in: {TITLES[target]}"
    return Finding("sensitivity-explained", text, (Reading(share, 0.0, DRAWS, row),))


def assumptions_table(result: Sensitivity, config: Config, targets: Mapping[str, Target], most: int = MOST) -> Table:
    """The assumptions with the largest shares, with value, range, source and confidence."""
    records = config.parameters | config.facts
    names = [name for name in targets if name in result.paths]
    rows = tuple(
        (
            _name(assumption, records),
            _value(assumption, records[assumption.keys[0]]),
            *(_share(assumption, name) for name in names),
            _ends(assumption, targets),
            cells.source(records[assumption.keys[0]]),
        )
        for assumption in result.top(most)
    )
    columns = (
        Column("Assumption"),
        Column("Value", "and 90% range", numeric=True),
        *(Column(SHORT[name], "share of variance", numeric=True) for name in names),
        Column("Largest effect", "from the lowest to the highest fifth of its range"),
        Column("Source and confidence"),
    )
    note = (
        "Shares are first-order shares of the variance of an outcome's ranks (of the outcome itself for a "
        f"ceasefire). A dot marks a share that is not statistically distinguishable from zero. Of {result.drawn} "
        f"uncertain assumptions, the {len(rows)} with the largest shares are shown."
    )
    return Table("sensitivity", "Assumptions with the largest effects", columns, rows, note, style="bars wide")


def _name(assumption: Assumption, records: Mapping[str, Record]) -> Cell:
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
    if not share.significant:
        return Cell("·", sort=0.0, title=title)
    shown = formatting.percent(share.share) if share.share >= 0.1 else f"{100.0 * share.share:.1f}%"
    return Cell(shown, sort=share.share, bar=share.share, title=title)


def _ends(assumption: Assumption, targets: Mapping[str, Target]) -> Cell:
    name, share = assumption.largest or ("", None)
    if share is None:
        return Cell("")
    if name == PEACE:
        ends = f"{formatting.percent(share.low)} to {formatting.percent(share.high)}"
    else:
        span = formatting.span(share.low, share.high, (share.std_error, share.std_error), 0.1)
        ends = formatting.quantity(span, targets[name].unit)
    return Cell(f"{SHORT[name]}: {ends}", sort=SHORT[name])


def explained_table(result: Sensitivity) -> Table:
    """Share of each outcome's spread that single assumptions explain, and the smallest share that is significant."""
    rows = tuple(
        (
            Cell(formatting.capital(TITLES[name])),
            Cell(formatting.percent(share), sort=share, bar=share),
            Cell(f"{100.0 * result.floor[name]:.2f}%", sort=result.floor[name]),
            Cell(formatting.count(result.paths[name]), sort=float(result.paths[name])),
        )
        for name, share in result.explained.items()
    )
    columns = (
        Column("Outcome"),
        Column("Explained", "by single assumptions", numeric=True),
        Column("Detection limit", "smallest significant share", numeric=True),
        Column("Simulations", numeric=True),
    )
    return Table("explained", "Share of the spread explained", columns, rows, style="bars")


def alternatives_table(config: Config, name: str, targets: Sequence[Target], values: Values) -> Table:
    """Alternatives drawn together, such as pairs of elasticities: weight in the run, and the outcomes under each."""
    joint = config.joints[name]
    heads = [formatting.key_in_words(column) for column in joint.columns]
    by_target = [alternatives(config, name, target, values) for target in targets]
    rows = tuple(
        (
            Cell(
                formatting.join(
                    f"{head} {formatting.plain(value)}" for head, value in zip(heads, same[0].row, strict=True)
                )
            ),
            Cell(formatting.percent(same[0].share), sort=same[0].share, bar=same[0].share),
            *(Cell(formatting.rounded(one.outcome, one.error, 0.1), sort=one.outcome) for one in same),
        )
        for same in zip(*by_target, strict=True)
    )
    outcomes = (
        Column(
            formatting.capital(target.name),
            f"{target.unit.replace('bn USD', 'USD bn')}, {'mean' if target.by_mean else 'median'}",
            numeric=True,
        )
        for target in targets
    )
    columns = (Column("Alternative"), Column("Share of simulations", numeric=True), *outcomes)
    caption = f"Alternatives: {name.replace('_', ' ')}"
    note = " ".join(formatting.sentence(part) for part in formatting.one_line(joint.source).split("; "))
    return Table(f"alternatives-{name}", caption, columns, rows, note, style="bars")
