"""Pass-through: from the price of gas at the hub to prices in Europe, each with its lag.

These are power, households, industry, consumer prices and the bill.

Prices in EUR/MWh, effects relative to the as-of date. Parameters and their sources: configs/parameters/gas.toml.
"""

from typing import NamedTuple

from ..tools.jit import inline
from ..tools.special import half_life_decay

LOG_TEN_PERCENT = 0.09531017980432486
"""ln 1.1: a rise of ten per cent in log units."""


class Lags(NamedTuple):
    """Lagged prices: the hub price as households and industry feel it, EUR/MWh.

    ``log_first`` and ``log_second`` are the log price in two stages on its way to consumer prices.
    """

    household: float
    industry: float
    log_first: float
    log_second: float


class HalfLives(NamedTuple):
    """Half-lives of the lags, months; consumer prices pass two stages of the same half-life."""

    household: float
    industry: float
    hicp: float


@inline
def lag(now, target, half_life, dt):
    """A lagged value after a step: half of the gap to its target closes in ``half_life`` months."""
    return target + (now - target) * half_life_decay(half_life, dt)


@inline
def step(lags, half_lives, price, log_ratio, dt):
    """One step of all lags, given the hub price of the step and its log over the starting price."""
    first = lag(lags.log_first, log_ratio, half_lives.hicp, dt)
    return Lags(
        lag(lags.household, price, half_lives.household, dt),
        lag(lags.industry, price, half_lives.industry, dt),
        first,
        lag(lags.log_second, first, half_lives.hicp, dt),
    )


@inline
def passed_on(start, share, felt, reference):
    """A price that passes on ``share`` of the change of the hub price since the start.

    Never under a tenth of its start.
    """
    return max(start + share * (felt - reference), 0.1 * start)


@inline
def hicp_effect(points_per_ten_percent, log_ratio):
    """Effect on the level of consumer prices, percentage points.

    It is that of a lasting change of the gas price with this log ratio.
    """
    return points_per_ten_percent * log_ratio / LOG_TEN_PERCENT
