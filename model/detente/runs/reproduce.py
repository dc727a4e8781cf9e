"""Running a finished run again from its own folder, and comparing the numbers: byte by byte, then cell by cell."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from detente.config.loader import Config
from detente.engine import simulate
from detente.runs import store
from detente.runs.pairing import installed
from detente.runs.run import Run
from detente.runs.runner import KEEP_PATHS, run
from detente.shared.errors import DataError

COMPARED = ("summary.parquet", "summary.csv", "events.parquet", "paths.parquet")
TABLES = {
    "summary.parquet": ("region", "variable", "statistic", "time"),
    "events.parquet": ("path",),
    "paths.parquet": ("path", "time"),
}
"""Tables that hold a run's numbers, with the columns that name a row; summary.csv is written from the first."""


@dataclass(frozen=True)
class Change:
    """One variable whose numbers differ.

    In how many cells, and the largest difference: absolute, and relative to the larger of the two values.
    """

    file: str
    variable: str
    cells: int
    largest: float
    relative: float

    def row(self) -> dict[str, Any]:
        """The change as a row of a printed table."""
        return {
            "file": self.file,
            "variable": self.variable,
            "cells": self.cells,
            "largest": f"{self.largest:.3g}",
            "relative": f"{self.relative:.2%}",
        }


@dataclass(frozen=True)
class Reproduction:
    """A run computed again.

    ``files``: whether each is byte-equal, of those that the original has; ``changes``: differences in numbers;
    ``unreadable``: original files that could not be compared; ``missing``: files that the original lacks;
    ``versions``: name, then, now of everything that differs in the installation.
    """

    again: Run
    files: dict[str, bool]
    changes: tuple[Change, ...]
    unreadable: tuple[str, ...]
    missing: tuple[str, ...]
    versions: tuple[tuple[str, str, str], ...]

    @property
    def same(self) -> bool:
        """Whether all numbers are the same; files may still differ in what they say of their versions."""
        return not self.changes and not self.unreadable and not self.missing


def reproduce(
    original: Run,
    output: Path,
    *,
    jobs: int | None = None,
    progress: simulate.Progress | None = None,
    talk: Callable[[str], None] = lambda sentence: None,
) -> Reproduction:
    """Simulate a run's configuration and output options again, into the folder ``output``, and compare.

    DataError if the run cannot be read.
    """
    config = configuration(original)
    options = original.manifest["options"]
    again = run(
        config,
        output=output,
        jobs=jobs,
        keep_paths=options.get("keep_paths", KEEP_PATHS),
        exact=options.get("exact", False),
        force=True,
        progress=progress,
        talk=talk,
    )
    missing = tuple(name for name in COMPARED if not (original.folder / name).is_file())
    now = again.manifest["files"]
    files = {name: store.digest(original.folder / name) == now[name] for name in COMPARED if name not in missing}
    changes: list[Change] = []
    unreadable: list[str] = []
    for name, keys in TABLES.items():
        if not files.get(name, True):
            try:
                changes += compared(original.table(name), again.table(name), keys, name)
            except DataError as error:
                unreadable.append(str(error))
    if not files.get("summary.csv", True) and not _equal_csv(original, again):
        unreadable.append(f"{original.folder / 'summary.csv'}: is not the summary that the run has in summary.parquet.")
    changed = tuple(version_changes(original.manifest))
    return Reproduction(again, files, tuple(changes), tuple(unreadable), missing, changed)


def _equal_csv(original: Run, again: Run) -> bool:
    """Whether both folders hold the same numbers in their CSV files."""
    try:
        was, now = (pd.read_csv(run.folder / "summary.csv") for run in (original, again))
    except (OSError, ValueError):
        return False
    return bool(was.equals(now))


def configuration(original: Run) -> Config:
    """The effective configuration of a run, after checking that it is the one of the manifest."""
    path = original.folder / "config.toml"
    if path.is_file() and store.digest(path) != original.manifest["files"].get("config.toml"):
        raise DataError(
            f"{path}: the file was changed after the run, so it does not say what the run was made from; restore it."
        )
    return original.config


def version_changes(manifest: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What differs between the manifest and this installation: name, then, now.

    ``probe`` stands for the digest of the probe values.
    """
    here = installed()
    now = here["versions"] | {"probe": here["digests"]["probe"][:16]}
    then = manifest["versions"] | {"probe": manifest.get("digests", {}).get("probe", "")[:16]}
    return [(name, was, now.get(name, "not installed")) for name, was in then.items() if was and now.get(name) != was]


def compared(was: pd.DataFrame, now: pd.DataFrame, keys: tuple[str, ...], file: str) -> list[Change]:
    """Differences of two tables in numbers, one item a variable.

    Rows and columns that only one of them has count as differing throughout.
    """
    if "value" in was.columns and "variable" in was.columns:
        return _compared_long(was, now, keys, file)
    rows = len(was) if len(was) == len(now) and all(_same(was[key], now[key]) for key in keys) else None
    changes = []
    for column in dict.fromkeys([*was.columns, *now.columns]):
        if column in keys:
            continue
        if rows is None or column not in was.columns or column not in now.columns:
            changes.append(Change(file, column, max(len(was), len(now)), float("nan"), float("nan")))
        else:
            changes += _change(
                was[column].to_numpy(float, na_value=np.nan), now[column].to_numpy(float, na_value=np.nan), file, column
            )
    return changes


def _same(first: pd.Series, second: pd.Series) -> bool:
    return bool(first.astype(str).tolist() == second.astype(str).tolist())


def _compared_long(was: pd.DataFrame, now: pd.DataFrame, keys: tuple[str, ...], file: str) -> list[Change]:
    """The summary: rows are matched by their keys."""
    columns = list(keys)
    both = was[[*columns, "value"]].merge(now[[*columns, "value"]], on=columns, how="outer", suffixes=("_was", "_now"))
    changes = []
    for (region, variable), part in both.groupby(["region", "variable"], sort=False):
        changes += _change(
            part["value_was"].to_numpy(float), part["value_now"].to_numpy(float), file, f"{region}|{variable}"
        )
    return changes


def _change(was: np.ndarray, now: np.ndarray, file: str, variable: str) -> list[Change]:
    """The largest difference of two arrays (missing equals missing), or nothing if they are the same."""
    differ = ~((was == now) | (np.isnan(was) & np.isnan(now)))
    if not differ.any():
        return []
    gap = np.abs(now[differ] - was[differ])
    scale = np.maximum(np.abs(now[differ]), np.abs(was[differ]))
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = gap / scale
    largest = float(np.nanmax(gap)) if not np.isnan(gap).all() else float("nan")
    return [
        Change(
            file,
            variable,
            int(differ.sum()),
            largest,
            float(np.nanmax(relative)) if not np.isnan(relative).all() else float("nan"),
        )
    ]
