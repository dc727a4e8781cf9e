"""Claims of losses: daily counts from a file of cumulative totals."""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from detente.calibrate.files import as_date, as_number, cells, columns, read_table
from detente.shared.errors import DataError
from detente.shared.messages import file_name

COLUMNS = ("date", "personnel")
WANTED = "name a JSON file (a list of objects) or a CSV file with date and personnel, the cumulative claim, one a day"


@dataclass(frozen=True)
class Claims:
    """Persons claimed on each day, without gaps; arrays have shape (n,)."""

    days: np.ndarray
    """datetime64[D], consecutive."""
    counts: np.ndarray
    """Persons, >= 0."""

    def until(self, origin: dt.date) -> "Claims":
        """The days up to and including ``origin``."""
        known = self.days <= np.datetime64(origin, "D")
        return Claims(self.days[known], self.counts[known])

    def rates(self) -> tuple[np.ndarray, np.ndarray]:
        """Complete calendar months (datetime64[M], shape (m,)) and their mean claim a day, (m,)."""
        months = self.days.astype("datetime64[M]")
        complete = [
            m
            for m in np.unique(months)
            if (months == m).sum() == ((m + 1).astype("datetime64[D]") - m.astype("datetime64[D]")).astype(int)
        ]
        return np.array(complete, dtype="datetime64[M]"), np.array([self.counts[months == m].mean() for m in complete])

    def weighted(self, half_life: float) -> float:
        """Mean claim a day with exponential weights; those of a day ``half_life`` days back are half of the last's."""
        weights = 0.5 ** (np.arange(self.counts.size)[::-1] / half_life)
        return float(np.sum(weights * self.counts) / np.sum(weights))


def read_claims(path: Path, corrections: Path | None = None) -> Claims:
    """Read daily claims from a cumulative series, CSV or JSON.

    Parameters
    ----------
    path : cumulative claims, one row a day.
    corrections : file of the same form for single days: persons of earlier days that the day's claim includes. They are
        taken out of the day.

    Raises
    ------
    DataError : a field is missing or invalid, days are repeated, missing or out of order, or a correction does not fit
        its day; the message names the line or entry.
    """
    days: list[dt.date] = []
    totals: list[float] = []
    for where, day, total in _rows(path):
        date, value = as_date(day, where), as_number(total, where, "personnel")
        if days and date != days[-1] + dt.timedelta(days=1):
            raise DataError(f"{where}: the day {date} follows {days[-1]}; every day is needed once, oldest first.")
        if totals and value < totals[-1]:
            raise DataError(
                f"{where}: the cumulative claim falls from {totals[-1]:.0f} to {value:.0f}; give corrected totals."
            )
        days.append(date)
        totals.append(value)
    if len(days) < 2:
        raise DataError(f"{file_name(Path(path).as_posix())}: two days of claims are needed; {WANTED}.")
    claims = Claims(np.array(days[1:], dtype="datetime64[D]"), np.diff(totals))
    return claims if corrections is None else _corrected(claims, corrections)


def _corrected(claims: Claims, path: Path) -> Claims:
    """Claims less the persons that a day includes from earlier ones."""
    counts = claims.counts.copy()
    for where, day, persons in _rows(path):
        date, value = as_date(day, where), as_number(persons, where, "personnel")
        if value == 0.0:
            continue
        place = int(np.searchsorted(claims.days, np.datetime64(date, "D")))
        if place == claims.days.size or claims.days[place] != np.datetime64(date, "D"):
            continue
        if not 0.0 <= value <= counts[place]:
            raise DataError(
                f"{where}: the correction of {value:.0f} does not fit the claim of {counts[place]:.0f} on {date}; "
                "give the persons of earlier days that the claim includes."
            )
        counts[place] -= value
    return Claims(claims.days, counts)


def _rows(path: Path) -> Iterator[tuple[str, str, str]]:
    """Position of each row, its date and its cumulative total, as text."""
    shown = file_name(Path(path).as_posix())
    if Path(path).suffix.lower() != ".json":
        header, rows = read_table(path, WANTED)
        yield from ((where, day, total) for where, (day, total) in cells(rows, columns(path, header, COLUMNS, WANTED)))
        return
    try:
        entries = json.loads(Path(path).read_bytes())
    except FileNotFoundError:
        raise DataError(f"{shown}: no such file; {WANTED}.") from None
    except (OSError, UnicodeDecodeError, ValueError, RecursionError):
        raise DataError(f"{shown}: not readable JSON; {WANTED}.") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise DataError(f"{shown}: not a list of objects; {WANTED}.")
    for number, entry in enumerate(entries, 1):
        where = f"{shown}, entry {number}"
        for name in COLUMNS:
            if name not in entry:
                raise DataError(f"{where}: {name} is missing; {WANTED}.")
        yield where, str(entry["date"]), str(entry["personnel"])
