"""Gas storage: seasonal path, speed of return to it, and size and memory of disturbances.

The fill F (percent) at the end of month t is path(q) + g. The path is a mean and two harmonics of the calendar month q.
The gap follows

    g_{t+1} = exp(-reversion) g_t - 100 / capacity * response(q) * w
    response(q) = (a + b) / 2 + (a - b) / 2 * cos(2 pi (q - 1) / 12)

where w is the monthly mean of an Ornstein-Uhlenbeck process, scaled to variance 1 (positive: cold, higher withdrawal),
and a and b (TWh/month) are its weights in mid-January and mid-July. w covers weather, supply and prices.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from detente.calibrate.gas_data import Storage
from detente.calibrate.kalman import LOG_2_PI, maximum_with_covariance
from detente.shared.errors import DataError

LEAST_MONTHS = 30
"""Two winters, two summers and the months between."""
START_GAP_VARIANCE = 15.0**2
"""Prior variance of the gap before the first month, percentage points squared."""
PRIORS = {
    "reversion": (math.log(0.10), 0.5),
    "winter": (math.log(35.0), 0.5),
    "summer": (math.log(15.0), 0.5),
    "rate": (math.log(1.0), 0.7),
}
"""Mean and standard deviation of the logarithms: 1/month, TWh/month, TWh/month, 1/month."""


@dataclass(frozen=True)
class StorageEstimate:
    """Storage path and disturbance; errors are standard errors, those named log_* of the logarithm."""

    months: int
    """Ends of month used."""
    path: tuple[float, float, float, float, float]
    """Mean, cos(2 pi q/12), sin(2 pi q/12), cos(4 pi q/12), sin(4 pi q/12) of the fill at the end of calendar month
    q, percent."""
    path_error: tuple[float, float, float, float, float]
    reversion: float
    """Rate of return to the path, 1/month."""
    log_reversion_error: float
    weather_winter: float
    """Standard deviation of withdrawal in mid-January, TWh/month."""
    log_winter_error: float
    weather_summer: float
    """Standard deviation in mid-July, TWh/month."""
    log_summer_error: float
    weather_rate: float
    """Decay rate of the disturbance, 1/month."""
    log_rate_error: float
    capacity: float
    """Working gas volume on the last day, TWh."""
    largest_injection: float
    """99th percentile of daily injection, TWh/day."""
    largest_withdrawal: float
    """99th percentile of daily withdrawal, TWh/day."""

    @property
    def month_correlation(self) -> float:
        """Lag-1 correlation of the monthly disturbance."""
        rate = self.weather_rate
        return (1.0 - math.exp(-rate)) ** 2 / (2.0 * (rate - 1.0 + math.exp(-rate)))

    def path_at(self, month: float) -> float:
        """Seasonal fill at the end of calendar month 1 to 12, percent; fractions are within the next month."""
        return float(waves(np.array([month]))[0] @ np.array(self.path))


class Disturbance(NamedTuple):
    """Nonlinear parameters, as in StorageEstimate."""

    reversion: float
    winter: float
    summer: float
    rate: float


def waves(months: np.ndarray) -> np.ndarray:
    """Constant and two harmonics at the end of calendar months, shape (n, 5)."""
    angle = 2.0 * np.pi * np.asarray(months, dtype=np.float64) / 12.0
    return np.column_stack((np.ones(angle.size), np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle)))


def response(model: Disturbance, months: np.ndarray) -> np.ndarray:
    """Withdrawal per standard deviation of the disturbance by calendar month, TWh/month."""
    middle, swing = (model.winter + model.summer) / 2.0, (model.winter - model.summer) / 2.0
    return middle + swing * np.cos(2.0 * np.pi * (np.asarray(months) - 1.0) / 12.0)


def month_ends(storage: Storage) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Calendar month 1-12, fill (percent) and capacity (TWh) at each end of month."""
    following = storage.days + 1
    ends = following.astype("datetime64[M]") != storage.days.astype("datetime64[M]")
    return storage.days[ends].astype("datetime64[M]").astype(int) % 12 + 1, storage.fill[ends], storage.capacity[ends]


