"""The track record that ships: ``configs/track-record.toml``, what it measured, and whether a run is like it.

``python -m detente.evaluation.make_track_record`` writes it, and ``docs/track-record.md`` with it.
"""

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field

from detente.config.configuration import canonical_json
from detente.config.fields import Strict, Text
from detente.config.loader import Config, Files
from detente.config.schema import RunOptions
from detente.config.toml import read
from detente.config.validation import check
from detente.config.writing import dump_value
from detente.engine.version import model_version
from detente.shared.paths import config_roots, find

__all__ = [
    "FILE",
    "Forecasts",
    "Headline",
    "Record",
    "objection",
    "record",
    "settings_digest",
    "settings_today",
    "to_toml",
]

FILE = "track-record.toml"


class HorizonScores(Strict):
    """A horizon of a backtest: targets, CRPS over that of no change, its 90% range, and shares inside the ranges."""

    horizon: int
    targets: int
    crps: float
    ratio: float
    ratio_90: tuple[float, float] | None = None
    inside_50: float
    inside_80: float
    inside_90: float
    inside_95: float
    below_5: float
    above_95: float


class BacktestScores(Strict):
    """A recipe alone over a window of target months."""

    block: Text
    title: Text
    unit: Text
    first: Text
    last: Text
    development: bool
    horizon: tuple[HorizonScores, ...]


class Forecasts(Strict):
    """An output from one origin: counts and scores, then one entry a forecast."""

    output: Text
    scored: int
    fitted: int
    inside_50: int
    inside_80: int
    inside_90: int
    inside_95: int
    inside_90_all: int
    inside_90_with_error: int
    above_median: int
    crps: float | None = None
    ratio: float | None = None
    ratio_all: float | None = None
    no_change: Text | None = None
    coverage_p: float | None = None
    sign_p: float | None = None
    effective: float
    month: tuple[Text, ...]
    to: tuple[Text, ...]
    outcome: tuple[float, ...]
    q05: tuple[float, ...]
    q50: tuple[float, ...]
    q95: tuple[float, ...]
    pit: tuple[float, ...]


class Dependence(Strict):
    """Late simulated records with a measurable effect on an output, and the share of its variance they explain."""

    output: Text
    measurable: int
    explained: float
    strongest: tuple[Text, ...]


class OriginScores(Strict):
    """Hindcasts of one date, and what the run knew of the future."""

    as_of: dt.date
    horizon: int
    drawn: int
    drawn_late: int
    naming_later_events: int
    records: int
    late: int
    carried: int
    dependence: tuple[Dependence, ...]
    output: tuple[Forecasts, ...]


class QuestionScores(Strict):
    """A question from one origin."""

    as_of: dt.date
    question: Text
    text: Text
    by: dt.date
    outcome: int
    model: float
    crowd: float | None = None
    base_rate: float | None = None
    fitted: bool


class Headline(Strict):
    """An output over all origins: forecasts, how many inside the 90% range, and CRPS over that of no change."""

    output: Text
    forecasts: int
    inside_90: int
    above_median: int
    ratio: float | None = None


class Summary(Strict):
    """The headline scores of a version of the model, all forecasts counted."""

    model_version: Text
    date: dt.date
    origins: int
    forecasts: int
    inside_90: int
    brier: float | None = None
    brier_base_rate: float | None = None
    questions: int = 0
    output: tuple[Headline, ...]


class Record(Strict):
    """The file ``configs/track-record.toml``."""

    schema_version: Literal[1] = 1
    model_version: Text
    date: dt.date
    paths: int
    seed: int
    data_to: Text
    settings: dict[str, str]
    """Digest of the baseline's settings by as-of date."""
    summary: Summary
    events: dict[str, float | int]
    backtest: tuple[BacktestScores, ...]
    origin: tuple[OriginScores, ...] = Field(min_length=1)
    question: tuple[QuestionScores, ...] = ()
    before: tuple[Summary, ...] = ()
    """Summaries of earlier versions, the newest first."""

    def forecasts(self, output: str) -> Iterator[tuple[OriginScores, Forecasts]]:
        """An output from every origin."""
        for origin in self.origin:
            for each in origin.output:
                if each.output == output:
                    yield origin, each


@cache
def record(root: Path | None = None) -> Record | None:
    """The record that ships; None if there is none (ConfigError if it is damaged)."""
    path = find(FILE, config_roots(root))
    return None if path is None else check(Record, read(path))


def settings_digest(config: Config) -> str:
    """Sixteen digits over everything that decides a forecast but paths, seed, horizon and name."""
    options = RunOptions(step=config.run.step)
    return hashlib.sha256(canonical_json(replace(config, name="", run=options)).encode()).hexdigest()[:16]


def settings_today() -> dict[str, str]:
    """``settings_digest`` of the baseline on every date with facts, from the configuration as it stands."""
    files = Files(config_roots())
    return {
        date.isoformat(): settings_digest(files.load("baseline", as_of=date, horizon=36))
        for date in sorted(files.dates)
    }


def objection(config: Config, version: str, known: Record | None = None) -> str:
    """Why the record does not hold for a run, in a few words; "" if it does.

    Parameters
    ----------
    config : configuration of the run.
    version : version of the model that made it.
    known : the record, by default the one that ships.
    """
    measured = known or record()
    if measured is None:
        return "there is no track record"
    if version != measured.model_version:
        return f"version {version} of the model made the run, and version {measured.model_version} was measured"
    if config.as_of.isoformat() not in measured.settings:
        return "the facts of its date were not measured"
    if settings_digest(config) != measured.settings[config.as_of.isoformat()]:
        return "its settings differ from those of the baseline"
    return ""


def stale() -> str:
    """What to do about a record of another version or of other settings; "" if it is up to date."""
    measured = record()
    if measured is None or measured.model_version != model_version() or measured.settings != settings_today():
        return "configs/track-record.toml is of another version of the model or of its settings; run make track-record."
    return ""


def to_toml(value: Record) -> str:
    """The record as TOML: equal records give equal bytes."""
    lines = [
        "# Past forecasts against what came, as in docs/track-record.md.",
        "# Written by make track-record; change the program instead.",
    ]
    _table(lines, "", value)
    return "\n".join(lines) + "\n"


def _table(lines: list[str], prefix: str, model: BaseModel) -> None:
    nested: list[tuple[str, Any]] = []
    for name in type(model).model_fields:
        item = getattr(model, name)
        if isinstance(item, BaseModel) or (isinstance(item, tuple) and item and isinstance(item[0], BaseModel)):
            nested.append((name, item))
        elif item is not None and item != ():
            lines.append(f"{name} = {dump_value(item)}")
        elif item == ():
            lines.append(f"{name} = []")
    for name, item in nested:
        several = isinstance(item, tuple)
        for one in item if several else (item,):
            head = f"{prefix}{name}"
            lines.extend(["", f"[[{head}]]" if several else f"[{head}]"])
            _table(lines, f"{head}.", one)
