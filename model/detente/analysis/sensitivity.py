"""Sensitivity of outcomes to uncertain assumptions: first-order variance shares and rank correlations.

The share of an assumption X in an outcome Y is Var(E[Y | X]) / Var(Y), with E[Y | X] estimated as the mean of Y in bins
of X. Squaring a mean squares its noise too, so the squares are replaced by products of bin means from different
scrambles of the Sobol' sequence, which are independent: without influence the estimate is 0 on average, and the sample
correlation of two coordinates within one scramble drops out as well. Means over bins miss the variation within a bin,
which falls with the squared number of bins. The estimate is extrapolated from two numbers of bins. Its standard error
is the jackknife over the scrambles, and what the next extrapolation would still change. Continuous outcomes enter by
rank, so that a few extreme oil prices do not decide. Given-data estimators of this kind: Plischke, Borgonovo and Smith
(2013), European Journal of Operational Research 226; extrapolation: Richardson (1911), Philosophical Transactions A
210.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from detente_kernels.tools.jit import BLOCK
from detente_kernels.tools.sobol import SCRAMBLES

from detente.config.distributions import JointDraw
from detente.config.loader import Config
from detente.engine.monte_carlo import jackknife
from detente.engine.sampling import draws

Values = Mapping[str, np.ndarray]
"""Parameters and facts by dotted key, (paths,) each."""
MOST_PATHS = 65_536
"""Paths used: enough for shares of a tenth of a per cent, and few enough for any memory."""
FEWEST_PATHS = 1_000
FEWEST_GROUPS = 8
SIGMAS = 4.0
"""Standard errors from which a share is significant; more than usual because hundreds of assumptions are tested."""
CLASSES = 20
"""Values up to which an assumption is discrete, with a bin a value."""
FEWEST_BINS, MOST_BINS = 12, 40
FIFTH = 0.2


@dataclass(frozen=True)
class Target:
    """An outcome by path, (paths,), and its unit.

    ``by_rank`` for quantities, off for 0/1 outcomes; ``by_mean``: groups are summarised by their mean.
    """

    name: str
    unit: str
    values: np.ndarray
    by_rank: bool = True
    by_mean: bool = False


@dataclass(frozen=True)
class Share:
    """Effect of one assumption on one target.

    Variance share with its standard error, rank correlation, and the outcome over the lowest and the highest fifth of
    the assumption, with its error ``std_error``.
    """

    share: float
    error: float
    correlation: float
    low: float
    high: float
    std_error: float

    @property
    def significant(self) -> bool:
        """Whether the share is statistically distinguishable from zero."""
        return self.share > SIGMAS * self.error and self.share > 0.0


@dataclass(frozen=True)
class Assumption:
    """An uncertain assumption: parameters or facts drawn together, the 90% range of the first, and its shares."""

    keys: tuple[str, ...]
    low: float
    high: float
    shares: dict[str, Share] = field(default_factory=dict)

    @property
    def largest(self) -> tuple[str, Share] | None:
        """The target with the largest significant share."""
        shares = [(name, share) for name, share in self.shares.items() if share.significant]
        return max(shares, key=lambda item: item[1].share, default=None)

    @property
    def reach(self) -> float:
        """Its largest significant share; 0 if there is none."""
        return self.largest[1].share if self.largest else 0.0


@dataclass(frozen=True)
class Sensitivity:
    """Assumptions with a significant share, the largest first.

    By target: ``paths`` used, the detection limit ``floor``, and the share ``explained``.
    """

    assumptions: tuple[Assumption, ...]
    drawn: int
    paths: dict[str, int]
    floor: dict[str, float]
    explained: dict[str, float]

    def top(self, most: int = 8) -> list[Assumption]:
        """The assumptions with the largest shares."""
        return list(self.assumptions[:most])

    def leader(self, target: str) -> Assumption | None:
        """The assumption with the largest share in one target."""
        moving = [a for a in self.assumptions if target in a.shares and a.shares[target].significant]
        return max(moving, key=lambda a: a.shares[target].share, default=None)


def sensitivity(config: Config, targets: Mapping[str, Target], values: Values | None = None) -> Sensitivity:
    """Shares of every uncertain assumption in each target.

    A target that does not vary, or has too few paths, is left out.

    Path i of a target is path i of the run; NaN marks a failed path. A target may cover the first paths only.
    ``values``: the simulated values of the run, if at hand (``drawn_values``).
    """
    usable = {name: target for name, target in targets.items() if _usable(target.values[:MOST_PATHS])}
    if not usable:
        return Sensitivity((), 0, {}, {}, {})
    values = drawn_values(config) if values is None else values
    groups = _groups(config, values)
    prepared = {name: _Prepared(target) for name, target in usable.items()}
    assumptions = [_assumption(keys, values, prepared) for keys in groups]
    explained, floor = {}, {}
    for name in usable:
        explained[name] = sum(a.shares[name].share for a in assumptions if a.shares[name].significant)
        bounds = [SIGMAS * a.shares[name].error for a in assumptions if not a.shares[name].significant]
        floor[name] = float(np.median(bounds)) if bounds else 0.0
    ordered = sorted((a for a in assumptions if a.largest), key=lambda a: (-a.reach, a.keys))
    paths = {name: int(np.isfinite(target.values[:MOST_PATHS]).sum()) for name, target in usable.items()}
    return Sensitivity(tuple(ordered), len(groups), paths, floor, explained)


def drawn_values(config: Config) -> Values:
    """Simulated values of parameters and facts on the first paths of a run, at most MOST_PATHS."""
    return draws(config, min(config.run.paths, MOST_PATHS))


@dataclass(frozen=True)
class Alternative:
    """A row of a joint table: its numbers, its share of the paths, and the outcome on them with its error."""

    row: tuple[float, ...]
    share: float
    outcome: float
    error: float


def alternatives(config: Config, table: str, target: Target, values: Values) -> list[Alternative]:
    """Rows of a joint table, such as pairs of elasticities, with weight and outcome; ``values``: ``drawn_values``."""
    joint = config.joints[table]
    n = min(target.values.size, MOST_PATHS)
    drawn = [key for key in joint.columns if _table_of(config, key) == table]
    valid = np.isfinite(target.values[:n])
    rows = []
    for row in joint.rows:
        here = valid.copy()
        for key in drawn:
            here &= values[key][:n] == row[joint.columns.index(key)]
        rows.append(
            Alternative(row, float(here.sum() / max(valid.sum(), 1)), *_centre(target, target.values[:n][here]))
        )
    return rows


def _usable(values: np.ndarray) -> bool:
    """Whether a target has enough paths, in enough scrambles, and varies."""
    finite = values[np.isfinite(values)]
    groups = min(-(-values.size // BLOCK), SCRAMBLES)
    return finite.size >= FEWEST_PATHS and groups >= FEWEST_GROUPS and finite.min() < finite.max()


def _table_of(config: Config, key: str) -> str:
    """The joint table that a parameter is drawn from; "" if none."""
    record = config.parameters.get(key) or config.facts[key]
    return record.dist.table if isinstance(record.dist, JointDraw) else ""


def _groups(config: Config, values: Values) -> list[tuple[str, ...]]:
    """Groups drawn together: single parameters or facts, or the columns of a joint table."""
    groups: dict[str, list[str]] = {}
    for key in values:
        record = config.parameters.get(key) or config.facts[key]
        if record.dist is not None:
            groups.setdefault(_table_of(config, key) or key, []).append(key)
    return [tuple(keys) for keys in groups.values()]


def _assumption(keys: tuple[str, ...], values: Values, targets: Mapping[str, "_Prepared"]) -> Assumption:
    x = values[keys[0]] if len(keys) == 1 else _codes(np.stack([values[key] for key in keys]))
    low, high = np.quantile(values[keys[0]], [0.05, 0.95])
    sorted_once: dict[bytes, _Sorted] = {}
    shares = {}
    for name, target in targets.items():
        same = target.valid.tobytes()  # most targets cover the same paths, and sorting is what takes time
        if same not in sorted_once:
            sorted_once[same] = _Sorted(x[target.valid])
        shares[name] = _share(target, sorted_once[same])
        if len(keys) > 1:
            shares[name] = _of_table(target, shares[name], sorted_once[same])
    return Assumption(keys, float(low), float(high), shares)


def _codes(columns: np.ndarray) -> np.ndarray:
    """One number for each distinct column of values."""
    return np.unique(columns, axis=1, return_inverse=True)[1].astype(float).ravel()


class _Prepared:
    """A target standardised: valid paths, their outcome with mean 0 and variance 1, and their scrambles."""

    def __init__(self, target: Target) -> None:
        values = target.values[:MOST_PATHS]
        self.target = target
        self.valid = np.flatnonzero(np.isfinite(values))
        self.values = values[self.valid]
        outcome = _Sorted(self.values).ranks if target.by_rank else self.values
        self.outcome = (outcome - outcome.mean()) / outcome.std()
        self.scramble = (self.valid // BLOCK) % SCRAMBLES


class _Sorted:
    """Ordered values: ``ranks`` from 1 (ties share their mean rank), and ``bins`` with their ``count``.

    A discrete distribution has one bin a value; a continuous one has equally full bins, a multiple of four that grows
    with the number of paths.
    """

    def __init__(self, values: np.ndarray) -> None:
        order = np.argsort(values, kind="stable")
        ordered = values[order]
        first = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
        sizes = np.diff(np.append(first, values.size))
        self.ranks = np.empty(values.size)
        self.ranks[order] = np.repeat(first + 0.5 * (sizes + 1), sizes)
        self.bins = np.empty(values.size, np.int64)
        self.continuous = False
        if first.size <= CLASSES:
            self.count = first.size
            self.bins[order] = np.repeat(np.arange(first.size), sizes)
        else:
            self.continuous = True
            self.count = 4 * round(float(np.clip(np.cbrt(values.size), FEWEST_BINS, MOST_BINS)) / 4.0)
            self.bins[order] = np.arange(values.size) * self.count // values.size


def _share(target: _Prepared, x: _Sorted) -> Share:
    """One assumption's share in one target."""
    cell = target.scramble * x.count + x.bins
    totals = np.bincount(cell, target.outcome, SCRAMBLES * x.count).reshape(SCRAMBLES, x.count)
    sizes = np.bincount(cell, minlength=SCRAMBLES * x.count).reshape(SCRAMBLES, x.count)
    held = np.flatnonzero(sizes.sum(axis=1))
    share, error = (_extrapolated if x.continuous else _with_error)(totals[held], sizes[held])
    spread = x.ranks.std()
    correlation = float(np.mean((x.ranks - x.ranks.mean()) * target.outcome) / spread) if spread > 0.0 else 0.0
    reach = x.ranks / x.ranks.size
    ends = (reach <= max(FIFTH, reach.min()), reach >= min(1.0 - FIFTH, reach.max()))
    (low, first), (high, last) = (_centre(target.target, target.values[here]) for here in ends)
    return Share(share, error, correlation, low, high, max(first, last))


