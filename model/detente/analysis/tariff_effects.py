"""Effects of tariffs on buyers of Russian oil: while collected, and against the same scenario without tariffs."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from detente import trade
from detente.analysis.estimates import BOTH_EVENTS, FEWEST, Reading, Readings, reading
from detente.analysis.relief_value import FEWEST_KEPT
from detente.catalog.changes import differences
from detente.config.loader import Config
from detente.config.vocabulary import Buyer, OilBuyer, Region
from detente.engine.calendar import Calendar
from detente.engine.tables import congress_ends
from detente.runs.comparison import Comparison, compare, estimate, paired, valid_paths
from detente.runs.run import Run
from detente.shared import formatting
from detente.shared.errors import ConfigError

US, WORLD, RUSSIA = "United States", "World", "Russian Federation"
APPLIED, ANY = "Tariff|Applied", "Tariff|Applied|Any Buyer"
WELFARE, DROPPED, SHARE = "Welfare|Tariff Effect", "Tariff|Russian Oil Dropped|Volume", "Tariff|Russian Oil Dropped"
CPI, BORDER, REVENUE = "Inflation|CPI|Tariff Effect", "Price|Imports|Tariff Effect", "Revenue|Tariffs on Buyers"
EXPORTS, BRENT = "Trade|Oil|Volume", "Price|Oil|Brent"
FIRST = "tariffs.first_tariff"
FIRST_CONGRESS = 1789
MATTERS = 0.03
"""Probability of a tariff, or of the law, from which a report has a section on tariffs."""


def has_tariffs(run: Run) -> bool:
    """Whether a run has the tariff block."""
    return FIRST in run.events()


def gdp() -> pd.Series:
    """GDP of the regions of the small trade table by the names of the codelist, bn USD a year."""
    table = trade.shipped()
    return pd.Series(table.gdp * table.unit / 1e9, index=[region.label for region in Region])


def congresses(calendar: Calendar) -> list[tuple[dt.date, int]]:
    """Days within a run on which a Congress ends, and its number: the 119th ends on 3 January 2027."""
    last = calendar.start(calendar.steps)
    return [
        (day, (day.year - FIRST_CONGRESS) // 2)
        for day in congress_ends(calendar.as_of.year, last.year)
        if calendar.as_of < day < last
    ]


def bill(config: Config) -> str:
    """``500% bill``, by the rate that it sets in a run."""
    return f"{formatting.plain(100.0 * float(config.parameters['tariffs.statute_rate'].value))}% bill"


def sets_tariffs(run: Run) -> bool:
    """Whether a dated event of the scenario is about tariffs."""
    return any(key.startswith("tariffs.") for event in run.config.events for key in event.set)


def matters(run: Run) -> bool:
    """Whether a report has a section on tariffs: the scenario sets them, or the law or a tariff is likely enough."""
    if not has_tariffs(run):
        return False
    readings = Readings(run)
    return (
        sets_tariffs(run)
        or max(readings.happened(field, readings.horizon).value for field in (FIRST, "tariffs.first_law")) >= MATTERS
    )


@dataclass(frozen=True)
class Collected:
    """Means over the paths and months of a run in which a tariff is collected on some buyer.

    Exact from the summary: effects are zero while no tariff is collected, so the mean over all paths divided by the
    share of paths with a tariff is the conditional mean. Ranges and errors come from the stored paths.
    """

    run: Run

    @cached_property
    def paths(self) -> int:
        """Valid paths on which a tariff is collected at some time."""
        return int(Readings(self.run).valid[FIRST].notna().sum())

    @property
    def enough(self) -> bool:
        """Whether enough paths have a tariff for a conditional mean."""
        return self.paths >= FEWEST

    @cached_property
    def _share(self) -> float:
        return float(self.run.fan(ANY, US)["mean"].sum())

    @cached_property
    def _stored(self) -> pd.DataFrame:
        paths = self.run.kept_paths()
        return paths[paths[f"{US}|{ANY}"] > 0.0] if f"{US}|{ANY}" in paths else paths.iloc[:0]

    @property
    def stored(self) -> int:
        """Stored paths with a tariff."""
        return int(self._stored["path"].nunique())

    def mean(self, variable: str, region: str) -> Reading:
        """Conditional mean of an effect that is zero without a tariff."""
        value = float(self.run.fan(variable, region)["mean"].sum()) / self._share if self._share else 0.0
        row = f"sum over steps of the mean of {variable}, {region}, over that of {ANY}"
        return Reading(value, self._error(f"{region}|{variable}", value), "summary.parquet", row)

    def range(self, variable: str, region: str) -> tuple[float, float]:
        """90% range over these months; NaN if too few paths with a tariff are stored."""
        if self.stored < FEWEST_KEPT:
            return (np.nan, np.nan)
        low, high = np.quantile(self._stored[f"{region}|{variable}"].to_numpy(float), [0.05, 0.95])
        return float(low), float(high)

    def dropped(self) -> Reading | None:
        """Mean cut in purchases of Russian oil in these months, mb/d; None if too few paths are stored."""
        if self.stored < FEWEST_KEPT:
            return None
        value = float(self._stored[f"{WORLD}|{DROPPED}"].mean())
        return Reading(
            value,
            self._error(f"{WORLD}|{DROPPED}", value, all_paths=False),
            "paths.parquet",
            f"mean of {DROPPED} where {ANY} is 1",
        )

    def _error(self, column: str, value: float, all_paths: bool = True) -> float:
        """Standard error of a ratio of means, by path, scaled from the stored paths to all of them."""
        if self.stored < 2:
            return 0.0
        by_path = self._stored.groupby("path")[column].agg(["sum", "size"]).astype(float)
        residual = (by_path["sum"] - value * by_path["size"]).to_numpy()
        error = float(np.sqrt((residual**2).sum())) / float(by_path["size"].sum())
        return error * (self.stored / self.paths) ** 0.5 if all_paths and self.paths else error


@dataclass(frozen=True)
class TariffEffects:
    """``run`` against ``reference``, the same scenario without tariffs, paired by simulation."""

    run: Run
    reference: Run
    comparison: Comparison

    @cached_property
    def _revenue(self) -> pd.Series:
        return self.comparison.revenue_by_path()["total"]

    def revenue(self, statistic: str = "mean") -> Reading:
        """A statistic of the difference in Russian oil revenue, bn USD a year, over all paths."""
        quantity = f"the paired difference in oil.total_revenue, {self._pair}"
        return reading(self._revenue, statistic, BOTH_EVENTS, quantity)

    def mean(self, variable: str, region: str) -> Reading:
        """Mean difference over the horizon: value from all paths, error from the stored ones, paired."""
        mine, theirs = (run.fan(variable, region) for run in (self.run, self.reference))
        value = float((mine["mean"] - theirs["mean"]).mean())
        row = f"mean over the horizon of the difference in {variable}, {region}, {self._pair}"
        return Reading(value, self._error(variable, region), "summary.parquet of both runs", row)

    def stored(self, variable: str, region: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        """A variable of the paths stored by both runs, (paths, steps) each: with tariffs, without."""
        return paired(*(valid_paths(run, f"{region}|{variable}") for run in (self.run, self.reference)))

    def _error(self, variable: str, region: str) -> float:
        if any(f"{region}|{variable}" not in run.kept_paths() for run in (self.run, self.reference)):
            return 0.0
        mine, theirs = self.stored(variable, region)
        values = (mine - theirs).mean(axis=1)
        if not len(values):
            return 0.0
        return estimate(values)[1] * math.sqrt(len(values) / max(self.run.paths, 1))

    @property
    def _pair(self) -> str:
        return f"{self.run.scenario} less {self.reference.scenario}"


def against_no_tariffs(run: Run, others: Sequence[Run]) -> TariffEffects | None:
    """Effects of the tariffs that a scenario sets, against the run among the others that differs in tariffs alone.

    None if the scenario sets no tariffs, or no such run is there.
    """
    if not has_tariffs(run) or not sets_tariffs(run):
        return None
    for other in others:
        if other.id == run.id or not has_tariffs(other) or sets_tariffs(other):
            continue
        if all(_of_tariffs(difference.key) for difference in differences(other.config, run.config)):
            try:
                return TariffEffects(run, other, compare(run, other))
            except ConfigError:
                continue
    return None


def _of_tariffs(key: str) -> bool:
    """Whether a difference is one of tariffs: a parameter, a fact, or a dated state."""
    section, _, rest = key.partition(".")
    return (rest.partition(".")[2] if section == "event" else rest).startswith("tariffs.")


def volumes(config: Config) -> dict[str, float]:
    """Russian crude and products bought by each buyer on the as-of date, mb/d, by the names of the codelist."""
    fact = {
        key.removeprefix("oil."): float(record.value)
        for key, record in config.facts.items()
        if key.startswith("oil.") and _number(record.value)
    }
    small = {
        buyer.label: float(config.facts[f"tariffs.russian_oil_{buyer.key}"].value)
        for buyer in (Buyer.BRAZIL, Buyer.JAPAN, Buyer.KOREA)
    }
    known = {
        buyer.label: fact[f"crude_share_{buyer.key}"] * fact["crude_exports"]
        + fact[f"product_share_{buyer.key}"] * fact["product_exports"]
        for buyer in (Buyer(oil_buyer) for oil_buyer in OilBuyer)
    }
    return known | small | {"Other": max(known["Other"] - sum(small.values()), 0.0)}


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
