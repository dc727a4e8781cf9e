"""Tables as data: what a cell says, how it sorts, and the bar in it. The template and later formats decide how they
look."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """``text`` with an optional second line ``note``; ``sort`` orders a column (the text if absent); ``bar`` fills a
    share of the cell, 0 to 1."""

    text: str
    note: str = ""
    sort: float | str | None = None
    bar: float | None = None
    title: str = ""
    lines: tuple[str, ...] = ()
    """Further lines under the text, in the same size."""


@dataclass(frozen=True)
class Column:
    """Head of a column; numbers are set flush right."""

    text: str
    note: str = ""
    numeric: bool = False


@dataclass(frozen=True)
class Table:
    """The first cell of each row is its head. ``key`` names the table within a report."""

    key: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    sortable: bool = True
