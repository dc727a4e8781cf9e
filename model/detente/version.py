"""Who made a result: the name and version of the package, and of the model (package version and digest of all that makes numbers)."""

import hashlib
from functools import cache
from pathlib import Path

__version__ = "0.1.0"
MODEL_NAME = "détente"


NUMBERS = ("calendar", "chunks", "planning", "register", "sampling", "simulate", "summary", "sums", "surface", "tabulate", "variables")
"""Modules beside the kernels that decide a published number."""


@cache
def model_version() -> str:
    """Version of the numbers: changes with the source of a kernel, one of NUMBERS or the trade solver, and with the trade table. Imports numba."""
    from detente_kernels._jit import source_digest

    from detente import surface

    digest = hashlib.sha256(source_digest().encode() + surface.digest().encode())
    for name in NUMBERS:
        digest.update(Path(__file__).with_name(f"{name}.py").read_bytes())
    return f"{__version__}+{digest.hexdigest()[:8]}"
