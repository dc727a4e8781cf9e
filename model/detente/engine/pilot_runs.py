"""Pilot runs as they are made: ``make pilot`` writes ``configs/pilot/DATE-STEP.toml`` for every as-of date and step."""

import argparse
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
from detente_kernels import world

from detente.config.declarations import facts_files
from detente.config.loader import Config, load
from detente.config.schema import StepName
from detente.engine import pilot, simulate, tables
from detente.engine.outputs import Variable
from detente.engine.version import model_version
from detente.shared.errors import DataError
from detente.shared.paths import config_roots, shipped_configs

PATHS, HORIZON = 16_384, 60
"""Paths and months of a pilot run; a longer run goes on with the last moments."""
ROUNDS = 2
"""The first run is not centred, each further one by the moments before: who is still at war depends on them."""


def configuration(as_of: dt.date, step: StepName) -> Config:
    """The baseline that a pilot run simulates."""
    return load("baseline", (f"as_of={as_of}",), paths=PATHS, horizon=HORIZON, step=step)


def stale(as_of: dt.date, step: StepName) -> str | None:
    """Why the pilot run of a date and step cannot be used, as a sentence; None if it can."""
    file = f"configs/{pilot.name(as_of, step)}"
    try:
        run = pilot.pilot_of(as_of, step)
    except DataError as damaged:
        return str(damaged)
    if run is None:
        return f"{file} is missing; run make pilot."
    if run.model != model_version():
        return f"{file} is of model {run.model}, this is {model_version()}; run make pilot."
    if run.configuration != configuration(as_of, step).digest():
        return f"{file} is of another baseline; run make pilot."
    return None


def make(as_of: dt.date, step: StepName, jobs: int = 1) -> pilot.Pilot:
    """Simulate the baseline and take the moments of its pressures over the simulations still at war.

    Parameters
    ----------
    as_of : a date with facts.
    step : month or week.
    jobs : threads; the result does not depend on it.
    """
    config = configuration(as_of, step)
    plan = simulate.plan(config, keep_paths=0)
    places = tables.rows(world.STATE)
    pressures, exposed = places["conflict.pressures"], places["conflict.exposed"]
    assert isinstance(pressures, range) and isinstance(exposed, int)
    rows = np.array([*pressures, exposed], np.int64)
    names = (*pilot.PRESSURES, "exposed")
    outputs = [Variable(each, "World", "1", int(row), False, (), each) for each, row in zip(names, rows, strict=True)]
    plan = replace(plan, recorded=plan.recorded._replace(all=rows, ranked=rows[:0]), variables=outputs)
    mean = variance = np.zeros((plan.calendar.steps, len(pilot.PRESSURES)))
    for _ in range(ROUNDS):
        conflict = plan.tables.conflict._replace(pressure_mean=mean, pressure_variance=variance)
        result = simulate.simulate(replace(plan, tables=plan.tables._replace(conflict=conflict)), jobs=jobs)
        total, square = result.total.sum(axis=0), result.square.sum(axis=0)
        # Columns: the pressures, who is exposed, and sums at thresholds, which are not asked for.
        count = np.maximum(total[:, len(pilot.PRESSURES)], 1.0)[:, None]
        mean = total[:, : len(pilot.PRESSURES)] / count
        variance = np.maximum(square[:, : len(pilot.PRESSURES)] / count - mean * mean, 0.0)
    rounded = (tuple(tuple(float(f"{x:.5g}") for x in row) for row in each.T.tolist()) for each in (mean, variance))
    return pilot.Pilot(model_version(), config.digest(), *rounded)


def write(folder: Path, as_of: dt.date, step: StepName, jobs: int = 1) -> Path:
    """Make a pilot run and write its file below a configuration folder; returns its path."""
    path = folder / pilot.name(as_of, step)
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)  # a damaged one would stop its own replacement
    run = make(as_of, step, jobs)
    lines = [
        "# Written by make pilot: mean and variance of what presses for peace, among the simulations still at war.",
        "schema_version = 1",
        f'model = "{run.model}"',
        f'configuration = "{run.configuration}"',
        f"paths = {PATHS}",
    ]
    for kind, table in (("mean", run.mean), ("variance", run.variance)):
        lines += ["", f"[{kind}]"]
        for each, row in zip(pilot.PRESSURES, table, strict=True):
            values = [f"{value:.5g}" for value in row]
            lines += [f"{each} = ["]
            lines += [f"  {', '.join(values[k : k + 12])}," for k in range(0, len(values), 12)]
            lines += ["]"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def dates_and_steps() -> Iterator[tuple[dt.date, StepName]]:
    """Every as-of date with facts, and every step."""
    for as_of in facts_files(config_roots()):
        for step in get_args(StepName):
            yield as_of, step


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the pilot runs that are missing or stale."""
    parser = argparse.ArgumentParser(prog="python -m detente.engine.pilot_runs", description="Make the pilot runs.")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args(arguments)
    for as_of, step in dates_and_steps():
        if stale(as_of, step) is not None:
            print(write(shipped_configs(), as_of, step, options.jobs))


if __name__ == "__main__":
    main()
