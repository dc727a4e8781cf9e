"""Proper scores, calibration measures and tests of equal accuracy.

Scores are negatively oriented: lower is better. Forecasts are ensembles, quantiles or probabilities; ``outcomes`` holds
what was observed. The scoring rules are those of the package scoringrules.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

__all__ = [
    "Accuracy",
    "brier",
    "coverage",
    "crps_ensemble",
    "crps_lognormal",
    "crps_quantiles",
    "diebold_mariano",
    "interval",
    "log_score",
    "pinball",
    "pit",
    "ratio",
    "ratio_interval",
]

LEAST_BLOCK = 6
"""Months; shortest block of the bootstrap."""
RESAMPLES = 2_000


class Accuracy(NamedTuple):
    """Test of equal accuracy: statistic (positive if the forecast is better) and one-sided p-value."""

    statistic: float
    p_value: float


def crps_ensemble(members: ArrayLike, outcomes: ArrayLike) -> np.ndarray:
    """Fair continuous ranked probability score of ensembles.

    Parameters
    ----------
    members : (n, m) ensemble members in any order, m >= 2.
    outcomes : (n,) observed values, same unit.

    Returns
    -------
    (n,) scores in the unit of the outcomes, unbiased for any number of members.

    Raises
    ------
    ValueError : the shapes do not agree, or there are fewer than two members.

    References
    ----------
    Ferro (2014), Fair scores for ensemble forecasts, Q. J. R. Meteorol. Soc. 140. Zamo and Naveau (2018), Estimation of
    the continuous ranked probability score, Math. Geosci. 50 (probability-weighted moments, equal to the fair score).
    """
    import scoringrules

    table, observed = np.asarray(members, float), np.asarray(outcomes, float)
    if table.ndim != 2 or observed.shape != table.shape[:1]:
        raise ValueError(f"members {table.shape} and outcomes {observed.shape} must have shapes (n, m) and (n,).")
    if table.shape[1] < 2:
        raise ValueError("a fair score needs at least two members.")
    return np.asarray(scoringrules.crps_ensemble(observed, table, estimator="pwm", backend="numpy"), float)


def crps_lognormal(medians: ArrayLike, log_sds: ArrayLike, outcomes: ArrayLike) -> np.ndarray:
    """Continuous ranked probability score of lognormal forecasts, closed form.

    Parameters
    ----------
    medians, log_sds : (n,) medians (> 0) and standard deviations of the logarithm (> 0).
    outcomes : (n,) observed values.

    Returns
    -------
    (n,) scores in the unit of the outcomes.
    """
    import scoringrules

    locations = np.log(np.asarray(medians, float))
    return np.asarray(
        scoringrules.crps_lognormal(np.asarray(outcomes, float), locations, np.asarray(log_sds, float)), float
    )


def pinball(quantiles: ArrayLike, levels: ArrayLike, outcomes: ArrayLike) -> np.ndarray:
    """Quantile (pinball) scores.

    Parameters
    ----------
    quantiles : (n, k) forecast quantiles.
    levels : (k,) probabilities, 0 to 1.
    outcomes : (n,) observed values.

    Returns
    -------
    (n, k) scores in the unit of the outcomes.
    """
    import scoringrules

    table, probabilities = np.asarray(quantiles, float), np.asarray(levels, float)
    observed = np.broadcast_to(np.asarray(outcomes, float)[:, None], table.shape)
    return np.asarray(
        scoringrules.quantile_score(observed, table, np.broadcast_to(probabilities, table.shape), backend="numpy"),
        float,
    )


def crps_quantiles(quantiles: ArrayLike, levels: ArrayLike, outcomes: ArrayLike) -> np.ndarray:
    """Continuous ranked probability score from quantiles: twice the integral of the pinball score over the level.

    Each level stands for the probabilities that are nearer to it than to the next level, so that the levels
    (i - 1/2) / k have equal weights.

    Parameters
    ----------
    quantiles : (n, k) forecast quantiles.
    levels : (k,) probabilities, rising.
    outcomes : (n,) observed values.

    Returns
    -------
    (n,) scores in the unit of the outcomes.
    """
    probabilities = np.asarray(levels, float)
    edges = np.r_[0.0, (probabilities[1:] + probabilities[:-1]) / 2.0, 1.0]
    return np.asarray(2.0 * pinball(quantiles, probabilities, outcomes) @ np.diff(edges))


def interval(lower: ArrayLike, upper: ArrayLike, outcomes: ArrayLike, level: float) -> np.ndarray:
    """Interval (Winkler) score of central ranges.

    Parameters
    ----------
    lower, upper : (n,) ends of the range.
    outcomes : (n,) observed values.
    level : probability of the range, such as 0.9.

    Returns
    -------
    (n,) width plus 2 / (1 - level) times the distance of outcomes outside.

    References
    ----------
    Gneiting and Raftery (2007), Strictly proper scoring rules, prediction, and estimation, JASA 102(477).
    """
    import scoringrules

    ends = np.asarray(outcomes, float), np.asarray(lower, float), np.asarray(upper, float)
    return np.asarray(scoringrules.interval_score(*ends, 1.0 - level, backend="numpy"), float)


def brier(probabilities: ArrayLike, happened: ArrayLike) -> np.ndarray:
    """Brier scores, (n,), of probabilities of events that happened (1) or did not (0)."""
    import scoringrules

    return np.asarray(
        scoringrules.brier_score(np.asarray(happened, float), np.asarray(probabilities, float), backend="numpy"), float
    )


def log_score(probabilities: ArrayLike, happened: ArrayLike) -> np.ndarray:
    """Logarithmic scores, (n,): minus the log of the probability of what happened; infinite if that was zero."""
    import scoringrules

    with np.errstate(divide="ignore"):
        return np.asarray(
            scoringrules.log_score(np.asarray(happened, float), np.asarray(probabilities, float), backend="numpy"),
            float,
        )


def coverage(lower: ArrayLike, upper: ArrayLike, outcomes: ArrayLike) -> float:
    """Share of outcomes inside their range, ends included."""
    observed = np.asarray(outcomes, float)
    return float(np.mean((np.asarray(lower, float) <= observed) & (observed <= np.asarray(upper, float))))


def pit(members: ArrayLike, outcomes: ArrayLike) -> np.ndarray:
    """Probability integral transform: share of the members below each outcome, with half of the ties.

    Parameters
    ----------
    members : (n, m) ensemble members.
    outcomes : (n,) observed values.

    Returns
    -------
    (n,) values in [0, 1]; uniform if the forecasts are calibrated.
    """
    table, observed = np.asarray(members, float), np.asarray(outcomes, float)[:, None]
    return np.asarray(np.mean((table < observed) + 0.5 * (table == observed), axis=1))


def ratio(scores: ArrayLike, benchmark: ArrayLike) -> float:
    """Mean score over the mean score of the benchmark on the same targets; below 1 is better than the benchmark.

    The skill is 1 less this ratio.
    """
    return float(np.mean(np.asarray(scores, float)) / np.mean(np.asarray(benchmark, float)))


def diebold_mariano(scores: ArrayLike, benchmark: ArrayLike, horizon: int) -> Accuracy:
    """One-sided Diebold-Mariano test that the forecast is better than the benchmark.

    Parameters
    ----------
    scores, benchmark : (n,) scores on the same targets in order of time.
    horizon : steps ahead; the variance has Bartlett weights on ``horizon`` - 1 autocovariances (Newey-West).

    Returns
    -------
    Statistic and p-value by the normal law; NaN with fewer targets than two horizons, or with equal scores.

    References
    ----------
    Diebold and Mariano (1995), Comparing predictive accuracy, J. Bus. Econ. Stat. 13(3). Newey and West (1987),
    Econometrica 55(3).
    """
    gains = np.asarray(benchmark, float) - np.asarray(scores, float)
    size = gains.size
    if size < max(2, 2 * horizon):
        return Accuracy(math.nan, math.nan)
    rest = gains - gains.mean()
    variance = float(rest @ rest) / size
    for lag in range(1, min(horizon, size)):
        variance += 2.0 * (1.0 - lag / horizon) * float(rest[lag:] @ rest[:-lag]) / size
    if not variance > 0.0:
        return Accuracy(math.nan, math.nan)
    statistic = float(gains.mean()) / math.sqrt(variance / size)
    return Accuracy(statistic, 0.5 * math.erfc(statistic / math.sqrt(2.0)))


def ratio_interval(
    scores: ArrayLike, benchmark: ArrayLike, horizon: int, *, level: float = 0.9, seed: int = 1
) -> tuple[float, float]:
    """Central range of the ratio of mean scores by a circular block bootstrap.

    Parameters
    ----------
    scores, benchmark : (n,) scores on the same targets in order of time.
    horizon : steps ahead; blocks have ``horizon`` targets, at least LEAST_BLOCK.
    level : probability of the range.
    seed : equal seeds give equal ranges.

    Returns
    -------
    Lower and upper end; NaN with fewer targets than two blocks.

    References
    ----------
    Politis and Romano (1992), A circular block-resampling procedure for stationary data.
    """
    first, second = np.asarray(scores, float), np.asarray(benchmark, float)
    size = first.size
    block = max(horizon, LEAST_BLOCK)
    if size < 2 * block:
        return math.nan, math.nan
    starts = np.random.default_rng(seed).integers(0, size, (RESAMPLES, -(-size // block)))
    places = (starts[:, :, None] + np.arange(block)).reshape(RESAMPLES, -1)[:, :size] % size
    ratios = first[places].mean(axis=1) / second[places].mean(axis=1)
    low, high = np.quantile(ratios, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    return float(low), float(high)
