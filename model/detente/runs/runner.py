"""One scenario from its name to a run folder."""

import json
import os
import platform
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from detente_kernels import reductions
from filelock import Timeout

from detente.config.configuration import stored_origins
from detente.config.loader import Config
from detente.engine import outputs, simulate
from detente.engine.events import count_events, guarded_paths
from detente.engine.executors import Executor
from detente.engine.kept_paths import kept_paths
from detente.engine.summary import summarise
from detente.engine.version import model_version
from detente.runs import checkpoints, hidden, speed, store
from detente.runs.checkpoints import Checkpoint, SavedStates, Start
from detente.runs.cost import cores_used
from detente.runs.identity import data_digests, family, identity, model_digests, versions
from detente.runs.manifest import SCHEMA
from detente.runs.pairing import installed, model_difference
from detente.runs.run import Run, load
from detente.runs.words import take_up_words
from detente.shared import files
from detente.shared.errors import BusyError, DataError
from detente.shared.machine import threads
from detente.shared.paths import make_folder, run_folder
from detente.shared.release import MODEL_NAME

KEEP_PATHS = 2000
"""Paths that a run keeps in full, unless another number is asked for."""


@dataclass(frozen=True)
class Options:
    """How a run is computed and what is kept of it; none of this changes a number.

    ``jobs``: threads, all cores by default and at most, or an ``executor``. ``keep_paths``: paths kept in full.
    ``exact``: exact quantiles. ``keep_state``: keep the state needed to extend the run. ``force``: run although the
    same run exists. ``resume``: continue from a checkpoint or a smaller run where there is one.
    """

    jobs: int | None = None
    keep_paths: int = KEEP_PATHS
    exact: bool = False
    keep_state: bool = False
    force: bool = False
    resume: bool = True
    chunk_units: int | None = None
    executor: Executor | None = None


def run(
    config: Config,
    *,
    output: Path | None = None,
    options: Options | None = None,
    progress: simulate.Progress | None = None,
    talk: Callable[[str], None] = lambda sentence: None,
    states: SavedStates | None = None,
    name: str | None = None,
    **single: Any,
) -> Run:
    """Simulate a configuration and write its run folder.

    A finished run of the same identity is returned as it is unless ``force``.

    Parameters
    ----------
    config : Config
        The complete configuration.
    output : Path, optional
        The folder that holds run folders; ``results`` in the working folder by default.
    options : Options, optional
        How to run and what to keep; single options may be given as keywords instead.
    progress : callable, optional
        Called with the number of finished paths and of all paths.
    talk : callable, optional
        Receives sentences for the user.
    states : SavedStates, optional
        Saved states of runs to extend; looked for in ``output`` if absent.
    name : str, optional
        The identity of the run, if it is known.

    Returns
    -------
    Run
        The finished run.

    Raises
    ------
    BusyError
        If another process writes the same run.
    DataError
        If the folder cannot be written or every path fails.
    """
    chosen = options or Options(**single)
    folder = run_folder(config.name, name or identity(config), output)
    try:
        make_folder(folder.parent)
        if states is None:
            tidy(folder.parent)
        lock = store.lock(folder.parent / f".{folder.name}.lock")
        with lock:
            if not chosen.force and folder.is_dir() and usable(folder, chosen):
                talk(f"{folder} is already there and complete; --force runs it again.")
                if take_up_words(folder, config):
                    talk(f"The title or description of {folder} is now that of the scenario.")
            else:
                _Job(config, folder, chosen, states or SavedStates(folder.parent), talk).run(progress)
            return load(folder)
    except Timeout:
        raise BusyError(
            f"{folder}: another run is writing this folder; wait for it to end, or choose another folder with --output."
        ) from None
    except OSError as error:
        advice = files.remedy(error, "choose another folder with --output")
        raise DataError(f"{folder.parent}: cannot be written ({error.strerror}); {advice}.") from error


def tidy(root: Path) -> None:
    """Clear what interrupted runs left behind in a results folder."""
    store.sweep(root)
    checkpoints.sweep(root)


def usable(folder: Path, options: Options) -> bool:
    """Whether a folder is a complete run made with the same output options."""
    return not objections(folder, options)


