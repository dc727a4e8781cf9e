"""An executor whose chunks are tasks of a dask scheduler.

Chunks are handed over in order and merged by the client, with a bounded number under computation. A chunk
is a sum over its units already, so that only the top of the tree of sums is left to the client. A chunk needs nothing
from one particular worker: any idle one computes it, and a lost chunk is submitted again.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from detente_kernels import reductions, world

from detente.engine.chunks import Chunk, Store
from detente.engine.cluster import wire, worker
from detente.engine.cluster.connection import LOCAL, Connection, library
from detente.engine.plan import Plan
from detente.engine.state import lineage
from detente.shared.errors import DataError, DetenteError

MOST_UNITS = 64
"""Units of a chunk at most: some 130,000 paths, seconds of work."""
MOST_BYTES = 128 * 2**20
"""Most bytes of values of single paths in a chunk."""
CHUNKS_EACH = 4
"""Chunks that each thread should have at least, so that a slow one does not keep the others waiting at the end."""
AHEAD = 2
"""Chunks submitted for each thread: one under computation, one waiting."""
RETRIES = 2
"""How often a chunk is submitted again after the scheduler gave it up because several workers in a row failed on it."""
POLL = 2.0
"""Seconds between checks that there are workers."""


class Cluster:
    """An executor on a dask scheduler ("tcp://…", "tls://…") or on processes of this computer ("local").

    A context; it connects on entry.

    ``security`` are paths of PEM files, by "ca", "cert" and "key"; ``jobs`` are the processes of "local"; ``wait`` are
    the seconds that the scheduler or all workers may be away before the run is given up. ConfigError or DataError,
    in one sentence, for any error of the cluster.
    """

    def __init__(
        self,
        address: str,
        *,
        security: dict[str, Path] | None = None,
        jobs: int = 1,
        wait: float = 60.0,
        say: Callable[[str], None] = lambda sentence: None,
    ) -> None:
        self.connection = Connection(address, security or {}, jobs, wait, say)

    def __enter__(self) -> "Cluster":
        self.connection.open()
        return self

    def __exit__(self, *exception: object) -> None:
        self.connection.close()

    @property
    def threads(self) -> int:
        """Threads of all workers."""
        return self.connection.threads()

    @property
    def described(self) -> str:
        """Where it computes, as a phrase."""
        number = self.threads
        if self.connection.address == LOCAL:
            return "1 process" if number == 1 else f"{number} processes"
        return f"{number} {'thread' if number == 1 else 'threads'} of {self.connection.address}"

    @contextmanager
    def pool(self, plan: Plan, store: Store) -> Iterator["_ClusterPool"]:
        """The workers of the cluster as a pool for a plan."""
        pool = _ClusterPool(self.connection, plan)
        try:
            yield pool
        finally:
            self.connection.cancel([task.future for task in pool.running])


class _ClusterPool:
    """Chunks of one plan. Workers share no memory with the run, so that ``collect`` has nothing to add."""

    def __init__(self, connection: Connection, plan: Plan) -> None:
        self.connection = connection
        self.plan = plan
        self.order = wire.order(
            wire.compress(plan.config.to_toml()), lineage(plan), plan.keep, plan.exact, worker.versions()
        )
        self.chunk_units = chunk_units(plan, connection.threads())
        self.running: list[_Task] = []

    @property
    def slots(self) -> int:
        try:
            return AHEAD * max(self.connection.threads(), 1)
        except OSError:  # the next result reports the error
            return max(len(self.running), 1)

    def submit(self, first_unit: int, units: int) -> "_Task":
        task = _Task(self, first_unit, units)
        self.running.append(task)
        return task

    def collect(self, counts: np.ndarray) -> None:
        """Every chunk has carried its own bins."""

    def renew(self, generation: int) -> None:
        """After a loss: connect again unless another task has done so, and submit all unfinished chunks again."""
        if generation == self.connection.generation:
            self.connection.renew()
            for task in self.running:
                task.send()


class _Task:
    """A submitted chunk, which survives the loss of its workers and its scheduler."""

    def __init__(self, pool: _ClusterPool, first_unit: int, units: int) -> None:
        self.pool = pool
        self.first_unit = first_unit
        self.units = units
        self.failures = 0
        self.send()

    def send(self) -> None:
        self.generation = self.pool.connection.generation
        try:
            self.future = self.pool.connection.submit(self.pool.order, self.first_unit, self.units)
        except (OSError, RuntimeError, CancelledError):
            self.future = None  # lost before it was sent; ``result`` submits it again

    def result(self) -> Chunk:
        """The chunk (DataError if it cannot be had)."""
        while True:
            try:
                content = self._wait()
            except library().KilledWorker as error:
                self._count_failure(error)
                self.send()
            except (OSError, CancelledError):
                self.pool.renew(self.generation)
            else:
                self.pool.running.remove(self)
                return self._opened(content)

    def _wait(self) -> Any:
        """The task's result; a check in between notices a cluster without workers."""
        if self.future is None:
            raise CancelledError
        patience = POLL
        while True:
            try:
                if not self.future.done():
                    self.pool.connection.wait_for(self.future, POLL)
                if self.future.status == "error":
                    self._raise_worker_error(self.future.exception())
                # A result may leave with the worker that holds it, between its end and here; then the task waits for
                # another worker.
                patience *= 2.0
                return self.future.result(timeout=patience)
            except TimeoutError:
                self.pool.connection.threads()

    def _raise_worker_error(self, error: Any) -> None:
        """Raise an error of a worker, so that it is not taken for an error of the connection."""
        if isinstance(error, DetenteError | library().KilledWorker):
            raise error
        reason = f"{type(error).__name__}: {str(error)[:200]}"
        raise DataError(f"{self.pool.connection.shown}: a chunk failed on a worker ({reason}); see its log.") from error

    def _count_failure(self, error: Any) -> None:
        self.failures += 1
        if self.failures > RETRIES:
            first, last = self.first_unit * reductions.UNIT, (self.first_unit + self.units) * reductions.UNIT - 1
            raise DataError(
                f"{self.pool.connection.shown}: several workers in a row failed on paths {first} to {last}, "
                f"the last at {error.last_worker.address}; see its log, and give workers more memory or fewer threads."
            ) from None

    def _opened(self, content: Any) -> Chunk:
        """The chunk, after a check that it is the one that was ordered."""
        try:
            return wire.chunk_from_arrays(wire.unpack(content), self.pool.plan, self.first_unit, self.units)
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(
                f"{self.pool.connection.shown}: a worker's answer is damaged ({error}); run again."
            ) from error


def chunk_units(plan: Plan, threads: int) -> int:
    """Units of a chunk.

    The largest power of two that leaves every thread its chunks and keeps a chunk's memory within bounds.
    """
    steps, width = plan.grid.steps, plan.recorded.all.size
    of_a_path = 8 * (world.EVENT_ROWS.size + 1)
    of_a_path += 8 * steps * width if plan.keep > reductions.UNIT else 0
    of_a_path += 4 * steps * plan.ranked if plan.exact else 0
    most = min(MOST_UNITS, MOST_BYTES // (of_a_path * reductions.UNIT), plan.units // (CHUNKS_EACH * max(threads, 1)))
    return 1 << (max(most, 1).bit_length() - 1)
