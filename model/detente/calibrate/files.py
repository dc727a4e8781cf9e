"""Files of the calibration: tables of numbers from CSV, and parameter overlays as scenario files (TOML)."""

import csv
import datetime as dt
import hashlib
import io
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from detente.shared.errors import DataError
from detente.shared.messages import file_name, quoted

Row = tuple[str, list[str]]
"""Position of a row ("file, line 3") and its cells, stripped."""


def read_table(path: Path, wanted: str) -> tuple[list[str], list[Row]]:
    """Header and rows of a UTF-8 CSV file without blank lines; ``wanted`` ends the error messages.

    Raises
    ------
    DataError : the file is missing, unreadable, not UTF-8, not CSV, empty, or has no row under the header.
    """
    shown = file_name(Path(path).as_posix())
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise DataError(f"{shown}: no such file; {wanted}.") from None
    except UnicodeDecodeError:
        raise DataError(f"{shown}: not UTF-8 text; {wanted}.") from None
    except OSError as error:
        raise DataError(f"{shown}: cannot be read ({error.strerror or error}); {wanted}.") from None
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        rows = [(f"{shown}, line {reader.line_num}", [cell.strip() for cell in row]) for row in reader if row]
    except csv.Error as error:
        raise DataError(f"{shown}, line {reader.line_num}: not valid CSV ({error}); correct the line.") from None
    if not rows:
        raise DataError(f"{shown}: the file is empty; {wanted}.")
    if len(rows) == 1:
        raise DataError(f"{shown}: there is no row under the header; {wanted}.")
    return rows[0][1], rows[1:]


def columns(path: Path, header: Sequence[str], names: Sequence[str], wanted: str) -> list[int]:
    """Positions of the named columns (DataError names the first missing one)."""
    for name in names:
        if name not in header:
            shown = file_name(Path(path).as_posix())
            raise DataError(f"{shown}, line 1: there is no column {name} among {quoted(', '.join(header))}; {wanted}.")
    return [header.index(name) for name in names]


def cells(rows: Sequence[Row], places: Sequence[int]) -> Iterator[tuple[str, list[str]]]:
    """The chosen cells of each row (DataError at a row that is too short)."""
    for where, row in rows:
        if len(row) <= max(places):
            raise DataError(
                f"{where}: the row has {len(row)} value(s), {max(places) + 1} are needed; complete or delete it."
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


class Change(NamedTuple):
    """One parameter or fact changed by an estimate."""

    table: str
    """Dotted key, such as parameters.gas.mean_reversion."""
    value: float
    unit: str
    dist: str | None = None
    """The distribution's inline table without its braces; None leaves the value fixed."""


def normal(value: float, sd: float) -> str:
    """Inline table of a normal distribution around the value, without braces."""
    return f'kind = "normal", mean = {number(value)}, sd = {number(sd)}'


def lognormal(median: float, log_sd: float) -> str:
    """Inline table of a lognormal distribution, without braces."""
    return f'kind = "lognormal", median = {number(median)}, log_sd = {number(log_sd)}'


def tables(changes: Iterable[Change], source: str, as_of: object) -> list[str]:
    """Lines of TOML, one table a change, each with the same source and date."""
    lines: list[str] = []
    for change in changes:
        lines += ["", f"[{change.table}]", f"value = {number(change.value)}"]
        if change.dist is not None:
            lines.append(f"dist = {{ {change.dist} }}")
        lines += [f'unit = "{change.unit}"', f"source = {text(source)}", 'confidence = "D"', f"as_of = {as_of}"]
    return lines


def name_and_digest(path: Path) -> tuple[str, str]:
    """Name of a file, safe to print, and the SHA-256 of its content."""
    return quoted(Path(path).name, marks=False), hashlib.sha256(Path(path).read_bytes()).hexdigest()


def text(value: str) -> str:
    """A TOML string from printable text, with quotes and backslashes escaped."""
    return json.dumps(value, ensure_ascii=False)


def number(value: float) -> str:
    """Six significant digits, always with a decimal point so that TOML reads a float."""
    shown = f"{value:.6g}"
    return shown if "." in shown or "e" in shown else shown + ".0"
