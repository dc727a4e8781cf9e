"""What the solvers are handed, checked: arrays of the right shape, finite, not negative, and in one piece."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from detente.shared.messages import one_of, quoted
from detente.trade.errors import OptionError, TableError

MOST_NAMED = 5


def numbers(values: ArrayLike, what: str) -> np.ndarray:
    """An array of floats of its own (TableError if it holds anything else)."""
    try:
        return np.array(values, float)
    except (TypeError, ValueError) as error:
        raise TableError(f"{what}: there are entries that are no numbers ({error}).") from error


def square(values: ArrayLike, what: str) -> np.ndarray:
    """``values[exporter, importer]`` with a diagonal of zeros; TableError if it is not square or has fewer than two
    countries."""
    array = numbers(values, what)
    if array.ndim != 2 or array.shape[0] != array.shape[1]:
        raise TableError(
            f"{what}: a square table is needed, a row for each exporter and a column for each importer; this one is {shape(array)}."
        )
    if len(array) < 2:
        raise TableError(f"{what}: at least two countries are needed.")
    array.flat[:: len(array) + 1] = 0.0
    return array


def shape(array: np.ndarray) -> str:
    """``194 x 193``, or ``a single number``."""
    return " x ".join(map(str, array.shape)) or "a single number"


def names(countries: Sequence[Any] | None, table: Any, count: int) -> list[str]:
    """One label a country: as given, as the index of a DataFrame, else numbers from 0."""
    if countries is None and hasattr(table, "index") and hasattr(table, "columns"):
        countries = list(table.index)
    if countries is None:
        return [str(number) for number in range(count)]
    found = [str(country) for country in countries]
    if len(found) != count:
        raise TableError(f"countries: {len(found)} names were given for {count} countries.")
    if len(set(found)) != count:
        twice = next(name for name in found if found.count(name) > 1)
        raise TableError(f"countries: {quoted(twice)} stands there more than once.")
    return found


def place(home: int | str, labels: Sequence[str], what: str = "home") -> int:
    """Index of a country given by its index or its label."""
    if isinstance(home, str):
        if home not in labels:
            raise OptionError(f"{what}: there is no country {quoted(home)}; there are {one_of(labels)}.")
        return labels.index(home)
    try:
        index = int(home.__index__())
    except AttributeError as error:
        raise OptionError(f"{what}: the index or the name of a country is needed, not {quoted(home)}.") from error
    if not 0 <= index < len(labels):
        raise OptionError(f"{what}: there is no country {index}; countries count from 0 to {len(labels) - 1}.")
    return index


def whole(array: np.ndarray, labels: Sequence[str], what: str, lowest: float = 0.0) -> None:
    """Refuse entries that are not finite or below ``lowest``, and name the country."""
    bad = ~np.isfinite(array)
    if bad.any():
        raise TableError(
            f"{what}: the entry {_where(bad, labels)} is not a finite number; put 0 where there is nothing."
        )
    bad = array < lowest
    if bad.any():
        value = array[tuple(np.argwhere(bad)[0])]
        raise TableError(f"{what}: the entry {_where(bad, labels)} is {value:g}; the least is {lowest:g}.")


def same_labels(values: Any, labels: Sequence[str], what: str) -> None:
    """Refuse a DataFrame or Series with the countries of the trade table in another order: they are matched by
    place, never by name."""
    for side in ("index", "columns"):
        named = getattr(values, side, None)
        if named is None or callable(named):
            continue
        found = [str(label) for label in named]
        if found != list(labels) and sorted(found) == sorted(labels):
            raise TableError(
                f"{what}: its {side} has the countries of the trade table in another order; reindex it by the trade table's index."
            )


def rates(values: ArrayLike, labels: Sequence[str], what: str = "tariff") -> np.ndarray:
    """``tariff[exporter, importer]`` as a share of the price before it, checked; its diagonal is not read."""
    array = square(values, what)
    same_labels(values, labels, what)
    if len(array) != len(labels):
        raise TableError(f"{what}: it has {len(array)} countries, the trade table {len(labels)}.")
    above_minus_one(array, labels, what)
    return array


def above_minus_one(array: np.ndarray, labels: Sequence[str], what: str) -> None:
    """Refuse rates that are not finite, or a subsidy of the whole price."""
    bad = ~np.isfinite(array)
    if bad.any():
        raise TableError(f"{what}: the entry {_where(bad, labels)} is not a finite number.")
    bad = array <= -1.0
    if bad.any():
        value = array[tuple(np.argwhere(bad)[0])]
        raise OptionError(
            f"{what}: the entry {_where(bad, labels)} is {value:g}; a tariff is a share of the price and above -1."
        )


def _where(bad: np.ndarray, labels: Sequence[str]) -> str:
    """Where the first bad entry stands: ``from CHN to USA``, ``of USA``."""
    first = np.argwhere(bad)[0]
    if len(first) == 1:
        return f"of {labels[first[0]]}"
    return f"from {labels[first[-2]]} to {labels[first[-1]]}" + (f" of sector {first[0]}" if len(first) == 3 else "")


def connected(trade: np.ndarray, labels: Sequence[str], what: str = "trade") -> None:
    """Refuse a table that falls into parts without any trade between them: no price of one can be compared with one
    of the other."""
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
        apart = [label for label, there in zip(labels, reached, strict=True) if not there]
        more = f" and {len(apart) - MOST_NAMED} more" if len(apart) > MOST_NAMED else ""
        raise TableError(
            f"{what}: the table is disconnected, there is no trade between {', '.join(apart[:MOST_NAMED])}{more} and the others; leave them out."
        )


def option(value: Any, what: str, lowest: float = 0.0, *, inclusive: bool = True) -> float:
    """A finite number at or above ``lowest`` (above it unless ``inclusive``)."""
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise OptionError(f"{what}: a number is needed, not {quoted(value)}.") from error
    if not np.isfinite(number) or number < lowest or (number == lowest and not inclusive):
        raise OptionError(
            f"{what}: it is {number:g} and has to be {'at least' if inclusive else 'above'} {lowest:g} and finite."
        )
    return number


def choice(value: str, valid: Sequence[str], what: str) -> str:
    """One of some words."""
    if value not in valid:
        raise OptionError(f"{what}: there is no {quoted(value)}; valid: {one_of(valid)}.")
    return value
