"""A chunk of paths: some complete units, simulated in order by one thread, and their sums."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from detente_kernels import block, reductions, world
from detente_kernels.tools.sobol import SCRAMBLES

from detente.engine.plan import Plan
from detente.engine.sums import Partial, Sums, Tree


class Store(NamedTuple):
    """Memory for values of single paths.

    ``path_values`` (recorded paths, steps, variables) and ``exact`` (ranked, steps, paths) float32; either may be
    empty.

    ``first_path`` is the path of the first row of ``path_values`` and of the first column of ``exact``.
    """

    path_values: np.ndarray
    exact: np.ndarray
    first_path: int = 0

    @classmethod
    def of(cls, plan: Plan, first_path: int, paths: int) -> "Store":
        """Memory for the values that a plan records of some paths."""
        recorded = min(max(plan.keep - first_path, 0), paths)
        path_values = np.full((recorded, plan.grid.steps, plan.recorded.all.size), np.nan)
        exact = np.empty((plan.ranked, plan.grid.steps, paths if plan.exact else 0), np.float32)
        return cls(path_values, exact, first_path)


class Cells(NamedTuple):
    """Bins that are not empty: their places in the flat array of counts, and the number of paths in each."""

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
    """Sums of ``units`` units from ``first_unit`` on, in as few partial sums as the tree allows.

    One, if they are an aligned power of two.

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
        """Path number of the first path."""
        return self.first_unit * reductions.UNIT


class Worker:
    """Scratch memory of one thread, and its own bin counts (integers, so that they may be added in any order)."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.scratch = block.Scratch(*world.empty(world.STATE), *world.empty(world.PARAMS), *world.empty(world.DRAWS))
        keys = block.StreamKeys(world.STREAMS, world.KINDS)
        self.setup = block.Setup(plan.grid, plan.sampler, keys, plan.tables, plan.recorded)
        self.counts = np.zeros((plan.grid.steps, plan.ranked, reductions.BINS), np.uint32)

    def run(self, first_unit: int, units: int, store: Store) -> Chunk:
        """Simulate a chunk: bins are added to ``counts``, values of single paths go to ``store``."""
        plan, grid = self.plan, self.plan.grid
        first_path = first_unit * reductions.UNIT
        paths = min(units * reductions.UNIT, grid.paths - first_path)
        events, failed = np.empty((world.EVENT_ROWS.size, paths)), np.zeros(paths, np.int64)
        tree = Tree(first_unit)
        for unit in range(first_unit, first_unit + units):
            sums = Sums.zeros(SCRAMBLES, grid.steps, plan.width)
            out = block.Out(*sums, self.counts, events, failed, first_path, *store)
            block.simulate_unit(unit, self.setup, self.scratch, out)
            tree.add(Partial(0, sums))
        return Chunk(first_unit, units, tuple(tree.partials), events, failed)

    def run_alone(self, first_unit: int, units: int) -> Chunk:
        """Simulate a chunk for a run that shares no memory with this thread.

        The chunk carries its own bins and values of single paths.
        """
        self.counts[:] = 0
        first_path = first_unit * reductions.UNIT
        store = Store.of(self.plan, first_path, min(units * reductions.UNIT, self.plan.grid.paths - first_path))
        chunk = self.run(first_unit, units, store)
        return Chunk(first_unit, units, chunk.partials, chunk.events, chunk.failed, Cells.of(self.counts), store)
