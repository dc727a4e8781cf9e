"""Names that a question may use: variables, events, totals, routes, parameters, facts and ledger constants."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from detente.catalog.output_names import folded, output_names
from detente.config.loader import Config
from detente.config.vocabulary import ReliefRoute
from detente.engine.outputs import EventEntry, events, recorded
from detente.shared.countries import respellings
from detente.shared.messages import nearest, one_of, quoted

ROUTES = {str(route): float(code) for code, route in enumerate(ReliefRoute, 1)}
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
    """One name.

    ``kind``: grammar terminal; ``key``: column of paths.parquet, field of events.parquet or dotted key; ``value``:
    value of a constant.
    """

    kind: str
    key: str
    unit: str = "1"
    value: float = 0.0


@dataclass
class Names:
    """All names, keyed by spelling in lower case.

    ``ambiguous``: names of variables that exist for several regions.
    """

    known: dict[str, Name]
    spelling: dict[str, str]
    ambiguous: dict[str, list[str]] = field(default_factory=dict)
    parser: Any = None
    """Parser for these names with its name resolver, cached by the parser module."""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Pattern of the longest known name, not followed by more of a word."""
        names = sorted({*self.known, *self.ambiguous}, key=lambda name: (-len(name), name))
        return re.compile(f"(?:{'|'.join(map(re.escape, names))})(?![\\w]|[|.>][\\w])", re.IGNORECASE)

    def find(self, text: str) -> Name | None:
        """The name of a spelling, None if unknown."""
        return self.known.get(folded(text))

    def unknown(self, text: str) -> str:
        """Message for an unknown or ambiguous name at the start of ``text``, with the nearest valid one."""
        match = WORD.match(text)
        word = TAIL.split(match[0])[0] if match else text[:1]
        regions = self.ambiguous.get(folded(word))
        if regions:
            choices = one_of(f"{region}|{word}" for region in regions)
            return f"{quoted(word)} exists for several regions; write {choices}."
        near = nearest(word, self.spelling.values())
        first = word.split(" ")[0]
        if near is None and (keyword := nearest(first, KEYWORDS)) is not None:
            return f"unknown word {quoted(first)}; the nearest valid one is {quoted(keyword)}."
        hint = f"the nearest valid one is {quoted(near)}" if near else "detente list variables shows the valid names"
        return f"unknown name {quoted(word)}; {hint}."


def names(config: Config, constants: Mapping[str, tuple[float, str]] | None = None) -> Names:
    """Names that questions to a run of this configuration may use.

    Parameters
    ----------
    config : configuration of the run.
    constants : further numbers by name, each with its unit.
    """
    known: dict[str, tuple[str, Name]] = {}

    def add(spelling: str, name: Name, *, weak: bool = False) -> None:
        key = folded(spelling)
        if key not in known:
            known[key] = (spelling, name)
        elif not weak:
            raise ValueError(f"two names have the spelling {spelling}")

    for route, code in ROUTES.items():
        add(route, Name("CONSTANT", route, value=code))
    for entry in events():
        _add_event(entry, add)
    units = {(variable.region, variable.name): variable.unit for variable in recorded(config)}
    outputs = output_names(units)
    for key, (region, variable) in outputs.known.items():
        column = f"{region}|{variable}"
        add(outputs.shown[key], Name("VARIABLE", column, units[region, variable]), weak=True)
    ambiguous = outputs.ambiguous
    for key, record in (config.parameters | config.facts).items():
        if not isinstance(record.value, str | bool):
            for spelling in (key, *respellings(key)):
                add(spelling, Name("PARAMETER", key, record.unit), weak=True)
    for key, (value, unit) in (constants or {}).items():
        add(key, Name("CONSTANT", key, unit, value))
    return Names(
        {key: name for key, (_, name) in known.items()},
        {key: spelling for key, (spelling, _) in known.items()},
        ambiguous,
    )


def _add_event(entry: EventEntry, add: Callable[..., None]) -> None:
    """Add an event by its codelist name, its field and its short name (``ceasefire`` for ``Event|First ceasefire``)."""
    name = Name(KINDS[entry.kind], entry.field, entry.unit)
    add(entry.name, name)
    add(entry.field, name, weak=True)
    short = entry.name.removeprefix("Event|").removeprefix("First ")
    if short != entry.name:
        add(short, name, weak=True)
