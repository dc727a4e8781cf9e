"""Daily prices from a file, and the monthly series that the Brent recipe is estimated on."""

import csv
import datetime as dt
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import numpy as np

from detente.shared.errors import DataError
from detente.shared.messages import file_name, quoted

DAYS_A_MONTH = 21
"""Trading days that stand for one month."""
LEAST_RETURNS = 5
"""A month with fewer daily returns says nothing reliable about its volatility."""
LEAST_MONTHS = 36
LATE_DAYS = 31
"""An origin may lie this many calendar days after the newest price."""
LOWEST, HIGHEST = 0.01, 100_000.0
"""Prices outside are no price of a commodity in a usual unit."""
HOLIDAYS_AT_MONTH_END = 3
"""Weekdays at the end of a month on which the market may have been closed."""


@dataclass(frozen=True)
class Months:
    """Complete calendar months t = 1..T before an origin, and the days since. The file's first month only gives the
    price to start from.

    Arrays have shape (T,), oldest month first; every logarithm is natural.
    """

    log_variance: np.ndarray
    """y_t = ln((21 / n_t) * sum of squared daily log returns): log realised variance of a month of 21 trading days."""
    returns: np.ndarray
    """R_t: log change from the last price of the month before to the last price of the month."""
    last_log_price: np.ndarray
    """x_t: log of the last price of the month (price in USD/bbl)."""
    average_log_change: np.ndarray
    """D_t: log of the monthly mean price less x_{t-1}."""
    first_log_price: float
    """x_0: log of the last price of the file's first month."""
    running_days: int
    """Daily returns of a last month that is not over at the origin; 0 when it is over."""
    running_log_variance: float
    """y of those days; NaN when there are fewer than 5."""
    last_price: float
    """Last price on or before the origin, USD/bbl."""
    recent_return: float
    """R_T; in a running month the log change over the last 21 trading days."""
    rows: int
    """Prices used."""
    first_date: dt.date
    last_date: dt.date


def read_prices(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Dates (datetime64[D], shape (n,), rising) and prices (float64, shape (n,), > 0) of a CSV file with columns Date
    (YYYY-MM-DD) and Price.

    DataError, with the line: no such file, nothing in it, a column missing, a row that is no date and positive price,
    dates out of order.
    """
    shown, wanted = file_name(Path(path).as_posix()), "name a CSV file with the columns Date and Price"
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise DataError(f"{shown}: there is no such file; {wanted}.") from None
    except UnicodeDecodeError:
        raise DataError(f"{shown}: this is not UTF-8 text; {wanted}.") from None
    except OSError as error:
        raise DataError(f"{shown}: this file cannot be read ({error.strerror or error}); {wanted}.") from None
    reader = csv.reader(io.StringIO(text, newline=""))
    dates: list[dt.date] = []
    prices: list[float] = []
    try:
        rows = (row for row in reader if row)
        header = [name.strip() for name in next(rows, [])]
        if not header:
            raise DataError(f"{shown}: this file is empty; {wanted}.")
        for name in ("Date", "Price"):
            if name not in header:
                found = quoted(", ".join(header))
                raise DataError(f"{shown}, line {reader.line_num}: there is no column {name} among {found}; {wanted}.")
        columns = header.index("Date"), header.index("Price")
        for row in rows:
            where = f"{shown}, line {reader.line_num}"
            day, price = _row(row, columns, where)
            if dates and day <= dates[-1]:
                _out_of_order(day, dates, where)
            dates.append(day)
            prices.append(price)
    except csv.Error as error:
        raise DataError(f"{shown}, line {reader.line_num}: this is not valid CSV ({error}); mend the line.") from None
    if not dates:
        raise DataError(f"{shown}: there is no price under the header; add rows of date and price.")
    return np.array(dates, dtype="datetime64[D]"), np.array(prices)


def _row(row: list[str], columns: tuple[int, int], where: str) -> tuple[dt.date, float]:
    if len(row) <= max(columns):
        raise DataError(
            f"{where}: this row has {len(row)} value(s) where a date and a price belong; complete or delete it."
        )
    day, price = (row[column].strip() for column in columns)
    try:
        date = dt.date.fromisoformat(day)
    except ValueError:
        raise DataError(f"{where}: the date {quoted(day)} is not of the form YYYY-MM-DD; rewrite it.") from None
    try:
        value = float(price)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise DataError(f"{where}: the price {quoted(price)} is not a number; correct the row or delete it.")
    if value <= 0.0:
        raise DataError(
            f"{where}: the price {quoted(price, marks=False)} is not positive and has no logarithm; use a series without such prices."
        )
    if not LOWEST <= value <= HIGHEST:
        raise DataError(
            f"{where}: the price {quoted(price, marks=False)} lies outside {LOWEST:g} to {HIGHEST:g}; correct the row or its unit."
        )
    return date, value


def _out_of_order(day: dt.date, dates: Sequence[dt.date], where: str) -> NoReturn:
    if day in dates:
        raise DataError(f"{where}: the date {day} stands here for the second time; keep one price a day.")
    raise DataError(f"{where}: the date {day} comes after {dates[-1]}; sort the rows by date, oldest first.")


def monthly(dates: np.ndarray, prices: np.ndarray, origin: dt.date) -> Months:
    """The monthly series known at the end of ``origin``; ``dates`` and ``prices`` (n,) as from read_prices.

    DataError when the prices are too few, too old, not daily, or leave out a month.
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
            f"The newest price before the origin {origin} is of {last_date}; add newer ones or choose an origin within {LATE_DAYS} days."
        )
    month_of = days.astype("datetime64[M]")
    starts = np.flatnonzero(np.r_[True, month_of[1:] != month_of[:-1]])
    months, ends = month_of[starts], np.r_[starts[1:], days.size] - 1
    jumps = np.flatnonzero(np.diff(months.astype(np.int64)) != 1)
    if jumps.size:
        raise DataError(f"There is no price in {months[jumps[0]] + 1}; the recipe needs daily prices of every month.")
    complete = months.size - 1 - (0 if _is_over(months[-1], last_date, origin) else 1)
    if complete < LEAST_MONTHS:
        raise DataError(
            f"The prices before the origin {origin} span {max(complete, 0)} complete months; the recipe needs at least {LEAST_MONTHS}."
        )

    squares = np.diff(logs, prepend=logs[0]) ** 2
    counts = np.diff(np.r_[starts, days.size])[1:]
    sums = np.add.reduceat(squares, starts)[1:]
    poor = np.flatnonzero((counts[:complete] < LEAST_RETURNS) | (sums[:complete] <= 0.0))
    if poor.size:
        raise DataError(
            f"Month {months[1 + poor[0]]} has fewer than {LEAST_RETURNS} daily prices or none that changes; the recipe needs daily prices."
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
    """No weekday of the month is left after the origin, and the prices reach its end but for holidays."""
    end = (month + 1).astype("datetime64[D]")
    after_origin = np.busday_count(min(np.datetime64(origin, "D") + 1, end), end)
    after_prices = np.busday_count(np.datetime64(last_date, "D") + 1, end)
    return bool(after_origin == 0 and after_prices <= HOLIDAYS_AT_MONTH_END)
