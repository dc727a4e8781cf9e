"""Two runs side by side, draw by draw: the same path has the same luck in both, so a difference is the scenario's
and not noise."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from detente.engine.summary import QUANTILES
from detente.runs.pairing import must_pair
from detente.runs.run import Run

TOTAL = "oil.total_revenue"


@dataclass(frozen=True)
class Comparison:
    """Run ``a`` minus run ``b``, path by path. Means of the whole runs' totals use all paths; series use the kept
    sample of whole paths."""

    a: Run
    b: Run

    @cached_property
    def _paths(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        return self.a.kept_paths(), self.b.kept_paths()

    def series(self, variable: str, region: str) -> pd.DataFrame:
        """Difference of one variable over time: index time, columns mean, sd, quantiles, mc_error; from the kept
        paths of both runs."""
        column = f"{region}|{variable}"
        first, second = (table.pivot(index="path", columns="time", values=column) for table in self._paths)
        return _statistics(_paired(first, second))

    def summary(self) -> pd.DataFrame:
        """Long table of paired differences: region, variable, unit, time, statistic, value; from the kept paths of
        both runs."""
        units = self.a.summary()[["region", "variable", "unit"]].drop_duplicates()
        held = set(self._paths[0].columns)
        frames = []
        for region, variable, unit in units.itertuples(index=False):
            if f"{region}|{variable}" not in held:
                continue
            long = self.series(variable, region).rename_axis("time").reset_index().melt("time", var_name="statistic")
            frames.append(long.assign(region=region, variable=variable, unit=unit))
        return pd.concat(frames, ignore_index=True)[["region", "variable", "unit", "time", "statistic", "value"]]

    def revenue(self) -> pd.DataFrame:
        """What moves export revenue, in bn USD a year, from all paths: rows volume, Brent, discount, total; columns as
        in ``series``.

        Revenue is V P with V the volume over the horizon and P the price received, P = B - D, B Brent weighted by
        volume. The difference splits exactly, path by path, at the midpoint of both runs: dV mean(P) + mean(V) dB -
        mean(V) dD.
        """
        return _statistics(self.revenue_by_path())

    def revenue_by_path(self) -> pd.DataFrame:
        """The same, one row a path that failed in neither run (index path)."""
        first, second = (_totals(run) for run in (self.a, self.b))
        common = first.index.intersection(second.index)
        first, second = first.loc[common], second.loc[common]
        years = self.a.manifest["config"]["run"]["horizon"] / 12.0
        volume = 0.5 * (first["volume"] + second["volume"])
        price = 0.5 * (first["price"] + second["price"])
        parts = pd.DataFrame(
            {
                "volume": (first["volume"] - second["volume"]) * price,
                "Brent": volume * (first["brent"] - second["brent"]),
                "discount": -volume * (first["discount"] - second["discount"]),
                "total": first["revenue"] - second["revenue"],
            }
        )
        return parts / years


def compare(a: Run, b: Run) -> Comparison:
    """Pair two runs (ConfigError unless they share seed, as-of date, horizon, step and paths: only then path i is
    the same luck in both)."""
    must_pair(a.manifest, b.manifest, (a.folder.name, b.folder.name))
    return Comparison(a, b)


def _totals(run: Run) -> pd.DataFrame:
    """Totals of the paths that did not fail: revenue (bn USD), volume (bn barrels), prices (USD/bbl)."""
    events = run.events()
    healthy = events[events["failed_at_step"] == 0].set_index("path")
    volume = healthy["oil.total_exports"].astype(float) / 1000.0
    revenue = healthy[TOTAL].astype(float)
    brent = healthy["oil.total_brent_value"].astype(float) / volume
    price = revenue / volume
    return pd.DataFrame(
        {"revenue": revenue, "volume": volume, "price": price, "brent": brent, "discount": brent - price}
    )


def _paired(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Difference on the paths that both have and that failed in neither."""
    common = first.index.intersection(second.index)
    difference = first.loc[common].astype(float) - second.loc[common].astype(float)
    return difference.dropna()


def _statistics(table: pd.DataFrame) -> pd.DataFrame:
    """Mean, standard deviation, quantiles and error of the mean of each column, one row a column."""
    values = table.to_numpy()
    n = max(len(values), 1)
    found = {"mean": values.mean(axis=0), "sd": values.std(axis=0)}
    found |= {name: np.quantile(values, p, axis=0) for name, p in QUANTILES.items()}
    found["mc_error"] = found["sd"] / np.sqrt(n)
    return pd.DataFrame(found, index=table.columns)
