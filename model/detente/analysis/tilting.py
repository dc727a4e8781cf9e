"""Minimum relative entropy: weights of simulations that meet expectations with the least change.

Of all weights w that give each feature f its expectation, those with the least sum of w log(n w) are proportional to
exp(f . lambda); lambda solves the convex dual, the minimum of log mean exp(f . lambda) - lambda . target.

References
----------
Csiszar (1975), I-divergence geometry of probability distributions, Ann. Probab. 3. Meucci (2008), Fully flexible views,
Risk 21. Robertson, Tallman and Whiteman (2005), Forecasting using relative entropy, J. Money Credit Bank. 37.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

TOLERANCE = 1e-9
"""Largest distance of an expectation from its target, in standard deviations of the feature."""
NEWTON = 50


class InfeasibleError(ValueError):
    """No weights meet the targets. ``place``: the feature that alone cannot reach its target; None if only jointly."""

    def __init__(self, place: int | None) -> None:
        self.place = place
        super().__init__("the targets cannot be met" if place is None else f"target {place} cannot be met")


@dataclass(frozen=True)
class Tilt:
    """Weights of simulations and what they cost.

    Parameters
    ----------
    weights : (n,) weights, sum 1.
    multipliers : (k,) lambda, in units of one over the feature.
    divergence : relative entropy to equal weights, in nats.
    effective : effective number of simulations, 1 / sum of squared weights (Kish).
    """

    weights: np.ndarray
    multipliers: np.ndarray
    divergence: float
    effective: float


def tilt(features: np.ndarray, targets: Sequence[float], signs: Sequence[str] | None = None) -> Tilt:
    """Weights with the least relative entropy to equal ones that meet expectations.

    Parameters
    ----------
    features : (n, k) values of each feature on each simulation.
    targets : (k,) expectations.
    signs : (k,) ``=``, ``>=`` or ``<=``; by default all ``=``.

    Returns
    -------
    The weights, with multipliers, divergence and effective number.

    Raises
    ------
    InfeasibleError : no weights meet the targets.
    """
    table, wanted = np.asarray(features, float), np.asarray(targets, float)
    k = table.shape[1]
    signs = list(signs) if signs is not None else ["="] * k
    _check_each(table, wanted, signs)
    if not k:
        return _result(np.zeros(0), table)
    centre, scale = table.mean(axis=0), table.std(axis=0)
    moving = scale > 0.0
    z = (table[:, moving] - centre[moving]) / scale[moving]
    goal = (wanted[moving] - centre[moving]) / scale[moving]
    kinds = [sign for sign, moves in zip(signs, moving, strict=True) if moves]
    solution = _solve(z, goal, kinds)
    if solution is None:
        raise InfeasibleError(None)
    multipliers = np.zeros(k)
    multipliers[moving] = solution / scale[moving]
    return _result(multipliers, table)


def _check_each(table: np.ndarray, wanted: np.ndarray, signs: Sequence[str]) -> None:
    """Refuse a target outside the range of its own feature; on the edge only a share of simulations would remain."""
    low, high = table.min(axis=0), table.max(axis=0)
    for j, sign in enumerate(signs):
        constant = low[j] == high[j]
        above = wanted[j] > high[j] or (wanted[j] == high[j] and not constant)
        below = wanted[j] < low[j] or (wanted[j] == low[j] and not constant)
        if (above and sign != "<=") or (below and sign != ">="):
            raise InfeasibleError(j)


def _solve(z: np.ndarray, goal: np.ndarray, kinds: Sequence[str]) -> np.ndarray | None:
    """Multipliers of standardised features: a quasi-Newton search, then Newton steps on the active ones."""
    from scipy.optimize import minimize

    bounds = [{"=": (None, None), ">=": (0.0, None), "<=": (None, 0.0)}[kind] for kind in kinds]

    def dual(multipliers: np.ndarray) -> tuple[float, np.ndarray]:
        log_weights = z @ multipliers
        top = log_weights.max()
        weights = np.exp(log_weights - top)
        total = weights.sum()
        value = top + np.log(total / len(z)) - multipliers @ goal
        return float(value), (weights @ z) / total - goal

    start = np.zeros(len(goal))
    search = minimize(dual, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500, "ftol": 1e-15})
    multipliers = np.asarray(search.x)
    active = np.array([kind == "=" for kind in kinds]) | (np.abs(multipliers) > 1e-10)
    for _ in range(NEWTON):
        weights = _weights(z @ multipliers)
        mean = weights @ z
        gap = (mean - goal)[active]
        if np.abs(gap).max(initial=0.0) < TOLERANCE:
            break
        inner = z[:, active] - mean[active]
        step = np.linalg.lstsq((weights[:, None] * inner).T @ inner, gap, rcond=None)[0]
        if not np.isfinite(step).all():
            return None
        multipliers[active] -= step * min(1.0, 5.0 / max(np.abs(step).max(), 1e-300))
    gap = _weights(z @ multipliers) @ z - goal
    for distance, kind in zip(gap, kinds, strict=True):
        missed = {"=": abs(distance), ">=": -distance, "<=": distance}[kind]
        if not missed < 1e-6:
            return None
    return multipliers


def _weights(log_weights: np.ndarray) -> np.ndarray:
    weights = np.exp(log_weights - log_weights.max())
    return np.asarray(weights / weights.sum())


def _result(multipliers: np.ndarray, table: np.ndarray) -> Tilt:
    weights = _weights(table @ multipliers) if multipliers.size else np.full(len(table), 1.0 / len(table))
    positive = weights[weights > 0.0]
    divergence = float(np.sum(positive * np.log(positive * len(weights))))
    return Tilt(weights, multipliers, max(divergence, 0.0), float(1.0 / np.sum(weights**2)))


def weighted_quantiles(values: np.ndarray, weights: np.ndarray, levels: Sequence[float]) -> np.ndarray:
    """Quantiles of weighted values, linear between the midpoints of the weights; with equal weights Hazen's rule.

    Parameters
    ----------
    values, weights : (n,) values and their weights, sum 1.
    levels : probabilities, 0 to 1.
    """
    order = np.argsort(values, kind="stable")
    sorted_weights = weights[order]
    middle = np.cumsum(sorted_weights) - 0.5 * sorted_weights
    return np.asarray(np.interp(levels, middle, values[order]))
