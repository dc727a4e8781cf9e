"""Brent: estimate of the price model from daily prices (stochastic volatility, two factors, time averaging).

A month has 21 trading days. Only prices up to the origin are used. Parameters are fitted to complete calendar months;
days of an incomplete month update the states (volatility, transient part) only.
"""

import datetime as dt
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from detente_kernels.tools.units import DAYS_PER_MONTH

from detente.calibrate.files import Change, lognormal, name_and_digest, naming, normal, tables
from detente.calibrate.kalman import (
    Factors,
    FactorState,
    Volatility,
    VolatilityPath,
    advance_factors,
    advance_volatility,
    filter_factors,
    filter_volatility,
    fit_factors,
    fit_volatility,
    update_factors,
    update_volatility,
)
from detente.calibrate.oil_data import DAYS_A_MONTH, Months, monthly, read_prices

__all__ = ["OilEstimate", "calibrate", "changes", "estimate", "estimate_months", "overlay", "read_prices"]

BURN_IN = 12
"""Months of the volatility filter left out of the scale of monthly returns."""
SHRINKAGE_MONTHS = 60
AVERAGING_WEIGHT = (DAYS_A_MONTH + 1) / (2 * DAYS_A_MONTH)
AVERAGING_NOISE = 1.0 / 12.0
"""Weight and noise of time averaging for independent daily returns (Working 1960)."""
MOMENTUM_SD = 0.08
LEVEL_SD = 0.25
"""Standard deviation of the long-run log variance in simulations."""
TRANSIENT_SHARE_WEIGHT = 0.75
"""Weight of the transient factor's share of the variance in simulations, chosen by comparing forecasts."""
TRANSIENT_WEIGHT = 0.5
"""Weight of the transient factor's filtered mean at the start, chosen by comparing forecasts."""
CEILING, CEILING_DATE, CEILING_DRIFT = 168.0, dt.date(2026, 8, 31), 0.002
"""Record 12-month mean of Brent (2011-12; 165 in 1979-80), USD/bbl in money of the date, and inflation per month."""
CEILING_LOG_SD = 0.1


@dataclass(frozen=True)
class OilEstimate:
    """Estimate of the Brent model at one origin. Natural logarithms; monthly variances are over 21 trading days."""

    origin: dt.date
    """Last day of data used."""
    first_date: dt.date
    """First price used."""
    last_date: dt.date
    """Last price used."""
    rows: int
    """Daily prices used."""
    months: int
    """Complete calendar months used, without the first of the series."""
    running_days: int
    """Daily returns of an incomplete month at the origin; 0 at a month's end."""
    last_price: float
    """Last price on or before the origin, USD/bbl."""
    last_return: float
    """R_T: log change over the last month, or over the last 21 trading days in an incomplete month."""
    volatility_level: float
    """theta: long-run mean of the log monthly variance."""
    volatility_persistence: float
    """phi: monthly autocorrelation of the log variance, 0 to 1."""
    volatility_noise: float
    """eta2: variance of the monthly innovation of the log variance."""
    volatility_measurement: float
    """su2: variance of the log realised variance around the log variance."""
    volatility_now: float
    """m: expected log monthly variance in the first month after the origin."""
    volatility_now_variance: float
    """P: variance of that expectation."""
    volatility_scale: float
    """c2: variance of a monthly return over exp(log variance), ratio."""
    reversion: float
    """kappa: decay rate of the transient part of the log price, 1/month."""
    transient_variance: float
    """a: variance rate of the transient part, 1/month."""
    persistent_variance: float
    """b: variance of the persistent part, 1/month."""
    transient_log: float
    """chi_T: transient part of the log price at the origin (full weight)."""
    transient_log_variance: float
    """Variance of chi_T given the prices."""
    persistent_log: float
    """xi_T: persistent part of the log price (USD/bbl) at the origin."""
    averaging_weight: float
    """w: share of a monthly return reflected in its mean price, ratio."""
    averaging_noise: float
    """b2: residual variance of the mean price over the variance of the monthly return, ratio."""
    momentum: float
    """mom: slope of the next log change of the mean price on the monthly return, ratio."""

    @property
    def transient_share(self) -> float:
        """omega = a / (a + b), 0 to 1 (full weight)."""
        return self.transient_variance / (self.transient_variance + self.persistent_variance)

    @property
    def price_ceiling(self) -> float:
        """Record 12-month mean price in money of the origin, USD/bbl."""
        return CEILING * math.exp(-CEILING_DRIFT * (CEILING_DATE - self.origin).days / DAYS_PER_MONTH)

    @property
    def annual_volatility_now(self) -> float:
        """Annualised standard deviation of log returns in the first month, ratio."""
        return math.sqrt(12.0 * self.volatility_scale) * math.exp(
            (self.volatility_now + self.volatility_now_variance / 2.0) / 2.0
        )

    @property
    def annual_volatility_long_run(self) -> float:
        """Annualised standard deviation of log returns under the stationary log variance, ratio."""
        stationary = self.volatility_noise / (1.0 - self.volatility_persistence**2)
        return math.sqrt(12.0 * self.volatility_scale) * math.exp((self.volatility_level + stationary / 2.0) / 2.0)


