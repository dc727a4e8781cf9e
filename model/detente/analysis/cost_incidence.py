"""Distribution of costs between Russia, China, India, the EU and the US, in one run against another.

Costs are means over the horizon at a yearly rate; positive is a loss. Differences of prices count at the mean volume of
both runs and differences of volumes at the mean price, so that components add up exactly. Method: docs/method.md.
"""

import datetime as dt
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from detente_kernels.tools.units import DAYS_PER_MONTH, TWH_PER_BCM
from pydantic import Field

from detente.analysis.estimates import BOTH_PATHS, Reading, reading, share
from detente.analysis.relief_value import FEWEST_KEPT, ReliefValue
from detente.analysis.tariff_effects import RUSSIA, US, WELFARE, WORLD, TariffEffects, gdp
from detente.config.fields import Confidence, Real, Strict, Text
from detente.config.toml import read
from detente.runs.comparison import compare
from detente.runs.run import Run
from detente.shared.errors import ConfigError, DataError
from detente.shared.paths import config_roots, find

CHINA, INDIA, EU = "China", "India", "European Union"
OTHERS = (CHINA, INDIA, EU, US)
TOGETHER = "The four together"
"""The four others together: the sum of their costs over the sum of their GDP."""
BRENT, VALUE, VOLUME = f"{WORLD}|Price|Oil|Brent", f"{RUSSIA}|Trade|Oil|Value", f"{RUSSIA}|Trade|Oil|Volume"
DISCOUNT = f"{RUSSIA}>{INDIA}|Price|Oil|Urals|Delivered Discount"
TTF, GAS_DEMAND, RUSSIAN_GAS = (
    f"{EU}|Price|Natural Gas|TTF",
    f"{EU}|Demand|Natural Gas",
    f"{RUSSIA}>{EU}|Trade|Natural Gas|Volume",
)
DAYS = 12.0 * DAYS_PER_MONTH
COMPONENTS = {
    "volume": "oil not sold, at the price received",
    "discount": "discount of Russian crude to Brent, at the port for Russia, as delivered for buyers",
    "Brent": "oil price, on exports or net imports",
    "gas": "Russian gas to Europe and EU gas use, at the hub price",
    "tariffs": "trade in goods under the tariffs in force",
}
UNITS = {"usd": "bn USD a year", "share": "% of GDP a year"}


class Party(Strict):
    """Net oil imports of a region, mb/d; None where the model has its trade."""

    region: Text
    net_oil_imports: Real | None = None
    source: Text
    confidence: Confidence
    as_of: dt.date


class PartiesFile(Strict):
    """The file ``configs/cost-incidence.toml``."""

    schema_version: int = Field(ge=1, le=1)
    party: tuple[Party, ...]


@cache
def parties(root: Path | None = None) -> tuple[Party, ...]:
    """Every entry of ``configs/cost-incidence.toml`` in its order (DataError if it is missing or lacks a region)."""
    path = find("cost-incidence.toml", config_roots(root))
    if path is None:
        raise DataError(
            "configs/cost-incidence.toml: the table of net oil imports is missing; restore the file or install "
            "détente again."
        )
    table = PartiesFile.model_validate(read(path).data, strict=False).party
    lacking = [region for region in (RUSSIA, *OTHERS) if region not in {party.region for party in table}]
    if lacking:
        raise DataError(f"{path}: no entry for {', '.join(lacking)}; restore it.")
    return table


