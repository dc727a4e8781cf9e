"""Every claim of the ledger, answered from a run and from those that it needs beside it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from detente.analysis.tariff_effects import gdp
from detente.config.loader import Config
from detente.questions import Answer, Asker, names, parse
from detente.questions.claims.ledger import Also, Claim, Ledger, Rule, Turn, Verdict
from detente.questions.claims.verdicts import Judgement, Turned, judge
from detente.runs.companions import companion, settings
from detente.runs.run import Run
from detente.shared.errors import ConfigError

Maker = Callable[[Config], Run]
"""Simulates a configuration, or opens its run if it is there."""
THIRDS = ("rank({key}) < 1/3", "rank({key}) > 2/3")


@dataclass(frozen=True)
class Said:
    """A further number: what it is, and the answer to its question."""

    says: str
    answer: Answer


@dataclass(frozen=True)
class Answered:
    """A claim with its verdict. ``answer`` is None where a fact decides, or nothing; ``runs``: scenario by folder,
    of all that it was asked of."""

    claim: Claim
    verdict: Verdict
    rule: Rule
    answer: Answer | None = None
    judgement: Judgement | None = None
    turned: tuple[Turned, ...] = ()
    also: tuple[Said, ...] = ()
    runs: dict[str, str] = field(default_factory=dict)
    reason: str = ""

    @property
    def probability(self) -> bool:
        """Whether the answer is a probability: its limits then lie between 0 and 1 and its question begins with P."""
        return self.answer is not None and self.claim.rule is None


def constants(horizon: int) -> dict[str, tuple[float, str]]:
    """Numbers that claims may name, with their units: years of a run of ``horizon`` months, and the gross domestic
    product of the regions of the small trade table, bn USD a year."""
    return {"years": (horizon / 12.0, "")} | {
        f"GDP|{region}": (float(value), "bn USD") for region, value in gdp().items()
    }


class Bench:
    """The runs that claims are answered from: made, or opened, when a question names them first."""

    def __init__(self, run: Run, ledger: Ledger, make: Maker) -> None:
        self.run = run
        self.declared = {each.name: each for each in ledger.run}
        self.make = make
        self.opened: dict[str, Run] = {run.scenario: run, "": run}
        self.constants = constants(run.manifest["config"]["run"]["horizon"])
        self.askers: dict[str, Asker] = {}
        self.changed = settings(run)
        known = names(run.config, self.constants)
        for claim in ledger.claim:
            for question in claim.questions:
                parse(question, known)

    def open(self, name: str) -> Run:
        """A run of the ledger or of a scenario, with the size, seed and settings of the run that is asked
        (ConfigError if there is none such)."""
        if name not in self.opened:
            self.opened[name] = self.make(self._config(name))
        return self.opened[name]

    def asker(self, name: str) -> Asker:
        """Puts questions to a run; names without brackets mean it."""
        if name not in self.askers:
            run = self.open(name)
            self.askers[name] = Asker(run, self.open, names(run.config, self.constants))
        return self.askers[name]

    def _config(self, name: str) -> Config:
        wanted = self.declared.get(name)
        if wanted is None:
            return companion(self.run, name, changed=self.changed)
        return companion(
            self.run,
            wanted.scenario,
            as_of=wanted.as_of,
            values=wanted.set,
            name=wanted.name,
            title=wanted.doc,
            changed=self.changed,
        )


def answer(run: Run, ledger: Ledger, make: Maker, progress: Callable[[int, int], None] | None = None) -> list[Answered]:
    """Answer every claim, in the order of the ledger; ``make`` simulates what is not there yet, ``progress(done,
    all)`` counts claims."""
    bench = Bench(run, ledger, make)
    found = []
    for number, claim in enumerate(ledger.claim, 1):
        found.append(_answered(claim, ledger, bench))
        if progress is not None:
            progress(number, len(ledger.claim))
    return found


def _answered(claim: Claim, ledger: Ledger, bench: Bench) -> Answered:
    """The claim, answered; not testable where the run cannot tell, because it is too short or no path meets a
    condition."""
    rule = claim.rule or ledger.rule
    try:
        return _tested(claim, ledger, rule, bench)
    except ConfigError as error:
        return Answered(claim, "not testable", rule, reason=f"This run cannot tell: {str(error).splitlines()[0]}")


def _tested(claim: Claim, ledger: Ledger, rule: Rule, bench: Bench) -> Answered:
    also = tuple(_said(each, claim, bench) for each in claim.also)
    runs = {name: folder for each in also for name, folder in each.answer.runs.items() if name}
    if claim.untestable is not None:
        return Answered(claim, "not testable", rule, also=also, runs=runs, reason=claim.untestable)
    if claim.by_fact is not None:
        return _by_fact(claim, ledger, rule, also, runs)
    asker = bench.asker(claim.run or "")
    assert claim.ask is not None
    found = asker.ask(claim.ask)
    turned = tuple(each for turn in claim.turns_on if (each := _turned(turn, claim.ask, asker)) is not None)
    judgement = judge(found.value, found.mc_error, rule, turned, assumed=claim.assumed_link is not None)
    runs = {claim.run or name or bench.run.scenario: folder for name, folder in found.runs.items()} | runs
    return Answered(claim, judgement.verdict, rule, found, judgement, turned, also, runs, claim.assumed_link or "")


def _said(also: Also, claim: Claim, bench: Bench) -> Said:
    return Said(also.says, bench.asker(claim.run or "").ask(also.ask))


def _turned(turn: Turn, question: str, asker: Asker) -> Turned | None:
    """The answer at both ends of an assumption; None if the run fixes it, so that there are no thirds."""
    try:
        if turn.parameter is not None:
            ends = [asker.ask(question, given.format(key=turn.parameter)) for given in THIRDS]
        else:
            ends = [asker.ask(each) for each in (turn.low, turn.high) if each is not None]
    except ConfigError as error:
        if "meets the condition" in str(error):
            return None
        raise
    low, high = ends
    name = turn.parameter or turn.name or ""
    return Turned(
        name, turn.parameter or "", turn.low_name, turn.high_name, low.value, low.mc_error, high.value, high.mc_error
    )


def _by_fact(claim: Claim, ledger: Ledger, rule: Rule, also: Sequence[Said], runs: dict[str, str]) -> Answered:
    assert claim.by_fact is not None
    fact = ledger.fact_of(claim.by_fact.fact)
    if fact.value is None:
        raise ConfigError(
            f"claims.toml: claim {claim.number} is held against the fact {fact.key}, which has no value; give it one."
        )
    near = abs(claim.by_fact.figure - fact.value) <= claim.by_fact.tolerance * abs(fact.value)
    return Answered(claim, "supported" if near else "contradicted", rule, also=tuple(also), runs=runs, reason=fact.text)
