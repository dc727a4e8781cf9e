"""Functions of the library: simulate a scenario, work through a batch file."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from detente.api.results import Run
from detente.batches.batch import Batch, open_batch
from detente.batches.execute import Watcher
from detente.config.loader import Config
from detente.config.loader import load as load_config
from detente.runs.runner import KEEP_PATHS, Options
from detente.runs.runner import run as simulate
from detente.shared.errors import ConfigError
from detente.shared.messages import quoted

__all__ = ["batch", "run"]


def run(
    scenario: str | Path | Config = "baseline",
    *,
    paths: int | None = None,
    horizon: int | None = None,
    step: str | None = None,
    as_of: str | dt.date | None = None,
    seed: Any = None,
    sets: Iterable[str] | Mapping[str, Any] = (),
    configs: str | Path | None = None,
    output: str | Path | None = None,
    jobs: int | None = None,
    keep_paths: int = KEEP_PATHS,
    exact: bool = False,
    force: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Run:
    """Simulate a scenario and write its run folder.

    Parameters
    ----------
    scenario
        A name, the path of a TOML file, or a ``Config``, which is run unchanged.
    paths
        Number of simulations; default: the scenario's.
    horizon
        Months; default: the scenario's.
    step
        "month" or "week"; default: the scenario's.
    as_of
        Date, as "2025-03-31": the run starts from the facts known then; default: the scenario's.
    seed
        A whole number, or a NumPy generator that draws one; default: the scenario's seed.
    sets
        Settings over the scenario's, as ``["facts.oil.brent=55"]`` or a dict.
    configs
        Folder of configuration files; default: the shipped ones.
    output
        Folder that holds run folders; default: ``results`` in the working folder.
    jobs
        Threads; default: all cores. Numbers do not depend on it.
    keep_paths
        Number of complete paths to store.
    exact
        Exact quantiles instead of bins of 0.8% width; needs more memory.
    force
        Simulate even if the same run is there.
    progress
        Called with the number of finished and of all paths.

    Returns
    -------
    Run
        The finished run; ``run.report()`` writes its report.

    Raises
    ------
    ConfigError
        For an invalid scenario or setting.
    DataError
        If the folder cannot be written.
    """
    if isinstance(scenario, Config):
        if any(option is not None for option in (paths, horizon, step, as_of, seed, configs)) or sets:
            raise ConfigError(
                "a Config is run unchanged; give paths, horizon, step, as_of, seed and sets to "
                "detente.config.loader.load instead."
            )
        config = scenario
    else:
        config = load_config(
            scenario,
            sets,
            paths=paths,
            seed=int(seed.integers(2**63)) if hasattr(seed, "integers") else seed,
            horizon=horizon,
            step=step,
            as_of=_day(as_of),
            configs=Path(configs) if configs is not None else None,
        )
    finished = simulate(
        config,
        output=Path(output) if output is not None else None,
        jobs=jobs,
        keep_paths=keep_paths,
        exact=exact,
        force=force,
        progress=progress,
    )
    return Run(finished.folder)


def batch(
    file: str | Path,
    *,
    paths: int | None = None,
    as_of: str | dt.date | None = None,
    configs: str | Path | None = None,
    output: str | Path | None = None,
    jobs: int | None = None,
    force: bool = False,
    resume: bool = True,
    fail_fast: bool = False,
    watcher: Watcher | None = None,
) -> Batch:
    """Run the unfinished units of a batch file.

    Parameters
    ----------
    file
        The batch file.
    paths
        Number of simulations of every unit; default: the file's.
    as_of
        As-of date of every unit; default: the file's.
    configs
        Folder of configuration files; default: the shipped ones.
    output
        Folder that holds runs and batches; default: ``results`` in the working folder.
    jobs
        Threads; default: all cores.
    force
        Run all units again.
    resume
        Continue from checkpoints and smaller runs.
    fail_fast
        Stop at the first unit that fails; otherwise failures are listed in ``failures``.
    watcher
        Receives progress.

    Returns
    -------
    Batch
        ``units``, ``runs`` by unit, ``failures``, ``summary()`` and ``path``.

    Raises
    ------
    ConfigError
        If the file or a unit is wrong; nothing is run.
    DataError
        If the disk is full or cannot be written; the same call continues from there.
    """
    folder, roots = (Path(path) if path is not None else None for path in (output, configs))
    options = Options(jobs=jobs, force=force, resume=resume)
    opened = open_batch(
        Path(file), output=folder, configs=roots, paths=paths, as_of=_day(as_of), options=options, watcher=watcher
    )
    return opened.run(fail_fast=fail_fast)


def _day(as_of: str | dt.date | None) -> dt.date | None:
    """A date, or the date of a text (ConfigError if it is none)."""
    if as_of is None or isinstance(as_of, dt.date):
        return as_of
    try:
        return dt.date.fromisoformat(as_of)
    except ValueError:
        raise ConfigError(f"as_of is {quoted(as_of)}; write the date as YYYY-MM-DD.") from None