def objections(folder: Path, options: Options) -> list[str]:
    """Why a run folder cannot stand for a run with these options, a few words each; empty if it can."""
    try:
        head = store.read_head(folder)
    except DataError as error:
        return [str(error)]
    difference = model_difference(head, installed())
    if difference:
        return [difference]
    asked = {"keep_paths": min(options.keep_paths, head["run"]["paths"]), "exact": options.exact}
    differences = [
        f"{name}: {head['options'].get(name)} -> {value}"
        for name, value in asked.items()
        if head["options"].get(name) != value
    ]
    return differences or store.run_damage(folder, head)


class _Job:
    """One run folder in the making."""

    def __init__(
        self, config: Config, folder: Path, options: Options, states: SavedStates, talk: Callable[[str], None]
    ) -> None:
        self.config = config
        self.folder = folder
        self.options = options
        self.states = states
        self.talk = talk
        self.log = _Log()
        self.family = family(config, exact=options.exact)
        self.jobs = threads(options.jobs)
        self.plan = simulate.plan(config, keep_paths=options.keep_paths, exact=options.exact)
        self.columns = [(entry.field, entry.kind) for entry in outputs.events()]
        self.incidence = np.zeros((len(self.columns), self.plan.grid.steps), np.int64)
        self.guarded = 0
        between = checkpoints.units_between(self.plan.grid.steps)
        remote = options.executor is not None
        self.between = between if (self.plan.units > between or remote) and not options.exact else 0
        self.seconds = checkpoints.SECONDS if remote else None
        self.checkpoint = Checkpoint(folder, self.columns)
        if self.checkpoint.obstructed:
            self.talk(f"{hidden.foreign(self.checkpoint.folder)} Until then the run saves no checkpoint.")
            self.between = 0
        self.metadata = {
            "run": folder.name.rpartition("-")[2],
            "scenario": config.name,
            "model_version": model_version(),
        }

    def run(self, progress: simulate.Progress | None) -> None:
        """Simulate into a hidden folder that is renamed when it is complete."""
        store.must_be_replaceable(self.folder)
        plan = self.plan
        self.log.note("planned", paths=plan.grid.paths, steps=plan.grid.steps, variables=len(plan.variables))
        start = self._start()
        try:
            with store.new_folder(self.folder) as target:
                reduction = self._simulate(target, start, progress)
                self._report_failures(reduction)
                self._write(target, reduction, start)
        finally:
            self.checkpoint.close()
        self.checkpoint.remove()
        self.states.add(self.folder, store.read_head(self.folder))

    def _start(self) -> Start | None:
        """Where to continue: the own checkpoint, or else a smaller run; None to begin at the first path."""
        if not self.options.resume or self.options.force:
            self.checkpoint.remove()
            return None
        start = None
        try:
            start = self.checkpoint.load(self.plan) if hidden.owned(self.checkpoint.folder) else None
            if start is None and not self.options.exact:
                smaller = self.states.largest(self.config.name, self.family, self.config.run.paths)
                start = checkpoints.from_run(smaller, self.plan, self.columns) if smaller else None
        except DataError as error:
            self.talk(f"{error} The run begins at its first path.")
        if start is not None:
            versions_then = f", made with {start.versions}" if start.versions else ""
            self.talk(
                f"{self.config.name} continues from {start.source}{versions_then}: "
                f"{start.state.paths:,} of {self.config.run.paths:,} paths."
            )
            self.log.note("continues", paths=start.state.paths, source=start.source)
        return start

    def _simulate(self, target: Path, start: Start | None, progress: simulate.Progress | None) -> simulate.Reduction:
        plan, incidence = self.plan, self.incidence
        whole_units = plan.grid.paths // reductions.UNIT
        keeps_state = self.options.keep_state and whole_units > 0 and not self.options.exact
        with closing(store.EventWriter(target / "events.parquet", self.columns, self.metadata)) as writer:

            def receive(events: npt.NDArray[np.float64], failed: npt.NDArray[np.int64]) -> None:
                writer.add(events, failed)
                count_events(incidence, events[:, failed == 0], plan.grid.dt)
                self.guarded += guarded_paths(events[:, failed == 0])
                if self.between:
                    self.checkpoint.add(events, failed)

            def save(state: simulate.State) -> None:
                if state.units == whole_units:
                    if keeps_state:
                        checkpoints.save(target / checkpoints.STATE, state, incidence, kept_in_full=False)
                elif self.between:
                    self.checkpoint.commit(state, incidence)

            if start is not None:
                incidence += start.incidence
                for events, failed in start.events():
                    writer.add(events, failed)
                    self.guarded += guarded_paths(events[:, failed == 0])
                    if self.between and start.source != checkpoints.OWN:
                        self.checkpoint.add(events, failed)
                if start.state.units == whole_units:
                    save(start.state)
            reduction = simulate.simulate(
                plan,
                executor=self.options.executor,
                jobs=self.jobs,
                chunk_units=self.options.chunk_units,
                on_events=receive,
                progress=progress,
                start=start.state if start else None,
                on_state=save if keeps_state or self.between else None,
                state_units=self.between if self.between and self.seconds is None else None,
                state_seconds=self.seconds if self.between else None,
            )
        if self.options.executor is None and not self.options.exact:
            path_steps = (plan.grid.paths - reduction.continued) * plan.grid.steps
            speed.note_run(path_steps, cores_used(plan.units, self.jobs), reduction.seconds)
        self.log.note("simulated", seconds=round(reduction.seconds, 3), jobs=self.jobs, failed_paths=reduction.failed)
        return reduction

    def _report_failures(self, reduction: simulate.Reduction) -> None:
        """Name failed paths; DataError if there are no others."""
        for path, step in reduction.failures:
            self.log.note("failed path", path=path, step=step)
        paths = self.config.run.paths
        if reduction.failed:
            first_path, first_step = reduction.failures[0]
            self.talk(
                f"{reduction.failed} of {paths} paths reached a non-finite value (the first: path {first_path}, "
                f"step {first_step}) and are left out of all averages; events.parquet names them in failed_at_step. "
                "Look for an extreme parameter."
            )
        if reduction.failed == paths:
            raise DataError(
                f"{self.config.name}: every path failed, so there is no result; "
                "look for an extreme parameter among those the scenario changes."
            )

    def _write(self, target: Path, reduction: simulate.Reduction, start: Start | None) -> None:
        """The tables and, last, the manifest."""
        summary = summarise(reduction, self.incidence)
        store.write_table(summary, target / "summary.parquet", self.metadata)
        store.write_csv(summary, target / "summary.csv")
        store.write_table(kept_paths(self.plan, reduction), target / "paths.parquet", self.metadata)
        (target / "config.toml").write_text(self.config.to_toml(), encoding="utf-8", newline="\n")
        self.log.note("written")
        (target / "log.jsonl").write_bytes(b"".join(self.log.lines))
        manifest = self._manifest(reduction)
        if start is not None:
            manifest["continued"] = {"paths": start.state.paths, "source": start.source}
        manifest["files"] = store.file_digests(target)
        (target / store.MANIFEST).write_bytes(store.sealed(manifest))

    def _manifest(self, reduction: simulate.Reduction) -> dict[str, Any]:
        config = self.config
        return {
            "schema": SCHEMA,
            "id": self.metadata["run"],
            "model": MODEL_NAME,
            "scenario": config.name,
            "title": config.title,
            "status": "complete",
            "as_of": config.as_of.isoformat(),
            "overrides": dict(config.overrides),
            "run": config.run.model_dump(mode="json"),
            "options": {"keep_paths": self.plan.keep, "exact": self.options.exact},
            "family": self.family,
            "config": config.canonical(),
            "config_digest": config.digest(),
            "origins": stored_origins(config),
            "data": data_digests(),
            "digests": model_digests(),
            "seed": config.run.seed,
            "failed_paths": reduction.failed,
            "guarded_paths": self.guarded,
            "versions": versions(),
            "platform": {"system": platform.system(), "machine": platform.machine(), "cores": os.cpu_count()},
            "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "wall_seconds": round(reduction.seconds, 3),
            "paths_per_second": round((self.plan.grid.paths - reduction.continued) / max(reduction.seconds, 1e-9)),
            "jobs": self.jobs,
        }


class _Log:
    """Lines of log.jsonl: what happened, with the seconds since the start."""

    def __init__(self) -> None:
        self.started = time.perf_counter()
        self.lines: list[bytes] = []

    def note(self, what: str, **details: Any) -> None:
        line = {"seconds": round(time.perf_counter() - self.started, 3), "what": what} | details
        self.lines.append((json.dumps(line, sort_keys=True) + "\n").encode())
