"""What a backtest forecasts: monthly outcomes, the last value known at an origin, and the recipe's ensemble there.

``origin`` is the position of the last month whose data are known. Everything up to the end of that month is known, and
nothing after it.
"""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from detente.calibrate import gas, losses, oil
from detente.calibrate.gas_data import PRICE_COLUMNS, GasPrices, OilPrices, Storage, read_storage
from detente.calibrate.gas_estimate import LEAST_CHANGES, TTF_SINCE
from detente.calibrate.losses_data import Claims
from detente.calibrate.oil_data import DAYS_A_MONTH, LEAST_MONTHS, LEAST_RETURNS, Months
from detente.evaluation.recipes import PATHS, gas_ensemble, losses_ensemble, oil_ensemble
from detente.evaluation.series import PriceMonths, outcome_file, read_price_months
from detente.shared.errors import DataError

__all__ = ["BLOCKS", "ClaimedLosses", "DailyPrices", "MonthlyPrices", "Source", "open_source"]

BLOCKS = {"oil": "brent.csv", "gas": "gas-europe.csv", "losses": "losses.csv"}
"""Blocks with a recipe of their own, and the shipped outcomes of each."""
CORRECTIONS = "losses-corrections.csv"
"""Persons of earlier days in the shipped claims."""
FILE_UNIT = "unit of the file"


class Source(Protocol):
    """A series that a recipe forecasts."""

    @property
    def months(self) -> np.ndarray:
        """datetime64[M], (n,), consecutive."""

    @property
    def unit(self) -> str:
        """Unit of the outcomes."""

    @property
    def recipe(self) -> str:
        """The recipe in a few words."""

    def first_origin(self) -> int:
        """Position of the first month from whose end the recipe can be estimated."""

    def outcomes(self) -> np.ndarray:
        """Outcome of every month, (n,)."""

    def no_change(self, origin: int, target: int) -> float:
        """Outcome of the target month if nothing changes after the origin."""

    def log_changes(self, origin: int) -> np.ndarray:
        """Log changes from month to month up to the origin."""

    def ensemble(self, origin: int, horizons: Sequence[int], paths: int = PATHS) -> np.ndarray:
        """Forecast outcomes, (horizons, paths), sorted."""


@dataclass(frozen=True)
class DailyPrices:
    """Daily prices of oil, as monthly means, month ends and realised variances: the Brent recipe."""

    series: PriceMonths
    unit: str = "USD/bbl"
    recipe: str = "daily prices: stochastic volatility, two factors, momentum"

    def __post_init__(self) -> None:
        if self.series.last is None or self.series.counts is None or self.series.squares is None:
            raise DataError("The series is monthly; this recipe needs daily prices.")
        poor = np.flatnonzero((self.series.counts[1:] < LEAST_RETURNS) | (self.series.squares[1:] <= 0.0))
        if poor.size:
            raise DataError(
                f"Month {self.months[1 + poor[0]]} has fewer than {LEAST_RETURNS} daily prices or no price change; "
                "daily prices are needed."
            )

    @property
    def months(self) -> np.ndarray:
        """Months of the series."""
        return self.series.months

    def first_origin(self) -> int:
        """The first month of the series gives the initial price only."""
        return LEAST_MONTHS

    def outcomes(self) -> np.ndarray:
        """Monthly means."""
        return self.series.means

    def no_change(self, origin: int, target: int) -> float:
        """Last daily price of the origin month."""
        assert self.series.last is not None
        return float(self.series.last[origin])

    def log_changes(self, origin: int) -> np.ndarray:
        """Log changes of monthly means; the first month may be incomplete and is left out."""
        return np.diff(np.log(self.series.means[1 : origin + 1]))

    def known(self, origin: int) -> Months:
        """The monthly series known at the end of the origin month."""
        series, end = self.series, origin + 1
        assert series.last is not None and series.counts is not None and series.squares is not None
        last = np.log(series.last[:end])
        return Months(
            log_variance=np.log(DAYS_A_MONTH / series.counts[1:end] * series.squares[1:end]),
            returns=np.diff(last),
            last_log_price=last[1:],
            average_log_change=np.log(series.means[1:end]) - last[:-1],
            first_log_price=float(last[0]),
            running_days=0,
            running_log_variance=math.nan,
            last_price=float(series.last[origin]),
            recent_return=float(last[-1] - last[-2]),
            rows=int(series.counts[:end].sum()),
            first_date=_end(series.months[0]),
            last_date=_end(series.months[origin]),
        )

    def ensemble(self, origin: int, horizons: Sequence[int], paths: int = PATHS) -> np.ndarray:
        """Forecast monthly means."""
        return oil_ensemble(oil.estimate_months(self.known(origin), _end(self.months[origin])), horizons, paths)


