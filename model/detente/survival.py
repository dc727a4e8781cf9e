"""Time until one of several things happens, with some still waiting: the Aalen-Johansen estimator of competing risks."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

__all__ = ["Incidence", "aalen_johansen"]


@dataclass(frozen=True)
class Incidence:
    """Estimates right after each distinct time of an event: they are step functions. All three tuples of numbers sum to 1 at each time."""

    times: tuple[float, ...]
    survival: tuple[Fraction, ...]
    """Share to which nothing has happened (Kaplan-Meier over all causes)."""
    incidence: dict[int, tuple[Fraction, ...]]
    """Share to which each cause has happened first."""

    def at(self, time: float) -> tuple[Fraction, dict[int, Fraction]]:
        """Survival and incidence by cause at a time."""
        passed = sum(1 for known in self.times if known <= time)
        if passed == 0:
            return Fraction(1), {cause: Fraction(0) for cause in self.incidence}
        return self.survival[passed - 1], {cause: values[passed - 1] for cause, values in self.incidence.items()}


def aalen_johansen(times: Sequence[float], causes: Sequence[int]) -> Incidence:
    """Estimate from durations and what ended them: a cause from 1 on, or 0 for one that was still running (censored).

    At a time with an event, those censored at the same time count as at risk. Exact fractions; Aalen and Johansen (1978), Scandinavian Journal of
    Statistics 5(3). ValueError for no durations, unequal lengths, a negative duration or cause.
    """
    rows = sorted(zip(times, causes, strict=True))
    if not rows or rows[0][0] < 0 or min(causes) < 0:
        raise ValueError("give one duration and more, none negative, and causes from 0 (censored) on.")
    kinds = sorted({cause for _, cause in rows if cause > 0})
    survival, reached = Fraction(1), dict.fromkeys(kinds, Fraction(0))
    found_times: list[float] = []
    found: list[Fraction] = []
    incidence: dict[int, list[Fraction]] = {cause: [] for cause in kinds}
    for time in sorted({time for time, cause in rows if cause > 0}):
        at_risk = sum(1 for other, _ in rows if other >= time)
        events = {cause: sum(1 for row in rows if row == (time, cause)) for cause in kinds}
        for cause in kinds:
            reached[cause] += survival * Fraction(events[cause], at_risk)
            incidence[cause].append(reached[cause])
        survival *= 1 - Fraction(sum(events.values()), at_risk)
        found_times.append(time)
        found.append(survival)
    return Incidence(tuple(found_times), tuple(found), {cause: tuple(values) for cause, values in incidence.items()})
