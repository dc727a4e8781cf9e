"""Parameter draws: scrambled Sobol' points by path index, through tabulated inverse distribution functions.

Path i belongs to scramble ``(i // BLOCK) % scrambles`` and is point ``(i // (BLOCK scrambles)) BLOCK + i % BLOCK`` of
it: independent scrambles side by side, so that the spread of their means measures the error (Owen 1997). A point is the
exclusive-or of direction numbers by the Gray code of its index (Antonov and Saleev 1979); the numbers come from SciPy,
and a test holds these points equal to SciPy's.
"""

from typing import NamedTuple

import numpy as np

from .jit import BLOCK, inline, kernel
from .special import normal_quantile

BITS = 30
SCRAMBLES = 16
NODES = 2049
"""Nodes of a tabulated inverse distribution function, evenly spaced in the standard normal variable."""
REACH = 6.4
"""Standard normal value at the last node; the table is flat beyond."""


@inline
def scramble_of(path):
    """Which scramble a path belongs to, and its index there."""
    block = path // BLOCK
    return block % SCRAMBLES, (block // SCRAMBLES) * BLOCK + path % BLOCK


@inline
def sobol_word(index, shift, directions, d):
    """Coordinate ``d`` of point ``index`` as an integer of 30 bits."""
    gray = index ^ (index >> 1)
    word = shift[d]
    k = 0
    while gray:
        if gray & 1:
            word ^= directions[d, k]
        gray >>= 1
        k += 1
    return word


@inline
def trailing_zeros(number):
    """Zeros at the low end of a positive integer."""
    k = 0
    while number & 1 == 0:
        number >>= 1
        k += 1
    return k


@inline
def unit_interval(word):
    """A word of 30 bits as the middle of its cell of width 2^-30 in (0, 1)."""
    return (float(word) + 0.5) * 2.0**-BITS


@inline
def look_up(table, z):
    """Value at standard normal ``z`` of an inverse distribution function, linear between the nodes of its table."""
    position = (min(max(z, -REACH), REACH) + REACH) * ((NODES - 1) / (2.0 * REACH))
    cell = min(int(position), NODES - 2)
    weight = position - cell
    return table[cell] + weight * (table[cell + 1] - table[cell])


@inline
def between_knots(places, values, first, end, z):
    """Value at standard normal ``z`` of an inverse distribution function with knots ``first`` to before ``end``.

    Linear between knots, which stand in rising order of their standard normal values ``places``. Two knots at one place
    are a jump. The function is constant beyond the outer knots.
    """
    if z < places[first]:
        return values[first]
    low, high = first, end
    while high - low > 1:
        middle = (low + high) // 2
        if places[middle] <= z:
            low = middle
        else:
            high = middle
    if high == end:
        return values[low]
    weight = (z - places[low]) / (places[high] - places[low])
    return values[low] + weight * (values[high] - values[low])


class Sampler(NamedTuple):
    """Tables that parameters are drawn from.

    ``shifts`` (scrambles, d) and ``directions`` (scrambles, d, bits) int64; ``cholesky`` (d, d) lower triangle of the
    Gaussian copula, read for the coordinates listed in ``correlated`` only; ``dimension`` (rows,) coordinate that a row
    is drawn from, or -1 for ``fixed`` (rows,); ``tables`` (rows, NODES); ``knots`` (rows + 1,) int64: a row with knots
    has those from its entry to before the next one, in ``places`` and ``values``, and no table.
    """

    shifts: np.ndarray
    directions: np.ndarray
    cholesky: np.ndarray
    correlated: np.ndarray
    dimension: np.ndarray
    tables: np.ndarray
    knots: np.ndarray
    places: np.ndarray
    values: np.ndarray
    fixed: np.ndarray


@kernel
def draw(first_path, sampler, out):
    """Parameters of one block into ``out`` (rows, BLOCK)."""
    shifts, directions, cholesky, correlated, dimension, tables, knots, places, values, fixed = sampler
    d = shifts.shape[1]
    z = np.empty((d, BLOCK))
    scramble, first = scramble_of(first_path)
    shift = shifts[scramble]
    direction = directions[scramble]
    for k in range(d):
        word = sobol_word(first, shift, direction, k)
        for lane in range(BLOCK):
            if lane > 0:  # the Gray codes of neighbours differ in one bit
                word ^= direction[k, trailing_zeros(first + lane)]
            z[k, lane] = unit_interval(word)
        for lane in range(BLOCK):
            z[k, lane] = normal_quantile(z[k, lane])
    # From the last coordinate to the first: each needs the independent values of those before it.
    for c in range(correlated.size - 1, -1, -1):
        k = correlated[c]
        for lane in range(BLOCK):
            total = 0.0
            for j in range(k + 1):
                total += cholesky[k, j] * z[j, lane]
            z[k, lane] = total
    for row in range(out.shape[0]):
        k, first, end = dimension[row], knots[row], knots[row + 1]
        for lane in range(BLOCK):
            if k < 0:
                out[row, lane] = fixed[row]
            elif first == end:
                out[row, lane] = look_up(tables[row], z[k, lane])
            else:
                out[row, lane] = between_knots(places, values, first, end, z[k, lane])
