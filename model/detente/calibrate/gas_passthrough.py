"""Retail prices of gas and power against the wholesale price of gas: how much of it arrives, and how late.

A half-year's retail price is fitted as

    P_t = c + share * mean over the half-year of an exponentially weighted wholesale price + u_t

The weights fall by half in ``half_life`` months. The rest u_t moves slowly, so that standard errors are those of Newey
and West with two lags.
"""

import datetime as dt
import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from detente.calibrate.files import as_number, read_table
from detente.calibrate.gas_data import GasPrices
from detente.shared.errors import DataError
from detente.shared.messages import file_name, quoted

WANTED = 'name a Eurostat CSV file with one row a tax level and columns such as "2024 June" and "2024 December"'
HALF_LIVES = np.exp(np.linspace(math.log(0.5), math.log(24.0), 233))
"""Candidates, months: from faster than the data can tell to slower than they can."""
WARM_UP = 36
"""Months of wholesale prices needed before the first half-year."""
LAGS = 2
LEAST_HALVES = 10
KWH_A_MWH = 1000.0


@dataclass(frozen=True)
class PassThrough:
    """Retail against wholesale prices of one buyer, prices in EUR/MWh; *_error are standard errors."""

    halves: int
    first: str
    last: str
    share: float
    """EUR of retail price per EUR of wholesale price, in the end."""
    share_error: float
    """At the best half-life."""
    half_life: float
    """Months."""
    half_life_range: tuple[float, float]
    """Half-lives whose fit is not worse at 5% (likelihood ratio, errors taken as independent: too narrow rather than
    too wide)."""
    constant: float
    """Everything but gas: networks, margins, levies left in; EUR/MWh."""
    constant_error: float
    residual_sd: float
    """EUR/MWh."""
    residual_correlation: float
    """Of one half-year's residual with that of the next."""
    fitted_last: float
    """Fit for the last half-year, EUR/MWh."""

    def price(self, wholesale: GasPrices) -> float:
        """Expected retail price of the six months that end with ``wholesale``, EUR/MWh."""
        return self.constant + self.share * float(np.mean(_smoothed(wholesale.values, self.half_life)[-6:]))


def read_half_years(path: Path, row: str = "Excluding taxes and levies") -> tuple[list[np.datetime64], np.ndarray]:
    """Last months of the half-years and prices in EUR/MWh of one row of a Eurostat table in EUR/kWh; empty cells are
    left out."""
    header, rows = read_table(path, WANTED)
    shown = file_name(Path(path).as_posix())
    chosen = [found for found in rows if found[1] and found[1][0] == row]
    if not chosen:
        raise DataError(f"{shown}: no row is called {quoted(row)}; {WANTED}.")
    where, cells = chosen[0]
    halves: list[np.datetime64] = []
    prices: list[float] = []
    for title, cell in zip(header[1:], cells[1:], strict=False):
        match = re.fullmatch(r"(\d{4}) (June|December)", title)
        if match is None:
            raise DataError(f"{shown}, line 1: the column {quoted(title)} is no half-year; {WANTED}.")
        if cell:
            halves.append(np.datetime64(dt.date(int(match[1]), 6 if match[2] == "June" else 12, 1), "M"))
            prices.append(KWH_A_MWH * as_number(cell, where, "price"))
    return halves, np.array(prices)


def fit_pass_through(
    halves: list[np.datetime64], retail: np.ndarray, wholesale: GasPrices, since: np.datetime64 | None = None
) -> PassThrough:
    """Fit to the half-years that the wholesale series covers, from ``since`` on; ``retail`` (n,) in EUR/MWh,
    ``wholesale`` in EUR/MWh."""
    if wholesale.unit != "EUR/MWh":
        raise DataError(
            f"The pass-through needs wholesale prices in EUR/MWh, not in {wholesale.unit}; name a file that has them."
        )
    first = max(wholesale.months[0] + WARM_UP, since if since is not None else wholesale.months[0])
    kept = [place for place, half in enumerate(halves) if first + 5 <= half <= wholesale.months[-1]]
    if len(kept) < LEAST_HALVES:
        raise DataError(
            f"There are {len(kept)} half-years with both prices; the pass-through needs at least {LEAST_HALVES}."
        )
    ends = [int((halves[place] - wholesale.months[0]).astype(int)) for place in kept]
    prices = np.asarray(retail)[kept]
    rests = []
    for half_life in HALF_LIVES:
        regressors = _regressors(wholesale.values, ends, half_life)
        slopes = np.linalg.lstsq(regressors, prices, rcond=None)[0]
        rests.append(float(np.sum((prices - regressors @ slopes) ** 2)))
    best = int(np.argmin(rests))
    near = HALF_LIVES[len(kept) * np.log(np.array(rests) / rests[best]) < 3.84]
    regressors = _regressors(wholesale.values, ends, float(HALF_LIVES[best]))
    slopes = np.linalg.lstsq(regressors, prices, rcond=None)[0]
    rest = prices - regressors @ slopes
    errors = np.sqrt(np.diag(_newey_west(regressors, rest)))
    return PassThrough(
        halves=len(kept),
        first=str(halves[kept[0]]),
        last=str(halves[kept[-1]]),
        share=float(slopes[1]),
        share_error=float(errors[1]),
        half_life=float(HALF_LIVES[best]),
        half_life_range=(float(near[0]), float(near[-1])),
        constant=float(slopes[0]),
        constant_error=float(errors[0]),
        residual_sd=math.sqrt(rests[best] / (len(kept) - 3)),
        residual_correlation=float(np.sum(rest[1:] * rest[:-1]) / np.sum(rest * rest)),
        fitted_last=float(regressors[-1] @ slopes),
    )


def _smoothed(values: np.ndarray, half_life: float) -> np.ndarray:
    """Exponentially weighted mean of this month and all before, started at the first value."""
    keep = 0.5 ** (1.0 / half_life)
    smooth, state = [], float(values[0])
    for value in values.tolist():
        state = keep * state + (1.0 - keep) * value
        smooth.append(state)
    return np.array(smooth)


def _regressors(values: np.ndarray, ends: list[int], half_life: float) -> np.ndarray:
    smooth = _smoothed(values, half_life)
    return np.column_stack((np.ones(len(ends)), [float(np.mean(smooth[end - 5 : end + 1])) for end in ends]))


def _newey_west(regressors: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """Covariance of least-squares slopes under errors that are correlated over LAGS half-years, shape (2, 2)."""
    scores = regressors * rest[:, None]
    middle = scores.T @ scores
    for lag in range(1, LAGS + 1):
        shifted = scores[lag:].T @ scores[:-lag]
        middle += (1.0 - lag / (LAGS + 1)) * (shifted + shifted.T)
    inverse = np.linalg.inv(regressors.T @ regressors)
    size, count = regressors.shape
    return inverse @ middle @ inverse * size / (size - count)
