"""Tables of numbers from CSV files, with refusals that name file, line and fix."""

import csv
import datetime as dt
import io
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from detente.shared.errors import DataError
from detente.shared.messages import file_name, quoted

Row = tuple[str, list[str]]
"""Where the row stands ("file, line 3") and its cells, stripped."""


def read_table(path: Path, wanted: str) -> tuple[list[str], list[Row]]:
    """Header and rows of a UTF-8 CSV file, blank lines left out; ``wanted`` ends the refusals ("name a CSV file with
    …").

    DataError: no such file, unreadable, not UTF-8, not CSV, empty, no row under the header.
    """
    shown = file_name(Path(path).as_posix())
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise DataError(f"{shown}: there is no such file; {wanted}.") from None
    except UnicodeDecodeError:
        raise DataError(f"{shown}: this is not UTF-8 text; {wanted}.") from None
    except OSError as error:
        raise DataError(f"{shown}: this file cannot be read ({error.strerror or error}); {wanted}.") from None
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        rows = [(f"{shown}, line {reader.line_num}", [cell.strip() for cell in row]) for row in reader if row]
    except csv.Error as error:
        raise DataError(f"{shown}, line {reader.line_num}: this is not valid CSV ({error}); mend the line.") from None
    if not rows:
        raise DataError(f"{shown}: this file is empty; {wanted}.")
    if len(rows) == 1:
        raise DataError(f"{shown}: there is no row under the header; {wanted}.")
    return rows[0][1], rows[1:]


def columns(path: Path, header: Sequence[str], names: Sequence[str], wanted: str) -> list[int]:
    """Positions of the named columns; DataError names the first that is missing."""
    for name in names:
        if name not in header:
            shown = file_name(Path(path).as_posix())
            raise DataError(f"{shown}, line 1: there is no column {name} among {quoted(', '.join(header))}; {wanted}.")
    return [header.index(name) for name in names]


def cells(rows: Sequence[Row], places: Sequence[int]) -> Iterator[tuple[str, list[str]]]:
    """The chosen cells of each row; DataError at a row that is too short."""
    for where, row in rows:
        if len(row) <= max(places):
            raise DataError(
                f"{where}: this row has {len(row)} value(s) where {max(places) + 1} belong; complete or delete it."
            )
        yield where, [row[place] for place in places]


def as_date(text: str, where: str) -> dt.date:
    """A day, YYYY-MM-DD."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise DataError(f"{where}: the date {quoted(text)} is not of the form YYYY-MM-DD; rewrite it.") from None


def as_number(text: str, where: str, name: str) -> float:
    """A finite number."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise DataError(f"{where}: the {name} {quoted(text)} is not a number; correct the row or delete it.")
    return value
