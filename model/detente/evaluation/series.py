"""Observed monthly outcomes: price series from files of users, and the outcomes that ship in ``configs/outcomes``."""

import datetime as dt
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from detente.calibrate.oil_data import HIGHEST, HOLIDAYS_AT_MONTH_END, LOWEST
from detente.config.fields import Confidence, Positive, Strict, Text
from detente.config.toml import read
from detente.config.validation import check
from detente.shared.errors import DataError
from detente.shared.messages import file_name, quoted
from detente.shared.paths import config_roots, find
from detente.shared.sheet import Row, Sheet, read_sheet

__all__ = [
    "Miss",
    "Outcome",
    "PriceMonths",
    "outcome_file",
    "peers",
    "read_price_months",
    "reasons",
    "register",
    "write_price_months",
]

WANTED = "name a CSV file with one column of dates and one of prices, daily or monthly"
DATES = ("date", "month", "day", "time", "period")
DAILY_AT_LEAST = 5
"""Prices a month of a daily series."""
TABLE = ("month", "mean", "last", "prices", "squares")
"""Columns of a monthly table derived from daily prices."""


@dataclass(frozen=True)
class PriceMonths:
    """Complete calendar months of a price, without gaps; arrays have shape (n,)."""

    months: np.ndarray
    """datetime64[M], consecutive."""
    means: np.ndarray
    """Monthly mean price, > 0."""
    column: str
    """Name of the price column."""
    last: np.ndarray | None = None
    """Last daily price of the month; None for a monthly series."""
    counts: np.ndarray | None = None
    """Daily prices of the month."""
    squares: np.ndarray | None = None
    """Sum of squared daily log returns in the month."""

    @property
    def daily(self) -> bool:
        """Whether the months come from daily prices."""
        return self.last is not None


@dataclass(frozen=True)
class Outcome:
    """A file of ``configs/outcomes``: what it holds, and by which right it is redistributed."""

    name: str
    title: str
    unit: str
    source: str
    licence: str
    date: dt.date
    """Day on which the file was checked against its source."""
    cut: str
    """What the file leaves out of its source."""


def outcome_file(name: str) -> Path:
    """Path of ``outcomes/NAME`` among the configuration folders (DataError if it is missing)."""
    path = find(f"outcomes/{name}", config_roots())
    if path is None:
        raise DataError(f"outcomes/{name}: the file of outcomes is missing; install détente again or use --data.")
    return path


def register() -> dict[str, Outcome]:
    """Sources and licences of the shipped outcomes, by file name."""
    tables = tomllib.loads(outcome_file("sources.toml").read_text(encoding="utf-8"))
    return {name: Outcome(name, **table) for name, table in tables.items()}


class Miss(Strict):
    """Why the forecasts of a window missed in one way."""

    block: Literal["oil", "gas", "losses"]
    first: Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")]
    kind: Literal["no change", "too narrow", "too wide"]
    reason: Text
    confidence: Confidence


class MissesFile(Strict):
    """Content of ``configs/outcomes/misses.toml``."""

    schema_version: Literal[1]
    miss: tuple[Miss, ...]


class Peer(Strict):
    """Mean CRPS of a peer over that of no change on the targets of a window, by the horizons of the file."""

    block: Literal["oil", "gas", "losses"]
    first: Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")]
    name: Text
    ratio: tuple[Positive, ...]


class PeersFile(Strict):
    """Content of ``configs/outcomes/peers.toml``: scores of public libraries, and their versions."""

    schema_version: Literal[1]
    date: dt.date
    horizons: tuple[int, ...]
    versions: dict[str, Text]
    peer: tuple[Peer, ...]


def peers() -> PeersFile:
    """Scores of the peers."""
    return check(PeersFile, read(outcome_file("peers.toml")))


def reasons() -> dict[tuple[str, str, str], str]:
    """Reason of each kind of miss by block, first month of the window and kind."""
    path = outcome_file("misses.toml")
    return {(one.block, one.first, one.kind): one.reason.strip() for one in check(MissesFile, read(path)).miss}


