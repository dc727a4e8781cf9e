"""Budget: taxable price, revenue, rouble and financing of a step, each a pure function of one path and step.

Money in roubles: trillions a year where a rule of the law speaks in years, billions a month in the accounts. The
reference is the law for 2026, which counted on 59 USD/bbl at 92.2 roubles a dollar. Parameters and their sources:
configs/parameters/fiscal.toml.
"""

from typing import NamedTuple

import numpy as np

from ..tools.jit import inline
from ..tools.special import exp, half_life_decay

REFERENCE_PRICE = 59.0
"""USD/bbl of the budget law for 2026."""
REFERENCE_ROUBLE = 92.2
"""Roubles a dollar in the same law."""
LONGEST = 120.0
"""Months; a runway is not counted beyond."""
LEAST = 12.0
"""Months of runway below which spending is cut and the rouble follows oil."""
SHORT = 24.0
"""Months of runway below which money is felt as short."""


class Accounts(NamedTuple):
    """Financing of a step, bn RUB a month, and the liquid reserve at its end (bn RUB)."""

    borrowed: float
    drawn: float
    unfunded: float
    reserve: float


@inline
def tax_price(urals, brent, gap, floor_discount, floor_share):
    """Price that oil is taxed by, USD/bbl, never below zero.

    The port's plus the ministries' ``gap``; a share of the law's floor, Brent less a discount, binds.
    """
    market = urals + gap
    return max(market + floor_share * max(brent - floor_discount - market, 0.0), 0.0)


@inline
def accrual(price, rouble, volume, reference, sensitivity):
    """Oil and gas revenue that a month's price brings, trn RUB a year.

    Reference revenue and sensitivity per dollar, both at the reference rouble.
    """
    return max(reference + sensitivity * (price - REFERENCE_PRICE), 0.0) * rouble / REFERENCE_ROUBLE * volume


@inline
def rouble_step(deviation, noise, half_life, z, dt):
    """Log deviation of the rouble's rate from its path.

    Exact Ornstein-Uhlenbeck; ``noise`` is the standard deviation over a month.
    """
    remaining = half_life_decay(half_life, dt)
    month = half_life_decay(half_life, 1.0)
    return remaining * deviation + noise * np.sqrt((1.0 - remaining * remaining) / (1.0 - month * month)) * z


@inline
def finance(deficit, reserve, capacity, dt):
    """Deficit = borrowed + drawn + unfunded, to rounding.

    Borrowing comes first, then the reserve while it lasts; a surplus goes to the reserve.
    """
    borrowed = min(max(deficit, 0.0), capacity)
    rest = deficit - borrowed
    drawn = min(rest, reserve / dt)
    return Accounts(borrowed, drawn, rest - drawn, max(reserve - drawn * dt, 0.0))


@inline
def pressure(runway):
    """How short money is: 0 with two years of runway or more, 1 with none."""
    return min(max(1.0 - runway / SHORT, 0.0), 1.0)


@inline
def shortage(runway):
    """How far the reserve falls short of a year: 0 with a runway of LEAST months or more, 1 with none."""
    return min(max(1.0 - runway / LEAST, 0.0), 1.0)


@inline
def grown(amount, rate, months):
    """An amount of the as-of date after ``months`` of nominal growth at ``rate`` a year."""
    return amount * exp(rate * months / 12.0)
