"""Pilot runs as a run reads them: moments of what presses for peace, so that feedback leaves the base rate as declared.

Finances, forces, threats, the gulf and relief move the hazard of a ceasefire by multipliers exp(b x). Their means among
the simulations that are still at war are not one, and they drift. A pilot run of the baseline (pilot_runs.py) measures
mean and variance of each x for each step of an as-of date; a run takes b x less b mean + b^2 variance / 2, so that each
multiplier has mean one whatever its b, and is one at b = 0. The moments are data (``configs/pilot/DATE-STEP.toml``),
the same for every scenario and any number of paths. They are part of a run's identity and not of the model version. A
date without a pilot run is not centred.
"""

import datetime as dt
import hashlib
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from detente.config.loader import Config
from detente.engine.calendar import Calendar
from detente.shared.errors import DataError
from detente.shared.messages import file_name
from detente.shared.paths import config_roots, find

PRESSURES = ("relief_offer", "gulf", "threat", "runway", "net_force")
"""Names of the effects, in the order of the kernel."""


@dataclass(frozen=True)
class Pilot:
    """A pilot run: what it was made with, and its result."""

    model: str
    """Version of the model."""
    configuration: str
    """Digest of the baseline."""
    mean: tuple[tuple[float, ...], ...]
    """Mean of each of PRESSURES among the simulations still at war, by step."""
    variance: tuple[tuple[float, ...], ...]
    """Their variances."""


def name(as_of: dt.date, step: str) -> str:
    """File of a pilot run among the configuration folders."""
    return f"pilot/{as_of}-{step}.toml"


def pilot_of(as_of: dt.date, step: str) -> Pilot | None:
    """The pilot run of a date and step, or None.

    Raises
    ------
    DataError : the file is damaged.
    """
    path = find(name(as_of, step), config_roots())
    return None if path is None else _read(path, path.stat().st_mtime_ns)


def moments(config: Config, calendar: Calendar) -> tuple[np.ndarray, np.ndarray]:
    """(steps, pressures) means and variances; beyond the pilot run its last ones, and zeros without a pilot run."""
    run = pilot_of(config.as_of, config.run.step)
    if run is None:
        none = np.zeros((calendar.steps, len(PRESSURES)))
        return none, none.copy()
    mean, variance = (np.array(values)[:, : calendar.steps].T for values in (run.mean, run.variance))
    more = ((0, calendar.steps - mean.shape[0]), (0, 0))
    return np.pad(mean, more, mode="edge"), np.pad(variance, more, mode="edge")


def digest(config: Config) -> str:
    """SHA-256 of the moments that a run of this date and step uses; empty without a pilot run."""
    run = pilot_of(config.as_of, config.run.step)
    return "" if run is None else hashlib.sha256(repr((run.mean, run.variance)).encode()).hexdigest()


@lru_cache(maxsize=16)
def _read(path: Path, changed: int) -> Pilot:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        mean, variance = (
            tuple(tuple(float(value) for value in table[kind][name]) for name in PRESSURES)
            for kind in ("mean", "variance")
        )
        if len({len(row) for row in (*mean, *variance)}) != 1 or not mean[0]:
            raise ValueError
        if not all(abs(value) < 100.0 for row in (*mean, *variance) for value in row):
            raise ValueError
        return Pilot(str(table["model"]), str(table["configuration"]), mean, variance)
    except (OSError, ValueError, KeyError, TypeError):
        raise DataError(f"{file_name(path.as_posix())}: not a pilot run; make it again with make pilot.") from None
