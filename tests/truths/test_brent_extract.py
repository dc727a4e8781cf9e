"""The Brent estimate against dense matrices: the same Gaussian models as covariances of all months at once, their
likelihood by Cholesky and their states by conditioning, on three years of daily prices that ship with the tests."""

import datetime as dt
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from detente.calibrate import oil
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize

PRICES = Path(__file__).resolve().parents[1] / "data" / "oil" / "brent-daily.csv"
ORIGIN = dt.date(2014, 12, 31)


@pytest.fixture(scope="module")
def daily() -> pd.Series:
    return pd.read_csv(PRICES, parse_dates=["Date"], index_col="Date")["Price"]


@pytest.fixture(scope="module")
def months(daily: pd.Series) -> pd.DataFrame:
    """By month: log realised variance over 21 days, log price at its end and its change, log mean less the last end."""
    logs = np.log(daily)
    squares = (logs.diff() ** 2).resample("MS").agg(["sum", "count"])
    ends = logs.resample("MS").last()
    table = pd.DataFrame(
        {
            "variance": np.log(21.0 / squares["count"] * squares["sum"]),
            "log": ends,
            "change": ends.diff(),
            "average": np.log(daily.resample("MS").mean()) - ends.shift(),
        }
    )
    return table.iloc[1:]  # the first month has no return from the one before


@pytest.fixture(scope="module")
def fitted() -> oil.OilEstimate:
    return oil.calibrate(PRICES, ORIGIN)[0]


def log_density(values: np.ndarray, mean: float, covariance: np.ndarray) -> float:
    factor = cho_factor(covariance, lower=True)
    rest = values - mean
    determinant = 2.0 * np.sum(np.log(np.diag(factor[0])))
    return -0.5 * (rest @ cho_solve(factor, rest) + determinant + values.size * math.log(2.0 * math.pi))


def best(objective, centres: tuple[float, ...], spreads: tuple[float, ...]) -> np.ndarray:
    """The point of highest density times normal priors, by a search with gradients in units of the priors."""
    start, scale = np.array(centres), np.array(spreads)
    return start + scale * minimize(lambda z: 0.5 * z @ z - objective(start + scale * z), 0.0 * start).x


def lags(count: int) -> np.ndarray:
    return np.abs(np.subtract.outer(np.arange(count), np.arange(count)))


def test_the_extract_is_what_the_estimate_used(daily, months, fitted):
    assert (fitted.rows, fitted.months, fitted.running_days) == (daily.size, len(months), 0)
    assert fitted.last_price == daily.iloc[-1]
    assert fitted.last_return == pytest.approx(months["change"].iloc[-1], abs=1e-12)


@pytest.fixture(scope="module")
def volatility(months: pd.DataFrame) -> dict[str, float]:
    """theta, phi, eta2, su2 of the log variance: an AR(1) seen with noise."""
    seen = months["variance"].to_numpy()

    def covariance(phi: float, eta2: float, su2: float) -> np.ndarray:
        return eta2 / (1.0 - phi**2) * phi ** lags(seen.size) + su2 * np.eye(seen.size)

    def objective(point: np.ndarray) -> float:
        phi = 1.0 / (1.0 + math.exp(-point[1]))
        return log_density(seen, point[0], covariance(phi, math.exp(point[2]), math.exp(point[3])))

    centres = (float(seen.mean()), 2.5, math.log(0.08), math.log(0.15))
    point = best(objective, centres, (0.5, 0.6, 0.6, 0.4))
    phi, eta2, su2 = 1.0 / (1.0 + math.exp(-point[1])), math.exp(point[2]), math.exp(point[3])
    means, variances = [], []
    for count in range(seen.size + 1):  # the log variance of each month given the months before it
        before = eta2 / (1.0 - phi**2) * phi ** np.arange(count, 0, -1.0)
        weights = np.linalg.solve(covariance(phi, eta2, su2)[:count, :count], before)
        means.append(point[0] + weights @ (seen[:count] - point[0]))
        variances.append(eta2 / (1.0 - phi**2) - weights @ before)
    return {
        "level": point[0],
        "phi": phi,
        "eta2": eta2,
        "su2": su2,
        "means": np.array(means),
        "variances": np.array(variances),
    }


def test_volatility(volatility, fitted):
    assert fitted.volatility_level == pytest.approx(volatility["level"], abs=1e-3)
    assert fitted.volatility_persistence == pytest.approx(volatility["phi"], abs=5e-4)
    assert fitted.volatility_noise == pytest.approx(volatility["eta2"], rel=2e-3)
    assert fitted.volatility_measurement == pytest.approx(volatility["su2"], rel=2e-3)
    assert fitted.volatility_now == pytest.approx(volatility["means"][-1], abs=1e-3)
    assert fitted.volatility_now_variance == pytest.approx(volatility["variances"][-1], rel=2e-3)


def test_scale_averaging_and_momentum(months, volatility, fitted):
    means, variances = volatility["means"][:-1], volatility["variances"][:-1]
    change, average = months["change"].to_numpy(), months["average"].to_numpy()
    squares = change**2 / np.exp(means + variances / 2.0)
    assert fitted.volatility_scale == pytest.approx(squares[12:].mean(), rel=2e-3)
    weights, count = np.exp(-means), change.size
    slope = np.average(change * average, weights=weights) / np.average(change**2, weights=weights)
    rest = np.average((average - slope * change) ** 2, weights=weights) / np.average(change**2, weights=weights)
    assert fitted.averaging_weight == pytest.approx((60 * 22 / 42 + count * slope) / (60 + count), abs=1e-4)
    assert fitted.averaging_noise == pytest.approx((60 / 12 + count * rest) / (60 + count), abs=1e-4)
    before, after, weights = change[:-1], average[1:], weights[1:]
    power = np.sum(weights * before**2)
    slope = np.sum(weights * before * after) / power
    error = np.sum(weights * (after - slope * before) ** 2) / (before.size - 1) / power
    assert fitted.momentum == pytest.approx(slope * 0.08**2 / (0.08**2 + error), abs=1e-4)


def test_two_factors(daily, months, fitted):
    """Random walk plus a reverting part: both as one covariance of all months; the reverting part by conditioning."""
    logs, steps = months["log"].to_numpy(), np.arange(1.0, len(months) + 1.0)
    first = math.log(daily[daily.index < months.index[0]].iloc[-1])
    transient = lambda kappa, a: a / (2.0 * kappa) * np.exp(-kappa * lags(steps.size))  # noqa: E731
    walk = lambda b: 0.05 + b * np.minimum.outer(steps, steps)  # noqa: E731

    def objective(point: np.ndarray) -> float:
        kappa, a, b = np.exp(point)
        return log_density(logs, first, walk(b) + transient(kappa, a))

    kappa, a, b = np.exp(best(objective, (math.log(0.1), math.log(0.004), math.log(0.004)), (0.5, 0.5, 0.5)))
    assert fitted.reversion == pytest.approx(kappa, rel=3e-3)
    assert fitted.transient_variance == pytest.approx(a, rel=3e-3)
    assert fitted.persistent_variance == pytest.approx(b, rel=3e-3)
    chi = transient(kappa, a)[-1] @ np.linalg.solve(walk(b) + transient(kappa, a), logs - first)
    assert fitted.transient_log == pytest.approx(chi, abs=1e-3)
    assert fitted.persistent_log == pytest.approx(logs[-1] - chi, abs=1e-3)
