"""The runs that a question is about, as arrays by path: event dates and totals of all paths, whole paths of the kept
ones, and the draws."""

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
from detente.runs.pairing import must_match_installed, must_pair
from detente.shared.errors import ConfigError, DataError
from detente.shared.messages import quoted

EVENTS, KEPT = "events.parquet", "paths.parquet"


class Finished(Protocol):
    """What questions need of a run."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def config(self) -> Config: ...

    def summary(self) -> pd.DataFrame: ...

    def events(self) -> pd.DataFrame: ...


Resolver = Callable[[str], Finished]
"""The run that a name in square brackets stands for."""


@dataclass
class World:
    """Arrays of one run; each is read once."""

    run: Finished
    _columns: dict[str, np.ndarray] = field(default_factory=dict)

    @cached_property
    def _statistics(self) -> dict[tuple[str, str, str], np.ndarray]:
        """Rows of the summary by region, variable and statistic, in the order of time."""
        return self.run.summary().groupby(["region", "variable", "statistic"], sort=False).indices

    def statistic(self, column: str, name: str) -> np.ndarray | None:
        """A statistic of ``region|variable`` at every step, (steps,); None if it is not published."""
        region, _, variable = column.partition("|")
        rows = self._statistics.get((region, variable, name))
        return None if rows is None else self.run.summary()["value"].to_numpy()[rows]

    @cached_property
    def calendar(self) -> Calendar:
        canonical = self.run.manifest["config"]
        options = canonical["run"]
        return Calendar(dt.date.fromisoformat(canonical["as_of"]), options["horizon"], options["step"])

    @cached_property
    def healthy(self) -> np.ndarray:
        """Paths that did not fail, (paths,) bool."""
        return self.run.events()["failed_at_step"].to_numpy() == 0

    @property
    def paths(self) -> int:
        return self.healthy.size

    @cached_property
    def kept(self) -> int:
        """Number of whole paths that were kept."""
        return int(self.run.manifest.get("options", {}).get("keep_paths", 0))

    def event(self, name: str) -> np.ndarray:
        """A column of events.parquet, (paths,) float64; NaN where there is nothing (DataError if the run has no such
        column)."""
        events = self.run.events()
        if name not in events:
            raise DataError(
                f"{self.run.folder.name}: has no {quoted(name)}; it was made by another version, run it again."
            )
        return events[name].to_numpy(np.float64, na_value=np.nan)

    def series(self, column: str) -> np.ndarray:
        """A variable on the kept paths, (kept, steps) float64."""
        if column not in self._columns:
            if not self.kept:
                raise ConfigError(
                    f"{self.run.folder.name}: kept no whole paths, which this question needs; run it again with --keep-paths 2000."
                )
            if not self._columns:
                store.check_file(self.run.folder, KEPT, self.run.manifest)
            try:
                table = store.read_table(self.run.folder / KEPT, columns=[column])
            except DataError:
                raise DataError(
                    f"{self.run.folder.name}: kept no {quoted(column)}; it was made by another version, run it again."
                ) from None
            self._columns[column] = table[column].to_numpy(np.float64, na_value=np.nan).reshape(self.kept, -1)
        return self._columns[column]

    @cached_property
    def draws(self) -> dict[str, np.ndarray]:
        """Parameters and facts as each path drew them (ConfigError if the installed model draws other numbers)."""
        must_match_installed(self.run.manifest, self.run.folder.name)
        return draws(self.run.config, self.paths)

    def parameter(self, key: str) -> np.ndarray:
        """A parameter or fact, (paths,)."""
        if key in self.draws:
            return self.draws[key]
        record = (self.run.config.parameters | self.run.config.facts)[key]
        return np.full(self.paths, float(record.value))


class Worlds:
    """The run that is asked, under the name "", and those that are named in the question, which must be paired with
    it."""

    def __init__(self, run: Finished, resolve: Resolver) -> None:
        self.main = World(run)
        self.named: dict[str, World] = {"": self.main}
        self.resolve = resolve

    def of(self, name: str) -> World:
        if name not in self.named:
            found = self.resolve(name)
            self.named[name] = self.main if found.folder == self.main.run.folder else World(found)
        return self.named[name]

    def paired(self, names: set[str]) -> list[World]:
        """The worlds of these names, after checking that path number i has the same luck in all of them."""
        found = [self.of(name) for name in sorted(names)] or [self.main]
        for other in found[1:]:
            must_pair(found[0].run.manifest, other.run.manifest, (found[0].run.folder.name, other.run.folder.name))
        return found
