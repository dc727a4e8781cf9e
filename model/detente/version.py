"""Who made a result: the name and version of the package, and of the model (package version and digest of the kernels' sources)."""

__version__ = "0.1.0"
MODEL_NAME = "détente"


def model_version() -> str:
    """Version of the numbers: changes whenever a kernel's source does. Imports numba."""
    from detente_kernels._jit import source_digest

    return f"{__version__}+{source_digest()[:8]}"
