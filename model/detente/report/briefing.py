"""Everything a report says, gathered once; formats only lay it out."""

from dataclasses import dataclass

from detente.analysis.cost_incidence import natural
from detente.analysis.estimates import Readings
from detente.analysis.feedback import Loop
from detente.analysis.gas_costs import europe
from detente.analysis.outcomes import INCOME, WORTH, outcomes
from detente.analysis.relief_value import YARDSTICK, Pairing, pair
from detente.analysis.sensitivity import Influence, drawn_values, influence
from detente.analysis.tariff_effects import twin
from detente.config.distributions import JointDraw
from detente.engine.version import model_version
from detente.report.findings import Finding, answer, chance, doubt, total, worths
from detente.report.sections import annex, people_tables, tables
from detente.report.sections.claims import claims_note, claims_table
from detente.report.sections.cost_incidence import burdens
from detente.report.sections.feedback import loops, toll
from detente.report.sections.gas import bill, europes
from detente.report.sections.limits import Kind, Limit, limits
from detente.report.sections.tariffs import note, tariffs
from detente.report.table import Table
from detente.runs.run import Run
from detente.shared import formatting


@dataclass(frozen=True)
class Briefing:
    """The words and tables of a report about the first run of ``runs``, in the order of the page. Sentences are
    numbered in ``findings``."""

    runs: tuple[Run, ...]
    head: dict[str, str]
    given: str
    answer: Finding
    doubt: Finding
    by_when: Table
    worths: tuple[Finding, ...]
    worth_note: str
    worth_tables: tuple[Table, ...]
    europe: tuple[Finding, ...]
    europe_tables: tuple[Table, ...]
    tariffs: tuple[Finding, ...]
    tariff_note: str
    burden: tuple[Finding, ...]
    burden_tables: tuple[Table, ...]
    loop: tuple[Finding, ...]
    loop_note: str
    loop_tables: tuple[Table, ...]
    beside: tuple[Table, ...]
    chance: Finding | None
    turning: tuple[Table, ...]
    turning_note: str
    claims: tuple[Table, ...]
    claims_note: str
    limits: dict[Kind, list[Limit]]
    assumptions: tuple[Table, ...]
    records: tuple[Table, ...]
    register: Table
    manifest: Table
    versions: str
    scale: tuple[Table, ...]
    traces: Table

    @property
    def findings(self) -> list[Finding]:
        """All sentences in the order in which they are read."""
        last = [self.chance] if self.chance else []
        return [self.answer, self.doubt, *self.worths, *self.europe, *self.tariffs, *self.burden, *self.loop, *last]


def brief(runs: list[Run], loop: Loop | None = None) -> Briefing:
    """Compute the words and tables of a report; figures are drawn apart. ``loop``: the first run against itself
    without feedback."""
    subject = runs[0]
    readings, pairing = Readings(subject), pair(runs)
    worth = pairing.of(subject)
    targets = outcomes(subject, worth.yardstick if worth else None)
    same = subject.manifest["versions"]["model"] == model_version()
    values = drawn_values(subject.config) if same else {}
    moved = influence(subject.config, targets, values) if same else Influence((), 0, {}, {}, {})
    sentences = [*worths(worth), *toll(worth)] if worth else [total(one) for one in pairing.worths]
    gas = {one.run.id: found for one in pairing.worths if (found := europe(one))}
    own = gas.get(subject.id)
    gas_sentences = europes(own, moved) if own else [bill(one) for one in gas.values()] if worth is None else []
    without = twin(subject, runs[1:])
    tariff_sentences = tariffs(subject, without)
    hurt = natural(subject, runs[1:])
    costs, closed = burdens(hurt), loops(loop)
    first, second, third = answer(readings, worth, own, without), doubt(readings, worth, moved, without), chance(moved)
    turning = [tables.turning(moved, subject.config, targets), tables.explained(moved)] if moved.assumptions else []
    money = [targets[name] for name in (WORTH, INCOME) if name in targets]
    turning += [tables.structures(subject.config, name, money, values) for name in _joints(subject) if same]
    return Briefing(
        runs=tuple(runs),
        head=_head(readings),
        given=_given(readings),
        answer=first,
        doubt=second,
        by_when=tables.by_when(readings),
        worths=tuple(sentences),
        worth_note=_worth_note(runs, pairing),
        worth_tables=tuple(_worth_tables(runs, pairing)),
        europe=tuple(gas_sentences),
        europe_tables=(tables.europe_table(list(gas.values())),) if gas else (),
        tariffs=tuple(tariff_sentences),
        tariff_note=note(subject, without),
        burden=tuple(costs),
        burden_tables=tuple(people_tables.burden_tables(hurt)),
        loop=tuple(closed),
        loop_note=_loop_note(subject, loop),
        loop_tables=tuple(people_tables.loop_tables(loop, subject.config)),
        beside=tuple(_beside(runs, readings)),
        chance=third,
        turning=tuple(turning),
        turning_note=_turning_note(moved, subject, same),
        claims=(asked,) if (asked := claims_table(subject)) is not None else (),
        claims_note=claims_note(subject),
        limits=limits(subject.config),
        assumptions=tuple(annex.given(subject)),
        records=tuple(annex.records(subject)),
        register=annex.register(subject.config),
        manifest=annex.manifest([*runs, *([loop.other] if loop else [])]),
        versions=annex.versions(subject),
        scale=(annex.scale(), annex.confidence_tags()),
        traces=annex.traces(
            [first, second, *sentences, *gas_sentences, *tariff_sentences, *costs, *closed, *([third] if third else [])]
        ),
    )


