"""What tariffs on buyers of Russian oil do in a run: on the months in which one is collected, and against the same
scenario without them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from detente import trade
from detente.analysis.estimates import FEWEST, Reading, Readings
from detente.analysis.relief_value import FEWEST_KEPT, TAIL
from detente.catalog.changes import differences
from detente.config.loader import Config
from detente.config.vocabulary import Buyer, OilBuyer, Region
from detente.engine.calendar import Calendar
from detente.engine.tables import congress_ends
from detente.runs.comparison import Comparison, compare
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
KEPT = "paths.parquet"
MATTERS = 0.03
"""Probability of a tariff, or of the law, from which a report has more to say of it than its row in the table."""


def has_tariffs(run: Run) -> bool:
    """Whether a run has the block."""
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
    """Whether a run has something to say of tariffs: its scenario sets them, or the law or a tariff is likely
    enough."""
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

    Exact from the summary: what a tariff does is nothing while none is collected, so the mean over all paths over the
    share of paths with one is the mean over these. Ranges and errors come from the kept whole paths.
    """

    run: Run

    @cached_property
    def paths(self) -> int:
        """Sound paths on which a tariff is collected at some time."""
        return int(Readings(self.run).healthy[FIRST].notna().sum())

    @property
    def enough(self) -> bool:
        return self.paths >= FEWEST

    @cached_property
    def _share(self) -> float:
        return float(self.run.fan(ANY, US)["mean"].sum())

    @cached_property
    def _kept(self) -> pd.DataFrame:
        kept = self.run.kept_paths()
        return kept[kept[f"{US}|{ANY}"] > 0.0] if f"{US}|{ANY}" in kept else kept.iloc[:0]

    @property
    def kept(self) -> int:
        """Kept whole paths with a tariff."""
        return int(self._kept["path"].nunique())

    def mean(self, variable: str, region: str) -> Reading:
        """Mean of an effect that is nothing without a tariff."""
        value = float(self.run.fan(variable, region)["mean"].sum()) / self._share if self._share else 0.0
        row = f"sum over steps of the mean of {variable}, {region}, over that of {ANY}"
        return Reading(value, self._error(f"{region}|{variable}", value), "summary.parquet", row)

    def range(self, variable: str, region: str) -> tuple[float, float]:
        """Between which nine of ten of these months lie; NaN if too few paths with one were kept."""
        if self.kept < FEWEST_KEPT:
            return (np.nan, np.nan)
        low, high = np.quantile(self._kept[f"{region}|{variable}"].to_numpy(float), [0.05, 0.95])
        return float(low), float(high)

    def dropped(self) -> Reading | None:
        """Mean of the Russian oil that buyers do without in these months, mb/d; None if too few paths were kept."""
        if self.kept < FEWEST_KEPT:
            return None
        value = float(self._kept[f"{WORLD}|{DROPPED}"].mean())
        return Reading(
            value,
            self._error(f"{WORLD}|{DROPPED}", value, all_paths=False),
            KEPT,
            f"mean of {DROPPED} where {ANY} is 1",
        )

    def _error(self, column: str, value: float, all_paths: bool = True) -> float:
        """Error of a ratio of means, by path; that of the kept paths stands for all of them."""
        if self.kept < 2:
            return 0.0
        by_path = self._kept.groupby("path")[column].agg(["sum", "size"]).astype(float)
        residual = (by_path["sum"] - value * by_path["size"]).to_numpy()
        error = float(np.sqrt((residual**2).sum())) / float(by_path["size"].sum())
        return error * (self.kept / self.paths) ** 0.5 if all_paths and self.paths else error


@dataclass(frozen=True)
class Twin:
    """``run`` less ``other``, the same scenario but for its tariffs; path by path on the same luck."""

    run: Run
    other: Run
    comparison: Comparison

    @cached_property
    def _revenue(self) -> pd.DataFrame:
        return self.comparison.revenue()

    def revenue(self, statistic: str = "mean") -> Reading:
        """Russian oil revenue, bn USD a year, over all paths; the error is that of the mean, wider in the tails."""
        total = self._revenue.loc["total"]
        error = float(total["mc_error"]) * (1.0 if statistic == "mean" else TAIL)
        row = f"{statistic} of the paired difference in oil.total_revenue, {self._pair}"
        return Reading(float(total[statistic]), error, "events.parquet of both runs", row)

    def mean(self, variable: str, region: str) -> Reading:
        """Mean over the horizon: value from all paths, error from the kept ones, paired."""
        mine, theirs = (run.fan(variable, region) for run in (self.run, self.other))
        value = float((mine["mean"] - theirs["mean"]).mean())
        row = f"mean over the horizon of the difference in {variable}, {region}, {self._pair}"
        return Reading(value, self._error(variable, region), "summary.parquet of both runs", row)

    def kept(self, variable: str, region: str) -> pd.DataFrame:
        """A variable of the kept paths of both runs, (paths, steps) each under the keys run and other."""
        both = [
            run.kept_paths().pivot(index="path", columns="time", values=f"{region}|{variable}")
            for run in (self.run, self.other)
        ]
        return pd.concat(dict(zip(("run", "other"), both, strict=True)), axis=1).dropna()

    def _error(self, variable: str, region: str) -> float:
        if any(f"{region}|{variable}" not in run.kept_paths() for run in (self.run, self.other)):
            return 0.0
        both = self.kept(variable, region)
        values = (both["run"] - both["other"]).mean(axis=1).to_numpy(float)
        return float(values.std()) / max(self.run.paths, 1) ** 0.5 if len(values) else 0.0

    @property
    def _pair(self) -> str:
        return f"{self.run.scenario} less {self.other.scenario}"


def twin(run: Run, others: Sequence[Run]) -> Twin | None:
    """The run of the same scenario that differs in nothing but tariffs and sets none of them; None if it is not
    among the others."""
    if not has_tariffs(run) or not sets_tariffs(run):
        return None
    for other in others:
        if other.id == run.id or not has_tariffs(other) or sets_tariffs(other):
            continue
        found = differences(other.config, run.config)
        if all(_of_tariffs(difference.key) for difference in found):
            try:
                return Twin(run, other, compare(run, other))
            except ConfigError:
                continue
    return None


def _of_tariffs(key: str) -> bool:
    """Whether a difference is one of tariffs: a parameter, a fact, or a dated state."""
    section, _, rest = key.partition(".")
    return (rest.partition(".")[2] if section == "event" else rest).startswith("tariffs.")


def volumes(config: Config) -> dict[str, float]:
    """Russian crude and products that each buyer took on the as-of date, mb/d, by the names of the codelist."""
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
