"""The block loop: draw parameters, step a block of paths through time, reduce.

One compiled function for a unit of paths.
"""

from typing import NamedTuple

import numpy as np

from . import reductions, world
from .reductions import UNIT
from .tools.jit import BLOCK, kernel
from .tools.rng import fill
from .tools.sobol import SCRAMBLES, Sampler, draw


class Grid(NamedTuple):
    """Time and random numbers of a run: steps, months per step, seed, number of paths."""

    steps: int
    dt: float
    seed: int
    paths: int


class Recorded(NamedTuple):
    """Rows of the state that are recorded each step.

    ``all`` (sums), ``ranked`` (counts as well), ``event`` (once, at the end). ``limited`` rows are counted above
    ``limits``, one count a limit.
    """

    all: np.ndarray
    ranked: np.ndarray
    event: np.ndarray
    dated: np.ndarray  # rows of event dates, set to NaN at the start
    limited: np.ndarray
    limits: np.ndarray


class Out(NamedTuple):
    """What a unit adds to.

    ``paths`` (paths recorded, steps, variables) and ``exact`` (ranked, steps, paths) may be empty.
    """

    count: np.ndarray  # (scrambles, steps) int64
    total: np.ndarray  # (scrambles, steps, variables and limits)
    square: np.ndarray
    counts: np.ndarray  # (steps, ranked, BINS) uint32
    events: np.ndarray  # (events, paths of the chunk)
    failed: np.ndarray  # (paths of the chunk,) int64: step of failure from 1, or 0
    chunk_path: int  # path of the first column of events and failed
    paths: np.ndarray
    exact: np.ndarray
    stored_path: int  # path of the first row of paths and of the first column of exact


class Scratch(NamedTuple):
    """Memory of one block, reused: the records of ``world`` and the same bytes as (rows, BLOCK) float64."""

    world: np.ndarray
    world_rows: np.ndarray
    params: np.ndarray
    param_rows: np.ndarray
    draws: np.ndarray
    draw_rows: np.ndarray


class StreamKeys(NamedTuple):
    """Key words (streams,) uint64 and kinds (4 streams,) int64 of the process draws."""

    streams: np.ndarray
    kinds: np.ndarray


class Setup(NamedTuple):
    """What is the same for all units of a run."""

    grid: Grid
    sampler: Sampler
    keys: StreamKeys
    tables: world.Tables
    recorded: Recorded


@kernel
def simulate_unit(unit, setup, scratch, out):
    """Simulate the paths of one unit and add them to ``out``."""
    for scramble in range(SCRAMBLES):
        first_path = unit * UNIT + scramble * BLOCK
        lanes = min(BLOCK, setup.grid.paths - first_path)
        if lanes > 0:
            simulate_block(first_path, lanes, scramble, setup, scratch, out)


@kernel
def simulate_block(first_path, lanes, scramble, setup, scratch, out):
    """One block of paths, all of one scramble, from the as-of date to the horizon."""
    grid, recorded, tables = setup.grid, setup.recorded, setup.tables
    column = first_path - out.chunk_path
    stored = first_path - out.stored_path
    states = scratch.world_rows
    active = np.zeros(BLOCK, np.int64)
    active[:lanes] = 1
    draw(first_path, setup.sampler, scratch.param_rows)
    states[:, :] = 0.0
    for row in recorded.dated:
        states[row, :] = np.nan
    world.start(scratch.world[0], scratch.params[0], tables)
    for t in range(grid.steps):
        fill(first_path, t + 1, grid.seed, setup.keys.streams, setup.keys.kinds, scratch.draw_rows)
        world.month(scratch.world[0], scratch.params[0], scratch.draws[0], tables, t, grid.dt)
        if reductions.drop_failed(states, recorded.all, active) > 0:
            for lane in range(lanes):
                if active[lane] == 0 and out.failed[column + lane] == 0:
                    out.failed[column + lane] = t + 1
        reductions.add_sums(states, recorded.all, active, scramble, t, out.count, out.total, out.square)
        reductions.add_above(states, recorded.limited, recorded.limits, active, scramble, t, out.total)
        reductions.add_counts(states, recorded.ranked, active, t, out.counts)
        for lane in range(min(lanes, out.paths.shape[0] - stored)):
            for v in range(recorded.all.size):
                out.paths[stored + lane, t, v] = states[recorded.all[v], lane]
        if out.exact.shape[2] > 0:
            for v in range(recorded.ranked.size):
                for lane in range(lanes):
                    out.exact[v, t, stored + lane] = states[recorded.ranked[v], lane]
    for e in range(recorded.event.size):
        for lane in range(lanes):
            out.events[e, column + lane] = states[recorded.event[e], lane]
