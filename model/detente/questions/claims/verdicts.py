"""Answers to the claims of the ledger from a run and its comparison runs, with verdicts by the declared rules."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from detente.analysis.tariff_effects import gdp
from detente.config.loader import Config
from detente.questions import Answer, Asker, names, parse
from detente.questions.claims.ledger import Also, Claim, Ledger, Rule, Sensitivity, Verdict
from detente.runs.companions import companion, settings
from detente.runs.pairing import must_match_installed
from detente.runs.run import Run
from detente.shared.errors import ConfigError

Simulate = Callable[[Config], Run]
"""Simulates a configuration, or opens its run if there is one."""
THIRDS = ("rank({key}) < 1/3", "rank({key}) > 2/3")
SIGMAS = 2.0
"""Monte Carlo errors within which an answer counts as close to a limit."""
LEAST_EFFECT = 0.01
"""Smallest effect of an assumption to be reported."""


@dataclass(frozen=True)
class Effect:
    """The answer at both ends of an assumption, each with its Monte Carlo error.

    ``parameter``: its key, or "" if the ends are two cases with their own questions.
    """

    name: str
    parameter: str
    low_name: str
    high_name: str
    low: float
    low_error: float
    high: float
    high_error: float

    @property
    def size(self) -> float:
        """Absolute difference between the ends."""
        return abs(self.high - self.low)

    @property
    def significant(self) -> bool:
        """Whether the ends differ by more than two standard errors and by at least 0.01."""
        error = math.hypot(self.low_error, self.high_error)
        return self.size > max(SIGMAS * error, LEAST_EFFECT)

    def decides(self, rule: Rule) -> bool:
        """Whether the ends also lie on different sides of the midpoint of the limits."""
        return self.significant and (self.low > rule.middle) != (self.high > rule.middle)


@dataclass(frozen=True)
class Judgement:
    """A verdict with its basis.

    ``close``: the answer lies within two errors of a limit; ``effect``: the assumption that decides it, or else
    has the largest effect.
    """

    verdict: Verdict
    close: bool
    effect: Effect | None


@dataclass(frozen=True)
class FurtherAnswer:
    """An additional number of a claim: its label and its answer."""

    says: str
    answer: Answer


@dataclass(frozen=True)
class AnsweredClaim:
    """A claim with its verdict.

    ``answer`` is None for claims decided by a fact and for untestable ones; ``runs``: folder of each run used.
    """

    claim: Claim
    verdict: Verdict
    rule: Rule
    answer: Answer | None = None
    judgement: Judgement | None = None
    effects: tuple[Effect, ...] = ()
    also: tuple[FurtherAnswer, ...] = ()
    runs: dict[str, str] = field(default_factory=dict)
    reason: str = ""

    @property
    def probability(self) -> bool:
        """Whether the answer is a probability with the default limits."""
        return self.answer is not None and self.claim.rule is None


def constants(horizon: int) -> dict[str, tuple[float, str]]:
    """Numbers that claims may name: years of a run of ``horizon`` months, and GDP in bn USD a year."""
    return {"years": (horizon / 12.0, "")} | {
        f"GDP|{region}": (float(value), "bn USD") for region, value in gdp().items()
    }


class ClaimRuns:
    """The runs that answer claims, opened or simulated when a question first names them."""

    def __init__(self, run: Run, ledger: Ledger, simulate: Simulate) -> None:
        self.run = run
        self.declared = {each.name: each for each in ledger.run}
        self.simulate = simulate
        self.opened: dict[str, Run] = {run.scenario: run, "": run}
        self.constants = constants(run.manifest["config"]["run"]["horizon"])
        self.askers: dict[str, Asker] = {}
        self.changed = settings(run.config)
        known = names(run.config, self.constants)
        for claim in ledger.claim:
            for question in claim.questions:
                parse(question, known)

    def open(self, name: str) -> Run:
        """A run of the ledger or of a scenario, with the settings of the main run.

        ConfigError if it is unknown, or if another model made the main run.
        """
        if name not in self.opened:
            config = self._config(name)
            must_match_installed(self.run.manifest, self.run.folder.name)
            self.opened[name] = self.simulate(config)
        return self.opened[name]

    def asker(self, name: str) -> Asker:
        """Asker for a run; names without brackets refer to it."""
        if name not in self.askers:
            run = self.open(name)
            self.askers[name] = Asker(run, self.open, names(run.config, self.constants))
        return self.askers[name]

    def _config(self, name: str) -> Config:
        declared = self.declared.get(name)
        if declared is None:
            return companion(self.run.config, name, changed=self.changed)
        return companion(
            self.run.config,
            declared.scenario,
            as_of=declared.as_of,
            values=declared.set,
            name=declared.name,
            title=declared.doc,
            changed=self.changed,
        )


def answer(
    run: Run, ledger: Ledger, simulate: Simulate, progress: Callable[[int, int], None] | None = None
) -> list[AnsweredClaim]:
    """Answer every claim of the ledger.

    Parameters
    ----------
    run : the run asked.
    ledger : claims, facts, runs and rules.
    simulate : simulates or opens the run of a configuration.
    progress : called with the number of claims answered and of all claims.

    Returns
    -------
    The answered claims, in the order of the ledger.
    """
    runs = ClaimRuns(run, ledger, simulate)
    answered = []
    for number, claim in enumerate(ledger.claim, 1):
        answered.append(_answered(claim, ledger, runs))
        if progress is not None:
            progress(number, len(ledger.claim))
    return answered


def by_rule(value: float, error: float, rule: Rule) -> tuple[Verdict, bool]:
    """Verdict on a number by its two limits, and whether it is close to one of them."""
    up = 1.0 if rule.supported > rule.contradicted else -1.0
    close = min(abs(value - rule.supported), abs(value - rule.contradicted)) < SIGMAS * error
    if up * value >= up * rule.supported:
        return "supported", close
    if up * value <= up * rule.contradicted:
        return "contradicted", close
    return "depends", close


def judge(value: float, error: float, rule: Rule, effects: Sequence[Effect], *, assumed: bool = False) -> Judgement:
    """Verdict on an answer, with the assumption behind it.

    A claim depends if its answer lies between the limits, if an assumption moves the answer across their midpoint, or
    if the model only assumes the link (``assumed``).
    """
    verdict, close = by_rule(value, error, rule)
    deciding = [each for each in effects if each.decides(rule)]
    largest = max(deciding or [each for each in effects if each.significant], key=lambda each: each.size, default=None)
    if deciding or assumed:
        return Judgement("depends", False, largest)
    return Judgement(verdict, close, largest)


def _answered(claim: Claim, ledger: Ledger, runs: ClaimRuns) -> AnsweredClaim:
    """The answered claim; untestable if the run is too short or no path meets a condition."""
    rule = claim.rule or ledger.rule
    try:
        return _tested(claim, ledger, rule, runs)
    except ConfigError as error:
        return AnsweredClaim(
            claim, "untestable", rule, reason=f"This run cannot answer the claim: {str(error).splitlines()[0]}"
        )


def _tested(claim: Claim, ledger: Ledger, rule: Rule, runs: ClaimRuns) -> AnsweredClaim:
    also = tuple(FurtherAnswer(each.says, _ask(each, claim, runs)) for each in claim.also)
    folders = {name: folder for each in also for name, folder in each.answer.runs.items() if name}
    if claim.untestable is not None:
        return AnsweredClaim(claim, "untestable", rule, also=also, runs=folders, reason=claim.untestable)
    if claim.by_fact is not None:
        return _by_fact(claim, ledger, rule, also, folders)
    asker = runs.asker(claim.run or "")
    assert claim.ask is not None
    result = asker.ask(claim.ask)
    effects = tuple(effect for each in claim.depends_on if (effect := _effect(each, claim.ask, asker)) is not None)
    judgement = judge(result.value, result.mc_error, rule, effects, assumed=claim.assumed_link is not None)
    folders = {claim.run or name or runs.run.scenario: folder for name, folder in result.runs.items()} | folders
    return AnsweredClaim(
        claim, judgement.verdict, rule, result, judgement, effects, also, folders, claim.assumed_link or ""
    )


def _ask(also: Also, claim: Claim, runs: ClaimRuns) -> Answer:
    return runs.asker(claim.run or "").ask(also.ask)


def _effect(sensitivity: Sensitivity, question: str, asker: Asker) -> Effect | None:
    """The answer at both ends of an assumption; None if the run fixes it, so that it has no thirds."""
    try:
        if sensitivity.parameter is not None:
            ends = [asker.ask(question, given.format(key=sensitivity.parameter)) for given in THIRDS]
        else:
            ends = [asker.ask(each) for each in (sensitivity.low, sensitivity.high) if each is not None]
    except ConfigError as error:
        if "meets the condition" in str(error):
            return None
        raise
    low, high = ends
    return Effect(
        sensitivity.parameter or sensitivity.name or "",
        sensitivity.parameter or "",
        sensitivity.low_name,
        sensitivity.high_name,
        low.value,
        low.mc_error,
        high.value,
        high.mc_error,
    )


def _by_fact(
    claim: Claim, ledger: Ledger, rule: Rule, also: tuple[FurtherAnswer, ...], runs: dict[str, str]
) -> AnsweredClaim:
    assert claim.by_fact is not None
    fact = ledger.fact_of(claim.by_fact.fact)
    if fact.value is None:
        raise ConfigError(f"claims.toml: claim {claim.number} needs a value of the fact {fact.key}; add it.")
    near = abs(claim.by_fact.figure - fact.value) <= claim.by_fact.tolerance * abs(fact.value)
    return AnsweredClaim(claim, "supported" if near else "contradicted", rule, also=also, runs=runs, reason=fact.text)
