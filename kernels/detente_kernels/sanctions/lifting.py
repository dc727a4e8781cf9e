"""Lifting: how one legal instrument is licensed, suspended, lifted, lapses or comes back.

Each function is a pure function of one path and step.

Six rules: executive (days to weeks, general licences), codified (report and congressional review, 22 U.S.C. 9511),
statute (Congress), unanimity (an EU act), law (no sanction: only new law changes it), cabinet (follows). Delays in
months; parameters and sources: configs/parameters/sanctions.toml.
"""

from typing import NamedTuple

import numpy as np

from ..tools.jit import inline
from ..tools.special import exp, log
from ..tools.units import DAYS_PER_MONTH

EXECUTIVE, CODIFIED, STATUTE, UNANIMITY, LAW, CABINET = range(6)
IN_FORCE, LICENSED, SUSPENDED, LIFTED, DORMANT = 0.0, 1.0, 2.0, 3.0, 4.0
NO_ROUTE, DEAL, PRICE, INITIATIVE, LAPSE = 0.0, 1.0, 2.0, 3.0, 4.0


class Delay(NamedTuple):
    """A lognormal delay: median in days, standard deviation of its logarithm, a standard normal."""

    days: float
    log_sd: float
    z: float


class Odds(NamedTuple):
    """Of one path and step: what a rule needs to turn a decision into law.

    ``price_days`` is the time to a price-triggered licence, ``review`` months of congressional review, ``repeal_rate``
    per month, ``congress`` a uniform.
    """

    first: Delay
    broad: Delay
    eu: Delay
    cabinet: Delay
    price_days: float
    review: float
    disapproval: float
    repeal_rate: float
    congress: float


class Decision(NamedTuple):
    """What a sender has decided on an instrument.

    The status to come (-1 nothing), in how many months, by which route.
    """

    status: float
    due: float
    route: float


class Row(NamedTuple):
    """Legal state of one instrument on one path.

    Status, pending status (-1 none) due in months, months left on a licence, route of relief.
    """

    status: float
    pending: float
    due: float
    term: float
    route: float


@inline
def months(delay):
    """A delay in months."""
    return delay.days * exp(delay.log_sd * delay.z) / DAYS_PER_MONTH


@inline
def decide(rule, wanted, broad, extra, odds):
    """A sender wants relief from an instrument in force: its coming status and the delay in months, by its rule."""
    if rule == EXECUTIVE and wanted == PRICE:
        return Decision(LICENSED, odds.price_days / DAYS_PER_MONTH, PRICE)
    if rule in (EXECUTIVE, CODIFIED):
        lag = months(odds.broad) if broad == 1.0 else months(odds.first)
        if rule == EXECUTIVE:
            return Decision(LICENSED if broad == 0.0 else SUSPENDED, lag + extra, wanted)
        # CAATSA s.216: a report, a review, a chance of disapproval; a refused request waits a year
        if odds.congress < odds.disapproval:
            return Decision(IN_FORCE, 12.0, NO_ROUTE)
        return Decision(SUSPENDED, lag + extra + odds.review, wanted)
    if rule == STATUTE:
        return Decision(LIFTED, extra - log(odds.congress) / max(odds.repeal_rate, 1e-9), wanted)
    if rule == UNANIMITY:
        return Decision(SUSPENDED, months(odds.eu) + extra, wanted)
    if rule == CABINET:
        return Decision(SUSPENDED, months(odds.cabinet) + extra, wanted)
    return Decision(-1.0, 0.0, NO_ROUTE)  # LAW: only new law changes it


@inline
def open_to(row, wanted):
    """Whether a decision can be acted on.

    Nothing is under way and the instrument is in force, or licensed because of the price only.
    """
    return row.pending < 0.0 and (
        row.status == IN_FORCE or (row.status == LICENSED and row.route == PRICE and wanted != PRICE)
    )


@inline
def step(row, decision, licence_months, renewal_odds, renewal_draw, dt):
    """One step of one instrument: a licence runs out or is renewed, a decision is taken up, what is pending matures."""
    status, pending, due, term, route = row
    if status == LICENSED:
        term -= dt
        if term <= 1e-9:
            if renewal_draw < renewal_odds:
                term += licence_months
            else:
                status, pending, route = IN_FORCE, -1.0, NO_ROUTE
    if decision.status >= 0.0:
        pending, due, route = decision.status, decision.due, decision.route
    if pending >= 0.0:
        due -= dt
        if due <= 1e-9:
            status = pending
            pending = -1.0
            due = 0.0
            term = licence_months if status == LICENSED and licence_months > 0.0 else np.inf
            route = NO_ROUTE if status == IN_FORCE else route
    return Row(status, pending, due, term, route)


@inline
def adjust(effective, legal, relief_left, restriction_left):
    """A channel's effective state after a step.

    Closes on the legal state; ``*_left`` is the share of the gap that remains.
    """
    return legal + (effective - legal) * (relief_left if legal < effective else restriction_left)
