"""Batches: many runs from one file of scenarios, overrides, grids and seeds.

Finished units are kept and never run twice.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from detente.batches import tables
from detente.batches.execute import Silent, Watcher, Work
from detente.batches.record import SUMMARY, Folder, Record
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
    """A batch file with the status of its units.

    Attributes
    ----------
    name, title : str
        Name and title of the batch.
    file : BatchFile
        The batch file.
    tasks : list of Task
        The units by content, each run once.
    folder : Folder
        The batch folder.
    work : Work
        Status and execution of the units.
    """

    name: str
    title: str
    file: BatchFile
    tasks: list[Task]
    folder: Folder
    work: Work

    @property
    def units(self) -> list[str]:
        """Names of the units, in file order."""
        return [task.name for task in self.tasks]

    @property
    def statuses(self) -> dict[str, Status]:
        """Status of each unit, with the reasons why an unfinished one has to be run."""
        return self.work.statuses

    @property
    def failures(self) -> dict[str, str]:
        """Message for each failed unit; the traceback is in ``folder.error_file(name)``."""
        return self.work.failures

    @property
    def path(self) -> Path:
        """The batch folder."""
        return self.folder.path

    @cached_property
    def runs(self) -> Mapping[str, Run]:
        """Finished runs by unit name."""
        return {task.name: load_run(task.folder) for task in self.tasks if self.statuses[task.name].done}

    def summary(self) -> pd.DataFrame:
        """Long table of all finished units.

        Returns
        -------
        pandas.DataFrame
            ``batch_unit`` and the columns of a run summary.

        Raises
        ------
        DataError
            If the table is missing or corrupted.
        """
        path = self.path / SUMMARY
        if self.work.record.files.get(SUMMARY) != store.digest(path):
            raise DataError(f"{path}: checksum mismatch; run the batch again to rewrite the file.")
        return store.read_table(path)

    def run(self, *, fail_fast: bool = False, executor: Executor | None = None) -> "Batch":
        """Run the unfinished units, then write the tables over all units.

        Parameters
        ----------
        fail_fast : bool
            Stop at the first failed unit instead of continuing with the others.
        executor : Executor, optional
            Compute on a cluster instead of threads.

        Returns
        -------
        Batch
            This batch.

        Raises
        ------
        DataError
            If the disk is full or not writable. Finished units are kept, and the same call resumes the batch.
        """
        work = self.work
        work.options = replace(work.options, executor=executor or work.options.executor)
        self.folder.must_be_ours()
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
        index_page.refresh(self.path.parent, work.watcher.say)
        return self


def open_batch(
    path: Path,
    *,
    output: Path | None = None,
    configs: Path | None = None,
    paths: int | None = None,
    as_of: dt.date | None = None,
    options: Options | None = None,
    watcher: Watcher | None = None,
    closely: bool = False,
) -> Batch:
    """Read a batch file and check which of its units are finished, without writing anything.

    Parameters
    ----------
    path : Path
        The batch file.
    output : Path, optional
        Results folder.
    configs : Path, optional
        Configuration folder.
    paths : int, optional
        Number of paths per unit; overrides the file.
    as_of : date, optional
        As-of date of every unit; overrides the file.
    options : Options, optional
        Run options; ``keep_paths`` and ``exact`` may be set by the file.
    watcher : Watcher, optional
        Receives progress.
    closely : bool
        Also determine which key makes an unfinished unit run.

    Returns
    -------
    Batch
        The batch with the status of its units.

    Raises
    ------
    ConfigError, DataError
        With file, line, key and remedy.
    """
    document, file = read_batch(path)
    name = batch_name(document, file)
    configurer = Configurer(config_roots(configs), paths, as_of)
    folder = Folder(name, output)
    listener = watcher or Silent()
    tasks = prepare(expand(document, file), configurer, folder.path.parent)
    if pairs := [f"{other} = {task.name}" for task in tasks for other in task.same]:
        listener.say(
            f"{len(pairs)} of {len(tasks) + len(pairs)} units duplicate an earlier one and are run once: "
            f"{listed(pairs)}."
        )
    given: dict[str, Any] = {"exact": True} if file.run.exact else {}
    given |= {} if file.run.keep_paths is None else {"keep_paths": file.run.keep_paths}
    chosen = replace(options or Options(), **given)
    record = folder.read() or Record(name)
    record.title = file.title or name.replace("-", " ").capitalize()
    work = Work(tasks, configurer, chosen, folder, record, file.run.keep_state, listener)
    work.assess(closely=closely)
    return Batch(name, record.title, file, tasks, folder, work)
