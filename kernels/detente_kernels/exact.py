"""Exact order statistics of stored values.

Two passes of counting over the high and the low 16 bits of a float32, no sort.
"""

import numpy as np

from .tools.jit import inline, kernel


@inline
def _key(bits):
    """Unsigned key that orders as the float does: flip all bits of a negative number, the sign of a positive one."""
    return bits ^ np.uint32(0xFFFFFFFF) if bits & np.uint32(0x80000000) else bits | np.uint32(0x80000000)


@inline
def _unkey(key):
    return key ^ np.uint32(0x80000000) if key & np.uint32(0x80000000) else key ^ np.uint32(0xFFFFFFFF)


@kernel
def order_statistics(bits, ranks, out):
    """Values of given ranks among ``bits`` (n,) uint32 views of float32.

    ``ranks`` (r,) int64 from 0; ``out`` (r,) uint32 views of float32.
    """
    high = np.zeros(65536, np.int64)
    for i in range(bits.size):
        high[_key(bits[i]) >> np.uint32(16)] += 1
    low = np.zeros(65536, np.int64)
    for r in range(ranks.size):
        below = 0
        cell = 0
        while below + high[cell] <= ranks[r]:
            below += high[cell]
            cell += 1
        low[:] = 0
        for i in range(bits.size):
            key = _key(bits[i])
            if key >> np.uint32(16) == cell:
                low[key & np.uint32(0xFFFF)] += 1
        rest = 0
        while below + low[rest] <= ranks[r]:
            below += low[rest]
            rest += 1
        out[r] = _unkey(np.uint32((cell << 16) | rest))
