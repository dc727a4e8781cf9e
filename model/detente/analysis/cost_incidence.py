"""Who is hurt more: what one run costs Russia, China, India, the EU and the US against another, path by path on the
same luck.

Costs are means over the horizon at a yearly rate; positive is a loss. Differences of prices count at the mean volume of
both runs and differences of volumes at the mean price, so that components add up exactly. Docs: docs/method.md, Who is
hurt more.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from detente_kernels.tools.units import DAYS_PER_MONTH, TWH_PER_BCM
from pydantic import Field

from detente.analysis.estimates import Reading
from detente.analysis.relief_value import FEWEST_KEPT, pair
from detente.analysis.tariff_effects import RUSSIA, US, WELFARE, WORLD, gdp, twin
from detente.config.fields import Confidence, Real, Strict, Text
from detente.config.toml import read
from detente.runs.comparison import compare
from detente.runs.run import Run
from detente.shared.errors import ConfigError, DataError
from detente.shared.paths import config_roots, find

CHINA, INDIA, EU = "China", "India", "European Union"
OTHERS = (CHINA, INDIA, EU, US)
TOGETHER = "The four together"
"""The others as one: their costs added, over their GDP added."""
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
    "discount": "what Russian crude sells under Brent: lost by Russia at the port, gained by buyers where it is delivered",
    "Brent": "the price of oil, on exports or on net imports",
    "gas": "Russian gas to Europe at the hub; the EU's gas use at the hub",
    "tariffs": "trade in goods under the tariffs in force",
}
UNITS = {"usd": "bn USD a year", "share": "% of GDP a year"}
TABLE = "paths.parquet of both runs"


class Party(Strict):
    """What is counted for a region beside the runs: its net oil imports (mb/d), None where the model has its trade."""

    region: Text
    net_oil_imports: Real | None = None
    source: Text
    confidence: Confidence
    as_of: dt.date


class PartiesFile(Strict):
    schema_version: int = Field(ge=1, le=1)
    party: tuple[Party, ...]


@cache
def parties(root: Path | None = None) -> tuple[Party, ...]:
    """Every entry of ``configs/burden.toml`` in its order (DataError if it is missing or lacks a region)."""
    path = find("burden.toml", config_roots(root))
    if path is None:
        raise DataError(
            "configs/burden.toml: the table of net oil imports is missing; restore the file or install détente again."
        )
    found = PartiesFile.model_validate(read(path).data, strict=False).party
    lacking = [region for region in (RUSSIA, *OTHERS) if region not in {one.region for one in found}]
    if lacking:
        raise DataError(f"{path}: no entry for {', '.join(lacking)}; restore it.")
    return found


def of(run: Run, other: Run) -> pd.DataFrame:
    """Cost of ``run`` against ``other`` on each kept path of both: path, region, component, usd (bn USD a year), share
    (% of GDP a year).

    A component is absent where the runs lack its outputs. ConfigError if the runs cannot be paired, or keep no whole
    paths with oil.
    """
    compare(run, other)
    mine, theirs = _Kept(run), _Kept(other)
    for one in (mine, theirs):
        if not one.has(BRENT, VALUE, VOLUME, DISCOUNT):
            raise ConfigError(
                f"{one.run.folder.name}: costs are taken from whole paths, and this run kept none with oil; run it with --keep-paths 2000."
            )
    pair = _Pair(mine, theirs)
    euro = run.config.facts.get("fiscal.euro")
    found = _russia(pair)
    for party in parties():
        if party.net_oil_imports is not None:
            found[party.region, "Brent"] = DAYS / 1000.0 * party.net_oil_imports * pair.change(BRENT)
            bought = f"{RUSSIA}>{party.region}|Trade|Oil|Crude|Volume"
            if pair.has(bought):
                found[party.region, "discount"] = -DAYS / 1000.0 * pair.change_of_product(bought, DISCOUNT)
        if pair.has(f"{party.region}|{WELFARE}"):
            found[party.region, "tariffs"] = (
                -float(gdp()[party.region]) / 100.0 * pair.change(f"{party.region}|{WELFARE}")
            )
    if euro is not None and pair.has(TTF, GAS_DEMAND, RUSSIAN_GAS):
        bn_usd = float(euro.value) * TWH_PER_BCM / 1000.0  # EUR/MWh times bcm
        found[EU, "gas"] = bn_usd * pair.change_of_price(GAS_DEMAND, TTF)
        found[RUSSIA, "gas"] = -bn_usd * pair.change_of_product(RUSSIAN_GAS, TTF)
    return _long(found, pair.paths)


def _russia(pair: "_Pair") -> dict[tuple[str, str], np.ndarray]:
    """Export revenue lost, by volume, discount and Brent; exact in their sum."""
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


def _long(found: dict[tuple[str, str], np.ndarray], paths: pd.Index) -> pd.DataFrame:
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
        if (values := found.get((region, name))) is not None
    ]
    return pd.concat(frames, ignore_index=True)


class _Kept:
    """The whole paths of a run, one table a variable, (paths, steps)."""

    def __init__(self, run: Run) -> None:
        self.run = run
        failed = run.events().set_index("path")["failed_at_step"]
        kept = run.kept_paths()
        self.table = kept[kept["path"].isin(failed.index[failed == 0])].sort_values(["path", "time"])
        self.paths = pd.Index(self.table["path"].unique(), name="path")

    def has(self, *columns: str) -> bool:
        return len(self.paths) > 0 and all(column in self.table for column in columns)

    def values(self, column: str, paths: pd.Index) -> np.ndarray:
        values = self.table[column].to_numpy(float).reshape(len(self.paths), -1)
        return values[self.paths.get_indexer(paths)]


class _Pair:
    """Two runs on the paths that both kept; arrays are (paths, steps), changes their means over the steps."""

    def __init__(self, run: _Kept, other: _Kept) -> None:
        self.runs = (run, other)
        self.paths = run.paths.intersection(other.paths).sort_values()

    def has(self, *columns: str) -> bool:
        return all(one.has(*columns) for one in self.runs)

    def both(self, column: str) -> tuple[np.ndarray, np.ndarray]:
        mine, theirs = (one.values(column, self.paths) for one in self.runs)
        return mine, theirs

    def change(self, column: str) -> np.ndarray:
        mine, theirs = self.both(column)
        return (mine - theirs).mean(axis=1)

    def change_of_product(self, first: str, second: str) -> np.ndarray:
        (a, a0), (b, b0) = self.both(first), self.both(second)
        return (a * b - a0 * b0).mean(axis=1)

    def change_of_price(self, volume: str, price: str) -> np.ndarray:
        """Change of a price at the mean volume: what the dearer unit takes from a user, to second order."""
        (v, v0), (p, p0) = self.both(volume), self.both(price)
        return (0.5 * (v + v0) * (p - p0)).mean(axis=1)


@dataclass(frozen=True)
class Burden:
    """Costs of ``run`` against ``other``: by region, in both units, with what the simulation knows of them."""

    run: Run
    other: Run
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
        return len(self.totals["usd"])

    def components(self, region: str) -> list[str]:
        return [
            name
            for name in COMPONENTS
            if ((self.by_path["region"] == region) & (self.by_path["component"] == name)).any()
        ]

    def cost(self, region: str, unit: str = "usd", statistic: str = "mean") -> Reading:
        """Cost of a region in bn USD a year (``usd``) or % of GDP a year (``share``): its mean, or a quantile such
        as ``q05``."""
        return self._read(self.totals[unit][region].to_numpy(), statistic, f"cost to {region}, {UNITS[unit]}")

    def part(self, region: str, component: str, unit: str = "usd") -> Reading:
        """Mean of one component."""
        chosen = self.by_path[(self.by_path["region"] == region) & (self.by_path["component"] == component)]
        return self._read(chosen[unit].to_numpy(), "mean", f"cost to {region} by {component}, {UNITS[unit]}")

    def more(self, region: str, unit: str) -> Reading:
        """Share of the paths on which a region loses, and loses more than Russia does."""
        table = self.totals[unit]
        hits = ((table[region] > 0.0) & (table[region] > table[RUSSIA])).to_numpy()
        p = float(hits.mean())
        row = (
            f"share of {hits.size:,} kept paths: cost to {region} > 0 and > that to Russia, {UNITS[unit]}, {self._pair}"
        )
        return Reading(p, float(np.sqrt(p * (1.0 - p) / hits.size)), TABLE, row)

    def _read(self, values: np.ndarray, statistic: str, what: str) -> Reading:
        row = f"{statistic} of the {what}, {self._pair}"
        if statistic == "mean":
            return Reading(float(values.mean()), float(values.std()) / len(values) ** 0.5, TABLE, row)
        p = float(f"0.{statistic[1:]}")
        off = (p * (1.0 - p) / len(values)) ** 0.5
        below, value, above = np.quantile(values, np.clip([p - off, p, p + off], 0.0, 1.0))
        return Reading(float(value), float(0.5 * (above - below)), TABLE, row)

    @property
    def _pair(self) -> str:
        return f"{self.run.scenario} less {self.other.scenario}"


def burden(run: Run, other: Run) -> Burden | None:
    """Costs of one run against another; None if too few whole paths of both were kept."""
    if (
        min(len(one.kept_paths()["path"].unique()) if len(one.kept_paths()) else 0 for one in (run, other))
        < FEWEST_KEPT
    ):
        return None
    return Burden(run, other, of(run, other))


def natural(run: Run, others: Sequence[Run]) -> Burden | None:
    """The run against what it is naturally set beside: the same scenario without its tariffs, else no relief; None
    if it is not there."""
    tariffs = twin(run, others)
    worth = None if tariffs else pair([run, *others]).of(run)
    other = tariffs.other if tariffs else worth.yardstick if worth else None
    return burden(run, other) if other is not None else None
