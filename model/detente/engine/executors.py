"""Executors of the chunks of a run.

The threads of this computer, or any other that follows the same protocol (``detente.engine.cluster``).

As in ``concurrent.futures``, chunks are submitted and futures give results. The bits of a run do not depend on the
executor.
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


class ExecutorLost(DataError):
    """All workers are lost.

    Chunks that they returned carried their own bins, so that the run can be resumed after the last.
    """


class ChunkFuture(Protocol):
    """A chunk under computation."""

    def result(self) -> Chunk:
        """The chunk, once it is computed."""


class WorkerPool(Protocol):
    """Workers that compute the chunks of one plan."""

    @property
    def slots(self) -> int:
        """Chunks that should be under computation at once."""

    @property
    def chunk_units(self) -> int:
        """Units of a chunk; a power of two takes the least memory."""

    def submit(self, first_unit: int, units: int) -> ChunkFuture:
        """Begin a chunk as soon as a worker is idle."""

    def collect(self, counts: np.ndarray) -> None:
        """Add to ``counts`` the bins of all chunks that did not carry their own.

        Called when no chunk is under computation, and once for each chunk.
        """


class Executor(Protocol):
    """A source of worker pools."""

    def pool(self, plan: Plan, store: Store) -> AbstractContextManager[WorkerPool]:
        """A pool of workers for a plan.

        It is closed at the end of the block, and unfinished chunks are cancelled. ``store`` is the run's own memory.
        """


class Threads:
    """Threads of this computer, which share memory with the run.

    They write bins and values of single paths into it.
    """

    def __init__(self, jobs: int, chunk_units: int = CHUNK_UNITS) -> None:
        self.jobs = max(1, jobs)
        self.chunk_units = chunk_units

    @contextmanager
    def pool(self, plan: Plan, store: Store) -> Iterator[WorkerPool]:
        """A pool of threads with a worker each."""
        with ThreadPoolExecutor(self.jobs) as threads:
            try:
                yield _ThreadPool(threads, [Worker(plan) for _ in range(self.jobs)], store, self.chunk_units)
            except BaseException:
                threads.shutdown(wait=True, cancel_futures=True)
                raise


class _ThreadPool:
    def __init__(self, threads: ThreadPoolExecutor, workers: list[Worker], store: Store, chunk_units: int) -> None:
        self.threads = threads
        self.workers = workers
        self.store = store
        self.slots = 2 * len(workers)
        self.chunk_units = chunk_units
        self.idle: SimpleQueue[Worker] = SimpleQueue()
        for worker in workers:
            self.idle.put(worker)

    def submit(self, first_unit: int, units: int) -> Future[Chunk]:
        return self.threads.submit(self._run, first_unit, units)

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


def in_order(pool: WorkerPool, wanted: Iterator[Span]) -> Iterator[Chunk]:
    """The chunks in the order requested, with at most ``slots`` under computation or waiting."""
    running: deque[ChunkFuture] = deque()
    for first_unit, units in wanted:
        if len(running) >= pool.slots:
            yield running.popleft().result()
        running.append(pool.submit(first_unit, units))
    while running:
        yield running.popleft().result()
