"""European gas: monthly prices and daily storage from files."""

import calendar
import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from detente.calibrate.files import as_date, as_number, cells, columns, read_table
from detente.shared.errors import DataError
from detente.shared.messages import file_name, quoted

PRICE_COLUMNS = {
    "gas_europe_eur_mwh": "EUR/MWh",
    "price_eur_mwh": "EUR/MWh",
    "gas_europe_usd_mmbtu": "USD/mmbtu",
    "price_usd_mmbtu": "USD/mmbtu",
}
"""Price columns and their units; the first of this list found in a file is used."""
PRICES_WANTED = (
    "name a CSV file with the columns date and gas_europe_eur_mwh (or gas_europe_usd_mmbtu), one row a month"
)
STORAGE_COLUMNS = (
    "date",
    "gas_in_storage_twh",
    "working_gas_volume_twh",
    "fill_pct",
    "injection_gwh_per_day",
    "withdrawal_gwh_per_day",
)
STORAGE_WANTED = f"name a CSV file with the columns {', '.join(STORAGE_COLUMNS)}, one row a day"
MOST_FILL = 110.0
"""Percent; operators have reported slightly more than their working volume."""


@dataclass(frozen=True)
class GasPrices:
    """Monthly mean prices without gaps."""

    months: np.ndarray
    """datetime64[M], shape (n,), consecutive."""
    values: np.ndarray
    """float64, shape (n,), > 0, in ``unit``."""
    unit: str
    """EUR/MWh or USD/mmbtu."""

    def until(self, origin: dt.date) -> "GasPrices":
        """The months completed by the end of ``origin``."""
        last = np.datetime64(origin + dt.timedelta(days=1), "M")
        known = self.months < last
        return GasPrices(self.months[known], self.values[known], self.unit)


@dataclass(frozen=True)
class OilPrices:
    """Monthly mean Brent without gaps."""

    months: np.ndarray
    """datetime64[M], shape (n,), consecutive."""
    means: np.ndarray
    """float64, shape (n,), USD/bbl."""


@dataclass(frozen=True)
class Storage:
    """Daily gas storage of one area without gaps; arrays have shape (n,)."""

    days: np.ndarray
    """datetime64[D], consecutive."""
    stock: np.ndarray
    """Gas in storage, TWh."""
    capacity: np.ndarray
    """Working gas volume, TWh."""
    fill: np.ndarray
    """Stock over capacity, percent."""
    injection: np.ndarray
    """GWh/day."""
    withdrawal: np.ndarray
    """GWh/day."""

    def until(self, origin: dt.date) -> "Storage":
        """The days up to and including ``origin``."""
        known = self.days <= np.datetime64(origin, "D")
        return Storage(
            *(getattr(self, name)[known] for name in ("days", "stock", "capacity", "fill", "injection", "withdrawal"))
        )

    def gap(self, day: dt.date) -> float | None:
        """Fill on a day less the mean fill on the same day of earlier years, in tens of points; None without data.

        The last day of a month is compared with the last day of that month in earlier years.
        """
        first = self.days[0].item()
        if not first <= day <= self.days[-1].item():
            return None
        end = _is_month_end(day)
        earlier = [_same_day(day, year, end) for year in range(first.year, day.year)]
        fills = [self.fill[(other - first).days] for other in earlier if other >= first]
        return float(self.fill[(day - first).days] - np.mean(fills)) / 10.0 if fills else None


def _is_month_end(day: dt.date) -> bool:
    return day.day == calendar.monthrange(day.year, day.month)[1]


def _same_day(day: dt.date, year: int, end: bool) -> dt.date:
    last = calendar.monthrange(year, day.month)[1]
    return dt.date(year, day.month, last if end else min(day.day, last))


def read_gas_prices(path: Path) -> GasPrices:
    """Read monthly prices from a CSV file.

    Parameters
    ----------
    path : file with ``date`` (any day of the month, or YYYY-MM) and one of PRICE_COLUMNS. Months without a value at the
        start or end of the file are left out.

    Raises
    ------
    DataError : a column is missing, a row is invalid, or months are repeated, missing or out of order; the message
        names the line.
    """
    header, rows = read_table(path, PRICES_WANTED)
    known = [name for name in PRICE_COLUMNS if name in header]
    places = columns(path, header, ("date", known[0] if known else next(iter(PRICE_COLUMNS))), PRICES_WANTED)
    months: list[np.datetime64] = []
    values: list[float] = []
    empty: str | None = None
    for where, (day, price) in cells(rows, places):
        month = np.datetime64(as_date(day + "-01" if len(day) == 7 else day, where), "M")
        if not price or price == "..":
            empty = where if months and empty is None else empty
            continue
        value = as_number(price, where, "price")
        if value <= 0.0:
            raise DataError(
                f"{where}: the price {quoted(price, marks=False)} is not positive; use a series without it."
            )
        if empty is not None:
            raise DataError(f"{empty}: the price of this month is missing; complete the row.")
        if months and month != months[-1] + 1:
            _refuse_month(month, months[-1], where)
        months.append(month)
        values.append(value)
    if not months:
        raise DataError(
            f"{file_name(Path(path).as_posix())}: there is no price in the column {known[0]}; {PRICES_WANTED}."
        )
    return GasPrices(np.array(months), np.array(values), PRICE_COLUMNS[known[0]])


def _refuse_month(month: np.datetime64, before: np.datetime64, where: str) -> None:
    if month == before:
        raise DataError(f"{where}: the month {month} is repeated; one mean price a month is needed.")
    if month < before:
        raise DataError(f"{where}: the month {month} comes after {before}; sort the rows by date, oldest first.")
    raise DataError(f"{where}: there is no price in {before + 1}; every month is needed.")


def read_storage(path: Path, scope: str = "EU") -> Storage:
    """Read daily storage from a CSV file.

    Parameters
    ----------
    path : file with STORAGE_COLUMNS.
    scope : rows used, if the file has a column ``scope``.

    Raises
    ------
    DataError : a column is missing, a value is invalid, or days are repeated, missing or out of order; the message
        names the line.
    """
    header, rows = read_table(path, STORAGE_WANTED)
    if "scope" in header:
        place = header.index("scope")
        rows = [(where, row) for where, row in rows if len(row) > place and row[place] == scope]
        if not rows:
            raise DataError(f"{file_name(Path(path).as_posix())}: no row has {scope} in the column scope; add them.")
    places = columns(path, header, STORAGE_COLUMNS, STORAGE_WANTED)
    days: list[dt.date] = []
    table: list[list[float]] = []
    for where, row in cells(rows, places):
        day = as_date(row[0], where)
        values = [as_number(text, where, name) for name, text in zip(STORAGE_COLUMNS[1:], row[1:], strict=True)]
        if min(values) < 0.0 or values[1] <= 0.0 or values[2] > MOST_FILL:
            raise DataError(
                f"{where}: a value is negative, or storage is filled over {MOST_FILL:.0f}%; correct the row."
            )
        if days and day != days[-1] + dt.timedelta(days=1):
            raise DataError(f"{where}: the day {day} follows {days[-1]}; every day is needed once, oldest first.")
        days.append(day)
        table.append(values)
    return Storage(np.array(days, dtype="datetime64[D]"), *np.array(table).T)
