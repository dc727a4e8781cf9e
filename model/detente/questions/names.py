"""The words that a question may use: variables, events, totals and routes of the codelist, parameters and facts, and
constants of a ledger."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from detente.config.loader import Config
from detente.engine.outputs import EventEntry, events, recorded
from detente.shared.messages import nearest, one_of, quoted

ROUTES = {"deal": 1.0, "price": 2.0, "initiative": 3.0, "lapse": 4.0}
"""Codes of the routes of relief, as in the codelist."""
KINDS = {"date": "EVENT", "total": "TOTAL", "route": "ROUTE"}
KEYWORDS = (
    "at",
    "in",
    "by",
    "of",
    "to",
    "from",
    "over",
    "after",
    "before",
    "within",
    "and",
    "or",
    "not",
    "given",
    "months",
    "share",
    "rank",
)
TAIL = re.compile(rf"\s+(?:{'|'.join(KEYWORDS[:14])})\b", re.IGNORECASE)
WORD = re.compile(r"[^\s<>=+*/^(),\[\]|-]+(?:[ |>-]?[^\s<>=+*/^(),\[\]|-]+)*")


@dataclass(frozen=True)
class Name:
    """``kind``: the terminal of the grammar; ``key``: column of the whole paths, field of events.parquet or dotted
    key; ``value`` of a constant."""

    kind: str
    key: str
    unit: str = "1"
    value: float = 0.0


@dataclass
class Names:
    """All names, by their spelling in small letters. ``shared`` are names of variables that stand for several
    regions."""

    known: dict[str, Name]
    spelt: dict[str, str]
    shared: dict[str, list[str]] = field(default_factory=dict)
    readers: dict[str, Any] = field(default_factory=dict)
    """Room for the reader that is built from these names, so that it is built once."""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Matches the longest known name, and nothing that goes on as a longer word."""
        names = sorted({*self.known, *self.shared}, key=lambda name: (-len(name), name))
        return re.compile(f"(?:{'|'.join(map(re.escape, names))})(?![\\w]|[|.>][\\w])", re.IGNORECASE)

    def find(self, text: str) -> Name | None:
        return self.known.get(" ".join(text.split()).casefold())

    def complaint(self, text: str) -> str:
        """What to say of an unknown or shared name that begins ``text``, with the nearest valid one."""
        found = WORD.match(text)
        word = TAIL.split(found[0])[0] if found else text[:1]
        regions = self.shared.get(word.casefold())
        if regions:
            return (
                f"{quoted(word)} stands for several regions; write {one_of(f'{region}|{word}' for region in regions)}."
            )
        near = nearest(word, self.spelt.values())
        first = word.split(" ")[0]
        if near is None and (keyword := nearest(first, KEYWORDS)) is not None:
            return f"unknown word {quoted(first)}; the nearest valid one is {quoted(keyword)}."
        said = f"unknown name {quoted(word)}; "
        return said + (
            f"the nearest valid one is {quoted(near)}." if near else "detente list variables shows the names there are."
        )


def names(config: Config, constants: Mapping[str, tuple[float, str]] | None = None) -> Names:
    """The names that a run of this configuration knows; ``constants`` adds numbers with their unit by name."""
    found: dict[str, tuple[str, Name]] = {}
    shared: dict[str, list[str]] = {}

    def add(spelling: str, name: Name, *, weak: bool = False) -> None:
        key = spelling.casefold()
        if key not in found:
            found[key] = (spelling, name)
        elif not weak:
            raise ValueError(f"two names are spelt {spelling}")

    for route, code in ROUTES.items():
        add(route, Name("CONSTANT", route, value=code))
    for entry in events():
        _add_event(entry, add)
    variables = recorded(config)
    for variable in variables:
        add(variable.column, Name("VARIABLE", variable.column, variable.unit))
    for name, regions in _regions((v.name, v.region) for v in variables).items():
        if len(regions) > 1:
            shared[name.casefold()] = regions
        else:
            add(name, found[f"{regions[0]}|{name}".casefold()][1], weak=True)
    for ending, name in _endings(
        name for name in _regions((v.name, v.region) for v in variables) if name.casefold() not in shared
    ).items():
        if ending.casefold() not in shared:
            add(ending, found[name.casefold()][1], weak=True)
    for key, record in (config.parameters | config.facts).items():
        if not isinstance(record.value, str | bool):
            add(key, Name("PARAMETER", key, record.unit), weak=True)
    for key, (value, unit) in (constants or {}).items():
        add(key, Name("CONSTANT", key, unit, value))
    return Names(
        {key: name for key, (_, name) in found.items()}, {key: spelling for key, (spelling, _) in found.items()}, shared
    )


def _add_event(entry: EventEntry, add) -> None:
    """An event by its name in the codelist, its field, and in short: ``ceasefire`` for ``Event|First ceasefire``."""
    name = Name(KINDS[entry.kind], entry.field, entry.unit)
    add(entry.name, name)
    add(entry.field, name, weak=True)
    short = entry.name.removeprefix("Event|").removeprefix("First ")
    if short != entry.name:
        add(short, name, weak=True)


def _regions(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, region in pairs:
        found.setdefault(name, []).append(region)
    return found


def _endings(names: Iterable[str]) -> dict[str, str]:
    """Endings of names at a stroke that belong to one name only: ``TTF`` for ``Price|Natural Gas|TTF``."""
    owners: dict[str, list[str]] = {}
    for name in names:
        parts = name.split("|")
        for k in range(1, len(parts)):
            owners.setdefault("|".join(parts[k:]), []).append(name)
    return {ending: found[0] for ending, found in owners.items() if len(found) == 1}
