"""Points of a series that no market or count can have reached: a slip of the keyboard, or a change of unit."""

from collections.abc import Sequence

from detente.shared.sheet import Row

LARGEST_CHANGE = 10.0
"""Largest plausible ratio of two neighbours of a price series; the largest on record are below 4."""


def note_jumps(rows: Sequence[Row], values: Sequence[float], name: str) -> None:
    """Note as a fault each value more than tenfold above or below the one before it.

    A value that jumps and comes back is one fault, at the value itself.
    """
    place = 1
    while place < len(values):
        if _far(values[place - 1], values[place]):
            back = place + 1 < len(values) and not _far(values[place - 1], values[place + 1])
            first = place == 1 and len(values) > 2 and not back
            if first and not _far(values[1], values[2]):
                rows[0].fault(_sentence(name, values[0], "the next", values[1]) + "; correct the row or delete it")
            elif back:
                rows[place].fault(_sentence(name, values[place], "its neighbours", values[place - 1]) + _SLIP)
                place += 1
            else:
                rows[place].fault(_sentence(name, values[place], "the one before", values[place - 1]) + _UNIT)
        place += 1


_SLIP = "; correct the row or delete it"
_UNIT = "; if the unit changes here, give one unit"


def _far(first: float, second: float) -> bool:
    return not 1.0 / LARGEST_CHANGE <= second / first <= LARGEST_CHANGE


def _sentence(name: str, value: float, other: str, reference: float) -> str:
    return f"the {name} {value:g} is more than ten times {other}, {reference:g}, or less than a tenth"
