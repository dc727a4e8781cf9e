"""Monte Carlo error of an answer: how much it would differ with other luck.

Paths come in independent scrambles of the Sobol' points; leaving out one scramble after the other (the delete-a-group
jackknife: Shao and Tu 1995, The Jackknife and Bootstrap, chapter 2) gives the error of means, shares, conditional
shares and of anything computed from several of them on the same paths. For a mean it is the spread over scrambles, as
in the summary. With fewer paths than a unit of all scrambles, paths are grouped by turns.
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
    """A number, its Monte Carlo error, and the number without each group of paths in turn, (groups,); empty if only
    the error is known."""

    value: float
    error: float
    without: np.ndarray

    @property
    def joint(self) -> bool:
        return self.without.size > 0


def groups(paths: np.ndarray, total: int) -> np.ndarray:
    """Group of each path by its number; ``total``: how many numbers there are in all."""
    scrambles = (paths // BLOCK) % SCRAMBLES
    if total >= UNIT - BLOCK and np.unique(scrambles).size >= FEWEST_SCRAMBLES:
        return scrambles
    return paths % min(TURNS, max(total, 1))


def jackknife(without: np.ndarray) -> float:
    """Standard error from the numbers without each group."""
    held = without[np.isfinite(without)]
    if held.size < 2:
        return float("nan")
    return float(np.sqrt((held.size - 1) / held.size * np.sum((held - held.mean()) ** 2)))


def mean(values: np.ndarray, group: np.ndarray) -> Estimate:
    """Mean of (n,) values with its error."""
    width = int(group.max()) + 1
    totals = np.bincount(group, values, width)
    sizes = np.bincount(group, minlength=width)
    whole = float(values.mean())
    left = sizes.sum() - sizes
    with np.errstate(invalid="ignore", divide="ignore"):
        without = np.where(left > 0, (totals.sum() - totals) / left, np.nan)
    return Estimate(whole, jackknife(without[sizes > 0]), without)


def share(values: np.ndarray, group: np.ndarray) -> Estimate:
    """Mean of (n,) truth values; where all agree, the error is that of one path more on the other side."""
    found = mean(values.astype(float), group)
    if values.all() or not values.any():
        return Estimate(found.value, 1.0 / (values.size + 2.0), found.without)
    return found


def quantile(values: np.ndarray, level: float, group: np.ndarray) -> Estimate:
    """Quantile with the error of the summary: half the distance between the quantiles a standard error of the level
    below and above."""
    slack = np.sqrt(level * (1.0 - level) / values.size)
    method: Any = "linear" if np.isfinite(values).all() else "inverted_cdf"
    low, whole, high = np.quantile(values, np.clip([level - slack, level, level + slack], 0.0, 1.0), method=method)
    width = int(group.max()) + 1
    without = np.array(
        [np.quantile(values[group != g], level, method=method) if (group != g).any() else np.nan for g in range(width)]
    )
    return Estimate(float(whole), float(0.5 * (high - low)), without)
