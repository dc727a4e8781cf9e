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
from detente.shared.paths import config_roots, shipped_configs

PATHS, HORIZON = 16_384, 60
"""Paths and months of a pilot run: the mean is known to 0.3%, and a longer run goes on with the last one."""
ROUNDS = 2
"""The first run divides by nothing, each further one by the means before: who is still at war depends on them."""


def configuration(as_of: dt.date, step: StepName) -> Config:
    """The baseline that a pilot run simulates."""
    return load("baseline", (f"as_of={as_of}",), paths=PATHS, horizon=HORIZON, step=step)


def stale(as_of: dt.date, step: StepName) -> str | None:
    """Why the pilot run of a date and step cannot be used, as a sentence; None if it can."""
    found, file = pilot.pilot_of(as_of, step), f"configs/{pilot.name(as_of, step)}"
    if found is None:
        return f"{file} is missing; run make pilot."
    if found.model != model_version():
        return f"{file} is of model {found.model}, this is {model_version()}; run make pilot."
    if found.configuration != configuration(as_of, step).digest():
        return f"{file} is of another baseline; run make pilot."
    return None


def make(as_of: dt.date, step: StepName, jobs: int = 1) -> pilot.Pilot:
    """Simulate the baseline and average its multiplier over the simulations still at war.

    Parameters
    ----------
    as_of : a date with facts.
    step : month or week.
    jobs : threads; the result does not depend on it.
    """
    config = configuration(as_of, step)
    made = simulate.plan(config, keep_paths=0)
    fields = ("conflict.onset", "conflict.exposed")
    places = tables.rows(world.STATE)
    rows = np.array([places[field] for field in fields], np.int64)
    outputs = [
        Variable(field, "World", "1", int(row), False, (), field) for field, row in zip(fields, rows, strict=True)
    ]
    made = replace(made, recorded=made.recorded._replace(all=rows, ranked=rows[:0]), variables=outputs)
    means = np.ones(made.calendar.steps)
    for _ in range(ROUNDS):
        centred = made.tables._replace(conflict=made.tables.conflict._replace(onset_mean=means))
        total = simulate.simulate(replace(made, tables=centred), jobs=jobs).total.sum(axis=0)
        means = total[:, 0] / np.maximum(total[:, 1], 1.0)
    return pilot.Pilot(model_version(), config.digest(), tuple(float(f"{value:.5f}") for value in means))


def write(folder: Path, as_of: dt.date, step: StepName, jobs: int = 1) -> Path:
    """Make a pilot run and write its file below a configuration folder; returns its path."""
    made = make(as_of, step, jobs)
    path = folder / pilot.name(as_of, step)
    path.parent.mkdir(exist_ok=True)
    values = [f"{value:.5f}" for value in made.onset_mean]
    rows = [", ".join(values[k : k + 12]) for k in range(0, len(values), 12)]
    lines = [
        "# Written by make pilot: mean multiplier of peace among the simulations still at war, by step.",
        "schema_version = 1",
        f'model = "{made.model}"',
        f'configuration = "{made.configuration}"',
        f"paths = {PATHS}",
        "onset_mean = [",
        *(f"  {row}," for row in rows),
        "]",
    ]
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
