"""Published estimates and legal targets shown beside the model: entries of ``configs/published.toml``."""

import datetime as dt
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, model_validator

from detente.config.fields import CalendarDay, Confidence, Positive, Strict, Text, require
from detente.config.toml import read
from detente.shared.errors import DataError
from detente.shared.paths import config_roots, find

FILE = "published.toml"


class Effect(Strict):
    """A published effect of Russian gas on TTF: ``effect`` in per cent, ``volume`` in bcm a year, where stated."""

    who: Text
    year: Annotated[int, Field(ge=1990, le=2100)]
    published: dt.date
    about: Text
    claim: Text
    kind: Literal["estimate", "market"]
    effect: Annotated[float, Field(gt=-100.0, le=1000.0)] | None = None
    volume: Positive | None = None
    source: Text
    confidence: Confidence

    @model_validator(mode="after")
    def _dated(self) -> "Effect":
        require(self.published.year >= self.year, "published must not be before year.")
        return self


class StorageRule(Strict):
    """A legal target for gas in storage, per cent of capacity.

    To be reached once within ``window`` (MM-DD) of every year in which it is law.
    """

    name: Text
    announced: dt.date
    first: dt.date
    last: dt.date
    target: Annotated[float, Field(gt=0.0, le=100.0)]
    least: Annotated[float, Field(gt=0.0, le=100.0)] | None = None
    window: tuple[CalendarDay, CalendarDay]
    source: Text
    confidence: Confidence

    @model_validator(mode="after")
    def _ordered(self) -> "StorageRule":
        require(self.first <= self.last, "last must not be before first.")
        require(self.least is None or self.least <= self.target, "least must not be above target.")
        require(self.window[0] <= self.window[1], "window must begin before it ends.")
        return self

    def windows(self) -> list[tuple[dt.date, dt.date]]:
        """First and last day of its window in every year in which it is law."""
        spans = [
            tuple(dt.date.fromisoformat(f"{year}-{day}") for day in self.window)
            for year in range(self.first.year, self.last.year + 1)
        ]
        return [(begin, end) for begin, end in spans if self.first <= end and begin <= self.last]


class Elasticities(Strict):
    """Short-run elasticities of world oil supply and demand to the price, identified together by one model.

    Demand as a positive number.
    """

    who: Text
    year: Annotated[int, Field(ge=1990, le=2100)]
    published: dt.date
    supply: Annotated[float, Field(ge=0.0, le=2.0)]
    demand: Annotated[float, Field(gt=0.0, le=2.0)]
    source: Text
    confidence: Confidence

    @model_validator(mode="after")
    def _dated(self) -> "Elasticities":
        require(self.published.year >= self.year, "published must not be before year.")
        return self


class PublishedFile(Strict):
    """Content of ``configs/published.toml``."""

    schema_version: Literal[1] = 1
    ttf_effect: tuple[Effect, ...] = Field(default=())
    storage_rule: tuple[StorageRule, ...] = Field(default=())
    oil_elasticities: tuple[Elasticities, ...] = Field(default=())


@cache
def _file(root: Path | None) -> PublishedFile:
    path = find(FILE, config_roots(root))
    if path is None:
        raise DataError(
            f"configs/{FILE}: the file of published estimates is missing; restore it or install détente again."
        )
    try:
        return PublishedFile.model_validate(read(path).data, strict=False)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise DataError(f"configs/{FILE}, {place}: {first['msg']}; correct the entry.") from error


def effects(as_of: dt.date, root: Path | None = None) -> list[Effect]:
    """Published effects on TTF that were known on a date, in the order of the file."""
    return [effect for effect in _file(root).ttf_effect if effect.published <= as_of]


def elasticities(as_of: dt.date, root: Path | None = None) -> list[Elasticities]:
    """Published pairs of oil elasticities that were known on a date, in the order of the file."""
    return [pair for pair in _file(root).oil_elasticities if pair.published <= as_of]


@dataclass(frozen=True)
class Window:
    """Days for reaching a legal target, and the target from ``least`` to its full level, per cent of capacity."""

    begin: dt.date
    end: dt.date
    least: float
    target: float


def storage_windows(as_of: dt.date, root: Path | None = None) -> list[Window]:
    """The filling window of every year that was law or decided on a date; a later rule replaces an earlier one."""
    known = sorted(
        (rule for rule in _file(root).storage_rule if rule.announced <= as_of), key=lambda rule: rule.announced
    )
    windows: dict[int, Window] = {}
    for rule in known:
        least = rule.target if rule.least is None else rule.least
        windows |= {begin.year: Window(begin, end, least, rule.target) for begin, end in rule.windows()}
    return [windows[year] for year in sorted(windows)]
