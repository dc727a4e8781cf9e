"""Dates and steps. The legal calendar is kept in dates and mapped to steps once, here.

With monthly steps, step 0 is the calendar month after the as-of date's month; with weekly steps, the seven days after
the as-of date.
"""

import datetime as dt
from dataclasses import dataclass

DAYS_PER_MONTH = 30.4375


@dataclass(frozen=True)
class Calendar:
    """The steps of a run: as-of date, horizon in months, "month" or "week"."""

    as_of: dt.date
    horizon: int
    step: str

    @property
    def months_per_step(self) -> float:
        """Length of a step in months."""
        return 1.0 if self.step == "month" else 7.0 / DAYS_PER_MONTH

    @property
    def steps(self) -> int:
        """Number of steps; with weeks, the last one contains the end of the horizon."""
        return (
            self.horizon if self.step == "month" else -(-(self._month_start(self.horizon + 1) - self.as_of).days // 7)
        )

    def _month_start(self, months: int) -> dt.date:
        """First day of the month that lies ``months`` after the as-of date's."""
        year, month = divmod(self.as_of.year * 12 + self.as_of.month - 1 + months, 12)
        return dt.date(year, month + 1, 1)

    def start(self, step: int) -> dt.date:
        """First day of a step."""
        return self._month_start(step + 1) if self.step == "month" else self.as_of + dt.timedelta(days=7 * step + 1)

    def starts(self) -> list[dt.date]:
        """First days of all steps."""
        return [self.start(step) for step in range(self.steps)]

    def index(self, date: dt.date) -> int:
        """Step that contains a date.

        Negative up to the as-of date (a later day of the as-of month counts as the first step).
        """
        if date <= self.as_of:
            return -1
        if self.step == "week":
            return ((date - self.as_of).days - 1) // 7
        return max((date.year - self.as_of.year) * 12 + date.month - self.as_of.month - 1, 0)

    def date_at(self, months: float) -> dt.date:
        """Date that lies ``months`` (of a run's time, in which every step is equally long) after the as-of date."""
        step = min(int(months / self.months_per_step), 10_000)
        inside = months / self.months_per_step - step
        begin = self.start(step)
        return begin + dt.timedelta(days=int(inside * (self.start(step + 1) - begin).days))

    def falls(self, days: tuple[str, ...], step: int) -> bool:
        """Whether one of the calendar days (MM-DD) falls into a step."""
        begin, end = self.start(step), self.start(step + 1)
        years = range(begin.year, end.year + 1)
        return any(begin <= _day(year, day) < end for year in years for day in days)


def _day(year: int, day: str) -> dt.date:
    month, number = (int(part) for part in day.split("-"))
    return dt.date(year, month, min(number, 28) if month == 2 else number)
