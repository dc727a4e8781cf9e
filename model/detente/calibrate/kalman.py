"""Kalman filters of the price models (log variance, two factors) and posterior modes of their parameters."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from detente.shared.errors import DataError

LOG_2_PI = math.log(2.0 * math.pi)
START_VARIANCE = 0.05
"""Variance of the persistent log price before the first month, around the first month's last price."""


class Volatility(NamedTuple):
    """Log variance model.

    y_t = s_t + u_t, u ~ N(0, noise), s_{t+1} = level + persistence (s_t - level) + N(0, innovation); natural logs,
    monthly.
    """

    level: float
    persistence: float
    innovation: float
    noise: float


class VolatilityPath(NamedTuple):
    """Predicted mean and variance of s_t given y_1..y_{t-1}, (T,); filtered values at T; log likelihood."""

    mean: np.ndarray
    variance: np.ndarray
    last_mean: float
    last_variance: float
    log_likelihood: float


class Factors(NamedTuple):
    """Two factors x = xi + chi.

    xi is a random walk (variance ``persistent`` a month); chi reverts at ``reversion`` a month (variance rate
    ``transient``).
    """

    reversion: float
    transient: float
    persistent: float

    def transition(self, months: float) -> tuple[float, float]:
        """Exact decay factor and variance of chi over a number of months."""
        factor = math.exp(-self.reversion * months)
        return factor, self.transient * (1.0 - factor * factor) / (2.0 * self.reversion)


class FactorState(NamedTuple):
    """Means of xi and chi (log USD/bbl) and their covariance matrix."""

    xi: float
    chi: float
    xi_variance: float
    covariance: float
    chi_variance: float


def advance_volatility(model: Volatility, mean: float, variance: float, months: float) -> tuple[float, float]:
    """Mean and variance of s some months ahead, exact for fractions of a month."""
    factor = model.persistence**months
    growth = (1.0 - factor * factor) / (1.0 - model.persistence**2)
    return model.level + factor * (mean - model.level), factor * factor * variance + model.innovation * growth


def update_volatility(mean: float, variance: float, observed: float, noise: float) -> tuple[float, float]:
    """Mean and variance of s after one observation with measurement variance ``noise``."""
    gain = variance / (variance + noise)
    return mean + gain * (observed - mean), variance * (1.0 - gain)


def filter_volatility(observed: Sequence[float], model: Volatility) -> VolatilityPath:
    """Kalman filter of log realised variances from the stationary distribution."""
    level, persistence, innovation, noise = model
    mean, variance = level, innovation / (1.0 - persistence**2)
    means, variances, log_likelihood = [], [], 0.0
    filtered, filtered_variance = mean, variance
    for value in observed:
        means.append(mean)
        variances.append(variance)
        total, error = variance + noise, value - mean
        log_likelihood -= 0.5 * (LOG_2_PI + math.log(total) + error * error / total)
        filtered, filtered_variance = update_volatility(mean, variance, value, noise)
        mean = level + persistence * (filtered - level)
        variance = persistence * persistence * filtered_variance + innovation
    return VolatilityPath(np.array(means), np.array(variances), filtered, filtered_variance, log_likelihood)


def advance_factors(state: FactorState, model: Factors, months: float) -> FactorState:
    """Both factors some months ahead, before any observation."""
    factor, variance = model.transition(months)
    return FactorState(
        state.xi,
        state.chi * factor,
        state.xi_variance + model.persistent * months,
        state.covariance * factor,
        state.chi_variance * factor * factor + variance,
    )


def update_factors(state: FactorState, log_price: float) -> tuple[FactorState, float]:
    """Both factors after observing their sum, the log price, and the log density of that price."""
    xi, chi, xi_variance, covariance, chi_variance = state
    to_xi, to_chi = xi_variance + covariance, covariance + chi_variance
    total, error = to_xi + to_chi, log_price - xi - chi
    return FactorState(
        xi + to_xi * error / total,
        chi + to_chi * error / total,
        xi_variance - to_xi * to_xi / total,
        covariance - to_xi * to_chi / total,
        chi_variance - to_chi * to_chi / total,
    ), -0.5 * (LOG_2_PI + math.log(total) + error * error / total)


