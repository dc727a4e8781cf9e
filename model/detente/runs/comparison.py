"""Two runs side by side: differences by simulation where their paths pair, else of their summaries.

Paired runs have common random numbers: the same path meets the same events in both, so that a difference is due to the
scenario and not to sampling.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from detente.engine.summary import QUANTILES
from detente.runs.pairing import must_pair, named, version_differences
from detente.runs.run import Run

TOTAL = "oil.total_revenue"
KEYS = ["region", "variable", "unit", "time", "statistic"]


@dataclass(frozen=True)
class Comparison:
    """Run ``a`` minus run ``b``, paired by simulation.

    Means of totals use all paths; series use the sample of kept paths.
    """

    a: Run
    b: Run

    @property
    def versions(self) -> str:
        """Libraries of different versions, though the runs agree in model and probe values: ``numpy 2.1 and 2.4``."""
        return named(version_differences(self.a.manifest, self.b.manifest))

    @cached_property
    def _paths(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        return self.a.kept_paths(), self.b.kept_paths()

    def series(self, variable: str, region: str) -> pd.DataFrame:
        """Difference of one variable over time, from the kept paths of both runs.

        Returns
        -------
        DataFrame
            Index ``time`` (datetime64); columns mean, sd, quantiles and mc_error, in the variable's unit.
        """
        column = f"{region}|{variable}"
        first, second = (table.pivot(index="path", columns="time", values=column) for table in self._paths)
        return _statistics(_paired(first, second))

    def summary(self) -> pd.DataFrame:
        """Long table of paired differences from the kept paths: region, variable, unit, time, statistic, value."""
        units = self.a.summary()[["region", "variable", "unit"]].drop_duplicates()
        columns = set(self._paths[0].columns)
        frames = []
        for region, variable, unit in units.itertuples(index=False):
            if f"{region}|{variable}" not in columns:
                continue
            long = self.series(variable, region).rename_axis("time").reset_index().melt("time", var_name="statistic")
            frames.append(long.assign(region=region, variable=variable, unit=unit))
        return pd.concat(frames, ignore_index=True)[[*KEYS, "value"]]

    def revenue(self) -> pd.DataFrame:
        """Why export revenue differs, in USD bn a year, from all paths.

        Revenue is V P with V the volume over the horizon and P the price received, P = B - D, B Brent weighted by
        volume. The difference splits exactly, by simulation, at the midpoint of both runs: dV mean(P) + mean(V) dB -
        mean(V) dD.

        Returns
        -------
        DataFrame
            Rows volume, Brent, discount, total; columns as in ``series``.
        """
        return _statistics(self.revenue_by_path())

    def revenue_by_path(self) -> pd.DataFrame:
        """The same, one row a path that failed in neither run (index ``path``)."""
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
    """Pair two runs.

    Raises
    ------
    ConfigError
        Unless they share seed, as-of date, horizon, step and number of paths, and the model that made them. Summaries
        of other runs are compared by ``summaries``.
    """
    must_pair(a.manifest, b.manifest, (a.folder.name, b.folder.name))
    return Comparison(a, b)


def summaries(a: Run, b: Run) -> pd.DataFrame:
    """The statistics that the summaries of two runs share, and their difference ``a`` minus ``b``.

    The runs need not pair: other versions of the model, seeds or sizes may have made them. A difference of means then
    holds the simulation error of both.

    Returns
    -------
    DataFrame
        Columns region, variable, unit, time (datetime64), statistic, a, b, difference; one row a statistic that both
        hold.
    """
    first, second = (run.summary()[[*KEYS, "value"]] for run in (a, b))
    table = first.merge(second, on=KEYS, suffixes=("_a", "_b")).rename(columns={"value_a": "a", "value_b": "b"})
    return table.assign(difference=table["a"] - table["b"])


def _totals(run: Run) -> pd.DataFrame:
    """Totals of the paths that did not fail: revenue (USD bn), volume (bn barrels), prices (USD/bbl)."""
    events = run.events()
    valid = events[events["failed_at_step"] == 0].set_index("path")
    volume = valid["oil.total_exports"].astype(float) / 1000.0
    revenue = valid[TOTAL].astype(float)
    brent = valid["oil.total_brent_value"].astype(float) / volume
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
    values: npt.NDArray[np.float64] = table.to_numpy()
    statistics = {"mean": values.mean(axis=0), "sd": values.std(axis=0)}
    statistics |= {name: np.quantile(values, p, axis=0) for name, p in QUANTILES.items()}
    statistics["mc_error"] = statistics["sd"] / np.sqrt(max(len(values), 1))
    return pd.DataFrame(statistics, index=table.columns)
