"""Losses: the monthly recipe (slow level, fading deviation of the last weeks, season, noise of a month) at one origin,
and its score on past months.

Only whole months and days that were over at the origin are used. All rates are claims a day, natural logarithms, so
that the length of a month does not count as change. The months of the opening are left out: what they say about the
spread is not about the war that followed.
"""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from detente_kernels.attrition.losses import LEVEL_SHARE, NOISE_SHARE, RECENT_HALF_LIFE

from detente.calibrate.counts import fano, lag_one
from detente.calibrate.losses_data import Claims
from detente.shared.errors import DataError

SINCE = np.datetime64("2022-04", "M")
"""First month used: the withdrawal from Kyiv was over on 7 April 2022."""
LEAST_MONTHS = 8
WINDOWS = (10, 21)
"""Days; their log rates and that of the last month count a third each in the level of the first month."""
LEVEL_HALF_LIFE, MEAN_MONTHS = 60.0, 12
"""The level goes back to the mean of a year, slowly: neutral at half a year, but a bound on three years. Not
estimated."""
NOISE_PRIOR, PRIOR_WEIGHT, MEMORY = 0.14, 4.0, 0.9
"""Prior of the standard deviation of a month's log change, its weight in months, and the weight of a month relative
to the next."""
SEASON_SD = 0.02
"""As for gas."""
DISPERSION_MONTHS = 24
TAIL = 6.0
"""Degrees of freedom of the forecast's Student law: the unknown variance."""


@dataclass(frozen=True)
class LossesEstimate:
    """The losses recipe at one origin."""

    origin: dt.date
    """Everything up to and including this day was known."""
    first_month: dt.date
    """First day of the first month used."""
    last_month: dt.date
    """First day of the last whole month."""
    months: int
    """Whole months used."""
    days: int
    """Days of claims up to the origin."""
    level_now: float
    """Log claim a day, mean of the last whole month."""
    recent_deviation: float
    """What the last weeks add to it in the first month, log; it fades with a half-life of a month."""
    long_run_level: float
    """Log claim a day, mean of the last year."""
    level_noise: float
    """Standard deviation of a month's log change, net of the season."""
    season_cos: float
    """b1: the log change into calendar month q holds b1 cos(2 pi q / 12)."""
    season_sin: float
    """b2: … and b2 sin(2 pi q / 12)."""
    daily_dispersion: float
    """Negative binomial dispersion within a month: variance = mean + dispersion mean^2."""
    daily_correlation: float
    """Lag-1 correlation of days within a month."""
    fano_year: float
    """Variance over mean of the last 365 days, slow level included."""
    lag_one_year: float
    """Lag-1 correlation of the last 365 days."""

    def median(self, month: int) -> float:
        """Median log claim a day in a month, counted from 1 after the last whole month."""
        kept = 0.5 ** (month / LEVEL_HALF_LIFE)
        level = self.long_run_level + (self.level_now - self.long_run_level) * kept
        q = self.last_month.month
        season = sum(self._change(q + j) for j in range(1, month + 1))
        return level + season + self.recent_deviation * 0.5 ** ((month - 1) / RECENT_HALF_LIFE)

    def spread(self, month: int) -> float:
        """Standard deviation of the log claim a day in that month: slow level, and noise of the origin and of the
        month itself."""
        twice = 2.0 * math.log(2.0) / LEVEL_HALF_LIFE
        slow = LEVEL_SHARE * (1.0 - math.exp(-twice * (month - 0.5))) / twice
        return self.level_noise * math.sqrt(slow + 2.0 * NOISE_SHARE)

    def _change(self, q: int) -> float:
        angle = 2.0 * math.pi * q / 12.0
        return self.season_cos * math.cos(angle) + self.season_sin * math.sin(angle)


@dataclass(frozen=True)
class Score:
    """Forecasts of one horizon against what was claimed: number of months, log RMSE, that of no change, share inside
    the 90% band."""

    horizon: int
    months: int
    rmse: float
    no_change: float
    coverage: float


