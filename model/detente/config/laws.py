"""Exact probabilities and quantiles of the distributions that a record may carry, far tails included.

A distribution is taken apart into continuous curves between limits and single points, each with its weight; nested
mixtures and truncations are resolved on the way. Probabilities are pairs, below and above a value, so that a tail is as
exact as the body: nothing is computed as one minus something close to one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special

from detente.config import continuous

if TYPE_CHECKING:
    from detente.config.distributions import Distribution

Pair = tuple[np.ndarray, np.ndarray]
"""Probability below (or at) a value and probability above it."""
NARROW = 1e-10
"""A curve whose limits enclose less than this share of its tail is flat between them, to the precision of numbers."""
ITERATIONS = 400
LARGEST = 1e300
"""Quantiles are held within this limit."""


@dataclass(frozen=True)
class Curve:
    """A continuous distribution between two limits."""

    dist: Any
    low: float
    high: float

    @cached_property
    def _ends(self) -> tuple[float, float, float, float]:
        """Probability below and above the lower limit, and below and above the upper limit, before truncation."""
        below, above = _tails(self.dist, np.array([self.low, self.high]))
        return float(below[0]), float(above[0]), float(below[1]), float(above[1])

    @cached_property
    def mass(self) -> float:
        """Probability between the limits before truncation."""
        below_low, above_low, below_high, above_high = self._ends
        if above_low < below_low:
            return above_low - above_high
        if below_high < above_high:
            return below_high - below_low
        return 1.0 - below_low - above_high

    def tails(self, x: np.ndarray) -> Pair:
        """Probability at or below, and above, each value."""
        inside = np.clip(x, self.low, self.high)
        below, above = _tails(self.dist, inside)
        below_low, above_low, below_high, above_high = self._ends
        mass = self.mass
        if mass < NARROW * min(above_low, below_high):
            share = (inside - self.low) / (self.high - self.low)
            return share, 1.0 - share
        under = below - below_low if below_low <= above_low else above_low - above
        over = below_high - below if below_high <= above_high else above - above_high
        return np.clip(under / mass, 0.0, 1.0), np.clip(over / mass, 0.0, 1.0)

    def quantile(self, p: np.ndarray, q: np.ndarray) -> np.ndarray:
        """Values with probability ``p`` below and ``q`` = 1 - p above."""
        below_low, above_low, below_high, above_high = self._ends
        mass = self.mass
        if mass < NARROW * min(above_low, below_high):
            values = np.where(p <= q, self.low + p * (self.high - self.low), self.high - q * (self.high - self.low))
            return np.asarray(np.clip(values, self.low, self.high))
        if above_low < below_low:
            above = np.where(q <= p, above_high + q * mass, above_low - p * mass)
            below = 1.0 - above
        elif below_high < above_high:
            below = np.where(p <= q, below_low + p * mass, below_high - q * mass)
            above = 1.0 - below
        else:
            below, above = below_low + p * mass, above_high + q * mass
        values = np.clip(_inverse(self.dist, below, above), max(self.low, -LARGEST), min(self.high, LARGEST))
        return np.asarray(values)


@dataclass(frozen=True)
class Law:
    """A distribution as weighted curves and weighted points; all weights sum to 1.

    ``points`` are rising, (n,), with ``weights`` (n,).
    """

    curves: tuple[tuple[float, Curve], ...]
    points: np.ndarray
    weights: np.ndarray

    def tails(self, x: np.ndarray) -> Pair:
        """Probability at or below, and above, each value."""
        return self._tails(x, "right")

    def tails_before(self, x: np.ndarray) -> Pair:
        """Probability below, and at or above, each value."""
        return self._tails(x, "left")

    def _tails(self, x: np.ndarray, side: Any) -> Pair:
        x = np.asarray(x, float)
        place = np.searchsorted(self.points, x, side=side)
        below = np.r_[0.0, np.cumsum(self.weights)][place]
        above = np.r_[np.cumsum(self.weights[::-1])[::-1], 0.0][place]
        for weight, curve in self.curves:
            under, over = curve.tails(x)
            below, above = below + weight * under, above + weight * over
        return below, above

    def breaks(self) -> np.ndarray:
        """Points and finite limits of curves, rising: between two neighbours nothing begins or ends."""
        limits = [limit for _, curve in self.curves for limit in (curve.low, curve.high)]
        values = np.unique(np.r_[self.points, limits])
        return np.asarray(values[np.isfinite(values)])

    def quantile(self, p: np.ndarray, q: np.ndarray) -> np.ndarray:
        """Smallest values with at least probability ``p`` at or below; ``q`` = 1 - p."""
        if len(self.curves) == 1 and not self.points.size:
            return self.curves[0][1].quantile(p, q)
        breaks = self.breaks()
        below, above = self.tails(breaks)
        place = np.where(p <= q, np.searchsorted(below, p), breaks.size - np.searchsorted(above[::-1], q, side="right"))
        low, high = np.r_[-np.inf, breaks][place], np.r_[breaks, np.inf][place]
        if breaks.size:
            before, from_on = self.tails_before(breaks)
            here = np.minimum(place, breaks.size - 1)
            at_break = (place < breaks.size) & np.where(p <= q, before[here] < p, from_on[here] > q)
            low = np.where(at_break, high, low)
        if self.curves:
            reach = np.array([curve.quantile(p, q) for _, curve in self.curves])
            low = np.where(np.isfinite(low), low, np.minimum(reach.min(axis=0), high))
            high = np.where(np.isfinite(high), high, np.maximum(reach.max(axis=0), low))
        values = np.array(high)
        open_ = low < high
        if open_.any():
            values[open_] = self._between(low[open_], high[open_], p[open_], q[open_])
        return values

    def _between(self, low: np.ndarray, high: np.ndarray, p: np.ndarray, q: np.ndarray) -> np.ndarray:
        """Values where the continuous part of the distribution function meets the probabilities."""
        from scipy.optimize import elementwise

        def miss(x: np.ndarray, p: np.ndarray, q: np.ndarray) -> np.ndarray:
            below, above = self.tails(x)
            return np.asarray(np.where(p <= q, (below - p) / np.minimum(p, 0.5), (q - above) / np.minimum(q, 0.5)))

        at_low, at_high = miss(low, p, q), miss(high, p, q)
        values = np.where(at_low >= 0.0, low, high)
        crossed = (at_low < 0.0) & (at_high > 0.0)
        if crossed.any():
            brackets, rest = (low[crossed], high[crossed]), (p[crossed], q[crossed])
            values[crossed] = elementwise.find_root(
                miss, brackets, args=rest, tolerances={"xatol": 0.0, "xrtol": 1e-14}, maxiter=ITERATIONS
            ).x
        return values


@lru_cache(maxsize=512)
def law(dist: "Distribution") -> Law:
    """The law of a distribution other than a joint draw."""
    parts = list(_parts(dist, *continuous.REALS))
    total = sum(weight for weight, _ in parts)
    curves = tuple((weight / total, part) for weight, part in parts if isinstance(part, Curve))
    values = np.array([part for _, part in parts if not isinstance(part, Curve)], float)
    weights = np.array([weight / total for weight, part in parts if not isinstance(part, Curve)], float)
    points, place = np.unique(values, return_inverse=True)
    return Law(curves, points, np.bincount(place, weights, minlength=points.size))


def mass(dist: "Distribution", low: float, high: float) -> float:
    """Probability from ``low`` to ``high``, both included."""
    return float(sum(weight for weight, _ in _parts(dist, low, high)))


def outside(dist: "Distribution", low: float, high: float) -> tuple[float, float]:
    """Probability below ``low`` and above ``high``."""
    known = law(dist)
    return float(known.tails_before(np.array([low]))[0][0]), float(known.tails(np.array([high]))[1][0])


def median(dist: "Distribution") -> float:
    """The median."""
    half = np.array([0.5])
    return float(law(dist).quantile(half, half)[0])


def share_left(dist: "Distribution") -> float:
    """Share of a distribution that its own truncation keeps, 1 without one."""
    if dist.truncate is None:
        return 1.0
    return mass(dist.model_copy(update={"truncate": None}), *dist.truncate)


def _parts(dist: Any, low: float, high: float) -> Iterator[tuple[float, Curve | float]]:
    """Curves and points between two limits with their probabilities, given the distribution's own truncation."""
    from detente.config.distributions import Choice, Empirical, Mixture

    first, last = dist.truncate or continuous.REALS
    low, high = max(low, first), min(high, last)
    if low > high:
        return
    if isinstance(dist, Mixture):
        own = 1.0
        if dist.truncate is not None:
            own = sum(part.weight * mass(part.dist, first, last) for part in dist.components)
        for part in dist.components:
            if part.weight > 0.0:
                for weight, piece in _parts(part.dist, low, high):
                    yield part.weight * weight / own, piece
    elif isinstance(dist, Choice | Empirical):
        pairs = dist.weighted()
        total = sum(weight for _, weight in pairs)
        for value, weight in pairs:
            if low <= value <= high:
                yield weight / total, value
    else:
        limits = dist.within(low, high)
        if limits is not None and (curve := Curve(dist, *limits)).mass > 0.0:
            yield curve.mass / Curve(dist, *dist.support()).mass, curve


