"""What a run from an earlier date knows of the future: records dated after it, and the outputs that depend on them."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from detente.config.loader import Config
from detente.config.schema import Record
from detente.shared.formatting import MONTHS

__all__ = ["Blindness", "LateRecord", "Touch", "blindness", "fitted_on", "later_evidence"]

SIGNIFICANCE = 0.001
"""Chance that any of an output's late records is called measurable by accident (Bonferroni)."""


@dataclass(frozen=True)
class LateRecord:
    """A parameter or fact dated after the as-of date."""

    key: str
    date: dt.date
    drawn: bool
    carried: bool
    """Whether a facts file repeats it from a later date."""
    names_later: bool
    """Whether its source names a month or year after the as-of date."""


@dataclass(frozen=True)
class Touch:
    """Late simulated records behind one output.

    ``own_block``: those of its block; ``measurable``: those with a measurable effect, the strongest first;
    ``explained``: the share of the variance of the output's ranks that these explain.
    """

    output: str
    own_block: int
    measurable: tuple[str, ...]
    explained: float


@dataclass(frozen=True)
class Blindness:
    """Records of a configuration that know the future."""

    as_of: dt.date
    drawn: int
    """Simulated records in all."""
    records: int
    late: tuple[LateRecord, ...]
    touches: tuple[Touch, ...] = ()

    @property
    def late_drawn(self) -> tuple[LateRecord, ...]:
        """Simulated records dated after the as-of date."""
        return tuple(one for one in self.late if one.drawn)

    def summary(self) -> dict[str, Any]:
        """Counts, and the outputs touched, as plain values."""
        late = self.late_drawn
        return {
            "drawn": self.drawn,
            "drawn_late": len(late),
            "drawn_late_naming_later_events": sum(one.names_later for one in late),
            "records": self.records,
            "late": len(self.late),
            "facts_carried_from_later": sum(one.carried for one in self.late),
            "outputs": [
                {
                    "output": touch.output,
                    "own_block": touch.own_block,
                    "measurable": len(touch.measurable),
                    "explained": round(touch.explained, 4),
                    "strongest": list(touch.measurable[:3]),
                }
                for touch in self.touches
            ],
        }

    def rows(self) -> list[dict[str, Any]]:
        """One row a late record."""
        return [
            {
                "record": one.key,
                "date": one.date.isoformat(),
                "simulated": one.drawn,
                "carried": one.carried,
                "names_later_events": one.names_later,
            }
            for one in self.late
        ]


def blindness(
    config: Config, draws: pd.DataFrame | None = None, outputs: Mapping[str, tuple[str, np.ndarray]] | None = None
) -> Blindness:
    """Records dated after the as-of date, and the outputs that depend on them.

    Parameters
    ----------
    config : configuration of the run.
    draws : simulated values of the uncertain records, one row a path, as ``Run.draws`` gives them.
    outputs : block and mean over the scored months on each path, (paths,), by output.

    Returns
    -------
    Records by key. An effect is measurable if the rank correlation between record and output differs from zero at
    SIGNIFICANCE over all late records of the output.
    """
    keyed = {f"{section}.{key}": record for section, key, record in _records(config)}
    late = tuple(
        LateRecord(
            key,
            record.as_of,
            record.drawn,
            record.carried_from is not None and record.carried_from > config.as_of,
            later_evidence(record, config.as_of),
        )
        for key, record in keyed.items()
        if record.as_of > config.as_of
    )
    touches: tuple[Touch, ...] = ()
    if draws is not None and outputs is not None:
        columns = [one.key for one in late if one.drawn and _bare(one.key) in draws]
        ranks = stats.rankdata(draws[[_bare(key) for key in columns]].to_numpy(), axis=0)
        touches = tuple(_touch(name, block, values, columns, ranks) for name, (block, values) in outputs.items())
    return Blindness(config.as_of, sum(r.drawn for r in keyed.values()), len(keyed), late, touches)


def _touch(name: str, block: str, values: np.ndarray, columns: list[str], ranks: np.ndarray) -> Touch:
    own = sum(key.split(".")[1] == block for key in columns)
    target = stats.rankdata(values)
    if not columns or np.ptp(target) == 0.0:
        return Touch(name, own, (), 0.0)
    centred, goal = ranks - ranks.mean(axis=0), target - target.mean()
    scale = np.sqrt((centred**2).sum(axis=0) * (goal**2).sum())
    correlations = np.divide(goal @ centred, scale, out=np.zeros(len(columns)), where=scale > 0.0)
    limit = stats.norm.isf(SIGNIFICANCE / (2.0 * len(columns))) / np.sqrt(target.size)
    order = np.argsort(-np.abs(correlations), kind="stable")
    chosen = [int(k) for k in order if abs(correlations[k]) > limit]
    return Touch(name, own, tuple(columns[k] for k in chosen), float(np.sum(correlations[chosen] ** 2)))


def fitted_on(config: Config, outcome: str, first: dt.date | None = None, last: dt.date | None = None) -> list[str]:
    """Keys of the records that were fitted on an outcome in any month of a span, or on a question without months."""
    months = [first] if first is None or last is None else _month_days(first, last)
    return [
        f"{section}.{key}"
        for section, key, record in _records(config)
        if any(one.covers(outcome, month) for one in record.fitted_on or () for month in months)
    ]


def later_evidence(record: Record, as_of: dt.date) -> bool:
    """Whether a record's source names a year, or a month of a year, after a date and not after the record's own.

    A lower bound: not all sources name the dates of their evidence.
    """
    source = record.source
    names = "|".join(MONTHS)
    dated = re.findall(rf"({names})(?: (?:to|and) ({names}))? (20\d\d)", source)
    months = [(int(year), MONTHS.index(last or first) + 1) for first, last, year in dated]
    if any(month > (as_of.year, as_of.month) for month in months):
        return True
    return any(as_of.year < int(year) <= record.as_of.year for year in re.findall(r"\b(20\d\d)\b", source))


def _records(config: Config) -> list[tuple[str, str, Record]]:
    sections = (("parameters", config.parameters), ("facts", config.facts))
    return [(section, key, record) for section, records in sections for key, record in records.items()]


def _bare(key: str) -> str:
    return key.partition(".")[2]


def _month_days(first: dt.date, last: dt.date) -> list[dt.date | None]:
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    positions = [first.year * 12 + first.month - 1 + k for k in range(count)]
    return [dt.date(position // 12, position % 12 + 1, 1) for position in positions]
