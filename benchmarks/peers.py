"""The Brent process alone.

The project's kernel against the same equations in NumPy, vectorised over paths, with NumPy's own generator.
"""

import time

import numpy as np
from detente_kernels.oil import brent
from detente_kernels.tools.jit import BLOCK, kernel
from detente_kernels.tools.rng import NORMAL, UNIFORM, Stream, fill
from detente_kernels.tools.special import exp

PATHS, STEPS, ROUNDS = 65_536, 36, 5
PARAMS = brent.Params(
    -4.865,
    0.829,
    0.214,
    1.41,
    0.15,
    1.0,
    0.11,
    0.34,
    0.0,
    0.0,
    0.544,
    0.072,
    0.59,
    1.0,
    1.0,
    0.11,
    0.13,
    1.0,
    0.3,
    0.4,
    48.0,
    168.0,
    0.002,
    0.0,
)
STREAMS = (
    Stream("peer.price", (("a", NORMAL), ("b", NORMAL), ("c", NORMAL), ("d", NORMAL))),
    Stream("peer.tail", (("e", UNIFORM), ("f", UNIFORM), ("g", UNIFORM))),
)
KEYS = np.array([stream.key for stream in STREAMS], np.uint64)
KINDS = np.array([NORMAL] * 4 + [UNIFORM] * 4, np.int64)


@kernel
def simulate(p, paths, steps, keys, kinds, draws, out):
    for first in range(0, paths, BLOCK):
        state = np.zeros((7, BLOCK))
        state[0] = 4.5
        state[2] = -3.8
        for t in range(steps):
            fill(first, t + 1, 1, keys, kinds, draws)
            for lane in range(BLOCK):
                now = brent.State(state[0, lane], state[1, lane], state[2, lane], 0.0, 0.0, 0.0, 0.0)
                z = brent.Shocks(
                    draws[0, lane],
                    draws[1, lane],
                    draws[2, lane],
                    draws[3, lane],
                    draws[4, lane],
                    draws[5, lane],
                    draws[6, lane],
                )
                new = brent.step(p, now, z, 0.0, 0.0, float(t), 1.0)
                state[0, lane] = new.state.log_base
                state[1, lane] = new.state.transient
                state[2, lane] = new.state.log_variance
                out[t, first + lane] = exp(new.log_mean)


def numpy_peer(p: brent.Params, paths: int, steps: int, out: np.ndarray) -> None:
    """The same law with numpy.random.Generator (PCG64)."""
    rng = np.random.default_rng(1)
    x, chi, s = np.full(paths, 4.5), np.zeros(paths), np.full(paths, -3.8)
    kept = np.exp(-p.transient_reversion)
    for t in range(steps):
        if t > 0:
            s = (
                p.volatility_level
                + p.volatility_persistence * (s - p.volatility_level)
                + np.sqrt(p.volatility_noise) * rng.standard_normal(paths)
            )
        sd = np.sqrt(p.volatility_scale * (1 - p.explained_variance)) * np.exp(0.5 * s)
        tail = np.sqrt(4.0 / rng.chisquare(6.0, paths))
        d_chi = (kept - 1.0) * chi + sd * np.sqrt(p.transient_share) * tail * rng.standard_normal(paths)
        r = d_chi + sd * np.sqrt(1.0 - p.transient_share) * tail * rng.standard_normal(paths)
        out[t] = np.exp(x + p.averaging_weight * r + np.sqrt(p.averaging_noise) * sd * rng.standard_normal(paths))
        x, chi = x + r, chi + d_chi


def main() -> None:
    draws, ours, theirs = np.empty((8, BLOCK)), np.empty((STEPS, PATHS)), np.empty((STEPS, PATHS))
    simulate(PARAMS, BLOCK, 1, KEYS, KINDS, draws, ours)
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        simulate(PARAMS, PATHS, STEPS, KEYS, KINDS, draws, ours)
        middle = time.perf_counter()
        numpy_peer(PARAMS, PATHS, STEPS, theirs)
        times.append((middle - begun, time.perf_counter() - middle))
    kernel_seconds, numpy_seconds = np.median(np.array(times), axis=0)
    z = (np.log(ours).mean(axis=1) - np.log(theirs).mean(axis=1)) / np.sqrt(
        (np.log(ours).var(axis=1) + np.log(theirs).var(axis=1)) / PATHS
    )
    print(f"kernel {PATHS * STEPS / kernel_seconds / 1e6:7.1f} M path-steps/s (one thread)")
    print(f"NumPy  {PATHS * STEPS / numpy_seconds / 1e6:7.1f} M path-steps/s")
    print(f"ratio, median of rounds {np.median([b / a for a, b in times]):.1f}")
    print(f"largest |z| of the mean log price over steps {np.abs(z).max():.1f}")


if __name__ == "__main__":
    main()
