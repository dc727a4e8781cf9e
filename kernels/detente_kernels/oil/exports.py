"""Exports: the equations of discount, price cap, fleet and output, each a pure function of one path and step.

Volumes in mb/d, stocks in mb (million barrels), prices in USD/bbl. Parameters and their sources:
configs/parameters/oil.toml. Where the oil goes: placement.py.
"""

from typing import NamedTuple

from ..tools.jit import inline
from ..tools.special import exp, half_life_decay


class Frictions(NamedTuple):
    """Parameters of the discount, USD/bbl unless said otherwise."""

    freight_floor: float
    open_discount: float
    jump: float
    persistent_share: float  # of a blocking jump, 0..1
    fleet: float
    payment: float
    scarcity: float  # at full severity of the gulf


class Pressure(NamedTuple):
    """What acts on the discount in a step.

    Effective channels (0 open, 1 as today), recent part of the blocking, severity of a disruption of the gulf.
    """

    crude_eu: float
    blocking: float
    transient: float
    fleet: float
    payment: float
    severity: float


@inline
def structural_discount(p, x):
    """FOB discount (USD/bbl) with all oil placed.

    Freight floor (by EU access) + blocking + fleet + payment, less what buyers pay for any oil in a scarcity.
    """
    closed = min(max(x.crude_eu, 0.0), 1.0)
    floor = p.open_discount + (p.freight_floor - p.open_discount) * closed
    not_worked_around = p.persistent_share + (1.0 - p.persistent_share) * min(x.transient, 1.0)
    frictions = floor + p.jump * x.blocking * not_worked_around + p.fleet * x.fleet + p.payment * x.payment
    return max(frictions - p.scarcity * x.severity, p.open_discount)


class Blocking(NamedTuple):
    """What of a blocking is not yet worked around, memory of how much was blocked, threat to buyers (0..1.2)."""

    transient: float
    memory: float
    threat: float


@inline
def blocking_step(transient, memory, blocking, news, reference, remaining):
    """Recent part of the blocking and the threat that buyers see.

    Only blocking beyond the memory is news, in units of ``reference``, the blocking of October 2025: a licence that
    runs out after a month finds the workarounds still there, one of years does not. ``news`` is a round of listings,
    ``remaining`` the share of the recent part left after a step. A licence lowers the threat by the square of the
    blocking that is left: it frees a buyer of the risk before it frees a seller of the friction.
    """
    fresh = max(blocking - memory, 0.0) / reference + news
    memory = max(blocking, blocking + (memory - blocking) * remaining)
    transient = min(transient * remaining + fresh, 1.2)
    left = min(max(blocking, 0.0) / max(memory, 1e-9), 1.0)
    return Blocking(transient, memory, transient * left * left)


@inline
def gap_step(gap, threat, before, remaining):
    """Part of the discount of the as-of date that the equations do not explain, USD/bbl.

    It fades with the recent part of the blocking and falls with the threat, as under a licence.
    """
    return gap * min(remaining, (threat + 1e-9) / (before + 1e-9))


@inline
def cap_step(cap, average, urals, margin, dynamic, review, dt):
    """Price cap (USD/bbl) and its reference, a half-year average of Urals.

    At a review a dynamic cap moves to ``margin`` below the average.
    """
    average = urals + (average - urals) * half_life_decay(2.5, dt)
    return (average * (1.0 - margin) if dynamic * review > 0.5 else cap), average


@inline
def carry(seaborne, fleet, fleet_friction, urals, cap, highest_cost):
    """What can be shipped (mb/d) and how much of it must be attested, i.e. sold at the cap or less.

    The Western fleet comes back as friction is lifted. Beyond the shadow fleet, oil moves on attesting ships: freely
    while Urals is below the cap, at the cap's price above it, and not at all if the cap is under the highest cost of a
    well in use.
    """
    own = fleet + max(1.0 - fleet_friction, 0.0) * seaborne
    beyond = max(seaborne - own, 0.0)
    willing = 1.0 if urals <= cap or cap >= highest_cost else 0.0
    return own + willing * beyond, beyond if (urals > cap and willing == 1.0) else 0.0


@inline
def uncovered(urals, lowest_cost, highest_cost):
    """Share of wells whose cost (USD/bbl FOB, uniform from the lowest to the highest) Urals does not cover."""
    return min(max((highest_cost - urals) / max(highest_cost - lowest_cost, 1e-9), 0.0), 1.0)


@inline
def bound(brent, lowest_cost, highest_cost):
    """Largest discount (USD/bbl): Urals covers the cost of the middle well, and is never under half of Brent x 0.6.

    The second part holds where Brent itself is under that cost.
    """
    return max(brent - 0.5 * (lowest_cost + highest_cost), 0.3 * brent)


@inline
def offset_step(offset, loss, share, spare, severity, half_life, dt):
    """OPEC's offset of a Russian loss, mb/d.

    Moves to ``share`` of the loss, at most to the spare capacity that is not behind a disrupted gulf; it answers gains
    in the same proportion.
    """
    target = min(share * loss, spare * (1.0 - severity))
    return target + (offset - target) * half_life_decay(half_life, dt)


@inline
def damage_step(damage, usual, deviation, war, half_life, dt):
    """Refining and port capacity lost to attacks, mb/d of products.

    In war it moves to its usual level times exp(``deviation``), without attacks it is repaired, both with the
    half-life of repair.
    """
    target = war * usual * exp(deviation)
    return target + (damage - target) * half_life_decay(half_life, dt)
