"""Pilot runs as a run reads them: means of the multiplier of peace, so that feedback leaves the base rate as declared.

Finances, forces, threats and relief move the hazard of a ceasefire by a multiplier. Its mean among the simulations
that are still at war is not one, and it drifts. A pilot run of the baseline (pilot_runs.py) measures that mean for
each step of an as-of date; a run divides by it. The means are data (``configs/pilot/DATE-STEP.toml``), the same for
every scenario and any number of paths. They are part of a run's identity and not of the model version. A date without
a pilot run is not centred.
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


@dataclass(frozen=True)
class Pilot:
    """A pilot run: what it was made with, and its result."""

    model: str
    """Version of the model."""
    configuration: str
    """Digest of the baseline."""
    onset_mean: tuple[float, ...]
    """Mean multiplier among the simulations still at war, by step."""


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


def onset_mean(config: Config, calendar: Calendar) -> np.ndarray:
    """(steps,) means by which a run divides; beyond the pilot run its last one, and 1 without a pilot run."""
    found = pilot_of(config.as_of, config.run.step)
    if found is None:
        return np.ones(calendar.steps)
    known = np.array(found.onset_mean[: calendar.steps])
    return np.concatenate([known, np.full(calendar.steps - known.size, found.onset_mean[-1])])


def digest(config: Config) -> str:
    """SHA-256 of the means that a run of this date and step divides by; empty without a pilot run."""
    found = pilot_of(config.as_of, config.run.step)
    return "" if found is None else hashlib.sha256(repr(found.onset_mean).encode()).hexdigest()


@lru_cache(maxsize=16)
def _read(path: Path, changed: int) -> Pilot:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        means = tuple(float(value) for value in table["onset_mean"])
        if not means or not all(0.0 < value < 100.0 for value in means):
            raise ValueError
        return Pilot(str(table["model"]), str(table["configuration"]), means)
    except (OSError, ValueError, KeyError, TypeError):
        raise DataError(f"{file_name(path.as_posix())}: not a pilot run; make it again with make pilot.") from None
