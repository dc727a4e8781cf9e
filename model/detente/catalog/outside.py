"""Forecasts of others that are shown beside ours: entries of ``configs/outside.toml``. Nothing is fitted to them."""

import datetime as dt
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from detente.config.assembly import months_after
from detente.config.fields import Confidence, Positive, Strict, Text, Title, Weight, require
from detente.config.toml import Document, read
from detente.config.validation import check
from detente.engine.outputs import EventEntry, VariableEntry, codelist
from detente.shared.errors import DataError
from detente.shared.memo import Remembered
from detente.shared.messages import quoted, unknown
from detente.shared.paths import config_roots, find

__all__ = ["OLDEST", "Outside", "OutsideEvent", "OutsideLevel", "known", "latest_levels"]

FILE = "outside.toml"
OLDEST = 12
"""Months before the as-of date from which entries are shown; later than that date none is."""
Kind = Literal["official", "bank", "market", "survey", "crowd"]
Month = Annotated[str, Field(pattern=r"^(19|20|21)\d{2}-(0[1-9]|1[0-2])$")]


class OutsideEvent(Strict):
    """A probability of an event of the codelist by a day.

    ``event``: its name in the codelist. ``low`` and ``high``: the range that the source gives. ``differs``: how its
    definition differs from the model's.
    """

    who: Title
    kind: Kind
    dated: dt.date
    event: Text
    by: dt.date
    value: Weight
    low: Weight | None = None
    high: Weight | None = None
    differs: Text
    source: Text
    confidence: Confidence

    @model_validator(mode="after")
    def _ordered(self) -> "OutsideEvent":
        require(self.dated < self.by, "by must be after dated.")
        require((self.low is None) == (self.high is None), "low and high come together.")
        low, high = (self.value if end is None else end for end in (self.low, self.high))
        require(low <= self.value <= high, "value must lie between low and high.")
        require(self.event in _events(), unknown("event", self.event, _events()))
        return self

    @property
    def field(self) -> str:
        """Column of events.parquet."""
        return _events()[self.event].field


class OutsideLevel(Strict):
    """A forecast of an output: its mean over the months ``begin`` to ``end``, in the unit of the codelist."""

    who: Title
    kind: Kind
    dated: dt.date
    output: Text
    begin: Month
    end: Month
    value: Positive
    unit: Title
    source: Text
    confidence: Confidence

    @model_validator(mode="after")
    def _ordered(self) -> "OutsideLevel":
        require(self.begin <= self.end, "end must not be before begin.")
        require(self.output in _outputs(), unknown("output", self.output, _outputs()))
        unit = _outputs()[self.output].unit
        require(self.unit == unit, f"unit must be {quoted(unit)}, as in the codelist.")
        return self

    @property
    def region(self) -> str:
        """Region of the output."""
        return _outputs()[self.output].region

    @property
    def first(self) -> dt.date:
        """First day of the first month."""
        return dt.date.fromisoformat(f"{self.begin}-01")

    @property
    def after(self) -> dt.date:
        """First day after the last month."""
        return months_after(dt.date.fromisoformat(f"{self.end}-01"), 1)


class OutsideFile(Strict):
    """Content of ``configs/outside.toml``."""

    schema_version: Literal[1] = 1
    event: tuple[OutsideEvent, ...] = ()
    level: tuple[OutsideLevel, ...] = ()


@dataclass(frozen=True)
class Outside:
    """Entries for one as-of date, in the order of the file."""

    events: tuple[OutsideEvent, ...]
    levels: tuple[OutsideLevel, ...]


@cache
def _events() -> dict[str, EventEntry]:
    """Event dates of the codelist by name."""
    return {entry.name: entry for entry in codelist().event if entry.kind == "date"}


@cache
def _outputs() -> dict[str, VariableEntry]:
    """Outputs of the codelist that exist once and have quantiles, by name."""
    rows = [entry for entry in codelist().variable if entry.each is None and entry.kind == "level"]
    names = [entry.name for entry in rows]
    return {entry.name: entry for entry in rows if names.count(entry.name) == 1}


@cache
def _document(path: Path) -> Document:
    return read(path)


_file = Remembered(lambda document: check(OutsideFile, document), most=4)


def known(as_of: dt.date, end: dt.date, root: Path | None = None) -> Outside:
    """Entries that a run shows.

    Parameters
    ----------
    as_of : as-of date of the run. Entries are dated by it at the latest and at most ``OLDEST`` months before it.
    end : last day of the run. Days and months of the entries lie between the two.
    root : configuration folder; the shipped one by default.

    Raises
    ------
    DataError : the file is missing.
    ConfigError : an entry is not valid; the message names its line.
    """
    path = find(FILE, config_roots(root))
    if path is None:
        raise DataError(
            f"configs/{FILE}: the forecasts of others are missing; restore the file or install détente again."
        )
    held = _file(_document(path))
    oldest = months_after(as_of, -OLDEST)
    return Outside(
        tuple(one for one in held.event if oldest <= one.dated <= as_of < one.by <= end),
        tuple(
            one
            for one in held.level
            if oldest <= one.dated <= as_of < one.first and one.after - dt.timedelta(days=1) <= end
        ),
    )


def latest_levels(outside: Outside, output: str) -> list[OutsideLevel]:
    """Forecasts of an output, of each source those of its newest date."""
    held = [one for one in outside.levels if one.output == output]
    newest = {one.who: max(other.dated for other in held if other.who == one.who) for one in held}
    return sorted((one for one in held if one.dated == newest[one.who]), key=lambda one: (one.who, one.begin, one.end))
