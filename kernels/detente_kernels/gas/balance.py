"""Balance: European storage, weather and the gas that closes the account, each a pure function of one path and step.

Volumes in TWh. Storage follows a normal path over the year, a gap to it closes slowly, cold opens it. LNG from
elsewhere is the balancing import: Europe buys what the path asks for, between a floor of contracts and what it can
attract and land. Beyond that the path gives way. Demand or supply is turned away only when storage
is empty or full.
Parameters and their sources: configs/parameters/gas.toml.
"""

from typing import NamedTuple

import numpy as np

from ..tools.jit import inline
from ..tools.special import decay, exp


class Path(NamedTuple):
    """Normal fill at the end of calendar month q, per cent: mean and two harmonics of the year."""

    mean: float
    cos1: float
    sin1: float
    cos2: float
    sin2: float


class Anomaly(NamedTuple):
    """Weather at the end of a step and its mean over it, in standard deviations of a month's mean; positive is cold."""

    end: float
    mean: float


class Account(NamedTuple):
    """What goes into a step.

    Store at its beginning, its capacity and planned end, demand, firm supply, and the range of other LNG.
    """

    stored: float
    capacity: float
    planned: float
    demand: float
    firm: float
    lng_floor: float
    lng_ceiling: float


class Balance(NamedTuple):
    """What comes out of a step.

    Store at its end, LNG from elsewhere, demand served, demand turned away, supply turned away.
    """

    stored: float
    lng: float
    served: float
    unserved: float
    spilled: float


@inline
def normal_fill(path, angles):
    """Normal fill in per cent; ``angles`` = (cos, sin) of the year's angle and (cos, sin) of twice it."""
    return path.mean + path.cos1 * angles[0] + path.sin1 * angles[1] + path.cos2 * angles[2] + path.sin2 * angles[3]


@inline
def anomaly_step(end, rate, z_end, z_mean, dt):
    """Ornstein-Uhlenbeck weather of unit variance over ``dt`` months.

    Its end and its mean over the step, drawn exactly together.

    Given both ends, the integral is normal with mean (x0 + x1) tanh(r dt/2)/r and variance 2 (r dt - 2 tanh(r
    dt/2))/r^2. The mean is scaled so that the mean over a month has unit variance; ``rate`` r is per month.
    """
    remaining = decay(rate, dt)
    new = remaining * end + np.sqrt(1.0 - remaining * remaining) * z_end
    half = (1.0 - remaining) / (1.0 + remaining)  # tanh(r dt / 2)
    spread = np.sqrt(max(2.0 * (rate * dt - 2.0 * half), 0.0))
    mean = ((end + new) * half + spread * z_mean) / (rate * dt)
    month = np.sqrt(2.0 * (rate - 1.0 + decay(rate, 1.0))) / rate
    return Anomaly(new, mean / month)


@inline
def weather_response(winter, summer, winter_cosine):
    """Gas drawn from storage in a month that is one standard deviation cold, TWh.

    From ``winter`` (January) to ``summer`` (July).
    """
    return 0.5 * (winter + summer) + 0.5 * (winter - summer) * winter_cosine


@inline
def price_response(felt_log_ratio, elasticity, upside):
    """Demand over its normal level at a felt price.

    Falls with the elasticity, and rises by no more than ``upside``, when all that can switch to gas has switched.
    """
    return min(exp(-elasticity * felt_log_ratio), 1.0 + upside)


@inline
def price_withdrawal(effect, log_price, slow_log_price, capacity, dt):
    """Gas that a price above its slow mean keeps out of storage, TWh in a step.

    ``effect``: points of fill a month for each log unit. A high price today, against later ones, does not pay for
    injection.
    """
    return effect * min(max(log_price - slow_log_price, -1.0), 1.0) * capacity / 100.0 * dt


@inline
def bounded_demand(demand, normal, low, high):
    """Demand of a step within ``low`` and ``high`` times the normal one."""
    return min(max(demand, low * normal), high * normal)


@inline
def planned_store(stored, capacity, normal_begin, normal_end, reversion, withdrawal, dt):
    """Store at the end of a step if the path is followed.

    The gap to the normal path closes at ``reversion``; cold, a high price and lost supply take ``withdrawal`` TWh.
    """
    gap = 100.0 * stored / capacity - normal_begin
    fill = normal_end + gap * decay(reversion, dt)
    return min(max(fill * capacity / 100.0 - withdrawal, 0.0), capacity)


@inline
def close(account):
    """Close the account of a step. Store at the end - at the beginning = firm - spilled + lng - served, to rounding."""
    need = account.demand + (account.planned - account.stored) - account.firm
    lng = min(max(need, account.lng_floor), account.lng_ceiling)
    end = account.stored + account.firm + lng - account.demand
    unserved = max(-end, 0.0)
    spilled = max(end - account.capacity, 0.0)
    served = account.demand - unserved
    return Balance(min(max(end, 0.0), account.capacity), lng, served, unserved, spilled)
