"""Comparison runs: another scenario, or the same with other values, at the size and seed of a run, so that they pair."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from detente.config import loader as configuration
from detente.config.loader import Config
from detente.runs.run import Run
from detente.shared.errors import ConfigError, DetenteError
from detente.shared.messages import unknown


def companion(
    run: Run,
    scenario: str,
    *,
    as_of: dt.date | None = None,
    values: Mapping[str, Any] | None = None,
    name: str = "",
    title: str = "",
    changed: Mapping[str, Any] | None = None,
) -> Config:
    """The configuration of a scenario that pairs with a run (ConfigError if there is no such scenario, or if it does not
    fit).

    Settings that the command line made over the run's own scenario are carried over; those of parameters and facts only
    if the date is the same. ``values`` by dotted key go over them; a ``name`` keeps what differs from its scenario in a
    folder of its own. ``changed``: the ``settings`` of the run, if they are known.
    """
    scenarios = configuration.scenario_titles()
    if scenario not in scenarios:
        raise ConfigError(f"there is an {unknown('scenario', scenario, scenarios)}")
    date = as_of or run.config.as_of
    sets = [f"as_of={date}", *(f"{key}={value}" for key, value in (values or {}).items())]
    options = run.manifest["config"]["run"]
    config = configuration.load(scenario, sets, **options)
    changed = settings(run) if changed is None else changed
    if "feedback" in changed:
        config = replace(config, conflict_feedback=changed["feedback"])
    if date == run.config.as_of:
        own = {key.removesuffix(".value") for key in values or {}}
        for section in ("parameters", "facts"):
            kept = {key: record for key, record in changed.get(section, {}).items() if f"{section}.{key}" not in own}
            config = replace(config, **{section: getattr(config, section) | kept})
    return replace(config, name=name, title=title or config.title) if name else config


def settings(run: Run) -> dict[str, Any]:
    """Parameters, facts and the switch of the feedback in which a run differs from the scenario of its name; nothing
    if there is no such scenario."""
    options = run.manifest["config"]["run"]
    try:
        usual = configuration.load(run.scenario, [f"as_of={run.config.as_of}"], **options)
    except DetenteError:
        return {}
    differences: dict[str, Any] = {}
    for section in ("parameters", "facts"):
        mine, theirs = getattr(run.config, section), getattr(usual, section)
        different = {
            key: record for key, record in mine.items() if key in theirs and _drawn(record) != _drawn(theirs[key])
        }
        if different:
            differences[section] = different
    if run.config.conflict_feedback != usual.conflict_feedback:
        differences["feedback"] = run.config.conflict_feedback
    return differences


def _drawn(record: Any) -> tuple[Any, Any]:
    """The parts of a record that change a number."""
    return record.value, record.dist
