"""From a batch file to its units: the product of its lists, with a descriptive name for each unit."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any

from detente.batches.schema import BatchFile
from detente.config.toml import Document
from detente.shared.messages import KeyPath, number, quoted
from detente.shared.paths import SLUG

Settings = dict[str, tuple[Any, KeyPath]]
"""Dotted keys with values and positions in the file."""
LONGEST = 120
JOINT = "+"


@dataclass(frozen=True)
class Unit:
    """One run of a batch before configuration.

    ``settings``: dotted keys with values, in the order of application; ``places``: their positions in the batch file;
    ``options``: run options of the file.
    """

    name: str
    scenario: str | Path
    settings: Mapping[str, Any]
    options: Mapping[str, Any]
    place: str
    places: Mapping[str, str] = field(default_factory=dict)


def expand(document: Document, file: BatchFile) -> list[Unit]:
    """All units of a file, scenarios outermost and seeds innermost, then the cases. Names are unique.

    Raises ConfigError if a scenario file lies outside the folder of the batch file.
    """
    taken: set[str] = set()
    return [_uniquely(unit, taken) for unit in (*_product(document, file), *_cases(document, file))]


def batch_name(document: Document, file: BatchFile) -> str:
    """Name of a batch: its key ``name``, or the file name (ConfigError if that cannot name a folder)."""
    stem = document.path.stem if document.path else "batch"
    if file.name is None and not re.fullmatch(SLUG, stem):
        document.fail(
            (), 'the file name is not a valid batch name; add name = "…" in lower-case letters, digits and dashes.'
        )
    return file.name or stem


def setting_keys(units: Iterable[Unit]) -> list[str]:
    """Dotted keys set by any unit, in file order."""
    return list(dict.fromkeys(key for unit in units for key in unit.settings))


def _product(document: Document, file: BatchFile) -> Iterator[Unit]:
    labels = _labels([*file.grid, *file.zip])
    grid = list(product(*(range(len(values)) for values in file.grid.values())))
    together = range(max((len(values) for values in file.zip.values()), default=1))
    seeds: tuple[int | None, ...] = file.seeds or (None,)
    for s, scenario in enumerate(file.scenarios or ()):
        for (o, override), chosen, z in product(enumerate(file.overrides), grid, together):
            picked: Settings = {
                key: (values[i], ("grid", key, i)) for i, (key, values) in zip(chosen, file.grid.items(), strict=True)
            }
            picked |= {key: (values[z], ("zip", key, z)) for key, values in file.zip.items()}
            settings: Settings = {key: (value, ("overrides", o, "set", key)) for key, value in override.set.items()}
            parts = [_scenario_label(scenario)]
            parts += [override.name or f"override-{o + 1}"] if override.set or override.name else []
            parts += [f"{labels[key]}={_value_label(value, path)}" for key, (value, path) in picked.items()]
            for seed in seeds:
                named = [*parts, f"seed={seed}"] if len(seeds) > 1 else parts
                options = _options(file) | ({} if seed is None else {"seed": seed})
                yield _unit(document, named, scenario, ("scenarios", s), settings | picked, options)


def _options(file: BatchFile) -> dict[str, Any]:
    options = file.run.model_dump(exclude_none=True, include={"paths", "horizon", "step", "seed"})
    return options if file.as_of is None else options | {"as_of": file.as_of}


def _cases(document: Document, file: BatchFile) -> Iterator[Unit]:
    for index, case in enumerate(file.case):
        options = (
            _options(file) | case.run.model_dump(exclude_none=True) | ({} if case.seed is None else {"seed": case.seed})
        ) | ({} if case.as_of is None else {"as_of": case.as_of})
        settings: Settings = {key: (value, ("case", index, "set", key)) for key, value in case.set.items()}
        place: KeyPath = ("case", index, "scenario") if "scenario" in case.model_fields_set else ("case", index)
        yield _unit(document, [case.name], case.scenario, place, settings, options)


def _unit(
    document: Document, parts: list[str], scenario: str, path: KeyPath, settings: Settings, options: Mapping[str, Any]
) -> Unit:
    name = JOINT.join(parts)
    return Unit(
        name=name if len(name) <= LONGEST else name[:LONGEST].rstrip("+=.-"),
        scenario=_scenario(document, scenario, path),
        settings={key: value for key, (value, _) in settings.items()},
        options=options,
        place=document.where(path),
        places={key: document.where(where) for key, (_, where) in settings.items()},
    )


def _uniquely(unit: Unit, taken: set[str]) -> Unit:
    """The unit, with a number appended to a name already taken."""
    name, number_of = unit.name, 1
    while name in taken:
        number_of += 1
        name = f"{unit.name}#{number_of}"
    taken.add(name)
    return replace(unit, name=name)


def _scenario(document: Document, text: str, path: KeyPath) -> str | Path:
    """A scenario name, or its file in the folder of the batch file."""
    if not re.search(r"[/\\]|\.toml$", text):
        return text
    own = (document.path or Path.cwd() / "batch.toml").resolve().parent
    try:
        target = (own / text).resolve()
        inside, exists = target.is_relative_to(own), target.is_file()
    except (OSError, ValueError, RuntimeError):
        document.fail(path, f"{quoted(text)} is not a file name.")
    if not inside:
        document.fail(path, f"{quoted(text)} is outside the folder of the batch file; copy it to that folder.")
    if not exists:
        document.fail(path, f"there is no file {quoted(text)} in the folder of the batch file.")
    return target


def _scenario_label(text: str) -> str:
    return _word(re.sub(r"\.toml$", "", text.replace("\\", "/").rpartition("/")[2]))


def _labels(keys: list[str]) -> dict[str, str]:
    """The shortest ending of each key that is unique."""
    labels = {}
    for key in keys:
        parts = key.split(".")
        ends = [".".join(parts[-count:]) for count in range(1, len(parts) + 1)]
        labels[key] = next(
            end
            for end in ends
            if end == key or not any(other != key and f".{other}".endswith(f".{end}") for other in keys)
        )
    return labels


def _value_label(value: Any, path: KeyPath) -> str:
    """A value as part of a name; a table or list is named by its position, from 1."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, dict | tuple | list):
        return f"#{int(path[-1]) + 1}"
    return _word(str(value))


def _word(text: str) -> str:
    """A word that is valid in file names on every system."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", text).strip("-.")[:40] or "x"
