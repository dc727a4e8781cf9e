"""Pass-through of the wholesale gas price to retail prices of gas and power: size and speed.

A half-year's retail price is fitted as

    P_t = c + share * mean over the half-year of an exponentially weighted wholesale price + u_t

The weights halve every ``half_life`` months. The residual u_t is autocorrelated, so standard errors follow Newey and
West (1987) with two lags.
"""

import datetime as dt
import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from detente.calibrate.gas_data import GasPrices
from detente.shared.errors import DataError
from detente.shared.messages import file_name, quoted
from detente.shared.sheet import read_sheet

WANTED = 'name a Eurostat CSV file with one row a tax level and columns such as "2024 June" and "2024 December"'
HALF_LIVES = np.exp(np.linspace(math.log(0.5), math.log(24.0), 233))
"""Candidates, months, beyond the range that the data can distinguish at both ends."""
WARM_UP = 36
"""Months of wholesale prices before the first half-year."""
LAGS = 2
LEAST_HALVES = 10
KWH_A_MWH = 1000.0


@dataclass(frozen=True)
class PassThrough:
    """Pass-through of one type of buyer, prices in EUR/MWh; *_error are standard errors."""

    halves: int
    first: str
    last: str
    share: float
    """Long-run change of the retail price per EUR of wholesale price."""
    share_error: float
    """At the best half-life."""
    half_life: float
    """Months."""
    half_life_range: tuple[float, float]
    """95% likelihood-ratio range. It assumes independent errors and is therefore too narrow."""
    constant: float
    """Costs other than gas (networks, margins, remaining levies), EUR/MWh."""
    constant_error: float
    residual_sd: float
    """EUR/MWh."""
    residual_correlation: float
    """Lag-1 correlation of the residuals."""
    fitted_last: float
    """Fitted value of the last half-year, EUR/MWh."""

    def price(self, wholesale: GasPrices) -> float:
        """Expected retail price of the last six months of ``wholesale``, EUR/MWh."""
        return self.constant + self.share * float(np.mean(_smoothed(wholesale.values, self.half_life)[-6:]))


def read_half_years(path: Path, row: str = "Excluding taxes and levies") -> tuple[list[np.datetime64], np.ndarray]:
    """Read half-yearly retail prices from one row of a Eurostat table.

    Parameters
    ----------
    path : CSV file, EUR/kWh, with columns such as "2024 June".
    row : label of the row.

    Returns
    -------
    Last month of each half-year and prices in EUR/MWh, (n,); empty cells are left out.

    Raises
    ------
    DataError : the row or a column is invalid.
    """
    sheet = read_sheet(path, WANTED)
    shown = file_name(Path(path).as_posix())
    chosen = [each for each in sheet.select(range(len(sheet.header))) if each.cells[0] == row]
    if not chosen:
        sheet.faults.refuse()
        raise DataError(f"{shown}: there is no row {quoted(row)}; {WANTED}.")
    halves: list[np.datetime64] = []
    prices: list[float] = []
    for place, title in enumerate(sheet.header[1:], 1):
        match = re.fullmatch(r"(\d{4}) (June|December)", title)
        if match is None:
            raise DataError(f"{shown}, line 1: the column {quoted(title)} is not a half-year; {WANTED}.")
        price = chosen[0].number(place, "price") if chosen[0].cells[place] else None
        if price is not None:
            halves.append(np.datetime64(dt.date(int(match[1]), 6 if match[2] == "June" else 12, 1), "M"))
            prices.append(KWH_A_MWH * price)
    sheet.faults.refuse()
    return halves, np.array(prices)


def fit_pass_through(
    halves: list[np.datetime64], retail: np.ndarray, wholesale: GasPrices, since: np.datetime64 | None = None
) -> PassThrough:
    """Fit the pass-through of wholesale to retail prices.

    Parameters
    ----------
    halves : last month of each half-year, (n,).
    retail : retail prices, (n,), EUR/MWh.
    wholesale : monthly wholesale prices, EUR/MWh.
    since : first month used; by default the first with enough wholesale prices.

    Raises
    ------
    DataError : the unit is wrong or there are too few half-years.

    References
    ----------
    Newey and West (1987), A simple, positive semi-definite, heteroskedasticity and autocorrelation consistent
    covariance matrix, Econometrica 55(3), 703-708.
    """
    if wholesale.unit != "EUR/MWh":
        raise DataError(
            f"The pass-through needs wholesale prices in EUR/MWh, not in {wholesale.unit}; use another file."
        )
    first = max(wholesale.months[0] + WARM_UP, since if since is not None else wholesale.months[0])
    used = [place for place, half in enumerate(halves) if first + 5 <= half <= wholesale.months[-1]]
    if len(used) < LEAST_HALVES:
        raise DataError(
            f"There are {len(used)} half-years with both prices; the pass-through needs at least {LEAST_HALVES}."
        )
    ends = [int((halves[place] - wholesale.months[0]).astype(int)) for place in used]
    prices = np.asarray(retail)[used]
    squares = []
    for half_life in HALF_LIVES:
        regressors = _regressors(wholesale.values, ends, half_life)
        slopes = np.linalg.lstsq(regressors, prices, rcond=None)[0]
        squares.append(float(np.sum((prices - regressors @ slopes) ** 2)))
    best = int(np.argmin(squares))
    near = HALF_LIVES[len(used) * np.log(np.array(squares) / squares[best]) < 3.84]
    regressors = _regressors(wholesale.values, ends, float(HALF_LIVES[best]))
    slopes = np.linalg.lstsq(regressors, prices, rcond=None)[0]
    residuals = prices - regressors @ slopes
    errors = np.sqrt(np.diag(_newey_west(regressors, residuals)))
    return PassThrough(
        halves=len(used),
        first=str(halves[used[0]]),
        last=str(halves[used[-1]]),
        share=float(slopes[1]),
        share_error=float(errors[1]),
        half_life=float(HALF_LIVES[best]),
        half_life_range=(float(near[0]), float(near[-1])),
        constant=float(slopes[0]),
        constant_error=float(errors[0]),
        residual_sd=math.sqrt(squares[best] / (len(used) - 3)),
        residual_correlation=float(np.sum(residuals[1:] * residuals[:-1]) / np.sum(residuals * residuals)),
        fitted_last=float(regressors[-1] @ slopes),
    )


def _smoothed(values: np.ndarray, half_life: float) -> np.ndarray:
    """Exponentially weighted mean of this and earlier months, started at the first value."""
    decay = 0.5 ** (1.0 / half_life)
    smooth, state = [], float(values[0])
    for value in values.tolist():
        state = decay * state + (1.0 - decay) * value
        smooth.append(state)
    return np.array(smooth)


def _regressors(values: np.ndarray, ends: list[int], half_life: float) -> np.ndarray:
    smooth = _smoothed(values, half_life)
    return np.column_stack((np.ones(len(ends)), [float(np.mean(smooth[end - 5 : end + 1])) for end in ends]))


def _newey_west(regressors: np.ndarray, residuals: np.ndarray) -> np.ndarray:
    """Newey-West covariance of the OLS coefficients with LAGS lags, shape (2, 2)."""
    scores = regressors * residuals[:, None]
    middle = scores.T @ scores
    for lag in range(1, LAGS + 1):
        shifted = scores[lag:].T @ scores[:-lag]
        middle += (1.0 - lag / (LAGS + 1)) * (shifted + shifted.T)
    inverse = np.linalg.inv(regressors.T @ regressors)
    size, count = regressors.shape
    return np.asarray(inverse @ middle @ inverse * size / (size - count))
