"""Monte Carlo errors: one standard error of a number that simulated paths give.

Paths come in sixteen independent scrambles of Sobol' points. Two estimates of the variance of a mean follow: the spread
of the scrambles' means, right but noisy with 15 degrees of freedom, and the variance of independent paths, precise but
too large where parameters decide. ``combined`` weighs them. A path more at the largest deviation seen (``one_more``)
keeps the error honest where few paths decide.

References: Owen (1997), SIAM Journal on Numerical Analysis 34(5), on scrambled points. Maritz and Jarrett (1978),
Journal of the American Statistical Association 73(361), on quantiles. Agresti and Coull (1998), The American
Statistician 52(2), on adding an observation to a proportion. docs/method.md, "Monte Carlo error".
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from detente_kernels.reductions import UNIT
from detente_kernels.tools.jit import BLOCK
from detente_kernels.tools.sobol import SCRAMBLES

DIGITS = 12
"""Digits of tables of special functions, whose last bits differ between machines."""
AS_INDEPENDENT = 0.15
"""Prior probability that scrambling has not reduced a variance at all."""
DEEPEST = 7.0
"""Largest reduction of a variance under the prior, in logarithms: a factor of a thousand."""
HIGHEST, NODES = 4.0, 801
"""Table of ``combined``: ratios from 0 to HIGHEST; above, the variance of independent paths holds."""
QUANTILE_NODES = 24
FEWEST_SCRAMBLES = 8
FINE = 200
"""Groups of the jackknife for independent paths."""
ONE_SIGMA = 0.841344746068543
"""Probability below one standard deviation of a normal variable."""


@cache
def _posterior() -> tuple[np.ndarray, np.ndarray]:
    """Expected ratio r of the true variance to that of independent paths, by the estimated ratio.

    The estimated ratio is r times a chi-square variable over its 15 degrees of freedom. Prior of r: 1 with probability
    AS_INDEPENDENT, else log-uniform down to exp(-DEEPEST).
    """
    from scipy.special import gamma, gammaincc

    half = 0.5 * (SCRAMBLES - 1)
    ratio = np.linspace(0.0, HIGHEST, NODES)
    c = half * np.maximum(ratio, 1e-6)
    odds = DEEPEST * AS_INDEPENDENT / (1.0 - AS_INDEPENDENT)

    def reduced(a: float) -> np.ndarray:
        return np.asarray(c**-a * gamma(a) * gammaincc(a, c))

    expected = (reduced(half - 1.0) + odds * np.exp(-c)) / (reduced(half) + odds * np.exp(-c))
    expected[0] = 0.0
    return ratio, np.round(expected, DIGITS)


def combined(between: np.ndarray, independent: np.ndarray) -> np.ndarray:
    """Variance of an estimate from the spread between scrambles and the variance of independent paths.

    Parameters
    ----------
    between, independent : array
        Two estimates of the variance, of any one shape, in the squared unit of the estimate.

    Returns
    -------
    array
        The expected variance given their ratio; at most ``independent``, and 15/13 of ``between`` where that is small.
    """
    ratio, expected = _posterior()
    with np.errstate(invalid="ignore", divide="ignore"):
        estimated = np.where(independent > 0.0, between / independent, HIGHEST)
    return np.asarray(independent * np.interp(estimated, ratio, expected))


def one_more(deviation: np.ndarray | float, paths: np.ndarray | float) -> np.ndarray:
    """Shift of a mean by one path more at the largest deviation seen, a part of its error.

    For a probability that no path or every path supports, the deviation is 1 and the error is one path in all.
    """
    return np.asarray(deviation) / (np.asarray(paths) + 2.0)


def probability_error(hits_by_scramble: np.ndarray, paths_by_scramble: np.ndarray) -> np.ndarray:
    """Error of a probability from the paths with an event, (scrambles, ...) each."""
    paths = np.maximum(paths_by_scramble.sum(axis=0), 1)
    p = hits_by_scramble.sum(axis=0) / paths
    between = between_scrambles(hits_by_scramble / np.maximum(paths_by_scramble, 1), p)
    return np.asarray(np.sqrt(combined(between, p * (1.0 - p) / paths) + one_more(1.0, paths) ** 2))


def binomial_error(p: np.ndarray | float, paths: np.ndarray | float) -> np.ndarray:
    """Error of a probability from independent paths."""
    n = np.maximum(paths, 1)
    return np.asarray(np.sqrt(np.asarray(p) * (1.0 - np.asarray(p)) / n + one_more(1.0, n) ** 2))


def between_scrambles(means: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Variance of a mean from those of the scrambles, (scrambles, ...)."""
    return np.asarray(np.sum((means - mean) ** 2, axis=0) / (SCRAMBLES * (SCRAMBLES - 1)))


