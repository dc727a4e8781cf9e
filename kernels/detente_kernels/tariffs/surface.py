"""Surface: trade effects solved beforehand, read inside the path loop.

``effects[set, rate, elasticity, output]`` holds what exact hat algebra gives at the nodes; ``set`` has one bit a buyer
under the tariff. Between nodes the outputs are linear in ln(1 + tariff) and in ln(elasticity); a test states the error
that this leaves.
"""

from typing import NamedTuple

import numpy as np

from ..tools.jit import inline
from ..tools.special import log


class Surface(NamedTuple):
    """Trade effects at nodes, which rise.

    ``effects`` is float64 (sets, rates, elasticities, outputs); its first rate is a tariff of zero.
    """

    log_rates: np.ndarray
    log_elasticities: np.ndarray
    effects: np.ndarray


class Place(NamedTuple):
    """A place between nodes: lower rate and elasticity node, and the weights of the upper ones."""

    rate: int
    elasticity: int
    rate_weight: float
    elasticity_weight: float


@inline
def _between(nodes, x):
    """Lower node and weight of the upper one; outside the nodes the nearest edge."""
    k = 0
    while k < nodes.size - 2 and nodes[k + 1] < x:
        k += 1
    weight = (x - nodes[k]) / (nodes[k + 1] - nodes[k])
    return k, min(max(weight, 0.0), 1.0)


@inline
def place(surface, tariff, elasticity):
    """Where a tariff (1.0 = 100%) and a trade elasticity lie."""
    i, u = _between(surface.log_rates, log(1.0 + tariff))
    j, v = _between(surface.log_elasticities, log(elasticity))
    return Place(i, j, u, v)


@inline
def read(surface, members, at, output):
    """One output for the set of buyers ``members`` at a place."""
    table = surface.effects[members]
    i, j, u, v = at.rate, at.elasticity, at.rate_weight, at.elasticity_weight
    low = (1.0 - v) * table[i, j, output] + v * table[i, j + 1, output]
    high = (1.0 - v) * table[i + 1, j, output] + v * table[i + 1, j + 1, output]
    return (1.0 - u) * low + u * high
