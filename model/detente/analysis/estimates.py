"""One number of a run together with the row it was read from and its Monte Carlo error, so that a sentence can be
traced."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from detente.config.assembly import months_after
from detente.engine.calendar import Calendar
from detente.runs.run import Run
from detente.shared.errors import ConfigError

MILESTONES = (3, 6, 12, 24, 36)
FEWEST = 100
"""Paths under a condition below which a probability given it is not read."""


@dataclass(frozen=True)
class Reading:
    """``value`` with its error (same unit), the file it stands in, and the row: as a reader would look it up."""

    value: float
    error: float
    table: str
    row: str


class Readings:
    """Looks numbers up in one run by months from its as-of date. Levels are those of the step that contains the
    date."""

    def __init__(self, run: Run) -> None:
        self.run = run
        options = run.manifest["config"]["run"]
        self.as_of = dt.date.fromisoformat(run.manifest["config"]["as_of"])
        self.horizon: int = options["horizon"]
        self.calendar = Calendar(self.as_of, self.horizon, options["step"])

    @cached_property
    def healthy(self):
        """Events of the paths that did not fail."""
        events = self.run.events()
        return events if not events["failed_at_step"].any() else events[events["failed_at_step"] == 0]

    @cached_property
    def _levels(self):
        table = self.run.summary()
        return table.set_index(["variable", "region", "time", "statistic"])["value"].sort_index()

    def milestones(self) -> list[int]:
        """Months of the columns "by when": the usual ones within the horizon, and its end if none of them is."""
        within = [months for months in MILESTONES if months <= self.horizon]
        return within if within and within[-1] == self.horizon else [*within, self.horizon]

    def compared(self) -> list[int]:
        """The two dates at which scenarios are set side by side: a year, and the end of the horizon."""
        return [12, self.horizon] if self.horizon > 12 else [self.horizon]

    def end(self, months: int) -> dt.date:
        """The date that many months after the as-of date."""
        return months_after(self.as_of, months)

    def when(self, months: int) -> dt.date:
        """First day of the step that contains the end of that many months."""
        return self.calendar.start(min(self.calendar.index(self.end(months)), self.calendar.steps - 1))

    def level(self, variable: str, region: str, months: int, statistic: str) -> Reading:
        """A statistic of the summary; ConfigError if this run has none such."""
        time = self.when(months)
        value = self._value(variable, region, time, statistic)
        error = self._error(variable, region, time, statistic, value)
        return Reading(value, error, "summary.parquet", f"{variable}, {region}, {time}, {statistic}")

    def above(self, variable: str, region: str, months: int, threshold: float) -> Reading:
        """Probability of being above a threshold of the codelist at that date."""
        return self.level(variable, region, months, f"p_above_{threshold:g}")

    def below(self, variable: str, region: str, months: int, threshold: float) -> Reading:
        found = self.above(variable, region, months, threshold)
        return Reading(1.0 - found.value, found.error, found.table, f"1 less {found.row}")

    def has(self, variable: str, region: str, statistic: str) -> bool:
        """Whether the summary holds this statistic."""
        return (variable, region, pd.Timestamp(self.calendar.start(0)), statistic) in self._levels.index

    def happened(self, field: str, months: int) -> Reading:
        """Probability that an event date lies within that many months."""
        at = self._dates(field)
        return self._share(at <= months, f"{field} <= {months}")

    def happened_without(self, field: str, route: str, months: int) -> Reading:
        """Probability of an event within that many months which ``route``, another event date, had not brought."""
        at, by_route = self._dates(field), self._dates(route)
        return self._share((at <= months) & (by_route > at), f"{field} <= {months} and before {route}")

    def followed(self, field: str, cause: str, months: int) -> Reading | None:
        """Probability of an event within that many months and after its ``cause``, given the cause by then; None if
        too few paths have the cause."""
        at, first = self._dates(field), self._dates(cause)
        given = first <= months
        if given.sum() < FEWEST:
            return None
        return self._share(
            (at[given] <= months) & (at[given] >= first[given]),
            f"{field} <= {months} among paths with {cause} <= {months}",
        )

    def _dates(self, field: str) -> np.ndarray:
        """Event dates in months, (paths,); never is infinite."""
        return np.nan_to_num(self.healthy[field].to_numpy(np.float64, na_value=np.nan), nan=np.inf)

    @staticmethod
    def _share(hits: np.ndarray, row: str) -> Reading:
        p = float(hits.mean())
        return Reading(
            p, float(np.sqrt(p * (1.0 - p) / hits.size)), "events.parquet", f"share of {hits.size:,} paths: {row}"
        )

    def _value(self, variable: str, region: str, time: dt.date, statistic: str) -> float:
        try:
            return float(self._levels.loc[(variable, region, pd.Timestamp(time), statistic)])
        except KeyError:
            what = f"no {statistic} of {variable} in {region} at {time}"
            raise ConfigError(f"{self.run.folder}: the summary has {what}; run the scenario again.") from None

    def _error(self, variable: str, region: str, time: dt.date, statistic: str, value: float) -> float:
        """Error of a statistic: of the mean, of a quantile, or binomial for a probability."""
        if statistic.startswith("p_"):
            return float(np.sqrt(value * (1.0 - value) / max(len(self.healthy), 1)))
        name = "mc_error" if statistic == "mean" else f"mc_error_{statistic}"
        return self._value(variable, region, time, name) if self.has(variable, region, name) else 0.0
