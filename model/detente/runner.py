"""One scenario from its name to a run folder."""

import os
import platform
import shutil
import time
from collections.abc import Callable
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from filelock import FileLock, Timeout

from detente import simulate, store, variables
from detente.checkpoint import Checkpoint
from detente.config import Config
from detente.errors import DataError
from detente.executors import Executor
from detente.places import run_folder
from detente.results import Run, load
from detente.summary import summarise
from detente.version import MODEL_NAME, __version__, model_version

KEEP_PATHS = 2000


def identity(config: Config) -> str:
    """Eight hexadecimal digits: effective configuration (seed included) and model version."""
    import hashlib

    return hashlib.sha256(f"{config.digest()} {model_version()}".encode()).hexdigest()[:8]


def run(
    config: Config,
    *,
    output: Path | None = None,
    jobs: int | None = None,
    keep_paths: int = KEEP_PATHS,
    exact: bool = False,
    force: bool = False,
    chunk_units: int | None = None,
    executor: Executor | None = None,
    progress: simulate.Progress | None = None,
    talk: Callable[[str], None] = lambda sentence: None,
) -> Run:
    """Simulate a configuration and write its run folder; a finished run of the same identity is returned as it is unless ``force``.

    ``output`` is the folder that holds run folders; ``jobs`` threads (all cores by default); ``talk`` receives sentences for the user.
    ``executor`` computes instead of threads (``detente.cluster``): such a run saves its state now and then, and goes on from it when it was cut off.
    """
    name = identity(config)
    folder = run_folder(config.name, name, output)
    jobs = jobs or os.cpu_count() or 1
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        store.sweep(folder.parent)
        lock = FileLock(folder.parent / f".{folder.name}.lock", timeout=0)
        with lock:
            if folder.is_dir() and not force and _usable(folder, keep_paths, exact):
                talk(f"{folder} is already there and whole; --force runs it again.")
                return load(folder)
            with store.new_folder(folder) as hidden:
                _write(config, name, hidden, jobs, keep_paths, exact, chunk_units, executor, progress, talk)
            shutil.rmtree(_saved_part(folder), ignore_errors=True)
    except Timeout:
        raise DataError(f"{folder}: another run is writing this folder; wait for it to end, or choose another folder with --output.") from None
    except OSError as error:
        raise DataError(f"{folder.parent}: cannot be written ({error.strerror}); choose another folder with --output.") from error
    return load(folder)


def _usable(folder: Path, keep_paths: int, exact: bool) -> bool:
    """Whether a folder is a whole run made with the same output options."""
    try:
        manifest = store.read_manifest(folder)
    except DataError:
        return False
    asked = {"keep_paths": min(keep_paths, manifest["config"]["run"]["paths"]), "exact": exact}
    return manifest.get("options") == asked and not any(not line.endswith("did not write.") for line in store.damage(folder, manifest))


def _write(
    config: Config,
    name: str,
    hidden: Path,
    jobs: int,
    keep_paths: int,
    exact: bool,
    chunk_units: int | None,
    executor: Executor | None,
    progress: simulate.Progress | None,
    talk: Callable[[str], None],
) -> None:
    """Simulate into a folder that is not yet visible."""
    log = _Log()
    made = simulate.plan(config, keep_paths=keep_paths, exact=exact)
    log.note(
        "planned", paths=config.run.paths, steps=made.grid.steps, variables=len(made.variables), parameters_drawn=int(made.sampler.shifts.shape[1])
    )
    metadata = {"run": name, "scenario": config.name, "model_version": model_version()}
    entries = variables.events()
    incidence = np.zeros((len(entries), made.grid.steps), np.int64)
    columns = [(entry.field, entry.kind) for entry in entries]
    with closing(store.EventWriter(hidden / "events.parquet", columns, metadata)) as writer:

        def receive(events: np.ndarray, failed: np.ndarray) -> None:
            writer.add(events, failed)
            _count(incidence, events[:, failed == 0], made.grid.dt)

        hooks = (
            {"on_events": receive}
            if executor is None
            else Checkpoint(_saved_part(run_folder(config.name, name, hidden.parent)), made, receive).hooks()
        )
        reduction = simulate.simulate(made, executor=executor, jobs=jobs, chunk_units=chunk_units, progress=progress, **hooks)
    log.note("simulated", seconds=round(reduction.seconds, 3), jobs=jobs, failed_paths=reduction.failed)
    for path, step in reduction.failures:
        log.note("failed path", path=path, step=step)
    if reduction.failed:
        first_path, first_step = reduction.failures[0]
        talk(
            f"{reduction.failed} of {config.run.paths} paths reached a value beyond sense (the first: path {first_path}, step {first_step}) "
            "and are left out of all averages; events.parquet names them in failed_at_step. Look for an extreme parameter."
        )
    if reduction.failed == config.run.paths:
        raise DataError(f"{config.name}: every path failed, so there is no result; look for an extreme parameter among those the scenario changes.")
    summary = summarise(reduction, incidence)
    store.write_table(summary, hidden / "summary.parquet", metadata)
    store.write_csv(summary, hidden / "summary.csv")
    store.write_table(_kept(made, reduction), hidden / "paths.parquet", metadata)
    (hidden / "config.toml").write_text(config.to_toml(), encoding="utf-8", newline="\n")
    log.note("written")
    (hidden / "log.jsonl").write_bytes(b"".join(log.lines))
    manifest = _manifest(config, name, made, reduction, jobs)
    manifest["options"] = {"keep_paths": made.keep, "exact": exact}
    manifest["files"] = store.file_digests(hidden)
    (hidden / store.MANIFEST).write_bytes(store.to_json(manifest))


def _saved_part(folder: Path) -> Path:
    """Where a run that may be cut off saves its state."""
    return folder.parent / f".{folder.name}.checkpoint"


def _count(incidence: np.ndarray, events: np.ndarray, dt: float) -> None:
    """Add the paths on which each event has happened by the end of each step; ``events`` (events, paths) in months, NaN for never."""
    steps = incidence.shape[1]
    ends = np.arange(1, steps + 1) * dt
    for e in range(events.shape[0]):
        at = events[e][~np.isnan(events[e])]
        incidence[e] += np.searchsorted(np.sort(at), ends + 1e-9, side="right")


def _kept(made: simulate.Plan, reduction: simulate.Reduction) -> pd.DataFrame:
    """Whole paths, long by path; float32, which is finer than any price."""
    paths, steps, _ = reduction.kept.shape
    frame = {"path": np.repeat(np.arange(paths, dtype=np.int32), steps), "time": np.tile(np.array(made.calendar.starts(), dtype=object), paths)}
    for v, variable in enumerate(made.variables):
        frame[variable.column] = reduction.kept[:, :, v].astype(np.float32).ravel()
    return pd.DataFrame(frame)


def _manifest(config: Config, name: str, made: simulate.Plan, reduction: simulate.Reduction, jobs: int) -> dict[str, Any]:
    packages = ("numpy", "scipy", "numba", "pandas", "pyarrow", "pydantic", "matplotlib")
    return {
        "id": name,
        "model": MODEL_NAME,
        "scenario": config.name,
        "title": config.title,
        "status": "complete",
        "config": config.canonical(),
        "config_digest": config.digest(),
        "seed": config.run.seed,
        "failed_paths": reduction.failed,
        "versions": {"detente": __version__, "model": model_version(), "python": platform.python_version()}
        | {name: version(name) for name in packages},
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
