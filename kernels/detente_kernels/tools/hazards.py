"""Exact waiting times of Weibull risks, given survival so far, and the stamps of what has happened.

A Weibull risk with rate ``r`` (per month) and shape ``k`` has cumulative hazard H(t) = (r t)^k; a multiplier ``m``
scales H. Given survival to age ``t``, the time that is left solves H(t + x) - H(t) = E / m with E unit exponential; it
is drawn anew each step, which by the memorylessness of E is the same law as one draw at entry. Competing risks: the
smallest of independent latent times wins.
"""

import numpy as np

from .jit import inline
from .special import log, power


@inline
def waiting_time(age, rate, shape, multiplier, uniform, within):
    """Months until a Weibull risk strikes, given none up to ``age`` months.

    Inf if not ``within`` the months asked for, or never.

    rate per month >= 0; shape > 0; multiplier >= 0; uniform in (0, 1).
    """
    if rate <= 0.0 or multiplier <= 0.0:
        return np.inf
    if shape == 1.0:  # a constant hazard has no memory
        if 1.0 - uniform >= rate * multiplier * within:  # since -log(u) >= 1 - u, it cannot strike in time
            return np.inf
        return -log(uniform) / (rate * multiplier)
    threshold = power(rate * age, shape) - log(uniform) / multiplier
    return max(power(threshold, 1.0 / shape) / rate - age, 0.0)


@inline
def strikes(rate, dt, uniform):
    """Whether an event of constant ``rate`` per month happens within ``dt`` months."""
    return 1.0 - uniform < rate * dt and -log(uniform) < rate * dt  # -log(u) >= 1 - u: the logarithm is seldom needed


@inline
def stamp(times, lane, condition, moment):
    """Keep the first moment at which a condition holds; NaN until then. True if this is that moment."""
    first = condition and times[lane] != times[lane]
    if first:
        times[lane] = moment
    return first
