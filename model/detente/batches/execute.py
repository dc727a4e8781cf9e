"""Execution of a batch: finished units are skipped, failures are isolated, interruptions lose no finished unit."""

import errno
import time
import traceback
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from detente.batches.record import EARLIER, ERRORS, Entry, Folder, Record
from detente.batches.status import Status, status
from detente.batches.tasks import Configurer, Task
from detente.engine.executors import ExecutorLost
from detente.runs import runner
from detente.runs.checkpoints import FEWEST_PATHS, SavedStates
from detente.runs.run import Run
from detente.runs.runner import Options
from detente.shared.errors import BusyError, DataError, DetenteError

DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.EMFILE, errno.ENFILE}
"""Error numbers that affect every unit, such as a full disk or a read-only folder."""
PATIENCE = 0.2
"""Seconds between two checks of units that another process is running."""


class Watcher(Protocol):
    """Receives the progress of a batch."""

    def begin(self, task: Task, number: int, of: int) -> None:
        """A unit starts; ``number`` counts the unfinished units from 1."""

    def paths(self, done: int, of: int) -> None:
        """Paths completed in the current unit."""

    def end(self, task: Task, run: Run | None, error: str) -> None:
        """A unit has ended, successfully if there is a run."""

    def say(self, sentence: str) -> None:
        """Any other message."""


class Silent:
    """A watcher that prints nothing."""

    def begin(self, task: Task, number: int, of: int) -> None:
        """Nothing."""

    def paths(self, done: int, of: int) -> None:
        """Nothing."""

    def end(self, task: Task, run: Run | None, error: str) -> None:
        """Nothing."""

    def say(self, sentence: str) -> None:
        """Nothing."""


@dataclass
class Work:
    """State of a batch in progress: ``statuses``, ``failures`` (messages) and ``seconds`` by unit name."""

    tasks: list[Task]
    configurer: Configurer
    options: Options
    folder: Folder
    record: Record
    keep_state: bool | None
    watcher: Watcher
    statuses: dict[str, Status] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def assess(self, *, closely: bool = False) -> None:
        """Determine which units are finished; ``closely``: also which key makes the others run."""
        known = self.record.entries
        for task in self.tasks:
            entry = known.get(task.name)
            config = (
                self.configurer.config(task.unit)
                if closely and entry is not None and not task.folder.is_dir()
                else None
            )
            self.statuses[task.name] = status(task, self.options, entry, self.folder, config)

    def run(self, *, fail_fast: bool) -> None:
        """Run the unfinished units.

        Raises DataError if the disk or the cluster fails, since every other unit would fail as well.
        """
        root = self.folder.path.parent
        states = SavedStates(root)
        to_do = [task for task in self.tasks if not self.statuses[task.name].done]
        waiting = deque(enumerate(to_do, 1))
        busy = 0
        while waiting:
            number, task = waiting.popleft()
            self.watcher.begin(task, number, len(to_do))
            try:
                self._unit(task, states)
                busy = 0
            except BusyError:
                busy += 1
                if busy > len(waiting):
                    if busy == len(waiting) + 1:
                        self.watcher.say(f"Waiting for {len(waiting) + 1} units that another process is running …")
                    time.sleep(PATIENCE)
                waiting.append((number, task))
            if fail_fast and self.failures:
                return

    def _unit(self, task: Task, states: SavedStates) -> None:
        """Run one unit, or record its failure."""
        begun = time.perf_counter()
        keep = task.run.paths >= FEWEST_PATHS if self.keep_state is None else self.keep_state
        try:
            run = runner.run(
                self.configurer.config(task.unit),
                output=self.folder.path.parent,
                options=replace(self.options, keep_state=keep),
                progress=self.watcher.paths,
                talk=self.watcher.say if self.options.force or not task.folder.is_dir() else _nothing,
                states=states,
                name=task.id,
            )
        except BusyError:
            raise
        except Exception as error:
            if isinstance(error, ExecutorLost) or _of_the_disk(error):
                raise
            self._failed(task, error)
            return
        self.seconds[task.name] = time.perf_counter() - begun
        self.statuses[task.name] = Status(True)
        self.watcher.end(task, run, "")

    def _failed(self, task: Task, error: Exception) -> None:
        """Record a failure: a message for the table, the traceback on disk."""
        if isinstance(error, MemoryError):
            sentence = "not enough memory; reduce paths or keep_paths, or leave out exact."
        elif isinstance(error, DetenteError):
            sentence = str(error)
        else:
            sentence = f"unexpected error ({type(error).__name__}: {str(error)[:300] or 'no details'})."
        unit = task.unit
        head = {
            "unit": unit.name,
            "run": task.folder.name,
            "error": sentence,
            "settings": dict(unit.settings),
            "options": dict(unit.options),
        }
        text = (
            "".join(f"{key}: {value}\n" for key, value in head.items())
            + "\n"
            + "".join(traceback.format_exception(error))
        )
        self.folder.replace(f"{ERRORS}/{unit.name}.txt", text.encode(errors="backslashreplace"))
        self.failures[unit.name] = sentence
        self.watcher.end(task, None, sentence)

    def remember(self) -> None:
        """Bring the record up to date (DataError if it cannot be written)."""
        self.record.entries = {task.name: self._entry(task, self.record.entries.get(task.name)) for task in self.tasks}
        self.folder.write(self.record)

    def try_to_remember(self) -> None:
        """Save the record, ignoring errors of the disk."""
        with suppress(DataError, OSError):
            self.remember()

    def _entry(self, task: Task, before: Entry | None) -> Entry:
        earlier = [] if before is None else [run for run in (before.run, *before.earlier) if run != task.id]
        done = self.statuses[task.name].done
        seconds = self.seconds.get(task.name, before.seconds if before is not None and before.run == task.id else None)
        return Entry(
            name=task.name,
            run=task.id,
            folder=task.folder.name,
            scenario=task.scenario,
            seed=task.run.seed,
            paths=task.run.paths,
            horizon=task.run.horizon,
            settings=dict(task.unit.settings),
            same=list(task.same),
            earlier=list(dict.fromkeys(earlier))[:EARLIER],
            state="done" if done else "failed" if task.name in self.failures else "to do",
            error=self.failures.get(task.name, ""),
            seconds=None if seconds is None else round(seconds, 3),
        )


def _nothing(sentence: str) -> None:
    """Discard a message: another process has finished the unit in the meantime."""


def _of_the_disk(error: BaseException) -> bool:
    """Whether the disk or the folder caused the error, not the unit."""
    cause: Any = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in DISK:
            return True
        cause = cause.__cause__
    return False
