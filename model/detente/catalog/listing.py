"""Listings as rows: scenarios, parameters and facts, outputs, instruments, sources."""

import datetime as dt
from pathlib import Path
from typing import Any

from detente.catalog.describe import distribution_text
from detente.config.layers import read_document, scenario_paths
from detente.config.loader import Config
from detente.config.schema import Record
from detente.shared.paths import config_roots, shown

Row = dict[str, Any]


def scenarios(configs: Path | None = None) -> list[Row]:
    """Scenarios with title, base scenario and file; the baseline first."""
    roots = config_roots(configs)
    rows = []
    for name, path in scenario_paths(roots).items():
        data = read_document(path, roots).data
        base = "" if name == "baseline" else str(data.get("extends", "baseline"))
        rows.append({"name": name, "extends": base, "file": shown(path, roots), "title": str(data.get("title", name))})
    return rows


def parameters(config: Config) -> list[Row]:
    """Parameters and facts as they take effect in a configuration."""
    return [_record(key, record) for key, record in sorted({**config.parameters, **config.facts}.items())]


def _record(key: str, record: Record) -> Row:
    return {
        "key": key,
        "value": record.value,
        "unit": record.unit,
        "kind": record.kind,
        "distribution": "" if record.dist is None else distribution_text(record.dist),
        "bounds": list(record.bounds) if record.bounds else None,
        "choices": list(record.choices) if record.choices else None,
        "confidence": record.confidence,
        "as_of": record.as_of.isoformat(),
        "doc": " ".join(record.doc.split()),
        "source": " ".join(record.source.split()),
    }


def outputs(config: Config) -> list[Row]:
    """Variables of the summary with their statistics, then the columns of events.parquet. Imports the kernels."""
    from detente.engine import outputs as variables

    rows = []
    for variable in variables.recorded(config):
        statistics = "mean, quantiles" if variable.ranked else "mean"
        statistics += "".join(f", p_above_{threshold:g}" for threshold in variable.thresholds)
        rows.append(_output(variable.name, variable.region, variable.unit, statistics, "summary", variable.doc))
    for entry in variables.events():
        if entry.kind == "date":
            rows.append(
                _output(
                    entry.name,
                    "World",
                    "1",
                    "mean",
                    "summary",
                    f"Probability that the event has happened by the end of the step: {entry.doc}",
                )
            )
        rows.append(_output(entry.field, "World", entry.unit, "one value a path", "events", entry.doc))
    return rows


def _output(name: str, region: str, unit: str, statistics: str, table: str, doc: str) -> Row:
    return {
        "name": name,
        "region": region,
        "unit": unit,
        "table": table,
        "statistics": statistics,
        "doc": " ".join(doc.split()),
    }


def instruments(config: Config) -> list[Row]:
    """The sanctions register of a configuration."""
    return [
        {
            "key": instrument.key,
            "status": instrument.status,
            "rule": instrument.rule,
            "announced": instrument.announced.isoformat(),
            "in_force": _day(instrument.in_force),
            "ends": _day(instrument.ends),
            "renewal": ", ".join(instrument.renewal),
            "channels": dict(instrument.channels),
            "title": instrument.title,
            "act": " ".join(instrument.act.split()),
            "confidence": instrument.confidence,
            "source": " ".join(instrument.source.split()),
        }
        for instrument in config.instruments
    ]


def _day(date: dt.date | None) -> str:
    return date.isoformat() if date else ""


def sources(config: Config) -> list[Row]:
    """Every source once, with the records, instruments and tables that use it."""
    rows: dict[str, Row] = {}

    def note(key: str, source: str, confidence: str = "", as_of: str = "") -> None:
        text = " ".join(source.split())
        row = rows.setdefault(text, {"keys": [], "confidence": confidence, "as_of": as_of, "source": text})
        row["keys"].append(key)

    for key, record in sorted({**config.parameters, **config.facts}.items()):
        note(key, record.source, record.confidence, record.as_of.isoformat())
    for instrument in config.instruments:
        note(instrument.key, instrument.source, instrument.confidence)
    for name, joint in config.joints.items():
        note(f"joint.{name}", joint.source)
    for correlation in config.correlations:
        note(" with ".join(correlation.pair), correlation.source)
    return list(rows.values())
