"""Who computes the chunks of a run: the threads of this computer, or whoever keeps to the same protocol
(``detente.cluster``).

In the manner of ``concurrent.futures``: chunks are submitted, futures give results. Which bits a run has does not
depend on the executor.
"""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from queue import SimpleQueue
from typing import Protocol

import numpy as np

from detente.engine.chunks import Chunk, Store, Worker
from detente.engine.plan import Plan
from detente.shared.errors import DataError

CHUNK_UNITS = 8
Span = tuple[int, int]
"""First unit of a chunk, and how many units it has."""


class Lost(DataError):
    """Those who computed are gone for good. Chunks that they had handed over carried their own bins, so the run may
    be taken up after the last."""


class Promise(Protocol):
    """A chunk under way."""

    def result(self) -> Chunk:
        """The chunk, once it is computed."""


class Crew(Protocol):
    """Those who compute the chunks of one plan."""

    @property
    def slots(self) -> int:
        """Chunks worth having under way at once."""

    @property
    def chunk_units(self) -> int:
        """Units of a chunk, a power of two for the least memory."""

    def submit(self, first_unit: int, units: int) -> Promise:
        """Begin a chunk as soon as somebody is idle."""

    def collect(self, counts: np.ndarray) -> None:
        """Add to ``counts`` the bins of all chunks that did not carry their own; asked for when none is under way,
        and once for each chunk."""


class Executor(Protocol):
    """Whoever can gather a crew for a plan."""

    def crew(self, made: Plan, store: Store) -> AbstractContextManager[Crew]:
        """A crew, dismissed at the end of the block; what is still under way then is called off. ``store`` is the
        run's own memory."""


class Threads:
    """Threads of this computer, which write bins and values of single paths into memory that they share with the
    run."""

    def __init__(self, jobs: int, chunk_units: int = CHUNK_UNITS) -> None:
        self.jobs = max(1, jobs)
        self.chunk_units = chunk_units

    @contextmanager
    def crew(self, made: Plan, store: Store) -> Iterator[Crew]:
        with ThreadPoolExecutor(self.jobs) as pool:
            try:
                yield _ThreadCrew(pool, [Worker(made) for _ in range(self.jobs)], store, self.chunk_units)
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise


class _ThreadCrew:
    def __init__(self, pool: ThreadPoolExecutor, workers: list[Worker], store: Store, chunk_units: int) -> None:
        self.pool = pool
        self.workers = workers
        self.store = store
        self.slots = 2 * len(workers)
        self.chunk_units = chunk_units
        self.idle: SimpleQueue[Worker] = SimpleQueue()
        for worker in workers:
            self.idle.put(worker)

    def submit(self, first_unit: int, units: int) -> Future[Chunk]:
        return self.pool.submit(self._run, first_unit, units)

    def _run(self, first_unit: int, units: int) -> Chunk:
        worker = self.idle.get()
        try:
            return worker.run(first_unit, units, self.store)
        finally:
            self.idle.put(worker)

    def collect(self, counts: np.ndarray) -> None:
        for worker in self.workers:
            counts += worker.counts
            worker.counts[:] = 0


def spans(first: int, end: int, chunk_units: int) -> Iterator[Span]:
    """Units ``first`` to ``end`` in chunks that begin at multiples of ``chunk_units``, but for the first."""
    while first < end:
        following = min((first // chunk_units + 1) * chunk_units, end)
        yield first, following - first
        first = following


def in_order(crew: Crew, wanted: Iterator[Span]) -> Iterator[Chunk]:
    """The chunks in the order in which they are wanted, with at most ``slots`` under way or waiting."""
    running: deque[Promise] = deque()
    for first_unit, units in wanted:
        if len(running) >= crew.slots:
            yield running.popleft().result()
        running.append(crew.submit(first_unit, units))
    while running:
        yield running.popleft().result()
