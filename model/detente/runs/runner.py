"""One scenario from its name to a run folder."""

import os
import platform
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from detente_kernels import reductions
from filelock import Timeout

from detente.config.loader import Config
from detente.engine import outputs, simulate, trade_surface
from detente.engine.executors import Executor
from detente.engine.summary import summarise
from detente.engine.version import MODEL_NAME, __version__, model_version
from detente.runs import checkpoints, store
from detente.runs.checkpoints import Begun, Checkpoint, Kept
from detente.runs.run import Run, load
from detente.shared.errors import BusyError, DataError
from detente.shared.paths import make_folder, run_folder

KEEP_PATHS = 2000


def identity(config: Config) -> str:
    """Eight hexadecimal digits: effective configuration (seed included), model version and codelist of outputs."""
    return _digits(config.digest())


def family(config: Config, *, exact: bool) -> str:
    """What runs have in common of which a larger one can go on from a smaller one: all but the number of paths."""
    return _digits(config.with_paths(1).digest() + " exact" * exact)


def _digits(digest: str) -> str:
    import hashlib

    return hashlib.sha256(f"{digest} {model_version()} {outputs.digest()}".encode()).hexdigest()[:8]


@dataclass(frozen=True)
class Options:
    """How a run is made and what is kept of it; none of this changes a number.

    ``jobs`` threads (all cores by default), or an ``executor``; ``keep_paths`` whole paths kept; ``exact`` quantiles;
    ``keep_state``: keep what a larger run can go on from; ``force``: run although the same run is there; ``resume``: go
    on from a checkpoint or a smaller run where there is one.
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
    kept: Kept | None = None,
    name: str | None = None,
    **given: Any,
) -> Run:
    """Simulate a configuration and write its run folder; a finished run of the same identity is returned as it is
    unless ``force``.

    ``output`` is the folder that holds run folders; ``options``, or single ones of them as keywords; ``talk`` receives
    sentences for the user; ``kept`` are the runs to go on from, looked for in ``output`` if absent; ``name``: the
    identity, if it is known. BusyError if another process is at the same run, DataError if the folder cannot be written
    or every path fails.
    """
    chosen = options or Options(**given)
    folder = run_folder(config.name, name or identity(config), output)
    try:
        make_folder(folder.parent)
        if kept is None:
            tidy(folder.parent)
        lock = store.lock(folder.parent / f".{folder.name}.lock")
        with lock:
            if not chosen.force and folder.is_dir() and usable(folder, chosen):
                talk(f"{folder} is already there and whole; --force runs it again.")
            else:
                _Making(config, folder, chosen, kept or Kept(folder.parent), talk).make(progress)
            return load(folder)
    except Timeout:
        raise BusyError(
            f"{folder}: another run is writing this folder; wait for it to end, or choose another folder with --output."
        ) from None
    except OSError as error:
        raise DataError(
            f"{folder.parent}: cannot be written ({error.strerror}); choose another folder with --output."
        ) from error


def tidy(root: Path) -> None:
    """Clear what killed runs left behind in a results folder."""
    store.sweep(root)
    checkpoints.sweep(root)


def usable(folder: Path, options: Options) -> bool:
    """Whether a folder is a whole run made with the same output options."""
    return not objections(folder, options)


def objections(folder: Path, options: Options) -> list[str]:
    """Why a run folder cannot stand for a run that is asked for with these options, a few words each; none if it
    can."""
    try:
        head = store.read_head(folder)
    except DataError as error:
        return [str(error)]
    asked = {"keep_paths": min(options.keep_paths, head["run"]["paths"]), "exact": options.exact}
    found = [
        f"{name}: {head['options'].get(name)} -> {value}"
        for name, value in asked.items()
        if head["options"].get(name) != value
    ]
    return found or store.run_damage(folder, head)


class _Making:
    """The making of one run folder."""

    def __init__(self, config: Config, folder: Path, options: Options, kept: Kept, talk: Callable[[str], None]) -> None:
        self.config = config
        self.folder = folder
        self.options = options
        self.kept = kept
        self.talk = talk
        self.log = _Log()
        self.family = family(config, exact=options.exact)
        self.jobs = options.jobs or os.cpu_count() or 1
        self.made = simulate.plan(config, keep_paths=options.keep_paths, exact=options.exact)
        self.columns = [(entry.field, entry.kind) for entry in outputs.events()]
        self.incidence = np.zeros((len(self.columns), self.made.grid.steps), np.int64)
        between = checkpoints.units_between(self.made.grid.steps)
        remote = options.executor is not None
        self.between = between if (self.made.units > between or remote) and not options.exact else 0
        self.seconds = checkpoints.SECONDS if remote else None
        self.checkpoint = Checkpoint(folder, self.columns)
        self.metadata = {
            "run": folder.name.rpartition("-")[2],
            "scenario": config.name,
            "model_version": model_version(),
        }

    def make(self, progress: simulate.Progress | None) -> None:
        """Simulate into a hidden folder that takes its place when it is whole."""
        made = self.made
        self.log.note("planned", paths=made.grid.paths, steps=made.grid.steps, variables=len(made.variables))
        begun = self._begun()
        try:
            with store.new_folder(self.folder) as hidden:
                reduction = self._simulate(hidden, begun, progress)
                self._look(reduction)
                self._write(hidden, reduction, begun)
        finally:
            self.checkpoint.close()
        self.checkpoint.remove()
        self.kept.add(self.folder, store.read_head(self.folder))

    def _begun(self) -> Begun | None:
        """Where to go on from: the own checkpoint, or else a smaller run; None to begin at the first path."""
        if not self.options.resume or self.options.force:
            self.checkpoint.remove()
            return None
        begun = self.checkpoint.load(self.made) if self.checkpoint.folder.is_dir() else None
        if begun is None and not self.options.exact:
            smaller = self.kept.largest(self.config.name, self.family, self.config.run.paths)
            try:
                begun = checkpoints.from_run(smaller, self.made, self.columns) if smaller else None
            except DataError as error:
                self.talk(f"{error} It is left aside, and the run begins at its first path.")
        if begun is not None:
            self.talk(
                f"{self.config.name} goes on from {begun.source}, {begun.state.paths:,} of {self.config.run.paths:,} paths."
            )
            self.log.note("goes on", paths=begun.state.paths, source=begun.source)
        return begun

    def _simulate(self, hidden: Path, begun: Begun | None, progress: simulate.Progress | None) -> simulate.Reduction:
        made, incidence = self.made, self.incidence
        whole = made.grid.paths // reductions.UNIT
        keeps = self.options.keep_state and whole > 0 and not self.options.exact
        with closing(store.EventWriter(hidden / "events.parquet", self.columns, self.metadata)) as writer:

            def receive(events: np.ndarray, failed: np.ndarray) -> None:
                writer.add(events, failed)
                _count(incidence, events[:, failed == 0], made.grid.dt)
                if self.between:
                    self.checkpoint.add(events, failed)

            def remember(state: simulate.State) -> None:
                if state.units == whole:
                    if keeps:
                        checkpoints.save(hidden / checkpoints.STATE, state, incidence, whole_paths=False)
                elif self.between:
                    self.checkpoint.commit(state, incidence)

            if begun is not None:
                incidence += begun.incidence
                for events, failed in begun.events():
                    writer.add(events, failed)
                    if self.between and begun.source != checkpoints.OWN:
                        self.checkpoint.add(events, failed)
                if begun.state.units == whole:
                    remember(begun.state)
            reduction = simulate.simulate(
                made,
                executor=self.options.executor,
                jobs=self.jobs,
                chunk_units=self.options.chunk_units,
                on_events=receive,
                progress=progress,
                start=begun.state if begun else None,
                on_state=remember if keeps or self.between else None,
                state_units=self.between if self.between and self.seconds is None else None,
                state_seconds=self.seconds if self.between else None,
            )
        self.log.note("simulated", seconds=round(reduction.seconds, 3), jobs=self.jobs, failed_paths=reduction.failed)
        return reduction

    def _look(self, reduction: simulate.Reduction) -> None:
        """Name failed paths; DataError if there are no others."""
        for path, step in reduction.failures:
            self.log.note("failed path", path=path, step=step)
        paths = self.config.run.paths
        if reduction.failed:
            first_path, first_step = reduction.failures[0]
            self.talk(
                f"{reduction.failed} of {paths} paths reached a value beyond sense (the first: path {first_path}, step {first_step}) "
                "and are left out of all averages; events.parquet names them in failed_at_step. Look for an extreme parameter."
            )
        if reduction.failed == paths:
            raise DataError(
                f"{self.config.name}: every path failed, so there is no result; look for an extreme parameter among those the scenario changes."
            )

    def _write(self, hidden: Path, reduction: simulate.Reduction, begun: Begun | None) -> None:
        """The tables and, last, the manifest."""
        summary = summarise(reduction, self.incidence)
        store.write_table(summary, hidden / "summary.parquet", self.metadata)
        store.write_csv(summary, hidden / "summary.csv")
        store.write_table(_kept(self.made, reduction), hidden / "paths.parquet", self.metadata)
        (hidden / "config.toml").write_text(self.config.to_toml(), encoding="utf-8", newline="\n")
        self.log.note("written")
        (hidden / "log.jsonl").write_bytes(b"".join(self.log.lines))
        manifest = _manifest(self.config, self.metadata["run"], self.made, reduction, self.jobs)
        manifest["options"] = {"keep_paths": self.made.keep, "exact": self.options.exact}
        manifest["family"] = self.family
        if begun is not None:
            manifest["continued"] = {"paths": begun.state.paths, "source": begun.source}
        manifest["files"] = store.file_digests(hidden)
        (hidden / store.MANIFEST).write_bytes(store.sealed(manifest))


def _count(incidence: np.ndarray, events: np.ndarray, dt: float) -> None:
    """Add the paths on which each event has happened by the end of each step; ``events`` (events, paths) in months,
    NaN for never."""
    steps = incidence.shape[1]
    ends = np.arange(1, steps + 1) * dt
    for e in range(events.shape[0]):
        at = events[e][~np.isnan(events[e])]
        incidence[e] += np.searchsorted(np.sort(at), ends + 1e-9, side="right")


def _kept(made: simulate.Plan, reduction: simulate.Reduction) -> pd.DataFrame:
    """Whole paths, long by path; float32, which is finer than any price."""
    paths, steps, _ = reduction.kept.shape
    frame = {
        "path": np.repeat(np.arange(paths, dtype=np.int32), steps),
        "time": np.tile(np.array(made.calendar.starts(), dtype=object), paths),
    }
    for v, variable in enumerate(made.variables):
        frame[variable.column] = reduction.kept[:, :, v].astype(np.float32).ravel()
    return pd.DataFrame(frame)


@cache
def package_versions() -> dict[str, str]:
    """Versions of the libraries that numbers or files may depend on."""
    return {name: version(name) for name in ("numpy", "scipy", "numba", "pandas", "pyarrow", "pydantic", "matplotlib")}


def _manifest(
    config: Config, name: str, made: simulate.Plan, reduction: simulate.Reduction, jobs: int
) -> dict[str, Any]:
    return {
        "id": name,
        "model": MODEL_NAME,
        "scenario": config.name,
        "title": config.title,
        "status": "complete",
        "as_of": config.as_of.isoformat(),
        "run": config.run.model_dump(mode="json"),
        "config": config.canonical(),
        "config_digest": config.digest(),
        "data": {"outputs": outputs.digest(), "trade": trade_surface.digest()},
        "seed": config.run.seed,
        "failed_paths": reduction.failed,
        "versions": {"detente": __version__, "model": model_version(), "python": platform.python_version()}
        | package_versions(),
        "platform": {"system": platform.system(), "machine": platform.machine(), "cores": os.cpu_count()},
        "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "wall_seconds": round(reduction.seconds, 3),
        "paths_per_second": round((made.grid.paths - reduction.continued) / max(reduction.seconds, 1e-9)),
        "jobs": jobs,
    }


class _Log:
    """Lines of log.jsonl: what happened, with the seconds since the start."""

    def __init__(self) -> None:
        self.begun = time.perf_counter()
        self.lines: list[bytes] = []

    def note(self, what: str, **details: Any) -> None:
        import json

        line = {"seconds": round(time.perf_counter() - self.begun, 3), "what": what} | details
        self.lines.append((json.dumps(line, sort_keys=True) + "\n").encode())
