"""The base of everything read from a file, and the small checks that several models share."""

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from detente.shared.messages import number
from detente.shared.paths import SLUG

WEIGHT_TOLERANCE = 1e-6


def _not_tiny(value: float) -> float:
    require(value >= 1e-30, f"{value!r} is too close to 0.")
    return value


Real = Annotated[float, Field(ge=-1e30, le=1e30)]
"""Any number; the limits keep sums and quotients of two of them finite."""
Positive = Annotated[float, Field(gt=0.0, le=1e30), AfterValidator(_not_tiny)]
Weight = Annotated[float, Field(ge=0.0, le=1.0)]
MAX_TEXT = 4_000


def _not_blank(text: str) -> str:
    require(bool(text.strip()), "must not be empty.")
    return text


def _one_line(text: str) -> str:
    require(
        not any(unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp") or one in _DIRECTIONS for one in text),
        "must be one line without control characters.",
    )
    return text


_DIRECTIONS = "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Marks that change the direction of the text after them."""
Text = Annotated[str, Field(min_length=1, max_length=MAX_TEXT), AfterValidator(_not_blank)]


class Strict(BaseModel):
    """No unknown keys, no silent conversion, finite numbers, immutable."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)


def require(condition: bool, message: str) -> None:
    """Inside a validator: refuse with this message."""
    if not condition:
        raise ValueError(message)


def require_weights(weights: Sequence[float], count: int, of: str) -> None:
    """Weights: as many as there are ``of``, sum 1."""
    require(len(weights) == count, f"weights has {len(weights)} numbers for {count} {of}; give one for each.")
    total = math.fsum(weights)
    require(abs(total - 1.0) <= WEIGHT_TOLERANCE, f"weights sum to {number(total)}; they must sum to 1.")


def weighted_median(values: Sequence[float], weights: Sequence[float]) -> float:
    """The smallest value at which the weights reach one half of their sum."""
    half, reached = math.fsum(weights) / 2.0, 0.0
    pairs = sorted(pair for pair in zip(values, weights, strict=True) if pair[1] > 0.0)
    for value, weight in pairs:
        reached += weight
        if reached >= half * (1.0 - 1e-12):
            return value
    return pairs[-1][0]


def _plain(value: Any) -> bool | float | str:
    """A number becomes a float, so that 14 and 14.0 are the same configuration."""
    require(isinstance(value, bool | int | float | str), "must be a number, true, false or a string.")
    if isinstance(value, bool | str):
        return value
    require(abs(value) <= 1e30, "must be a number between -1e30 and 1e30.")
    return float(value) + 0.0  # -0.0 becomes 0.0


def _word(pattern: str, of: str) -> AfterValidator:
    """A validator of texts that match a pattern."""

    def check(text: str) -> str:
        require(re.fullmatch(pattern, text) is not None, f"must be made of {of}.")
        return text

    return AfterValidator(check)


def _confidence(text: str) -> str:
    valid = {"V", "V2", "RC", "RU", "D", "J"}
    require(set(text.split("/")) <= valid, "must be V, V2, RC, RU, D or J (or several with a stroke, D/J).")
    return text


def _calendar_day(text: str) -> str:
    try:
        valid = len(text) == 5 and dt.date.fromisoformat(f"2023-{text}").strftime("%m-%d") == text
    except ValueError:
        valid = False
    require(valid, "must be a day of the year such as 07-31.")
    return text


def flat(value: Any, prefix: str = "") -> Any:
    """``{ gulf.state = "open" }`` and ``{ "gulf.state" = "open" }`` mean the same."""
    if not isinstance(value, dict):
        return value
    flattened: dict[str, Any] = {}
    for key, item in value.items():
        flattened |= flat(item, f"{prefix}{key}.") if isinstance(item, dict) else {prefix + key: item}
    return flattened


def _run_date(day: dt.date) -> dt.date:
    require(1990 <= day.year <= 2200, "must lie between 1990 and 2200.")
    return day


Value = Annotated[bool | float | str, BeforeValidator(_plain)]
Key = Annotated[str, _word(r"[a-z][a-z0-9_]{0,79}", "lower-case letters, digits and underscores, a letter first")]
Slug = Annotated[str, _word(SLUG, "lower-case letters, digits and dashes, 60 at most")]
Confidence = Annotated[str, AfterValidator(_confidence)]
CalendarDay = Annotated[str, AfterValidator(_calendar_day)]
RunDate = Annotated[dt.date, AfterValidator(_run_date)]
MAX_TITLE = 200
Title = Annotated[str, Field(min_length=1, max_length=MAX_TITLE), AfterValidator(_not_blank), AfterValidator(_one_line)]
