"""Brent: a two-factor log price with stochastic volatility and heavy tails.

It holds the gulf regime and the effect of lost Russian supply.

The measured recipe (docs/method.md): log price = random walk + mean-reverting part, both driven by a common volatility
whose logarithm is an AR(1), shocks Student t with six degrees of freedom, and a monthly mean that averages the days of
the month. Two-factor form: Schwartz and Smith (2000), Management Science 46(7); all transitions are exact for any step.
Above a soft ceiling, the record real price, the permanent part is pulled back at a constant rate.
On top: a premium while the gulf is disrupted, and -ln(1 - q)/(es + ed) for a net loss q of world supply, whose
elasticities grow from short to long run.
"""

from typing import NamedTuple

import numpy as np

from ..tools.jit import inline
from ..tools.processes import log_variance_step, net_loss
from ..tools.special import decay, exp, fma, half_life_decay, log

LARGEST_LOG_VARIANCE = 0.5
"""Guard: log variance of a month's return. The largest estimate since 1990 is -2.2 (April 2020)."""
LOWEST_PRICE, HIGHEST_PRICE = 0.1, 10_000.0
"""Guard: range of Brent, USD/bbl. Monthly means since 1987 were 9.8 to 133."""
LOWEST_LOG, HIGHEST_LOG = -2.302585092994046, 9.210340371976184
"""The same in logs, for the price without premia."""


class Params(NamedTuple):
    """Parameters of one path. Per month where a rate; log units where a price effect."""

    volatility_level: float
    volatility_persistence: float
    volatility_noise: float
    volatility_scale: float
    explained_variance: float
    shock_tail: float
    transient_reversion: float
    transient_share: float
    factor_correlation: float
    drift: float
    averaging_weight: float
    averaging_noise: float
    gulf_price_effect: float
    gulf_price_half_life: float
    gulf_volatility_effect: float
    supply_elasticity: float
    demand_elasticity: float
    elasticity_scale: float
    long_run_supply_elasticity: float
    long_run_demand_elasticity: float
    elasticity_growth_months: float
    price_ceiling: float
    ceiling_drift: float
    ceiling_pull: float


class State(NamedTuple):
    """State of the price process, log units.

    Log price without premia, its mean-reverting part, log variance of a month's return, gulf premium, effect of lost
    supply, slow average of the loss, momentum.
    """

    log_base: float
    transient: float
    log_variance: float
    gulf_premium: float
    supply_effect: float
    slow_loss: float
    momentum: float


class Step(NamedTuple):
    """New state, log price at the end of the step, and what the step's mean consists of.

    Log of the mean price over the step (log USD/bbl), the gulf premium in it, and the shock of the step: the innovation
    of both factors as one standard normal, before the tail factor.
    """

    state: State
    log_price: float
    log_mean: float
    mean_premium: float
    shock: float


class Shocks(NamedTuple):
    """Four standard normals and three uniforms (the three make a chi-square with six degrees of freedom)."""

    transient: float
    permanent: float
    averaging: float
    volatility: float
    tail_a: float
    tail_b: float
    tail_c: float


@inline
def tail_factor(tail, a, b, c):
    """Scale of both shocks.

    Sqrt((6 - 2)/chi2_6) makes a standardised Student t with 6 degrees of freedom; ``tail`` 0 gives normal shocks.
    """
    heavy = np.sqrt(2.0 / -log(a * b * c))
    return fma(tail, heavy - 1.0, 1.0)


class Factors(NamedTuple):
    """Law of the two factors.

    Reversion of the transient part per month (0 allowed: then both are random walks), standard deviations of a month's
    innovations, correlation of the two Brownian motions, drift per month.
    """

    reversion: float
    sd_transient: float
    sd_permanent: float
    correlation: float
    drift: float


@inline
def two_factor_increments(factors, transient, z1, z2, dt):
    """Exact increments (transient part, permanent part) of the two-factor log price over ``dt`` months."""
    rate = max(factors.reversion, 1e-12)
    remaining = decay(rate, dt)
    month = decay(rate, 1.0)
    scale = np.sqrt((1.0 - remaining * remaining) / (1.0 - month * month))
    # Correlation of the two innovations over a step, from the covariance rho s1 s2 (1 - e^{-k dt})/k of the exact
    # transition.
    together = factors.correlation * (1.0 - remaining) / np.sqrt(0.5 * rate * dt * (1.0 - remaining * remaining))
    first = factors.sd_transient * scale * z1
    second = factors.sd_permanent * np.sqrt(dt) * fma(together, z1, np.sqrt(max(1.0 - together * together, 0.0)) * z2)
    return (remaining - 1.0) * transient + first, factors.drift * dt + second


