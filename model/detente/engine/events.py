"""Events of simulated paths counted by step."""

import numpy as np
import numpy.typing as npt
from detente_kernels import world

GUARDS = [row for row, field in enumerate(world.EVENT_FIELDS) if field.endswith(".first_guard")]
"""Rows of the events that say when a guard of a block first acted on a path."""


def count_events(incidence: npt.NDArray[np.int64], events: npt.NDArray[np.float64], dt: float) -> None:
    """Add the paths on which each event has happened by the end of each step.

    ``incidence`` (events, steps) is added to; ``events`` (events, paths) in months since the as-of date, NaN for never;
    ``dt`` months a step.
    """
    ends = np.arange(1, incidence.shape[1] + 1) * dt
    for row, dates in zip(incidence, events, strict=True):
        happened = np.sort(dates[~np.isnan(dates)])
        row += np.searchsorted(happened, ends + 1e-9, side="right")


def guarded_paths(events: npt.NDArray[np.float64]) -> int:
    """Paths on which a guard of any block acted; ``events`` (events, paths) in the kernels' order."""
    return int((~np.isnan(events[GUARDS])).any(axis=0).sum())
