"""Arrays of the runs that a question names: event dates, totals, kept paths and simulated values of parameters."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd

from detente.config.loader import Config
from detente.engine.calendar import Calendar
from detente.engine.sampling import draws
from detente.runs import store
from detente.runs.pairing import (
    installed,
    must_match_installed,
    must_pair,
    must_share_model,
    named,
    version_differences,
)
from detente.shared.errors import ConfigError, DataError
from detente.shared.messages import quoted

PATHS = "paths.parquet"
NO_PATHS = "the run kept no paths, which this question needs; run it again with --keep-paths 2000."
OTHER_VERSION = "another version made this run; run it again."


class Finished(Protocol):
    """The parts of a run that questions use."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def config(self) -> Config:
        """The configuration."""
        ...

    def summary(self) -> pd.DataFrame:
        """The summary of all paths."""
        ...

    def events(self) -> pd.DataFrame:
        """Event dates and totals, one row a path."""
        ...


Resolver = Callable[[str], Finished]
"""Opens the run that a name in square brackets refers to."""


@dataclass
class RunData:
    """Arrays of one run, each read once."""

    run: Finished
    _columns: dict[str, np.ndarray] = field(default_factory=dict)

    @cached_property
    def _statistics(self) -> dict[tuple[str, str, str], np.ndarray]:
        """Rows of the summary by region, variable and statistic, in order of time."""
        groups = self.run.summary().groupby(["region", "variable", "statistic"], sort=False)
        rows: dict[tuple[str, str, str], np.ndarray] = groups.indices
        return rows

    def statistic(self, column: str, name: str) -> np.ndarray | None:
        """A statistic of ``region|variable`` at every step, (steps,); None if it is not published."""
        region, _, variable = column.partition("|")
        rows = self._statistics.get((region, variable, name))
        return None if rows is None else self.run.summary()["value"].to_numpy(np.float64)[rows]

    @cached_property
    def calendar(self) -> Calendar:
        """The calendar of the run."""
        canonical = self.run.manifest["config"]
        options = canonical["run"]
        return Calendar(dt.date.fromisoformat(canonical["as_of"]), options["horizon"], options["step"])

    @cached_property
    def valid(self) -> np.ndarray:
        """Paths that did not fail, (paths,) bool."""
        return np.asarray(self.run.events()["failed_at_step"].to_numpy() == 0)

    @property
    def paths(self) -> int:
        """Number of paths."""
        return self.valid.size

    @cached_property
    def kept_paths(self) -> int:
        """Number of kept paths."""
        return int(self.run.manifest.get("options", {}).get("keep_paths", 0))

    def event(self, name: str) -> np.ndarray:
        """A column of events.parquet, (paths,) float64, NaN where missing (DataError if there is no such column)."""
        events = self.run.events()
        if name not in events:
            raise DataError(f"{self.run.folder.name}: there is no column {quoted(name)}; {OTHER_VERSION}")
        values: np.ndarray = events[name].to_numpy(np.float64, na_value=np.nan)
        return values

    def series(self, column: str) -> np.ndarray:
        """A variable on the kept paths, (kept, steps) float64."""
        if column not in self._columns:
            if not self.kept_paths:
                raise ConfigError(f"{self.run.folder.name}: {NO_PATHS}")
            if not self._columns:
                store.check_file(self.run.folder, PATHS, self.run.manifest)
            try:
                table = store.read_table(self.run.folder / PATHS, columns=[column])
            except DataError:
                raise DataError(
                    f"{self.run.folder.name}: there is no variable {quoted(column)}; {OTHER_VERSION}"
                ) from None
            values = table[column].to_numpy(np.float64, na_value=np.nan)
            if values.size != self.kept_paths * self.calendar.steps:
                again = f"detente run {self.run.folder / 'config.toml'} --force makes it again"
                raise DataError(
                    f"{self.run.folder / PATHS}: holds {values.size:,} rows, not {self.kept_paths:,} paths of "
                    f"{self.calendar.steps} steps; {again}."
                )
            self._columns[column] = values.reshape(self.kept_paths, -1)
        return self._columns[column]

    @cached_property
    def draws(self) -> dict[str, np.ndarray]:
        """Simulated values of parameters and facts, (paths,) each (ConfigError for a run of another model)."""
        must_match_installed(self.run.manifest, self.run.folder.name)
        return draws(self.run.config, self.paths)

    def parameter(self, key: str) -> np.ndarray:
        """Values of a parameter or fact, (paths,)."""
        if key in self.draws:
            return self.draws[key]
        record = (self.run.config.parameters | self.run.config.facts)[key]
        return np.full(self.paths, float(record.value))


class RunSet:
    """The run asked, under the name "", and the runs named in the question, which must be paired with it."""

    def __init__(self, run: Finished, resolve: Resolver) -> None:
        self.main = RunData(run)
        self.named: dict[str, RunData] = {"": self.main}
        self.resolve = resolve

    def of(self, name: str) -> RunData:
        """The data of a run by its name."""
        if name not in self.named:
            run = self.resolve(name)
            self.named[name] = self.main if run.folder == self.main.run.folder else RunData(run)
        return self.named[name]

    def paired(self, names: set[str]) -> list[RunData]:
        """The runs of these names, checked to use common random numbers."""
        runs = [self.of(name) for name in sorted(names)] or [self.main]
        first = runs[0].run
        for other in runs[1:]:
            must_pair(first.manifest, other.run.manifest, (first.folder.name, other.run.folder.name))
        return runs

    def must_share_model(self, names: set[str]) -> None:
        """Refuse a question on runs of different models, also where it does not pair them (ConfigError)."""
        first, *others = (self.of(name).run for name in sorted(names | {""}))
        for other in others:
            must_share_model(first.manifest, other.manifest, (first.folder.name, other.folder.name))

    def version_notes(self) -> list[str]:
        """Libraries of other versions behind the runs, or behind the draws computed here, a note each.

        Runs of another model are refused; these agree in every probe value.
        """
        notes = []
        first = self.main.run
        for data in self.named.values():
            if data is not self.main and (names := named(version_differences(first.manifest, data.run.manifest))):
                notes.append(f"{first.folder.name} and {data.run.folder.name} were computed with {names}")
            if "draws" in vars(data) and (names := named(version_differences(data.run.manifest, installed()))):
                notes.append(f"{data.run.folder.name} and this installation have {names}")
        return notes
