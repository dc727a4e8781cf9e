"""One configuration for one run: declared parameters <- facts of the as-of date <- baseline <- what a scenario extends <- the scenario <- ``--set``.

``load`` gives a ``Config`` that is complete, checked and unchangeable, and knows where each of its values comes from.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detente import effective
from detente.chain import Layer, file_layers, read_document, scenario_file, scenario_paths
from detente.complaints import check
from detente.declared import Declared, check_tables, facts_files, read_declared, read_facts
from detente.errors import DataError
from detente.layers import DEFAULT, Assembly
from detente.overrides import option_layer, set_layers
from detente.places import config_roots, shown
from detente.schema import (
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
from detente.strict import SLUG
from detente.toml import Document, parse
from detente.wording import unknown


@dataclass(frozen=True)
class Config:
    """All that a run is made from. ``parameters`` and ``facts`` are records by dotted key such as ``oil.brent``, in alphabetical order."""

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
    origins: dict[str, str]
    schema_version: int = SCHEMA_VERSION

    def canonical(self) -> dict[str, Any]:
        """Everything that can change a number, JSON-able; without words for readers, origins and report options."""
        return effective.canonical(self)

    def digest(self) -> str:
        """SHA-256 of the canonical form, 64 hexadecimal digits."""
        return effective.digest(self)

    def to_toml(self) -> str:
        """The complete configuration as TOML with origins in comments; loading it gives the same digest."""
        return effective.to_toml(self)


def load(
    name_or_path: str | Path = "baseline",
    sets: Iterable[str] | Mapping[str, Any] = (),
    *,
    paths: int | None = None,
    seed: int | None = None,
    horizon: int | None = None,
    step: str | None = None,
    configs: Path | None = None,
) -> Config:
    """The configuration of a scenario (a name, or the path of a TOML file) with ``key.path=value`` settings and run options over it.

    ``configs`` replaces the places where configuration is looked up (``places.config_roots``). ConfigError for anything that is wrong in a file or
    a setting, DataError for a file that is missing or damaged; both name the place and the fix.
    """
    roots = config_roots(configs)
    document = read_document(scenario_file(name_or_path, roots), roots)
    options = [
        option_layer(name, value) for name, value in (("paths", paths), ("seed", seed), ("horizon", horizon), ("step", step)) if value is not None
    ]
    if "effective" in document.data:
        assembly, overrides = _complete(document, sets, options)
    else:
        assembly, overrides = _layered(document, sets, options, roots)
    for layer in overrides:
        assembly.lay(layer)
    return _settled(assembly, document)


def load_effective(text: str, shown: str) -> Config:
    """The configuration that ``Config.to_toml`` wrote; no file is read. ConfigError for anything that is wrong, named ``shown``."""
    document = parse(text, shown)
    assembly, _ = _complete(document, (), [])
    return _settled(assembly, document)


def scenario_titles(configs: Path | None = None) -> dict[str, str]:
    """Every scenario by name, with its title, the baseline first."""
    roots = config_roots(configs)
    documents = {name: read_document(path, roots) for name, path in scenario_paths(roots).items()}
    return {name: str(document.data.get("title", name)) for name, document in documents.items()}


def _complete(document: Document, sets: Iterable[str] | Mapping[str, Any], options: list[Layer]) -> tuple[Assembly, list[Layer]]:
    """An effective configuration: no other file is read."""
    complete = check(Effective, document)
    assembly = Assembly(Declared(), complete.as_of)
    assembly.lay_effective(document, complete)
    overrides = [*set_layers(sets, lambda: _settable(assembly.declared)), *options]
    for layer in overrides:
        if layer.scenario.as_of is not None:
            layer.document.fail(("as_of",), "an effective configuration holds the facts of its own as_of; set it on the scenario instead.")
    return assembly, overrides


def _layered(
    document: Document, sets: Iterable[str] | Mapping[str, Any], options: list[Layer], roots: tuple[Path, ...]
) -> tuple[Assembly, list[Layer]]:
    """A sparse scenario over everything below it."""
    layers = file_layers(document, roots)
    declared = read_declared(roots)
    dates = facts_files(roots)
    if not dates:
        raise DataError(f"{shown(roots[-1] / 'facts', roots)}: there are no facts files here.")

    def keys() -> list[str]:
        _, newest = read_facts(max(dates), roots)
        return [*_settable(declared), *(f"facts.{block}.{name}" for block, table in newest.facts.items() for name in table)]

    overrides = [*set_layers(sets, keys), *options]
    as_of = max(dates)
    for layer in (*layers, *overrides):
        as_of = layer.scenario.as_of or as_of
        if as_of not in dates:
            listed = ", ".join(date.isoformat() for date in dates)
            layer.document.fail(("as_of",), f"there are no facts for as_of = {as_of}; dates with facts: {listed}.")
    assembly = Assembly(declared, as_of)
    assembly.lay_facts(*read_facts(as_of, roots))
    for layer in layers:
        assembly.lay(layer)
    known = scenario_paths(roots)
    for layer in (*layers, *overrides):
        for name in layer.scenario.report.compare or ():
            if name not in known:
                layer.document.fail(("report", "compare"), unknown("scenario", name, known))
    return assembly, overrides


def _settable(declared: Declared) -> list[str]:
    keys = [f"run.{name}" for name in RunOverlay.model_fields] + ["conflict.feedback", "report.compare", "as_of", "name", "title"]
    return keys + [f"parameters.{key}" for key in declared.parameters] + [f"facts.{key}" for key in declared.facts]


def _settled(assembly: Assembly, document: Document) -> Config:
    """Check what spans the layers, and freeze."""
    check_tables(assembly.declared)
    run, stages = assembly.settled_run(), assembly.settled_stages()
    events = assembly.settled_events(run.horizon)
    declared = assembly.declared
    name = assembly.name or _name_of(document)
    for key in ("name", "title", "description", "as_of", "conflict.feedback", "report.compare"):
        declared.origins.setdefault(key, DEFAULT)
    return Config(
        name=name,
        title=assembly.title or name.replace("-", " ").capitalize(),
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
        origins={key: str(place) for key, place in sorted(declared.origins.items())},
    )


def _name_of(document: Document) -> str:
    """The scenario's name where none is written: the file's. It becomes part of a folder's name, so it must be a plain one."""
    stem = document.path.stem if document.path else "scenario"
    if not re.fullmatch(SLUG, stem):
        document.fail((), 'the file\'s name cannot name a run; add name = "…" in lower-case letters, digits and dashes.')
    return stem
