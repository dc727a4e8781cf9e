"""The codelist of outputs: every published name with its unit, region and place in the kernels' state.

A name outside it is an error at the door.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from detente_kernels import world
from pydantic import Field

from detente.config.fields import Strict
from detente.config.loader import Config
from detente.config.toml import read
from detente.config.vocabulary import Buyer, Channel, Region, Sender
from detente.engine import tables as register
from detente.shared.errors import ConfigError, DataError
from detente.shared.paths import config_roots, find


class VariableEntry(Strict):
    """A row of configs/variables.toml.

    One variable, or a pattern over instruments, senders, channels, buyers or regions of trade.
    """

    name: str
    field: str
    region: str = "World"
    unit: str
    kind: Literal["level", "share"]
    each: Literal["instrument", "sender", "channel", "buyer", "region"] | None = None
    thresholds: tuple[float, ...] = ()
    doc: str


class EventEntry(Strict):
    """An event date, a route or a total of each path: a column of events.parquet."""

    name: str
    field: str
    unit: str
    kind: Literal["date", "route", "total"] = "date"
    doc: str


class Codelist(Strict):
    """The file ``configs/variables.toml``."""

    schema_version: Literal[1] = 1
    variable: tuple[VariableEntry, ...]
    event: tuple[EventEntry, ...] = Field(default=())


@dataclass(frozen=True)
class Variable:
    """A recorded output: ``row`` of the state seen as (rows, BLOCK); ``ranked`` variables have quantiles."""

    name: str
    region: str
    unit: str
    row: int
    ranked: bool
    thresholds: tuple[float, ...]
    doc: str

    @property
    def column(self) -> str:
        """Name of a column in paths.parquet: region and variable."""
        return f"{self.region}|{self.name}"


@cache
def codelist(root: Path | None = None) -> Codelist:
    """The codelist of ``configs/variables.toml``."""
    path = find("variables.toml", config_roots(root))
    if path is None:
        raise DataError(
            "configs/variables.toml: the codelist of outputs is missing; restore it or install détente again."
        )
    return Codelist.model_validate(read(path).data, strict=False)


@cache
def digest() -> str:
    """Sixteen digits over the codelist as it is understood; comments and order of keys play no part."""
    return hashlib.sha256(
        codelist().model_dump_json(exclude={"variable": {"__all__": {"doc"}}, "event": {"__all__": {"doc"}}}).encode()
    ).hexdigest()[:16]


def recorded(config: Config) -> list[Variable]:
    """All variables of a run, patterns expanded over its register; ranked ones first, as the kernels count them."""
    rows = register.rows(world.STATE)
    variables: list[Variable] = []
    for entry in codelist().variable:
        row = rows.get(entry.field)
        if row is None:
            raise ConfigError(
                f"configs/variables.toml: {entry.name} names {entry.field}, which the model does not have; "
                "correct its field."
            )
        variables.extend(_expand(entry, row, config))
    return sorted(variables, key=lambda variable: not variable.ranked)


def _expand(entry: VariableEntry, row: int | range, config: Config) -> list[Variable]:
    ranked = entry.kind == "level"
    rows = [row] if isinstance(row, int) else list(row)
    if entry.each is None:
        return [Variable(entry.name, entry.region, entry.unit, rows[0], ranked, entry.thresholds, entry.doc)]
    if entry.each == "instrument":
        words = [{"sender": i.sender, "title": i.title, "name": i.name} for i in register.known_instruments(config)]
    elif entry.each == "sender":
        words = [{"sender": str(sender)} for sender in Sender]
    elif entry.each in ("buyer", "region"):
        words = [{entry.each: member.label} for member in (Buyer if entry.each == "buyer" else Region)]
    else:
        words = [{"channel": channel.label} for channel in Channel]
    return [
        Variable(
            entry.name.format(**w),
            entry.region.format(**w),
            entry.unit,
            row,
            ranked,
            entry.thresholds,
            entry.doc.format(**w),
        )
        for row, w in zip(rows, words, strict=False)  # a register may use fewer rows than the kernel holds
    ]


def events() -> list[EventEntry]:
    """Columns of events.parquet in the kernels' order."""
    known = {entry.field: entry for entry in codelist().event}
    missing = [field for field in world.EVENT_FIELDS if field not in known]
    if missing:
        raise ConfigError(f"configs/variables.toml has no [[event]] for {missing[0]}; add its name, unit and doc.")
    return [known[field] for field in world.EVENT_FIELDS]
