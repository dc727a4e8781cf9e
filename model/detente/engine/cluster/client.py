"""An executor whose chunks are tasks of a dask scheduler.

Chunks are handed over in order and merged by the client, with a bounded number under way. A chunk has added up its
units already, so that only the top of the tree of sums is left to the client. Nothing that a chunk needs is kept on a
worker alone: whoever is idle computes it, and what is lost is submitted again.
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
"""What a chunk may hold of single paths."""
CHUNKS_EACH = 4
"""Chunks that each thread should have at least, so that a slow one does not keep the others waiting at the end."""
AHEAD = 2
"""Chunks under way for each thread: one being computed, one waiting to be."""
DEATHS = 2
"""How often a chunk is submitted again after the scheduler has given it up, because several workers in a row died of
it."""
LOOK = 2.0
"""Seconds between looks at whether there still is somebody to compute."""


class Cluster:
    """An executor on a dask scheduler ("tcp://…", "tls://…") or on processes of this computer ("local"). A context; it
    connects on entry.

    ``security`` are paths of PEM files, by "ca", "cert" and "key"; ``jobs`` are the processes of "local"; ``wait`` are
    the seconds that the scheduler or all workers may be away before the run is given up. ConfigError or DataError, one
    sentence, for whatever is wrong with the cluster.
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
        """Where it computes, for a reader."""
        number = self.threads
        if self.connection.address == LOCAL:
            return "1 process" if number == 1 else f"{number} processes"
        return f"{number} {'thread' if number == 1 else 'threads'} of {self.connection.address}"

    @contextmanager
    def crew(self, made: Plan, store: Store) -> Iterator["_Crew"]:
        crew = _Crew(self.connection, made)
        try:
            yield crew
        finally:
            self.connection.cancel([task.future for task in crew.running])


class _Crew:
    """Chunks of one plan. Workers share no memory with the run, so that ``collect`` has nothing to add."""

    def __init__(self, connection: Connection, made: Plan) -> None:
        self.connection = connection
        self.made = made
        self.order = wire.order(
            wire.compress(made.config.to_toml()), lineage(made), made.keep, made.exact, worker.versions()
        )
        self.chunk_units = chunk_units(made, connection.threads())
        self.running: list[_Task] = []

    @property
    def slots(self) -> int:
        try:
            return AHEAD * max(self.connection.threads(), 1)
        except OSError:  # the next result will tell what has happened
            return max(len(self.running), 1)

    def submit(self, first_unit: int, units: int) -> "_Task":
        task = _Task(self, first_unit, units)
        self.running.append(task)
        return task

    def collect(self, counts: np.ndarray) -> None:
        """Every chunk has carried its own bins."""

    def renew(self, generation: int) -> None:
        """After a loss: connect again unless another task has seen to it, and submit all that was under way anew."""
        if generation == self.connection.generation:
            self.connection.renew()
            for task in self.running:
                task.send()


class _Task:
    """A chunk under way, which survives the loss of its workers and its scheduler."""

    def __init__(self, crew: _Crew, first_unit: int, units: int) -> None:
        self.crew = crew
        self.first_unit = first_unit
        self.units = units
        self.deaths = 0
        self.send()

    def send(self) -> None:
        self.generation = self.crew.connection.generation
        try:
            self.future = self.crew.connection.submit(self.crew.order, self.first_unit, self.units)
        except (OSError, RuntimeError, CancelledError):
            self.future = None  # lost before it was sent; ``result`` sees to it

    def result(self) -> Chunk:
        """The chunk (DataError if it cannot be had)."""
        while True:
            try:
                content = self._wait()
            except library().KilledWorker as error:
                self._bury(error)
                self.send()
            except (OSError, CancelledError):
                self.crew.renew(self.generation)
            else:
                self.crew.running.remove(self)
                return self._opened(content)

    def _wait(self) -> Any:
        """The task's result; the look in between is where a cluster without workers is noticed."""
        if self.future is None:
            raise CancelledError
        patience = LOOK
        while True:
            try:
                if not self.future.done():
                    self.crew.connection.wait_for(self.future, LOOK)
                if self.future.status == "error":
                    self._blame(self.future.exception())
                # A result may leave with the worker that holds it, between its end and here; then the task waits for
                # another worker.
                patience *= 2.0
                return self.future.result(timeout=patience)
            except TimeoutError:
                self.crew.connection.threads()

    def _blame(self, error: Any) -> None:
        """Raise what went wrong on a worker, so that it is not mistaken for trouble with the connection."""
        if isinstance(error, DetenteError | library().KilledWorker):
            raise error
        reason = f"{type(error).__name__}: {str(error)[:200]}"
        raise DataError(
            f"{self.crew.connection.shown}: a chunk failed on a worker ({reason}); its log says more."
        ) from error

    def _bury(self, error: Any) -> None:
        self.deaths += 1
        if self.deaths > DEATHS:
            first, last = self.first_unit * reductions.UNIT, (self.first_unit + self.units) * reductions.UNIT - 1
            raise DataError(
                f"{self.crew.connection.shown}: worker after worker died on paths {first} to {last}, the last at {error.last_worker.address}; "
                "see its log, and give workers more memory or fewer threads."
            ) from None

    def _opened(self, content: Any) -> Chunk:
        """The chunk, after a check that it is the one that was ordered."""
        try:
            return wire.chunk_from_arrays(wire.unpack(content), self.crew.made, self.first_unit, self.units)
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(
                f"{self.crew.connection.shown}: a worker's answer is damaged ({error}); run again."
            ) from error


def chunk_units(made: Plan, threads: int) -> int:
    """Units of a chunk: the largest power of two that leaves every thread its chunks and keeps a chunk's memory
    within bounds."""
    steps, width = made.grid.steps, made.recorded.all.size
    of_a_path = 8 * (world.EVENT_ROWS.size + 1)
    of_a_path += 8 * steps * width if made.keep > reductions.UNIT else 0
    of_a_path += 4 * steps * made.ranked if made.exact else 0
    most = min(MOST_UNITS, MOST_BYTES // (of_a_path * reductions.UNIT), made.units // (CHUNKS_EACH * max(threads, 1)))
    return 1 << (max(most, 1).bit_length() - 1)