def _tails(dist: Any, x: np.ndarray) -> Pair:
    """Probability below and above each value of a continuous distribution before truncation."""
    if isinstance(dist, continuous.Gaussian):
        middle, below, above = dist.halves()
        if dist.in_logs():
            with np.errstate(divide="ignore"):
                x = np.log(np.maximum(x, 0.0))
        z = (x - middle) / np.where(x < middle, below, above)
        return special.ndtr(z), special.ndtr(-z)
    if isinstance(dist, continuous.Gamma):
        scaled = np.maximum(x, 0.0) * dist.rate
        return special.gammainc(dist.shape, scaled), special.gammaincc(dist.shape, scaled)
    width = dist.max - dist.min
    left, right = np.clip((x - dist.min) / width, 0.0, 1.0), np.clip((dist.max - x) / width, 0.0, 1.0)
    if isinstance(dist, continuous.Beta):
        return special.betainc(dist.a, dist.b, left), special.betainc(dist.b, dist.a, right)
    if isinstance(dist, continuous.Triangular):
        rise, fall = (dist.mode - dist.min) / width, (dist.max - dist.mode) / width
        under, over = left**2 / rise if rise else left * 0.0, right**2 / fall if fall else right * 0.0
        rising = (left <= rise) & (rise > 0.0)
        return np.where(rising, under, 1.0 - over), np.where(rising, 1.0 - under, over)
    return left, right


