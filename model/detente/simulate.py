"""Run the kernels over all paths, chunk by chunk, on the threads of this computer; merge what the chunks return in the order of the paths.

A chunk is a whole number of units (see ``detente_kernels.reductions``), so that equal inputs give equal bits whatever the chunks and threads.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from detente_kernels import block, reductions, world
from detente_kernels.parameters import SCRAMBLES

from detente import register, sampling, variables
from detente.calendar import Calendar
from detente.config import Config
from detente.errors import ConfigError

CHUNK_UNITS = 8
EXACT_LIMIT = 6 * 2**30
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Plan:
    """Everything the kernels need, built once: shared, read only, by all chunks."""

    config: Config
    calendar: Calendar
    grid: block.Grid
    sampler: block.Sampler
    tables: world.Tables
    recorded: block.Recorded
    variables: list[variables.Variable]
    keep: int
    exact: bool

    @property
    def ranked(self) -> int:
        return self.recorded.ranked.size

    @property
    def units(self) -> int:
        return -(-self.grid.paths // reductions.UNIT)


@dataclass
class Reduction:
    """What all paths add up to. ``count`` (scrambles, steps); ``total``, ``square`` (scrambles, steps, variables); ``counts`` (steps, ranked, BINS);
    ``failed`` paths with a value that is not finite; ``kept`` (paths, steps, variables); ``exact`` (ranked, steps, paths) float32 or empty."""

    plan: Plan
    count: np.ndarray
    total: np.ndarray
    square: np.ndarray
    counts: np.ndarray
    kept: np.ndarray
    exact: np.ndarray
    failed: int = 0
    seconds: float = 0.0
    failures: list[tuple[int, int]] = field(default_factory=list)

    def add(self, chunk: block.Out, first_path: int) -> None:
        """Add a chunk's sums, unit by unit: the order of additions does not depend on the chunks."""
        for u in range(chunk.count.shape[0]):
            self.count += chunk.count[u]
            self.total += chunk.total[u]
            self.square += chunk.square[u]
        broken = np.flatnonzero(chunk.failed)
        self.failed += broken.size
        self.failures.extend((first_path + int(i), int(chunk.failed[i])) for i in broken[: max(0, 20 - len(self.failures))])


def plan(config: Config, *, keep_paths: int = 2000, exact: bool = False) -> Plan:
    """Turn a configuration into the kernels' tables."""
    calendar = Calendar(config.as_of, config.run.horizon, config.run.step)
    outputs = variables.recorded(config)
    rows = np.array([v.row for v in outputs], np.int64)
    ranked = np.array([v.row for v in outputs if v.ranked], np.int64)
    if exact and ranked.size * calendar.steps * config.run.paths * 4 > EXACT_LIMIT:
        most = EXACT_LIMIT // (ranked.size * calendar.steps * 4)
        raise ConfigError(f"--exact keeps every value in memory: with this horizon it takes at most {most} paths; leave it out or lower --paths.")
    dated = np.array([row for row, entry in zip(world.EVENT_ROWS, variables.events(), strict=True) if entry.kind != "total"], np.int64)
    return Plan(
        config=config,
        calendar=calendar,
        grid=block.Grid(calendar.steps, calendar.months_per_step, config.run.seed, config.run.paths),
        sampler=sampling.design(config).sampler,
        tables=register.tables(config, calendar),
        recorded=block.Recorded(rows, ranked, world.EVENT_ROWS, dated),
        variables=outputs,
        keep=min(keep_paths, config.run.paths),
        exact=exact,
    )


def simulate(
    made: Plan,
    *,
    jobs: int = 2,
    chunk_units: int = CHUNK_UNITS,
    on_events: Callable[[np.ndarray, np.ndarray], None] | None = None,
    progress: Progress | None = None,
) -> Reduction:
    """Simulate all paths of a plan.

    ``on_events(events, failed)`` receives (events, paths) and (paths,) of each chunk in the order of the paths; ``progress(done, all)`` counts paths.
    """
    begun = time.perf_counter()
    steps, width = made.grid.steps, made.recorded.all.size
    result = Reduction(
        plan=made,
        count=np.zeros((SCRAMBLES, steps), np.int64),
        total=np.zeros((SCRAMBLES, steps, width)),
        square=np.zeros((SCRAMBLES, steps, width)),
        counts=np.zeros((steps, made.ranked, reductions.BINS), np.uint32),
        kept=np.full((made.keep, steps, width), np.nan),
        exact=np.empty((made.ranked, steps, made.grid.paths if made.exact else 0), np.float32),
    )
    workers = [_Worker(made, result) for _ in range(max(1, jobs))]
    with ThreadPoolExecutor(len(workers)) as pool:
        try:
            for first_path, chunk in _in_order(pool, workers, _chunks(made.units, chunk_units)):
                result.add(chunk, first_path)
                if on_events is not None:
                    on_events(chunk.events, chunk.failed)
                if progress is not None:
                    progress(min(first_path + chunk.failed.size, made.grid.paths), made.grid.paths)
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    for worker in workers:
        result.counts += worker.counts
    result.seconds = time.perf_counter() - begun
    return result


class _Worker:
    """Scratch memory of one thread, and its own bin counts (whole numbers, so they may be added in any order)."""

    def __init__(self, made: Plan, result: Reduction) -> None:
        self.made = made
        self.result = result
        self.scratch = block.Scratch(*world.empty(world.STATE), *world.empty(world.PARAMS), *world.empty(world.DRAWS))
        self.counts = np.zeros_like(result.counts)

    def run(self, first_unit: int, units: int) -> tuple[int, block.Out]:
        grid, width = self.made.grid, self.made.recorded.all.size
        first_path = first_unit * reductions.UNIT
        paths = min(units * reductions.UNIT, grid.paths - first_path)
        sums = (units, SCRAMBLES, grid.steps)
        out = block.Out(
            count=np.zeros(sums, np.int64),
            total=np.zeros((*sums, width)),
            square=np.zeros((*sums, width)),
            counts=self.counts,
            events=np.empty((world.EVENT_ROWS.size, paths)),
            failed=np.zeros(paths, np.int64),
            kept=self.result.kept,
            exact=self.result.exact,
        )
        made = self.made
        luck = block.Luck(world.STREAMS, world.KINDS)
        block.simulate_chunk(first_unit, units, grid, made.sampler, luck, made.tables, made.recorded, self.scratch, out)
        return first_path, out


def _chunks(units: int, chunk_units: int) -> Iterator[tuple[int, int]]:
    for first in range(0, units, chunk_units):
        yield first, min(chunk_units, units - first)


def _in_order(pool: ThreadPoolExecutor, workers: list[_Worker], chunks: Iterator[tuple[int, int]]) -> Iterator[tuple[int, block.Out]]:
    """Hand chunks to idle workers and yield their results in the order of the chunks, with at most one waiting per worker."""
    idle = deque(workers)
    running: deque[tuple[Future, _Worker]] = deque()
    for first_unit, units in chunks:
        if not idle:
            future, worker = running.popleft()
            yield future.result()
            idle.append(worker)
        worker = idle.popleft()
        running.append((pool.submit(worker.run, first_unit, units), worker))
    while running:
        yield running.popleft()[0].result()
