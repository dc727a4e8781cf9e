"""The outcomes that an assumption is tested against, one value a path: what relief is worth, revenue, discount,
Europe's gas bill, ceasefire."""

import numpy as np
import pandas as pd

from detente.analysis.sensitivity import Target
from detente.runs.run import Run

REVENUE = "oil.total_revenue"
DISCOUNT = "Russian Federation|Price|Oil|Urals|FOB Discount"
BILL = "gas.total_bill"
WORTH, INCOME, LEVEL, PEACE, GAS_BILL, GAS_WORTH = "worth", "revenue", "discount", "ceasefire", "gas bill", "gas worth"
TITLES = {
    WORTH: "what relief is worth",
    INCOME: "oil revenue",
    LEVEL: "the Urals FOB discount, mean over the horizon",
    PEACE: "a general ceasefire within the horizon",
    GAS_BILL: "Europe's gas bill",
    GAS_WORTH: "Europe's gas bill against that without relief, in per cent",
}
SHORT = {
    WORTH: "Worth of relief",
    INCOME: "Oil revenue",
    LEVEL: "Urals discount",
    PEACE: "Ceasefire",
    GAS_BILL: "Gas bill",
    GAS_WORTH: "Gas bill, change",
}
FEW = 0.1
"""Share of the paths on which Europe's bill must differ for the difference to be an outcome of its own."""


def outcomes(run: Run, yardstick: Run | None = None) -> dict[str, Target]:
    """Targets of a run by name, in the order of the report; with ``yardstick``, a run that is paired with it, also the
    difference in revenue, and in Europe's gas bill if it differs on more than a few paths.

    Path i is path i of the run. NaN marks failed paths. The discount covers the kept whole paths only.
    """
    years = run.manifest["config"]["run"]["horizon"] / 12.0
    events = run.events()
    revenue = _column(events, REVENUE) / years
    found = {}
    if yardstick is not None:
        other = _column(yardstick.events(), REVENUE) / years
        shared = min(revenue.size, other.size)
        found[WORTH] = Target(TITLES[WORTH], "bn USD a year", revenue[:shared] - other[:shared], by_mean=True)
    found[INCOME] = Target(TITLES[INCOME], "bn USD a year", revenue)
    found[LEVEL] = Target(TITLES[LEVEL], "USD/bbl", _mean_discount(run.kept_paths(), events))
    dates = _column(events, "conflict.first_ceasefire")
    happened = np.where(events["failed_at_step"].to_numpy() == 0, np.isfinite(dates), np.nan)
    found[PEACE] = Target(TITLES[PEACE], "1", happened.astype(float), by_rank=False)
    return found | _gas(run, yardstick, years)


def _gas(run: Run, yardstick: Run | None, years: float) -> dict[str, Target]:
    """Europe's bill in per cent of GDP a year, and by how much per cent it differs from that without relief; nothing
    for a run without gas.

    The second is relative because the difference itself follows the level of the price, whatever relief does.
    """
    events = run.events()
    if BILL not in events:
        return {}
    bill = _column(events, BILL) / years
    found = {GAS_BILL: Target(TITLES[GAS_BILL], "% of GDP a year", bill)}
    if yardstick is None or BILL not in yardstick.events():
        return found
    other = _column(yardstick.events(), BILL) / years
    shared = min(bill.size, other.size)
    change = 100.0 * (bill[:shared] / other[:shared] - 1.0)
    if np.mean(np.abs(change[np.isfinite(change)]) > 0.0) < FEW:
        return found
    return {GAS_WORTH: Target(TITLES[GAS_WORTH], "%", change, by_mean=True)} | found


def _column(events: pd.DataFrame, name: str) -> np.ndarray:
    """One column as float64, NaN for failed paths and for what did not happen."""
    values = events[name].to_numpy(np.float64, na_value=np.nan)
    return np.where(events["failed_at_step"].to_numpy() == 0, values, np.nan)


def _mean_discount(kept: pd.DataFrame, events: pd.DataFrame) -> np.ndarray:
    """Mean discount of each kept path over its steps, (kept,)."""
    if kept.empty or DISCOUNT not in kept:
        return np.empty(0)
    means = kept.groupby("path")[DISCOUNT].mean().astype(float)
    values = np.full(int(means.index.max()) + 1, np.nan)
    values[means.index.to_numpy()] = means.to_numpy()
    failed = events["failed_at_step"].to_numpy()[: values.size] != 0
    values[: failed.size][failed] = np.nan
    return values
