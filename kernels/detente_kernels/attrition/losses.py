"""Losses: the level of daily claims and counts summed over a step.

Each function is a pure function of one path and step.

The measured recipe (docs/method.md): a slow log level, the deviation of the last days that fades, and month noise. Days
are over-dispersed (negative binomial) and follow one another (lag-1 correlation), so that a Poisson law is rejected on
any month of the data. The sum over a step has the mean and the variance of such days exactly; its law is the gamma law
of these two moments, which the negative binomial tends to at counts of this size.
"""

from typing import NamedTuple

import numpy as np

from ..tools.jit import inline
from ..tools.special import exp, half_life_decay, log

LEVEL_SHARE = 0.7
"""Share of the variance of a month's log change that stays in the level (measured recipe)."""
NOISE_SHARE = 0.25
"""… that is noise of a single month; the same again is the uncertainty of the level at the origin."""
RECENT_HALF_LIFE = 1.0
"""Months in which the deviation of the last days fades by half."""


HIGHEST_LEVEL = 9.9
"""Guard: log of the daily level, 20,000 persons a day. The largest monthly mean claimed is about 1,600."""


class Params(NamedTuple):
    """Law of the level of losses on one path.

    Standard deviation of a month's log change, half-life of the level (months), long-run log level (a day), dispersion
    and correlation of days.
    """

    noise: float
    half_life: float
    long_run: float
    dispersion: float
    correlation: float


@inline
def level_step(p, level, z, first, dt):
    """Log level at the middle of the step.

    An exact Ornstein-Uhlenbeck step; the first one is half as long, since the target is a mean over it.
    """
    grown = 0.5 * dt if first == 1.0 else dt
    return min(p.long_run + swing_step(p, level - p.long_run, 1.0, z, grown), HIGHEST_LEVEL)


@inline
def swing_step(p, swing, share, z, months):
    """A deviation from the long run over ``months``, exact; ``share`` of the level's variance moves it."""
    remaining = half_life_decay(p.half_life, months)
    variance = (
        LEVEL_SHARE * p.noise * p.noise * (1.0 - remaining * remaining) * p.half_life / (2.0 * 0.69314718055994531)
    )
    return remaining * swing + np.sqrt(share * variance) * z


@inline
def recent_share(begin, dt):
    """Share of the last days' deviation in a step that begins ``begin`` months after the as-of date.

    1 on average over the first month.
    """
    fades = 1.0 - half_life_decay(RECENT_HALF_LIFE, dt)
    return half_life_decay(RECENT_HALF_LIFE, begin) * fades / (1.0 - half_life_decay(RECENT_HALF_LIFE, 1.0)) / dt


@inline
def effective_days(days, correlation):
    """Variance of a sum over ``days`` in variances of one day, with autocorrelation r^k.

    N (1 + r)/(1 - r) - 2 r (1 - r^n)/(1 - r)^2.
    """
    if correlation <= 0.0:
        return days
    gap = 1.0 - correlation
    return days * (1.0 + correlation) / gap - 2.0 * correlation * (1.0 - exp(days * log(correlation))) / (gap * gap)


@inline
def relative_variance(mean, days, dispersion, correlation):
    """Variance of a sum over ``days`` of negative binomial days, in squares of its mean.

    A day has variance mean + dispersion mean^2.
    """
    return (dispersion + 1.0 / max(mean, 1e-9)) * effective_days(days, correlation) / (days * days)


@inline
def month_noise(p, mean, month_days, dt):
    """Variance of log noise in a step, beyond that of the days themselves.

    A month's noise then has its share of the variance of changes.
    """
    of_days = relative_variance(mean, month_days, p.dispersion, p.correlation)
    return max(NOISE_SHARE * p.noise * p.noise - of_days, 0.0) / dt


@inline
def count(mean, days, dispersion, correlation, z):
    """Persons in a step.

    Gamma law with the mean and variance of the sum of its days (Wilson and Hilferty 1931), at a standard normal ``z``.
    """
    ninth = relative_variance(mean, days, dispersion, correlation) / 9.0
    root = max(1.0 - ninth + np.sqrt(ninth) * z, 0.0)
    return mean * days * root * root * root


@inline
def scale(own, own_exponent, enemy, enemy_exponent):
    """Losses relative to the as-of date when own and enemy strength have changed to these ratios: own^p enemy^q.

    Lanchester's square law is p = 0, q = 1 and his linear law p = q = 1; neither is imposed (Bracken 1995, Fricker
    1998, Lucas and Turkes 2004 found poor fits).
    """
    return exp(own_exponent * log(max(own, 1e-6)) + enemy_exponent * log(max(enemy, 1e-6)))
