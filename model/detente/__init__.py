"""détente: how sanctions on Russia may be lifted, and what that does to energy markets, budgets and the war.

>>> import detente
>>> run = detente.run("baseline", paths=65_536, rng=7)
>>> run.fan("Price|Oil|Brent")

Nothing heavy is imported before it is used.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from detente.batches.batch import Batch
    from detente.config.loader import Config
    from detente.runs.run import Run

__all__ = ["Batch", "Run", "__version__", "batch", "compare", "load", "run"]


def run(
    scenario: "str | Path | Config" = "baseline",
    *,
    paths: int | None = None,
    horizon: int | None = None,
    step: str | None = None,
    rng: Any = None,
    sets: Iterable[str] | Mapping[str, Any] = (),
    configs: str | Path | None = None,
    output: str | Path | None = None,
    jobs: int | None = None,
    keep_paths: int = 2000,
    exact: bool = False,
    force: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> "Run":
    """Simulate a scenario and return its run, whose folder is written under ``output`` (``results`` in the working
    folder by default).

    ``scenario``: a name, the path of a TOML file, or a ``Config``, which is run as it is. Over the scenario's own
    values go ``paths``, ``horizon`` (months), ``step`` ("month" or "week"), ``rng`` (a seed, or a NumPy generator that
    draws one) and ``sets`` (``["facts.oil.brent=55"]`` or a dict). ``jobs``: threads, all cores by default; numbers do
    not depend on it. ``keep_paths``: whole paths kept. ``exact``: exact quantiles. ``force``: run again although the
    same run is there. ``progress(done, all)`` counts paths. Raises ConfigError and DataError as the command line does.
    """
    from detente.config.loader import Config
    from detente.config.loader import load as configure
    from detente.runs.runner import run as simulate
    from detente.shared.errors import ConfigError

    if isinstance(scenario, Config):
        if any(option is not None for option in (paths, horizon, step, rng, configs)) or sets:
            raise ConfigError(
                "a Config is run as it is; give paths, horizon, step, rng and sets to detente.config.load instead."
            )
        config = scenario
    else:
        seed = int(rng.integers(2**63)) if hasattr(rng, "integers") else rng
        config = configure(
            scenario,
            sets,
            paths=paths,
            seed=seed,
            horizon=horizon,
            step=step,
            configs=Path(configs) if configs is not None else None,
        )
    folder = Path(output) if output is not None else None
    return simulate(
        config, output=folder, jobs=jobs, keep_paths=keep_paths, exact=exact, force=force, progress=progress
    )


def batch(
    file: str | Path,
    *,
    paths: int | None = None,
    configs: str | Path | None = None,
    output: str | Path | None = None,
    jobs: int | None = None,
    force: bool = False,
    resume: bool = True,
    fail_fast: bool = False,
    watcher: Any = None,
) -> "Batch":
    """Run the units of a batch file that are not finished, and return the batch: ``units``, ``runs`` by unit,
    ``failures``, ``summary()``, ``path``.

    ``paths`` for all units, over the file's; ``output``: the folder that holds runs and batches (``results`` by
    default). ``force``: run all units again; ``resume``: go on from checkpoints and smaller runs. A unit that fails is
    in ``failures`` and does not stop the others unless ``fail_fast``. ``watcher`` is told how it gets on
    (``detente.batches.execute.Watcher``). Raises ConfigError before anything is run if the file or a unit is wrong, and
    DataError if the disk is full or may not be written: then the same call goes on from there.
    """
    from detente.batches.batch import open_batch
    from detente.runs.runner import Options

    folder, roots = (Path(path) if path is not None else None for path in (output, configs))
    options = Options(jobs=jobs, force=force, resume=resume)
    return open_batch(Path(file), output=folder, configs=roots, paths=paths, options=options, watcher=watcher).run(
        fail_fast=fail_fast
    )


def load(folder: str | Path) -> "Run":
    """Open a finished run by its folder (DataError if it is none)."""
    from detente.runs.run import load as opened

    return opened(folder)


def compare(a: "Run", b: "Run") -> Any:
    """Paired difference of two runs, path by path on the same luck; see ``detente.comparison``."""
    from detente.runs.comparison import compare as paired

    return paired(a, b)


def __getattr__(name: str) -> Any:
    if name == "Batch":
        from detente.batches.batch import Batch

        return Batch
    if name == "Run":
        from detente.runs.run import Run

        return Run
    if name == "trade":
        from importlib import import_module

        return import_module("detente.trade")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
