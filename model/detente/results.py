"""A finished run: its tables, read when they are asked for."""

from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from detente import store
from detente.config import Config
from detente.config import load as load_config
from detente.errors import ConfigError
from detente.wording import unknown


class Run:
    """A run folder. Frames are read once and kept; treat them as read only."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self.manifest: dict[str, Any] = store.read_manifest(self.folder)

    @property
    def id(self) -> str:
        return self.manifest["id"]

    @property
    def scenario(self) -> str:
        return self.manifest["scenario"]

    @property
    def paths(self) -> int:
        """Number of simulated paths."""
        return self.manifest["config"]["run"]["paths"]

    @cached_property
    def config(self) -> Config:
        """The effective configuration."""
        store.check_file(self.folder, "config.toml", self.manifest)
        return load_config(self.folder / "config.toml")

    def table(self, name: str) -> pd.DataFrame:
        """A table of the run by its file's name, after checking that it is the one that was written (DataError with the fix if it is not)."""
        store.check_file(self.folder, name, self.manifest)
        return store.read_table(self.folder / name)

    @cached_property
    def _summary(self) -> pd.DataFrame:
        return self.table("summary.parquet")

    @cached_property
    def _events(self) -> pd.DataFrame:
        return self.table("events.parquet")

    @cached_property
    def _kept(self) -> pd.DataFrame:
        return self.table("paths.parquet")

    def summary(self) -> pd.DataFrame:
        """Long table: model, scenario, region, variable, unit, time (first day of the step), statistic, value."""
        return self._summary

    def events(self) -> pd.DataFrame:
        """One row a path: event dates in months since the as-of date (missing: not within the horizon), routes and totals."""
        return self._events

    def kept_paths(self) -> pd.DataFrame:
        """The kept sample of whole paths, long by path: path, time, one column per ``region|variable``."""
        return self._kept

    def fan(self, variable: str, region: str | None = None) -> pd.DataFrame:
        """Statistics of one variable: index time, one column per statistic. ConfigError with the nearest name if there is none such."""
        table = self.summary()
        chosen = table[table["variable"] == variable]
        if region is not None:
            chosen = chosen[chosen["region"] == region]
        if chosen.empty:
            raise ConfigError(f"{self.folder}: {unknown('variable', variable, table['variable'].unique())}")
        if chosen["region"].nunique() > 1:
            regions = ", ".join(sorted(chosen["region"].unique()))
            raise ConfigError(f"{variable} stands for several regions ({regions}); name one of them.")
        return chosen.pivot(index="time", columns="statistic", values="value")

    def __repr__(self) -> str:
        return f"<Run {self.folder.name}: {self.paths:,} paths, {self.manifest['config']['run']['horizon']} months>"


def load(folder: str | Path) -> Run:
    """Open a run folder (DataError if it is none)."""
    return Run(Path(folder))
