"""Losses: estimate from daily claims at one origin, its scenario file and its score on past months.

The model of the monthly rate has a slow level, a deviation of the last days that fades, and monthly noise.
Only days and complete months before the origin are used. Rates are logarithms of claims a day, independent of the
length of a month. The first months of the war are left out because their volatility is not typical of later ones.
"""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from detente_kernels.attrition.losses import LEVEL_SHARE, NOISE_SHARE, RECENT_HALF_LIFE

from detente.calibrate.counts import fano, lag_one
from detente.calibrate.files import Change, lognormal, name_and_digest, naming, normal, tables
from detente.calibrate.losses_data import Claims, read_claims
from detente.shared.errors import DataError

__all__ = ["LossesEstimate", "Score", "calibrate", "changes", "estimate", "overlay", "read_claims", "score"]

SINCE = np.datetime64("2022-04", "M")
"""First month used; the withdrawal from Kyiv ended on 7 April 2022."""
LEAST_MONTHS = 8
RECENT_WEIGHT, RECENT_DAYS = 0.8, 5.0
"""Weight of the exponentially weighted claims of the last days in the level of the first month, and the half-life of
their weights in days. Chosen on targets to mid-2025."""
LEVEL_HALF_LIFE, MEAN_MONTHS = 240.0, 12
"""Months. Reversion of the level to its one-year mean, negligible for a forecast: it bounds the level after many years.
Not estimated."""
NOISE_PRIOR, PRIOR_WEIGHT, MEMORY = 0.14, 4.0, 0.9
"""Prior standard deviation of a monthly log change, its weight in months, and the decay of weights by month."""
DISPERSION_MONTHS = 24
TAIL = 6.0
"""Degrees of freedom of the Student t forecast, for the unknown variance."""


@dataclass(frozen=True)
class LossesEstimate:
    """Estimate of the losses model at one origin."""

    origin: dt.date
    """Last day of data used."""
    first_month: dt.date
    """First day of the first month used."""
    last_month: dt.date
    """First day of the last complete month."""
    months: int
    """Complete months used."""
    days: int
    """Days of claims up to the origin."""
    level_now: float
    """Log claim a day, mean of the last complete month."""
    recent_deviation: float
    """Deviation of the last days in the first month, log; its half-life is one month."""
    long_run_level: float
    """Log claim a day, mean of the last year."""
    level_noise: float
    """Standard deviation of a month's log change."""
    daily_dispersion: float
    """Negative binomial dispersion within a month: variance = mean + dispersion mean^2."""
    daily_correlation: float
    """Lag-1 correlation of days within a month."""
    fano_year: float
    """Variance over mean of the last 365 days, slow level included."""
    lag_one_year: float
    """Lag-1 correlation of the last 365 days."""

    def median(self, month: int) -> float:
        """Median log claim a day in a month, counted from 1 after the last complete month."""
        remaining = 0.5 ** (month / LEVEL_HALF_LIFE)
        level = self.long_run_level + (self.level_now - self.long_run_level) * remaining
        return float(level + self.recent_deviation * 0.5 ** ((month - 1) / RECENT_HALF_LIFE))

    def spread(self, month: int) -> float:
        """Standard deviation of the log claim a day in a month, from level, origin and monthly noise."""
        twice = 2.0 * math.log(2.0) / LEVEL_HALF_LIFE
        slow = LEVEL_SHARE * (1.0 - math.exp(-twice * (month - 0.5))) / twice
        return self.level_noise * math.sqrt(slow + 2.0 * NOISE_SHARE)


@dataclass(frozen=True)
class Score:
    """Score of forecasts at one horizon.

    ``months``: number of forecasts; ``rmse``: log RMSE; ``no_change``: that of no change; ``coverage``: share in the
    90% range.
    """

    horizon: int
    months: int
    rmse: float
    no_change: float
    coverage: float


def estimate(claims: Claims, origin: dt.date) -> LossesEstimate:
    """Fit the losses model to the claims up to ``origin``.

    Parameters
    ----------
    claims : persons claimed a day.
    origin : last day of data used.

    Raises
    ------
    DataError : there are too few complete months.
    """
    known = claims.until(origin)
    months, rates = known.rates() if known.days.size else (np.array([], "datetime64[M]"), np.array([]))
    used = (months >= SINCE) & (rates > 0.0)
    months, logs = months[used], np.log(rates[used])
    if months.size < LEAST_MONTHS:
        raise DataError(
            f"There are {months.size} complete months of claims from {SINCE} to the origin {origin}; "
            f"the estimate needs {LEAST_MONTHS}."
        )
    level = float(logs[-1])
    recent = RECENT_WEIGHT * (math.log(max(known.weighted(RECENT_DAYS), 1.0)) - level)
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
        level_noise=_noise(np.diff(logs)),
        daily_dispersion=dispersion,
        daily_correlation=correlation,
        fano_year=fano(known.counts[-365:]),
        lag_one_year=lag_one(known.counts[-365:]),
    )