@inline
def standard_shock(factors, z1, z2, dt):
    """Innovation of the log price over ``dt`` months as one standard normal.

    The sum of both innovations of ``two_factor_increments`` over its standard deviation.
    """
    rate = max(factors.reversion, 1e-12)
    remaining = decay(rate, dt)
    month = decay(rate, 1.0)
    scale = np.sqrt((1.0 - remaining * remaining) / (1.0 - month * month))
    together = factors.correlation * (1.0 - remaining) / np.sqrt(0.5 * rate * dt * (1.0 - remaining * remaining))
    a = factors.sd_transient * scale
    b = factors.sd_permanent * np.sqrt(dt)
    on_first = a + b * together
    on_second = b * np.sqrt(max(1.0 - together * together, 0.0))
    return (on_first * z1 + on_second * z2) / np.sqrt(max(on_first * on_first + on_second * on_second, 1e-300))


@inline
def price_effect(loss, slow_loss, short_run, long_run):
    """Log price effect of a loss: its recent part at the short-run, its old part at the long-run sum of elasticities.

    Losses are -ln(1 - q).
    """
    return (loss - slow_loss) / short_run + slow_loss / long_run


@inline
def ceiling_return(log_price, log_ceiling, pull, dt):
    """Fall of the log price over ``dt`` months towards a soft ceiling; 0 below it or without a pull (1/month)."""
    return (1.0 - decay(pull, dt)) * max(log_price - log_ceiling, 0.0)


@inline
def step(p, state, z, gulf_severity, loss_share, moment, dt):
    """One step of the price.

    ``gulf_severity`` 0..1, ``loss_share`` net loss of world supply, ``moment`` months from the as-of date to the start
    of the step; the variance of the first step is given.
    """
    theta = p.volatility_level + p.gulf_volatility_effect * gulf_severity
    moved = log_variance_step(state.log_variance, theta, p.volatility_persistence, p.volatility_noise, z.volatility, dt)
    s = min(state.log_variance if moment == 0.0 else moved, LARGEST_LOG_VARIANCE)
    sd = np.sqrt(p.volatility_scale * (1.0 - p.explained_variance)) * exp(0.5 * s)
    tail = tail_factor(p.shock_tail, z.tail_a, z.tail_b, z.tail_c)
    factors = Factors(
        p.transient_reversion,
        sd * np.sqrt(p.transient_share) * tail,
        sd * np.sqrt(1.0 - p.transient_share) * tail,
        p.factor_correlation,
        p.drift,
    )
    d_transient, d_permanent = two_factor_increments(factors, state.transient, z.transient, z.permanent, dt)
    base_move = d_transient + d_permanent + state.momentum
    premium_left = half_life_decay(p.gulf_price_half_life, dt)
    premium = (
        p.gulf_price_effect * gulf_severity + (state.gulf_premium - p.gulf_price_effect * gulf_severity) * premium_left
    )
    loss = net_loss(loss_share)
    short_run = p.elasticity_scale * (p.supply_elasticity + p.demand_elasticity)
    long_run = max(p.long_run_supply_elasticity + p.long_run_demand_elasticity, short_run)
    effect = price_effect(loss, state.slow_loss, short_run, long_run)
    slow_loss = loss + (state.slow_loss - loss) * decay(1.0 / p.elasticity_growth_months, dt)

    before = state.log_base + state.gulf_premium + state.supply_effect
    move = base_move + (premium - state.gulf_premium) + (effect - state.supply_effect)
    log_ceiling = log(p.price_ceiling) + p.ceiling_drift * (moment + dt)
    back = ceiling_return(before + move, log_ceiling, p.ceiling_pull, dt)
    base_move -= back
    move -= back
    averaging = np.sqrt(p.averaging_noise * dt) * sd * z.averaging
    log_mean = min(max(before + p.averaging_weight * move + averaging, LOWEST_LOG), HIGHEST_LOG)
    mean_premium = state.gulf_premium + p.averaging_weight * (premium - state.gulf_premium)
    shock = standard_shock(factors, z.transient, z.permanent, dt)
    base = min(max(state.log_base + base_move, LOWEST_LOG), HIGHEST_LOG)
    new = State(base, state.transient + d_transient, s, premium, effect, slow_loss, 0.0)
    return Step(new, before + move, log_mean, mean_premium, shock)


@inline
def at_a_guard(log_mean, log_base, log_variance):
    """Whether a guard held the price, its part without premia, or its variance in this step."""
    return (
        log_variance >= LARGEST_LOG_VARIANCE
        or log_mean <= LOWEST_LOG
        or log_mean >= HIGHEST_LOG
        or log_base <= LOWEST_LOG
        or log_base >= HIGHEST_LOG
    )
