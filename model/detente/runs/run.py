"""A finished run and its tables, read on first use."""

from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from detente.catalog.output_names import OutputNames, output_names
from detente.config.loader import Config
from detente.config.loader import load as load_config
from detente.engine import outputs
from detente.engine.sampling import draws
from detente.runs import store
from detente.runs.pairing import installed, model_difference, must_match_installed, must_pair
from detente.shared.errors import ConfigError, DataError
from detente.shared.formatting import plural
from detente.shared.messages import one_of, quoted

TEXTS = ("model", "scenario", "region", "variable", "unit", "statistic")
COLUMNS: dict[str, dict[str, bool]] = {
    "summary.parquet": dict.fromkeys((*TEXTS, "time"), False) | {"value": True},
    "events.parquet": {"path": True, "failed_at_step": True},
    "paths.parquet": {"path": True, "time": False},
}
"""Columns of every run's tables, and whether they hold numbers."""


class Run:
    """A run folder. Frames are read once and kept; treat them as read only."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self.manifest: dict[str, Any] = store.read_manifest(self.folder)

    @property
    def id(self) -> str:
        """Identifier of the run, eight hexadecimal digits."""
        return str(self.manifest["id"])

    @property
    def scenario(self) -> str:
        """Name of the scenario."""
        return str(self.manifest["scenario"])

    @property
    def paths(self) -> int:
        """Number of simulated paths."""
        return int(self.manifest["config"]["run"]["paths"])

    @property
    def origins(self) -> dict[str, str]:
        """Where the values of the configuration come from, by dotted key; empty in a folder of the first schema."""
        origins: dict[str, str] = self.manifest.get("origins", {})
        return origins

    @property
    def overrides(self) -> dict[str, str]:
        """Values set by hand over the scenario, as TOML by dotted key; empty for the scenario itself."""
        overrides: dict[str, str] = self.manifest.get("overrides", {})
        return overrides

    @cached_property
    def config(self) -> Config:
        """The effective configuration."""
        store.check_file(self.folder, "config.toml", self.manifest)
        config = load_config(self.folder / "config.toml")
        return replace(config, origins=self.origins) if self.origins else config

    def table(self, name: str) -> pd.DataFrame:
        """A table of the run by its file's name.

        DataError with the fix if the file is not the one that was written, or lacks columns that every run has.
        """
        store.check_file(self.folder, name, self.manifest)
        table = store.read_table(self.folder / name)
        self._check_columns(name, table)
        return table

    def _check_columns(self, name: str, table: pd.DataFrame) -> None:
        """Refuse a table with other columns than its manifest promises (DataError)."""
        wanted = dict(COLUMNS.get(name, {}))
        if name == "events.parquet" and not model_difference(self.manifest, installed()):
            wanted |= {entry.field: True for entry in outputs.events()}
        missing = [column for column in wanted if column not in table]
        strange = [
            column
            for column, number in wanted.items()
            if column in table and number and not pd.api.types.is_numeric_dtype(table[column])
        ]
        if missing or strange:
            what = f"lacks the column {missing[0]}" if missing else f"holds no numbers in the column {strange[0]}"
            raise DataError(
                f"{self.folder / name}: {what}, so it is not what a run writes; "
                f"detente run {self.folder / 'config.toml'} --force makes it again."
            )
        if name == "events.parquet" and len(table) != self.paths:
            raise DataError(
                f"{self.folder / name}: holds {len(table):,} paths and the run has {self.paths:,}; "
                f"detente run {self.folder / 'config.toml'} --force makes it again."
            )

    @cached_property
    def _summary(self) -> pd.DataFrame:
        return self.table("summary.parquet")

    @cached_property
    def _events(self) -> pd.DataFrame:
        return self.table("events.parquet")

    @cached_property
    def _paths(self) -> pd.DataFrame:
        return self.table("paths.parquet")

    @cached_property
    def _output_names(self) -> OutputNames:
        pairs = self.summary()[["region", "variable"]].drop_duplicates()
        return output_names(pairs.itertuples(index=False, name=None))

    def summary(self) -> pd.DataFrame:
        """Statistics of every variable, in long form.

        Columns: model, scenario, region, variable, unit, time (datetime64, first day of the step), statistic, value.
        """
        return self._summary

    def events(self) -> pd.DataFrame:
        """One row a path: event dates, routes and totals.

        Dates are months since the as-of date; missing: not within the horizon.
        """
        return self._events

    def kept_paths(self) -> pd.DataFrame:
        """The paths kept in full, long by path: path, time (datetime64), one column per ``region|variable``."""
        return self._paths

    def draws(self) -> pd.DataFrame:
        """The parameters and facts that the paths draw, as the kernels draw them.

        Returns
        -------
        DataFrame
            One row a path (index ``path``), one float64 column a drawn parameter or fact by dotted key, in the
            parameter's unit. Words are given as the kernels' codes.

        Raises
        ------
        ConfigError
            If the installed model is not the one that made the run.
        """
        must_match_installed(self.manifest, self.folder.name)
        records = self.config.parameters | self.config.facts
        values = draws(self.config, self.paths)
        frame = pd.DataFrame({key: column for key, column in values.items() if records[key].drawn})
        return frame.rename_axis(index="path")

    def fan(self, variable: str, region: str | None = None) -> pd.DataFrame:
        """Statistics of one variable: index time, one column per statistic.

        Names are those that questions know: ``Brent`` for ``Price|Oil|Brent``, with or without the region, in any
        spelling of a country. ConfigError with the nearest name if there is no such variable.
        """
        table = self.summary()
        if region is None or not ((table["variable"] == variable) & (table["region"] == region)).any():
            region, variable = self._output_names.find(variable, region)
        chosen = table[(table["variable"] == variable) & (table["region"] == region)]
        return chosen.pivot(index="time", columns="statistic", values="value")

    def beside(self, scenario: str) -> "Run":
        """The run of a scenario in the same results folder that pairs with this one.

        It shares seed, as-of date, horizon, step and paths. ``scenario`` may also be the name of a run folder.
        DataError if there is none, ConfigError if there are several.
        """
        if scenario in (self.scenario, self.folder.name):
            return self
        partners = []
        for folder in sorted(
            path for path in self.folder.parent.glob(f"{scenario}*") if (path / store.MANIFEST).is_file()
        ):
            other = Run(folder)
            with suppress(ConfigError):
                must_pair(self.manifest, other.manifest, (self.folder.name, folder.name))
                if scenario in (other.scenario, folder.name):
                    partners.append(other)
        if len(partners) == 1:
            return partners[0]
        if partners:
            several = one_of(other.folder.name for other in partners)
            raise ConfigError(
                f"{self.folder.parent}: several runs of {quoted(scenario)} are paired with {self.folder.name}; "
                f"name one: {several}."
            )
        size = " ".join(f"--{name} {self.manifest['config']['run'][name]}" for name in ("paths", "seed", "horizon"))
        raise DataError(
            f"{self.folder.parent}: has no run of {quoted(scenario)} that is paired with {self.folder.name}; "
            f"detente run {scenario} {size} --no-report makes one."
        )

    def __repr__(self) -> str:
        horizon = plural(self.manifest["config"]["run"]["horizon"], "month")
        return f"<Run {self.folder.name}: {plural(self.paths, 'path')}, {horizon}>"


def load(folder: str | Path) -> Run:
    """Open a run folder (DataError if it is none)."""
    return Run(Path(folder))
