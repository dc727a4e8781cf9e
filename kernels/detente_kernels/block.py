"""The block loop: draw parameters, step a block of paths through time, reduce. One compiled function for a chunk of paths."""

from typing import NamedTuple

import numpy as np

from . import parameters, reductions, world
from ._jit import BLOCK, kernel
from .parameters import SCRAMBLES
from .reductions import UNIT
from .rng import fill


class Grid(NamedTuple):
    """Time and luck of a run: steps, months per step, seed, number of paths."""

    steps: int
    dt: float
    seed: int
    paths: int


class Sampler(NamedTuple):
    """Tables that ``parameters.draw`` reads; see there."""

    shifts: np.ndarray
    directions: np.ndarray
    cholesky: np.ndarray
    correlated: np.ndarray
    dimension: np.ndarray
    tables: np.ndarray
    stepped: np.ndarray
    fixed: np.ndarray


class Recorded(NamedTuple):
    """Rows of the state that are recorded each step: ``all`` (sums), ``ranked`` (counts as well), ``event`` (once, at the end)."""

    all: np.ndarray
    ranked: np.ndarray
    event: np.ndarray
    dated: np.ndarray  # rows of event dates, set to NaN at the start


class Out(NamedTuple):
    """What a chunk returns. Sums by unit; ``kept`` (paths kept, steps, variables) and ``exact`` (ranked, steps, paths) may be empty."""

    count: np.ndarray  # (units, scrambles, steps) int64
    total: np.ndarray  # (units, scrambles, steps, variables)
    square: np.ndarray
    counts: np.ndarray  # (steps, ranked, BINS) uint32
    events: np.ndarray  # (events, paths of the chunk)
    failed: np.ndarray  # (paths of the chunk,) int64: step of failure from 1, or 0
    kept: np.ndarray
    exact: np.ndarray


@kernel
def simulate_chunk(first_unit, units, grid, sampler, tables, recorded, worlds, states, params, param_rows, draws, draw_rows, streams, kinds, out):
    """Simulate ``units`` units of paths from ``first_unit`` on. The scratch records and their (rows, BLOCK) views are one block's, reused."""
    for u in range(units):
        for b in range(SCRAMBLES):
            offset = u * UNIT + b * BLOCK
            first_path = first_unit * UNIT + offset
            lanes = min(BLOCK, grid.paths - first_path)
            if lanes <= 0:
                break
            simulate_block(
                first_path, lanes, offset, u, b, grid, sampler, tables, recorded, worlds, states, params, param_rows, draws, draw_rows, streams, kinds, out
            )


@kernel
def simulate_block(
    first_path, lanes, offset, unit, scramble, grid, sampler, tables, recorded, worlds, states, params, param_rows, draws, draw_rows, streams, kinds, out
):
    """One block of paths from the as-of date to the horizon."""
    alive = np.zeros(BLOCK, np.int64)
    alive[:lanes] = 1
    parameters.draw(
        first_path,
        sampler.shifts,
        sampler.directions,
        sampler.cholesky,
        sampler.correlated,
        sampler.dimension,
        sampler.tables,
        sampler.stepped,
        sampler.fixed,
        param_rows,
    )
    states[:, :] = 0.0
    for row in recorded.dated:
        for lane in range(BLOCK):
            states[row, lane] = np.nan
    world.start(worlds[0], params[0], tables)
    for t in range(grid.steps):
        fill(first_path, t + 1, grid.seed, streams, kinds, draw_rows)
        world.month(worlds[0], params[0], draws[0], tables, t, grid.dt)
        if reductions.take_out_the_dead(states, recorded.all, alive) > 0:
            for lane in range(lanes):
                if alive[lane] == 0 and out.failed[offset + lane] == 0:
                    out.failed[offset + lane] = t + 1
        reductions.add_sums(states, recorded.all, alive, scramble, t, out.count[unit], out.total[unit], out.square[unit])
        reductions.add_counts(states, recorded.ranked, alive, t, out.counts)
        for lane in range(min(lanes, out.kept.shape[0] - first_path)):
            for v in range(recorded.all.size):
                out.kept[first_path + lane, t, v] = states[recorded.all[v], lane]
        if out.exact.shape[2] > 0:
            for v in range(recorded.ranked.size):
                for lane in range(lanes):
                    out.exact[v, t, first_path + lane] = states[recorded.ranked[v], lane]
    for e in range(recorded.event.size):
        for lane in range(lanes):
            out.events[e, offset + lane] = states[recorded.event[e], lane]
