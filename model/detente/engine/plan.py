"""From a configuration to the kernels' tables: the plan of a run, built once and only read from then on."""

from dataclasses import dataclass

import numpy as np
from detente_kernels import block, reductions, world
from detente_kernels.tools import sobol

from detente.config.loader import Config
from detente.engine import outputs as variables
from detente.engine import sampling
from detente.engine import tables as register
from detente.engine.calendar import Calendar
from detente.shared.errors import ConfigError

EXACT_LIMIT = 6 * 2**30


@dataclass(frozen=True)
class Plan:
    """Everything the kernels need, built once: shared, read only, by all chunks."""

    config: Config
    calendar: Calendar
    grid: block.Grid
    sampler: sobol.Sampler
    tables: world.Tables
    recorded: block.Recorded
    variables: list[variables.Variable]
    keep: int
    exact: bool

    @property
    def ranked(self) -> int:
        """Number of variables with quantiles."""
        return self.recorded.ranked.size

    @property
    def width(self) -> int:
        """Number of sums a step: one a variable, one a threshold."""
        return int(self.recorded.all.size + self.recorded.limits.size)

    @property
    def units(self) -> int:
        """Number of units of paths."""
        return -(-self.grid.paths // reductions.UNIT)


def plan(config: Config, *, keep_paths: int = 2000, exact: bool = False) -> Plan:
    """Turn a configuration into the kernels' tables."""
    calendar = Calendar(config.as_of, config.run.horizon, config.run.step)
    outputs = variables.recorded(config)
    rows = np.array([v.row for v in outputs], np.int64)
    ranked = np.array([v.row for v in outputs if v.ranked], np.int64)
    limits = [(v.row, threshold) for v in outputs if v.ranked for threshold in v.thresholds]
    if exact and ranked.size * calendar.steps * config.run.paths * 4 > EXACT_LIMIT:
        most = EXACT_LIMIT // (ranked.size * calendar.steps * 4)
        raise ConfigError(
            f"--exact keeps every value in memory: with this horizon it takes at most {most} paths; "
            "leave it out or lower --paths."
        )
    dated = np.array(
        [row for row, entry in zip(world.EVENT_ROWS, variables.events(), strict=True) if entry.kind != "total"],
        np.int64,
    )
    return Plan(
        config=config,
        calendar=calendar,
        grid=block.Grid(calendar.steps, calendar.months_per_step, config.run.seed, config.run.paths),
        sampler=sampling.design(config).sampler,
        tables=register.tables(config, calendar),
        recorded=block.Recorded(
            rows,
            ranked,
            world.EVENT_ROWS,
            dated,
            np.array([row for row, _ in limits], np.int64),
            np.array([limit for _, limit in limits], np.float64),
        ),
        variables=outputs,
        keep=min(keep_paths, config.run.paths),
        exact=exact,
    )
