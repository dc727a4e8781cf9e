"""A chunk of paths: some whole units, simulated one after the other by one thread, and what they add up to."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from detente_kernels import block, reductions, world
from detente_kernels.tools.sobol import SCRAMBLES

from detente.engine.plan import Plan
from detente.engine.sums import Partial, Sums, Tree


class Store(NamedTuple):
    """Where values of single paths go: ``kept`` (paths kept, steps, variables) and ``exact`` (ranked, steps, paths)
    float32, either may be empty.

    ``first_path`` is the path of the first row of ``kept`` and of the first column of ``exact``.
    """

    kept: np.ndarray
    exact: np.ndarray
    first_path: int = 0

    @classmethod
    def of(cls, made: Plan, first_path: int, paths: int) -> "Store":
        """Room for what a plan keeps of some paths."""
        kept = np.full((min(max(made.keep - first_path, 0), paths), made.grid.steps, made.recorded.all.size), np.nan)
        return cls(kept, np.empty((made.ranked, made.grid.steps, paths if made.exact else 0), np.float32), first_path)


class Cells(NamedTuple):
    """Bins that hold something: their places in the flat array of counts, and how many paths each holds."""

    place: np.ndarray
    number: np.ndarray

    @classmethod
    def of(cls, counts: np.ndarray) -> "Cells":
        """The bins of ``counts`` (steps, ranked, BINS) uint32."""
        flat = counts.reshape(-1)
        place = np.flatnonzero(flat != 0)  # three times as fast as on the numbers themselves
        number = flat[place]
        return cls(place.astype(np.uint32) if flat.size <= 2**32 else place, number)

    def add_to(self, counts: np.ndarray) -> None:
        """Add to ``counts`` (steps, ranked, BINS) uint32; places are distinct."""
        counts.reshape(-1)[self.place] += self.number


@dataclass(frozen=True)
class Chunk:
    """What ``units`` units from ``first_unit`` on add up to, in as few partial sums as the tree allows: one, if they
    are an aligned power of two.

    ``events`` (events, paths); ``failed`` (paths,) step of failure from 1, or 0. ``cells`` and ``store`` where the
    chunk was not computed into memory that the run shares.
    """

    first_unit: int
    units: int
    partials: tuple[Partial, ...]
    events: np.ndarray
    failed: np.ndarray
    cells: Cells | None = None
    store: Store | None = None

    @property
    def first_path(self) -> int:
        return self.first_unit * reductions.UNIT


class Worker:
    """Scratch memory of one thread, and its own bin counts (whole numbers, so they may be added in any order)."""

    def __init__(self, made: Plan) -> None:
        self.made = made
        self.scratch = block.Scratch(*world.empty(world.STATE), *world.empty(world.PARAMS), *world.empty(world.DRAWS))
        keys = block.StreamKeys(world.STREAMS, world.KINDS)
        self.setup = block.Setup(made.grid, made.sampler, keys, made.tables, made.recorded)
        self.counts = np.zeros((made.grid.steps, made.ranked, reductions.BINS), np.uint32)

    def run(self, first_unit: int, units: int, store: Store) -> Chunk:
        """Simulate a chunk: bins are added to ``counts``, values of single paths go to ``store``."""
        made, grid = self.made, self.made.grid
        first_path = first_unit * reductions.UNIT
        paths = min(units * reductions.UNIT, grid.paths - first_path)
        events, failed = np.empty((world.EVENT_ROWS.size, paths)), np.zeros(paths, np.int64)
        tree = Tree(first_unit)
        for unit in range(first_unit, first_unit + units):
            sums = Sums.zeros(SCRAMBLES, grid.steps, made.recorded.all.size)
            out = block.Out(*sums, self.counts, events, failed, first_path, *store)
            block.simulate_unit(unit, self.setup, self.scratch, out)
            tree.add(Partial(0, sums))
        return Chunk(first_unit, units, tuple(tree.partials), events, failed)

    def run_alone(self, first_unit: int, units: int) -> Chunk:
        """Simulate a chunk that carries its own bins and values of single paths, for a run that shares no memory
        with this thread."""
        self.counts[:] = 0
        first_path = first_unit * reductions.UNIT
        store = Store.of(self.made, first_path, min(units * reductions.UNIT, self.made.grid.paths - first_path))
        chunk = self.run(first_unit, units, store)
        return Chunk(first_unit, units, chunk.partials, chunk.events, chunk.failed, Cells.of(self.counts), store)