def fit_storage(storage: Storage) -> StorageEstimate:
    """Fit the path and the disturbance to month-end storage.

    Parameters
    ----------
    storage : daily storage, TWh and percent.

    Raises
    ------
    DataError : there are too few ends of month, or the fill never changes.
    """
    months, fill, capacity = month_ends(storage)
    if fill.size < LEAST_MONTHS:
        raise DataError(
            f"The storage data hold {fill.size} ends of month before the origin; the model needs {LEAST_MONTHS}."
        )
    if np.ptp(fill) < 1.0:
        raise DataError(f"Storage is {fill[0]:g}% full at every end of month; check the column fill_pct.")
    columns = np.column_stack((fill, waves(months)))
    shares = 100.0 / capacity

    def model(point: Sequence[float]) -> Disturbance:
        return Disturbance(*(math.exp(coordinate) for coordinate in point))

    def log_likelihood(point: Sequence[float]) -> float:
        at = model(point)
        errors, variances = _innovations(at, columns, shares * response(at, months))
        _, _, rest = _path(errors)
        return -0.5 * (rest + float(np.sum(np.log(variances))) + LOG_2_PI * variances.size)

    centres, spreads = zip(*PRIORS.values(), strict=True)
    point, covariance = maximum_with_covariance(log_likelihood, centres, spreads, "storage")
    best = model(point)
    path, path_covariance, _ = _path(_innovations(best, columns, shares * response(best, months))[0])
    log_errors = np.sqrt(np.diag(covariance)).tolist()
    return StorageEstimate(
        months=int(fill.size),
        path=tuple(path.tolist()),
        path_error=tuple(np.sqrt(np.diag(path_covariance)).tolist()),
        reversion=best.reversion,
        log_reversion_error=log_errors[0],
        weather_winter=best.winter,
        log_winter_error=log_errors[1],
        weather_summer=best.summer,
        log_summer_error=log_errors[2],
        weather_rate=best.rate,
        log_rate_error=log_errors[3],
        capacity=float(storage.capacity[-1]),
        largest_injection=float(np.quantile(storage.injection, 0.99)) / 1000.0,
        largest_withdrawal=float(np.quantile(storage.withdrawal, 0.99)) / 1000.0,
    )


def _innovations(model: Disturbance, columns: np.ndarray, effect: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Kalman filter of each column as the gap: standardised one-step errors, (n, 6), and variances, (n,).

    The gains do not depend on the data. The errors of fill less path are therefore a linear combination of the columns.
    """
    rate = model.rate
    decay = math.exp(-rate)
    steady = rate * rate / (2.0 * (rate - 1.0 + decay))
    to_mean = (1.0 - decay) / rate
    mean_variance = steady / rate**2 * (2.0 * rate - 3.0 + 4.0 * decay - decay * decay)
    shared, end_variance = steady / rate * (1.0 - decay) ** 2, steady * (1.0 - decay * decay)
    decay_gap = math.exp(-model.reversion)
    size = columns.shape[1]
    gap, weather = np.zeros(size), np.zeros(size)
    gap_variance, covariance, weather_variance = START_GAP_VARIANCE, 0.0, steady
    errors, variances = np.empty(columns.shape), np.empty(columns.shape[0])
    for row, column in enumerate(columns):
        if row:
            pull = -float(effect[row])
            gap, weather = decay_gap * gap + pull * to_mean * weather, decay * weather
            both = pull * to_mean
            gap_variance, covariance, weather_variance = (
                decay_gap * decay_gap * gap_variance
                + 2.0 * decay_gap * both * covariance
                + both * both * weather_variance
                + pull * pull * mean_variance,
                decay * (decay_gap * covariance + both * weather_variance) + pull * shared,
                decay * decay * weather_variance + end_variance,
            )
        error = column - gap
        errors[row], variances[row] = error / math.sqrt(gap_variance), gap_variance
        # The fill is observed without error, so the gap is known after each observation.
        gain = covariance / gap_variance
        gap, weather = gap + error, weather + gain * error
        gap_variance, covariance, weather_variance = 0.0, 0.0, weather_variance - gain * covariance
    return errors, variances


def _path(errors: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Generalised least squares: path (5,), its covariance and the remaining sum of squares."""
    fill, regressors = errors[:, 0], errors[:, 1:]
    covariance = np.linalg.inv(regressors.T @ regressors)
    path = covariance @ (regressors.T @ fill)
    return path, covariance, float(np.sum((fill - regressors @ path) ** 2))
