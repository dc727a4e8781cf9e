"""European gas: estimates from files of prices and storage, written as a scenario file."""

import calendar
import datetime as dt
import math
from pathlib import Path

import numpy as np

from detente.calibrate.files import Change, lognormal, name_and_digest, naming, normal, tables
from detente.calibrate.gas_data import OilPrices, read_gas_prices, read_storage
from detente.calibrate.gas_estimate import LEVEL_SD, OIL_RESPONSE, GasEstimate, estimate
from detente.calibrate.oil_data import read_prices

__all__ = ["GasEstimate", "calibrate", "estimate", "overlay", "price_changes", "read_gas_prices", "read_storage"]

PATH = ("mean", "cos1", "sin1", "cos2", "sin2")


def calibrate(
    data: Path, storage: Path | None = None, origin: dt.date | None = None, oil: Path | None = None
) -> tuple[GasEstimate, str]:
    """Estimate the gas model from data files.

    Parameters
    ----------
    data : CSV file of monthly prices, EUR/MWh or USD/mmbtu.
    storage : CSV file of daily storage, TWh and percent; optional.
    origin : last day of data used; by default the end of the last month in the price file.
    oil : CSV file of daily Brent prices; optional.

    Returns
    -------
    The estimate and the text of its parameter overlay (TOML).

    Raises
    ------
    DataError : a file cannot be read or does not support the estimate.
    """
    prices = read_gas_prices(data)
    stocks = read_storage(storage) if storage is not None else None
    if origin is None:
        origin = ((prices.months[-1] + 1).astype("datetime64[D]") - 1).item()
    with naming(data):
        fitted = estimate(prices, origin, stocks, oil=read_oil(oil) if oil is not None else None)
    return fitted, overlay(fitted, data, storage, oil)


def overlay(fitted: GasEstimate, prices: Path, storage: Path | None = None, oil: Path | None = None) -> str:
    """Scenario file (TOML) with the parameters of an estimate.

    The file runs as it is, another scenario may extend it, and its parameter tables fit into a facts file. Prices in
    USD leave out the price level; without a storage file the storage parameters are left out.

    Parameters
    ----------
    fitted : the estimate.
    prices : the price file; its name and SHA-256 stand at the top and in each source.
    storage : the storage file, if used.
    oil : the file of oil prices, if used.
    """
    name, digest = name_and_digest(prices)
    used = (
        f"{fitted.months + 1} monthly prices in {fitted.unit}, {fitted.first_month:%Y-%m} to {fitted.last_month:%Y-%m}"
    )
    head = [
        "# Written by: detente calibrate gas",
        f"# data: {name}",
        f"# sha256: {digest}",
        f"# origin: {fitted.origin}",
        f"# rows: {used}",
    ]
    if fitted.months_behind:
        head.append(
            f"# The newest price is {fitted.months_behind} month(s) before the origin. "
            "The volatility is carried forward, the price is not."
        )
    if fitted.unit != "EUR/MWh":
        head.append("# The price level is left out because the model uses EUR/MWh.")
    if oil is not None:
        brent, brent_digest = name_and_digest(oil)
        head += [
            f"# oil data: {brent}",
            f"# oil sha256: {brent_digest}",
            f"# response to filtered Brent: {fitted.oil_response_measured:.2f} measured "
            f"(standard error {fitted.oil_response_error:.2f}), {OIL_RESPONSE:g} used",
        ]
    estimated = f"Estimated by detente calibrate gas at origin {fitted.origin}"
    source = f"{estimated} from {name} (sha256 {digest[:16]}), {used}."
    lines = tables(price_changes(fitted), source, _month_end(fitted.last_month))
    if storage is not None:
        stored, stored_digest = name_and_digest(storage)
        ends = (
            f"{fitted.storage.months} ends of month"
            if fitted.storage is not None
            else "too few ends of month for the storage path, days"
        )
        days = f"{ends} to {fitted.storage_day}"
        head += [f"# storage data: {stored}", f"# storage sha256: {stored_digest}", f"# storage rows: {days}"]
        source = f"{estimated} from {stored} (sha256 {stored_digest[:16]}), {days}."
        lines += tables(_storage_changes(fitted), source, fitted.storage_day)
    head += [
        f"# monthly volatility: {fitted.monthly_volatility_now:.1%} in the first month, "
        f"{fitted.monthly_volatility_long_run:.1%} in the long run",
        "schema_version = 1",
        f'title = "European gas as estimated on {fitted.origin}"',
    ]
    return "\n".join(head + lines) + "\n"


