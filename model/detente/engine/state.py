"""State of an unfinished run: the sums over its first paths as plain arrays.

A run with more paths continues from it and gives the same bits.
"""

import hashlib
import json
from dataclasses import dataclass

import numpy as np
from detente_kernels import reductions
from detente_kernels.tools.sobol import SCRAMBLES

from detente.engine import pilot, trade_surface
from detente.engine.chunks import Cells, Store
from detente.engine.plan import Plan
from detente.engine.probe import probe_digest
from detente.engine.sums import Partial, Sums, Tree
from detente.engine.version import model_version

FORMAT = 3


def lineage(plan: Plan) -> str:
    """Digest of everything that must agree for one run to continue another, as 64 hexadecimal digits.

    All but the number of paths and of recorded paths.
    """
    canonical = plan.config.canonical()
    canonical["run"] = {key: value for key, value in canonical["run"].items() if key != "paths"}
    origin = [FORMAT, model_version(), probe_digest(), trade_surface.digest(), pilot.digest(plan.config)]
    words = json.dumps([*origin, plan.exact, canonical], sort_keys=True, ensure_ascii=False)
    recorded = b"".join(rows.tobytes() for rows in plan.recorded)
    return hashlib.sha256(words.encode() + recorded).hexdigest()


@dataclass(frozen=True)
class State:
    """The first ``units`` complete units of a run.

    Partial sums, bins ``counts`` (steps, ranked, BINS), values of single paths, failures.

    ``failures`` are the (path, step) of the first failed paths. A state that a run hands out shares the run's memory:
    write or ``copy`` it before the run continues.
    """

    lineage: str
    units: int
    partials: tuple[Partial, ...]
    counts: np.ndarray
    store: Store
    failed: int
    failures: tuple[tuple[int, int], ...]

    @property
    def paths(self) -> int:
        """Number of paths."""
        return self.units * reductions.UNIT

    def copy(self) -> "State":
        """A state with memory of its own."""
        partials = tuple(Partial(level, sums.copy()) for level, sums in self.partials)
        store = Store(self.store.path_values.copy(), self.store.exact.copy())
        return State(self.lineage, self.units, partials, self.counts.copy(), store, self.failed, self.failures)

    def objection(self, plan: Plan) -> str | None:
        """Why a plan cannot continue from here, as the end of a sentence; None if it can."""
        if self.lineage != lineage(plan):
            return "it belongs to another configuration, model version or set of outputs"
        if self.paths > plan.grid.paths:
            return f"it holds {self.paths} paths, more than the {plan.grid.paths} requested"
        if self.store.path_values.shape[0] < min(plan.keep, self.paths):
            return f"it holds {self.store.path_values.shape[0]} paths in full, and {plan.keep} are requested"
        return None

    def to_arrays(self) -> dict[str, np.ndarray]:
        """The state as named arrays of numbers and text; only bins that are not empty."""
        cells = Cells.of(self.counts)
        sums = [partial.sums for partial in self.partials]
        return {
            "lineage": np.array(self.lineage),
            "units": np.array(self.units),
            "levels": np.array([partial.level for partial in self.partials], np.int64),
            "paths": np.stack([part.paths for part in sums]),
            "total": np.stack([part.total for part in sums]),
            "square": np.stack([part.square for part in sums]),
            "place": cells.place,
            "number": cells.number,
            "shape": np.array(self.counts.shape, np.int64),
            "kept": self.store.path_values,
            "exact": self.store.exact,
            "failed": np.array(self.failed),
            "failures": np.array(self.failures, np.int64).reshape(-1, 2),
        }

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray]) -> "State":
        """The state that ``to_arrays`` described (ValueError, KeyError or IndexError if these arrays describe none)."""
        counts = np.zeros([int(size) for size in arrays["shape"]], np.uint32)
        Cells(arrays["place"], arrays["number"]).add_to(counts)
        sums = zip(arrays["paths"], arrays["total"], arrays["square"], strict=True)
        partials = tuple(Partial(int(level), Sums(*parts)) for level, parts in zip(arrays["levels"], sums, strict=True))
        units = int(arrays["units"])
        steps, ranked, bins = counts.shape
        width = arrays["total"].shape[3]
        path_values, exact = arrays["kept"], arrays["exact"]
        variables = path_values.shape[2]
        expected = {
            "paths": (len(partials), SCRAMBLES, steps),
            "total": (len(partials), SCRAMBLES, steps, width),
            "square": (len(partials), SCRAMBLES, steps, width),
            "kept": (path_values.shape[0], steps, variables),
            "exact": (ranked, steps, exact.shape[2]),
        }
        misshapen = [name for name, shape in expected.items() if arrays[name].shape != shape]
        if (
            misshapen
            or bins != reductions.BINS
            or exact.shape[2] not in (0, units * reductions.UNIT)
            or Tree(0, partials).end != units
        ):
            raise ValueError(f"arrays that do not fit together: {', '.join(misshapen) or 'sizes'}")
        failures = tuple((int(path), int(step)) for path, step in arrays["failures"])
        return cls(
            str(arrays["lineage"]), units, partials, counts, Store(path_values, exact), int(arrays["failed"]), failures
        )
