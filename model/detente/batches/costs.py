"""What the units of a batch would cost: seconds by the speed that earlier runs on this computer have shown, memory
by their size."""

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
"""Planning a unit, its statistics and its files, whatever the number of paths, as measured on the computer the
benchmarks were written on."""
FEWEST_PATH_STEPS = 200_000
"""A run of less work says little about speed."""
NEWEST = 20


@dataclass(frozen=True)
class Speed:
    """Nanoseconds that one core takes for one path and step; ``runs``: how many earlier runs say so, 0 for the speed
    that is assumed."""

    nanoseconds: float
    runs: int

    def __str__(self) -> str:
        return f"{self.nanoseconds:,.0f} ns a path and step on one core, " + (
            f"as in {self.runs} earlier runs" if self.runs else "an assumption"
        )


@dataclass(frozen=True)
class Cost:
    """Seconds and bytes of one unit; both are estimates."""

    seconds: float
    memory: float


def measured(root: Path) -> Speed:
    """The speed of the newest runs of a results folder that are large enough to tell; the assumed one if there are
    none."""
    newest = sorted(folders(root), key=lambda folder: folder.stat().st_mtime, reverse=True)
    found: list[float] = []
    for folder in newest[: 5 * NEWEST]:
        try:
            head = read_head(folder)
        except DataError:
            continue
        run, speed, jobs = head["run"], head["paths_per_second"], head.get("jobs", 1)
        steps = run["horizon"] if run["step"] == "month" else round(run["horizon"] * 52.18 / 12)
        if speed and run["paths"] * steps >= FEWEST_PATH_STEPS and len(found) < NEWEST:
            found.append(1e9 * jobs / (speed * steps))
    return Speed(median(found), len(found)) if found else Speed(NANOSECONDS_PER_PATH_STEP, 0)


def costs(tasks: Iterable[Task], configurer: Configurer, options: Options, jobs: int, speed: Speed) -> dict[str, Cost]:
    """The cost of each task by its name; memory is counted from the plan of the first task of each size."""
    memory: dict[tuple[int, int, str], float] = {}
    found = {}
    for task in tasks:
        size = (task.run.paths, task.run.horizon, task.run.step)
        if size not in memory:
            made = plan(configurer.config(task.unit), keep_paths=options.keep_paths, exact=options.exact)
            memory[size] = estimate(made, jobs).memory
        seconds = task.path_steps * speed.nanoseconds * 1e-9 / max(min(jobs, task.run.paths // 2_048), 1)
        found[task.name] = Cost(seconds + SECONDS_PER_UNIT, memory[size])
    return found