def _of_table(target: _Prepared, share: Share, x: _Sorted) -> Share:
    """Share of a joint table, whose rows have no order: no correlation, and the ends are the extreme outcomes."""
    centres = [_centre(target.target, target.values[x.bins == k]) for k in range(x.count)]
    low, high = min(centres), max(centres)
    return replace(share, correlation=float("nan"), low=low[0], high=high[0], std_error=max(low[1], high[1]))


def _with_error(totals: np.ndarray, sizes: np.ndarray) -> tuple[float, float]:
    """Share over bins that hold one value each, with its error."""
    share, without = _products(totals, sizes)
    return share, math.sqrt(jackknife(without))


def _extrapolated(totals: np.ndarray, sizes: np.ndarray) -> tuple[float, float]:
    """Share of a continuous assumption, extrapolated to infinitely many bins, with its error.

    From all bins and from pairs of them. From pairs and fours comes a second extrapolation. If the difference between
    the two exceeds its own noise, the excess is part of the error: it is what is left where the mean outcome jumps.
    """
    results = []
    for width in (1, 2, 4):
        share, without = _products(*(each.reshape(len(each), -1, width).sum(axis=2) for each in (totals, sizes)))
        results.append(np.append(share, without))
    best, second = ((4.0 * fine - coarse) / 3.0 for fine, coarse in pairwise(results))
    change = best - second
    left = max(change[0] ** 2 - jackknife(change[1:]), 0.0)
    return float(best[0]), math.sqrt(jackknife(best[1:]) + left)


