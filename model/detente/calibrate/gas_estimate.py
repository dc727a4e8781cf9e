"""European gas: the monthly price model (stochastic volatility, time averaging, season, storage gap) at one origin.

Only complete months and storage data up to the origin are used. The price of a month is its mean. Natural logarithms.
"""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from detente.calibrate.gas_data import GasPrices, OilPrices, Storage
from detente.calibrate.gas_storage import LEAST_MONTHS, StorageEstimate, fit_storage, month_ends
from detente.calibrate.kalman import Volatility, advance_volatility, filter_volatility, maximum_with_covariance
from detente.shared.errors import DataError

TTF_SINCE = np.datetime64("2015-04", "M")
"""First month in which the World Bank's European price is TTF; earlier it is a border price."""
LEAST_CHANGES = 24
LATE_MONTHS = 6
"""Largest number of complete months between the newest price and the origin."""
LATE_STORAGE_DAYS = 31
MEMORY_PRIOR = (0.27, 0.10)
"""Mean and standard deviation. Working (1960): monthly means of a random walk have a moving average of 0.27."""
LEVEL_PRIOR, PERSISTENCE_PRIOR, NOISE_PRIOR = (math.log(0.15**2), 1.0), (2.4, 0.5), (math.log(0.3), 0.5)
"""Means and standard deviations of theta, logit phi and ln eta2."""
LOG_CHI_OFFSET, LOG_CHI_NOISE, FLOOR = 1.10, 3.6, 0.02
"""zeta = ln(e^2 + 0.02 mean e^2) + 1.10 measures the log variance with error variance 3.6."""
MEAN_MONTHS = 60
SEASON_SD = 0.02
SEASON_MEMORY, SEASON_START = 0.85, 0.12**2
"""Decay and start (12% a month) of the exponentially weighted variance whose inverse weighs the season."""
GAP_PRIOR = (-0.01, 0.02)
GAP_SHARE, GAP_SD = 0.5, 0.008
"""Share of the estimated storage effect that a forecast uses, and its standard deviation: the estimate rests on 2021
and 2022 alone."""
OIL_RESPONSE, OIL_HALF_LIFE = 0.9, 1.5
"""Elasticity of the gas price to filtered Brent, and the half-life of the filter in months. Weighted regressions at
every year end from 2016 to 2025 give 0.86 to 1.13; half-lives of 1 and 2 months do as well."""
LEVEL_SD = 0.25
"""Standard deviation of the long-run log variance in simulations, as for Brent."""


@dataclass(frozen=True)
class GasEstimate:
    """Estimate of the gas model at one origin."""

    origin: dt.date
    """Last day of data used."""
    unit: str
    """Unit of the price: EUR/MWh or USD/mmbtu."""
    first_month: dt.date
    """First day of the first month used for volatility."""
    last_month: dt.date
    """First day of the last month used."""
    months: int
    """Monthly changes used."""
    months_behind: int
    """Complete months between the last price and the origin; the volatility is carried forward over them."""
    last_price: float
    """Mean price of the last month, ``unit``."""
    volatility_level: float
    """theta: long-run mean of the log monthly variance."""
    volatility_level_error: float
    """Its standard error."""
    volatility_persistence: float
    """phi: monthly autocorrelation of the log variance, 0 to 1."""
    logit_persistence_error: float
    """Standard error of ln(phi / (1 - phi))."""
    volatility_noise: float
    """eta2: variance of the monthly innovation of the log variance."""
    log_noise_error: float
    """Standard error of ln eta2."""
    volatility_now: float
    """m: expected log variance of the first month after the origin."""
    volatility_now_variance: float
    """P: variance of that expectation."""
    averaging_memory: float
    """vt: share of a monthly innovation that carries over to the next month's mean."""
    averaging_memory_error: float
    last_innovation: float
    """e_T: innovation of the last month, log."""
    reversion_measured: float
    """Slope of the next change on the distance from the 60-month mean, 1/month; for comparison only."""
    reversion_measured_error: float
    trailing_log: float
    """Mean log price of the last 60 months, ``unit``."""
    season_cos: float
    """b1: coefficient of cos(2 pi q / 12) in the log change into calendar month q."""
    season_sin: float
    """b2: coefficient of sin(2 pi q / 12)."""
    season_error: tuple[float, float]
    storage_gap_effect: float
    """beta: log change a month per 10 points of fill above that of earlier years."""
    storage_gap_effect_error: float
    oil_filter: float | None
    """L: exponential filter of monthly log Brent at the end of the last month; None without oil prices."""
    oil_mean: float | None
    """Mean of that filter over the last month."""
    oil_response_measured: float | None
    """Weighted regression of monthly changes on changes of the filter's mean; for comparison only."""
    oil_response_error: float | None
    storage_gap: float | None
    """G: fill less the mean of the same day in earlier years, tens of points; None without storage data."""
    storage_day: dt.date | None
    """Day of that fill."""
    storage_fill: float | None
    """Fill on that day, percent."""
    storage: StorageEstimate | None
    """Seasonal storage path and disturbance; None with too few ends of month."""

    @property
    def monthly_volatility_now(self) -> float:
        """Standard deviation of the log innovation in the first month, ratio."""
        return math.exp((self.volatility_now + self.volatility_now_variance / 2.0) / 2.0)

    @property
    def monthly_volatility_long_run(self) -> float:
        """Standard deviation of the log innovation under the stationary log variance, ratio."""
        stationary = self.volatility_noise / (1.0 - self.volatility_persistence**2)
        return math.exp((self.volatility_level + stationary / 2.0) / 2.0)


