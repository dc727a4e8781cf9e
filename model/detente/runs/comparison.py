"""Two runs compared: differences by simulation where their paths pair, else of their summaries.

Paired runs have common random numbers: the same path meets the same events in both, so that a difference is due to the
scenario and not to sampling.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from detente.engine import monte_carlo
from detente.engine.summary import QUANTILES
from detente.runs.pairing import must_pair, named, version_differences
from detente.runs.run import Run

TOTAL = "oil.total_revenue"
KEYS = ["region", "variable", "unit", "time", "statistic"]


@dataclass(frozen=True)
class Comparison:
    """Run ``a`` minus run ``b``, paired by simulation.

    Totals use all paths; series use the stored sample of complete paths.
    """

    a: Run
    b: Run

    @property
    def versions(self) -> str:
        """Libraries of different versions, though the runs agree in model and probe values: ``numpy 2.1 and 2.4``."""
        return named(version_differences(self.a.manifest, self.b.manifest))

    def series(self, variable: str, region: str) -> pd.DataFrame:
        """Difference of one variable over time, from the stored paths of both runs.

        Parameters
        ----------
        variable, region
            Names as in ``Run.fan``.

        Returns
        -------
        pandas.DataFrame
            Index time; columns mean, sd, quantiles and mc_error, in the unit of the variable.
        """
        first, second = paired(*(valid_paths(run, f"{region}|{variable}") for run in (self.a, self.b)))
        return _statistics(first - second)

    def summary(self) -> pd.DataFrame:
        """Long table of paired differences: region, variable, unit, time, statistic, value."""
        units = self.a.summary()[["region", "variable", "unit"]].drop_duplicates()
        columns = set(self.a.kept_paths().columns)
        frames = []
        for region, variable, unit in units.itertuples(index=False):
            if f"{region}|{variable}" not in columns:
                continue
            long = self.series(variable, region).rename_axis("time").reset_index().melt("time", var_name="statistic")
            frames.append(long.assign(region=region, variable=variable, unit=unit))
        return pd.concat(frames, ignore_index=True)[[*KEYS, "value"]]

    def revenue(self) -> pd.DataFrame:
        """Difference in export revenue by component, in USD bn a year, from all paths.

        Revenue is V P with V the volume over the horizon and P the price received, P = B - D, B Brent weighted by
        volume. The difference splits exactly, path by path, at the midpoint of both runs: dV mean(P) + mean(V) dB -
        mean(V) dD.

        Returns
        -------
        pandas.DataFrame
            Rows volume, Brent, discount, total; columns as in ``series``.
        """
        return _statistics(self.revenue_by_path())

    def revenue_by_path(self) -> pd.DataFrame:
        """The same by path, for the paths valid in both runs (index path)."""
        first, second = paired(*(_totals(run) for run in (self.a, self.b)))
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
    pandas.DataFrame
        Columns region, variable, unit, time (datetime64), statistic, a, b, difference; one row a statistic that both
        hold.
    """
    first, second = (run.summary()[[*KEYS, "value"]] for run in (a, b))
    table = first.merge(second, on=KEYS, suffixes=("_a", "_b")).rename(columns={"value_a": "a", "value_b": "b"})
    return table.assign(difference=table["a"] - table["b"])


def valid_events(run: Run) -> pd.DataFrame:
    """Event dates and totals of the paths that did not fail, indexed by path."""
    events = run.events()
    return events[events["failed_at_step"] == 0].set_index("path")


def valid_paths(run: Run, column: str) -> pd.DataFrame:
    """One variable of the stored paths that did not fail, (paths, steps); ``column`` is ``region|variable``."""
    table = run.kept_paths().pivot(index="path", columns="time", values=column).astype(float)
    return table.loc[table.index.intersection(valid_events(run).index)]


def paired(first: pd.DataFrame, second: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of the paths that both tables have, in the same order."""
    common = first.index.intersection(second.index)
    return first.loc[common], second.loc[common]


def estimate(values: pd.Series, statistic: str = "mean") -> tuple[float, float]:
    """A statistic of simulated values, indexed by path, and its standard error.

    ``statistic``: ``mean``, ``share`` for the mean of booleans, or a quantile such as ``q05``.
    """
    numbers, paths = values.to_numpy(float), values.index.to_numpy(np.int64)
    if statistic in ("mean", "share"):
        parts = monte_carlo.mean_error(numbers, paths, int(paths.max()) + 1, share=statistic == "share")
        return float(numbers.mean()), parts.error
    p = float(f"0.{statistic[1:]}")
    around = np.quantile(numbers, monte_carlo.quantile_levels(p, numbers.size))
    return float(np.quantile(numbers, p)), float(monte_carlo.quantile_error(around))


def _totals(run: Run) -> pd.DataFrame:
    """Totals of the valid paths: revenue (bn USD), volume (bn barrels), prices (USD/bbl)."""
    events = valid_events(run)
    volume = events["oil.total_exports"].astype(float) / 1000.0
    revenue = events[TOTAL].astype(float)
    brent = events["oil.total_brent_value"].astype(float) / volume
    price = revenue / volume
    return pd.DataFrame(
        {"revenue": revenue, "volume": volume, "price": price, "brent": brent, "discount": brent - price}
    )


def _statistics(table: pd.DataFrame) -> pd.DataFrame:
    """Mean, standard deviation, quantiles and standard error of the mean of each column, one row a column."""
    quantiles = np.quantile(table.to_numpy(float), list(QUANTILES.values()), axis=0)
    rows = {}
    for name, at in zip(table, quantiles.T, strict=True):
        mean, error = estimate(table[name])
        spread = {"mean": mean, "sd": float(table[name].std(ddof=0))}
        rows[name] = spread | dict(zip(QUANTILES, at, strict=True)) | {"mc_error": error}
    return pd.DataFrame.from_dict(rows, orient="index").reindex(table.columns)
