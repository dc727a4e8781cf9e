"""Outcomes of the sensitivity analysis, one value a path."""

import numpy as np
import pandas as pd

from detente.analysis.sensitivity import Target
from detente.runs.run import Run

REVENUE = "oil.total_revenue"
DISCOUNT = "Russian Federation|Price|Oil|Urals|FOB Discount"
BILL = "gas.total_bill"
RELIEF, OIL_REVENUE, URALS = "relief", "revenue", "discount"
PEACE, GAS_BILL, GAS_CHANGE = "ceasefire", "gas bill", "gas bill change"
TITLES = {
    RELIEF: "the revenue effect of relief",
    OIL_REVENUE: "Russia's oil revenue",
    URALS: "the mean Urals FOB discount",
    PEACE: "a general ceasefire within the horizon",
    GAS_BILL: "Europe's gas bill",
    GAS_CHANGE: "the effect of relief on Europe's gas bill, in per cent",
}
SHORT = {
    RELIEF: "Effect of relief",
    OIL_REVENUE: "Oil revenue",
    URALS: "Urals discount",
    PEACE: "Ceasefire",
    GAS_BILL: "Gas bill",
    GAS_CHANGE: "Gas bill, change",
}
FEW = 0.1
"""Share of paths on which Europe's bill must differ for the difference to be an outcome of its own."""


def outcomes(run: Run, reference: Run | None = None) -> dict[str, Target]:
    """Outcomes of a run by name, in the order of the report.

    Parameters
    ----------
    run
        The run; value i of an outcome is that of path i, NaN for failed paths. The discount covers the stored paths.
    reference
        The run without relief; adds the differences in revenue and, if it differs on enough paths, in the gas bill.
    """
    years = run.manifest["config"]["run"]["horizon"] / 12.0
    events = run.events()
    revenue = _column(events, REVENUE) / years
    targets = {}
    if reference is not None:
        other = _column(reference.events(), REVENUE) / years
        shared = min(revenue.size, other.size)
        targets[RELIEF] = Target(TITLES[RELIEF], "bn USD a year", revenue[:shared] - other[:shared], by_mean=True)
    targets[OIL_REVENUE] = Target(TITLES[OIL_REVENUE], "bn USD a year", revenue)
    targets[URALS] = Target(TITLES[URALS], "USD/bbl", _mean_discount(run.kept_paths(), events))
    dates = _column(events, "conflict.first_ceasefire")
    happened = np.where(events["failed_at_step"].to_numpy() == 0, np.isfinite(dates), np.nan)
    targets[PEACE] = Target(TITLES[PEACE], "1", happened.astype(float), by_rank=False)
    return targets | _gas(run, reference, years)


def _gas(run: Run, reference: Run | None, years: float) -> dict[str, Target]:
    """Gas bill in % of GDP a year, and its difference from no relief in per cent; empty for a run without gas.

    The difference is relative because the absolute one follows the level of the price.
    """
    events = run.events()
    if BILL not in events:
        return {}
    bill = _column(events, BILL) / years
    level = {GAS_BILL: Target(TITLES[GAS_BILL], "% of GDP a year", bill)}
    if reference is None or BILL not in reference.events():
        return level
    other = _column(reference.events(), BILL) / years
    shared = min(bill.size, other.size)
    change = 100.0 * (bill[:shared] / other[:shared] - 1.0)
    if np.mean(np.abs(change[np.isfinite(change)]) > 0.0) < FEW:
        return level
    return {GAS_CHANGE: Target(TITLES[GAS_CHANGE], "%", change, by_mean=True)} | level


def _column(events: pd.DataFrame, name: str) -> np.ndarray:
    """One column as float64; NaN for failed paths and for events that do not happen."""
    values = events[name].to_numpy(np.float64, na_value=np.nan)
    return np.where(events["failed_at_step"].to_numpy() == 0, values, np.nan)


def _mean_discount(paths: pd.DataFrame, events: pd.DataFrame) -> np.ndarray:
    """Mean discount of each stored path over its steps, (paths,)."""
    if paths.empty or DISCOUNT not in paths:
        return np.empty(0)
    means = paths.groupby("path")[DISCOUNT].mean().astype(float)
    values = np.full(int(means.index.max()) + 1, np.nan)
    values[means.index.to_numpy()] = means.to_numpy()
    failed = events["failed_at_step"].to_numpy()[: values.size] != 0
    values[: failed.size][failed] = np.nan
    return values
