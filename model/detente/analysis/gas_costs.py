"""What relief is worth to Europe: Russian gas, TTF, consumer prices and the bill, a run against the run without
relief, path by path."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from detente_kernels.tools.units import TWH_PER_BCM

from detente.analysis.estimates import Reading
from detente.analysis.relief_value import FEWEST_KEPT, Worth
from detente.runs.comparison import Comparison
from detente.runs.run import Run

TTF, BILL = ("Price|Natural Gas|TTF", "European Union"), ("Bill|Natural Gas", "Euro Area")
DEMAND, HICP = ("Demand|Natural Gas", "European Union"), ("Inflation|HICP|Gas Effect", "Euro Area")
TOTAL_BILL, TOTAL_GAS, REVERSAL = "gas.total_bill", "gas.total_russian_gas", "sanctions.first_EU_gas_reversal"
EVENTS = "events.parquet of both runs"
KEPT = "paths.parquet of both runs"


@dataclass(frozen=True)
class Measure:
    """One difference: what it is called in a row, its unit, the last digit that is shown, and whether every path
    tells it or the kept ones do."""

    name: str
    unit: str
    finest: float
    table: str


MEASURES = {
    "bill": Measure("gas.total_bill a year", "% of GDP a year", 0.01, EVENTS),
    "gas": Measure("gas.total_russian_gas a year", "bcm a year", 0.1, EVENTS),
    "TTF": Measure("TTF, mean over the horizon", "EUR/MWh", 0.1, KEPT),
    "ratio": Measure("TTF, mean over the horizon, relative", "1", 0.01, KEPT),
    "HICP": Measure("effect of gas on consumer prices at the end of the horizon", "points", 0.01, KEPT),
    "spending": Measure("gas demand times TTF, mean over the horizon", "bn EUR a year", 0.1, KEPT),
}


@dataclass(frozen=True)
class Europe:
    """``run`` less ``yardstick`` for Europe. Bill and gas from all paths; TTF, consumer prices and spending in EUR
    from the kept whole paths."""

    run: Run
    yardstick: Run
    comparison: Comparison

    @cached_property
    def by_path(self) -> dict[str, pd.Series]:
        """Differences by measure, one value a path that failed in neither run; a measure is absent if too few whole
        paths were kept."""
        years = self.run.manifest["config"]["run"]["horizon"] / 12.0
        mine, theirs = (_healthy(run) for run in (self.run, self.yardstick))
        common = mine.index.intersection(theirs.index)
        mine, theirs = mine.loc[common], theirs.loc[common]
        found = {
            name: (mine[field] - theirs[field]).astype(float) / years
            for name, field in (("bill", TOTAL_BILL), ("gas", TOTAL_GAS))
        }
        return found | self._kept(common)

    def _kept(self, common: pd.Index) -> dict[str, pd.Series]:
        wanted = [f"{region}|{variable}" for variable, region in (TTF, DEMAND, HICP)]
        kept = [run.kept_paths() for run in (self.run, self.yardstick)]
        if any(column not in table for table in kept for column in wanted):
            return {}
        (ttf, demand, hicp), (ttf0, demand0, hicp0) = (
            [_wide(table, column, common) for column in wanted] for table in kept
        )
        if min(len(ttf), len(ttf0)) < FEWEST_KEPT:
            return {}
        price, price0 = ttf.mean(axis=1), ttf0.mean(axis=1)
        bn_eur = TWH_PER_BCM / 1000.0  # EUR/MWh times bcm
        found = {
            "TTF": price - price0,
            "ratio": price / price0 - 1.0,
            "HICP": hicp.iloc[:, -1] - hicp0.iloc[:, -1],
            "spending": ((ttf * demand).mean(axis=1) - (ttf0 * demand0).mean(axis=1)) * bn_eur,
        }
        return {name: difference.dropna() for name, difference in found.items()}

    def has(self, name: str) -> bool:
        return name in self.by_path

    def amount(self, name: str, statistic: str = "mean") -> Reading:
        """A difference: its mean, or a quantile such as ``q05``, whose error is half the way between the quantiles
        one standard error off."""
        values, measure = self.by_path[name].to_numpy(), MEASURES[name]
        pair = f"{self.run.scenario} less {self.yardstick.scenario}"
        row = f"{statistic} of the paired difference in {measure.name}, {pair}"
        if statistic == "mean":
            return Reading(float(values.mean()), _error(values), measure.table, row)
        p = float(f"0.{statistic[1:]}")
        off = (p * (1.0 - p) / len(values)) ** 0.5
        below, value, above = np.quantile(values, np.clip([p - off, p, p + off], 0.0, 1.0))
        return Reading(float(value), float(0.5 * (above - below)), measure.table, row)

    def russian_gas(self) -> tuple[Reading, Reading]:
        """Mean of Russian gas to Europe, bcm a year over the horizon, in the run and without relief."""
        found = []
        for run in (self.run, self.yardstick):
            years = run.manifest["config"]["run"]["horizon"] / 12.0
            values = _healthy(run)[TOTAL_GAS].to_numpy(float) / years
            found.append(
                Reading(
                    float(values.mean()),
                    _error(values),
                    "events.parquet",
                    f"mean of {TOTAL_GAS} a year, {run.scenario}",
                )
            )
        return found[0], found[1]

    @cached_property
    def same_law(self) -> bool:
        """Whether on every path the EU's gas law is reversed in both runs at the same time or in neither."""
        mine, theirs = (_healthy(run)[REVERSAL].astype(float).fillna(-1.0) for run in (self.run, self.yardstick))
        common = mine.index.intersection(theirs.index)
        return bool((mine.loc[common] == theirs.loc[common]).all())


def europe(worth: Worth) -> Europe | None:
    """The same pair of runs for Europe; None if one of them has no gas."""
    pair = (worth.run, worth.yardstick)
    return (
        Europe(*pair, worth.comparison)
        if all({TOTAL_BILL, TOTAL_GAS, REVERSAL} <= {*run.events().columns} for run in pair)
        else None
    )


def _error(values: np.ndarray) -> float:
    """Error of the mean."""
    return float(values.std()) / max(len(values), 1) ** 0.5


def _healthy(run: Run) -> pd.DataFrame:
    events = run.events()
    return events[events["failed_at_step"] == 0].set_index("path")


def _wide(kept: pd.DataFrame, column: str, common: pd.Index) -> pd.DataFrame:
    """One variable of the kept paths, (paths, steps)."""
    wide = kept.pivot(index="path", columns="time", values=column).astype(float)
    return wide.loc[wide.index.intersection(common)]
