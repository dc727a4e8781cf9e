"""What came: monthly outcomes of the outputs that ``configs/hindcast.toml`` names."""

import csv
import datetime as dt
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field, model_validator

from detente.config.fields import Key, Strict, Text, require
from detente.config.toml import read
from detente.config.validation import check
from detente.evaluation.series import outcome_file, read_price_months
from detente.shared.errors import DataError
from detente.shared.paths import config_roots, find

__all__ = ["Observation", "Observed", "Target", "configuration", "observed", "targets"]

FEWEST_CHANGES = 24
"""Monthly changes known at the origin from which no change has a spread."""
CHANGES = 60
"""Monthly changes behind that spread, the last ones before the origin."""
OLDEST = 12
"""Months back to which a last value is looked for."""
Month = np.datetime64


class Target(Strict):
    """An output that is scored, and its outcomes.

    ``file``, with ``series`` if it holds several: a table of ``configs/outcomes``; ``history``: a series of
    ``facts/history.toml``, to which the table adds. ``scale``: outcome times scale has the unit of the output.
    ``no_change``: a lognormal walk from the last value, last year's value of the same month, or the last value as a
    single number. ``anchor``: column of the last value of a walk, if it is not that of the outcomes. ``error``:
    standard deviation of the observation, relative or in the unit of the output. ``differs``: how outcome and output
    differ in definition. ``miss``: the reason of each miss, a sentence by as-of date, or for ``any``.
    """

    key: Key
    title: Text
    variable: Text
    region: Text
    unit: Text
    file: Text | None = None
    series: Text | None = None
    history: Text | None = None
    scale: float = 1.0
    no_change: Literal["walk", "season", "last"] = "last"
    anchor: Text | None = None
    error: float = Field(default=0.0, ge=0.0)
    error_kind: Literal["relative", "absolute"] = "relative"
    error_source: Text | None = None
    differs: Text | None = None
    miss: dict[str, Text] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_place(self) -> "Target":
        require(self.file is not None or self.history is not None, "needs a file of outcomes or a history.")
        require(self.error == 0.0 or self.error_source is not None, "has an error and needs error_source.")
        return self

    @property
    def output(self) -> str:
        """Column of the kept paths."""
        return f"{self.region}|{self.variable}"


class HindcastFile(Strict):
    """The file ``configs/hindcast.toml``."""

    schema_version: Literal[1]
    output: tuple[Target, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Observation:
    """A value of a month, or the mean over several; ``day`` is set where a day stands for its month."""

    first: Month
    last: Month
    value: float
    day: dt.date | None = None

    @property
    def single(self) -> bool:
        """Whether it is of one month."""
        return bool(self.first == self.last)


@dataclass(frozen=True)
class Observed:
    """Outcomes of a target in order of time, in the unit of the output, and the values that a walk starts from."""

    target: Target
    points: tuple[Observation, ...]
    anchors: Mapping[Month, float]

    @property
    def months(self) -> dict[Month, float]:
        """Outcomes of single months."""
        return {point.first: point.value for point in self.points if point.single}

    def after(self, origin: Month, last: Month | None = None) -> tuple[Observation, ...]:
        """Outcomes of months after an origin, up to a last month."""
        return tuple(point for point in self.points if point.first > origin and (last is None or point.last <= last))

    def last_value(self, origin: Month) -> float | None:
        """The last value known at the end of the origin month; None if there is none within OLDEST months."""
        known = [month for month in self.anchors if origin - OLDEST < month <= origin]
        return self.anchors[max(known)] if known else None

    def changes(self, origin: Month) -> np.ndarray:
        """Log changes from month to month, the last CHANGES up to the origin."""
        months = self.months
        pairs = [(months[m - 1], months[m]) for m in sorted(months) if m <= origin and m - 1 in months]
        return np.array([math.log(after / before) for before, after in pairs if min(before, after) > 0.0][-CHANGES:])

    def yearly_changes(self, origin: Month) -> np.ndarray:
        """Changes against the same month of the year before, the last CHANGES up to the origin."""
        months = self.months
        return np.array(
            [months[m] - months[m - 12] for m in sorted(months) if m <= origin and m - 12 in months][-CHANGES:]
        )


@cache
def configuration(root: Path | None = None) -> HindcastFile:
    """``configs/hindcast.toml``, checked (DataError if it is missing, ConfigError if it is wrong)."""
    path = find("hindcast.toml", config_roots(root))
    if path is None:
        raise DataError("configs/hindcast.toml: the outputs to score are missing; install détente again.")
    return check(HindcastFile, read(path))


def targets() -> tuple[Target, ...]:
    """The outputs that hindcasts score, in the order of the file."""
    return configuration().output


@cache
def observed(key: str) -> Observed:
    """Outcomes of a target by its key.

    Raises
    ------
    DataError : a file or series is missing, or a row is wrong; the message names the place.
    """
    target = next(one for one in targets() if one.key == key)
    points = _of_history(target) if target.history else []
    anchors: dict[Month, float] = {}
    if target.file is not None:
        more, anchors = _of_file(target, outcome_file(target.file))
        points += more
    ordered = tuple(sorted(points, key=lambda point: (point.first, point.last)))
    own = {point.first: point.value for point in ordered if point.single}
    return Observed(target, ordered, anchors or own)


def _of_file(target: Target, path: Path) -> tuple[list[Observation], dict[Month, float]]:
    if target.series is None:
        prices = read_price_months(path)
        rows = zip(prices.months, prices.means, strict=True)
        points = [Observation(month, month, float(value) * target.scale) for month, value in rows]
        if target.anchor is None:
            return points, {}
        last = zip(prices.months, _column(path, target.anchor), strict=True)
        return points, {month: float(value) * target.scale for month, value in last}
    points = []
    with path.open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines), 2):
            if row["series"] == target.series:
                points.append(_point(row, target, f"outcomes/{path.name}, line {number}"))
    if not points:
        raise DataError(f"outcomes/{path.name}: there is no series {target.series}; correct configs/hindcast.toml.")
    return points, {}


def _column(path: Path, name: str) -> np.ndarray:
    with path.open(encoding="utf-8", newline="") as lines:
        return np.array([float(row[name]) for row in csv.DictReader(lines)])


def _point(row: Mapping[str, Any], target: Target, where: str) -> Observation:
    try:
        first = _month(row["month"])
        last = _month(row["to"]) if row.get("to") else first
        return Observation(first, last, float(row["value"]) * target.scale)
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"{where}: no month (YYYY-MM) or value in this row ({error}); correct the row.") from None


def _of_history(target: Target) -> list[Observation]:
    path = find("facts/history.toml", config_roots())
    series = read(path).data["series"] if path is not None else {}
    if target.history not in series:
        raise DataError(f"facts/history.toml: there is no series {target.history}; correct configs/hindcast.toml.")
    points = []
    for point in series[target.history]["points"]:
        value = float(point["value"]) * target.scale
        if "month" in point:
            month = _month(point["month"])
            points.append(Observation(month, month, value))
            continue
        day: dt.date = point["date"]
        last = np.datetime64(day, "M")
        first = np.datetime64(point["since"], "M") if "since" in point else last
        complete = (day + dt.timedelta(days=1)).month != day.month
        points.append(Observation(first, last, value, None if complete else day))
    return points


def _month(text: str) -> Month:
    if not re.fullmatch(r"\d{4}-\d{2}", text):
        raise ValueError(f"{text!r} is no month")
    return np.datetime64(text, "M")
