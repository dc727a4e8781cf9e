"""Tables of trade and GDP: the shipped table, full tables from a folder, and the regions for aggregation."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from detente.shared.countries import same
from detente.shared.errors import ConfigError, DataError
from detente.shared.messages import nearest, quoted, unknown
from detente.shared.paths import config_roots, find, shown
from detente.shared.sheet import Row, Sheet, read_sheet
from detente.shared.texts import normalised
from detente.trade.errors import OptionError, TableError

REGIONS, TABLE = "trade/regions.toml", "trade/table.csv"
MATRIX, GDP, LABELS = "trade_matrix*.csv", "gdp*.csv", "country_labels.csv"
"""Files of a full table."""
WANTED = "see docs/trade.md for the three files of a full table"
REST = "rest"


@dataclass(frozen=True)
class Region:
    """A country or a group of countries. ``members``: three-letter ISO 3166 codes, empty for the rest of the world."""

    key: str
    name: str
    members: tuple[str, ...]

    def known_as(self, word: str) -> bool:
        """Whether a word is the key or the name, in any spelling."""
        return same(self.key, word) or same(self.name, word)


@dataclass(frozen=True)
class Regions:
    """The regions of the shipped table, named groups of them, and year and source of the figures."""

    regions: tuple[Region, ...]
    groups: dict[str, tuple[str, ...]]
    year: int
    source: str


@dataclass(frozen=True)
class Table:
    """Trade and GDP before a change.

    Parameters
    ----------
    keys, names : codes and names of the N countries.
    trade : (N, N) ``trade[exporter, importer]`` in ``unit`` USD, zeros on the diagonal.
    gdp : (N,) in ``unit`` USD.
    unit : USD per unit of money.
    source : source of the figures.
    """

    keys: list[str]
    names: list[str]
    trade: np.ndarray
    gdp: np.ndarray
    unit: float
    source: str


def regions(configs: Path | None = None) -> Regions:
    """Read the regions of the shipped table from ``trade/regions.toml``.

    Parameters
    ----------
    configs : user's configuration folder.

    Raises
    ------
    TableError : the file is damaged.
    """
    path = _configured(REGIONS, configs)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        every = tuple(
            Region(one["key"], one["name"], () if one["members"] == REST else tuple(one["members"]))
            for one in content["region"]
        )
        return Regions(
            every, {name: tuple(keys) for name, keys in content["groups"].items()}, content["year"], content["source"]
        )
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise TableError(f"{shown(path)}: the regions cannot be read ({error}).") from error


def shipped(configs: Path | None = None) -> Table:
    """Read the shipped table of 13 regions, in million USD.

    Parameters
    ----------
    configs : user's configuration folder.

    Raises
    ------
    TableError : the file is damaged.

    References
    ----------
    Goods trade: CEPII, BACI. GDP: World Bank, World Development Indicators.
    """
    path, known = _configured(TABLE, configs), regions(configs)
    sheet = _sheet(path, f"restore the table that ships in {TABLE}")
    rows = list(sheet.select(range(len(sheet.header))))
    keys = [row.cells[0] for row in rows]
    if sheet.header != ["exporter", "gdp", *keys] or keys != [region.key for region in known.regions]:
        raise TableError(
            f"{shown(path)}: the rows, the columns and the regions of {REGIONS} must be the same, in the same order."
        )
    values = np.array([[_cell(row, cell, sheet.header[cell]) for cell in range(1, len(row.cells))] for row in rows])
    _refuse(sheet)
    return Table(keys, [region.name for region in known.regions], values[:, 1:], values[:, 0], 1e6, known.source)


def read(folder: Path) -> Table:
    """Read a full table from a folder.

    Parameters
    ----------
    folder : holds ``trade_matrix*.csv`` (header, exporters down, importers across, thousand USD, an empty cell is no
        trade), ``gdp*.csv`` (column ``gdp``, USD) and ``country_labels.csv`` (columns ``iso3``, ``CountryName``), all
        in the same order of countries.

    Raises
    ------
    TableError : a file is missing, unreadable, or has another number of countries.
    """
    if not folder.is_dir():
        raise TableError(f"{shown(folder)}: there is no such folder.")
    labels, income = _sheet(folder / LABELS, WANTED), _sheet(_only(folder, GDP), WANTED)
    matrix = _sheet(_only(folder, MATRIX), WANTED)
    named = [row.cells for row in labels.select([_column(labels, "iso3"), _column(labels, "CountryName")])]
    gdp = np.array([row.number(0, "GDP") or 0.0 for row in income.select([_column(income, "gdp")])]) / 1e3
    width = range(len(matrix.header))
    rows = [[_cell(row, cell, "trade") for cell in width] for row in matrix.select(width)]
    for sheet in (labels, income, matrix):
        _refuse(sheet)
    trade = np.array(rows)
    for name, count in (
        ("countries in columns", trade.shape[1]),
        ("countries in rows", trade.shape[0]),
        ("values of GDP", len(gdp)),
    ):
        if count != len(named):
            raise TableError(f"{shown(folder)}: there are {count} {name} but {len(named)} labels.")
    keys = [key for key, _ in named]
    source = f"Trade and GDP: {folder.resolve().name}, {len(keys)} countries."
    names = [name for _, name in named]
    return Table(keys, names, np.where(np.eye(len(keys)) > 0, 0.0, trade), gdp, 1e3, source)


def aggregate(table: Table, known: Regions) -> Table:
    """Sum a full table over regions, in million USD.

    Trade within a region counts as domestic sales and is left out (TableError if a member is missing or in two
    regions).
    """
    sums = np.zeros((len(known.regions), len(table.keys)))
    for row, region in enumerate(known.regions):
        for member in region.members:
            if member not in table.keys:
                raise TableError(f"{region.key}: {member} is not in the table.")
            sums[row, table.keys.index(member)] = 1.0
    if (sums.sum(axis=0) > 1.0).any():
        raise TableError(f"{table.keys[int(sums.sum(axis=0).argmax())]} is in more than one region.")
    for row, region in enumerate(known.regions):
        if not region.members:
            sums[row, sums.sum(axis=0) == 0.0] = 1.0
    trade = sums @ table.trade @ sums.T * (table.unit / 1e6)
    np.fill_diagonal(trade, 0.0)
    return Table(
        [r.key for r in known.regions],
        [r.name for r in known.regions],
        trade,
        sums @ table.gdp * (table.unit / 1e6),
        1e6,
        known.source,
    )


def choose(words: list[str], table: Table, known: Regions) -> list[int]:
    """Indices of the countries named by key, name, alias, group or country code, each once.

    Raises
    ------
    OptionError : a word is unknown or names a part of a region.
    """
    indices: list[int] = []
    for word in words:
        indices += [index for index in _one(word, table, known) if index not in indices]
    return indices


def _one(word: str, table: Table, known: Regions) -> list[int]:
    word = normalised(word)
    for labels in (table.keys, table.names):
        indices = [index for index, label in enumerate(labels) if same(label, word)]
        if indices:
            return indices
    group = next((keys for name, keys in known.groups.items() if name.casefold() == word.casefold()), None)
    if group is not None:
        return [index for key in group for index in _one(key, table, known)]
    region = next((one for one in known.regions if one.known_as(word)), None)
    if region is not None:
        if region.key in table.keys:
            return [table.keys.index(region.key)]
        inside = [table.keys.index(member) for member in region.members if member in table.keys]
        if inside:
            return inside
    part = next((one for one in known.regions if word.upper() in one.members and one.key in table.keys), None)
    if part is not None:
        if len(part.members) == 1:
            return [table.keys.index(part.key)]
        raise OptionError(
            f"{quoted(word.upper())} is part of {part.key} in this table; "
            f"name {part.key}, or give a table of countries with --data."
        )
    words = [*table.keys, *table.names, *known.groups]
    if nearest(word, words) is None:
        rest = (
            f"; countries outside {', '.join(table.keys[:-1])} need a table of their own, --data"
            if len(table.keys) < 50
            else ""
        )
        raise OptionError(f"there is no country {quoted(word)} in the table{rest}.")
    raise OptionError(f"there is an {unknown('country', word, words)}")


def _configured(relative: str, configs: Path | None) -> Path:
    path = find(relative, config_roots(configs))
    if path is None:
        raise ConfigError(f"{relative}: there is no such file in the configuration.")
    return path


def _only(folder: Path, pattern: str) -> Path:
    """The only file of a pattern."""
    files = sorted(folder.glob(pattern))
    if len(files) != 1:
        raise TableError(
            f"{shown(folder)}: {'several files match' if files else 'no file matches'} {pattern}; one is needed."
        )
    return files[0]


def _sheet(path: Path, wanted: str) -> Sheet:
    try:
        return read_sheet(path, wanted, blank_rows=True)
    except DataError as error:
        raise TableError(str(error)) from None


def _column(sheet: Sheet, name: str) -> int:
    try:
        return sheet.place(name)
    except DataError as error:
        raise TableError(str(error)) from None


def _cell(row: Row, cell: int, name: str) -> float:
    """The number of a cell; an empty one is zero."""
    return (row.number(cell, name) or 0.0) if row.cells[cell] else 0.0


def _refuse(sheet: Sheet) -> None:
    try:
        sheet.faults.refuse()
    except DataError as error:
        raise TableError(str(error)) from None
