"""Syntax nodes of a question. Every node holds its position in the text for error messages."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """``place``: index of its first character in the question."""

    place: int


@dataclass(frozen=True)
class Period(Part):
    """Days from ``first`` to before ``end``, or months of the run from ``months[0]`` to ``months[1]``, counted from 1.

    ``single`` marks a point in time, which may be shorter than a step.
    """

    first: dt.date | None = None
    end: dt.date | None = None
    months: tuple[float, float] | None = None
    single: bool = False

    def same(self, other: "Period") -> bool:
        """Whether two periods are equal."""
        return (self.first, self.end, self.months) == (other.first, other.end, other.months)


@dataclass(frozen=True)
class Number(Part):
    """A plain number."""

    value: float


@dataclass(frozen=True)
class Constant(Number):
    """A number with a name and a unit; the unit "" is compatible with every other."""

    unit: str


@dataclass(frozen=True)
class Variable(Part):
    """A column of the kept paths, ``region|variable``, over a period; ``run`` names another run."""

    column: str
    unit: str
    run: str = ""
    period: Period | None = None


@dataclass(frozen=True)
class Column(Part):
    """One number a path from events.parquet: a total, or the route of an event."""

    field: str
    unit: str
    run: str = ""


@dataclass(frozen=True)
class Parameter(Part):
    """A parameter or fact with its simulated value on each path."""

    key: str
    unit: str
    run: str = ""


@dataclass(frozen=True)
class Event(Part):
    """Date of an event, in months from the as-of date; infinite if it does not happen."""

    field: str
    run: str = ""


@dataclass(frozen=True)
class Timed(Part):
    """An expression with its own period, which its variables take."""

    inner: "Numeric"
    period: Period


@dataclass(frozen=True)
class Negative(Part):
    """A number with a minus sign."""

    inner: "Numeric"


@dataclass(frozen=True)
class Binary(Part):
    """``operator``: + - * / ^."""

    operator: str
    left: "Numeric"
    right: "Numeric"


@dataclass(frozen=True)
class Aggregate(Part):
    """``how`` (sum, mean, min, max) over the steps of a period; a sum is over months."""

    how: str
    inner: "Numeric"
    period: Period | None = None


@dataclass(frozen=True)
class Share(Part):
    """Share of the steps of a period in which a comparison holds."""

    inner: "Comparison"
    period: Period | None = None


@dataclass(frozen=True)
class Function(Part):
    """``name``: abs, log, exp, plain (the number without its unit), or rank (place of a path among all, 0 to 1)."""

    name: str
    inner: "Numeric"


@dataclass(frozen=True)
class Comparison(Part):
    """``parts[0] operators[0] parts[1]``, and further if there are three parts; < <= > >= = !=."""

    parts: tuple["Numeric", ...]
    operators: tuple[str, ...]


@dataclass(frozen=True)
class Happens(Part):
    """An event within a period (``after`` < date <= ``before``), near another event, or before or after it."""

    event: Event
    after: Period | None = None
    before: Period | None = None
    months: float | None = None
    since: Event | None = None
    earlier_than: Event | None = None
    later_than: Event | None = None


@dataclass(frozen=True)
class Not(Part):
    """The negation of a condition."""

    inner: "Condition"


@dataclass(frozen=True)
class Both(Part):
    """Two conditions that must both hold."""

    left: "Condition"
    right: "Condition"


@dataclass(frozen=True)
class Either(Part):
    """Two conditions of which one must hold."""

    left: "Condition"
    right: "Condition"


@dataclass(frozen=True)
class Measure(Part):
    """P of a condition, E or Q of a number (``kind``), on the paths that meet ``given``. ``level``: of a quantile."""

    kind: str
    body: "Numeric | Condition"
    given: "Condition | None" = None
    level: float = 0.5
    level_place: int = 0


Numeric = Number | Variable | Column | Parameter | Event | Timed | Negative | Binary | Aggregate | Share | Function
Condition = Comparison | Happens | Not | Both | Either
Level = Measure | Number | Negative | Binary