def estimate(dates: np.ndarray, prices: np.ndarray, origin: dt.date) -> OilEstimate:
    """Fit the Brent model to daily prices.

    Parameters
    ----------
    dates : (n,) datetime64[D], rising.
    prices : (n,), USD/bbl.
    origin : last day of data used.

    Raises
    ------
    DataError : the prices up to the origin are too few, too old, not daily, or cannot be fitted.

    References
    ----------
    Schwartz and Smith (2000), Short-term variations and long-term dynamics in commodity prices, Management Science
    46(7), 893-911.
    Working (1960), Note on the correlation of first differences of averages in a random chain, Econometrica 28(4).
    """
    return estimate_months(monthly(dates, prices, origin), origin)


def estimate_months(months: Months, origin: dt.date) -> OilEstimate:
    """Fit the Brent model to a monthly series derived from daily prices up to ``origin``, as ``estimate`` does.

    Raises
    ------
    DataError : the series cannot be fitted.
    """
    volatility = fit_volatility(months.log_variance)
    path = filter_volatility(months.log_variance.tolist(), volatility)
    now, now_variance = _volatility_now(volatility, path, months)
    factors = fit_factors(months.last_log_price, months.first_log_price)
    state = _factors_now(factors, months)
    weight, noise = _averaging(months, path)
    return OilEstimate(
        origin=origin,
        first_date=months.first_date,
        last_date=months.last_date,
        rows=months.rows,
        months=int(months.returns.size),
        running_days=months.running_days,
        last_price=months.last_price,
        last_return=months.recent_return,
        volatility_level=volatility.level,
        volatility_persistence=volatility.persistence,
        volatility_noise=volatility.innovation,
        volatility_measurement=volatility.noise,
        volatility_now=now,
        volatility_now_variance=now_variance,
        volatility_scale=_scale(months, path),
        reversion=factors.reversion,
        transient_variance=factors.transient,
        persistent_variance=factors.persistent,
        transient_log=state.chi,
        transient_log_variance=state.chi_variance,
        persistent_log=state.xi,
        averaging_weight=weight,
        averaging_noise=noise,
        momentum=_momentum(months, path),
    )


def _volatility_now(model: Volatility, path: VolatilityPath, months: Months) -> tuple[float, float]:
    """Mean and variance of the log variance in the month after the origin."""
    share = months.running_days / DAYS_A_MONTH
    if math.isnan(months.running_log_variance):
        return advance_volatility(model, path.last_mean, path.last_variance, 1.0 + share)
    # From the middle of one window to the middle of the next: one month if share is 1.
    half = (1.0 + share) / 2.0
    mean, variance = advance_volatility(model, path.last_mean, path.last_variance, half)
    mean, variance = update_volatility(mean, variance, months.running_log_variance, model.noise / share)
    return advance_volatility(model, mean, variance, half)


def _factors_now(model: Factors, months: Months) -> FactorState:
    """Both factors at the origin."""
    state, _ = filter_factors(months.last_log_price.tolist(), months.first_log_price, model)
    if months.running_days:
        state, _ = update_factors(
            advance_factors(state, model, months.running_days / DAYS_A_MONTH), math.log(months.last_price)
        )
    return state


def _scale(months: Months, path: VolatilityPath) -> float:
    """c2: mean squared monthly return over its predicted variance, without the first year of the filter."""
    squares = months.returns**2 * np.exp(-path.mean - path.variance / 2.0)
    return float(np.mean(squares[BURN_IN:]))