def estimate(
    prices: GasPrices,
    origin: dt.date,
    storage: Storage | None = None,
    since: np.datetime64 = TTF_SINCE,
    oil: OilPrices | None = None,
) -> GasEstimate:
    """Fit the gas model to the data up to ``origin``.

    Parameters
    ----------
    prices : monthly mean prices, EUR/MWh or USD/mmbtu.
    origin : last day of data used.
    storage : daily storage, optional.
    since : first month of the market price; earlier months count for the long-run mean only.
    oil : monthly mean Brent, optional; its filtered changes are taken out before the other parameters are fitted.

    Raises
    ------
    DataError : the data up to the origin are too few or too old.

    References
    ----------
    Working (1960), Note on the correlation of first differences of averages in a random chain, Econometrica 28(4).
    """
    known = prices.until(origin)
    behind = _months_behind(known, origin)
    logs = np.log(known.values)
    start = int(np.searchsorted(known.months, since))
    changes, into = np.diff(logs[start:]), known.months[start + 1 :]
    if changes.size < LEAST_CHANGES:
        raise DataError(
            f"There are {changes.size} monthly changes of the price from {since} to the origin {origin}; "
            f"the estimate needs {LEAST_CHANGES}."
        )
    raw, felt = changes, None
    measured: tuple[float | None, float | None] = (None, None)
    if oil is not None:
        felt = _filtered(oil, known.months[-1], origin)
        moves = np.diff([felt[month].mean for month in known.months[start:]])
        measured = _oil_response(changes, moves)
        changes = changes - OIL_RESPONSE * moves
    if storage is not None:
        storage = _storage_known(storage, origin)
    memory, memory_error = _memory(changes)
    innovations = _innovations(changes, memory)
    volatility, errors = fit_gas_volatility(innovations)
    path = filter_volatility(_log_squares(innovations), volatility)
    now, now_variance = advance_volatility(volatility, path.last_mean, path.last_variance, 1.0 + behind)
    season, season_error = _season(changes, into)
    slope, slope_error = _reversion(logs, start)
    effect, effect_error = _gap_effect(raw, known.months[start:-1], storage)
    effect, effect_error = GAP_SHARE * effect, min(GAP_SD, effect_error)
    day = storage.days[-1].item() if storage is not None else None
    return GasEstimate(
        origin=origin,
        unit=known.unit,
        first_month=known.months[start].astype("datetime64[D]").item(),
        last_month=known.months[-1].astype("datetime64[D]").item(),
        months=int(changes.size),
        months_behind=behind,
        last_price=float(known.values[-1]),
        volatility_level=volatility.level,
        volatility_level_error=errors[0],
        volatility_persistence=volatility.persistence,
        logit_persistence_error=errors[1],
        volatility_noise=volatility.innovation,
        log_noise_error=errors[2],
        volatility_now=now,
        volatility_now_variance=now_variance,
        averaging_memory=memory,
        averaging_memory_error=memory_error,
        last_innovation=float(innovations[-1]),
        reversion_measured=slope,
        reversion_measured_error=slope_error,
        trailing_log=float(np.mean(logs[-MEAN_MONTHS:])),
        season_cos=season[0],
        season_sin=season[1],
        season_error=season_error,
        oil_filter=list(felt.values())[-1].end if felt is not None else None,
        oil_mean=list(felt.values())[-1].mean if felt is not None else None,
        oil_response_measured=measured[0],
        oil_response_error=measured[1],
        storage_gap_effect=effect,
        storage_gap_effect_error=effect_error,
        storage_gap=storage.gap(day) if storage is not None and day is not None else None,
        storage_day=day,
        storage_fill=float(storage.fill[-1]) if storage is not None else None,
        storage=fit_storage(storage) if storage is not None and month_ends(storage)[0].size >= LEAST_MONTHS else None,
    )


