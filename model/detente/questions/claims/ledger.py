"""The claims ledger, read from configs/claims.toml and checked."""

import datetime as dt
import hashlib
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from detente.config.fields import Confidence, Real, Slug, Strict, Text, Title, flat, require
from detente.config.toml import read
from detente.config.validation import check
from detente.shared.errors import DataError
from detente.shared.paths import config_roots, find

FILE = "claims.toml"
Verdict = Literal["supported", "contradicted", "depends", "untestable"]
Group = Literal["relief", "tariffs", "war", "energy", "money", "west"]
Question = Annotated[str, Field(min_length=3, max_length=2_000)]


class Rule(Strict):
    """Limits of an answer for ``supported`` and ``contradicted``; if the first is lower, low answers support."""

    supported: Real = 0.6667
    contradicted: Real = 0.3333

    @property
    def middle(self) -> float:
        """Midpoint of the two limits."""
        return 0.5 * (self.supported + self.contradicted)

    @model_validator(mode="after")
    def _apart(self) -> "Rule":
        require(self.supported != self.contradicted, "supported and contradicted must differ.")
        return self


class LedgerRun(Strict):
    """A run for some claims: a scenario at another date or with other values."""

    name: Slug
    scenario: Slug
    as_of: dt.date | None = None
    set: Annotated[dict[str, Any], BeforeValidator(flat)] = Field(default_factory=dict)
    doc: Text


class Fact(Strict):
    """An observation or decision for comparison with a claim; ``value`` in ``unit`` if it is a number."""

    key: Slug
    text: Text
    value: Real | None = None
    unit: str = ""
    date: dt.date
    source: Text
    confidence: Confidence


class Sensitivity(Strict):
    """An assumption that an answer may depend on.

    Either an uncertain parameter, compared between its lowest and highest third, or two cases with their own questions.
    """

    parameter: str | None = None
    name: Title | None = None
    low: Question | None = None
    high: Question | None = None
    low_name: str = "lowest third"
    high_name: str = "highest third"

    @model_validator(mode="after")
    def _either(self) -> "Sensitivity":
        cases = self.name is not None and self.low is not None and self.high is not None
        require((self.parameter is not None) != cases, "needs either parameter, or name, low and high.")
        return self


class Also(Strict):
    """A further number of interest to readers of the claim."""

    says: Title
    ask: Question


class ByFact(Strict):
    """Comparison of the claim's figure with a fact; supported within ``tolerance`` (a share), else contradicted."""

    fact: Slug
    figure: Real
    tolerance: Real = 0.05


class Claim(Strict):
    """One claim: who said what and when, paraphrased, and how a run answers it."""

    number: Annotated[int, Field(ge=1, le=999)]
    short: Annotated[str, Field(min_length=1, max_length=34)]
    seed: Annotated[str, Field(pattern=r"^\d{3}$")]
    group: Group
    who: Title
    when: Title
    says: Text
    figure: Real | None = None
    unit: str = ""
    source: Text
    run: Slug | None = None
    ask: Question | None = None
    reads: Title | None = None
    rule: Rule | None = None
    by_fact: ByFact | None = None
    untestable: Text | None = None
    assumed_link: Text | None = None
    note: Text | None = None
    facts: tuple[Slug, ...] = ()
    depends_on: tuple[Sensitivity, ...] = ()
    also: tuple[Also, ...] = ()

    @model_validator(mode="after")
    def _one_way(self) -> "Claim":
        ways = [self.ask is not None, self.by_fact is not None, self.untestable is not None]
        require(sum(ways) == 1, f"claim {self.number} needs one of ask, by_fact and untestable.")
        require(
            self.ask is None or self.reads is not None,
            f"claim {self.number} has a question, so it needs reads: what the answer measures.",
        )
        return self

    @property
    def questions(self) -> list[str]:
        """All questions of the claim, the test first."""
        ends = [question for each in self.depends_on for question in (each.low, each.high) if question]
        return [question for question in (self.ask, *ends, *(also.ask for also in self.also)) if question]


class Ledger(Strict):
    """All claims, the runs and facts that they name, and the default rule."""

    schema_version: Literal[1] = 1
    rule: Rule = Rule()
    run: tuple[LedgerRun, ...] = ()
    fact: tuple[Fact, ...] = ()
    claim: tuple[Claim, ...]

    @model_validator(mode="after")
    def _consistent(self) -> "Ledger":
        numbers = [claim.number for claim in self.claim]
        require(len(set(numbers)) == len(numbers), "two claims have the same number.")
        runs, facts = {run.name for run in self.run}, {fact.key for fact in self.fact}
        for claim in self.claim:
            require(
                claim.run is None or claim.run in runs,
                f"claim {claim.number} names the run {claim.run}, which no [[run]] declares.",
            )
            named = [*claim.facts, *([claim.by_fact.fact] if claim.by_fact else [])]
            for key in named:
                require(key in facts, f"claim {claim.number} names the fact {key}, which no [[fact]] declares.")
        return self

    def digest(self) -> str:
        """SHA-256 of the content of the ledger."""
        return hashlib.sha256(self.model_dump_json().encode("utf-8")).hexdigest()

    def fact_of(self, key: str) -> Fact:
        """The fact of a key."""
        return next(fact for fact in self.fact if fact.key == key)


@cache
def ledger(root: Path | None = None) -> Ledger:
    """The ledger of ``configs/claims.toml`` (ConfigError with file and line for an invalid entry)."""
    roots = config_roots(root)
    path = find(FILE, roots)
    if path is None:
        raise DataError("configs/claims.toml: the claims ledger is missing; restore the file or install détente again.")
    return check(Ledger, read(path))
