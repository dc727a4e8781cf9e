"""Work ahead of a run: compiling the kernels and solving the surface of trade effects, both kept on disk."""

import time
from pathlib import Path

import numpy as np
from detente_kernels import block, exact
from detente_kernels.tools.jit import cached, compiled

from detente.config.loader import load
from detente.engine import simulate, trade_surface
from detente.engine.probe import probe_digest


def cold() -> bool:
    """Whether nothing compiled from the present sources is on disk.

    Judged by the index alone, in a few milliseconds.
    """
    return not compiled(block.simulate_unit)


def uncached() -> bool:
    """Whether no folder for compiled code can be written, so that each process compiles anew."""
    return not cached(block.simulate_unit)


def unsolved() -> bool:
    """Whether the surface of trade effects is neither in memory nor on disk, in a few milliseconds."""
    return not trade_surface.available()


def warm(configs: Path | None = None) -> float:
    """Compile everything that a run calls and solve the surface, or load both from disk; the seconds it took."""
    started = time.perf_counter()
    probe_digest()
    simulate.simulate(simulate.plan(load(paths=1, horizon=1, configs=configs), keep_paths=0), jobs=1)
    exact.order_statistics(np.zeros(1, np.uint32), np.zeros(1, np.int64), np.zeros(1, np.uint32))
    return time.perf_counter() - started


def solve() -> float:
    """Solve the surface of trade effects, or read it from disk; the seconds it took."""
    started = time.perf_counter()
    trade_surface.surface()
    return time.perf_counter() - started