class Felt(NamedTuple):
    """An exponential filter over a month: its value at the end and its mean."""

    end: float
    mean: float


def _filtered(oil: OilPrices, last: np.datetime64, origin: dt.date) -> dict[np.datetime64, Felt]:
    """The filter of log Brent in every month up to the origin; it must reach ``last``."""
    known = oil.months <= np.datetime64(origin, "M")
    if not known.any() or oil.months[known][-1] < last:
        raise DataError(f"There is no oil price of {last}, the last month of the gas price; add newer oil prices.")
    rate = math.log(2.0) / OIL_HALF_LIFE
    remaining = math.exp(-rate)
    weight = (1.0 - remaining) / rate
    value, table = float(np.log(oil.means[0])), {}
    for month, log_price in zip(oil.months[known], np.log(oil.means[known]).tolist(), strict=True):
        mean = weight * value + (1.0 - weight) * log_price
        value = remaining * value + (1.0 - remaining) * log_price
        table[month] = Felt(value, mean)
    return table


def _oil_response(changes: np.ndarray, moves: np.ndarray) -> tuple[float, float]:
    """Slope of monthly changes on changes of the filter, weighted by the inverse variance of earlier changes."""
    weights = 1.0 / _running_variance(changes)
    power = float(np.sum(weights * moves * moves))
    slope = float(np.sum(weights * moves * changes)) / power
    rest = float(np.sum(weights * (changes - slope * moves) ** 2)) / max(changes.size - 1, 1)
    return slope, math.sqrt(rest / power)


def _running_variance(changes: np.ndarray) -> np.ndarray:
    """Exponentially weighted variance of the changes before each one."""
    variances, variance = [], SEASON_START
    for change in changes.tolist():
        variances.append(variance)
        variance = SEASON_MEMORY * variance + (1.0 - SEASON_MEMORY) * change * change
    return np.array(variances)


def _months_behind(known: GasPrices, origin: dt.date) -> int:
    """Complete months before the origin without a price."""
    if not known.months.size:
        raise DataError(
            f"There is no price of a month completed by {origin}; choose a later origin or a longer series."
        )
    over = np.datetime64(origin + dt.timedelta(days=1), "M") - 1
    behind = int((over - known.months[-1]).astype(int))
    if behind > LATE_MONTHS:
        raise DataError(
            f"The newest price before the origin {origin} is of {known.months[-1]}; "
            "add newer prices or choose an earlier origin."
        )
    return behind


def _storage_known(storage: Storage, origin: dt.date) -> Storage:
    known = storage.until(origin)
    if not known.days.size or (origin - known.days[-1].item()).days > LATE_STORAGE_DAYS:
        raise DataError(
            f"There is no storage value in the {LATE_STORAGE_DAYS} days before the origin {origin}; "
            "choose another origin or leave storage out."
        )
    return known


def _innovations(changes: np.ndarray, memory: float) -> np.ndarray:
    """Innovations e_t = change_t - memory e_{t-1}, with e_0 = 0."""
    values, before = [], 0.0
    for change in changes.tolist():
        before = change - memory * before
        values.append(before)
    return np.array(values)


def _memory(changes: np.ndarray) -> tuple[float, float]:
    """vt at the maximum of the Gaussian likelihood (variance concentrated out) times the prior, with its error."""
    size = changes.size

    def log_likelihood(point: Sequence[float]) -> float:
        # At 1 and beyond the moving average is not invertible and the recursion diverges.
        return (
            -math.inf
            if abs(point[0]) >= 1.0
            else -0.5 * size * math.log(float(np.sum(_innovations(changes, point[0]) ** 2)))
        )

    if not np.any(changes):
        raise DataError("The price never changes; a series of market prices is needed.")
    point, covariance = maximum_with_covariance(log_likelihood, (MEMORY_PRIOR[0],), (MEMORY_PRIOR[1],), "averaging")
    return point[0], math.sqrt(covariance[0, 0])


