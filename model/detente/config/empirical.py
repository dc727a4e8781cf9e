"""Observed numbers of an empirical distribution, read from a column of a CSV file beside the TOML file."""

import csv
import io
from pathlib import Path

from detente.config.distributions import MAX_VALUES, Distribution, Empirical, Mixture, without_values
from detente.config.toml import Document
from detente.config.validation import check
from detente.shared.errors import DataError
from detente.shared.messages import KeyPath, quoted, unknown
from detente.shared.numbers import number_in
from detente.shared.reading import read_bytes
from detente.shared.texts import normalised

MAX_CSV_BYTES = 5_000_000


def with_values(dist: Distribution, document: Document, path: KeyPath) -> Distribution:
    """The distribution with every CSV column replaced by its numbers, so that a configuration needs no other file.

    ConfigError when the file lies outside the TOML file's folder or its numbers do not fit; DataError when it is
    missing or damaged.
    """
    if not without_values(dist):
        return dist
    if isinstance(dist, Mixture):
        parts = [
            part.model_copy(update={"dist": with_values(part.dist, document, (*path, "components", index, "dist"))})
            for index, part in enumerate(dist.components)
        ]
        whole = dist.model_copy(update={"components": tuple(parts)})
        return check(Mixture, document, path, whole.model_dump(exclude_none=True))
    if not isinstance(dist, Empirical) or dist.csv is None or dist.column is None:
        return dist
    folder = (document.path.parent if document.path else Path.cwd()).resolve()
    try:
        file = (folder / dist.csv).resolve()
    except (OSError, ValueError, RuntimeError):
        document.fail((*path, "csv"), f"{quoted(dist.csv)} is not a file name.")
    if not file.is_relative_to(folder):
        document.fail(
            (*path, "csv"),
            f"{quoted(dist.csv)} lies outside the folder of the file that names it; put a copy beside it.",
        )
    values = _column(file, dist.column, f"{document.where((*path, 'csv'))}, {quoted(dist.csv, marks=False)}")
    truncation = {} if dist.truncate is None else {"truncate": dist.truncate}
    return check(Empirical, document, path, {"kind": "empirical", "values": values, **truncation})


def _column(file: Path, column: str, shown: str) -> list[float]:
    """The finite numbers of a column; DataError names the line of the first cell that holds none."""
    try:
        raw = read_bytes(file, MAX_CSV_BYTES, shown, "keep the column in a CSV file of its own")
        reader = csv.reader(io.StringIO(normalised(raw.decode("utf-8-sig")), newline=""))
        header = next(reader, [])
        if column not in header:
            raise DataError(f"{shown}: {unknown('column', column, header)}")
        place = header.index(column)
        values = [_number(row, place, len(header), f"{shown}, line {reader.line_num}") for row in reader if any(row)]
    except (UnicodeDecodeError, csv.Error):
        raise DataError(f"{shown}: this is not a CSV file in UTF-8.") from None
    if not values or len(values) > MAX_VALUES:
        raise DataError(f"{shown}: column {quoted(column)} holds {len(values)} numbers; 1 to {MAX_VALUES} are needed.")
    return values


def _number(row: list[str], place: int, width: int, where: str) -> float:
    while len(row) > width and not row[-1].strip():
        row = row[:-1]
    if len(row) > width:
        raise DataError(
            f"{where}: the row has {len(row)} cells, the header {width}; put a cell with a comma in quotes."
        )
    value = number_in(row[place].strip()) if place < len(row) else None
    if value is None:
        raise DataError(f"{where}: there is no number in this column.")
    return value
