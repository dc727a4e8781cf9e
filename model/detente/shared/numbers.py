"""The one reader of numbers in text: CSV cells, options, questions, settings.

A number has ASCII digits and at most one decimal point, and is finite: ``1_0``, digits of another script, ``1.234,56``,
``1e400``, ``nan`` and ``inf`` are none. Python's own reader accepts some of these.
"""

import math
import re

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_COMMA = re.compile(r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+(?=,))(?:,[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:_[0-9]{3})+")


def number_in(text: str, *, comma: bool = False) -> float | None:
    """The number that a text is, None if it is none; ``comma``: decimals follow a comma, thousands may have points."""
    if comma:
        if _COMMA.fullmatch(text) is None:
            return None
        text = text.replace(".", "").replace(",", ".")
    elif _NUMBER.fullmatch(text) is None:
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def whole_in(text: str) -> int | None:
    """The whole number that a text is: ``65536``, ``65_536`` or ``1e6``; None if it is none."""
    sign, digits = (text[0], text[1:]) if text[:1] in ("+", "-") else ("", text)
    if _THOUSANDS.fullmatch(digits):
        digits = digits.replace("_", "")
    if re.fullmatch(r"[0-9]{1,30}", digits):
        return int(sign + digits)
    value = number_in(text)
    return int(value) if value is not None and value.is_integer() else None


def grouped(digits: str) -> bool:
    """Whether underscores within digits stand between thousands, as in ``65_536``; also where there are none."""
    return "_" not in digits or _THOUSANDS.fullmatch(digits) is not None
