"""Explanation of one key: a parameter, fact, instrument, scenario, run option or output."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detente.catalog.changes import differences, stage_in_words
from detente.catalog.describe import amount, confidence, distribution_text, joint_range, spread
from detente.catalog.output_names import folded, output_names
from detente.config.declarations import facts_files
from detente.config.distributions import JointDraw
from detente.config.layers import read_document, scenario_paths
from detente.config.loader import Config, load
from detente.config.schema import Instrument, Record, RunOverlay
from detente.config.toml import Document
from detente.shared.countries import respelt
from detente.shared.errors import ConfigError
from detente.shared.messages import nearest, number, one_of, quoted
from detente.shared.paths import config_roots, shown
from detente.shared.texts import normalised


@dataclass(frozen=True)
class Explanation:
    """A key in full: ``what`` it is (parameter, fact, …), its description, and labelled lines in reading order."""

    key: str
    what: str
    doc: str
    lines: tuple[tuple[str, str], ...]

    def as_dict(self) -> dict[str, Any]:
        """The explanation as data for JSON."""
        return {
            "key": self.key,
            "what": self.what,
            "doc": self.doc,
            **{label.replace(" ", "_"): text for label, text in self.lines},
        }


def explain(key: str, scenario: str = "baseline", configs: Path | None = None) -> Explanation:
    """Meaning and origin of a key, as it takes effect in a scenario.

    Parameters
    ----------
    key : dotted key, or a name that belongs to one key only.
    scenario : name of the scenario.
    configs : user's configuration folder.

    Raises
    ------
    ConfigError : the key is unknown or ambiguous; the message names the nearest key.
    """
    config = load(scenario, configs=configs)
    finders: tuple[Callable[[str, Config, Path | None], Explanation | None], ...] = (
        _record_of,
        _instrument_of,
        _scenario_of,
        _option_of,
        _output_of,
    )
    key = " ".join(normalised(key).split())
    for find in finders:
        explanation = find(key, config, configs)
        if explanation is not None:
            return explanation
    every = _all_keys(config, configs)
    parts = [each for each in dict.fromkeys(every) if key.casefold() in re.split(r"[._| >-]", each.casefold())]
    if len(parts) > 1:
        raise ConfigError(f"{quoted(key)} is part of several names; name one of them: {one_of(parts)}.")
    if parts:
        return explain(parts[0], scenario, configs)
    near = nearest(key, every)
    hint = (
        f"the nearest valid one is {quoted(near)}"
        if near
        else "detente list parameters, variables, instruments or scenarios shows the valid ones"
    )
    raise ConfigError(f"{quoted(key)} is not a known key; {hint}.")


def _all_keys(config: Config, configs: Path | None) -> list[str]:
    from detente.catalog.listing import outputs

    keys = [
        *config.parameters,
        *config.facts,
        *(f"parameters.{key}" for key in config.parameters),
        *(f"facts.{key}" for key in config.facts),
    ]
    keys += [instrument.key for instrument in config.instruments] + [f"run.{name}" for name in RunOverlay.model_fields]
    keys += [*scenario_paths(config_roots(configs)), *(row["name"] for row in outputs(config))]
    return keys + [key.split(".", 1)[1] for key in config.parameters]


def _doc(text: str) -> str:
    return " ".join(text.split())


def _record_of(key: str, config: Config, configs: Path | None) -> Explanation | None:
    """A parameter or fact by its dotted key, with or without section, or by a name that only one has."""
    wanted = (
        key.casefold().removeprefix("parameters.").removeprefix("facts.").removesuffix(".value").removesuffix(".dist")
    )
    records = {**config.parameters, **config.facts}
    wanted = respelt(wanted, records) or wanted if wanted not in records else wanted
    if wanted not in records:
        named = [full for full in records if full.split(".", 1)[1] == wanted]
        if len(named) > 1:
            raise ConfigError(f"{wanted} is ambiguous: {' or '.join(named)}; name one of them.")
        if not named:
            return None
        wanted = named[0]
    section = "parameters" if wanted in config.parameters else "facts"
    record = records[wanted]
    full = f"{section}.{wanted}"
    lines = [
        ("value", amount(record.value, record.unit)),
        *_distribution(wanted, record, config),
        ("unit", _unit(record.unit)),
    ]
    if record.bounds:
        lines.append(("bounds", f"{number(record.bounds[0])} to {number(record.bounds[1])}"))
    if record.choices:
        lines.append(("choices", ", ".join(record.choices)))
    lines += [
        ("kind", record.kind),
        ("source", _doc(record.source)),
        ("confidence", confidence(record.confidence)),
        ("as of", record.as_of.isoformat()),
        *([("carried over from", record.carried_from.isoformat())] if record.carried_from else []),
        ("declared", config.origins.get(full, "")),
    ]
    lines.append(("also set in", "; ".join(_overridden(section, wanted, config, configs)) or "no file"))
    return Explanation(full, "fact" if section == "facts" else "parameter", _doc(record.doc), tuple(lines))


def _unit(unit: str) -> str:
    return "none (a ratio, a share or a code)" if unit == "1" else unit


def _distribution(key: str, record: Record, config: Config) -> list[tuple[str, str]]:
    """Distribution of a value and its 90% range."""
    if record.dist is None:
        return [("distribution", "none, fixed")]
    if isinstance(record.dist, JointDraw):
        joint = config.joints[record.dist.table]
        others = ", ".join(column for column in joint.columns if column != key)
        return [("distribution", f"joint with {others}: {joint_range(joint, key)} (table {record.dist.table})")]
    lines = [("distribution", distribution_text(record.dist))]
    middle = spread(record)
    return [*lines, ("90% range", middle)] if middle else lines


def _overridden(section: str, key: str, config: Config, configs: Path | None) -> list[str]:
    """Files that change the record, with the line: facts files and scenarios."""
    roots = config_roots(configs)
    block, name = key.split(".", 1)
    home = config.origins.get(f"{section}.{key}", "").partition(", line")[0]
    places = []
    for path in [*facts_files(roots).values(), *scenario_paths(roots).values()]:
        document = (
            read_document(path, roots) if path in scenario_paths(roots).values() else _facts_document(path, roots)
        )
        table = document.data.get(section, {}).get(block, {})
        if isinstance(table, dict) and name in table and document.shown != home:
            places.append(document.where((section, block, name)))
    return places


def _facts_document(path: Path, roots: tuple[Path, ...]) -> Document:
    from detente.config.toml import read

    return read(path, shown(path, roots))


def _instrument_of(key: str, config: Config, configs: Path | None) -> Explanation | None:
    """An instrument by ``US.oil-majors``, with or without ``sanctions.`` or the sender."""
    wanted = key.removeprefix("sanctions.").removeprefix("instrument.")
    known = {instrument.key: instrument for instrument in config.instruments}
    if wanted not in known:
        named = [instrument.key for instrument in config.instruments if instrument.name == wanted]
        if len(named) > 1:
            raise ConfigError(f"{wanted} is ambiguous: {' or '.join(named)}; name one of them.")
        if not named:
            return None
        wanted = named[0]
    return _of_instrument(known[wanted], config)


def _of_instrument(instrument: Instrument, config: Config) -> Explanation:
    lapses = (
        [f"on {instrument.ends}"] if instrument.ends else [f"on {day} unless renewed" for day in instrument.renewal]
    )
    weights = [f"{channel} {number(weight)}" for channel, weight in instrument.channels.items()]
    stages = [stage for stage in config.stages if instrument.name in stage.eases.get(instrument.sender, ())]
    eased = [f"{stage.name} ({stage_in_words(stage).partition(' eases ')[0]})" for stage in stages]
    lines = [
        ("act", _doc(instrument.act)),
        ("status", instrument.status),
        ("lifted by", f"{instrument.rule.label} ({instrument.rule})"),
        ("announced", instrument.announced.isoformat()),
        ("in force", instrument.in_force.isoformat() if instrument.in_force else "not yet"),
        ("lapses", ", ".join(lapses) or "no expiry"),
        (
            "price-triggered licence",
            "a general licence is issued when Brent exceeds the trigger" if instrument.price_licence else "no",
        ),
        ("breadth", "eased early" if instrument.breadth == "first" else "eased with broad relief"),
        ("wind-down", f"{instrument.wind_down_days} days after reimposition"),
        ("weights", ", ".join(weights) or "none: it restricts no energy route"),
        ("roadmap", "; ".join(eased) or "no stage eases it"),
        ("source", _doc(instrument.source)),
        ("confidence", confidence(instrument.confidence)),
        ("declared", config.origins.get(f"instrument.{instrument.key}", "")),
    ]
    return Explanation(f"sanctions.{instrument.key}", "instrument", instrument.title + ".", tuple(lines))


def _scenario_of(key: str, config: Config, configs: Path | None) -> Explanation | None:
    roots = config_roots(configs)
    paths = scenario_paths(roots)
    if key not in paths:
        return None
    document = read_document(paths[key], roots)
    chosen, base = load(key, configs=configs), str(document.data.get("extends", "baseline"))
    lines = [("file", document.shown), ("as of", chosen.as_of.isoformat())]
    if key != "baseline":
        changes = differences(load("baseline", configs=configs), chosen)
        lines.insert(1, ("extends", base))
        lines += [("changes", f"{change.key}: {change.after} (baseline: {change.before})") for change in changes]
    if chosen.report.compare:
        lines.append(("compared with", ", ".join(chosen.report.compare)))
    return Explanation(key, "scenario", f"{chosen.title}. {_doc(chosen.description)}".strip(), tuple(lines))


def _option_of(key: str, config: Config, configs: Path | None) -> Explanation | None:
    name = key.removeprefix("run.")
    if name not in RunOverlay.model_fields or key not in (name, f"run.{name}"):
        return None
    value, origin = getattr(config.run, name), config.origins.get(f"run.{name}", "")
    doc = RunOverlay.model_fields[name].description or ""
    return Explanation(
        f"run.{name}", "run option", doc, (("value", str(value)), ("comes from", origin), ("set it with", f"--{name}"))
    )


def _output_of(key: str, config: Config, configs: Path | None) -> Explanation | None:
    from detente.catalog.listing import outputs
    from detente.engine.outputs import codelist

    every = outputs(config)
    wanted = output_names((row["region"], row["name"]) for row in every)
    fields = {entry.field: entry.name for entry in codelist().variable}
    fields |= {entry.field.partition(".")[2]: entry.name for entry in codelist().variable if "{" not in entry.name}
    name = fields.get(key, key)
    output = wanted.known.get(folded(name))
    rows = [row for row in every if folded(row["name"]) == folded(name)]
    if not rows and output is not None:
        rows = [row for row in every if (row["region"], row["name"]) == output]
    if not rows:
        return None
    row = rows[0]
    regions = ", ".join(dict.fromkeys(row["region"] for row in rows))
    table = "summary.parquet and summary.csv" if row["table"] == "summary" else "events.parquet"
    lines = (("unit", _unit(row["unit"])), ("region", regions), ("found in", table), ("statistics", row["statistics"]))
    return Explanation(row["name"], "output", row["doc"], lines)
