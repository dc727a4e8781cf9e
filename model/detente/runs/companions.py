"""Configurations of comparison runs: another scenario, or the same one with other values.

They have the date, size, seed and settings of a run, so that they pair with it.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from detente.config import loader as configuration
from detente.config.loader import Config
from detente.config.overrides import setting_text
from detente.config.schema import Record
from detente.shared.errors import ConfigError, DetenteError
from detente.shared.messages import unknown

BY_HAND = "--set"
"""How the origin of a value set on the command line, or in ``sets``, begins."""


@dataclass(frozen=True)
class Settings:
    """Parameters and facts in which a run differs from its scenario, and its switch of feedback if that differs."""

    parameters: Mapping[str, Record]
    facts: Mapping[str, Record]
    feedback: bool | None = None


def companion(
    config: Config,
    scenario: str,
    *,
    as_of: dt.date | None = None,
    values: Mapping[str, Any] | None = None,
    name: str = "",
    title: str = "",
    changed: Settings | None = None,
    configs: Path | None = None,
) -> Config:
    """The configuration of a scenario that pairs with a run.

    Parameters
    ----------
    config
        Configuration of the run. Its size, seed and ``settings`` are carried over; parameters and facts only for the
        same date.
    scenario
        Name of the scenario.
    as_of
        Another as-of date.
    values
        Values by dotted key, over everything else.
    name, title
        Name and title of a variant, which gets a folder of its own.
    changed
        The ``settings`` of the run, if at hand.
    configs
        Folder of configuration files.

    Raises
    ------
    ConfigError
        If there is no such scenario, or it does not fit the run.
    """
    scenarios = configuration.scenario_titles(configs)
    if scenario not in scenarios:
        raise ConfigError(f"there is an {unknown('scenario', scenario, scenarios)}")
    date = as_of or config.as_of
    sets = [f"as_of={date}", *(f"{key}={value}" for key, value in (values or {}).items())]
    other = configuration.load(scenario, sets, configs=configs, **config.run.model_dump())
    changed = settings(config, configs) if changed is None else changed
    if changed.feedback is not None:
        switch = {"conflict.feedback": setting_text(changed.feedback)}
        other = replace(other, conflict_feedback=changed.feedback, overrides={**other.overrides, **switch})
    if date == config.as_of:
        own = {key.removesuffix(".value") for key in values or {}}
        parameters, facts = (
            {key: record for key, record in records.items() if f"{section}.{key}" not in own}
            for section, records in (("parameters", changed.parameters), ("facts", changed.facts))
        )
        origins, overrides = _recorded(config, other, {"parameters": parameters, "facts": facts})
        other = replace(
            other,
            parameters=other.parameters | parameters,
            facts=other.facts | facts,
            origins=origins,
            overrides=overrides,
        )
    return replace(other, name=name, title=title or other.title) if name else other


def _recorded(
    config: Config, other: Config, carried: Mapping[str, Mapping[str, Record]]
) -> tuple[dict[str, str], dict[str, str]]:
    """Origins and overrides of a run with records carried over from another: they say so."""
    origins, overrides = dict(other.origins), dict(other.overrides)
    for section, records in carried.items():
        for key, record in records.items():
            name = f"{section}.{key}"
            said = {one: text for one, text in config.overrides.items() if one == name or one.startswith(f"{name}.")}
            overrides |= said or {name: setting_text(record.value)}
            origins |= {one: text for one, text in config.origins.items() if one == name or one.startswith(f"{name}.")}
    return origins, overrides


def settings(config: Config, configs: Path | None = None) -> Settings:
    """Where a run differs from the scenario of its name; of a scenario from a file, the values set by hand."""
    try:
        usual = configuration.load(config.name, [f"as_of={config.as_of}"], configs=configs, **config.run.model_dump())
    except DetenteError:
        return _by_hand(config)
    parameters, facts = (
        {
            key: record
            for key, record in mine.items()
            if key in theirs and (record.value, record.dist) != (theirs[key].value, theirs[key].dist)
        }
        for mine, theirs in ((config.parameters, usual.parameters), (config.facts, usual.facts))
    )
    feedback = config.conflict_feedback if config.conflict_feedback != usual.conflict_feedback else None
    return Settings(parameters, facts, feedback)


def _by_hand(config: Config) -> Settings:
    """The values whose origin is the command line or ``sets``."""

    def chosen(section: str, records: Mapping[str, Record]) -> dict[str, Record]:
        return {
            key: record
            for key, record in records.items()
            if any(config.origins.get(f"{section}.{key}.{name}", "").startswith(BY_HAND) for name in ("value", "dist"))
        }

    switched = config.origins.get("conflict.feedback", "").startswith(BY_HAND)
    return Settings(
        chosen("parameters", config.parameters),
        chosen("facts", config.facts),
        config.conflict_feedback if switched else None,
    )
