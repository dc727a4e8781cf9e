"""Periods of a question, and the steps of a run that they select."""

import datetime as dt
from dataclasses import fields, replace
from typing import Any

from detente.engine.calendar import Calendar
from detente.questions import syntax
from detente.questions.errors import QuestionError

SLACK = 1e-5
"""Months. Event dates are stored as float32, and a week is not a round fraction of a month."""


def with_periods(part: Any, text: str, default: syntax.Period | None = None) -> Any:
    """The part with a period for every variable.

    The period is its own, that of its brackets, or the only one named in its comparison or measure.
    """
    if isinstance(part, syntax.Measure):
        given = None if part.given is None else with_periods(part.given, text)
        inner = default if part.kind == "P" else _own(part.body)
        return replace(part, body=with_periods(part.body, text, inner), given=given)
    if isinstance(part, syntax.Comparison):
        inner = _own(part) or default
        return replace(part, parts=tuple(with_periods(each, text, inner) for each in part.parts))
    if isinstance(part, syntax.Timed):
        if not isinstance(part.inner, syntax.Number) and not _has_variable(part.inner):
            message = "this period has no variable before it; totals, parameters and event dates do not vary over time."
            raise QuestionError(text, part.period.place, message)
        return with_periods(part.inner, text, part.period)
    if isinstance(part, syntax.Aggregate | syntax.Share):
        inner = _own(part.inner) or default
        if not _has_variable(part.inner):
            raise QuestionError(text, part.place, "an aggregate needs a variable that varies over time.")
        if inner is None:
            raise QuestionError(
                text,
                part.place,
                "a period is missing: sum(... over 12 months), mean(... in 2027), max(... from 2027-01 to 2027-06).",
            )
        return replace(part, inner=with_periods(part.inner, text, inner), period=inner)
    if isinstance(part, syntax.Variable):
        if default is None:
            raise QuestionError(
                text, part.place, "a date or period is missing: at 2027-12, in 2027, at month 12 or over 12 months."
            )
        return replace(part, period=default)
    changed = {
        field.name: with_periods(value, text, default)
        for field in fields(part)
        if isinstance(value := getattr(part, field.name), syntax.Part)
        and not isinstance(value, syntax.Period | syntax.Event)
    }
    return replace(part, **changed) if changed else part


def _own(part: Any) -> syntax.Period | None:
    """The period named within a part, if there is exactly one."""
    periods = _periods(part)
    return periods[0] if periods and all(period.same(periods[0]) for period in periods) else None


def _periods(part: Any) -> list[syntax.Period]:
    own = [part.period] if isinstance(part, syntax.Timed) else []
    return own + [period for each in children(part) for period in _periods(each)]


def _has_variable(part: Any) -> bool:
    return isinstance(part, syntax.Variable) or any(_has_variable(each) for each in children(part))


def children(part: Any) -> list[Any]:
    """Direct components of a part, without periods."""
    parts = []
    for field in fields(part):
        value = getattr(part, field.name)
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, syntax.Part) and not isinstance(each, syntax.Period):
                parts.append(each)
    return parts


def window(period: syntax.Period, calendar: Calendar, text: str) -> slice:
    """Steps of a run within a period, or the step of a point in time (QuestionError outside the run)."""
    if period.months is not None:
        low, high = period.months
        first = round((low - 1.0) / calendar.months_per_step)
        last = round(high / calendar.months_per_step)
        if not (1.0 <= low <= high and last <= calendar.steps):
            raise QuestionError(text, period.place, f"the run covers months 1 to {calendar.horizon}.")
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
    last_day = calendar.start(calendar.steps) - dt.timedelta(days=1)
    raise QuestionError(
        text, period.place, f"the run covers {calendar.start(0)} to {last_day}, not all of this period."
    )


def readings(parts: list[Any], calendar: Calendar, text: str) -> tuple[str, ...]:
    """How the times of a question are read, a sentence each: means of variables, and first dates of events.

    A variable at one step, or inside an aggregate, which says itself how its months are used, needs no sentence.
    """
    sentences: list[str] = []
    for part in parts:
        _collect(part, calendar, text, sentences)
    return tuple(dict.fromkeys(sentences))


def _collect(part: Any, calendar: Calendar, text: str, sentences: list[str]) -> None:
    if isinstance(part, syntax.Aggregate | syntax.Share):
        return
    if isinstance(part, syntax.Variable) and part.period is not None:
        steps = window(part.period, calendar, text)
        if steps.stop - steps.start > 1:
            name, first, last = part.column, calendar.start(steps.start), calendar.start(steps.stop - 1)
            kind = "month" if calendar.months_per_step == 1.0 else "week"
            sentences.append(
                f"{name} is its mean over the {steps.stop - steps.start} {kind}s from {first:%Y-%m} to {last:%Y-%m}; "
                f"max(…) asks for any {kind}, min(…) for every {kind}"
            )
    if isinstance(part, syntax.Happens) and part.after is not None:
        sentences.append("an event has one date, the first time that it happens; the period must hold that date")
    for each in children(part):
        _collect(each, calendar, text, sentences)


def months(day: dt.date, calendar: Calendar) -> float:
    """Time from the as-of date to the start of a day, in months of the run."""
    step = calendar.index(day)
    if step < 0:
        return 0.0
    begin, end = calendar.start(step), calendar.start(step + 1)
    inside = max((day - begin).days, 0) / (end - begin).days
    return (step + inside) * calendar.months_per_step