def _inverse(dist: Any, p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Values of a continuous distribution before truncation, with ``p`` below and ``q`` = 1 - p above."""
    lower = p <= q
    near = np.minimum(p, q)
    if isinstance(dist, continuous.Gaussian):
        middle, below, above = dist.halves()
        z = special.ndtri(near)
        values = np.where(lower, middle + z * below, middle - z * above)
        return np.asarray(np.exp(np.minimum(values, 700.0)) if dist.in_logs() else values)
    if isinstance(dist, continuous.Gamma):
        scaled = np.where(lower, special.gammaincinv(dist.shape, near), special.gammainccinv(dist.shape, near))
        return np.asarray(scaled / dist.rate)
    width = dist.max - dist.min
    if isinstance(dist, continuous.Beta):
        left = dist.min + width * special.betaincinv(dist.a, dist.b, near)
        right = dist.max - width * special.betaincinv(dist.b, dist.a, near)
        return np.asarray(np.where(lower, left, right))
    if isinstance(dist, continuous.Triangular):
        rise, fall = dist.mode - dist.min, dist.max - dist.mode
        left, right = dist.min + np.sqrt(p * width * rise), dist.max - np.sqrt(q * width * fall)
        return np.asarray(np.where(p * width <= rise, left, right))
    return np.asarray(np.where(lower, dist.min + near * width, dist.max - near * width))
