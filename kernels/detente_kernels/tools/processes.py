"""Processes that several submodels share, each a pure function of one path and step."""

from typing import NamedTuple

import numpy as np

from .jit import inline
from .special import decay, exp, log


class Filter(NamedTuple):
    """An exponential filter: its value at the end of a step and its mean over it."""

    end: float
    mean: float


@inline
def log_variance_step(s, level, persistence, noise, z, dt):
    """AR(1) of the log variance, exact over ``dt`` months: ``noise`` is the innovation variance of a month."""
    remaining = exp(dt * log(persistence))
    spread = noise * (1.0 - remaining * remaining) / (1.0 - persistence * persistence)
    return level + remaining * (s - level) + np.sqrt(spread) * z


@inline
def filter_step(before, value, half_life, dt):
    """Exponential filter over a step in which its input is ``value``, exact for any ``dt`` in months."""
    rate = 0.69314718055994531 / half_life
    remaining = decay(rate, dt)
    weight = (1.0 - remaining) / (rate * dt)
    return Filter(remaining * before + (1.0 - remaining) * value, weight * before + (1.0 - weight) * value)


@inline
def net_loss(share):
    """-ln(1 - q) of a net loss q, a share of world supply (negative for a gain); q is held below 0.9."""
    return -log(1.0 - min(max(share, -0.9), 0.9))


@inline
def season_level(change_cos, change_sin, cosine, sine):
    """Periodic level of the log price, at angle wq, w a twelfth of the circle.

    Its change from month to month is b1 cos(wq) + b2 sin(wq).
    """
    c = 0.8660254037844387
    s = 0.5
    scale = 1.0 / (2.0 - 2.0 * c)
    a = (change_cos * (1.0 - c) - change_sin * s) * scale
    b = (change_cos * s + change_sin * (1.0 - c)) * scale
    return a * cosine + b * sine


@inline
def runway(stock, floor, drain_rate, longest):
    """Months until a stock reaches ``floor`` at ``drain_rate`` a month, at most ``longest``.

    ``longest`` if it does not fall.
    """
    if drain_rate <= 0.0:
        return longest
    return min(max(stock - floor, 0.0) / drain_rate, longest)
