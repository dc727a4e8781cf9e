"""Inverse distribution functions as tables over the standard normal variable, built once a run.

Where a function is smooth, straight lines between evenly spaced nodes are exact enough. Where it jumps, as between the
values of a choice or the parts of a mixture, or bends sharply, knots stand at the jumps and as close as it takes.
Numbers are rounded to twelve digits: special functions differ between machines in the last bit, and the kernels must
not.
"""

from typing import Any, NamedTuple

import numpy as np
from detente_kernels.tools.sobol import NODES, REACH
from scipy.special import ndtr, ndtri

from detente.config import laws
from detente.config.distributions import JointDraw
from detente.config.schema import Joint, Record
from detente.shared.errors import ConfigError

GRID = np.linspace(-REACH, REACH, NODES)
DIGITS = 12
TOLERANCE = 2e-5
"""Largest error halfway between two knots, relative to the interquartile range plus the distance from the median."""
CENTRAL, CENTRAL_TOLERANCE = 3.3, 2e-4
"""Within this standard normal value also the largest error relative to the interquartile range alone."""
CLOSEST = 1e-9
"""Distance of two knots below which nothing is put between them: as fine as the points that paths draw."""
MOST_KNOTS = 100_000
COARSE = 8
"""Of how many nodes one begins the knots of a distribution of several parts."""


class Table(NamedTuple):
    """An inverse distribution function.

    ``nodes`` (NODES,): values at the standard normal values GRID. ``knots`` (2, k): standard normal values, rising, and
    values; k = 0 where the nodes are exact enough.
    """

    nodes: np.ndarray
    knots: np.ndarray


def table(record: Record, joint: Joint | None, key: str) -> Table:
    """The inverse distribution function of a record, which must have a distribution.

    ``key`` is the record's dotted name, by which ``joint``, the table that the record is drawn from if any, finds its
    column.
    """
    if isinstance(record.dist, JointDraw):
        assert joint is not None
        return _rows(np.array(joint.column(key)), np.array(joint.weights))
    assert record.dist is not None
    law, (low, high) = laws.law(record.dist), record.dist.support()
    single = len(law.curves) == 1 and not law.points.size
    knots = _refined(law, *_start(law, GRID if single else GRID[:: COARSE if law.curves else NODES - 1]))
    if not np.isfinite(knots).all():
        raise ConfigError(f"{key}: the distribution is too extreme to be computed; choose less extreme parameters.")
    knots[1] = np.clip(rounded(knots[1]), low, high)
    if single and knots.shape[1] == NODES:
        return Table(knots[1], np.empty((2, 0)))
    return Table(np.zeros(NODES), knots)


def quantile(dist: Any, p: np.ndarray) -> np.ndarray:
    """Quantiles of a distribution other than a joint draw at probabilities ``p``, truncation included."""
    p = np.asarray(p, float)
    return laws.law(dist).quantile(p, 1.0 - p)


def rounded(values: np.ndarray) -> np.ndarray:
    """Round to DIGITS significant digits."""
    size = np.abs(np.where(np.abs(values) < 1e-280, 1.0, values))
    scale = 10.0 ** (DIGITS - 1 - np.floor(np.log10(size)))
    return np.round(values * scale) / scale


def _values(law: laws.Law, z: np.ndarray) -> np.ndarray:
    """Values at standard normal ``z``; rising, also where a special function is not."""
    return np.maximum.accumulate(law.quantile(ndtr(z), ndtr(-z)))


def _start(law: laws.Law, grid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Places and values of the grid and, within it, of both sides of everything that begins or ends."""
    breaks = law.breaks()
    before, after = _places(*law.tails_before(breaks)), _places(*law.tails(breaks))
    places = np.r_[grid, np.column_stack([before, after]).ravel()]
    values = np.r_[_values(law, grid), np.repeat(breaks, 2)]
    inside = np.abs(places) <= REACH
    order = np.lexsort((values[inside], places[inside]))
    return places[inside][order], np.maximum.accumulate(values[inside][order])


def _places(below: np.ndarray, above: np.ndarray) -> np.ndarray:
    """Standard normal values of probabilities, to DIGITS digits."""
    exact = np.where(below <= above, ndtri(np.clip(below, 0.0, 1.0)), -ndtri(np.clip(above, 0.0, 1.0)))
    inside = np.abs(exact) <= REACH
    return np.where(inside, rounded(np.where(inside, exact, 0.0)), exact)


def _refined(law: laws.Law, places: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Places and values (2, k) with knots added until straight lines between them are exact enough."""
    quarters = law.quantile(np.array([0.25, 0.5, 0.75]), np.array([0.75, 0.5, 0.25]))
    scale = quarters[2] - quarters[0] or values[-1] - values[0]
    suspect = np.ones(places.size - 1, bool)
    while suspect.any() and places.size < MOST_KNOTS:
        left = np.flatnonzero(suspect & (np.diff(places) > CLOSEST))
        middle = 0.5 * (places[left] + places[left + 1])
        exact = np.clip(_values(law, middle), values[left], values[left + 1])
        error = np.abs(exact - 0.5 * (values[left] + values[left + 1]))
        allowed = TOLERANCE * (scale + np.abs(exact - quarters[1]))
        allowed = np.where(np.abs(middle) <= CENTRAL, np.minimum(allowed, CENTRAL_TOLERANCE * scale), allowed)
        wrong = error > allowed
        left, middle, exact = left[wrong], middle[wrong], exact[wrong]
        order = np.argsort(np.r_[np.arange(places.size), left + 0.5], kind="stable")
        fresh = np.r_[np.zeros(places.size, bool), np.ones(left.size, bool)][order]
        places, values = np.r_[places, middle][order], np.r_[values, exact][order]
        suspect = fresh[:-1] | fresh[1:]
    return np.vstack([places, values])


def _rows(values: np.ndarray, weights: np.ndarray) -> Table:
    """Rows of a joint table in their order, each as long as its weight; all columns share the order."""
    used = weights > 0.0
    values, weights = values[used], weights[used] / weights.sum()
    below, above = np.cumsum(weights)[:-1], np.cumsum(weights[::-1])[::-1][1:]
    ends = np.clip(_places(below, above), -REACH, REACH)
    places = np.r_[-REACH, np.repeat(ends, 2), REACH]
    return Table(np.zeros(NODES), np.vstack([places, np.repeat(values, 2)]))