def _joints(run: Run) -> list[str]:
    """Joint tables that a run still draws from."""
    dists = [record.dist for record in (run.config.parameters | run.config.facts).values()]
    drawn = {dist.table for dist in dists if isinstance(dist, JointDraw)}
    return [name for name in run.config.joints if name in drawn]


def _head(readings: Readings) -> dict[str, str]:
    """What was asked, in labelled words."""
    run = readings.run
    options = run.manifest["config"]["run"]
    step = {"month": "monthly", "week": "weekly"}[options["step"]]
    failed = run.manifest["failed_paths"]
    return {
        "As of": formatting.day(readings.as_of),
        "Horizon": f"{formatting.months(readings.horizon)}, to {formatting.day(readings.end(readings.horizon))}, {step} steps",
        "Paths": formatting.count(run.paths)
        + (f", {formatting.count(failed)} of them failed and are left out" if failed else ""),
        "Run": run.folder.name,
        "Model": f"{run.manifest['model']} {run.manifest['versions']['model']}",
    }


def _given(readings: Readings) -> str:
    """One line on what the run takes as given."""
    config = readings.run.config
    prices = {
        name: config.facts[key] for name, key in (("Brent", "oil.brent"), ("TTF", "gas.ttf")) if key in config.facts
    }
    known_on = formatting.join(f"{name} of {formatting.day(price.as_of)}" for name, price in prices.items())
    last = f" (last prices: {known_on})" if prices else ""
    stages = formatting.plural(len(config.stages), "stage")
    roadmap = f"a roadmap of relief in {stages}" if config.stages else "no roadmap of relief"
    pins = formatting.plural(len(config.events), "dated event")
    events = f", {pins} set by the scenario" if config.events else ", no dated event"
    known = f"facts known on {formatting.day(readings.as_of)}{last}"
    given = formatting.sentence(f"Takes as given: {known}, the law of that day and its calendar, {roadmap}{events}")
    later = sum(record.as_of > config.as_of for record in config.parameters.values())
    if later:
        given += f" A look-back with hindsight: {later} of {len(config.parameters)} parameters rest on evidence after that day."
    return given


def _worth_note(runs: list[Run], pairing: Pairing) -> str:
    """Why the comparison is short, where it is."""
    notes = list(pairing.notes)
    if pairing.yardstick is None:
        notes.append(
            f"What relief is worth is measured against the scenario {YARDSTICK}, draw by draw, and no run of it was given: detente run {YARDSTICK}, "
            f"then detente report {runs[0].folder.name} with the folder of that run after it."
        )
    elif pairing.yardstick is runs[0]:
        notes.append("This is the scenario without relief, the yardstick by which the others are measured.")
        if len(runs) == 1:
            notes.append("Name other runs after it to have them measured.")
    return " ".join(notes)


def _loop_note(run: Run, loop: Loop | None) -> str:
    """What the loop is; and why there is no comparison, where there is none."""
    if not run.config.conflict_feedback:
        return "In this scenario the loop is open: nothing that changes after the as-of date acts on the chance of peace or on recruits' pay."
    text = (
        "The chance of peace rests on base rates, which know the state of the world on the as-of date and no more. The loop lets what changes after "
        "that date act on them: money and forces as they differ from that day, and the threat of tariffs, relief on offer and the gulf as they "
        "stand; a force regenerated under a ceasefire acts on the chance of war again, and revenue on what recruits are paid. No size of any of "
        "these is known; each is a prior."
    )
    if loop is None:
        text += f" What it changes is told by a run without it: detente run {run.scenario}, which makes both."
    return text


def _worth_tables(runs: list[Run], pairing: Pairing) -> list[Table]:
    found = [tables.worth_table(pairing.worths), *people_tables.losses_table(pairing.worths)] if pairing.worths else []
    return found + [tables.route_table(worth) for worth in pairing.worths if worth.run is runs[0]]


def _beside(runs: list[Run], readings: Readings) -> list[Table]:
    found = []
    for months in readings.compared():
        able = [run for run in runs if Readings(run).horizon >= months and Readings(run).as_of == readings.as_of]
        found.append(tables.side_by_side(able, months))
    return found


def _turning_note(moved: Influence, run: Run, same: bool) -> str:
    """Why there is no table of assumptions, where there is none; ``same``: whether the installed model is the one
    that made the run."""
    if not same:
        return (
            f"The run was made by model {run.manifest['versions']['model']}, and the installed one, {model_version()}, draws other numbers; "
            f"run {run.scenario} again to see what the answer turns on."
        )
    if moved.assumptions:
        return ""
    if not moved.paths:
        few = formatting.plural(run.paths, "path")
        return f"With {few} no assumption can be told from noise; run 16,384 paths or more to see what the answer turns on."
    return f"None of the {moved.drawn} drawn assumptions stands clear of noise with {formatting.plural(run.paths, 'path')}."
