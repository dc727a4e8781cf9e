"""The cost of a run: sizes are counted from the plan; times and memory are estimates.

One rule for single runs and batches: seconds a path-step as measured on this machine (``speed``), and beside the runs
themselves what a command does before and after them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from detente_kernels import reductions, world
from detente_kernels.tools.sobol import SCRAMBLES

from detente.engine import outputs as variables
from detente.engine.executors import CHUNK_UNITS
from detente.engine.plan import Plan
from detente.runs import speed, store, warmup
from detente.runs.speed import Pace

SECONDS_PER_RUN = 0.3
"""Fixed cost of a run (plan, statistics, files), as measured by the benchmarks."""
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


@dataclass(frozen=True)
class Total:
    """Estimated seconds of a command by part, and the speed of simulation behind them.

    ``simulating``: the runs asked for; ``comparing``: comparison runs; ``compiling``: kernels and trade surface, where
    they are not kept on disk; ``drawing``: the report.
    """

    simulating: float
    comparing: float
    compiling: float
    drawing: float
    pace: Pace

    @property
    def seconds(self) -> float:
        """All parts together."""
        return self.simulating + self.comparing + self.compiling + self.drawing

    @property
    def parts(self) -> dict[str, float]:
        """The parts that cost anything, by name."""
        named = {
            "simulation": self.simulating,
            "comparison runs": self.comparing,
            "compiling": self.compiling,
            "drawing": self.drawing,
        }
        return {name: seconds for name, seconds in named.items() if seconds}


def total(simulating: Sequence[float], comparing: Sequence[float] = (), *, report: bool) -> Total:
    """The cost of a command from the seconds of its runs; ``report``: whether it draws one."""
    compiling = 0.0
    if simulating or comparing:
        compiling += speed.pace(speed.COMPILING).value if warmup.cold() else 0.0
        compiling += speed.pace(speed.SOLVING).value if warmup.unsolved() else 0.0
    drawing = speed.pace(speed.DRAWING).value if report else 0.0
    return Total(sum(simulating), sum(comparing), compiling, drawing, speed.pace(speed.PATH_STEP))


def cores_used(units: int, jobs: int) -> int:
    """Cores that have work: a short run has fewer chunks than there are cores."""
    return max(min(jobs, -(-units // CHUNK_UNITS)), 1)


def estimate(plan: Plan, jobs: int) -> Estimate:
    """Sizes, memory and time of a plan on ``jobs`` cores."""
    steps, width, paths = plan.grid.steps, plan.recorded.all.size, plan.grid.paths
    counts = steps * plan.ranked * reductions.BINS * 4 * (jobs + 1)
    kept_bytes = plan.keep * steps * width * (8 + 4 + 4)
    ordered = steps * plan.ranked * paths * 4 if plan.exact else 0
    chunk = CHUNK_UNITS * (SCRAMBLES * steps * (2 * width + 1) + reductions.UNIT * (world.EVENT_ROWS.size + 1)) * 8
    events = 3 * min(paths, store.ROW_GROUP) * world.EVENT_ROWS.size * 8
    rate = speed.pace(speed.PATH_STEP).value
    nanoseconds = paths * steps * rate / cores_used(plan.units, jobs) + ordered / 4 * ORDERING_NANOSECONDS
    return Estimate(
        steps=steps,
        variables=width,
        events=len(variables.events()),
        parameters_drawn=int(plan.sampler.shifts.shape[1]),
        instruments=plan.tables.sanctions.sender.size,
        memory=PROGRAM_BYTES + counts + kept_bytes + ordered + 2 * jobs * chunk + events,
        seconds=nanoseconds * 1e-9 + SECONDS_PER_RUN,
    )
