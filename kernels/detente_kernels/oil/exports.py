"""Exports: the equations of volumes, discount, price cap and fleet, each a pure function of one path and step.

Volumes in mb/d, stocks in mb (million barrels), prices in USD/bbl. Parameters and their sources:
configs/parameters/oil.toml.
"""

from typing import NamedTuple

from ..tools.jit import inline
from ..tools.special import half_life_decay
from ..tools.units import DAYS_PER_MONTH


class Placement(NamedTuple):
    """Crude offered to the world and where it went (mb/d), stock (mb) and shut-in capacity (mb/d)."""

    placed: float
    unplaced: float
    stored: float
    shut_in: float


class Stock(NamedTuple):
    """Storage and shut-in capacity.

    Crude stored and the capacity for it (mb), capacity shut in (mb/d), and the share of that which comes back in a step
    of good demand.
    """

    stored: float
    capacity: float
    shut_in: float
    restart: float


@inline
def place(offered, demand, dropped, absorption, ceiling, stock, dt):
    """Place what is offered.

    With its buyers, with others who absorb a share, from or into storage, and only then shut in.

    ``offered``, ``demand`` and ``ceiling`` (what the fleet can carry) in mb/d; ``absorption`` is the share of
    ``dropped``, what buyers took on the as-of date and no longer take, that others take month for month. It does not
    depend on what was shut in since: a buyer stays a buyer. Balance: offered + released = placed + put into storage +
    newly shut in, to rounding.
    """
    days = DAYS_PER_MONTH * dt
    wanted = min(demand + absorption * dropped, ceiling)
    direct = min(offered, wanted)
    release = min(max(wanted - direct, 0.0), stock.stored / (days + 2.0 * DAYS_PER_MONTH))
    surplus = offered - direct
    into_store = min(surplus, max(stock.capacity - stock.stored, 0.0) / days)
    newly_shut = surplus - into_store
    reopened = stock.restart * stock.shut_in if newly_shut <= 0.0 and wanted > direct + release else 0.0
    shut_in = max(stock.shut_in + newly_shut - reopened, 0.0)
    return Placement(direct + release, surplus, stock.stored + (into_store - release) * days, shut_in)


class Frictions(NamedTuple):
    """Parameters of the discount, USD/bbl unless said otherwise."""

    freight_floor: float
    open_discount: float
    jump: float
    persistent_share: float  # of a blocking jump, 0..1
    fleet: float
    payment: float
    bargaining: float  # per unit share of oil that is not placed


class Pressure(NamedTuple):
    """What acts on the discount in a step.

    Effective channels (0 open, 1 as today), transient of a blocking jump, share of oil not placed.
    """

    crude_eu: float
    blocking: float
    transient: float
    fleet: float
    payment: float
    unplaced: float


@inline
def discount_target(p, x):
    """Level the FOB discount moves to (USD/bbl).

    Freight floor (by EU access) + blocking + fleet + payment + bargaining.
    """
    closed = min(max(x.crude_eu, 0.0), 1.0)
    floor = p.open_discount + (p.freight_floor - p.open_discount) * closed
    not_worked_around = p.persistent_share + (1.0 - p.persistent_share) * x.transient
    return (
        floor
        + p.jump * x.blocking * not_worked_around
        + p.fleet * x.fleet
        + p.payment * x.payment
        + p.bargaining * x.unplaced
    )


@inline
def blocking_step(transient, memory, blocking, designation, remaining):
    """What of a blocking is not yet worked around, and the memory of how much was blocked.

    ``remaining`` is the share left after a step.

    Only blocking beyond that memory is news: a licence that runs out for a month finds the workarounds still there, one
    of years does not.
    """
    fresh = max(blocking - memory, 0.0) + designation
    memory = max(blocking, blocking + (memory - blocking) * remaining)
    return min(transient * remaining + fresh, 1.5), memory


@inline
def cap_step(cap, average, urals, margin, dynamic, review, dt):
    """Price cap (USD/bbl) and its reference, a half-year average of Urals.

    At a review a dynamic cap moves to ``margin`` below the average.
    """
    average = urals + (average - urals) * half_life_decay(2.5, dt)
    return (average * (1.0 - margin) if dynamic * review > 0.5 else cap), average


@inline
def carry(seaborne, fleet, fleet_friction, urals, cap, shut_in_price):
    """What can be shipped (mb/d) and how much of it must be attested, i.e. sold at the cap or less.

    The Western fleet comes back as friction is lifted. Beyond the shadow fleet, oil moves on attesting ships: freely
    while Urals is below the cap, at the cap's price above it, and not at all if the cap is under the price at which
    output is shut in.
    """
    own = fleet + max(1.0 - fleet_friction, 0.0) * seaborne
    beyond = max(seaborne - own, 0.0)
    willing = 1.0 if urals <= cap or cap >= shut_in_price else 0.0
    return own + willing * beyond, beyond if (urals > cap and willing == 1.0) else 0.0


@inline
def price_response(urals, shut_in_price):
    """Share of capacity worth producing: 1 above the shut-in price, falling to 0 at half of it."""
    return min(max(2.0 * urals / shut_in_price - 1.0, 0.0), 1.0)


@inline
def offset_step(offset, share, severity, half_life, dt):
    """OPEC's offset of a Russian loss.

    Moves to ``share`` of it, and to nothing while spare capacity is behind a disrupted gulf.
    """
    target = share if severity <= 0.0 else 0.0
    return target + (offset - target) * half_life_decay(half_life, dt)
