"""Working through the units of a batch: those that are finished are left alone, one that fails does not hide the
others, an end at any moment loses nothing that was finished."""

import errno
import os
import time
import traceback
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from detente.batches.record import EARLIER, ERRORS, Entry, Folder, Record
from detente.batches.status import Status, status
from detente.batches.tasks import Configurer, Task
from detente.engine.executors import Lost
from detente.runs import runner
from detente.runs.checkpoints import FEWEST_PATHS, SavedStates
from detente.runs.run import Run
from detente.runs.runner import Options
from detente.shared.errors import BusyError, DataError, DetenteError

DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.EMFILE, errno.ENFILE}
"""Failures that the next unit would meet as well: a full disk, a folder that cannot be written."""
PATIENCE = 0.2
"""Seconds between two looks at units that another process is writing."""


class Watcher(Protocol):
    """Who is told how a batch is getting on."""

    def begin(self, task: Task, number: int, of: int) -> None:
        """A unit begins, as number ``number`` of those that are not finished."""

    def paths(self, done: int, of: int) -> None:
        """Paths of the present unit."""

    def end(self, task: Task, run: Run | None, error: str) -> None:
        """A unit has ended, well if there is a run."""

    def say(self, sentence: str) -> None:
        """Anything else worth a sentence."""


class Silent:
    """Nobody is told."""

    def begin(self, task: Task, number: int, of: int) -> None: ...

    def paths(self, done: int, of: int) -> None: ...

    def end(self, task: Task, run: Run | None, error: str) -> None: ...

    def say(self, sentence: str) -> None: ...


@dataclass
class Work:
    """A batch that is being worked through. ``statuses`` by unit; ``failures``: one sentence for each failed unit."""

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
        """Look which units are finished; ``closely``: also which key makes each of the others run."""
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
        """Run what is not finished (DataError when the disk or the cluster is at fault, and the other units would
        meet the same)."""
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
        """Run one unit, or note how it failed."""
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
            if isinstance(error, Lost) or _of_the_disk(error):
                raise
            self._failed(task, error)
            return
        self.seconds[task.name] = time.perf_counter() - begun
        self.statuses[task.name] = Status(True)
        self.watcher.end(task, run, "")

    def _failed(self, task: Task, error: Exception) -> None:
        """Note a failure: a sentence for the table, the traceback on disk."""
        if isinstance(error, MemoryError):
            sentence = "the memory of this computer is not enough; lower paths or keep_paths, or leave out exact."
        elif isinstance(error, DetenteError):
            sentence = str(error)
        else:
            sentence = f"an unexpected failure ({type(error).__name__}: {str(error)[:300] or 'no details'})."
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
        """The same where nothing more can be done if it does not work."""
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
    """Said to nobody: that a unit was finished by another process in the meantime is no news."""


def _of_the_disk(error: BaseException) -> bool:
    """Whether the disk or the folder is at fault, and not the unit."""
    cause: Any = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in DISK:
            return True
        cause = cause.__cause__
    return False


def cores(jobs: int | None) -> int:
    """Cores to use: as many as asked for, or all."""
    return jobs or os.cpu_count() or 1
