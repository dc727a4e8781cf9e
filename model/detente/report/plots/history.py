"""Observations before the as-of date: the series of ``configs/facts/history.toml``, as known by then."""

import datetime as dt
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from detente.config.toml import read
from detente.shared.errors import DataError
from detente.shared.paths import config_roots, find

COLUMNS = ["date", "value", "basis"]
SPAN_COLUMNS = ["since", "until", "value"]
TOTAL_COLUMNS = ["since", "until", "low", "high", "who"]


@cache
def _series(root: Path | None) -> dict[str, Any]:
    path = find("facts/history.toml", config_roots(root))
    if path is None:
        raise DataError(
            "configs/facts/history.toml: the history for the figures is missing; restore it or install détente again."
        )
    series: dict[str, Any] = read(path).data["series"]
    return series


def _named(name: str, root: Path | None) -> dict[str, Any]:
    series: dict[str, Any] | None = _series(root).get(name)
    if series is None:
        raise DataError(f"configs/facts/history.toml has no series {name}; restore it.")
    return series


def observed(name: str, as_of: dt.date, root: Path | None = None) -> pd.DataFrame:
    """Points of a series known on a date, in the order of time.

    Columns: date (middle of the month, or the day itself), value, basis. A month is known ``known_after_days`` after
    its last day, a single day that long after itself.
    """
    series = _named(name, root)
    lag = dt.timedelta(days=series["known_after_days"])
    rows = []
    for point in series["points"]:
        if "month" in point:
            year, month = (int(part) for part in point["month"].split("-"))
            first, after = dt.date(year, month, 1), dt.date(year + month // 12, month % 12 + 1, 1)
            shown, last = first + (after - first) // 2, after - dt.timedelta(days=1)
        else:
            shown = last = point["date"]
        if last + lag <= as_of:
            rows.append((shown, float(point["value"]), str(point.get("basis", ""))))
    return pd.DataFrame(sorted(rows), columns=COLUMNS)


def spans(name: str, as_of: dt.date, root: Path | None = None) -> pd.DataFrame:
    """Means over spans of a series known on a date, in the order of time.

    Columns: first day, the day after the last one, value.
    """
    series = _named(name, root)
    lag, day = dt.timedelta(days=series["known_after_days"]), dt.timedelta(days=1)
    rows = [
        (point["since"], point["date"] + day, float(point["value"]))
        for point in series["points"]
        if point["date"] + lag <= as_of
    ]
    return pd.DataFrame(sorted(rows), columns=SPAN_COLUMNS)


def totals(name: str, as_of: dt.date, root: Path | None = None) -> pd.DataFrame:
    """Totals of a series known on a date, in the order of time.

    Columns: first day, the day after the last one, low, high, author of the estimate.
    """
    series = _named(name, root)
    lag, day = dt.timedelta(days=series["known_after_days"]), dt.timedelta(days=1)
    known = [point for point in series["points"] if point["date"] + lag <= as_of]
    rows = [
        (series["since"], point["date"] + day, float(point["low"]), float(point["high"]), str(point["who"]))
        for point in known
    ]
    return pd.DataFrame(rows, columns=TOTAL_COLUMNS)


def urals_fob(as_of: dt.date, root: Path | None = None) -> pd.DataFrame:
    """Urals free on board, derived: Brent of the month less the quoted FOB discount of the month."""
    brent, discount = (
        observed(name, as_of, root).set_index("date")["value"] for name in ("brent", "urals_discount_fob")
    )
    both = (brent - discount).dropna().rename("value").rename_axis("date").reset_index()
    return both.assign(basis="Brent less FOB discount")[COLUMNS]
