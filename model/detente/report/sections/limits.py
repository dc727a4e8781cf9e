"""Limits: benchmarks of single blocks, what the model cannot know, and conflicts in the evidence."""

import datetime as dt
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from detente.config.fields import Key, Strict, Text
from detente.config.loader import Config
from detente.config.toml import read
from detente.report.context import Context
from detente.report.section import Item, Section
from detente.shared import formatting
from detente.shared.errors import DataError
from detente.shared.paths import config_roots, find

Kind = Literal["benchmark", "unknown", "gap", "conflict", "ethics"]
HEADINGS: dict[Kind, str] = {
    "benchmark": "Tests of single blocks",
    "unknown": "Outside the model",
    "gap": "Evidence not found",
    "conflict": "Conflicts in the evidence",
    "ethics": "People",
}


def limits(context: Context) -> Section:
    """The section: entries of ``configs/limits.toml`` that concern the run, by kind."""
    entries = limits_of(context.config)
    subsections = tuple(
        Section(
            f"limits-{kind}",
            heading,
            items=tuple(Item(formatting.one_line(one.text), formatting.one_line(one.source)) for one in entries[kind]),
        )
        for kind, heading in HEADINGS.items()
        if kind in entries
    )
    return Section("limits", "Limits", subsections=subsections)


class Limit(Strict):
    """One entry: kind, the blocks it concerns, text and source."""

    kind: Kind
    blocks: tuple[Key, ...] = ()
    unless: tuple[Key, ...] = ()
    since: dt.date | None = None
    text: Text
    source: Text


class LimitsFile(Strict):
    """The file of entries."""

    schema_version: Literal[1] = 1
    limit: tuple[Limit, ...] = Field(default=())


@cache
def all_limits(root: Path | None = None) -> tuple[Limit, ...]:
    """Every entry of ``configs/limits.toml``, in the order of the file."""
    path = find("limits.toml", config_roots(root))
    if path is None:
        raise DataError(
            "configs/limits.toml: the limits of the model are missing; restore the file or install détente again."
        )
    return LimitsFile.model_validate(read(path).data, strict=False).limit


def limits_of(config: Config, root: Path | None = None) -> dict[Kind, list[Limit]]:
    """The entries that concern a run, by kind: those of its blocks, known on its as-of date."""
    present = {key.partition(".")[0] for key in (*config.parameters, *config.facts)}
    entries: dict[Kind, list[Limit]] = {}
    for limit in all_limits(root):
        concerned = not limit.blocks or present.intersection(limit.blocks)
        known = limit.since is None or limit.since <= config.as_of
        if concerned and known and not present.intersection(limit.unless):
            entries.setdefault(limit.kind, []).append(limit)
    return entries
