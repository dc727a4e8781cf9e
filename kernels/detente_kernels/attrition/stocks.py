"""Stocks of people and equipment and what flows in and out of them, each a pure function of one path and step.

Every stock closes to rounding, stock at the end - stock at the beginning = inflows - outflows, and none falls below
zero: outflows in proportion to a stock are exact exponentials, the others are cut at what is there. People in
thousands, flows a month.
"""

from typing import NamedTuple

from ..tools.jit import inline
from ..tools.special import decay


class Pool(NamedTuple):
    """A stock that drains in proportion to itself, at the end of a step, and its outflow a month."""

    stock: float
    outflow: float


class Force(NamedTuple):
    """A force at the end of a step.

    Casualties, absence and demobilisation that it could bear, and its net change, all a month.
    """

    force: float
    casualties: float
    absent: float
    demobilised: float
    net: float


class Equipment(NamedTuple):
    """Vehicles of one kind in service and in storage at the end of a step; refurbished and lost, a month."""

    stock: float
    store: float
    refurbished: float
    lost: float


@inline
def drain(stock, inflow, rate, dt):
    """A stock with a constant ``inflow`` that drains at ``rate`` a month: S' = inflow - rate S, exactly over ``dt``."""
    remaining = decay(rate, dt)
    arrived = (1.0 - remaining) / rate if rate > 1e-6 else dt * (1.0 - 0.5 * rate * dt)  # the quotient loses its digits
    new = stock * remaining + inflow * arrived
    return Pool(new, (stock - new) / dt + inflow)


@inline
def force_step(force, inflow, casualties, absence, demobilisation, dt):
    """One step of a force.

    ``inflow`` comes, then those leave who are sent home, lost or absent; never more than there are.
    """
    demobilised = force * (1.0 - decay(demobilisation, dt)) / dt
    there = force / dt + inflow - demobilised
    lost = min(casualties, there)
    absent = min(absence, there - lost)
    net = inflow - demobilised - lost - absent
    return Force(max(force + net * dt, 0.0), lost, absent, demobilised, net)


@inline
def equipment_step(stock, store, production, refurbishment, loss_rate, dt):
    """One step of equipment.

    A finite store empties at ``refurbishment`` a month in proportion to what is left, losses go with what is in
    service.
    """
    emptied = drain(store, 0.0, refurbishment, dt)
    moved = drain(stock, production + emptied.outflow, loss_rate, dt)
    return Equipment(moved.stock, emptied.stock, emptied.outflow, moved.outflow)
