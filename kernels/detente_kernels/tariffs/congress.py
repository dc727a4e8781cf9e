"""Statute: the congressional clock of the tariff bill, and the reviews that the law demands, each a pure function of
one path and step.

A bill dies with its Congress and may be brought in again. Once it is law the president reviews every 90 days whether
Russia refuses to negotiate or breaks a deal (S. 1241, 119th Congress); a review may end in a determination that puts
tariffs on buyers, or in one that waives all of them. Chances are declared for twelve months, four reviews, and thinned
to a review, so that what is declared is what the sampler does.
"""

from typing import NamedTuple

from ..tools.jit import inline
from ..tools.special import exp, log
from ..tools.units import DAYS_PER_MONTH

PENDING, LAW, DEAD = 0.0, 1.0, 2.0
NOTHING, WAIVED_FOR_ALL, ON_OTHERS, ON_THE_LARGEST = 0, 1, 2, 3
REVIEW_MONTHS = 90.0 / DAYS_PER_MONTH
WAIVER_MONTHS = 180.0 / DAYS_PER_MONTH
"""One national-security waiver a country, 180 days."""
REVIEWS_A_YEAR = 4.0
CONGRESS_MONTHS = 24.0


class Clock(NamedTuple):
    """State of the bill and the number of the Congress since the as-of date, from 0."""

    state: float
    congress: float


@inline
def rate_of(chance, months):
    """Constant monthly rate under which an event has this ``chance`` within ``months``; at most a chance of 0.9999."""
    return -log(1.0 - min(chance, 0.9999)) / max(months, 1e-9)


@inline
def congress_step(
    clock,
    first_chance,
    later_chance,
    months_at_start,
    introduction_rate,
    alive,
    ends,
    pressure,
    passage,
    introduction,
    dt,
):
    """One step of the bill: passage while its Congress lives, death at its end, introduction anew.

    ``alive`` is the part of the step (months) before the Congress ends, ``ends`` 1 if it ends in the step; ``pressure``
    scales the chance of passage.
    """
    state, congress = clock.state, clock.congress
    if state == PENDING:
        rate = rate_of(first_chance, months_at_start) if congress == 0.0 else rate_of(later_chance, CONGRESS_MONTHS)
        if 1.0 - exp(-rate * pressure * alive) > passage:
            state = LAW
    elif state == DEAD and 1.0 - exp(-introduction_rate * dt) > introduction:
        state = PENDING
    if ends == 1.0:
        congress += 1.0
        state = DEAD if state == PENDING else state
    return Clock(state, congress)


@inline
def _a_review(chance):
    """Chance at one of the four reviews of a year, of what has this chance within the year."""
    return 1.0 - exp(log(1.0 - min(max(chance, 0.0), 0.9999)) / REVIEWS_A_YEAR)


@inline
def review(largest, some, waived, weight, uniform):
    """Outcome of one review. Chances within a year of law: tariffs on the ``largest`` buyer, on ``some`` buyer, and
    of what is then left, a determination that is ``waived`` for all. ``weight`` multiplies the chances of a review:
    1 while Russia refuses."""
    a = _a_review(min(largest, some))
    b = _a_review(some)
    c = _a_review(some + (1.0 - some) * waived)
    if uniform < weight * a:
        return ON_THE_LARGEST
    if uniform < weight * b:
        return ON_OTHERS
    return WAIVED_FOR_ALL if uniform < weight * c else NOTHING


@inline
def refusal(talking, restraint, talks):
    """Weight of a review by whether Russia talks (``talks`` 1 or 0): ``restraint`` if it does, and what makes the
    mean 1 if it does not, given the share of time ``talking`` in the long run."""
    if talks == 1.0:
        return restraint
    return (1.0 - talking * restraint) / max(1.0 - talking, 0.1)
