"""Dates and steps."""

import datetime as dt

import pytest
from detente.engine.calendar import Calendar

AS_OF = dt.date(2026, 8, 31)


@pytest.mark.parametrize("step", ["month", "week"])
def test_every_day_lies_in_exactly_one_step(step):
    calendar = Calendar(AS_OF, 14, step)
    day = AS_OF + dt.timedelta(days=1)
    while day < calendar.start(calendar.steps):
        index = calendar.index(day)
        assert calendar.start(index) <= day < calendar.start(index + 1)
        day += dt.timedelta(days=1)
    assert calendar.index(AS_OF) == -1


def test_monthly_steps_are_calendar_months():
    calendar = Calendar(AS_OF, 36, "month")
    assert calendar.steps == 36
    assert calendar.starts()[0] == dt.date(2026, 9, 1)
    assert calendar.starts()[-1] == dt.date(2029, 8, 1)


def test_weeks_cover_the_horizon():
    calendar = Calendar(AS_OF, 36, "week")
    assert calendar.start(calendar.steps - 1) <= dt.date(2029, 8, 31) < calendar.start(calendar.steps)
    assert calendar.months_per_step * calendar.steps == pytest.approx(36, abs=0.25)


def test_recurring_days():
    calendar = Calendar(AS_OF, 12, "month")
    assert [t for t in range(12) if calendar.falls(("01-31", "07-31"), t)] == [4, 10]
    assert calendar.falls(("02-29",), 5)


def test_dates_of_event_times():
    calendar = Calendar(AS_OF, 12, "month")
    assert calendar.date_at(0.0) == dt.date(2026, 9, 1)
    assert calendar.date_at(4.5) == dt.date(2027, 1, 16)
