"""Many runs from one file: scenarios, overrides, grids and seeds, worked through so that nothing finished is lost
and nothing is done twice."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from detente.batches import tables
from detente.batches.execute import Silent, Watcher, Work
from detente.batches.record import Folder, Record
from detente.batches.schema import BatchFile, read_batch
from detente.batches.status import Status
from detente.batches.tasks import Configurer, Task, prepare
from detente.batches.units import batch_name, expand
from detente.engine.executors import Executor
from detente.report.page import index_page
from detente.runs import runner, store
from detente.runs.run import Run
from detente.runs.run import load as load_run
from detente.runs.runner import Options
from detente.shared.errors import DataError
from detente.shared.formatting import listed
from detente.shared.paths import config_roots

__all__ = ["Batch", "open_batch"]


@dataclass(frozen=True)
class Batch:
    """A batch that has been read and looked at: ``tasks`` are its units by content, each once; ``run`` works through
    those that are not finished."""

    name: str
    title: str
    file: BatchFile
    tasks: list[Task]
    folder: Folder
    work: Work

    @property
    def units(self) -> list[str]:
        """Names of the units, in the order of the file."""
        return [task.name for task in self.tasks]

    @property
    def statuses(self) -> dict[str, Status]:
        """Whether each unit is finished, and if not, why it is to be run."""
        return self.work.statuses

    @property
    def failures(self) -> dict[str, str]:
        """One sentence for each unit that failed; the traceback is in ``folder.error_file(name)``."""
        return self.work.failures

    @property
    def path(self) -> Path:
        """The batch's own folder."""
        return self.folder.path

    @cached_property
    def runs(self) -> Mapping[str, Run]:
        """The finished runs by the names of their units."""
        return {task.name: load_run(task.folder) for task in self.tasks if self.statuses[task.name].done}

    def summary(self) -> pd.DataFrame:
        """The long table over all finished units: ``batch_unit`` and the columns of a run's summary (DataError if it
        is missing or damaged)."""
        path = self.path / tables.SUMMARY
        if self.work.record.files.get(tables.SUMMARY) != store.digest(path):
            raise DataError(f"{path}: the file is not what was written; give the batch again, and it is written anew.")
        return store.read_table(path)

    def run(self, *, fail_fast: bool = False, executor: Executor | None = None) -> "Batch":
        """Work through the units that are not finished, then write what spans them all; returns itself.

        A unit that fails is noted and the others go on, unless ``fail_fast``; an ``executor`` computes instead of
        threads. DataError if the disk is full or may not be written: what is finished is kept, and the same call goes
        on from there.
        """
        work = self.work
        work.options = replace(work.options, executor=executor or work.options.executor)
        with self.folder.lock():
            runner.tidy(self.path.parent)
            work.remember()
        try:
            work.run(fail_fast=fail_fast)
        except BaseException:
            work.try_to_remember()
            raise
        with self.folder.lock():
            work.remember()
            self.folder.forget_errors(work.failures)
            tables.write(self.folder, work.record)
            self.folder.write(work.record)
        index_page.write(self.path.parent)
        return self


def open_batch(
    path: Path,
    *,
    output: Path | None = None,
    configs: Path | None = None,
    paths: int | None = None,
    options: Options | None = None,
    watcher: Watcher | None = None,
    closely: bool = False,
) -> Batch:
    """Read a batch file and look which of its units are finished; nothing is written.

    ``paths`` is set over the file's; ``options`` of the runs (``keep_paths`` and ``exact`` may be set by the file);
    ``closely``: find out which key makes a unit run again. ConfigError and DataError name file, line, key and fix.
    """
    document, file = read_batch(path)
    name = batch_name(document, file)
    configurer = Configurer(config_roots(configs), paths)
    folder = Folder(name, output)
    told = watcher or Silent()
    tasks = prepare(expand(document, file), configurer, folder.path.parent)
    if pairs := [f"{other} = {task.name}" for task in tasks for other in task.same]:
        told.say(
            f"{len(pairs)} of {len(tasks) + len(pairs)} units are the same run as an earlier one and are not run twice: {listed(pairs)}."
        )
    given: dict[str, Any] = {"exact": True} if file.run.exact else {}
    given |= {} if file.run.keep_paths is None else {"keep_paths": file.run.keep_paths}
    chosen = replace(options or Options(), **given)
    record = folder.read() or Record(name)
    record.title = file.title or name.replace("-", " ").capitalize()
    work = Work(tasks, configurer, chosen, folder, record, file.run.keep_state, told)
    work.assess(closely=closely)
    return Batch(name, record.title, file, tasks, folder, work)
