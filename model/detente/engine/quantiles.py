"""Inverse distribution functions as tables over the standard normal variable, built once a run.

Values are rounded to twelve digits: special functions differ between machines in the last bit, and the kernels must
not.
"""

from typing import Any

import numpy as np
from detente_kernels.tools.sobol import NODES, REACH

from detente.config import continuous, distributions
from detente.config.schema import Joint, Record

GRID = np.linspace(-REACH, REACH, NODES)
DIGITS = 12


def table(record: Record, joint: Joint | None, key: str) -> tuple[np.ndarray, bool]:
    """Values (NODES,) of a record's distribution at the standard normal values GRID, and whether it is a discrete law.

    ``key`` is the record's dotted name, by which ``joint``, the table that the record is drawn from if any, finds its
    column. The record must have a distribution.
    """
    dist = record.dist
    if isinstance(dist, distributions.JointDraw):
        assert joint is not None
        return _steps(np.array(joint.column(key)), np.array(joint.weights)), True
    if isinstance(dist, distributions.Choice):
        choices = np.array(dist._within())
        return _steps(choices[:, 0], choices[:, 1]), True
    values = quantile(dist, _probabilities())
    if record.bounds is not None:
        values = np.clip(values, *record.bounds)
    return rounded(values), False


def quantile(dist: Any, p: np.ndarray) -> np.ndarray:
    """Quantiles of a continuous distribution at probabilities ``p``, truncation included."""
    if isinstance(dist, distributions.Mixture):
        return _mixture_quantile(dist, p)
    if isinstance(dist, distributions.Empirical):
        return np.asarray(np.quantile(np.array(dist._within()), p))
    if dist.truncate is not None:
        low, high = (_cdf(dist, limit) for limit in dist.truncate)
        p = low + p * (high - low)
        return np.asarray(np.clip(_quantile(dist, p), *dist.truncate))
    return _quantile(dist, p)


def _probabilities() -> np.ndarray:
    from scipy.special import ndtr

    return np.asarray(ndtr(GRID))


def rounded(values: np.ndarray) -> np.ndarray:
    """Round to DIGITS significant digits."""
    scale = 10.0 ** (DIGITS - 1 - np.floor(np.log10(np.abs(np.where(values == 0.0, 1.0, values)))))
    return np.round(values * scale) / scale


def _steps(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """A discrete law.

    Rows in their order, each as long as its weight; the order is shared by all columns of a joint table.
    """
    reach = np.cumsum(weights) / np.sum(weights)
    return values[np.minimum(np.searchsorted(reach, _probabilities(), side="right"), values.size - 1)]


def _quantile(dist: Any, p: np.ndarray) -> np.ndarray:
    """Quantile before truncation."""
    from scipy import special

    if isinstance(dist, continuous.Normal | continuous.Lognormal | continuous.Quantiles):
        median, below, above = dist._halves()
        z = special.ndtri(p)
        values = median + z * np.where(z < 0.0, below, above)
        return np.asarray(np.exp(values) if dist._in_logs() else values)
    if isinstance(dist, continuous.Uniform):
        return np.asarray(dist.min + p * (dist.max - dist.min))
    if isinstance(dist, continuous.Triangular):
        width, rise = dist.max - dist.min, dist.mode - dist.min
        fall = dist.max - dist.mode
        left = dist.min + np.sqrt(p * width * rise)
        return np.where(p * width <= rise, left, dist.max - np.sqrt((1.0 - p) * width * fall))
    if isinstance(dist, continuous.Beta):
        return np.asarray(dist.min + (dist.max - dist.min) * special.betaincinv(dist.a, dist.b, p))
    if isinstance(dist, continuous.Gamma):
        return np.asarray(special.gammaincinv(dist.shape, p) / dist.rate)
    raise TypeError(f"no quantile function for {type(dist).__name__}")


def _cdf(dist: Any, x: float) -> float:
    """Distribution function before truncation."""
    from scipy import special

    if isinstance(dist, continuous.Beta):
        return float(special.betainc(dist.a, dist.b, np.clip((x - dist.min) / (dist.max - dist.min), 0.0, 1.0)))
    if isinstance(dist, continuous.Gamma):
        return float(special.gammainc(dist.shape, max(x, 0.0) * dist.rate))
    if isinstance(dist, continuous.Uniform):
        return float(np.clip((x - dist.min) / (dist.max - dist.min), 0.0, 1.0))
    return float(dist._cdf(x))


def _mixture_quantile(dist: distributions.Mixture, p: np.ndarray) -> np.ndarray:
    """Invert the mixture's distribution function on the pooled quantiles of its parts."""
    fine = np.linspace(1e-9, 1.0 - 1e-9, 20_001)
    points = np.unique(np.concatenate([quantile(part.dist, fine) for part in dist.components]))
    mass = np.zeros_like(points)
    for part in dist.components:
        mass += part.weight * np.interp(points, quantile(part.dist, fine), fine, left=0.0, right=1.0)
    mass /= sum(part.weight for part in dist.components)
    low, high = dist.truncate or (-np.inf, np.inf)
    keep = (points >= low) & (points <= high)
    points, mass = points[keep], mass[keep]
    return np.asarray(np.interp(p, (mass - mass[0]) / (mass[-1] - mass[0]), points))
