"""From units to tasks: configuration and run id of each unit; units with the same run id become one task."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from detente.batches.units import Unit
from detente.config.layers import Layer, scenario_paths
from detente.config.loader import Config, Files
from detente.config.overrides import option_layer, setting_layer
from detente.config.renamed import explained
from detente.config.schema import RunOptions
from detente.config.toml import UnknownKeyError
from detente.engine.calendar import Calendar
from detente.runs.identity import identity
from detente.shared.errors import ConfigError
from detente.shared.messages import unknown
from detente.shared.paths import run_folder


@dataclass(frozen=True)
class Task:
    """A unit with id and folder of its run, scenario name, size, and the names of identical units (``same``)."""

    unit: Unit
    id: str
    digest: str
    scenario: str
    folder: Path
    run: RunOptions
    steps: int
    same: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Name of the unit."""
        return self.unit.name

    @property
    def path_steps(self) -> int:
        """Paths times time steps, a measure of work."""
        return self.run.paths * self.steps


class Configurer:
    """Builds unit configurations; each file is read once and each setting checked once per batch."""

    def __init__(self, roots: tuple[Path, ...], paths: int | None = None, as_of: dt.date | None = None) -> None:
        """``paths`` and ``as_of`` override the batch file."""
        self.files = Files(roots)
        self.paths = paths
        self.as_of = as_of
        self._layers: dict[tuple[str, str, str], Layer] = {}

    def config(self, unit: Unit) -> Config:
        """The configuration of a unit (ConfigError with file, line and key)."""
        layers = [self._option(name, value, unit) for name, value in unit.options.items()]
        try:
            for key, value in unit.settings.items():
                layers.append(self._setting(key, value, unit.places.get(key, unit.place)))
        except UnknownKeyError as error:
            raise explained(error, self.files.roots) from None
        try:
            return self.files.load(unit.scenario, layers=layers, paths=self.paths, as_of=self.as_of)
        except ConfigError as error:
            raise ConfigError(f"{error} (unit {unit.name} of the batch)") from None

    def _option(self, name: str, value: Any, unit: Unit) -> Layer:
        key = (name, str(value), "")
        if key not in self._layers:
            self._layers[key] = option_layer(name, value, unit.place.partition(",")[0])
        return self._layers[key]

    def _setting(self, key: str, value: Any, place: str) -> Layer:
        known = (key, repr(value), place)
        if known not in self._layers:
            self._layers[known] = setting_layer(key, value, place, self.files.keys)
        return self._layers[known]


def prepare(units: Iterable[Unit], configurer: Configurer, output: Path | None) -> list[Task]:
    """Tasks of a batch, each run once; identical units are listed in ``same`` of the first one.

    Raises ConfigError for the first unit that cannot be configured.
    """
    names = scenario_paths(configurer.files.roots)
    tasks: dict[str, Task] = {}
    same: dict[str, list[str]] = {}
    steps: dict[tuple[Any, ...], int] = {}
    for unit in units:
        if isinstance(unit.scenario, str) and unit.scenario not in names:
            raise ConfigError(f"{unit.place}: {unknown('scenario', unit.scenario, names)}")
        config = configurer.config(unit)
        name = identity(config)
        if name in tasks:
            same.setdefault(name, []).append(unit.name)
            continue
        size = (config.as_of, config.run.horizon, config.run.step)
        if size not in steps:
            steps[size] = Calendar(*size).steps
        tasks[name] = Task(
            unit, name, config.digest(), config.name, run_folder(config.name, name, output), config.run, steps[size]
        )
    return [replace(task, same=tuple(same.get(name, ()))) for name, task in tasks.items()]