def _averaging(months: Months, path: VolatilityPath) -> tuple[float, float]:
    """w and b2: regression of D_t on R_t with weights 1 / predicted variance, shrunk to independent daily returns."""
    weights, count = np.exp(-path.mean), months.returns.size
    power = float(np.sum(weights * months.returns**2))
    slope = float(np.sum(weights * months.returns * months.average_log_change)) / power
    rest = float(np.sum(weights * (months.average_log_change - slope * months.returns) ** 2)) / power
    total = SHRINKAGE_MONTHS + count
    weight = (SHRINKAGE_MONTHS * AVERAGING_WEIGHT + count * slope) / total
    return weight, (SHRINKAGE_MONTHS * AVERAGING_NOISE + count * rest) / total


def _momentum(months: Months, path: VolatilityPath) -> float:
    """mom: regression of D_{t+1} on R_t with weights 1 / predicted variance of month t+1, prior N(0, 0.08^2)."""
    weights, before, after = np.exp(-path.mean[1:]), months.returns[:-1], months.average_log_change[1:]
    power = float(np.sum(weights * before**2))
    slope = float(np.sum(weights * before * after)) / power
    rest = float(np.sum(weights * (after - slope * before) ** 2)) / (before.size - 1)
    return slope * MOMENTUM_SD**2 / (MOMENTUM_SD**2 + rest / power)


def calibrate(data: Path, origin: dt.date | None = None) -> tuple[OilEstimate, str]:
    """Estimate the Brent model from a price file.

    Parameters
    ----------
    data : CSV file of daily prices, USD/bbl, with the columns Date and Price.
    origin : last day of data used; by default the last date of the file.

    Returns
    -------
    The estimate and the text of its parameter overlay (TOML).

    Raises
    ------
    DataError : the file cannot be read or does not support the estimate.
    """
    dates, prices = read_prices(data)
    with naming(data):
        fitted = estimate(dates, prices, origin if origin is not None else dates[-1].item())
    return fitted, overlay(fitted, data)


def overlay(fitted: OilEstimate, path: Path) -> str:
    """Scenario file (TOML) with the parameters of an estimate.

    The file runs as it is, another scenario may extend it, and its parameter tables fit into a facts file.

    Parameters
    ----------
    fitted : the estimate.
    path : the price file; its name and SHA-256 stand at the top and in each source.
    """
    name, digest = name_and_digest(path)
    used = f"{fitted.rows} daily prices, {fitted.first_date} to {fitted.last_date}, {fitted.months} complete months"
    head = [
        "# Written by: detente calibrate oil",
        f"# data: {name}",
        f"# sha256: {digest}",
        f"# origin: {fitted.origin}",
        f"# rows: {used}",
        f"# annual volatility: {fitted.annual_volatility_now:.1%} in the first month, "
        f"{fitted.annual_volatility_long_run:.1%} in the long run",
        "schema_version = 1",
        f'title = "Brent as estimated on {fitted.origin}"',
    ]
    source = f"Estimated by detente calibrate oil at origin {fitted.origin} from {name} (sha256 {digest[:16]}), {used}."
    return "\n".join(head + tables(changes(fitted), source, fitted.last_date)) + "\n"


def changes(fitted: OilEstimate) -> list[Change]:
    """Parameters and facts of a run that an estimate changes."""
    level, now = fitted.volatility_level, fitted.volatility_now
    transient = TRANSIENT_WEIGHT * fitted.transient_log
    return [
        Change("parameters.oil.volatility_level", level, "log variance", normal(level, LEVEL_SD)),
        Change("parameters.oil.volatility_persistence", fitted.volatility_persistence, "1"),
        Change("parameters.oil.volatility_noise", fitted.volatility_noise, "1"),
        Change(
            "parameters.oil.volatility_now", now, "log variance", normal(now, math.sqrt(fitted.volatility_now_variance))
        ),
        Change("parameters.oil.volatility_scale", fitted.volatility_scale, "1"),
        Change("parameters.oil.transient_reversion", fitted.reversion, "1/month"),
        Change("parameters.oil.transient_share", TRANSIENT_SHARE_WEIGHT * fitted.transient_share, "1"),
        Change(
            "parameters.oil.price_ceiling",
            fitted.price_ceiling,
            "USD/bbl",
            lognormal(fitted.price_ceiling, CEILING_LOG_SD),
        ),
        Change("parameters.oil.averaging_weight", fitted.averaging_weight, "1"),
        Change("parameters.oil.averaging_noise", fitted.averaging_noise, "1"),
        Change("parameters.oil.momentum", fitted.momentum, "1"),
        Change("facts.oil.brent", fitted.last_price, "USD/bbl"),
        Change("facts.oil.last_return", fitted.last_return, "1"),
        Change("facts.oil.transient_log", transient, "1", normal(transient, math.sqrt(fitted.transient_log_variance))),
    ]
