"""The gas estimate as a scenario file."""

import calendar
import datetime as dt
import math
from pathlib import Path

from detente.calibrate.gas_recipe import LEVEL_SD, GasEstimate
from detente.calibrate.overlays import Change, lognormal, named, normal, tables

PATH = ("mean", "cos1", "sin1", "cos2", "sin2")


def overlay(fitted: GasEstimate, prices: Path, storage: Path | None = None) -> str:
    """A scenario file (TOML) that changes what one estimate says; both files are named with their SHA-256 at the top
    and in each source.

    It runs as it stands, another scenario may extend it, and its parameter tables fit into a facts file. A price in USD
    leaves the price level out, and a missing storage file all that concerns storage.
    """
    name, digest = named(prices)
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
            f"# The newest price is {fitted.months_behind} month(s) older than the origin; the volatility is carried forward, the price is not."
        )
    if fitted.unit != "EUR/MWh":
        head.append("# The level of the price is left out: the model counts in EUR/MWh.")
    source = f"Estimated by detente calibrate gas at origin {fitted.origin} from {name} (sha256 {digest[:16]}), {used}."
    lines = tables(_price_changes(fitted), source, _month_end(fitted.last_month))
    if storage is not None:
        stored, stored_digest = named(storage)
        ends = (
            f"{fitted.storage.months} ends of month"
            if fitted.storage is not None
            else "too few ends of month for the path of storage, days"
        )
        days = f"{ends} to {fitted.storage_day}"
        head += [f"# storage data: {stored}", f"# storage sha256: {stored_digest}", f"# storage rows: {days}"]
        source = f"Estimated by detente calibrate gas at origin {fitted.origin} from {stored} (sha256 {stored_digest[:16]}), {days}."
        lines += tables(_storage_changes(fitted), source, fitted.storage_day)
    head += [
        f"# volatility a month: {fitted.monthly_volatility_now:.1%} in the first month, {fitted.monthly_volatility_long_run:.1%} in the long run",
        "schema_version = 1",
        f'title = "European gas as estimated on {fitted.origin}"',
    ]
    return "\n".join(head + lines) + "\n"


def _price_changes(fitted: GasEstimate) -> list[Change]:
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
        # An innovation shows in the mean of the month after it only; behind a gap in the prices nothing of it is left
        # to come.
        Change("facts.gas.last_innovation", 0.0 if fitted.months_behind else fitted.last_innovation, "1"),
    ]
    if fitted.unit == "EUR/MWh":
        changes += [
            Change("parameters.gas.long_run_log", fitted.long_run_log, "log EUR/MWh"),
            Change("facts.gas.ttf", fitted.last_price, "EUR/MWh"),
        ]
    return changes


def _storage_changes(fitted: GasEstimate) -> list[Change]:
    changes = []
    if fitted.storage_fill is not None:
        changes.append(Change("facts.gas.storage", fitted.storage_fill, "%"))
    storage = fitted.storage
    if storage is None:
        return changes
    # The level of the path is the least known of it, and a forecast of storage can be no surer than that.
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
    """A monthly mean is known when its month is over."""
    return first.replace(day=calendar.monthrange(first.year, first.month)[1])
