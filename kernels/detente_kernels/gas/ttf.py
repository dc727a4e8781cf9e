"""TTF: a log price with stochastic volatility and heavy tails.

It is moved by oil, storage, season, the gulf and Russian supply.

The measured recipe (docs/method.md): monthly means of the log price follow a random walk with a first-order moving
average, which time averaging makes of any continuous price (Working 1960, Econometrica 28(4)); the log variance is an
AR(1), shocks are Student t with five degrees of freedom and share a little of Brent's, and Brent without the gulf's
premium acts through an exponential filter. A slow pull leads to the long-run cost of US LNG; below its short-run cost
and above oil parity a faster one acts on the price outside the band. Low storage lifts the price with a fading force
and makes it more volatile. On top stand the premium of a disrupted gulf and the effect of a net supply change q of the
LNG-linked market: exp(-(q/volume)/e) - 1 with e the sum of the elasticities of supply and demand.
"""

from typing import NamedTuple

import numpy as np

from ..tools.jit import inline
from ..tools.processes import filter_step, log_variance_step, net_loss
from ..tools.special import decay, exp, half_life_decay, log
from ..tools.units import MMBTU_PER_BARREL, MWH_PER_MMBTU

LARGEST_GAP = 2.5
"""Tens of points of fill: no gap since 2020 was larger, so its effect on volatility is not carried beyond."""


class Params(NamedTuple):
    """Parameters of one path. Per month where a rate; natural log units where a price effect."""

    volatility_level: float
    volatility_persistence: float
    volatility_noise: float
    volatility_cap: float
    explained_variance: float
    largest_move: float
    averaging_memory: float
    mean_reversion: float
    long_run_log: float
    storage_gap_effect: float
    storage_gap_fade: float
    volatility_gap_effect: float
    gulf_price_half_life: float
    oil_response: float
    oil_half_life: float
    oil_correlation: float
    soft_floor: float
    floor_pull: float
    ceiling_pull: float


class State(NamedTuple):
    """State of the price process, log units.

    Expected log price without premia, log variance of a month's innovation, storage effect and gulf premium; filter of
    log Brent at the end of the step and its mean over it, and the effect of oil.
    """

    log_base: float
    log_variance: float
    tightness: float
    gulf_premium: float
    oil_filter: float
    oil_mean: float
    oil_effect: float


class Market(NamedTuple):
    """What acts on the price in a step.

    Log price of the step before with all effects, storage gap (tens of points of fill), season since the start; gulf,
    supply and weather (log units); log Brent without the gulf's premium, its standard normal, log of the soft ceiling.
    """

    log_price: float
    storage_gap: float
    season: float
    gulf_target: float
    supply_effect: float
    weather: float
    log_oil: float
    oil_shock: float
    log_ceiling: float


class Shocks(NamedTuple):
    """Three standard normals and two uniforms.

    The second normal and the uniforms make a chi-square with five degrees of freedom.
    """

    price: float
    tail: float
    volatility: float
    tail_a: float
    tail_b: float


class Step(NamedTuple):
    """New state, innovation of the mean log price, and the log of the mean price over the step (EUR/MWh)."""

    state: State
    innovation: float
    log_mean: float


@inline
def student(z, tail, a, b):
    """Student t with five degrees of freedom, scaled to unit variance.

    Normal / sqrt(chi2_5/5) x sqrt(3/5), chi2_5 = -2 ln(ab) + tail^2.
    """
    return z * np.sqrt(3.0 / (tail * tail - 2.0 * log(a * b)))


@inline
def elasticity_now(tight, glut, ramp):
    """Sum of the elasticities of LNG-linked supply and demand.

    ``tight`` today, ``glut`` when the LNG wave has come in full (``ramp`` 0..1).
    """
    return tight + (glut - tight) * ramp


@inline
def supply_effect(change, volume, elasticity):
    """Log price effect of a net supply ``change`` (bcm a year) in a market of ``volume``.

    -(q/volume)/e, held within a factor of 20.
    """
    return min(max(-change / volume / elasticity, -3.0), 3.0)


@inline
def gulf_effect(share, severity, elasticity):
    """Log premium while the gulf keeps a share of the world's LNG from the market: -ln(1 - share x severity)/e."""
    return net_loss(share * severity) / elasticity


@inline
def soft_ceiling(brent, multiple, highest, dollars_per_euro):
    """Price above which users leave gas, EUR/MWh.

    ``multiple`` of oil parity at ``brent`` (USD/bbl), at most ``highest``.
    """
    return min(multiple * brent / (MMBTU_PER_BARREL * MWH_PER_MMBTU * dollars_per_euro), highest)


@inline
def band_pull(p, log_price, log_ceiling, dt):
    """Log change over ``dt`` months that leads a price below the floor or above the ceiling back to the band."""
    up = (1.0 - decay(p.floor_pull, dt)) * max(log(p.soft_floor) - log_price, 0.0)
    return up - (1.0 - decay(p.ceiling_pull, dt)) * max(log_price - log_ceiling, 0.0)


@inline
def scarcity(unserved, demand, elasticity):
    """Log price rise that makes users give up what empty storage cannot serve.

    -ln(1 - unserved/demand)/elasticity, at most a factor of twelve.
    """
    return min(-log(1.0 - min(unserved / max(demand, 1e-12), 0.9)) / max(elasticity, 0.03), 2.5)


@inline
def step(p, state, z, market, first, dt):
    """One step: the mean log price is what was expected, its innovation, and effects.

    ``first`` is 1 in the first step, whose variance is given.

    Exact for any ``dt`` in months but for the tail of the shocks (independent from step to step) and the averaging
    within the first step.
    """
    moved = log_variance_step(
        state.log_variance, p.volatility_level, p.volatility_persistence, p.volatility_noise, z.volatility, dt
    )
    s = state.log_variance if first == 1.0 else moved
    gap = min(max(market.storage_gap, -LARGEST_GAP), LARGEST_GAP)
    sd = min(exp(0.5 * (s + p.volatility_gap_effect * gap)), p.volatility_cap)
    sd *= np.sqrt((1.0 - p.explained_variance) * dt)
    share = p.oil_correlation
    shock = share * market.oil_shock + np.sqrt(1.0 - share * share) * z.price
    innovation = min(max(sd * student(shock, z.tail, z.tail_a, z.tail_b), -p.largest_move), p.largest_move)
    expected = p.long_run_log + (state.log_base - p.long_run_log) * decay(p.mean_reversion, dt)
    expected += band_pull(p, market.log_price, market.log_ceiling, dt)
    base = expected + (1.0 + p.averaging_memory) * innovation

    lasting = p.storage_gap_effect * market.storage_gap / (1.0 - p.storage_gap_fade)
    # What cold takes from the store moves the price at once; as part of the gap it then holds it there.
    tightness = lasting + (state.tightness - lasting) * exp(dt * log(p.storage_gap_fade)) + market.weather
    premium = market.gulf_target + (state.gulf_premium - market.gulf_target) * half_life_decay(
        p.gulf_price_half_life, dt
    )
    oil = filter_step(state.oil_filter, market.log_oil, p.oil_half_life, dt)
    effect = state.oil_effect + p.oil_response * (oil.mean - state.oil_mean)
    log_mean = expected + innovation + effect + tightness + premium + market.season + market.supply_effect
    return Step(State(base, s, tightness, premium, oil.end, oil.mean, effect), innovation, log_mean)