@cache
def quantile_levels(level: float, paths: int) -> np.ndarray:
    """Levels (QUANTILE_NODES,) at which the values of a sample have the spread of its quantile at ``level``.

    The order statistic has a beta distribution. The levels are its quantiles at equal steps of probability.
    """
    from scipy.special import betaincinv

    at = (np.arange(QUANTILE_NODES) + 0.5) / QUANTILE_NODES
    return np.asarray(np.round(betaincinv(level * paths + 0.5, (1.0 - level) * paths + 0.5, at), DIGITS))


def quantile_error(values: np.ndarray) -> np.ndarray:
    """Error of a quantile from the sample's values at ``quantile_levels``, (..., QUANTILE_NODES)."""
    spread = values - values.mean(axis=-1, keepdims=True)
    return np.asarray(np.sqrt((spread**2).mean(axis=-1)))


def scrambles(paths: np.ndarray, total: int) -> np.ndarray | None:
    """Scramble of each path, by path number; None if too few of the ``total`` paths of a run make up scrambles."""
    groups = np.asarray(paths // BLOCK) % SCRAMBLES
    enough = total >= UNIT - BLOCK and np.unique(groups).size >= FEWEST_SCRAMBLES
    return groups if enough else None


def jackknife(without: np.ndarray) -> float:
    """Variance from the values without each group in turn (Shao and Tu 1995, The Jackknife and Bootstrap, chapter 2).

    NaN with fewer than two finite values.
    """
    finite = without[np.isfinite(without)]
    if finite.size < 2:
        return float("nan")
    return float((finite.size - 1) / finite.size * np.sum((finite - finite.mean()) ** 2))


@dataclass(frozen=True)
class MeanError:
    """Parts of the variance of a sample mean: ``variance`` of the sampling, and ``extra``, one path more."""

    variance: float
    extra: float

    @property
    def error(self) -> float:
        """Standard error."""
        return float(np.hypot(np.sqrt(self.variance), self.extra))


def mean_error(values: np.ndarray, paths: np.ndarray, total: int, *, share: bool = False) -> MeanError:
    """Error of the mean of some paths of a run.

    Parameters
    ----------
    values : (n,) array
        Values of the paths.
    paths : (n,) array
        Their numbers.
    total : int
        Number of paths of the run.
    share : bool
        Whether the values are 0 and 1, so that the largest deviation is known without having been seen.
    """
    n = values.size
    mean = values.mean()
    independent = float(values.var() / n * small_sample(n)) if n > 1 else 0.0 if share else float("inf")
    groups = scrambles(paths, total)
    if groups is not None and 0.0 < independent < np.inf:
        between = jackknife(means_without(values, groups, SCRAMBLES))
        independent = float(combined(np.array(between), np.array(independent)))
    deviation = 1.0 if share else float(np.abs(values - mean).max())
    return MeanError(independent, float(one_more(deviation, n)))


def means_without(values: np.ndarray, groups: np.ndarray, count: int) -> np.ndarray:
    """Means without each group in turn, (count,): NaN for a group without paths and if nothing is left."""
    totals = np.bincount(groups, values, count)
    sizes = np.bincount(groups, minlength=count)
    left = sizes.sum() - sizes
    with np.errstate(invalid="ignore", divide="ignore"):
        without = (totals.sum() - totals) / left
    return np.where((left > 0) & (sizes > 0), without, np.nan)


@cache
def small_sample(paths: int) -> float:
    """Factor on the variance of a mean of few values, at least two, from Student's distribution."""
    from scipy.special import stdtrit

    return float(np.round(stdtrit(paths - 1, ONE_SIGMA) ** 2 * paths / (paths - 1), DIGITS))
