"""Congress: the clock of the tariff bill, and the reviews that the law demands.

Each function is a pure function of one path and step.

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


class Bill(NamedTuple):
    """Law of the bill's passage.

    Chances of passage in the Congress in session and in a later one, months that the first has left at the as-of date,
    and the monthly rate at which a lapsed bill is introduced anew.
    """

    first_chance: float
    later_chance: float
    months_at_start: float
    introduction_rate: float


class Session(NamedTuple):
    """Months of the step before the Congress ends, and 1 if it ends in the step."""

    months: float
    ends: float


@inline
def congress_step(clock, bill, session, pressure, passage, introduction, dt):
    """One step of the bill: passage in its Congress, lapse at its end, introduction anew.

    ``pressure`` scales the chance of passage; ``passage`` and ``introduction`` are uniforms.
    """
    state, congress = clock.state, clock.congress
    if state == PENDING:
        first = congress == 0.0
        chance = bill.first_chance if first else bill.later_chance
        rate = rate_of(chance, bill.months_at_start if first else CONGRESS_MONTHS)
        if 1.0 - exp(-rate * pressure * session.months) > passage:
            state = LAW
    elif state == DEAD and 1.0 - exp(-bill.introduction_rate * dt) > introduction:
        state = PENDING
    if session.ends == 1.0:
        congress += 1.0
        state = DEAD if state == PENDING else state
    return Clock(state, congress)


@inline
def _a_review(chance):
    """Chance at one of the four reviews of a year, of what has this chance within the year."""
    return 1.0 - exp(log(1.0 - min(max(chance, 0.0), 0.9999)) / REVIEWS_A_YEAR)


@inline
def review(largest, some, waived, weight, uniform):
    """Outcome of one review.

    Chances within a year of law: tariffs on the ``largest`` buyer, on ``some`` buyer, and of what is then left, a
    determination that is ``waived`` for all. ``weight`` multiplies the chances of a review: 1 while Russia refuses.
    """
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
    """Weight of a review by whether Russia talks (``talks`` 1 or 0).

    ``restraint`` if it does, and what makes the mean 1 if it does not, given the share of time ``talking`` in the long
    run.
    """
    if talks == 1.0:
        return restraint
    return (1.0 - talking * restraint) / max(1.0 - talking, 0.1)
