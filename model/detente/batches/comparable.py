"""Runs of a batch that one report can compare: those that differ from the first in the scenario only."""

from detente.batches.batch import Batch
from detente.runs.run import Run

MOST = 4
"""Most runs in one report."""


def compared(batch: Batch) -> list[Run]:
    """The first finished unit and those with the same settings, seed and size, one per scenario.

    The reference scenario no-relief is included if present. The list is empty if nothing is finished.
    """
    runs = batch.runs
    done = [task for task in batch.tasks if task.name in runs]
    if not done:
        return []
    first = done[0]
    alike = [task for task in done if (dict(task.unit.settings), task.run) == (dict(first.unit.settings), first.run)]
    chosen = sorted(alike[1:], key=lambda task: task.scenario != "no-relief")[: MOST - 1]
    return [runs[task.name] for task in (first, *(task for task in alike if task in chosen))]
