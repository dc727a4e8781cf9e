"""For people who write scenarios: a commented file to start from, and the JSON Schema that lets an editor complete
and check it."""

import datetime as dt
import re
import textwrap
from pathlib import Path
from typing import Any

from detente.config.assembly import months_after
from detente.config.fields import SLUG
from detente.config.layers import scenario_paths
from detente.config.loader import Config, load
from detente.config.schema import GULF_STATES, PINNED_STATES, STRENGTHS, Record, Scenario
from detente.config.writing import dump_value, inline
from detente.shared.errors import ConfigError
from detente.shared.messages import number, quoted
from detente.shared.paths import config_roots


def json_schema(configs: Path | None = None) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a scenario file, with every parameter, fact, instrument and scenario by name."""
    config = load("baseline", configs=configs)
    schema = _without_null(Scenario.model_json_schema())
    definitions, properties = schema["$defs"], schema["properties"]
    properties["parameters"] = _records(config.parameters)
    properties["facts"] = _records(config.facts)
    states: dict[str, tuple[str, ...]] = {f"sanctions.{instrument.key}": STRENGTHS for instrument in config.instruments}
    states |= PINNED_STATES
    definitions["Event"]["properties"]["set"]["properties"] = {
        key: {"enum": list(values)} for key, values in states.items()
    }
    senders = sorted({instrument.sender for instrument in config.instruments})
    definitions["Stage"]["properties"]["eases"]["properties"] = {
        sender: {"type": "array", "items": {"enum": [i.name for i in config.instruments if i.sender == sender]}}
        for sender in senders
    }
    definitions["ReportOptions"]["properties"]["compare"]["items"] = {
        "enum": list(scenario_paths(config_roots(configs)))
    }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Scenario of détente"}


def _records(records: dict[str, Record]) -> dict[str, Any]:
    """One property a block, one a record within, described by its doc, unit and bounds."""
    blocks: dict[str, Any] = {}
    for key, record in records.items():
        block, name = key.split(".", 1)
        limits = f", {number(record.bounds[0])} to {number(record.bounds[1])}" if record.bounds else ""
        described = {
            "allOf": [{"$ref": "#/$defs/Overlay"}],
            "description": f"{record.doc} ({record.kind}; {record.unit}{limits})",
        }
        blocks.setdefault(block, {"type": "object", "additionalProperties": False, "properties": {}})["properties"][
            name
        ] = described
    return {"type": "object", "additionalProperties": False, "properties": blocks}


def _without_null(schema: Any) -> Any:
    """TOML has no null: an optional key is one that may be left out."""
    if isinstance(schema, list):
        return [_without_null(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    clean = {key: _without_null(value) for key, value in schema.items() if not (key == "default" and value is None)}
    choices = [choice for choice in clean.get("anyOf", ()) if choice != {"type": "null"}]
    if "anyOf" in clean and len(choices) < len(clean["anyOf"]):
        del clean["anyOf"]
        clean = {**clean, **(choices[0] if len(choices) == 1 else {"anyOf": choices})}
    return clean


def new_scenario(name: str, configs: Path | None = None) -> str:
    """A commented scenario file to edit, valid as written; every commented example is valid too once its marks are
    removed.

    ConfigError when the name cannot name a run.
    """
    if not re.fullmatch(SLUG, name):
        raise ConfigError(
            f"{quoted(name)} cannot name a scenario; use lower-case letters, digits and dashes, such as us-first-relief."
        )
    config = load("baseline", configs=configs)
    uncertain = _example({key: record for key, record in config.parameters.items() if record.dist is not None}, "oil.")
    fact = _example(
        {key: record for key, record in config.facts.items() if isinstance(record.value, float)}, "oil.brent"
    )
    eased = next((i for i in config.instruments if i.status == "in force" and i.rule == "executive"), None)
    parts = [_head(name, config), _run(config)]
    if uncertain:
        parts.append(_parameter("parameters", *uncertain, "Another distribution; or value = … alone, which fixes it."))
    if fact:
        parts.append(_parameter("facts", *fact, "What the run takes as given on its as-of date."))
    if eased:
        parts.append(_roadmap(eased.sender, eased.name))
    pin = f"sanctions.{eased.key}" if eased else "gulf.state"
    parts.append(
        _event(months_after(config.as_of, 1) + dt.timedelta(days=1), pin, STRENGTHS[1] if eased else GULF_STATES[0])
    )
    return "\n".join(parts)


def _example(records: dict[str, Record], wanted: str) -> tuple[str, Record] | None:
    """The first record whose key begins as wanted, or any."""
    return next(
        ((key, record) for key, record in sorted(records.items(), key=lambda item: not item[0].startswith(wanted))),
        None,
    )


def _head(name: str, config: Config) -> str:
    return f"""\
# A scenario is a difference: what is not said here stays as in the baseline.
# Remove the "# " before a line to use it. Check with: detente validate {name}.toml
schema_version = 1
name = {dump_value(name)}
title = {dump_value(name.replace("-", " ").capitalize())}
description = "What differs from the baseline, and why."
as_of = {config.as_of}  # facts after this date are unknown to the run
extends = "baseline"  # or another scenario, by name
"""


def _run(config: Config) -> str:
    notes = {
        "paths": "number of simulated worlds",
        "horizon": "months",
        "step": "month or week",
        "seed": "equal seeds give equal numbers",
    }
    lines = [f"# {key} = {dump_value(getattr(config.run, key))}  # {note}" for key, note in notes.items()]
    acts = "gulf, money, forces, threats and relief on offer act on the chance of peace, and revenue on recruits' pay"
    feedback = f"# feedback = {dump_value(config.conflict_feedback)}  # {acts}"
    return "\n".join(["[run]", *lines, "", "[conflict]", feedback, ""])


def _parameter(section: str, key: str, record: Record, note: str) -> str:
    """A record as an example: its present value or distribution, to be changed, with the source that an overlay
    needs."""
    limits = f", {number(record.bounds[0])} to {number(record.bounds[1])}" if record.bounds else ""
    change = f"dist = {inline(record.dist)}" if record.dist is not None else f"value = {dump_value(record.value)}"
    doc = textwrap.fill(record.doc, 140, initial_indent="# ", subsequent_indent="# ")
    return f"""\
# {note} For what is known of it: detente explain {key}
{doc}
# Unit and bounds: {record.unit}{limits}
# [{section}.{key}]
# {change}
# source = "who says so, and when"
"""


def _roadmap(sender: str, name: str) -> str:
    return f"""\
# The roadmap is given as a whole: one [[roadmap.stage]] after the other replaces the baseline's.
# [[roadmap.stage]]
# name = "first-stage"
# gate = {{ ceasefire_months = 3, verified_withdrawal = false, talks_concluded = false }}
# eases = {{ {sender} = [{dump_value(name)}] }}
# lag_days = 30
"""


def _event(date: dt.date, key: str, value: str) -> str:
    return f"""\
# A dated assumption pins a state from its day on.
# [[event]]
# date = {date}
# set = {{ {dump_value(key)} = {dump_value(value)} }}
"""