def filter_factors(log_prices: Sequence[float], first: float, model: Factors) -> tuple[FactorState, float]:
    """Kalman filter of month-end log prices: state after the last price and log likelihood.

    Before the first price xi ~ N(``first``, 0.05) and chi is stationary, independent of xi.
    """
    state = FactorState(first, 0.0, START_VARIANCE, 0.0, model.transient / (2.0 * model.reversion))
    log_likelihood = 0.0
    for price in log_prices:
        state, density = update_factors(advance_factors(state, model, 1.0), price)
        log_likelihood += density
    return state, log_likelihood


def fit_volatility(observed: np.ndarray) -> Volatility:
    """Posterior mode of the log variance model; ``observed`` is y_t, (T,)."""
    values = observed.tolist()
    centres = (float(np.mean(observed)), 2.5, math.log(0.08), math.log(0.15))

    def model(point: Sequence[float]) -> Volatility:
        return Volatility(float(point[0]), 1.0 / (1.0 + math.exp(-point[1])), math.exp(point[2]), math.exp(point[3]))

    point = maximum(
        lambda point: filter_volatility(values, model(point)).log_likelihood,
        centres,
        (0.5, 0.6, 0.6, 0.4),
        "volatility",
    )
    return model(point)


def fit_factors(log_prices: np.ndarray, first: float) -> Factors:
    """Posterior mode of the two factors; ``log_prices`` is x_t, (T,), and ``first`` is x_0."""
    values = log_prices.tolist()
    centres = (math.log(0.1), math.log(0.004), math.log(0.004))

    def model(point: Sequence[float]) -> Factors:
        return Factors(*(math.exp(coordinate) for coordinate in point))

    point = maximum(
        lambda point: filter_factors(values, first, model(point))[1], centres, (0.5, 0.5, 0.5), "two-factor price"
    )
    return model(point)


def maximum(
    log_likelihood: Callable[[Sequence[float]], float],
    centres: tuple[float, ...],
    spreads: tuple[float, ...],
    name: str,
) -> list[float]:
    """Posterior mode under independent normal priors, searched from their means."""
    return maximum_with_covariance(log_likelihood, centres, spreads, name, covariance=False)[0]


def maximum_with_covariance(
    log_likelihood: Callable[[Sequence[float]], float],
    centres: tuple[float, ...],
    spreads: tuple[float, ...],
    name: str,
    *,
    covariance: bool = True,
) -> tuple[list[float], np.ndarray]:
    """Posterior mode and its covariance, (k, k), from the curvature (normal approximation).

    Without ``covariance`` the matrix is all NaN.
    """
    from scipy.optimize import minimize

    def objective(point: Sequence[float]) -> float:
        # Beyond ten standard deviations of the prior the exponentials of the parameters could overflow.
        if any(abs(at - centre) > 10.0 * spread for at, centre, spread in zip(point, centres, spreads, strict=True)):
            return math.inf
        prior = sum(((at - centre) / spread) ** 2 for at, centre, spread in zip(point, centres, spreads, strict=True))
        return 0.5 * prior - log_likelihood(point)

    options = {"xatol": 1e-6, "fatol": 1e-9, "maxiter": 4_000, "maxfev": 4_000}
    result = minimize(lambda point: objective(point.tolist()), centres, method="Nelder-Mead", options=options)
    if not result.success:
        raise DataError(f"The {name} model cannot be fitted to these data; check the series or use a longer one.")
    point = result.x.tolist()
    if not covariance:
        return point, np.full((len(point), len(point)), math.nan)
    return point, np.linalg.inv(_curvature(objective, point, spreads))


def _curvature(
    objective: Callable[[Sequence[float]], float], point: list[float], spreads: tuple[float, ...]
) -> np.ndarray:
    """Second derivatives by central differences, with steps of 1/50 of the prior's standard deviation."""
    steps, size = [spread / 50.0 for spread in spreads], len(point)

    def at(*shifts: tuple[int, float]) -> float:
        moved = list(point)
        for place, shift in shifts:
            moved[place] += shift * steps[place]
        return objective(moved)

    matrix = np.empty((size, size))
    for i in range(size):
        for j in range(i + 1):
            mixed = (
                at((i, 1.0), (j, 1.0)) - at((i, 1.0), (j, -1.0)) - at((i, -1.0), (j, 1.0)) + at((i, -1.0), (j, -1.0))
            )
            matrix[i, j] = matrix[j, i] = mixed / (4.0 * steps[i] * steps[j])
    return matrix