def _products(totals: np.ndarray, sizes: np.ndarray) -> tuple[float, np.ndarray]:
    """Weighted sum over bins of the mean product of bin means of different scrambles, in total and by jackknife.

    The jackknife leaves out each scramble in turn, (scrambles,). ``totals`` and ``sizes``: sum and number of the
    outcomes of each scramble in each bin, (scrambles, bins).
    """
    means = totals / np.maximum(sizes, 1)
    nothing = np.zeros((1, sizes.shape[1]))
    out, squares, counts, paths = (np.concatenate([nothing, each]) for each in (means, means**2, sizes > 0, sizes))
    pairs = (means.sum(axis=0) - out) ** 2 - ((means**2).sum(axis=0) - squares)
    n = (sizes > 0).sum(axis=0) - counts
    weight = sizes.sum(axis=0) - paths
    sums = np.sum(weight * pairs / np.maximum(n * (n - 1), 1), axis=1) / weight.sum(axis=1)
    return float(sums[0]), sums[1:]


def _centre(target: Target, values: np.ndarray) -> tuple[float, float]:
    """Mean of a share or a difference, median of a level, with its standard error; NaN without values."""
    n = values.size
    if n == 0:
        return float("nan"), float("nan")
    if target.by_mean or not target.by_rank:
        return float(values.mean()), float(values.std() / np.sqrt(n))
    below, median, above = np.quantile(values, np.clip(0.5 + np.array([-0.5, 0.0, 0.5]) / np.sqrt(n), 0.0, 1.0))
    return float(median), float(0.5 * (above - below))
