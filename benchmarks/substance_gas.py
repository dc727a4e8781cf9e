"""Checks of gas, losses, base rate and money: what a run should give, and what it gives.

``python benchmarks/substance_gas.py`` prints the table. Each check is (name, expected range, function of the runs).
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

import detente
import numpy as np
import pandas as pd
from detente.calibrate import losses
from detente.evaluation import backtest, sources
from detente.evaluation.series import outcome_file

PATHS, HORIZON = 16_384, 36
TTF, BRENT, FILL = "Price|Natural Gas|TTF", "Price|Oil|Brent", "Storage|Natural Gas|Fill"


class Check(NamedTuple):
    """A quantity with the range in which it should lie."""

    name: str
    low: float
    high: float
    value: Callable[[], float]


@cache
def run(scenario: str = "baseline", *sets: str, paths: int = PATHS, step: str = "month") -> detente.Run:
    """A run without report, reused if it exists."""
    return detente.run(scenario, sets=sets, paths=paths, horizon=HORIZON, step=step)


@cache
def kept(variable: str, *sets: str) -> np.ndarray:
    """Complete paths of a variable, (paths, months)."""
    table = run("baseline", *sets).kept_paths()
    (column,) = [name for name in table if name.endswith(f"|{variable}")]
    return table.pivot(index="path", columns="time", values=column).to_numpy()


def correlation(months: int) -> float:
    """Correlation of log changes of Brent and TTF over some months, all paths together."""
    brent, gas = np.log(kept(BRENT)), np.log(kept(TTF))
    moves = [(each[:, months:] - each[:, :-months]).ravel() for each in (brent, gas)]
    return float(np.corrcoef(*moves)[0, 1])


def month_above(level: float) -> float:
    """Per cent of paths with a month of TTF above a level."""
    return float(100.0 * (kept(TTF).max(axis=1) > level).mean())


def month_below(level: float) -> float:
    """Per cent of paths with a month of TTF below a level."""
    return float(100.0 * (kept(TTF).min(axis=1) < level).mean())


def ceasefire(months: int, *sets: str) -> float:
    """Per cent of paths with a ceasefire or settlement within some months."""
    events: pd.DataFrame = run("baseline", *sets).events()
    first = events[["conflict.first_ceasefire", "conflict.first_settlement"]].min(axis=1)
    return float(100.0 * (first <= months).mean())


def mean(variable: str, month: int, *sets: str, scenario: str = "baseline") -> float:
    """Mean of a variable in a month."""
    table = run(scenario, *sets).summary()
    rows = table[(table["variable"] == variable) & (table["statistic"] == "mean")].sort_values("time")
    return float(rows["value"].iloc[month - 1])


def losses_ratio(horizon: int) -> float:
    """Log RMSE of the loss forecast over that of no change, July 2025 to July 2026."""
    claims = losses.read_claims(outcome_file("losses.csv"), outcome_file("losses-corrections.csv"))
    first, last = (pd.Timestamp(day).date() for day in ("2025-07-01", "2026-07-01"))
    (score,) = losses.score(claims, first, last, (horizon,))
    return score.rmse / score.no_change


def gas_ratio(horizon: int) -> float:
    """CRPS of the gas recipe over that of no change, 2018 to 2022."""
    result = backtest.backtest(sources.open_source("gas"), "2018-01", "2022-12", horizons=(horizon,), paths=4_096)
    return float(result.horizons[0].summary()["ratio"])  # type: ignore[arg-type]


CHECKS: Sequence[Check] = (
    Check("Brent and TTF, correlation of changes over 1 month", 0.10, 0.30, lambda: correlation(1)),
    Check("over 3 months", 0.25, 0.50, lambda: correlation(3)),
    Check("over 12 months", 0.35, 0.75, lambda: correlation(12)),
    Check("TTF, a month above 300 EUR/MWh, % of paths", 0.0, 3.0, lambda: month_above(300.0)),
    Check("TTF, a month below 8 EUR/MWh, % of paths", 0.0, 8.0, lambda: month_below(8.0)),
    Check("TTF with Brent from 20 over TTF from 95, month 12", 0.3, 0.8,
          lambda: mean(TTF, 12, "facts.oil.brent=20") / mean(TTF, 12)),
    Check("Gas demand, highest month, bcm a year", 400.0, 700.0, lambda: float(kept("Demand|Natural Gas").max())),
    Check("Gas demand, lowest month, bcm a year", 90.0, 250.0, lambda: float(kept("Demand|Natural Gas").min())),
    Check("Storage in an LNG glut less baseline, month 36, points", 0.0, 15.0,
          lambda: mean(FILL, 36, scenario="lng-glut") - mean(FILL, 36)),
    Check("Ceasefire within 12 months, feedback on, %", 17.1, 18.1, lambda: ceasefire(12)),
    Check("Ceasefire within 12 months, feedback off, %", 17.1, 18.1,
          lambda: ceasefire(12, "conflict.feedback=false")),
    Check("Ceasefire within 36 months, feedback on, %", 38.0, 44.0, lambda: ceasefire(36)),
    Check("Losses, log RMSE over no change, 1 month", 0.0, 0.95, lambda: losses_ratio(1)),
    Check("3 months", 0.0, 1.01, lambda: losses_ratio(3)),
    Check("6 months", 0.0, 1.01, lambda: losses_ratio(6)),
    Check("Gas recipe, CRPS over no change, 1 month", 0.0, 0.85, lambda: gas_ratio(1)),
    Check("12 months", 0.0, 0.88, lambda: gas_ratio(12)),
    Check("Spending with Brent from 180 over from 95, month 24", 1.01, 1.30,
          lambda: mean("Government Expenditure", 24, "facts.oil.brent=180") / mean("Government Expenditure", 24)),
)  # fmt: skip


def main() -> None:
    """Print the table."""
    print(f"{'check':60}{'expected':>18}{'found':>10}")
    for check in CHECKS:
        value = check.value()
        mark = "" if check.low <= value <= check.high else "  outside"
        print(f"{check.name:60}{f'{check.low:g} to {check.high:g}':>18}{value:10.3f}{mark}")


if __name__ == "__main__":
    main()
