"""A digest of probe values: whether this installation computes the numbers that another one computed.

The values are those that the kernels build on: inverse distribution tables, Sobol' points, and the kernels' own exp,
log and normal quantile. Equal digests mean equal numbers whatever the versions of the libraries.
"""

import hashlib
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from detente_kernels.tools import special
from detente_kernels.tools.sobol import BITS
from pydantic import TypeAdapter

from detente.config.distributions import Distribution
from detente.engine.quantiles import quantile, rounded
from detente.engine.sampling import sobol_engine

SEED = 1
POINTS = 16
PROBABILITIES = np.linspace(0.0005, 0.9995, 257)
GRID = np.geomspace(1e-12, 500.0, 513)
DISTRIBUTIONS: tuple[dict[str, Any], ...] = (
    {"kind": "normal", "mean": 1.5, "sd": 0.7},
    {"kind": "normal", "mean": 0.0, "sd": 2.0, "truncate": [-1.0, 3.0]},
    {"kind": "lognormal", "median": 14.0, "log_sd": 0.4},
    {"kind": "quantiles", "p5": 2.0, "p50": 5.0, "p95": 17.0, "family": "lognormal"},
    {"kind": "uniform", "min": -1.0, "max": 2.0},
    {"kind": "triangular", "min": 0.0, "mode": 1.0, "max": 5.0},
    {"kind": "beta", "a": 2.3, "b": 4.1, "min": 0.1, "max": 0.9},
    {"kind": "gamma", "shape": 2.7, "rate": 0.3, "truncate": [0.5, 40.0]},
    {"kind": "empirical", "values": [3.0, 1.0, 4.0, 1.5, 9.0, 2.6]},
    {
        "kind": "mixture",
        "components": [
            {"weight": 0.3, "dist": {"kind": "normal", "mean": 0.0, "sd": 1.0}},
            {"weight": 0.7, "dist": {"kind": "gamma", "shape": 3.0, "rate": 1.0}},
        ],
    },
)
"""One distribution of every family, with and without truncation."""


@cache
def probe_digest() -> str:
    """SHA-256 over the probe values, 64 hexadecimal digits."""
    digest = hashlib.sha256()
    for name, values in probe_values():
        digest.update(f"{name} {values.shape}\n".encode() + np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()


def probe_values() -> Iterator[tuple[str, npt.NDArray[Any]]]:
    """The probe values, each array with its name."""
    adapter: TypeAdapter[Any] = TypeAdapter(Distribution)
    for number, table in enumerate(DISTRIBUTIONS):
        dist = adapter.validate_json(json.dumps(table))
        yield f"distribution {number} {table['kind']}", rounded(quantile(dist, PROBABILITIES))
    points = sobol_engine(np.random.SeedSequence(SEED)).random(POINTS)
    yield "Sobol' points", np.round(points * 2.0**BITS).astype(np.int64)
    functions = np.empty((3, GRID.size))
    special.tabulate(GRID, functions)
    yield "exp, log and normal quantile", functions
