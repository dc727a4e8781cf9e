"""Run the kernels over all paths: request chunks from an executor, and merge their sums.

Sums merge in a fixed tree over the units (``detente.engine.sums``) and bins are integers, so that equal inputs give
equal bits for any chunks, any executor, and any path at which a run was resumed.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from detente_kernels import reductions

from detente.engine.chunks import Chunk, Store
from detente.engine.executors import Executor, ExecutorLost, Span, Threads, in_order, spans
from detente.engine.plan import Plan, plan
from detente.engine.state import State, lineage
from detente.engine.sums import Partial, Sums, Tree
from detente.shared.errors import DataError

__all__ = ["Plan", "Progress", "Reduction", "State", "lineage", "plan", "simulate"]

FAILURES = 20
"""Failed paths that are named one by one."""
Progress = Callable[[int, int], None]


@dataclass
class Reduction:
    """Sums over all paths.

    ``count`` (scrambles, steps); ``total``, ``square`` (scrambles, steps, sums), variables first and thresholds last;
    ``counts`` (steps, ranked, BINS); ``failed`` paths with a value that is not finite; ``path_values`` (paths, steps,
    variables); ``exact`` (ranked, steps, paths) float32 or empty; ``continued`` paths come from a state; ``seconds``
    are those of the others.
    """

    plan: Plan
    count: np.ndarray
    total: np.ndarray
    square: np.ndarray
    counts: np.ndarray
    path_values: np.ndarray
    exact: np.ndarray
    failed: int = 0
    seconds: float = 0.0
    failures: list[tuple[int, int]] = field(default_factory=list)
    continued: int = 0


def simulate(
    plan: Plan,
    *,
    executor: Executor | None = None,
    jobs: int = 2,
    chunk_units: int | None = None,
    on_events: Callable[[np.ndarray, np.ndarray], None] | None = None,
    progress: Progress | None = None,
    start: State | None = None,
    on_state: Callable[[State], None] | None = None,
    state_units: int | None = None,
    state_seconds: float | None = None,
) -> Reduction:
    """Simulate all paths of a plan, on ``jobs`` threads of this computer unless an ``executor`` is given.

    ``on_events(events, failed)`` receives (events, paths) and (paths,) of each chunk in the order of the paths;
    ``progress(done, all)`` counts paths. ``start`` is the state to continue from (DataError if it does not fit): its
    paths are neither simulated nor handed to ``on_events`` again. ``on_state`` receives the state after every
    ``state_units`` units, about every ``state_seconds``, after the last complete unit, and after the last chunk of an
    executor that was lost; always after the events of its paths. A state shares the run's memory, so save or copy it
    before returning.
    """
    begun = time.perf_counter()
    merger = _Merger(plan, start)
    complete = plan.grid.paths // reductions.UNIT
    with (executor or Threads(jobs)).pool(plan, merger.store) as pool:
        try:
            while merger.tree.end < plan.units:
                first = merger.tree.end
                end = plan.units if on_state is None or first >= complete else _next_stop(first, complete, state_units)
                leg = spans(first, end, chunk_units or pool.chunk_units)
                for chunk in in_order(pool, leg if on_state is None else _within_seconds(leg, state_seconds)):
                    merger.add(chunk)
                    if on_events is not None:
                        on_events(chunk.events, chunk.failed)
                    if progress is not None:
                        progress(chunk.first_path + chunk.failed.size, plan.grid.paths)
                pool.collect(merger.counts)
                if on_state is not None and merger.tree.end <= complete:
                    on_state(merger.state())
        except ExecutorLost:
            if on_state is not None and 0 < merger.tree.end <= complete:
                on_state(merger.state())
            raise
    return merger.reduction(time.perf_counter() - begun)


def _next_stop(first: int, complete: int, state_units: int | None) -> int:
    """The unit before which a leg ends: the next multiple of ``state_units``, or the last complete unit."""
    return min((first // state_units + 1) * state_units, complete) if state_units else complete


def _within_seconds(leg: Iterator[Span], seconds: float | None) -> Iterator[Span]:
    """The chunks of a leg that are begun within some seconds: at least one."""
    begun = time.monotonic()
    for number, span in enumerate(leg):
        if number and seconds is not None and time.monotonic() - begun >= seconds:
            return
        yield span


class _Merger:
    """Sums of the chunks so far."""

    def __init__(self, plan: Plan, start: State | None) -> None:
        self.plan = plan
        self.store = Store.of(plan, 0, plan.grid.paths)
        self.lineage = ""
        self.continued = 0
        if start is None:
            self.tree = Tree()
            self.counts = np.zeros((plan.grid.steps, plan.ranked, reductions.BINS), np.uint32)
            self.failed, self.failures = 0, []
            return
        if objection := start.objection(plan):
            raise DataError(
                f"{plan.config.name}: the run cannot continue from the saved state, because {objection}; "
                "run it from the beginning."
            )
        self.tree = Tree(0, tuple(Partial(level, sums.copy()) for level, sums in start.partials))
        self.counts = start.counts.copy()
        self.failed, self.failures = start.failed, list(start.failures)
        count = min(plan.keep, start.paths)
        self.store.path_values[:count] = start.store.path_values[:count]
        self.store.exact[:, :, : start.store.exact.shape[2]] = start.store.exact
        self.continued = start.paths

    def add(self, chunk: Chunk) -> None:
        """Add the next chunk; the run owns its partial sums from now on."""
        for partial in chunk.partials:
            self.tree.add(partial)
        if chunk.cells is not None:
            chunk.cells.add_to(self.counts)
        if chunk.store is not None:
            first = chunk.first_path
            self.store.path_values[first : first + chunk.store.path_values.shape[0]] = chunk.store.path_values
            self.store.exact[:, :, first : first + chunk.store.exact.shape[2]] = chunk.store.exact
        broken = np.flatnonzero(chunk.failed)
        self.failed += broken.size
        self.failures += [
            (chunk.first_path + int(i), int(chunk.failed[i])) for i in broken[: max(0, FAILURES - len(self.failures))]
        ]

    def state(self) -> State:
        """The state after the units so far, in the memory of the run."""
        self.lineage = self.lineage or lineage(self.plan)
        paths = self.tree.end * reductions.UNIT
        store = Store(self.store.path_values[:paths], self.store.exact[:, :, :paths])
        return State(
            self.lineage,
            self.tree.end,
            tuple(self.tree.partials),
            self.counts,
            store,
            self.failed,
            tuple(self.failures),
        )

    def reduction(self, seconds: float) -> Reduction:
        sums: Sums = self.tree.folded()
        return Reduction(
            plan=self.plan,
            count=sums.paths,
            total=sums.total,
            square=sums.square,
            counts=self.counts,
            path_values=self.store.path_values,
            exact=self.store.exact,
            failed=self.failed,
            seconds=seconds,
            failures=self.failures,
            continued=self.continued,
        )
