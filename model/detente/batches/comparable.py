"""Which runs of a batch a briefing can set side by side: those that differ from the first in the scenario alone."""

from detente.batches.batch import Batch
from detente.runs.run import Run

MOST = 4
"""Runs that figures and tables of a briefing can hold."""


def compared(batch: Batch) -> list[Run]:
    """The first finished unit and those that share its settings, seed and size, one a scenario; no-relief, the
    yardstick, is among them if there is one. Empty if nothing is finished."""
    runs = batch.runs
    done = [task for task in batch.tasks if task.name in runs]
    if not done:
        return []
    first = done[0]
    alike = [task for task in done if (dict(task.unit.settings), task.run) == (dict(first.unit.settings), first.run)]
    chosen = sorted(alike[1:], key=lambda task: task.scenario != "no-relief")[: MOST - 1]
    return [runs[task.name] for task in (first, *(task for task in alike if task in chosen))]
