"""The cost of a run: sizes are counted from the plan; times and memory are estimates."""

from dataclasses import dataclass

from detente_kernels import reductions, world
from detente_kernels.tools.sobol import SCRAMBLES

from detente.engine import outputs as variables
from detente.engine.executors import CHUNK_UNITS
from detente.engine.plan import Plan
from detente.runs import store

NANOSECONDS_PER_PATH_STEP = 1500.0
"""One core, one path, one step, as measured on the computer of the benchmarks; others differ by a factor of two."""
ORDERING_NANOSECONDS = 30.0
"""Exact quantiles, for each stored value."""
PROGRAM_BYTES = 280e6
"""Python, its libraries and the compiled kernels."""


@dataclass(frozen=True)
class Estimate:
    """Sizes of a run. ``memory`` in bytes and ``seconds`` are estimates."""

    steps: int
    variables: int
    events: int
    parameters_drawn: int
    instruments: int
    memory: float
    seconds: float
    nanoseconds_per_path_step: float


def estimate(plan: Plan, jobs: int) -> Estimate:
    """Sizes, memory and time of a plan on ``jobs`` cores."""
    steps, width, paths = plan.grid.steps, plan.recorded.all.size, plan.grid.paths
    counts = steps * plan.ranked * reductions.BINS * 4 * (jobs + 1)
    kept_bytes = plan.keep * steps * width * (8 + 4 + 4)
    ordered = steps * plan.ranked * paths * 4 if plan.exact else 0
    chunk = CHUNK_UNITS * (SCRAMBLES * steps * (2 * width + 1) + reductions.UNIT * (world.EVENT_ROWS.size + 1)) * 8
    events = 3 * min(paths, store.ROW_GROUP) * world.EVENT_ROWS.size * 8
    cores = max(min(jobs, plan.units // CHUNK_UNITS), 1)
    nanoseconds = paths * steps * NANOSECONDS_PER_PATH_STEP / cores + ordered / 4 * ORDERING_NANOSECONDS
    return Estimate(
        steps=steps,
        variables=width,
        events=len(variables.events()),
        parameters_drawn=int(plan.sampler.shifts.shape[1]),
        instruments=plan.tables.sanctions.sender.size,
        memory=PROGRAM_BYTES + counts + kept_bytes + ordered + 2 * jobs * chunk + events,
        seconds=nanoseconds * 1e-9,
        nanoseconds_per_path_step=NANOSECONDS_PER_PATH_STEP,
    )
