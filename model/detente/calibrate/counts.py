"""Overdispersed counts: negative binomial distributions, sums of correlated days, and a test of dispersion.

``negative_binomial(1100, 25)`` is a daily count with mean 1,100 and size 25: variance 1,100 + 1,100^2 / 25.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Dispersion", "dispersion_test", "fano", "lag_one", "negative_binomial", "simulate_days", "sum_moments"]


class Dispersion(NamedTuple):
    """Fisher's dispersion test: statistic, degrees of freedom and p-value under a Poisson distribution."""

    statistic: float
    freedom: int
    p_value: float


def negative_binomial(mean: float, size: float) -> Any:
    """Frozen SciPy distribution of a count: variance = mean + mean^2 / size.

    Parameters
    ----------
    mean, size : both above 0.

    Raises
    ------
    ValueError : a parameter is not positive.
    """
    from scipy.stats import nbinom

    if not (mean > 0.0 and size > 0.0):
        raise ValueError(f"mean and size must be positive; got {mean} and {size}.")
    return nbinom(size, size / (size + mean))


def sum_moments(mean: float, size: float, days: float, correlation: float = 0.0) -> tuple[float, float]:
    """Mean and variance of the sum of ``days`` counts with autocorrelation correlation^k at lag k.

    variance = daily variance times n (1 + r)/(1 - r) - 2 r (1 - r^n)/(1 - r)^2.

    Parameters
    ----------
    mean, size : of a daily count, above 0.
    days : number of days n.
    correlation : lag-1 correlation r, in [0, 1).

    Raises
    ------
    ValueError : a parameter is outside its range.
    """
    if not (0.0 <= correlation < 1.0 and days > 0.0 and mean > 0.0 and size > 0.0):
        raise ValueError(
            f"correlation must lie in [0, 1), the others above 0; got {correlation}, {days}, {mean}, {size}."
        )
    gap = 1.0 - correlation
    effective = days * (1.0 + correlation) / gap - 2.0 * correlation * (1.0 - correlation**days) / gap**2
    return mean * days, (mean + mean**2 / size) * effective


def simulate_days(
    means: Sequence[float] | np.ndarray, size: float, correlation: float, rng: np.random.Generator
) -> np.ndarray:
    """Negative binomial daily counts with these means, (n,), correlated through a Gaussian copula.

    Parameters
    ----------
    means : mean of each day, (n,).
    size : size of the distribution.
    correlation : lag-1 correlation of the copula.
    rng : random number generator.
    """
    from scipy.signal import lfilter
    from scipy.stats import norm

    means = np.asarray(means, float)
    noise = rng.standard_normal(means.size)
    noise[1:] *= math.sqrt(1.0 - correlation**2)
    return negative_binomial_quantile(norm.cdf(lfilter([1.0], [1.0, -correlation], noise)), means, size)


def negative_binomial_quantile(levels: np.ndarray, means: np.ndarray, size: float) -> np.ndarray:
    """Quantiles at ``levels`` (0 to 1) of negative binomial distributions with these means and one size."""
    from scipy.stats import nbinom

    return np.asarray(nbinom.ppf(levels, size, size / (size + means)), float)


def dispersion_test(counts: Sequence[float] | np.ndarray) -> Dispersion:
    """Test of Poisson counts: squares about the mean over the mean, chi-square with n - 1 degrees of freedom.

    Parameters
    ----------
    counts : (n,), at least two and not all zero.

    Raises
    ------
    ValueError : there are too few counts.

    References
    ----------
    Fisher (1950), The significance of deviations from expectation in a Poisson series, Biometrics 6(1), 17-24.
    """
    from scipy.stats import chi2

    counts = np.asarray(counts, float)
    if counts.size < 2 or not counts.mean() > 0.0:
        raise ValueError("the test needs at least two counts, not all zero.")
    statistic = float(np.sum((counts - counts.mean()) ** 2) / counts.mean())
    return Dispersion(statistic, counts.size - 1, float(chi2.sf(statistic, counts.size - 1)))


def fano(counts: Sequence[float] | np.ndarray) -> float:
    """Variance over mean; 0 where all counts are zero."""
    counts = np.asarray(counts, float)
    mean = float(counts.mean())
    return float(counts.var(ddof=1)) / mean if mean > 0.0 else 0.0


def lag_one(counts: Sequence[float] | np.ndarray) -> float:
    """Correlation of each count with the one before it; 0 where counts never change."""
    rest = np.asarray(counts, float) - np.mean(counts)
    power = float(np.sum(rest**2))
    return float(np.sum(rest[1:] * rest[:-1])) / power if power > 0.0 else 0.0
