"""Estimated cost of the units of a batch, by the rule of single runs (``detente.runs.cost``)."""

from collections.abc import Iterable

from detente.batches.tasks import Configurer, Task
from detente.engine.plan import plan
from detente.runs.cost import Estimate, estimate
from detente.runs.runner import Options


def costs(tasks: Iterable[Task], configurer: Configurer, options: Options, jobs: int) -> dict[str, Estimate]:
    """Cost of each task by name, from the plan of the first task of each size."""
    known: dict[tuple[int, int, str], Estimate] = {}
    cost = {}
    for task in tasks:
        size = (task.run.paths, task.run.horizon, task.run.step)
        if size not in known:
            sized = plan(configurer.config(task.unit), keep_paths=options.keep_paths, exact=options.exact)
            known[size] = estimate(sized, jobs)
        cost[task.name] = known[size]
    return cost
