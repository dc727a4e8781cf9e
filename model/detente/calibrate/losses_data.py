"""Claims of losses: daily counts from a file of cumulative totals."""

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from detente.shared.errors import DataError
from detente.shared.messages import file_name, quoted
from detente.shared.reading import read_bytes
from detente.shared.sheet import Faults, Row, read_sheet

COLUMNS = ("date", "personnel")
WANTED = "name a JSON file (a list of objects) or a CSV file with date and personnel, the cumulative claim, one a day"
LEAP = 10.0
"""Largest plausible ratio of a day's claim to the usual one around it; the largest on record is below 4."""
STEADY = dt.date(2022, 4, 1)
"""From here on claims are daily; in the first weeks of the war several days came at once."""


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
        its day; the message names the lines or entries.
    """
    faults, selected = _rows(path)
    days: list[dt.date] = []
    totals: list[float] = []
    rows: list[Row] = []
    reached: dt.date | None = None
    for row in selected:
        date, total = row.date(0), row.number(1, "personnel")
        if date is not None and reached is not None and date != reached + dt.timedelta(days=1):
            row.fault(f"the day {date} follows {reached}; every day is needed once, oldest first")
        reached = date
        if date is None or total is None:
            continue
        if total < 0.0:
            row.fault(f"the cumulative claim {quoted(row.cells[1], marks=False)} is negative; correct it")
            continue
        if totals and total < totals[-1]:
            row.fault(f"the cumulative claim falls from {totals[-1]:.0f} to {total:.0f}; give corrected totals")
            continue
        days.append(date)
        totals.append(total)
        rows.append(row)
    if not faults.entries:
        _note_leaps(rows[1:], days[1:], np.diff(totals))
    faults.refuse()
    if len(days) < 2:
        raise DataError(f"{file_name(Path(path).as_posix())}: two days of claims are needed; {WANTED}.")
    claims = Claims(np.array(days[1:], dtype="datetime64[D]"), np.diff(totals))
    return claims if corrections is None else _corrected(claims, corrections)


def _corrected(claims: Claims, path: Path) -> Claims:
    """Claims less the persons that a day includes from earlier ones; days outside the claims are left out."""
    counts = claims.counts.copy()
    faults, rows = _rows(path)
    for row in rows:
        date, persons = row.date(0), row.number(1, "personnel")
        if date is None or persons is None:
            continue
        place = (date - claims.days[0].item()).days
        if persons == 0.0 or not 0 <= place < counts.size:
            continue
        if not 0.0 < persons <= counts[place]:
            row.fault(
                f"the correction of {persons:.0f} does not fit the claim of {counts[place]:.0f} on {date}; "
                "give the persons of earlier days that the claim includes"
            )
            continue
        counts[place] -= persons
    faults.refuse()
    return Claims(claims.days, counts)


def _note_leaps(rows: list[Row], days: list[dt.date], counts: np.ndarray) -> None:
    """Note days that claim more than LEAP times the median day of the two weeks on either side."""
    for place, (row, count) in enumerate(zip(rows, counts, strict=True)):
        usual = float(np.median(counts[max(place - 14, 0) : place + 15]))
        if days[place] >= STEADY and count > LEAP * max(usual, 1.0):
            row.fault(
                f"the claim of this day, {count:.0f}, is more than {LEAP:.0f} times the usual {usual:.0f}; "
                "correct the totals"
            )


def _rows(path: Path) -> tuple[Faults, Iterable[Row]]:
    """The faults of a file, and its rows with date and cumulative total."""
    shown = file_name(Path(path).as_posix())
    if Path(path).suffix.lower() != ".json":
        sheet = read_sheet(path, WANTED)
        return sheet.faults, sheet.select([sheet.place(name) for name in COLUMNS])
    try:
        entries = json.loads(read_bytes(Path(path), advice=WANTED))
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise DataError(f"{shown}: not readable JSON; {WANTED}.") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise DataError(f"{shown}: not a list of objects; {WANTED}.")
    faults, rows = Faults(shown), []
    for number, entry in enumerate(entries, 1):
        missing = [name for name in COLUMNS if name not in entry]
        if missing:
            faults.add(f"entry {number}", f"{missing[0]} is missing; {WANTED}")
        else:
            rows.append(Row(f"entry {number}", [str(entry[name]).strip() for name in COLUMNS], faults))
    return faults, rows
