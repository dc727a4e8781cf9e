"""Reductions in the loop: sums by scramble, and counts in logarithmic bins. Both merge exactly.

Sums are kept for each unit of paths and merged in a fixed tree over the units, so that the bits do not depend on
chunks, threads or machines; counts are integers. A bin is the sign, the exponent and the first seven bits of the
mantissa of a float: no range to choose, a width of at most 0.8 per cent.
"""

import numpy as np

from .tools.jit import BLOCK, inline, kernel
from .tools.sobol import SCRAMBLES
from .tools.special import float_to_bits

UNIT = BLOCK * SCRAMBLES
"""Paths of one unit of summation: one block of each scramble. A chunk has complete units only."""
MANTISSA_BITS = 7
LOWEST = -12
HIGHEST = 16
POSITIVE = (HIGHEST - LOWEST) << MANTISSA_BITS
BINS = 2 * POSITIVE + 1
"""Bins: negative values from large to small, then zero (all below 2^-12), then positive values."""


@inline
def bin_of(value):
    """Bin of a finite value; magnitudes of 2^16 and more fall into the last bin of their sign."""
    bits = float_to_bits(abs(value))
    cell = (bits >> np.int64(52 - MANTISSA_BITS)) - np.int64((1023 + LOWEST) << MANTISSA_BITS) + np.int64(1)
    distance = min(max(cell, np.int64(0)), np.int64(POSITIVE))
    return np.int64(POSITIVE) + (distance if value > 0.0 else -distance)


def edges() -> np.ndarray:
    """Borders of the bins, (BINS + 1,), increasing.

    Thresholds with at most seven bits of mantissa (60, 100, 25, 8) are borders.
    """
    octave = 2.0 ** np.arange(LOWEST, HIGHEST)
    positive = (octave[:, None] * (1.0 + np.arange(1 << MANTISSA_BITS) / (1 << MANTISSA_BITS))).ravel()
    positive = np.append(positive, 2.0**HIGHEST)
    return np.concatenate([-positive[::-1], positive])


@kernel
def drop_failed(state, rows, active):
    """Drop paths that record a non-finite value, or one above 1.8e30.

    Clears ``active`` (BLOCK,) int64 of such paths and sets the values of all failed paths to zero.

    Returns how many failed now. The limit keeps squares and their sums finite.
    """
    trace = np.zeros(BLOCK)
    for row in rows:
        for lane in range(BLOCK):
            trace[lane] += 0.0 * (state[row, lane] * 1e278)  # NaN once anything is NaN, infinite or overflows here
    dropped = 0
    failed = 0
    for lane in range(BLOCK):
        if active[lane] == 1 and trace[lane] != 0.0:
            active[lane] = 0
            dropped += 1
        failed += 1 - active[lane]
    if failed > 0:
        for lane in range(BLOCK):
            if active[lane] == 0:
                for row in rows:
                    state[row, lane] = 0.0
    return dropped


@kernel
def add_above(state, rows, limits, active, scramble, t, total):
    """Count the paths of one block above limits: the last columns of ``total`` (scrambles, steps, sums).

    ``rows`` of the state and ``limits`` (limits,) float64. A value at a limit counts as above it, as its bin does; a
    limit of zero is the border of the bin around zero.
    """
    first = total.shape[2] - rows.size
    for k in range(rows.size):
        row = state[rows[k]]
        limit = limits[k] if limits[k] != 0.0 else 2.0**LOWEST
        number = 0
        for lane in range(BLOCK):
            number += active[lane] if row[lane] >= limit else 0
        total[scramble, t, first + k] += float(number)


@kernel
def add_sums(state, rows, active, scramble, t, count, total, square):
    """Add one block to the sums.

    ``count`` (scrambles, steps) int64, ``total`` and ``square`` (scrambles, steps, sums), of which the first are the
    ``rows``. Failed paths are zero.

    Halves are added to halves: a fixed order that a processor can do side by side.
    """
    number = 0
    for lane in range(BLOCK):
        number += active[lane]
    count[scramble, t] += number
    half = BLOCK // 2
    first = np.empty(half)
    second = np.empty(half)
    for v in range(rows.size):
        row = state[rows[v]]
        for k in range(half):
            first[k] = row[k] + row[k + half]
            second[k] = row[k] * row[k] + row[k + half] * row[k + half]
        width = half // 2
        while width > 0:
            for k in range(width):
                first[k] += first[k + width]
                second[k] += second[k + width]
            width //= 2
        total[scramble, t, v] += first[0]
        square[scramble, t, v] += second[0]


@kernel
def add_counts(state, rows, active, t, counts):
    """Count one block into the bins: ``counts`` (steps, variables, BINS) uint32."""
    cells = np.empty(BLOCK, np.int64)
    for v in range(rows.size):
        row = state[rows[v]]
        for lane in range(BLOCK):
            cells[lane] = bin_of(row[lane])
        bins = counts[t, v]
        for lane in range(BLOCK):
            bins[cells[lane]] += np.uint32(active[lane])
