"""Estimated cost of the units of a batch: time from the speed of earlier runs on this machine, memory from size."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from detente.batches.tasks import Configurer, Task
from detente.engine.plan import plan
from detente.runs.cost import NANOSECONDS_PER_PATH_STEP, estimate
from detente.runs.find import folders
from detente.runs.manifest import read_head
from detente.runs.runner import Options
from detente.shared.errors import DataError

SECONDS_PER_UNIT = 0.3
"""Fixed cost of a unit (plan, statistics, files), as measured by the benchmarks."""
FEWEST_PATH_STEPS = 200_000
"""Fewest paths times steps of a run that counts as a measurement of speed."""
NEWEST = 20


@dataclass(frozen=True)
class Speed:
    """Nanoseconds per path and step on one core, and the number of runs measured (0: an assumption)."""

    nanoseconds: float
    runs: int

    def __str__(self) -> str:
        basis = f"measured on {self.runs} earlier runs" if self.runs else "an assumption"
        return f"{self.nanoseconds:,.0f} ns per path and step on one core, {basis}"


@dataclass(frozen=True)
class Cost:
    """Estimated seconds and bytes of one unit."""

    seconds: float
    memory: float


def measured(root: Path) -> Speed:
    """Median speed of the newest sufficiently large runs of a results folder, or the assumed speed."""
    newest = sorted(folders(root), key=lambda folder: folder.stat().st_mtime, reverse=True)
    nanoseconds: list[float] = []
    for folder in newest[: 5 * NEWEST]:
        try:
            head = read_head(folder)
        except DataError:
            continue
        run, speed, jobs = head["run"], head["paths_per_second"], head.get("jobs", 1)
        steps = run["horizon"] if run["step"] == "month" else round(run["horizon"] * 52.18 / 12)
        if speed and run["paths"] * steps >= FEWEST_PATH_STEPS and len(nanoseconds) < NEWEST:
            nanoseconds.append(1e9 * jobs / (speed * steps))
    return Speed(median(nanoseconds), len(nanoseconds)) if nanoseconds else Speed(NANOSECONDS_PER_PATH_STEP, 0)


def costs(tasks: Iterable[Task], configurer: Configurer, options: Options, jobs: int, speed: Speed) -> dict[str, Cost]:
    """Cost of each task by name; memory is derived from the plan of the first task of each size."""
    memory: dict[tuple[int, int, str], float] = {}
    cost = {}
    for task in tasks:
        size = (task.run.paths, task.run.horizon, task.run.step)
        if size not in memory:
            sized = plan(configurer.config(task.unit), keep_paths=options.keep_paths, exact=options.exact)
            memory[size] = estimate(sized, jobs).memory
        seconds = task.path_steps * speed.nanoseconds * 1e-9 / max(min(jobs, task.run.paths // 2_048), 1)
        cost[task.name] = Cost(seconds + SECONDS_PER_UNIT, memory[size])
    return cost