def price_changes(fitted: GasEstimate) -> list[Change]:
    """Price parameters and facts of a run that an estimate changes."""
    level, now = fitted.volatility_level, fitted.volatility_now
    effect = fitted.storage_gap_effect
    changes = [
        Change("parameters.gas.volatility_level", level, "log variance", normal(level, LEVEL_SD)),
        Change("parameters.gas.volatility_persistence", fitted.volatility_persistence, "1"),
        Change("parameters.gas.volatility_noise", fitted.volatility_noise, "1"),
        Change(
            "parameters.gas.volatility_now", now, "log variance", normal(now, math.sqrt(fitted.volatility_now_variance))
        ),
        Change("parameters.gas.averaging_memory", fitted.averaging_memory, "1"),
        Change("parameters.gas.season_cos", fitted.season_cos, "1"),
        Change("parameters.gas.season_sin", fitted.season_sin, "1"),
        Change("parameters.gas.storage_gap_effect", effect, "1", normal(effect, fitted.storage_gap_effect_error)),
        # An innovation affects the mean of the next month only, so none remains after a gap in the prices.
        Change("facts.gas.last_innovation", 0.0 if fitted.months_behind else fitted.last_innovation, "1"),
    ]
    if fitted.oil_filter is not None and fitted.oil_mean is not None:
        changes += [
            Change("facts.gas.oil_filter", fitted.oil_filter, "log USD/bbl"),
            Change("facts.gas.oil_mean", fitted.oil_mean, "log USD/bbl"),
        ]
    if fitted.unit == "EUR/MWh":
        changes.append(Change("facts.gas.ttf", fitted.last_price, "EUR/MWh"))
    return changes


def read_oil(path: Path) -> OilPrices:
    """Monthly mean Brent from a file of daily prices; the last month may be incomplete."""
    days, prices = read_prices(path)
    month_of = days.astype("datetime64[M]")
    months = np.unique(month_of)
    return OilPrices(months, np.array([prices[month_of == month].mean() for month in months]))


def _storage_changes(fitted: GasEstimate) -> list[Change]:
    changes = []
    if fitted.storage_fill is not None:
        changes.append(Change("facts.gas.storage", fitted.storage_fill, "%"))
    storage = fitted.storage
    if storage is None:
        return changes
    # The level is the least certain part of the path and limits the precision of a storage forecast.
    level, *harmonics = storage.path
    changes.append(Change("parameters.gas.storage_path_mean", level, "%", normal(level, storage.path_error[0])))
    changes += [
        Change(f"parameters.gas.storage_path_{name}", value, "%")
        for name, value in zip(PATH[1:], harmonics, strict=True)
    ]
    changes += [
        Change(
            "parameters.gas.storage_reversion",
            storage.reversion,
            "1/month",
            lognormal(storage.reversion, storage.log_reversion_error),
        ),
        Change("parameters.gas.weather_winter", storage.weather_winter, "TWh/month"),
        Change("parameters.gas.weather_summer", storage.weather_summer, "TWh/month"),
        Change("parameters.gas.weather_rate", storage.weather_rate, "1/month"),
        Change("facts.gas.storage_capacity", storage.capacity, "TWh"),
    ]
    return changes


def _month_end(first: dt.date) -> dt.date:
    """Last day of a month, when its mean price is known."""
    return first.replace(day=calendar.monthrange(first.year, first.month)[1])
