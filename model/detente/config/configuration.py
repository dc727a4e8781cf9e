"""The effective configuration: canonical form, digest, origins, and a TOML file that loads to the same digest."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from detente.config.schema import Record
from detente.config.writing import dump_key, dump_value, kind_first
from detente.shared.memo import Remembered

if TYPE_CHECKING:
    from detente.config.loader import Config

TEXTS = {"title", "description", "doc"}
"""Texts for readers: they change no number, so they are no part of the canonical form."""


def canonical(config: "Config") -> dict[str, Any]:
    """Everything that can change a number, JSON-able and free of order: no words, no origins, no report options."""
    form: dict[str, Any] = json.loads(canonical_json(config))
    return form


def digest(config: "Config") -> str:
    """SHA-256 of the canonical form as JSON: sorted keys, no white space, floats by repr."""
    return hashlib.sha256(canonical_json(config).encode("utf-8")).hexdigest()


def canonical_json(config: "Config") -> str:
    """The canonical form as JSON, put together from the texts of its models, which many configurations share."""
    events = sorted((json.dumps(_without_texts(event), sort_keys=True), _text(event)) for event in config.events)
    correlations = [
        {**_without_texts(correlation), "pair": sorted(correlation.pair)} for correlation in config.correlations
    ]
    parts = {
        "schema_version": _json(config.schema_version),
        "name": _json(config.name),
        "as_of": _json(config.as_of.isoformat()),
        "run": _text(config.run),
        "conflict": _json({"feedback": config.conflict_feedback}),
        "parameters": _table_text(config.parameters),
        "facts": _table_text(config.facts),
        "joint": _table_text(config.joints),
        "correlation": _json(sorted(correlations, key=lambda correlation: correlation["pair"])),
        "instrument": _table_text({instrument.key: instrument for instrument in config.instruments}),
        "roadmap": f"[{','.join(map(_text, config.stages))}]",
        "event": f"[{','.join(text for _, text in events)}]",
    }
    return _object({key: parts[key] for key in sorted(parts)})


def _table_text(models: Mapping[str, BaseModel]) -> str:
    return _object({key: _text(models[key]) for key in sorted(models)})


def _object(texts: dict[str, str]) -> str:
    return "{" + ",".join([f"{_quoted(key)}:{text}" for key, text in texts.items()]) + "}"


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


_quoted = lru_cache(maxsize=4_096)(_json)


def _without_texts(model: BaseModel) -> dict[str, Any]:
    return model.model_dump(mode="json", exclude_none=True, exclude=TEXTS)


_text = Remembered(lambda model: _json(_without_texts(model)), most=20_000)
"""A model in canonical form, as JSON."""


def stored_origins(config: "Config") -> dict[str, str]:
    """Where the values come from, by dotted key: a file with its line, ``--set key=value``, or ``default``.

    Every record and table has its origin; a field of a record, such as ``parameters.oil.brent.value``, only where it
    comes from elsewhere than the record.
    """
    origins = {}
    for key, origin in config.origins.items():
        section, *parts = key.split(".")
        if section in ("parameters", "facts") and len(parts) == 3:
            home = config.origins.get(f"{section}.{parts[0]}.{parts[1]}", "")
            if _file_of(home) == _file_of(origin):
                continue
        origins[key] = origin
    return origins


def _file_of(origin: str) -> str:
    """The file of an origin, without the line."""
    return origin.partition(", line ")[0]


def to_toml(config: "Config") -> str:
    """The complete configuration as TOML, with the origins as comments for readers."""
    origins = stored_origins(config)
    head = {
        "schema_version": config.schema_version,
        "effective": True,
        "name": config.name,
        "title": config.title,
        "description": config.description,
        "as_of": config.as_of,
    }
    lines = [
        "# Effective configuration, complete: it needs no other file. A comment says where a value comes from.",
        "",
    ]
    lines += [_line(key, value, origins.get(key)) for key, value in head.items()]
    tables = {
        "run": config.run.model_dump(),
        "conflict": {"feedback": config.conflict_feedback},
        "report": {"compare": config.report.compare},
    }
    for table, values in tables.items():
        lines += [
            "",
            f"[{table}]",
            *(_line(key, value, origins.get(f"{table}.{key}")) for key, value in values.items()),
        ]
    if config.overrides:
        lines += ["", "[overrides]", *(_line(key, value, None) for key, value in config.overrides.items())]
    for section, records in (("parameters", config.parameters), ("facts", config.facts)):
        for key, record in records.items():
            lines += _record(f"{section}.{key}", record, origins)
    for name, joint in config.joints.items():
        lines += _table(f"[joint.{dump_key(name)}]", joint, origins.get(f"joint.{name}"))
    for correlation in config.correlations:
        lines += _table("[[correlation]]", correlation, origins.get("correlation." + " ".join(correlation.pair)))
    for instrument in config.instruments:
        lines += _table("[[instrument]]", instrument, origins.get(f"instrument.{instrument.key}"))
    for stage in config.stages:
        lines += _table("[[roadmap.stage]]", stage, origins.get(f"roadmap.{stage.name}"))
    for event in config.events:
        places = {origin for key in event.set if (origin := origins.get(f"event.{event.date}.{key}"))}
        lines += _table("[[event]]", event, "; ".join(sorted(places)) or None)
    return "\n".join(lines) + "\n"


def _line(key: str, value: Any, origin: str | None) -> str:
    return _with_comment(f"{dump_key(key)} = {dump_value(value)}", origin)


def _with_comment(line: str, comment: str | None) -> str:
    return f"{line}  # {comment}" if comment else line


def _plain(model: BaseModel) -> Iterator[tuple[str, Any]]:
    """Fields as TOML has them: nothing empty, the kind of a distribution first and its truncation last."""
    for key, value in model.model_dump(exclude_none=True).items():
        yield key, kind_first(value)


_fields = Remembered(lambda model: [(key, _line(key, value, None)) for key, value in _plain(model)], most=20_000)
"""The lines of a model, each with its key."""


def _table(header: str, model: BaseModel, origin: str | None) -> list[str]:
    return ["", _with_comment(header, origin), *(line for _, line in _fields(model))]


def _record(key: str, record: Record, origins: Mapping[str, str]) -> list[str]:
    """A record: the origin of the table at its head, and that of a field where it comes from elsewhere."""
    header = f"[{'.'.join(dump_key(part) for part in key.split('.'))}]"
    lines = ["", _with_comment(header, origins.get(key))]
    lines += [_with_comment(line, origins.get(f"{key}.{name}")) for name, line in _fields(record)]
    return lines
