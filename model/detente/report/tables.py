"""Tables as data: cells with text, sort key and bar. The formats decide how they look."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """``text`` with an optional second line ``note``.

    ``sort`` orders a column (default: the text); ``bar`` fills a share of the cell, 0 to 1.
    """

    text: str
    note: str = ""
    sort: float | str | None = None
    bar: float | None = None
    title: str = ""
    lines: tuple[str, ...] = ()
    """Further lines below the text, in the same size."""


@dataclass(frozen=True)
class Column:
    """Head of a column; numbers are set flush right."""

    text: str
    note: str = ""
    numeric: bool = False


@dataclass(frozen=True)
class Table:
    """The first cell of each row is its head. ``key`` names the table within a report; ``style`` lists CSS classes."""

    key: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    sortable: bool = True
    style: str = ""
