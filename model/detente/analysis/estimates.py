"""Numbers read from a run, each with its simulation error and the table row it comes from."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from detente.config.assembly import months_after
from detente.engine.calendar import Calendar
from detente.runs.comparison import estimate, valid_events
from detente.runs.run import Run
from detente.shared.errors import ConfigError

MILESTONES = (3, 6, 12, 24, 36)
FEWEST = 100
"""Paths under a condition below which a conditional probability is not reported."""
BOTH_EVENTS, BOTH_PATHS = "events.parquet of both runs", "paths.parquet of both runs"


@dataclass(frozen=True)
class Reading:
    """A number of a run: value, standard error in the same unit, table and row."""

    value: float
    error: float
    table: str
    row: str


def reading(values: pd.Series, statistic: str, table: str, quantity: str) -> Reading:
    """A statistic (``mean``, ``q05`` ...) of simulated values, indexed by path, with its standard error."""
    return Reading(*estimate(values, statistic), table, f"{statistic} of {quantity}")


def share(hits: pd.Series, table: str, row: str) -> Reading:
    """A probability as the share of simulations with an event, booleans indexed by path, with its standard error."""
    return Reading(*estimate(hits, "share"), table, row)


class Readings:
    """Numbers of one run by months from its as-of date.

    Levels are those of the step that contains the date.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        options = run.manifest["config"]["run"]
        self.as_of = dt.date.fromisoformat(run.manifest["config"]["as_of"])
        self.horizon: int = options["horizon"]
        self.calendar = Calendar(self.as_of, self.horizon, options["step"])

    @cached_property
    def valid(self) -> pd.DataFrame:
        """Events of the paths that did not fail, indexed by path."""
        return valid_events(self.run)

    @cached_property
    def _levels(self) -> pd.Series:
        table = self.run.summary()
        return table.set_index(["variable", "region", "time", "statistic"])["value"].sort_index()

    def milestones(self) -> list[int]:
        """Months at which probabilities are reported: the usual ones within the horizon, and its end."""
        within = [months for months in MILESTONES if months <= self.horizon]
        return within if within and within[-1] == self.horizon else [*within, self.horizon]

    def compared(self) -> list[int]:
        """Months at which scenarios are compared: a year, and the end of the horizon."""
        return [12, self.horizon] if self.horizon > 12 else [self.horizon]

    def end(self, months: int) -> dt.date:
        """The date that many months after the as-of date."""
        return months_after(self.as_of, months)

    def when(self, months: int) -> dt.date:
        """First day of the step that contains the end of that many months."""
        return self.calendar.start(min(self.calendar.index(self.end(months)), self.calendar.steps - 1))

    def level(self, variable: str, region: str, months: int, statistic: str) -> Reading:
        """A statistic of the summary (ConfigError if the run lacks it)."""
        return self.at(variable, region, self.when(months), statistic)

    def at(self, variable: str, region: str, time: dt.date, statistic: str) -> Reading:
        """A statistic of the summary in the step that begins on a day."""
        value = self._value(variable, region, time, statistic)
        error = self._error(variable, region, time, statistic)
        return Reading(value, error, "summary.parquet", f"{variable}, {region}, {time}, {statistic}")

    def above(self, variable: str, region: str, months: int, threshold: float) -> Reading:
        """Probability of a level above a threshold of the codelist at that date."""
        return self.level(variable, region, months, f"p_above_{threshold:g}")

    def below(self, variable: str, region: str, months: int, threshold: float) -> Reading:
        """Probability of a level below a threshold of the codelist at that date."""
        above = self.above(variable, region, months, threshold)
        return Reading(1.0 - above.value, above.error, above.table, f"1 less {above.row}")

    def has(self, variable: str, region: str, statistic: str) -> bool:
        """Whether the summary holds this statistic."""
        return (variable, region, pd.Timestamp(self.calendar.start(0)), statistic) in self._levels.index

    def happened(self, field: str, months: int) -> Reading:
        """Probability that an event date lies within that many months."""
        at = self._dates(field)
        return self._share(at <= months, f"{field} <= {months}")

    def happened_without(self, field: str, route: str, months: int) -> Reading:
        """Probability of an event within that many months, before ``route``, another event date."""
        at, by_route = self._dates(field), self._dates(route)
        return self._share((at <= months) & (by_route > at), f"{field} <= {months} and before {route}")

    def followed(self, field: str, cause: str, months: int) -> Reading | None:
        """Probability of an event within that many months and after its ``cause``, given the cause by then.

        None if too few paths have the cause.
        """
        at, first = self._dates(field), self._dates(cause)
        given = first <= months
        if given.sum() < FEWEST:
            return None
        return self._share(
            ((at <= months) & (at >= first))[given], f"{field} <= {months} among paths with {cause} <= {months}"
        )

    def _dates(self, field: str) -> pd.Series:
        """Event dates in months by path; infinite for events that do not happen."""
        return pd.Series(event_dates(self.valid, field), self.valid.index)

    @staticmethod
    def _share(hits: pd.Series, row: str) -> Reading:
        return share(hits, "events.parquet", f"share of {hits.size:,} paths: {row}")

    def _value(self, variable: str, region: str, time: dt.date, statistic: str) -> float:
        try:
            return float(self._levels.loc[(variable, region, pd.Timestamp(time), statistic)])
        except KeyError:
            what = f"no {statistic} of {variable} in {region} at {time}"
            raise ConfigError(f"{self.run.folder}: the summary has {what}; run the scenario again.") from None

    def _error(self, variable: str, region: str, time: dt.date, statistic: str) -> float:
        """Error of a statistic: of the mean, of a quantile or of a probability."""
        name = "mc_error" if statistic == "mean" else f"mc_error_{statistic}"
        return self._value(variable, region, time, name) if self.has(variable, region, name) else 0.0


def event_dates(events: pd.DataFrame, field: str) -> np.ndarray:
    """Event dates in months since the as-of date, (paths,); infinite for events that do not happen."""
    dates: np.ndarray = events[field].to_numpy(np.float64, na_value=np.nan)
    return np.where(np.isnan(dates), np.inf, dates)
