"""Tables of numbers from CSV files of users, read strictly, with all their faults in one answer.

Cells are separated by commas, or by semicolons; only in a file with semicolons may decimals follow a comma, and then in
all of its numbers. Blank rows, rows that begin with ``#`` and empty cells at the end of a row are left out.
"""

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from detente.shared.errors import DataError
from detente.shared.messages import file_name, quoted
from detente.shared.numbers import number_in
from detente.shared.reading import read_bytes
from detente.shared.texts import normalised

MOST_NAMED = 10
"""Faults of a file that one answer names."""
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9][0-9.]*,[0-9]+")


@dataclass
class Faults:
    """What is wrong with a file: place (``line 3``) and sentence without a full stop, in the order of the file."""

    shown: str
    entries: list[tuple[str, str]] = field(default_factory=list)

    def add(self, place: str, sentence: str) -> None:
        """Note a fault."""
        self.entries.append((place, sentence))

    def refuse(self) -> None:
        """DataError with all faults, the first MOST_NAMED by place; nothing where there is none."""
        if not self.entries:
            return
        if len(self.entries) == 1:
            ((place, sentence),) = self.entries
            raise DataError(f"{self.shown}, {place}: {sentence}.")
        count = len(self.entries)
        head = f"{self.shown}: {count} faults{f'; the first {MOST_NAMED}' if count > MOST_NAMED else ''}:"
        raise DataError("\n".join([head, *(f"  {place}: {text}." for place, text in self.entries[:MOST_NAMED])]))


@dataclass
class Row:
    """Chosen cells of a row; a cell that cannot be read is noted as a fault and gives None."""

    place: str
    cells: list[str]
    faults: Faults
    comma: bool = False
    """Whether decimals follow a comma."""

    def fault(self, sentence: str) -> None:
        """Note a fault of this row."""
        self.faults.add(self.place, sentence)

    def date(self, cell: int, *, months: bool = False) -> dt.date | None:
        """A day, YYYY-MM-DD; with ``months`` also YYYY-MM, which is its first day."""
        text = self.cells[cell]
        day = f"{text}-01" if months and re.fullmatch(r"[0-9]{4}-[0-9]{2}", text) else text
        try:
            return dt.date.fromisoformat(day if _DAY.fullmatch(day) else "")
        except ValueError:
            self.fault(f"the date {quoted(text)} is not of the form YYYY-MM-DD; rewrite it")
            return None

    def number(self, cell: int, name: str) -> float | None:
        """A finite number."""
        text = self.cells[cell]
        value = number_in(text, comma=self.comma)
        if value is not None and self.comma and "." in text and "," not in text:
            value = None
        if value is None:
            self.fault(f"the {name} {quoted(text)} is not a number{self._why(text)}; correct the row or delete it")
        return value

    def _why(self, text: str) -> str:
        if self.comma and number_in(text) is not None:
            return " with a decimal comma, as others of this file have"
        if not self.comma and number_in(text, comma=True) is not None:
            return ", because its decimals follow a comma"
        return ""


@dataclass
class Sheet:
    """A table: its header, its rows and what is wrong with them."""

    path: Path
    wanted: str
    """Ends messages: what file is wanted."""
    header: list[str]
    rows: list[Row]
    faults: Faults
    header_place: str = "line 1"

    def has(self, name: str) -> bool:
        """Whether there is such a column, whatever the case of its letters."""
        return name.casefold() in self._names()

    def place(self, name: str) -> int:
        """Position of a column (DataError if there is none or more than one)."""
        names = self._names()
        if names.count(name.casefold()) != 1:
            count = "no column" if name.casefold() not in names else "more than one column"
            raise DataError(
                f"{self.faults.shown}, {self.header_place}: there is {count} {name} among "
                f"{quoted(', '.join(self.header))}; {self.wanted}."
            )
        return names.index(name.casefold())

    def select(self, columns: Sequence[int]) -> Iterator[Row]:
        """The rows with these columns' cells; a row of another length than the header is a fault."""
        width = len(self.header)
        for row in self.rows:
            count = len(row.cells)
            if count != width:
                row.fault(
                    f"the row has {count} value{'' if count == 1 else 's'}, the header {width}; "
                    + ("complete or delete it" if count < width else "put a cell with a comma in quotes, or delete it")
                )
                continue
            yield Row(row.place, [row.cells[column] for column in columns], self.faults, row.comma)

    def _names(self) -> list[str]:
        return [name.casefold() for name in self.header]


def read_sheet(path: Path, wanted: str, *, blank_rows: bool = False) -> Sheet:
    """Read a CSV file in UTF-8.

    Parameters
    ----------
    path : the file.
    wanted : what file is wanted; ends the messages.
    blank_rows : whether a row of empty cells, if it is as long as the header, counts.

    Raises
    ------
    DataError : the file is missing, not a regular file, too large, not UTF-8, not CSV, empty, or has no row under the
        header.
    """
    shown = file_name(Path(path).as_posix())
    try:
        text = normalised(read_bytes(Path(path), advice=wanted).decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise DataError(f"{shown}: not UTF-8 text; {wanted}.") from None
    first = next((line for line in text.splitlines() if line.strip(' ",;') and not line.startswith("#")), "")
    semicolons = ";" in first and "," not in first
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if semicolons else ",", strict=True)
    table: list[tuple[str, list[str]]] = []
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            counts = any(stripped) or (blank_rows and len(table) > 0 and len(stripped) == len(table[0][1]) > 1)
            if counts and not stripped[0].startswith("#"):
                table.append((f"line {reader.line_num}", stripped))
    except csv.Error as error:
        raise DataError(f"{shown}, line {reader.line_num}: not valid CSV ({error}); correct the line.") from None
    if not table:
        raise DataError(f"{shown}: the file is empty; {wanted}.")
    if len(table) == 1:
        raise DataError(f"{shown}: there is no row under the header; {wanted}.")
    header_place, header = table[0]
    while header and not header[-1]:
        header.pop()
    faults = Faults(shown)
    comma = semicolons and any(_DECIMAL_COMMA.fullmatch(cell) for _, cells in table[1:] for cell in cells)
    rows = [Row(place, _without_residue(cells, len(header)), faults, comma) for place, cells in table[1:]]
    return Sheet(Path(path), wanted, header, rows, faults, header_place)


def _without_residue(cells: list[str], width: int) -> list[str]:
    """The cells without empty ones beyond the header, which spreadsheets leave."""
    end = len(cells)
    while end > width and not cells[end - 1]:
        end -= 1
    return cells[:end]
