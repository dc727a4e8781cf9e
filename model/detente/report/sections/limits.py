"""What the model is measured against, what it cannot know, and where the evidence disagrees: entries of
configs/limits.toml that concern a run."""

import datetime as dt
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from detente.config.fields import Key, Strict, Text
from detente.config.loader import Config
from detente.config.toml import read
from detente.shared.errors import DataError
from detente.shared.paths import config_roots, find

Kind = Literal["benchmark", "unknown", "gap", "conflict", "ethics"]


class Limit(Strict):
    """One entry: its kind, the blocks it is about, a sentence or three, and what it rests on."""

    kind: Kind
    blocks: tuple[Key, ...] = ()
    unless: tuple[Key, ...] = ()
    since: dt.date | None = None
    text: Text
    source: Text


class LimitsFile(Strict):
    schema_version: Literal[1] = 1
    limit: tuple[Limit, ...] = Field(default=())


@cache
def all_limits(root: Path | None = None) -> tuple[Limit, ...]:
    """Every entry of ``configs/limits.toml`` in its order."""
    path = find("limits.toml", config_roots(root))
    if path is None:
        raise DataError(
            "configs/limits.toml: the limits of the model are missing; restore the file or install détente again."
        )
    return LimitsFile.model_validate(read(path).data, strict=False).limit


def limits(config: Config, root: Path | None = None) -> dict[Kind, list[Limit]]:
    """The entries that concern a run, by kind: those of its blocks, known by its as-of date."""
    present = {key.partition(".")[0] for key in (*config.parameters, *config.facts)}
    found: dict[Kind, list[Limit]] = {}
    for limit in all_limits(root):
        concerned = not limit.blocks or present.intersection(limit.blocks)
        known = limit.since is None or limit.since <= config.as_of
        if concerned and known and not present.intersection(limit.unless):
            found.setdefault(limit.kind, []).append(limit)
    return found
