"""Placement: who takes the oil that its buyers drop, at which discount, and what is stored or shut in.

The discount is the price that places the oil. A buyer has room up to the largest share of its imports that it takes
from Russia. Contracts, ships and payments open the room of a new market slowly; a tariff, a threat or a cut of its own
closes it. The fuller the room, the wider the discount; what finds none drives it to its bound. Oil that has found a
buyer becomes established and then needs no wider discount. Volumes in mb/d, stocks in mb, prices in USD/bbl.
"""

from typing import NamedTuple

from ..tools.jit import inline
from ..tools.special import half_life_decay, log
from ..tools.units import DAYS_PER_MONTH

FULL = 0.9
"""Share of all room that a wider discount can fill; the rest is beyond reach within a step."""
SMALLEST = 0.05
"""Room (mb/d) below which the price does not tell rooms apart; keeps the discount finite."""


class Search(NamedTuple):
    """Oil without a regular buyer: what finds room, share of it that finds none, and the wider discount of the rest."""

    placed: float
    homeless: float
    widening: float


@inline
def search(without, idle, room, slope):
    """Oil ``without`` a buyer and wells ``idle`` for lack of one look for ``room`` (mb/d).

    Widening -slope ln(1 - u), u = (without + idle) / room; a discount d takes room (1 - exp(-d / slope)).
    Beyond ``FULL`` of the room the rest finds none. Idle wells press on the price and place nothing.
    """
    offered = without + idle
    reach = FULL * (room + SMALLEST)
    used = min(offered / (room + SMALLEST), FULL)
    homeless = max(offered - reach, 0.0) / max(offered, SMALLEST)
    return Search(min(without, FULL * room), homeless, -slope * log(1.0 - used))


@inline
def closed(retreat, by_tariff):
    """How far a buyer's room is closed (0..1): by its retreat from a threat (0 and more) and by a tariff (0..1)."""
    return 1.0 - (1.0 - min(retreat, 1.0)) * (1.0 - by_tariff)


@inline
def room(most, taken, shut):
    """Room of a buyer (mb/d): the most that it takes less what it takes, as far as it is not ``shut`` (0..1)."""
    return max(most - taken, 0.0) * (1.0 - shut)


@inline
def opening_step(openness, at_rest, searching, half_life, dt):
    """Openness of new markets: to 1 while oil looks for room, back to its level at rest when none does."""
    target = 1.0 if searching > 0.0 else at_rest
    return target + (openness - target) * half_life_decay(half_life, dt)


@inline
def settle(established, beyond, closed, half_life, dt):
    """Purchases beyond a buyer's regular ones that have become regular (mb/d).

    ``beyond`` is what it takes beyond them in the step. They grow only as far as the buyer is not ``closed`` (0..1).
    """
    moved = (beyond - established) * (1.0 - half_life_decay(half_life, dt))
    return established + (moved * (1.0 - closed) if moved > 0.0 else moved)


class Stock(NamedTuple):
    """Crude stored and the capacity for it (mb), capacity shut in (mb/d) now and on the as-of date.

    And the share of it that restarts in a step.
    """

    stored: float
    capacity: float
    shut_in: float
    shut_in_at_start: float
    restart: float


@inline
def releasable(stored, dt):
    """Crude that storage can give in a step, mb/d: about a third of the stock a month."""
    return stored / (DAYS_PER_MONTH * dt + 2.0 * DAYS_PER_MONTH)


class Placement(NamedTuple):
    """Crude that regular buyers take and that finds room (mb/d), the search, stock (mb), capacity shut in (mb/d)."""

    regular: float
    search: Search
    stored: float
    shut_in: float


@inline
def place(offered, wanted, room_open, ceiling, slope, stock, dt):
    """Place what is offered: with regular buyers, in open room, into storage, and only then shut in.

    Wells restart when regular buyers want more than there is, those idle since the as-of date also when room is left.

    ``offered``, ``wanted`` by regular buyers, ``room_open`` and ``ceiling`` (what ships can carry) in mb/d. Balance:
    offered + released = regular + placed in room + put into storage + newly shut in, to rounding.
    """
    days = DAYS_PER_MONTH * dt
    regular = min(wanted, ceiling)
    direct = min(offered, regular)
    release = min(max(regular - direct, 0.0), releasable(stock.stored, dt))
    without = offered - direct
    idle = max(stock.shut_in - stock.shut_in_at_start, 0.0)
    free = min(room_open, max(ceiling - direct, 0.0) / FULL)
    outcome = search(without, idle, free, slope)
    surplus = without - outcome.placed
    into_store = min(surplus, max(stock.capacity - stock.stored, 0.0) / days)
    newly_shut = surplus - into_store
    reopened = 0.0
    if newly_shut <= 0.0:
        back = stock.shut_in if regular > direct + release else min(idle, max(FULL * free - outcome.placed, 0.0))
        reopened = stock.restart * back
    shut_in = max(stock.shut_in + newly_shut - reopened, 0.0)
    return Placement(direct + release, outcome, stock.stored + (into_store - release) * days, shut_in)


@inline
def discount_with(structural, widening, homeless, bound):
    """Discount (USD/bbl) that places the oil.

    The structural discount and the widening; what finds no room drives it to ``bound``.
    """
    settled = structural + widening
    return min(settled + max(bound - settled, 0.0) * homeless, bound)
