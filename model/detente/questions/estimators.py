"""Estimates with their Monte Carlo error, for any function of several of them on the same paths.

A number is recomputed without each of the sixteen scrambles and without each of two hundred groups of single paths (the
delete-a-group jackknife). ``detente.engine.monte_carlo`` weighs the two and adds one path more.

Reference: Shao and Tu (1995), The Jackknife and Bootstrap, chapter 2.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from detente_kernels.tools.sobol import SCRAMBLES

from detente.engine import monte_carlo

NONE = np.empty(0)
LEAST_BEYOND = 5.0
"""Paths that must lie beyond a quantile for it to be answered."""
ROUNDING = 1e-24
"""Variance relative to the squared operands up to which it is rounding."""


@dataclass(frozen=True)
class Estimate:
    """A number with one standard error.

    Values without each scramble, (16,), and without each group of single paths, (groups,); empty if only the error is
    known. ``extra``: the part of the error that one path more makes up.
    """

    value: float
    error: float
    by_scramble: np.ndarray = field(default_factory=lambda: NONE)
    by_group: np.ndarray = field(default_factory=lambda: NONE)
    extra: float = 0.0

    @property
    def joint(self) -> bool:
        """Whether values without some of the paths are known."""
        return self.by_scramble.size > 0 or self.by_group.size > 0


@dataclass(frozen=True)
class Sample:
    """The paths, by number, that an estimate rests on, of ``total`` in the run."""

    paths: np.ndarray
    total: int

    @property
    def scrambles(self) -> np.ndarray | None:
        """Scramble of each path; None if there are too few paths to tell."""
        return monte_carlo.scrambles(self.paths, self.total)

    @property
    def groups(self) -> np.ndarray:
        """Group of each path for the jackknife of single paths."""
        return np.asarray(self.paths % min(monte_carlo.FINE, max(self.total, 1)))


def variance(by_scramble: np.ndarray, by_group: np.ndarray) -> float:
    """Variance from the values without each scramble and without each group; NaN if neither is known."""
    between, single = monte_carlo.jackknife(by_scramble), monte_carlo.jackknife(by_group)
    if np.isnan(between) or np.isnan(single):
        return between if np.isnan(single) else single
    return float(monte_carlo.combined(np.array(between), np.array(single)))


def mean(values: np.ndarray, sample: Sample, *, share: bool = False) -> Estimate:
    """Mean of (n,) values, or share of (n,) booleans."""
    numbers = values.astype(float)
    parts = monte_carlo.mean_error(numbers, sample.paths, sample.total, share=share)
    scrambles, groups = sample.scrambles, sample.groups
    return Estimate(
        float(numbers.mean()),
        parts.error,
        NONE if scrambles is None else monte_carlo.means_without(numbers, scrambles, SCRAMBLES),
        monte_carlo.means_without(numbers, groups, int(groups.max()) + 1),
        parts.extra,
    )


def quantile(values: np.ndarray, level: float, sample: Sample) -> Estimate:
    """Quantile of (n,) values, with the error of its order statistic.

    The error is not finite where the quantile is within it of an event that is still open.
    """
    method: Any = "linear" if np.isfinite(values).all() else "inverted_cdf"
    ordered = np.sort(values)
    around = np.quantile(ordered, monte_carlo.quantile_levels(level, values.size), method=method)
    scrambles = sample.scrambles
    without = NONE
    if scrambles is not None:
        rest = [values[scrambles != each] for each in range(SCRAMBLES)]
        without = np.array([np.quantile(each, level, method=method) if each.size else np.nan for each in rest])
    with np.errstate(invalid="ignore"):
        error = float(monte_carlo.quantile_error(around)) if np.isfinite(around).all() else float("inf")
    return Estimate(float(np.quantile(ordered, level, method=method)), error, without)


def combine(apply: Any, left: Estimate, right: Estimate) -> Estimate | None:
    """A function of two estimates on the same paths, or of one and a constant; None if they are not joint.

    A constant has error 0 and no values without paths.
    """
    value = float(apply(left.value, right.value))
    sides = (left, right)
    constant = [not each.joint and each.error == 0.0 for each in sides]
    if all(constant):
        return Estimate(value, 0.0)

    def without(name: str) -> np.ndarray:
        arrays = [each.value if fixed else getattr(each, name) for each, fixed in zip(sides, constant, strict=True)]
        sizes = {array.size for array in arrays if isinstance(array, np.ndarray)}
        return np.asarray(apply(*arrays)) if len(sizes) == 1 and 0 not in sizes else NONE

    by_scramble, by_group = without("by_scramble"), without("by_group")
    if any(constant):
        (error, extra) = (_through(apply, left, right, name) for name in ("error", "extra"))
        if error is not None and extra is not None:
            return Estimate(value, error, by_scramble, by_group, extra)
    sampling = variance(by_scramble, by_group)
    if np.isnan(sampling):
        return None
    shifts = (apply(left.value + left.extra, right.value) - value, apply(left.value, right.value + right.extra) - value)
    known = all(each.error > each.extra for each, fixed in zip(sides, constant, strict=True) if not fixed)
    # Two numbers that always move together have no error in their difference, whatever a path more would do.
    scale = value**2 + left.value**2 + right.value**2
    extra = 0.0 if known and sampling <= ROUNDING * scale else float(np.hypot(*shifts))
    return Estimate(value, float(np.hypot(np.sqrt(sampling), extra)), by_scramble, by_group, extra)


def _through(apply: Any, left: Estimate, right: Estimate, name: str) -> float | None:
    """An error or extra through a linear function, where one of two estimates is constant; None if it is not linear."""
    first, second = getattr(left, name), getattr(right, name)
    value = apply(left.value, right.value)
    above, below = (apply(left.value + sign * first, right.value + sign * second) - value for sign in (1.0, -1.0))
    if not abs(above + below) <= 1e-9 * (abs(above) + abs(below)) + 1e-15 * abs(value):
        return None
    return float(abs(above))