def _log_squares(innovations: np.ndarray) -> list[float]:
    """zeta_t: log squared innovations with a floor, which limits the weight of months without a price change."""
    squares = innovations**2
    values: list[float] = (np.log(squares + FLOOR * np.mean(squares)) + LOG_CHI_OFFSET).tolist()
    return values


def fit_gas_volatility(innovations: np.ndarray) -> tuple[Volatility, tuple[float, float, float]]:
    """Posterior mode of the log variance model, with standard errors of theta, logit phi and ln eta2.

    The floor on calm months biases eta2 down in long series; with about a hundred months the prior offsets that.
    """
    return fit_log_variance(_log_squares(innovations))


def fit_log_variance(observed: Sequence[float]) -> tuple[Volatility, tuple[float, float, float]]:
    """Posterior mode from zeta_t = s_t + N(0, 3.6), shape (T,), with standard errors as in fit_gas_volatility."""

    def model(point: Sequence[float]) -> Volatility:
        return Volatility(float(point[0]), 1.0 / (1.0 + math.exp(-point[1])), math.exp(point[2]), LOG_CHI_NOISE)

    priors = (LEVEL_PRIOR, PERSISTENCE_PRIOR, NOISE_PRIOR)
    centres, spreads = tuple(prior[0] for prior in priors), tuple(prior[1] for prior in priors)
    point, covariance = maximum_with_covariance(
        lambda at: filter_volatility(observed, model(at)).log_likelihood, centres, spreads, "volatility"
    )
    return model(point), tuple(np.sqrt(np.diag(covariance)).tolist())


def _season(changes: np.ndarray, into: np.ndarray) -> tuple[tuple[float, float], tuple[float, float]]:
    """b1 and b2 of the log change into a calendar month, shrunk to zero, with their standard errors."""
    weights = 1.0 / _running_variance(changes)
    angle = 2.0 * np.pi * (into.astype(int) % 12 + 1) / 12.0
    waves = np.column_stack((np.cos(angle), np.sin(angle)))
    precision = waves.T @ (weights[:, None] * waves) + np.eye(2) / SEASON_SD**2
    covariance = np.linalg.inv(precision)
    slopes = covariance @ (waves.T @ (weights * changes))
    return tuple(slopes.tolist()), tuple(np.sqrt(np.diag(covariance)).tolist())


def _reversion(logs: np.ndarray, start: int) -> tuple[float, float]:
    """Slope of the next change on the distance from the trailing mean (up to 60 months), with its OLS error."""
    ends = range(start, logs.size - 1)
    distance = np.array([float(np.mean(logs[max(0, end - MEAN_MONTHS + 1) : end + 1])) - logs[end] for end in ends])
    slope, error, _ = _line(distance, np.diff(logs[start:]))
    return slope, error


def _gap_effect(changes: np.ndarray, months: np.ndarray, storage: Storage | None) -> tuple[float, float]:
    """beta and its standard deviation: the prior updated by a regression of the next change on the storage gap."""
    mean, sd = GAP_PRIOR
    if storage is None:
        return mean, sd
    ends = [((month + 1).astype("datetime64[D]") - 1).item() for month in months]
    pairs = [
        (gap, change)
        for gap, change in zip((storage.gap(end) for end in ends), changes.tolist(), strict=True)
        if gap is not None
    ]
    if len(pairs) < 3:
        return mean, sd
    gaps, after = np.array(pairs).T
    slope, _, power = _line(gaps, after)
    # The variance is that of all changes, because the few with a gap may be atypical.
    precision = power / float(np.mean(changes**2))
    total = precision + 1.0 / sd**2
    return (precision * slope + mean / sd**2) / total, 1.0 / math.sqrt(total)


def _line(x: np.ndarray, y: np.ndarray) -> tuple[float, float, float]:
    """OLS slope with intercept, its standard error and the sum of squares of centred x."""
    x, y = x - np.mean(x), y - np.mean(y)
    power = float(np.sum(x * x))
    slope = float(np.sum(x * y)) / power
    rest = float(np.sum((y - slope * x) ** 2)) / max(x.size - 2, 1)
    return slope, math.sqrt(rest / power), power