def costs_by_path(run: Run, reference: Run) -> pd.DataFrame:
    """Costs of ``run`` against ``reference`` on each path stored by both runs.

    Parameters
    ----------
    run, reference
        Two runs with common random numbers.

    Returns
    -------
    pandas.DataFrame
        Columns path, region, component, usd (bn USD a year) and share (% of GDP a year). A component is absent where
        the runs lack its outputs.

    Raises
    ------
    ConfigError
        If the runs cannot be paired, or store no complete paths with oil.
    """
    compare(run, reference)
    mine, theirs = _Stored(run), _Stored(reference)
    for one in (mine, theirs):
        if not one.has(BRENT, VALUE, VOLUME, DISCOUNT):
            raise ConfigError(
                f"{one.run.folder.name}: costs need complete paths with oil, and this run stores none; "
                "run it with --keep-paths 2000."
            )
    pair = _Pair(mine, theirs)
    euro = run.config.facts.get("fiscal.euro")
    costs = _russia(pair)
    for party in parties():
        if party.net_oil_imports is not None:
            costs[party.region, "Brent"] = DAYS / 1000.0 * party.net_oil_imports * pair.change(BRENT)
            bought = f"{RUSSIA}>{party.region}|Trade|Oil|Crude|Volume"
            if pair.has(bought):
                costs[party.region, "discount"] = -DAYS / 1000.0 * pair.change_of_product(bought, DISCOUNT)
        if pair.has(f"{party.region}|{WELFARE}"):
            percent = float(gdp()[party.region]) / 100.0
            costs[party.region, "tariffs"] = -percent * pair.change(f"{party.region}|{WELFARE}")
    if euro is not None and pair.has(TTF, GAS_DEMAND, RUSSIAN_GAS):
        bn_usd = float(euro.value) * TWH_PER_BCM / 1000.0  # EUR/MWh times bcm
        costs[EU, "gas"] = bn_usd * pair.change_of_price(GAS_DEMAND, TTF)
        costs[RUSSIA, "gas"] = -bn_usd * pair.change_of_product(RUSSIAN_GAS, TTF)
    return _long(costs, pair.paths)


def _russia(pair: "_Pair") -> dict[tuple[str, str], np.ndarray]:
    """Loss of export revenue by volume, discount and Brent; the sum is exact."""
    volume = pair.both(VOLUME)
    price = [
        value / np.maximum(barrels, 1e-9) for value, barrels in zip(pair.both(VALUE), volume, strict=True)
    ]  # bn USD a month over mb/d
    brent = [DAYS_PER_MONTH / 1000.0 * one for one in pair.both(BRENT)]
    discount = [a - b for a, b in zip(brent, price, strict=True)]
    mean_volume, mean_price = 0.5 * (volume[0] + volume[1]), 0.5 * (price[0] + price[1])
    parts = {
        "volume": -mean_price * (volume[0] - volume[1]),
        "discount": mean_volume * (discount[0] - discount[1]),
        "Brent": -mean_volume * (brent[0] - brent[1]),
    }
    return {(RUSSIA, name): 12.0 * values.mean(axis=1) for name, values in parts.items()}


def _long(costs: dict[tuple[str, str], np.ndarray], paths: pd.Index) -> pd.DataFrame:
    money = gdp()
    frames = [
        pd.DataFrame(
            {
                "path": paths,
                "region": region,
                "component": name,
                "usd": values,
                "share": 100.0 * values / float(money[region]),
            }
        )
        for region in (RUSSIA, *OTHERS)
        for name in COMPONENTS
        if (values := costs.get((region, name))) is not None
    ]
    return pd.concat(frames, ignore_index=True)


class _Stored:
    """The stored valid paths of a run."""

    def __init__(self, run: Run) -> None:
        self.run = run
        failed = run.events().set_index("path")["failed_at_step"]
        paths = run.kept_paths()
        self.table = paths[paths["path"].isin(failed.index[failed == 0])].sort_values(["path", "time"])
        self.paths = pd.Index(self.table["path"].unique(), name="path")

    def has(self, *columns: str) -> bool:
        return len(self.paths) > 0 and all(column in self.table for column in columns)

    def values(self, column: str, paths: pd.Index) -> np.ndarray:
        values: np.ndarray = self.table[column].to_numpy(float).reshape(len(self.paths), -1)
        return np.asarray(values[self.paths.get_indexer(paths)])