@dataclass(frozen=True)
class MonthlyPrices:
    """Monthly mean prices: the gas recipe, with storage where it is known."""

    prices: GasPrices
    storage: Storage | None = None
    since: np.datetime64 | None = None
    """First month of the market price; by default the first of the series."""
    oil: DailyPrices | None = None
    """Brent, for a price in a unit whose costs are known."""
    recipe: str = "monthly means: stochastic volatility, time averaging, oil, cost band, season, storage gap"

    @property
    def months(self) -> np.ndarray:
        """Months of the series."""
        return self.prices.months

    @property
    def unit(self) -> str:
        """Unit of the prices."""
        return self.prices.unit

    def first_origin(self) -> int:
        """Position with LEAST_CHANGES changes of the market price."""
        start = self.since if self.since is not None else self.months[0]
        return int(np.searchsorted(self.months, start)) + LEAST_CHANGES

    def outcomes(self) -> np.ndarray:
        """Monthly means."""
        return self.prices.values

    def no_change(self, origin: int, target: int) -> float:
        """Mean of the origin month."""
        return float(self.prices.values[origin])

    def log_changes(self, origin: int) -> np.ndarray:
        """Log changes of monthly means of the market price."""
        start = max(self.first_origin() - LEAST_CHANGES, 0)
        return np.diff(np.log(self.prices.values[start : origin + 1]))

    def ensemble(self, origin: int, horizons: Sequence[int], paths: int = PATHS) -> np.ndarray:
        """Forecast monthly means."""
        end, storage = _end(self.months[origin]), self.storage
        if storage is not None and not storage.days[0] <= np.datetime64(end) <= storage.days[-1]:
            storage = None
        since = self.since if self.since is not None else self.months[0]
        brent, fitted_oil = None, None
        if self.oil is not None and self.oil.months[0] <= self.months[origin] <= self.oil.months[-1]:
            place = int(np.searchsorted(self.oil.months, self.months[origin]))
            brent = OilPrices(self.oil.months[: place + 1], self.oil.outcomes()[: place + 1])
            fitted_oil = oil.estimate_months(self.oil.known(place), end)
        fitted = gas.estimate(self.prices, end, storage, since, brent)
        return gas_ensemble(fitted, horizons, paths, oil=fitted_oil)


@dataclass(frozen=True)
class ClaimedLosses:
    """Daily claims of losses; an outcome is the sum of a month."""

    claims: Claims
    unit: str = "persons"
    recipe: str = "daily claims: level, last days, month noise"

    def __post_init__(self) -> None:
        months, rates = self.claims.rates()
        used = months >= losses.SINCE
        object.__setattr__(self, "_months", months[used])
        object.__setattr__(self, "_rates", rates[used])

    @property
    def months(self) -> np.ndarray:
        """Complete months from losses.SINCE on."""
        months: np.ndarray = getattr(self, "_months")  # noqa: B009
        return months

    def _daily(self) -> np.ndarray:
        rates: np.ndarray = getattr(self, "_rates")  # noqa: B009
        return rates

    def _days(self) -> np.ndarray:
        starts = np.r_[self.months, self.months[-1:] + 1].astype("datetime64[D]")
        return np.asarray(np.diff(starts).astype(float))

    def first_origin(self) -> int:
        """Position with losses.LEAST_MONTHS months."""
        return losses.LEAST_MONTHS - 1

    def outcomes(self) -> np.ndarray:
        """Sums of the months."""
        return np.asarray(self._daily() * self._days())

    def no_change(self, origin: int, target: int) -> float:
        """Daily rate of the origin month over the days of the target month."""
        return float(self._daily()[origin] * self._days()[target])

    def log_changes(self, origin: int) -> np.ndarray:
        """Log changes of daily rates."""
        return np.asarray(np.diff(np.log(self._daily()[: origin + 1])))

    def ensemble(self, origin: int, horizons: Sequence[int], paths: int = PATHS) -> np.ndarray:
        """Forecast sums of months."""
        targets = self.months[origin] + np.array(horizons)
        days = ((targets + 1).astype("datetime64[D]") - targets.astype("datetime64[D]")).astype(float)
        rates = losses_ensemble(losses.estimate(self.claims, _end(self.months[origin])), horizons, paths)
        return np.asarray(rates * days[:, None])


def open_source(block: str, data: Path | None = None, storage: Path | None = None) -> Source:
    """Open the series of a block with the recipe for its frequency.

    Parameters
    ----------
    block : oil, gas or losses.
    data : a file of daily or monthly prices, or of cumulative daily claims; by default the shipped outcomes.
    storage : daily gas storage; for the recipe of monthly prices only.

    Returns
    -------
    For oil, daily prices have the Brent recipe and monthly ones the gas recipe; gas is always monthly. The European
    price of the World Bank counts from April 2015, any other series from its first month.

    Raises
    ------
    DataError : a file cannot be read.
    """
    path = data if data is not None else outcome_file(BLOCKS[block])
    if block == "losses":
        return ClaimedLosses(losses.read_claims(path, None if data is not None else outcome_file(CORRECTIONS)))
    series = read_price_months(path)
    if block == "oil" and series.daily:
        return DailyPrices(series, "USD/bbl" if data is None else FILE_UNIT)
    first = 1 if series.daily else 0  # the first month of a daily series may be incomplete
    unit = PRICE_COLUMNS.get(series.column, FILE_UNIT)
    european = series.column.startswith("gas_europe")
    return MonthlyPrices(
        GasPrices(series.months[first:], series.means[first:], unit),
        read_storage(storage) if storage is not None else None,
        TTF_SINCE if european else None,
        DailyPrices(read_price_months(outcome_file(BLOCKS["oil"]))) if european else None,
    )


def _end(month: np.datetime64) -> dt.date:
    """Last day of a month."""
    day: dt.date = ((month + 1).astype("datetime64[D]") - 1).item()
    return day
