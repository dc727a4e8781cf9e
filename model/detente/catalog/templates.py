"""Templates for scenario authors: a commented scenario file and its JSON Schema for editors."""

import datetime as dt
import re
import textwrap
from pathlib import Path
from typing import Any

from detente.config.assembly import months_after
from detente.config.layers import scenario_paths
from detente.config.loader import Config, load
from detente.config.schema import Record, Scenario
from detente.config.vocabulary import GulfState, InstrumentState, pinned_states
from detente.config.writing import dump_value, inline
from detente.shared.errors import ConfigError
from detente.shared.messages import number, quoted
from detente.shared.paths import SLUG, config_roots


def json_schema(configs: Path | None = None) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a scenario file, with all parameters, facts, instruments and scenarios."""
    config = load("baseline", configs=configs)
    schema = _without_null(Scenario.model_json_schema())
    definitions, properties = schema["$defs"], schema["properties"]
    properties["parameters"] = _records(config.parameters)
    properties["facts"] = _records(config.facts)
    states: dict[str, tuple[str, ...]] = {
        f"sanctions.{instrument.key}": tuple(InstrumentState) for instrument in config.instruments
    }
    states |= pinned_states()
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
    """Properties by block and record, described by doc, unit and bounds."""
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
    """Schema without null, which TOML lacks: an optional key may be left out."""
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
    """A commented scenario file to edit, valid as written and with its examples activated.

    Raises
    ------
    ConfigError : the name is not valid for a run, or belongs to a shipped scenario.
    """
    if not re.fullmatch(SLUG, name):
        raise ConfigError(
            f"{quoted(name)} is not a valid scenario name; use lower-case letters, digits and dashes, such as us-first."
        )
    if name in scenario_paths(config_roots(configs)):
        raise ConfigError(
            f"there is already a scenario {quoted(name)}, which a file of this name would not replace; "
            f"choose another name, such as my-{name[:57]}."
        )
    config = load("baseline", configs=configs)
    uncertain = _example({key: record for key, record in config.parameters.items() if record.dist is not None}, "oil.")
    fact = _example(
        {key: record for key, record in config.facts.items() if isinstance(record.value, float)}, "oil.brent"
    )
    eased = next((i for i in config.instruments if i.status == "in force" and i.rule == "executive"), None)
    parts = [_head(name, config), _run(config)]
    if uncertain:
        parts.append(
            _parameter("parameters", *uncertain, "Another distribution, or value = … alone for a fixed value.")
        )
    if fact:
        parts.append(_parameter("facts", *fact, "Initial value on the as-of date."))
    if eased:
        parts.append(_roadmap(eased.sender, eased.name))
    pin = f"sanctions.{eased.key}" if eased else "gulf.state"
    parts.append(
        _event(
            months_after(config.as_of, 1) + dt.timedelta(days=1),
            pin,
            InstrumentState.LICENSED if eased else GulfState.OPEN,
        )
    )
    return "\n".join(parts)


def _example(records: dict[str, Record], wanted: str) -> tuple[str, Record] | None:
    """The first record whose key starts with ``wanted``, or any."""
    return next(
        ((key, record) for key, record in sorted(records.items(), key=lambda item: not item[0].startswith(wanted))),
        None,
    )


def _head(name: str, config: Config) -> str:
    return f"""\
# A scenario lists differences from the baseline; everything else stays the same.
# Remove the "# " before a line to use it. Check with: detente validate {name}.toml
schema_version = 1
name = {dump_value(name)}
title = {dump_value(name.replace("-", " ").capitalize())}
description = "What differs from the baseline, and why."
as_of = {config.as_of}  # later facts are not used
extends = "baseline"  # or another scenario, by name
"""


def _run(config: Config) -> str:
    notes = {
        "paths": "number of simulations",
        "horizon": "months",
        "step": "month or week",
        "seed": "the same seed gives the same numbers",
    }
    lines = [f"# {key} = {dump_value(getattr(config.run, key))}  # {note}" for key, note in notes.items()]
    acts = (
        "the Gulf, finances, forces, tariff threats and relief offers act on the ceasefire probability; "
        "revenue acts on recruits' pay"
    )
    feedback = f"# feedback = {dump_value(config.conflict_feedback)}  # {acts}"
    return "\n".join(["[run]", *lines, "", "[conflict]", feedback, ""])


def _parameter(section: str, key: str, record: Record, note: str) -> str:
    """A record as a commented example, with the source that an overlay needs."""
    limits = f", {number(record.bounds[0])} to {number(record.bounds[1])}" if record.bounds else ""
    change = f"dist = {inline(record.dist)}" if record.dist is not None else f"value = {dump_value(record.value)}"
    doc = textwrap.fill(record.doc, 140, initial_indent="# ", subsequent_indent="# ")
    return f"""\
# {note} For details: detente explain {key}
{doc}
# Unit and bounds: {record.unit}{limits}
# [{section}.{key}]
# {change}
# source = "author, title, date"
"""


def _roadmap(sender: str, name: str) -> str:
    return f"""\
# A list of [[roadmap.stage]] replaces the baseline's roadmap completely.
# [[roadmap.stage]]
# name = "first-stage"
# gate = {{ ceasefire_months = 3, verified_withdrawal = false, talks_concluded = false }}
# eases = {{ {sender} = [{dump_value(name)}] }}
# lag_days = 30
"""


def _event(date: dt.date, key: str, value: str) -> str:
    return f"""\
# A dated assumption fixes a state from its date on.
# [[event]]
# date = {date}
# set = {{ {dump_value(key)} = {dump_value(value)} }}
"""
