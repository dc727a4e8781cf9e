"""What work costs on this machine: times of earlier commands, kept in the cache folder under a checksum.

``detente run --dry-run`` and ``detente batch --dry-run`` estimate from these, and from stated assumptions where nothing
has been measured yet.
"""

import hashlib
import json
import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

from detente.engine.version import model_version
from detente.shared.files import read_sealed, write_sealed
from detente.shared.paths import cache_folder, make_folder

PATH_STEP, COMPILING, SOLVING, DRAWING = "nanoseconds a path-step", "compiling", "solving", "drawing"
ASSUMED = {PATH_STEP: 1500.0, COMPILING: 45.0, SOLVING: 10.0, DRAWING: 45.0}
"""Where nothing is measured: nanoseconds on one core, else seconds, as on the computer of the benchmarks.

Other computers differ by a factor of two.
"""
LEAST = 1_000_000
"""Fewest paths times steps of a run that counts as a measurement: shorter ones measure their beginning."""
KEPT = 20
"""Newest measurements kept of each kind."""


@dataclass(frozen=True)
class Pace:
    """A cost and the number of measurements behind it (0: an assumption)."""

    value: float
    measurements: int

    @property
    def basis(self) -> str:
        """Where the value comes from, as a phrase."""
        if not self.measurements:
            return "an assumption, nothing is measured on this computer yet"
        return f"measured on {self.measurements} earlier run{'s' if self.measurements > 1 else ''}"


def pace(kind: str) -> Pace:
    """The median of the measurements of a kind, or the assumption."""
    values = _measurements().get(kind, [])
    return Pace(median(values), len(values)) if values else Pace(ASSUMED[kind], 0)


def note(kind: str, value: float) -> None:
    """Keep a measurement; a cache that cannot be written costs the measurement and nothing else."""
    known = _measurements()
    known[kind] = [*known.get(kind, []), float(value)][-KEPT:]
    with suppress(OSError):
        make_folder(_path().parent)
        write_sealed(_path(), json.dumps({"model": model_version(), "measured": known}).encode())


def note_run(path_steps: int, cores: int, seconds: float) -> None:
    """Keep the speed of a run on threads, if it was long enough to tell."""
    if path_steps >= LEAST and seconds > 0.0:
        note(PATH_STEP, 1e9 * seconds * cores / path_steps)


@contextmanager
def timed(kind: str) -> Iterator[None]:
    """Keep the seconds that a block takes if it succeeds."""
    begun = perf_counter()
    yield
    note(kind, perf_counter() - begun)


def _path() -> Path:
    """One file a computer, since a cache folder may be shared."""
    name = hashlib.sha256(f"{platform.node()} {platform.machine()}".encode()).hexdigest()[:8]
    return cache_folder() / f"speed-{name}.json"


def _measurements() -> dict[str, list[float]]:
    """Measurements of the installed model by kind; empty if there are none or the file is damaged."""
    content = read_sealed(_path())
    try:
        stored = json.loads(content) if content is not None else {}
        if stored.get("model") != model_version():
            return {}
        known = {kind: [float(value) for value in stored["measured"].get(kind, [])] for kind in ASSUMED}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}
    return {kind: values for kind, values in known.items() if all(0.0 < value < 1e9 for value in values)}
