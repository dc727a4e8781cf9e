"""Gas storage alone on the past: from every end of month, normal path as known then, prices as they came.

The path of an origin is that of the months before it, shrunk to the seasons of 2015 to 2019; the reaction to prices and
the weather are those of the baseline. Without the full daily file the test is skipped.
"""

from pathlib import Path

import numpy as np
import pytest
from detente.calibrate.gas_data import read_gas_prices, read_storage
from detente.calibrate.gas_storage import month_ends, waves
from detente.config import loader
from detente_kernels import recipes

FULL = Path(__file__).resolve().parents[3] / "shared" / "data"
STORAGE = FULL / "gas-storage" / "gie_agsi_eu_de_storage_daily.csv"
PRICES = FULL / "commodity-prices" / "gas_europe_eur_mwh_monthly_derived.csv"
FIRST, LAST = np.datetime64("2021-01"), np.datetime64("2026-06")
HORIZONS = (1, 3, 6, 12)
PATHS = 512
BEFORE = np.array([64.0, 3.3, -24.0, 1.5, -2.5])
"""Path of 2015 to 2019, GIE AGSI+ (recalled), per cent."""
BEFORE_SD = np.array([5.0, 2.0, 2.0, 1.0, 1.0])
GAP_VARIANCE = 12.0**2 * 6.0
"""Variance of an end of month about the path, times the months for which a gap lasts."""


def path_known(fill, circle):
    """Path (5,) and its covariance from the ends of month so far."""
    precision = circle.T @ circle / GAP_VARIANCE + np.diag(1.0 / BEFORE_SD**2)
    mean = np.linalg.solve(precision, circle.T @ fill / GAP_VARIANCE + BEFORE / BEFORE_SD**2)
    return mean, np.linalg.inv(precision)


def slow_mean(logs, half_life):
    value, values = logs[0], []
    for log_price in logs:
        value += (log_price - value) * (1.0 - 0.5 ** (1.0 / half_life))
        values.append(value)
    return np.array(values)


@pytest.fixture(scope="module")
def forecasts():
    """Rows (horizon, target month, error of the mean, outcome inside the 90% range)."""
    if not STORAGE.is_file():
        pytest.skip("needs the daily storage of GIE AGSI+, which is not shipped")
    storage = read_storage(STORAGE)
    months, fill, _ = month_ends(storage)
    first = storage.days[0].astype("datetime64[M]")
    stamps = first + np.arange(months.size)
    prices = read_gas_prices(PRICES)
    logs = np.interp(stamps.astype(int), prices.months.astype(int), np.log(prices.values))
    value = {key: record.value for key, record in loader.load("baseline").parameters.items()}
    half_life = value["gas.storage_price_half_life"]
    slow, circle = slow_mean(logs, half_life), waves(months)
    rng, rows = np.random.default_rng(6), []
    for origin in range(months.size - 1):
        if not FIRST <= stamps[origin] <= LAST:
            continue
        ahead = min(max(HORIZONS), months.size - 1 - origin)
        mean, covariance = path_known(fill[: origin + 1], circle[: origin + 1])
        params = np.empty((12, PATHS))
        params[:5] = rng.multivariate_normal(mean, covariance, PATHS).T
        params[5] = value["gas.storage_reversion"] * np.exp(0.29 * rng.standard_normal(PATHS))
        params[6] = value["gas.storage_price_effect"] + 1.3 * rng.standard_normal(PATHS)
        for row, name in ((8, "weather_winter"), (9, "weather_summer"), (10, "weather_rate")):
            params[row] = value[f"gas.{name}"]
        params[7], params[11] = half_life, 1130.0
        angles = circle[origin : origin + ahead + 1, 1:]
        winter = np.cos(2.0 * np.pi * (months[origin + 1 : origin + ahead + 1] - 1.0) / 12.0)
        path = logs[origin + 1 : origin + ahead + 1] - logs[origin]
        start = np.array([fill[origin], logs[origin] - slow[origin]])
        fills = np.empty((ahead, PATHS))
        draws = rng.standard_normal((ahead, 2, PATHS))
        recipes.storage_fills(params, start, angles, winter, path, draws, fills)
        for horizon in HORIZONS:
            if horizon <= ahead:
                low, high = np.quantile(fills[horizon - 1], (0.05, 0.95))
                outcome = fill[origin + horizon]
                error = fills[horizon - 1].mean() - outcome
                rows.append((horizon, months[origin + horizon], error, low <= outcome <= high))
    return np.array(rows, float)


@pytest.mark.parametrize("horizon", HORIZONS)
@pytest.mark.parametrize("half", [(4, 9), (10, 3)], ids=["summer", "winter"])
def test_the_mean_error_is_within_four_points(forecasts, horizon, half):
    month = forecasts[:, 1]
    inside = (month >= 4) & (month <= 9)
    chosen = (forecasts[:, 0] == horizon) & (inside if half == (4, 9) else ~inside)
    assert abs(forecasts[chosen, 2].mean()) < 4.0


@pytest.mark.parametrize("horizon", HORIZONS)
def test_the_ranges_hold(forecasts, horizon):
    assert 0.83 <= forecasts[forecasts[:, 0] == horizon, 3].mean() <= 0.97