def read_price_months(path: Path) -> PriceMonths:
    """Read a price series from a CSV file, daily or monthly.

    Parameters
    ----------
    path : file with a column of dates (YYYY-MM-DD, or YYYY-MM) and a column of prices; or the columns month, mean,
        last, prices and squares of a monthly table derived from daily prices.

    Returns
    -------
    Complete months: an incomplete last month is left out. The first month of a daily series may be incomplete.

    Raises
    ------
    DataError : no such columns, an invalid row, a gap, or a series neither daily nor monthly; the message names the
        line.
    """
    sheet = read_sheet(path, WANTED)
    if all(sheet.has(name) for name in TABLE):
        return _table(sheet)
    places = _columns(path, sheet.header)
    days: list[dt.date] = []
    prices: list[float] = []
    for row in sheet.select(places):
        if row.cells[1] in ("", ".", ".."):
            continue
        date, price = row.date(0, months=True), _price(row)
        if date is None or price is None:
            continue
        if days and date <= days[-1]:
            row.fault(f"the date {date} follows {days[-1]}; sort the rows by date, one price a date")
            continue
        days.append(date)
        prices.append(price)
    sheet.faults.refuse()
    if not days:
        raise DataError(f"{file_name(Path(path).as_posix())}: there is no price in the file; {WANTED}.")
    return _months(np.array(days, dtype="datetime64[D]"), np.array(prices), sheet.header[places[1]])


def _columns(path: Path, header: Sequence[str]) -> tuple[int, int]:
    """Columns of dates and of prices: the only two, or a column named like a date and one named like a price."""
    names = [name.lower() for name in header]
    dates = [k for k, name in enumerate(names) if name in DATES]
    prices = [
        k for k, name in enumerate(names) if k not in dates and re.match(r"price|gas_europe_eur|value|mean", name)
    ]
    if len(header) == 2 and len(dates) == 1:
        return dates[0], 1 - dates[0]
    if not dates or not prices:
        shown = file_name(Path(path).as_posix())
        raise DataError(f"{shown}, line 1: no columns of dates and prices in {quoted(', '.join(header))}; {WANTED}.")
    return dates[0], prices[0]


def _price(row: Row) -> float | None:
    value = row.number(1, "price")
    if value is not None and not LOWEST <= value <= HIGHEST:
        shown = quoted(row.cells[1], marks=False)
        row.fault(f"the price {shown} is outside {LOWEST:g} to {HIGHEST:g}; correct the row or use a series without it")
        return None
    return value


def _months(days: np.ndarray, prices: np.ndarray, column: str) -> PriceMonths:
    month_of = days.astype("datetime64[M]")
    months, starts, counts = np.unique(month_of, return_index=True, return_counts=True)
    _refuse_gaps(months)
    if counts.max() == 1:
        return PriceMonths(months, prices, column)
    if np.median(counts) < DAILY_AT_LEAST:
        raise DataError(
            f"The series has {np.median(counts):.0f} prices a month; give daily prices or one mean price a month."
        )
    logs = np.log(prices)
    squares = np.add.reduceat(np.diff(logs, prepend=logs[0]) ** 2, starts)
    means = np.add.reduceat(prices, starts) / counts
    end = (months[-1] + 1).astype("datetime64[D]")
    complete = slice(None) if np.busday_count(days[-1] + 1, end) <= HOLIDAYS_AT_MONTH_END else slice(-1)
    last = prices[np.r_[starts[1:], days.size] - 1]
    return PriceMonths(months[complete], means[complete], column, last[complete], counts[complete], squares[complete])


def _table(sheet: Sheet) -> PriceMonths:
    months: list[np.datetime64] = []
    values: list[list[float]] = []
    for row in sheet.select([sheet.place(name) for name in TABLE]):
        month = row.date(0, months=True)
        numbers = [row.number(cell, name) for cell, name in enumerate(TABLE[1:], 1)]
        known = [value for value in numbers if value is not None]
        if month is None or len(known) < len(numbers):
            continue
        if min(known[:3]) <= 0.0 or known[3] < 0.0:
            row.fault("a price or count is not positive; correct the row")
            continue
        months.append(np.datetime64(month, "M"))
        values.append(known)
    sheet.faults.refuse()
    _refuse_gaps(np.array(months))
    means, last, counts, squares = np.array(values).T
    return PriceMonths(np.array(months), means, "mean", last, counts, squares)


def _refuse_gaps(months: np.ndarray) -> None:
    jumps = np.flatnonzero(np.diff(months.astype(np.int64)) != 1)
    if jumps.size:
        raise DataError(f"The month after {months[jumps[0]]} is missing or out of order; every month is needed.")


def write_price_months(series: PriceMonths, path: Path) -> None:
    """Write the monthly table of a daily series (ValueError for a monthly one)."""
    if series.last is None or series.counts is None or series.squares is None:
        raise ValueError("a monthly series has no daily prices.")
    lines = [",".join(TABLE)]
    for row in zip(series.months, series.means, series.last, series.counts, series.squares, strict=True):
        lines.append(f"{row[0]},{row[1]:.8g},{row[2]:.8g},{int(row[3]):d},{row[4]:.8g}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
