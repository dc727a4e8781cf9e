"""Effect of relief on European gas: Russian flows, TTF, consumer prices and the gas bill, paired by simulation."""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd
from detente_kernels.tools.units import TWH_PER_BCM

from detente.analysis.estimates import BOTH_EVENTS, BOTH_PATHS, Reading, reading
from detente.analysis.relief_value import FEWEST_KEPT, ReliefValue
from detente.runs.comparison import Comparison, paired, valid_events, valid_paths
from detente.runs.run import Run

TTF, BILL = ("Price|Natural Gas|TTF", "European Union"), ("Bill|Natural Gas", "Euro Area")
DEMAND, HICP = ("Demand|Natural Gas", "European Union"), ("Inflation|HICP|Gas Effect", "Euro Area")
TOTAL_BILL, TOTAL_GAS, REVERSAL = "gas.total_bill", "gas.total_russian_gas", "sanctions.first_EU_gas_reversal"


@dataclass(frozen=True)
class Measure:
    """One difference: its name in a row, its unit, the last digit shown, and its table."""

    name: str
    unit: str
    resolution: float
    table: str


MEASURES = {
    "bill": Measure("gas.total_bill a year", "% of GDP a year", 0.01, BOTH_EVENTS),
    "gas": Measure("gas.total_russian_gas a year", "bcm a year", 0.1, BOTH_EVENTS),
    "TTF": Measure("TTF, mean over the horizon", "EUR/MWh", 0.1, BOTH_PATHS),
    "ratio": Measure("TTF, mean over the horizon, relative", "1", 0.01, BOTH_PATHS),
    "HICP": Measure("effect of gas on consumer prices at the end of the horizon", "points", 0.01, BOTH_PATHS),
    "spending": Measure("gas demand times TTF, mean over the horizon", "bn EUR a year", 0.1, BOTH_PATHS),
}


@dataclass(frozen=True)
class GasCosts:
    """Difference between ``run`` and ``reference`` for European gas.

    Bill and Russian gas use all paths; TTF, consumer prices and spending the stored ones.
    """

    run: Run
    reference: Run
    comparison: Comparison

    @cached_property
    def by_path(self) -> dict[str, pd.Series]:
        """Differences by measure, one value a path valid in both runs; absent if too few paths are stored."""
        years = self.run.manifest["config"]["run"]["horizon"] / 12.0
        mine, theirs = paired(*(valid_events(run) for run in (self.run, self.reference)))
        totals = {
            name: (mine[field] - theirs[field]).astype(float) / years
            for name, field in (("bill", TOTAL_BILL), ("gas", TOTAL_GAS))
        }
        return totals | self._stored()

    def _stored(self) -> dict[str, pd.Series]:
        columns = [f"{region}|{variable}" for variable, region in (TTF, DEMAND, HICP)]
        runs = (self.run, self.reference)
        if any(column not in run.kept_paths() for run in runs for column in columns):
            return {}
        (ttf, ttf0), (demand, demand0), (hicp, hicp0) = (
            paired(*(valid_paths(run, column) for run in runs)) for column in columns
        )
        if len(ttf) < FEWEST_KEPT:
            return {}
        price, price0 = ttf.mean(axis=1), ttf0.mean(axis=1)
        bn_eur = TWH_PER_BCM / 1000.0  # EUR/MWh times bcm
        return {
            "TTF": price - price0,
            "ratio": price / price0 - 1.0,
            "HICP": hicp.iloc[:, -1] - hicp0.iloc[:, -1],
            "spending": ((ttf * demand).mean(axis=1) - (ttf0 * demand0).mean(axis=1)) * bn_eur,
        }

    def has(self, name: str) -> bool:
        """Whether a measure is at hand."""
        return name in self.by_path

    def amount(self, name: str, statistic: str = "mean") -> Reading:
        """A statistic of one difference."""
        measure = MEASURES[name]
        quantity = f"the paired difference in {measure.name}, {self.run.scenario} less {self.reference.scenario}"
        return reading(self.by_path[name], statistic, measure.table, quantity)

    def russian_gas(self) -> tuple[Reading, Reading]:
        """Mean Russian gas to Europe in both runs, bcm a year over the horizon."""
        years = self.run.manifest["config"]["run"]["horizon"] / 12.0
        mine, theirs = (
            reading(
                valid_events(run)[TOTAL_GAS].astype(float) / years,
                "mean",
                "events.parquet",
                f"{TOTAL_GAS} a year, {run.scenario}",
            )
            for run in (self.run, self.reference)
        )
        return mine, theirs

    @cached_property
    def same_law(self) -> bool:
        """Whether the EU gas law is reversed at the same time, or not at all, in both runs on every path."""
        mine, theirs = paired(
            *(valid_events(run)[[REVERSAL]].astype(float).fillna(-1.0) for run in (self.run, self.reference))
        )
        return bool((mine == theirs).all(axis=None))


def gas_costs(relief: ReliefValue) -> GasCosts | None:
    """The same pair of runs for European gas; None if either lacks gas."""
    both = (relief.run, relief.reference)
    if not all({TOTAL_BILL, TOTAL_GAS, REVERSAL} <= {*run.events().columns} for run in both):
        return None
    return GasCosts(*both, relief.comparison)