def estimate(claims: Claims, origin: dt.date) -> LossesEstimate:
    """Fit the recipe to what was known at the end of ``origin``; DataError when the claims up to it are too few."""
    known = claims.until(origin)
    months, rates = known.rates() if known.days.size else (np.array([], "datetime64[M]"), np.array([]))
    used = (months >= SINCE) & (rates > 0.0)
    months, logs = months[used], np.log(rates[used])
    if months.size < LEAST_MONTHS:
        raise DataError(
            f"There are {months.size} whole months of claims (from {SINCE} on) before the origin {origin}; the recipe needs {LEAST_MONTHS}."
        )
    changes, into = np.diff(logs), months[1:].astype(int) % 12 + 1
    season = _season(changes, into)
    level = float(logs[-1])
    recent = sum(math.log(max(known.last_days(window), 1.0)) - level for window in WINDOWS) / (len(WINDOWS) + 1)
    dispersion, correlation = _days(known, months[-DISPERSION_MONTHS:])
    return LossesEstimate(
        origin=origin,
        first_month=months[0].astype("datetime64[D]").item(),
        last_month=months[-1].astype("datetime64[D]").item(),
        months=int(months.size),
        days=int(known.days.size),
        level_now=level,
        recent_deviation=recent,
        long_run_level=float(np.mean(logs[-MEAN_MONTHS:])),
        level_noise=_noise(changes - _waves(into) @ season),
        season_cos=float(season[0]),
        season_sin=float(season[1]),
        daily_dispersion=dispersion,
        daily_correlation=correlation,
        fano_year=fano(known.counts[-365:]),
        lag_one_year=lag_one(known.counts[-365:]),
    )


def score(claims: Claims, first: dt.date, last: dt.date, horizons: Sequence[int] = (1, 3, 6)) -> list[Score]:
    """Expanding-window forecasts of the whole months from ``first`` to ``last``, from each month's end on what was
    known then."""
    from scipy.stats import t as student

    months, rates = claims.rates()
    reach = float(student.ppf(0.95, TAIL)) * math.sqrt((TAIL - 2.0) / TAIL)
    found = []
    for horizon in horizons:
        errors, still, inside = [], [], []
        for month, rate in zip(months, rates, strict=True):
            begin = month - horizon
            if not np.datetime64(first, "M") <= month <= np.datetime64(last, "M") or begin not in months:
                continue
            origin = ((begin + 1).astype("datetime64[D]") - 1).item()
            fitted = estimate(claims, origin)
            errors.append(math.log(rate) - fitted.median(horizon))
            still.append(math.log(rate) - fitted.level_now)
            inside.append(abs(errors[-1]) <= reach * fitted.spread(horizon))
        rmse, no_change = (math.sqrt(float(np.mean(np.square(each)))) for each in (errors, still))
        found.append(Score(horizon, len(errors), rmse, no_change, float(np.mean(inside))))
    return found


def _waves(into: np.ndarray) -> np.ndarray:
    angle = 2.0 * np.pi * into / 12.0
    return np.column_stack([np.cos(angle), np.sin(angle)])


def _season(changes: np.ndarray, into: np.ndarray) -> np.ndarray:
    """Ridge regression of monthly changes on one harmonic of the year, each weighted by the inverse of the variance
    of the changes before it."""
    variance, weights = NOISE_PRIOR**2, []
    for change in changes:
        weights.append(1.0 / variance)
        variance = 0.85 * variance + 0.15 * change**2
    x, w = _waves(into), np.array(weights)
    return np.linalg.solve((x.T * w) @ x + np.eye(2) / SEASON_SD**2, (x.T * w) @ changes)


def _noise(changes: np.ndarray) -> float:
    """Exponentially weighted standard deviation of the monthly changes, with a prior."""
    total, weight = NOISE_PRIOR**2 * PRIOR_WEIGHT, PRIOR_WEIGHT
    for change in changes:
        total, weight = MEMORY * total + change**2, MEMORY * weight + 1.0
    return math.sqrt(total / weight)


def _days(known: Claims, months: np.ndarray) -> tuple[float, float]:
    """Negative binomial dispersion and lag-1 correlation of days around their month's mean, pooled over months."""
    of = known.days.astype("datetime64[M]")
    above, squares, products, powers = 0.0, 0.0, 0.0, 0.0
    for month in months:
        days = known.counts[of == month]
        rest = days - days.mean()
        above += float(days.var(ddof=1) - days.mean())
        squares += float(days.mean() ** 2)
        products += float(np.sum(rest[1:] * rest[:-1]))
        powers += float(np.sum(rest**2))
    # Around a mean of n days every correlation is seen about 1/n too low.
    return max(above / squares, 0.0), min(max(products / max(powers, 1e-12) + 1.0 / 30.0, 0.0), 0.95)
