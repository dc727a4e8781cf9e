"""The block loop: draw parameters, step a block of paths through time, reduce. One compiled function for a unit of
paths."""

from typing import NamedTuple

import numpy as np

from . import reductions, world
from .reductions import UNIT
from .tools import sobol
from .tools.jit import BLOCK, kernel
from .tools.rng import fill
from .tools.sobol import SCRAMBLES


class Grid(NamedTuple):
    """Time and luck of a run: steps, months per step, seed, number of paths."""

    steps: int
    dt: float
    seed: int
    paths: int


class Sampler(NamedTuple):
    """Tables that ``sobol.draw`` reads; see there."""

    shifts: np.ndarray
    directions: np.ndarray
    cholesky: np.ndarray
    correlated: np.ndarray
    dimension: np.ndarray
    tables: np.ndarray
    stepped: np.ndarray
    fixed: np.ndarray


class Recorded(NamedTuple):
    """Rows of the state that are recorded each step: ``all`` (sums), ``ranked`` (counts as well), ``event`` (once,
    at the end)."""

    all: np.ndarray
    ranked: np.ndarray
    event: np.ndarray
    dated: np.ndarray  # rows of event dates, set to NaN at the start


class Out(NamedTuple):
    """What a unit adds to. ``kept`` (paths kept, steps, variables) and ``exact`` (ranked, steps, paths) may be
    empty."""

    count: np.ndarray  # (scrambles, steps) int64
    total: np.ndarray  # (scrambles, steps, variables)
    square: np.ndarray
    counts: np.ndarray  # (steps, ranked, BINS) uint32
    events: np.ndarray  # (events, paths of the chunk)
    failed: np.ndarray  # (paths of the chunk,) int64: step of failure from 1, or 0
    chunk_path: int  # path of the first column of events and failed
    kept: np.ndarray
    exact: np.ndarray
    stored_path: int  # path of the first row of kept and of the first column of exact


class Scratch(NamedTuple):
    """Memory of one block, reused: the records of ``world`` and the same bytes as (rows, BLOCK) float64."""

    world: np.ndarray
    world_rows: np.ndarray
    params: np.ndarray
    param_rows: np.ndarray
    draws: np.ndarray
    draw_rows: np.ndarray


class Luck(NamedTuple):
    """Key words (streams,) uint64 and kinds (4 streams,) int64 of the process draws."""

    streams: np.ndarray
    kinds: np.ndarray


@kernel
def simulate_unit(unit, grid, sampler, luck, tables, recorded, scratch, out):
    """Simulate the paths of one unit and add them to ``out``."""
    for scramble in range(SCRAMBLES):
        first_path = unit * UNIT + scramble * BLOCK
        lanes = min(BLOCK, grid.paths - first_path)
        if lanes > 0:
            simulate_block(first_path, lanes, scramble, grid, sampler, luck, tables, recorded, scratch, out)


@kernel
def simulate_block(first_path, lanes, scramble, grid, sampler, luck, tables, recorded, scratch, out):
    """One block of paths, all of one scramble, from the as-of date to the horizon."""
    column = first_path - out.chunk_path
    stored = first_path - out.stored_path
    states = scratch.world_rows
    alive = np.zeros(BLOCK, np.int64)
    alive[:lanes] = 1
    sobol.draw(
        first_path,
        sampler.shifts,
        sampler.directions,
        sampler.cholesky,
        sampler.correlated,
        sampler.dimension,
        sampler.tables,
        sampler.stepped,
        sampler.fixed,
        scratch.param_rows,
    )
    states[:, :] = 0.0
    for row in recorded.dated:
        states[row, :] = np.nan
    world.start(scratch.world[0], scratch.params[0], tables)
    for t in range(grid.steps):
        fill(first_path, t + 1, grid.seed, luck.streams, luck.kinds, scratch.draw_rows)
        world.month(scratch.world[0], scratch.params[0], scratch.draws[0], tables, t, grid.dt)
        if reductions.take_out_the_dead(states, recorded.all, alive) > 0:
            for lane in range(lanes):
                if alive[lane] == 0 and out.failed[column + lane] == 0:
                    out.failed[column + lane] = t + 1
        reductions.add_sums(states, recorded.all, alive, scramble, t, out.count, out.total, out.square)
        reductions.add_counts(states, recorded.ranked, alive, t, out.counts)
        for lane in range(min(lanes, out.kept.shape[0] - stored)):
            for v in range(recorded.all.size):
                out.kept[stored + lane, t, v] = states[recorded.all[v], lane]
        if out.exact.shape[2] > 0:
            for v in range(recorded.ranked.size):
                for lane in range(lanes):
                    out.exact[v, t, stored + lane] = states[recorded.ranked[v], lane]
    for e in range(recorded.event.size):
        for lane in range(lanes):
            out.events[e, column + lane] = states[recorded.event[e], lane]
