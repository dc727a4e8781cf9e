"""Estimates with their Monte Carlo error, by the delete-a-group jackknife.

The groups are the independent scrambles of the Sobol' points. The error covers means, shares, conditional shares and
any function of several of them on the same paths. For a mean it equals the spread over scrambles in the summary. With
too few paths for complete scrambles, paths are assigned to groups in turn.

Reference: Shao and Tu (1995), The Jackknife and Bootstrap, chapter 2.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from detente_kernels.reductions import UNIT
from detente_kernels.tools.jit import BLOCK
from detente_kernels.tools.sobol import SCRAMBLES

FEWEST_SCRAMBLES = 8
TURNS = 32


@dataclass(frozen=True)
class Estimate:
    """A number with its Monte Carlo error.

    ``without``: values without each group in turn, (groups,); empty if only the error is known.
    """

    value: float
    error: float
    without: np.ndarray

    @property
    def joint(self) -> bool:
        """Whether the leave-one-group-out values are known."""
        return self.without.size > 0


def groups(paths: np.ndarray, total: int) -> np.ndarray:
    """Group of each path, by path number; ``total``: number of paths in the run."""
    scrambles = (paths // BLOCK) % SCRAMBLES
    if total >= UNIT - BLOCK and np.unique(scrambles).size >= FEWEST_SCRAMBLES:
        return scrambles
    return paths % min(TURNS, max(total, 1))


def jackknife(without: np.ndarray) -> float:
    """Standard error from the leave-one-group-out values."""
    finite = without[np.isfinite(without)]
    if finite.size < 2:
        return float("nan")
    return float(np.sqrt((finite.size - 1) / finite.size * np.sum((finite - finite.mean()) ** 2)))


def mean(values: np.ndarray, group: np.ndarray) -> Estimate:
    """Mean of (n,) values with its error."""
    width = int(group.max()) + 1
    totals = np.bincount(group, values, width)
    sizes = np.bincount(group, minlength=width)
    full = float(values.mean())
    left = sizes.sum() - sizes
    with np.errstate(invalid="ignore", divide="ignore"):
        without = np.where(left > 0, (totals.sum() - totals) / left, np.nan)
    return Estimate(full, jackknife(without[sizes > 0]), without)


def share(values: np.ndarray, group: np.ndarray) -> Estimate:
    """Mean of (n,) booleans; if all are equal, the error is 1/(n + 2) (rule of succession)."""
    estimate = mean(values.astype(float), group)
    if values.all() or not values.any():
        return Estimate(estimate.value, 1.0 / (values.size + 2.0), estimate.without)
    return estimate


def quantile(values: np.ndarray, level: float, group: np.ndarray) -> Estimate:
    """Quantile with its error, as in the summary.

    The error is half the distance between the quantiles one standard error of the level below and above.
    """
    slack = np.sqrt(level * (1.0 - level) / values.size)
    method: Any = "linear" if np.isfinite(values).all() else "inverted_cdf"
    low, centre, high = np.quantile(values, np.clip([level - slack, level, level + slack], 0.0, 1.0), method=method)
    width = int(group.max()) + 1
    without = np.array(
        [np.quantile(values[group != g], level, method=method) if (group != g).any() else np.nan for g in range(width)]
    )
    return Estimate(float(centre), float(0.5 * (high - low)), without)
