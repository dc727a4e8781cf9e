"""Who made a result: the name and version of the package, and of the model (package version and digest of all that
makes numbers)."""

import hashlib
from functools import cache
from pathlib import Path

__version__ = "0.1.0"
MODEL_NAME = "détente"


NUMBERS = ("engine", "config", "trade")
"""Packages beside the kernels that decide a published number."""


@cache
def model_version() -> str:
    """Version of the numbers: changes with the source of a kernel or of one of NUMBERS, and with the trade table.
    Imports numba."""
    from detente_kernels.tools.jit import source_digest

    from detente.engine import trade_surface

    digest = hashlib.sha256(source_digest().encode() + trade_surface.digest().encode())
    for name in NUMBERS:
        for path in sorted((Path(__file__).parents[1] / name).rglob("*.py")):
            digest.update(path.read_bytes())
    return f"{__version__}+{digest.hexdigest()[:8]}"
