"""Brent: daily prices from a file, and the monthly series for the estimate."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from detente.calibrate.jumps import note_jumps
from detente.shared.errors import DataError
from detente.shared.messages import quoted
from detente.shared.sheet import Row, read_sheet

DAYS_A_MONTH = 21
"""Trading days a month."""
LEAST_RETURNS = 5
"""Fewest daily returns for the volatility of a month."""
LEAST_MONTHS = 36
LATE_DAYS = 31
"""Largest number of calendar days between the newest price and the origin."""
LOWEST, HIGHEST = 0.01, 100_000.0
"""Range of plausible prices."""
WANTED = "name a CSV file with the columns Date and Price"
HOLIDAYS_AT_MONTH_END = 3
"""Weekdays at the end of a month on which the market may be closed."""


@dataclass(frozen=True)
class Months:
    """Complete calendar months t = 1..T before an origin, and the days since.

    The first month of the file gives only the initial price. Arrays have shape (T,), oldest month first; natural
    logarithms.
    """

    log_variance: np.ndarray
    """y_t = ln((21 / n_t) * sum of squared daily log returns), the log realised variance of a month."""
    returns: np.ndarray
    """R_t: log change from the last price of the month before to the last price of the month."""
    last_log_price: np.ndarray
    """x_t: log of the last price of the month (price in USD/bbl)."""
    average_log_change: np.ndarray
    """D_t: log of the monthly mean price less x_{t-1}."""
    first_log_price: float
    """x_0: log of the last price of the file's first month."""
    running_days: int
    """Daily returns of an incomplete last month; 0 if it is complete."""
    running_log_variance: float
    """y of those days; NaN for fewer than 5."""
    last_price: float
    """Last price on or before the origin, USD/bbl."""
    recent_return: float
    """R_T; in an incomplete month the log change over the last 21 trading days."""
    rows: int
    """Prices used."""
    first_date: dt.date
    last_date: dt.date


def read_prices(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read daily prices from a CSV file.

    Parameters
    ----------
    path : file with the columns Date (YYYY-MM-DD) and Price.

    Returns
    -------
    Dates, (n,) datetime64[D] rising, and prices, (n,) float64 above 0.

    Raises
    ------
    DataError : a column is missing, a row is invalid or out of order; the message names the line.
    """
    sheet = read_sheet(path, WANTED)
    columns = [sheet.place(name) for name in ("Date", "Price")]
    days: list[dt.date] = []
    prices: list[float] = []
    rows: list[Row] = []
    for row in sheet.select(columns):
        date, price = row.date(0), row.number(1, "price")
        if price is not None:
            price = _plausible(row, price)
        if date is None or price is None:
            continue
        if days and date <= days[-1]:
            _out_of_order(date, days, row)
            continue
        days.append(date)
        prices.append(price)
        rows.append(row)
    note_jumps(rows, prices, "price")
    sheet.faults.refuse()
    return np.array(days, dtype="datetime64[D]"), np.array(prices)


def _plausible(row: Row, price: float) -> float | None:
    shown = quoted(row.cells[1], marks=False)
    if price <= 0.0:
        row.fault(f"the price {shown} is not positive; use a series without it")
    elif not LOWEST <= price <= HIGHEST:
        row.fault(f"the price {shown} is outside {LOWEST:g} to {HIGHEST:g}; correct the row or its unit")
    else:
        return price
    return None


def _out_of_order(day: dt.date, days: Sequence[dt.date], row: Row) -> None:
    if day in days[-1000:]:
        row.fault(f"the date {day} is repeated; keep one price a day")
    else:
        row.fault(f"the date {day} comes after {days[-1]}; sort the rows by date, oldest first")


def monthly(dates: np.ndarray, prices: np.ndarray, origin: dt.date) -> Months:
    """Monthly series from daily prices, (n,), up to ``origin``.

    Raises
    ------
    DataError : the prices are too few, too old or not daily.
    """
    days = np.asarray(dates, dtype="datetime64[D]")
    known = days <= np.datetime64(origin, "D")
    days, logs = days[known], np.log(np.asarray(prices, dtype=np.float64)[known])
    if not days.size:
        raise DataError(
            f"There is no price on or before the origin {origin}; choose a later origin or a longer series."
        )
    last_date = days[-1].item()
    if (origin - last_date).days > LATE_DAYS:
        raise DataError(
            f"The newest price before the origin {origin} is of {last_date}; "
            f"add newer prices or choose an origin within {LATE_DAYS} days."
        )
    month_of = days.astype("datetime64[M]")
    starts = np.flatnonzero(np.r_[True, month_of[1:] != month_of[:-1]])
    months, ends = month_of[starts], np.r_[starts[1:], days.size] - 1
    jumps = np.flatnonzero(np.diff(months.astype(np.int64)) != 1)
    if jumps.size:
        raise DataError(f"There is no price in {months[jumps[0]] + 1}; daily prices of every month are needed.")
    complete = months.size - 1 - (0 if _is_over(months[-1], last_date, origin) else 1)
    if complete < LEAST_MONTHS:
        raise DataError(
            f"The prices before the origin {origin} span {max(complete, 0)} complete months; "
            f"the estimate needs {LEAST_MONTHS}."
        )

    squares = np.diff(logs, prepend=logs[0]) ** 2
    counts = np.diff(np.r_[starts, days.size])[1:]
    sums = np.add.reduceat(squares, starts)[1:]
    poor = np.flatnonzero((counts[:complete] < LEAST_RETURNS) | (sums[:complete] <= 0.0))
    if poor.size:
        raise DataError(
            f"Month {months[1 + poor[0]]} has fewer than {LEAST_RETURNS} daily prices or no price change; "
            "daily prices are needed."
        )
    last = logs[ends]
    average = np.log(np.add.reduceat(np.exp(logs), starts)[1:] / counts)
    running = 0 if counts.size == complete else int(counts[-1])
    has_variance = running >= LEAST_RETURNS and sums[-1] > 0.0
    return Months(
        log_variance=np.log(DAYS_A_MONTH / counts[:complete] * sums[:complete]),
        returns=np.diff(last)[:complete],
        last_log_price=last[1 : complete + 1],
        average_log_change=(average - last[:-1])[:complete],
        first_log_price=float(last[0]),
        running_days=running,
        running_log_variance=math.log(DAYS_A_MONTH / running * sums[-1]) if has_variance else math.nan,
        last_price=float(np.asarray(prices)[days.size - 1]),
        recent_return=float(logs[-1] - logs[-1 - DAYS_A_MONTH] if running else last[-1] - last[-2]),
        rows=int(days.size),
        first_date=days[0].item(),
        last_date=last_date,
    )


def _is_over(month: np.datetime64, last_date: dt.date, origin: dt.date) -> bool:
    """Whether the month is complete at the origin and the prices reach its end, except for holidays."""
    end = (month + 1).astype("datetime64[D]")
    after_origin = np.busday_count(min(np.datetime64(origin, "D") + 1, end), end)
    after_prices = np.busday_count(np.datetime64(last_date, "D") + 1, end)
    return bool(after_origin == 0 and after_prices <= HOLIDAYS_AT_MONTH_END)