def score(claims: Claims, first: dt.date, last: dt.date, horizons: Sequence[int] = (1, 3, 6)) -> list[Score]:
    """Score expanding-window forecasts of past months.

    Parameters
    ----------
    claims : persons claimed a day.
    first, last : first and last month forecast.
    horizons : months ahead.

    Returns
    -------
    One score a horizon; each forecast uses data up to its origin only.
    """
    from scipy.stats import t as student

    months, rates = claims.rates()
    reach = float(student.ppf(0.95, TAIL)) * math.sqrt((TAIL - 2.0) / TAIL)
    scores = []
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
        scores.append(Score(horizon, len(errors), rmse, no_change, float(np.mean(inside))))
    return scores


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
    # Around a mean of n days the correlation is biased down by about 1/n.
    return max(above / squares, 0.0), min(max(products / max(powers, 1e-12) + 1.0 / 30.0, 0.0), 0.95)


def calibrate(data: Path, origin: dt.date | None = None, corrections: Path | None = None) -> tuple[LossesEstimate, str]:
    """Estimate the losses model from a file of cumulative daily claims.

    Parameters
    ----------
    data : CSV or JSON file with date and personnel.
    corrections : file of the same form with the persons of earlier days that a day's claim includes; optional.
    origin : last day of data used; by default the last day of the file.

    Returns
    -------
    The estimate and the text of its parameter overlay (TOML).

    Raises
    ------
    DataError : the file cannot be read or does not support the estimate.
    """
    claims = read_claims(data, corrections)
    with naming(data):
        fitted = estimate(claims, origin or claims.days[-1].item())
        if fitted.daily_dispersion <= 0.0:
            raise DataError(
                f"The daily claims of the months to {fitted.last_month:%Y-%m} vary less than independent events would; "
                "totals seem to be interpolated, and daily ones are needed."
            )
    return fitted, overlay(fitted, data, corrections)


def overlay(fitted: LossesEstimate, data: Path, corrections: Path | None = None) -> str:
    """Scenario file (TOML) with the parameters of an estimate.

    Parameters
    ----------
    fitted : the estimate.
    data : the data file; its name and SHA-256 stand at the top and in each source.
    corrections : the file of corrections, if used; named likewise.
    """
    name, digest = name_and_digest(data)
    months = f"{fitted.first_month:%Y-%m} to {fitted.last_month:%Y-%m}"
    used = f"{fitted.days} days of claims to {fitted.origin}, complete months {months}"
    head = [
        "# Written by: detente calibrate losses",
        f"# data: {name}",
        f"# sha256: {digest}",
        f"# origin: {fitted.origin}",
        f"# rows: {used}",
        f"# last 365 days: variance over mean {fitted.fano_year:.0f}, lag-1 correlation {fitted.lag_one_year:.2f}",
        "# The series is a claim by one party to the war, not a count.",
        "schema_version = 1",
        f'title = "Losses as estimated on {fitted.origin}"',
    ]
    if corrections is not None:
        corrected, corrected_digest = name_and_digest(corrections)
        head[3:3] = [f"# corrections: {corrected}", f"# corrections sha256: {corrected_digest}"]
        used += f", corrected by {corrected}"
    source = (
        f"Estimated by detente calibrate losses at origin {fitted.origin} from {name} (sha256 {digest[:16]}), {used}."
    )
    return "\n".join(head + tables(changes(fitted), source, fitted.origin)) + "\n"


def changes(fitted: LossesEstimate) -> list[Change]:
    """Parameters and facts of a run that an estimate changes."""
    origin_error = math.sqrt(NOISE_SHARE) * fitted.level_noise
    return [
        Change("parameters.attrition.level_noise", fitted.level_noise, "1"),
        Change(
            "parameters.attrition.long_run_level",
            fitted.long_run_level,
            "log persons/day",
            normal(fitted.long_run_level, 0.15),
        ),
        Change(
            "parameters.attrition.daily_dispersion",
            fitted.daily_dispersion,
            "1",
            lognormal(fitted.daily_dispersion, 0.25),
        ),
        Change("parameters.attrition.daily_correlation", fitted.daily_correlation, "1"),
        Change(
            "facts.attrition.level_now", fitted.level_now, "log persons/day", normal(fitted.level_now, origin_error)
        ),
        Change("facts.attrition.recent_deviation", fitted.recent_deviation, "1"),
    ]
