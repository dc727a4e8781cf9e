"""Who made a result: the name and version of the package, and of the model (package version and digest of the kernels' sources)."""

import hashlib
from functools import cache
from pathlib import Path

__version__ = "0.1.0"
MODEL_NAME = "détente"


NUMBERS = ("calendar", "register", "sampling", "simulate", "summary", "tabulate", "variables")
"""Modules beside the kernels that decide a published number."""


@cache
def model_version() -> str:
    """Version of the numbers: changes whenever the source of a kernel or of one of NUMBERS does. Imports numba."""
    from detente_kernels._jit import source_digest

    digest = hashlib.sha256(source_digest().encode())
    for name in NUMBERS:
        digest.update(Path(__file__).with_name(f"{name}.py").read_bytes())
    return f"{__version__}+{digest.hexdigest()[:8]}"
