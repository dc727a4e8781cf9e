"""Philox4x32-10 counter-based random numbers and named streams.

A number depends on (seed, stream, path, step) and on nothing else: not on the number of paths, on threads, chunks,
order or resume. Reference: Salmon, Moraes, Dror, Shaw (2011), "Parallel random numbers: as easy as 1, 2, 3", SC11; test
vectors of Random123.
"""

import hashlib
from typing import NamedTuple

import numpy as np

from .jit import inline, kernel
from .special import normal_quantile

UNIFORM = 0
NORMAL = 1

_MASK = np.uint64(0xFFFFFFFF)
_M0 = np.uint64(0xD2511F53)
_M1 = np.uint64(0xCD9E8D57)
_W0 = np.uint64(0x9E3779B9)
_W1 = np.uint64(0xBB67AE85)
_HIGH = np.uint64(32)


def stream(name: str) -> int:
    """Key word of a named stream: the first 32 bits of SHA-256 of the name. A test refuses clashes between names."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "little")


class Stream(NamedTuple):
    """A named stream of a submodel.

    Four 32-bit words a path and step, each word with a name and a kind (UNIFORM or NORMAL). Words that share a name, in
    one stream or in neighbours, are rows of one field.
    """

    name: str
    words: tuple[tuple[str, int], ...]

    @property
    def key(self) -> int:
        """Key word of the stream."""
        return stream(self.name)


@inline
def philox(c0, c1, c2, c3, k0, k1):
    """Ten rounds of Philox4x32 on 32-bit words carried in uint64 (the upper halves may be dirty).

    Returns four such words.

    The 64-bit form lets one widening multiplication give both halves; the bits are those of the 32-bit definition.
    """
    for _ in range(10):
        p0 = (c0 & _MASK) * _M0
        p1 = (c2 & _MASK) * _M1
        c0, c1, c2, c3 = (p1 >> _HIGH) ^ c1 ^ k0, p1, (p0 >> _HIGH) ^ c3 ^ k1, p0
        k0 = k0 + _W0
        k1 = k1 + _W1
    return c0, c1, c2, c3


@kernel
def philox_block(counter, key, out):
    """Plain Philox4x32-10 for the test vectors: ``counter`` (n, 4), ``key`` (n, 2), ``out`` (n, 4), all uint32."""
    for i in range(counter.shape[0]):
        words = philox(
            np.uint64(counter[i, 0]),
            np.uint64(counter[i, 1]),
            np.uint64(counter[i, 2]),
            np.uint64(counter[i, 3]),
            np.uint64(key[i, 0]),
            np.uint64(key[i, 1]),
        )
        out[i, 0] = words[0] & _MASK
        out[i, 1] = words[1] & _MASK
        out[i, 2] = words[2] & _MASK
        out[i, 3] = words[3] & _MASK


@inline
def to_uniform(word):
    """A 32-bit word as a float64 strictly inside (0, 1): the middle of its cell of width 2^-32."""
    return (float(np.int64(word & _MASK)) + 0.5) * 2.3283064365386963e-10


@kernel
def fill(first_path, step, seed, streams, kinds, out):
    """Draw the numbers of one step for one block.

    ``streams`` (s,) uint64 key words; ``kinds`` (4 s,) int64, UNIFORM or NORMAL by row; ``out`` (4 s, lanes) float64.
    Counter = (path low, path high, step, seed high); key = (seed low, stream). Every row is drawn whether it is used or
    not.
    """
    seed_low = np.uint64(seed) & _MASK
    seed_high = np.uint64(seed) >> _HIGH
    lanes = out.shape[1]
    for s in range(streams.shape[0]):
        key = np.uint64(streams[s])
        row = 4 * s
        for lane in range(lanes):
            path = np.uint64(first_path + lane)
            w0, w1, w2, w3 = philox(path & _MASK, path >> _HIGH, np.uint64(step), seed_high, seed_low, key)
            out[row, lane] = to_uniform(w0)
            out[row + 1, lane] = to_uniform(w1)
            out[row + 2, lane] = to_uniform(w2)
            out[row + 3, lane] = to_uniform(w3)
        for k in range(row, row + 4):
            if kinds[k] == NORMAL:
                for lane in range(lanes):
                    out[k, lane] = normal_quantile(out[k, lane])
