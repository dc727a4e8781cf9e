"""One configuration for one run, put together from layers.

Declared parameters <- facts of the as-of date <- baseline <- what a scenario extends <- the scenario <- ``--set``.
``load`` gives a ``Config`` that is complete, checked and unchangeable, and knows where each of its values comes from.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from detente.config import configuration
from detente.config.assembly import DEFAULT, Assembly
from detente.config.conditions import check_conditions
from detente.config.declarations import Declared, check_tables, facts_files, read_declared, read_facts
from detente.config.fields import MAX_TITLE
from detente.config.layers import Layer, check_version, file_layers, read_document, scenario_file, scenario_paths
from detente.config.overrides import by_hand, option_layer, set_layers
from detente.config.renamed import explained
from detente.config.schema import (
    SCHEMA_VERSION,
    Correlation,
    Effective,
    Event,
    Instrument,
    Joint,
    Record,
    ReportOptions,
    RunOptions,
    RunOverlay,
    Stage,
)
from detente.config.toml import Document, Place, UnknownKeyError, parse
from detente.config.validation import check
from detente.shared import formatting
from detente.shared.errors import DataError
from detente.shared.memo import Remembered
from detente.shared.messages import unknown
from detente.shared.paths import SLUG, config_roots, shown


class Origins(Mapping[str, str]):
    """Where each value comes from, by its key, in alphabetical order; put into words when asked for."""

    def __init__(self, places: Mapping[str, Place]) -> None:
        self._places = places

    def __getitem__(self, key: str) -> str:
        return str(self._places[key])

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._places))

    def __len__(self) -> int:
        return len(self._places)


@dataclass(frozen=True)
class Config:
    """All that a run is made from.

    ``parameters`` and ``facts`` are records by dotted key such as ``oil.brent``, in alphabetical order.
    """

    name: str
    title: str
    description: str
    as_of: dt.date
    run: RunOptions
    parameters: dict[str, Record]
    facts: dict[str, Record]
    correlations: tuple[Correlation, ...]
    joints: dict[str, Joint]
    instruments: tuple[Instrument, ...]
    stages: tuple[Stage, ...]
    events: tuple[Event, ...]
    conflict_feedback: bool
    report: ReportOptions
    origins: Mapping[str, str] = field(compare=False)
    overrides: Mapping[str, str] = field(compare=False)
    """Values set by hand over the scenario, as TOML by dotted key; their records are among the others."""
    schema_version: int = SCHEMA_VERSION

    def canonical(self) -> dict[str, Any]:
        """Everything that can change a number, JSON-able; without words for readers, origins and report options."""
        return configuration.canonical(self)

    def digest(self) -> str:
        """SHA-256 of the canonical form, 64 hexadecimal digits."""
        return configuration.digest(self)

    def with_paths(self, paths: int) -> "Config":
        """The same with another number of paths."""
        return replace(self, run=self.run.model_copy(update={"paths": paths}))

    def to_toml(self) -> str:
        """The complete configuration as TOML with origins in comments; loading it gives an equal configuration."""
        return configuration.to_toml(self)


def load(
    name_or_path: str | Path = "baseline",
    sets: Iterable[str] | Mapping[str, Any] = (),
    *,
    paths: int | None = None,
    seed: int | None = None,
    horizon: int | None = None,
    step: str | None = None,
    as_of: dt.date | None = None,
    configs: Path | None = None,
) -> Config:
    """The configuration of a scenario with settings, run options and an as-of date over it.

    ``scenario`` is a name or the path of a TOML file, a setting reads ``key.path=value``.
    ``configs`` replaces the places where configuration is looked up (``places.config_roots``). ConfigError for anything
    that is wrong in a file or a setting, DataError for a file that is missing or damaged; both name the place and the
    fix.
    """
    return Files(config_roots(configs)).load(
        name_or_path, sets, paths=paths, seed=seed, horizon=horizon, step=step, as_of=as_of
    )


@dataclass
class Files:
    """The configuration files of some roots, read once.

    For many configurations that differ in what is set over them.
    """

    roots: tuple[Path, ...]
    _paths: dict[str | Path, Path] = field(default_factory=dict)
    _documents: dict[Path, Document] = field(default_factory=dict)
    _chains: dict[Path, list[Layer]] = field(default_factory=dict)
    _bases: dict[tuple[Path, dt.date], Assembly] = field(default_factory=dict)

    def load(
        self,
        name_or_path: str | Path,
        sets: Iterable[str] | Mapping[str, Any] = (),
        *,
        layers: Iterable[Layer] = (),
        paths: int | None = None,
        seed: int | None = None,
        horizon: int | None = None,
        step: str | None = None,
        as_of: dt.date | None = None,
    ) -> Config:
        """As the function ``load``; ``layers`` lie over the scenario and under ``sets``."""
        options = {"paths": paths, "seed": seed, "horizon": horizon, "step": step, "as_of": as_of}
        try:
            return self._load(name_or_path, sets, layers, options)
        except UnknownKeyError as error:
            raise explained(error, self.roots) from None

    def _load(
        self,
        name_or_path: str | Path,
        sets: Iterable[str] | Mapping[str, Any],
        layers: Iterable[Layer],
        run_options: Mapping[str, Any],
    ) -> Config:
        if name_or_path not in self._paths:
            self._paths[name_or_path] = scenario_file(name_or_path, self.roots)
        document = self._document(self._paths[name_or_path])
        options = [option_layer(name, value) for name, value in run_options.items() if value is not None]
        if "effective" in document.data:
            complete = _complete(document)
            overrides = [*layers, *set_layers(sets, lambda: _settable(complete.declared)), *options]
            _refuse_another_date(overrides)
            assembly = complete
        else:
            overrides = [*layers, *set_layers(sets, self.keys), *options]
            assembly = self._layered(document, overrides)
        own = assembly.as_of if "effective" in document.data else self._date(self._chains[_path(document)])
        for layer in overrides:
            assembly.lay(layer)
            assembly.overrides |= by_hand(layer)
        return _settled(assembly, document, own)

    def keys(self) -> list[str]:
        """Every key that can be set."""
        newest = read_facts(max(self.dates), self.roots)
        return [*_settable(self.declared), *(f"facts.{key}" for key in newest.names())]

    @cached_property
    def declared(self) -> Declared:
        """Parameters and register as declared; what is laid over them is laid over a copy."""
        return read_declared(self.roots)

    @cached_property
    def dates(self) -> dict[dt.date, Path]:
        """The facts file of each as-of date."""
        files = facts_files(self.roots)
        if not files:
            raise DataError(f"{shown(self.roots[-1] / 'facts', self.roots)}: there are no facts files here.")
        return files

    def _document(self, path: Path) -> Document:
        if path not in self._documents:
            self._documents[path] = read_document(path, self.roots)
        return self._documents[path]

    def _layered(self, document: Document, overrides: list[Layer]) -> Assembly:
        """A sparse scenario over everything below it, as of the date that the scenario or an override sets."""
        path = _path(document)
        if path not in self._chains:
            self._chains[path] = file_layers(document, self.roots)
        layers = self._chains[path]
        as_of = self._date([*layers, *overrides])
        base = self._bases.get((path, as_of))
        if base is None:
            base = Assembly(self.declared.copy(), as_of)
            base.lay_facts(read_facts(as_of, self.roots))
            for layer in layers:
                base.lay(layer)
            _check_compared(layers, self.roots)
            self._bases[path, as_of] = base
        _check_compared(overrides, self.roots)
        return base.copy()

    def _date(self, layers: Iterable[Layer]) -> dt.date:
        """The as-of date of some layers, the newest with facts by default (ConfigError for a date without facts)."""
        as_of = max(self.dates)
        for layer in layers:
            as_of = layer.scenario.as_of or as_of
            if as_of not in self.dates:
                listed = ", ".join(date.isoformat() for date in self.dates)
                layer.document.fail(("as_of",), f"there are no facts for as_of = {as_of}; dates with facts: {listed}.")
        return as_of


def _path(document: Document) -> Path:
    """The file of a scenario."""
    assert document.path is not None
    return document.path


def load_text(text: str, path: Path, configs: Path | None = None) -> Config:
    """The configuration of a scenario's text as it would load from ``path``, where it need not stand yet.

    ConfigError or DataError as for ``load``.
    """
    files = Files(config_roots(configs))
    document = parse(text, shown(path, files.roots), path)
    check_version(document)
    files._paths[path], files._documents[path] = path, document
    return files.load(path)


def load_effective(text: str, shown: str) -> Config:
    """The configuration that ``Config.to_toml`` wrote; no file is read.

    ConfigError for anything that is wrong, named ``shown``.
    """
    document = parse(text, shown)
    return _settled(_complete(document), document)


def scenario_titles(configs: Path | None = None) -> dict[str, str]:
    """Every scenario by name, with its title, the baseline first."""
    roots = config_roots(configs)
    documents = {name: read_document(path, roots) for name, path in scenario_paths(roots).items()}
    return {name: str(document.data.get("title", name)) for name, document in documents.items()}


_effective = Remembered(lambda document: check(Effective, document), most=8)


def _complete(document: Document) -> Assembly:
    """An effective configuration: no other file is read."""
    complete: Effective = _effective(document)
    assembly = Assembly(Declared(), complete.as_of)
    assembly.lay_effective(document, complete)
    return assembly


def _refuse_another_date(overrides: Iterable[Layer]) -> None:
    for layer in overrides:
        if layer.scenario.as_of is not None:
            layer.document.fail(
                ("as_of",),
                "an effective configuration holds the facts of its own as_of; set it on the scenario instead.",
            )


def _check_compared(layers: Iterable[Layer], roots: tuple[Path, ...]) -> None:
    """Scenarios that a report is to set beside this one must exist."""
    compared = [(layer, name) for layer in layers for name in layer.scenario.report.compare or ()]
    known = scenario_paths(roots) if compared else {}
    for layer, name in compared:
        if name not in known:
            layer.document.fail(("report", "compare"), unknown("scenario", name, known))


def _settable(declared: Declared) -> list[str]:
    keys = [f"run.{name}" for name in RunOverlay.model_fields] + [
        "conflict.feedback",
        "report.compare",
        "as_of",
        "name",
        "title",
    ]
    return keys + [f"parameters.{key}" for key in declared.parameters] + [f"facts.{key}" for key in declared.facts]


def _settled(assembly: Assembly, document: Document, own: dt.date | None = None) -> Config:
    """Check what spans the layers, and freeze.

    The title names the as-of date where it differs from ``own``, the date of the scenario itself.
    """
    check_tables(assembly.declared)
    check_conditions(assembly.declared)
    run, stages = assembly.settled_run(), assembly.settled_stages()
    events = assembly.settled_events(run.horizon)
    declared = assembly.declared
    name = assembly.name or _name_of(document)
    title = assembly.title or name.replace("-", " ").capitalize()
    for key in ("name", "title", "description", "as_of", "conflict.feedback", "report.compare"):
        declared.origins.setdefault(key, DEFAULT)
    return Config(
        name=name,
        title=title if own in (None, assembly.as_of) else _dated(title, assembly.as_of),
        description=assembly.description,
        as_of=assembly.as_of,
        run=run,
        parameters=dict(sorted(declared.parameters.items())),
        facts=dict(sorted(declared.facts.items())),
        correlations=tuple(declared.correlations),
        joints=dict(sorted(declared.joints.items())),
        instruments=tuple(instrument for _, instrument in sorted(declared.instruments.items())),
        stages=stages,
        events=events,
        conflict_feedback=assembly.feedback,
        report=ReportOptions(compare=assembly.compare),
        origins=Origins(declared.origins),
        overrides=assembly.overrides,
    )


def _dated(title: str, as_of: dt.date) -> str:
    """A title with its as-of date, no longer than a title may be."""
    date = f", as of {formatting.day(as_of)}".replace("\u00a0", " ")
    return f"{title[: MAX_TITLE - len(date)]}{date}"


def _name_of(document: Document) -> str:
    """The scenario's name where none is written: the file's.

    It becomes part of a folder's name, so it must be a plain one.
    """
    stem = document.path.stem if document.path else "scenario"
    if not re.fullmatch(SLUG, stem):
        document.fail(
            (), 'the file\'s name cannot name a run; add name = "…" in lower-case letters, digits and dashes.'
        )
    return stem
