"""European gas: monthly prices and daily storage from files."""

import calendar
import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from detente.calibrate.jumps import note_jumps
from detente.shared.errors import DataError
from detente.shared.messages import file_name, quoted
from detente.shared.sheet import Row, read_sheet

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
FILL_TOLERANCE = 3.0
"""Largest difference in points between the reported fill and stock over capacity."""


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
    sheet = read_sheet(path, PRICES_WANTED)
    known = [name for name in PRICE_COLUMNS if sheet.has(name)]
    columns = [sheet.place("date"), sheet.place(known[0] if known else next(iter(PRICE_COLUMNS)))]
    months: list[np.datetime64] = []
    values: list[float] = []
    rows: list[Row] = []
    blank: list[Row] = []
    reached: np.datetime64 | None = None
    for row in sheet.select(columns):
        day = row.date(0, months=True)
        month = np.datetime64(day, "M") if day is not None else None
        if row.cells[1] in ("", ".."):
            blank += [row] if months else []
            reached = month
            continue
        value = row.number(1, "price")
        if value is not None and value <= 0.0:
            row.fault(f"the price {quoted(row.cells[1], marks=False)} is not positive; use a series without it")
            value = None
        for empty in blank:
            empty.fault("the price of this month is missing; complete the row")
        blank = []
        if month is not None and reached is not None and months and month != reached + 1:
            _note_month(row, month, reached)
        reached = month if month is not None else None
        if value is not None and month is not None:
            months.append(month)
            values.append(value)
            rows.append(row)
    note_jumps(rows, values, "price")
    sheet.faults.refuse()
    if not months:
        raise DataError(
            f"{file_name(Path(path).as_posix())}: there is no price in the column {known[0]}; {PRICES_WANTED}."
        )
    return GasPrices(np.array(months), np.array(values), PRICE_COLUMNS[known[0]])


def _note_month(row: Row, month: np.datetime64, before: np.datetime64) -> None:
    if month == before:
        row.fault(f"the month {month} is repeated; one mean price a month is needed")
    elif month < before:
        row.fault(f"the month {month} comes after {before}; sort the rows by date, oldest first")
    else:
        row.fault(f"there is no price in {before + 1}; every month is needed")


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
    sheet = read_sheet(path, STORAGE_WANTED)
    if sheet.has("scope"):
        place = sheet.place("scope")
        sheet.rows = [row for row in sheet.rows if len(row.cells) <= place or row.cells[place] == scope]
        if not sheet.rows:
            raise DataError(f"{file_name(Path(path).as_posix())}: no row has {scope} in the column scope; add them.")
    days: list[dt.date] = []
    table: list[list[float]] = []
    reached: dt.date | None = None
    for row in sheet.select([sheet.place(name) for name in STORAGE_COLUMNS]):
        day = row.date(0)
        numbers = [row.number(cell, name) for cell, name in enumerate(STORAGE_COLUMNS[1:], 1)]
        if day is not None and reached is not None and day != reached + dt.timedelta(days=1):
            row.fault(f"the day {day} follows {reached}; every day is needed once, oldest first")
        reached = day
        values = [value for value in numbers if value is not None]
        if day is None or len(values) < len(numbers):
            continue
        if min(values) < 0.0 or values[1] <= 0.0 or values[2] > MOST_FILL:
            row.fault(f"a value is negative, or storage is filled over {MOST_FILL:.0f}%; correct the row")
            continue
        stock, capacity, fill = values[:3]
        if abs(100.0 * stock / capacity - fill) > FILL_TOLERANCE:
            row.fault(
                f"{stock:g} TWh of {capacity:g} TWh is {100.0 * stock / capacity:.3g}%, not {fill:g}%; "
                "correct the row or its unit"
            )
        days.append(day)
        table.append(values)
    sheet.faults.refuse()
    if not days:
        raise DataError(f"{file_name(Path(path).as_posix())}: there is no day of storage; {STORAGE_WANTED}.")
    return Storage(np.array(days, dtype="datetime64[D]"), *np.array(table).T)
