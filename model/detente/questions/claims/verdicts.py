"""From an answer to a verdict, by the rule that the ledger declares."""

from collections.abc import Sequence
from dataclasses import dataclass

from detente.questions.claims.ledger import Rule, Verdict

SIGMAS = 2.0
"""An answer nearer to a limit than this many Monte Carlo errors could fall on its other side with another seed."""
LEAST = 0.01
"""What an assumption must move an answer by to be named."""


@dataclass(frozen=True)
class Turned:
    """The answer at both ends of an assumption, each with its error; ``parameter``: its key, "" if the ends are two
    worlds."""

    name: str
    parameter: str
    low_name: str
    high_name: str
    low: float
    low_error: float
    high: float
    high_error: float

    @property
    def moves(self) -> bool:
        """Whether the two ends lie further apart than their errors, and by a hundredth at least."""
        return self.reach > max(SIGMAS * (self.low_error**2 + self.high_error**2) ** 0.5, LEAST)

    def turns(self, rule: Rule) -> bool:
        """Whether the two ends also lie on different sides of even odds."""
        return self.moves and (self.low > rule.middle) != (self.high > rule.middle)

    @property
    def reach(self) -> float:
        return abs(self.high - self.low)


@dataclass(frozen=True)
class Judgement:
    """``close``: the answer lies within two errors of a limit; ``turned``: the assumption that decides, or else
    moves the answer most."""

    verdict: Verdict
    close: bool
    turned: Turned | None


def by_rule(value: float, error: float, rule: Rule) -> tuple[Verdict, bool]:
    """Verdict of a number by its two limits, and whether it is a close one."""
    up = 1.0 if rule.supported > rule.contradicted else -1.0
    close = min(abs(value - rule.supported), abs(value - rule.contradicted)) < SIGMAS * error
    if up * value >= up * rule.supported:
        return "supported", close
    if up * value <= up * rule.contradicted:
        return "contradicted", close
    return "depends", close


def judge(value: float, error: float, rule: Rule, turned: Sequence[Turned], *, assumed: bool = False) -> Judgement:
    """A claim depends if its answer lies between the limits, if an assumption carries the answer across even odds,
    or if it is about a link that the model only assumes."""
    verdict, close = by_rule(value, error, rule)
    deciding = [each for each in turned if each.turns(rule)]
    strongest = max(deciding or [each for each in turned if each.moves], key=lambda each: each.reach, default=None)
    if deciding or assumed:
        return Judgement("depends", False, strongest)
    return Judgement(verdict, close, strongest)