class _Pair:
    """Two runs on the paths that both store; arrays are (paths, steps), changes are means over the steps."""

    def __init__(self, run: _Stored, other: _Stored) -> None:
        self.runs = (run, other)
        self.paths = run.paths.intersection(other.paths).sort_values()

    def has(self, *columns: str) -> bool:
        return all(one.has(*columns) for one in self.runs)

    def both(self, column: str) -> tuple[np.ndarray, np.ndarray]:
        mine, theirs = (one.values(column, self.paths) for one in self.runs)
        return mine, theirs

    def change(self, column: str) -> np.ndarray:
        mine, theirs = self.both(column)
        return np.asarray((mine - theirs).mean(axis=1))

    def change_of_product(self, first: str, second: str) -> np.ndarray:
        (a, a0), (b, b0) = self.both(first), self.both(second)
        return np.asarray((a * b - a0 * b0).mean(axis=1))

    def change_of_price(self, volume: str, price: str) -> np.ndarray:
        """Change of a price at the mean volume: the cost to a user, to second order."""
        (v, v0), (p, p0) = self.both(volume), self.both(price)
        return np.asarray((0.5 * (v + v0) * (p - p0)).mean(axis=1))


@dataclass(frozen=True)
class CostIncidence:
    """Costs of ``run`` against ``reference`` by region, in both units, with simulation errors."""

    run: Run
    reference: Run
    by_path: pd.DataFrame

    @cached_property
    def totals(self) -> dict[str, pd.DataFrame]:
        """By unit: one row a path, one column a region, and the four others together."""
        usd = self.by_path.pivot_table(index="path", columns="region", values="usd", aggfunc="sum")[[RUSSIA, *OTHERS]]
        usd[TOGETHER] = usd[list(OTHERS)].sum(axis=1)
        money = gdp()[[RUSSIA, *OTHERS]].astype(float)
        money[TOGETHER] = float(money[list(OTHERS)].sum())
        return {"usd": usd, "share": 100.0 * usd / money}

    @property
    def paths(self) -> int:
        """Number of paths compared."""
        return len(self.totals["usd"])

    def components(self, region: str) -> list[str]:
        """Components of a region's cost."""
        own = set(self.by_path.loc[self.by_path["region"] == region, "component"])
        return [name for name in COMPONENTS if name in own]

    def cost(self, region: str, unit: str = "usd", statistic: str = "mean") -> Reading:
        """A statistic of the cost of a region in bn USD a year (``usd``) or % of GDP a year (``share``)."""
        values = self.totals[unit][region]
        return reading(values, statistic, BOTH_PATHS, f"cost to {region}, {UNITS[unit]}, {self._pair}")

    def part(self, region: str, component: str, unit: str = "usd") -> Reading:
        """Mean of one component."""
        chosen = self.by_path[(self.by_path["region"] == region) & (self.by_path["component"] == component)]
        quantity = f"cost to {region} by {component}, {UNITS[unit]}, {self._pair}"
        return reading(chosen.set_index("path")[unit], "mean", BOTH_PATHS, quantity)

    def exceeds_russia(self, region: str, unit: str) -> Reading:
        """Probability that a region loses, and loses more than Russia."""
        table = self.totals[unit]
        hits = (table[region] > 0.0) & (table[region] > table[RUSSIA])
        row = f"cost to {region} > 0 and > that to Russia, {UNITS[unit]}, {self._pair}"
        return share(hits, BOTH_PATHS, f"share of {hits.size:,} stored paths: {row}")

    @property
    def _pair(self) -> str:
        return f"{self.run.scenario} less {self.reference.scenario}"


def cost_incidence(run: Run, reference: Run) -> CostIncidence | None:
    """Costs of one run against another; None if too few complete paths of both are stored."""
    stored = (one.kept_paths() for one in (run, reference))
    if any(table.empty or table["path"].nunique() < FEWEST_KEPT for table in stored):
        return None
    return CostIncidence(run, reference, costs_by_path(run, reference))


def default_counterfactual(tariffs: TariffEffects | None, relief: ReliefValue | None) -> Run | None:
    """The run that costs are measured against: the same scenario without tariffs, else without relief."""
    return tariffs.reference if tariffs else relief.reference if relief else None
