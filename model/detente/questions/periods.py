"""Which steps of a run a variable is asked at."""

import datetime as dt
from dataclasses import fields, replace
from typing import Any

from detente.engine.calendar import Calendar
from detente.questions import syntax
from detente.questions.errors import QuestionError

SLACK = 1e-5
"""Months; dates of events are kept as float32, and a week is no round part of a month."""


def settled(part: Any, text: str, default: syntax.Period | None = None) -> Any:
    """A part in which every variable has a period: its own, that of the brackets it stands in, or the only one its
    comparison or measure names."""
    if isinstance(part, syntax.Measure):
        given = None if part.given is None else settled(part.given, text)
        inner = default if part.kind == "P" else _own(part.body)
        return replace(part, body=settled(part.body, text, inner), given=given)
    if isinstance(part, syntax.Comparison):
        inner = _own(part) or default
        return replace(part, parts=tuple(settled(each, text, inner) for each in part.parts))
    if isinstance(part, syntax.Timed):
        if not isinstance(part.inner, syntax.Number) and not _has_variable(part.inner):
            complaint = (
                "what stands before this time has none: totals, parameters and dates of events are one number a path."
            )
            raise QuestionError(text, part.period.place, complaint)
        return settled(part.inner, text, part.period)
    if isinstance(part, syntax.Aggregate | syntax.Share):
        inner = _own(part.inner) or default
        if not _has_variable(part.inner):
            raise QuestionError(text, part.place, "there is no variable inside to follow over time.")
        if inner is None:
            raise QuestionError(
                text,
                part.place,
                "say over what time: sum(... over 12 months), mean(... in 2027), max(... from 2027-01 to 2027-06).",
            )
        return replace(part, inner=settled(part.inner, text, inner), period=inner)
    if isinstance(part, syntax.Variable):
        if default is None:
            raise QuestionError(text, part.place, "say when: at 2027-12, in 2027, at month 12 or over 12 months.")
        return replace(part, period=default)
    changed = {
        field.name: settled(value, text, default)
        for field in fields(part)
        if isinstance(value := getattr(part, field.name), syntax.Part)
        and not isinstance(value, syntax.Period | syntax.Event)
    }
    return replace(part, **changed) if changed else part


def _own(part: Any) -> syntax.Period | None:
    """The only period that is named within a part, if there is just one."""
    found: list[syntax.Period] = []
    _collect(part, found)
    return found[0] if found and all(period.same(found[0]) for period in found) else None


def _collect(part: Any, found: list[syntax.Period]) -> None:
    if isinstance(part, syntax.Timed):
        found.append(part.period)
    for each in children(part):
        _collect(each, found)


def _has_variable(part: Any) -> bool:
    return isinstance(part, syntax.Variable) or any(_has_variable(each) for each in children(part))


def children(part: Any) -> list[Any]:
    """The parts that a part is made of, periods left out."""
    found = []
    for field in fields(part):
        value = getattr(part, field.name)
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, syntax.Part) and not isinstance(each, syntax.Period):
                found.append(each)
    return found


def window(period: syntax.Period, calendar: Calendar, text: str) -> slice:
    """Steps of a run that begin within a period; of a point in time, the step that holds it (QuestionError if the
    run does not reach it)."""
    if period.months is not None:
        low, high = period.months
        first = round((low - 1.0) / calendar.months_per_step)
        last = round(high / calendar.months_per_step)
        if not (1.0 <= low <= high and last <= calendar.steps):
            raise QuestionError(text, period.place, f"the run has the months 1 to {calendar.horizon}.")
        return slice(first, max(last, first + 1))
    assert period.first is not None and period.end is not None
    if period.first > calendar.as_of or period.end > calendar.as_of + dt.timedelta(days=1):
        starts = calendar.starts()
        within = [step for step, start in enumerate(starts) if period.first <= start < period.end]
        covered = calendar.start(0) <= period.first and period.end <= calendar.start(calendar.steps)
        if within and covered and not period.single:
            return slice(within[0], within[-1] + 1)
        step = calendar.index(period.first)
        if (not within or period.single) and 0 <= step < calendar.steps:
            return slice(step, step + 1)
    raise QuestionError(
        text,
        period.place,
        f"the run covers {calendar.start(0)} to {calendar.start(calendar.steps) - dt.timedelta(days=1)}, not all of this period.",
    )


def months(day: dt.date, calendar: Calendar) -> float:
    """Months of a run's time from the as-of date to the beginning of a day."""
    step = calendar.index(day)
    if step < 0:
        return 0.0
    begin, end = calendar.start(step), calendar.start(step + 1)
    inside = max((day - begin).days, 0) / (end - begin).days
    return (step + inside) * calendar.months_per_step
