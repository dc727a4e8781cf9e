"""The steps of a run on a time axis, and the foot of its figures."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from detente.engine.calendar import Calendar
from detente.report.plots.style import Size
from detente.runs.run import Run
from detente.shared import formatting
from detente.shared.release import MODEL_NAME


@dataclass(frozen=True)
class Timeline:
    """Abscissas are days (proleptic ordinals): the middle of each step for its mean, its last day for a state."""

    calendar: Calendar

    @cached_property
    def edges(self) -> np.ndarray:
        """(steps + 1,) first day of each step and the day after the last."""
        return np.array([self.calendar.start(step).toordinal() for step in range(self.calendar.steps + 1)], float)

    @cached_property
    def middles(self) -> np.ndarray:
        """(steps,) middle of each step."""
        return np.asarray(0.5 * (self.edges[1:] + self.edges[:-1]))

    @property
    def start(self) -> float:
        """The as-of date."""
        return float(self.calendar.as_of.toordinal())

    @property
    def end(self) -> float:
        """The day after the last step."""
        return float(self.edges[-1])

    @property
    def last_month(self) -> str:
        """The month in which the run ends, for titles."""
        return formatting.month(dt.date.fromordinal(int(self.end) - 1))

    def drawn(self, values: np.ndarray, *, state: bool = False) -> tuple[np.ndarray, np.ndarray]:
        """Abscissas and values of step means, or of a ``state`` at the ends of steps.

        A single step becomes a level line over it.
        """
        if self.middles.size == 1:
            return self.edges, np.repeat(np.asarray(values, float), 2, axis=-1)
        return self.edges[1:] if state else self.middles, np.asarray(values, float)


def timeline(run: Run) -> Timeline:
    """The timeline of a run."""
    options = run.manifest["config"]["run"]
    return Timeline(Calendar(run.config.as_of, options["horizon"], options["step"]))


def history_begin(run: Run, size: Size, most: int = 36) -> dt.date:
    """Start of a figure's history: as long as the run's horizon, from one year to ``most`` months.

    Half of it on a narrow page.
    """
    months = min(max(run.manifest["config"]["run"]["horizon"], 12), most)
    months = months // 2 if size.narrow else months
    year, month = divmod(run.config.as_of.year * 12 + run.config.as_of.month - 1 - months, 12)
    return dt.date(year, month + 1, 1)


MOST_BY_HAND = 2
"""Values set by hand that the foot of a figure names."""


def foot(run: Run, observed: str = "", others: list[Run] | None = None) -> str:
    """Source, date, number of simulations and run id under a figure."""
    runs = [run, *(others or [])]
    plural = "s" if len(runs) > 1 else ""
    names = formatting.join([formatting.slug_in_words(one.scenario) for one in runs])
    changed = formatting.by_hand(run.overrides, MOST_BY_HAND)
    by_hand = f" (set by hand: {changed})" if changed else ""
    paths = formatting.plural(run.paths, "simulation")
    return (
        (f"Observed: {observed}. " if observed else "")
        + f"Model: {MODEL_NAME}, scenario{plural} {names}{by_hand}, as of {formatting.short_day(run.config.as_of)}, "
        + f"{paths}, run{plural} {', '.join(one.id for one in runs)}. Model results under stated assumptions, not a "
        "policy forecast."
    )
