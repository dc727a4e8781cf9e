"""Checks of the solvers' inputs: shape, finite and non-negative entries, connected tables."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from detente.shared.messages import one_of, quoted
from detente.trade.errors import OptionError, TableError

MOST_NAMED = 5


def numbers(values: ArrayLike, what: str) -> np.ndarray:
    """A new array of floats (TableError for other entries)."""
    try:
        return np.array(values, float)
    except (TypeError, ValueError) as error:
        raise TableError(f"{what}: some entries are not numbers ({error}).") from error


def square(values: ArrayLike, what: str) -> np.ndarray:
    """``values[exporter, importer]`` with zeros on the diagonal (TableError if not square or under two countries)."""
    array = numbers(values, what)
    if array.ndim != 2 or array.shape[0] != array.shape[1]:
        raise TableError(
            f"{what}: a square table is needed, exporters in rows and importers in columns; this one is {shape(array)}."
        )
    if len(array) < 2:
        raise TableError(f"{what}: at least two countries are needed.")
    array.flat[:: len(array) + 1] = 0.0
    return array


def shape(array: np.ndarray) -> str:
    """``194 x 193``, or ``a single number``."""
    return " x ".join(map(str, array.shape)) or "a single number"


def names(countries: Sequence[Any] | None, table: Any, count: int) -> list[str]:
    """Labels of the countries: as given, the index of a DataFrame, or numbers from 0."""
    if countries is None and hasattr(table, "index") and hasattr(table, "columns"):
        countries = list(table.index)
    if countries is None:
        return [str(number) for number in range(count)]
    labels = [str(country) for country in countries]
    if len(labels) != count:
        raise TableError(f"countries: {len(labels)} names were given for {count} countries.")
    if len(set(labels)) != count:
        repeated = next(name for name in labels if labels.count(name) > 1)
        raise TableError(f"countries: {quoted(repeated)} is given more than once.")
    return labels


def country_index(home: int | str, labels: Sequence[str], what: str = "home") -> int:
    """Index of a country given by its index or its label."""
    if isinstance(home, str):
        if home not in labels:
            raise OptionError(f"{what}: there is no country {quoted(home)}; valid: {one_of(labels)}.")
        return labels.index(home)
    try:
        index = int(home.__index__())
    except AttributeError as error:
        raise OptionError(f"{what}: the index or the name of a country is needed, not {quoted(home)}.") from error
    if not 0 <= index < len(labels):
        raise OptionError(f"{what}: there is no country {index}; valid: 0 to {len(labels) - 1}.")
    return index


def check_entries(array: np.ndarray, labels: Sequence[str], what: str, lowest: float = 0.0) -> None:
    """Reject entries that are not finite or below ``lowest``; the error names the country."""
    bad = ~np.isfinite(array)
    if bad.any():
        raise TableError(f"{what}: the entry {_where(bad, labels)} is not a finite number; use 0 for no trade.")
    bad = array < lowest
    if bad.any():
        value = array[tuple(np.argwhere(bad)[0])]
        raise TableError(f"{what}: the entry {_where(bad, labels)} is {value:g}; the minimum is {lowest:g}.")


def same_labels(values: Any, labels: Sequence[str], what: str) -> None:
    """Reject a DataFrame or Series with the countries of the trade table in another order; matching is by position."""
    for side in ("index", "columns"):
        named = getattr(values, side, None)
        if named is None or callable(named):
            continue
        own = [str(label) for label in named]
        if own != list(labels) and sorted(own) == sorted(labels):
            raise TableError(
                f"{what}: its {side} has the countries of the trade table in another order; reindex it like that table."
            )


def rates(values: ArrayLike, labels: Sequence[str], what: str = "tariff") -> np.ndarray:
    """``tariff[exporter, importer]`` as a share of the price before tariff, checked; the diagonal is not used."""
    array = square(values, what)
    same_labels(values, labels, what)
    if len(array) != len(labels):
        raise TableError(f"{what}: it has {len(array)} countries, the trade table {len(labels)}.")
    above_minus_one(array, labels, what)
    return array


def above_minus_one(array: np.ndarray, labels: Sequence[str], what: str) -> None:
    """Reject rates that are not finite or at most -1."""
    bad = ~np.isfinite(array)
    if bad.any():
        raise TableError(f"{what}: the entry {_where(bad, labels)} is not a finite number.")
    bad = array <= -1.0
    if bad.any():
        value = array[tuple(np.argwhere(bad)[0])]
        raise OptionError(
            f"{what}: the entry {_where(bad, labels)} is {value:g}; a tariff must be a share of the price above -1."
        )


def _where(bad: np.ndarray, labels: Sequence[str]) -> str:
    """Position of the first invalid entry: ``from CHN to USA``, ``of USA``."""
    first = np.argwhere(bad)[0]
    if len(first) == 1:
        return f"of {labels[first[0]]}"
    return f"from {labels[first[-2]]} to {labels[first[-1]]}" + (f" of sector {first[0]}" if len(first) == 3 else "")


def connected(trade: np.ndarray, labels: Sequence[str], what: str = "trade") -> None:
    """Reject a disconnected table: relative prices between its parts are undefined."""
    linked = trade > 0.0
    if np.count_nonzero(linked) == len(trade) * (len(trade) - 1):
        return
    linked |= linked.T
    reached = np.zeros(len(trade), bool)
    front = np.array([int(linked.sum(axis=0).argmax())])
    while front.size:
        reached[front] = True
        front = np.flatnonzero(linked[front].any(axis=0) & ~reached)
    if not reached.all():
        isolated = [label for label, there in zip(labels, reached, strict=True) if not there]
        more = f" and {len(isolated) - MOST_NAMED} more" if len(isolated) > MOST_NAMED else ""
        raise TableError(
            f"{what}: the table is disconnected: {', '.join(isolated[:MOST_NAMED])}{more} do not trade with "
            "the others; leave them out."
        )


def option(value: Any, what: str, lowest: float = 0.0, *, inclusive: bool = True) -> float:
    """A finite number at or above ``lowest`` (above it unless ``inclusive``)."""
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise OptionError(f"{what}: a number is needed, not {quoted(value)}.") from error
    if not np.isfinite(number) or number < lowest or (number == lowest and not inclusive):
        raise OptionError(
            f"{what}: it is {number:g} and must be {'at least' if inclusive else 'above'} {lowest:g} and finite."
        )
    return number


def choice(value: str, valid: Sequence[str], what: str) -> str:
    """One of the valid words (OptionError otherwise)."""
    if value not in valid:
        raise OptionError(f"{what}: there is no {quoted(value)}; valid: {one_of(valid)}.")
    return value
