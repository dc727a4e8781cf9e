"""What names a run and what decides its numbers: configuration, model, codelist, trade table, probe values."""

import hashlib
import platform
from functools import cache
from importlib.metadata import version

from detente.config.loader import Config
from detente.engine import outputs, pilot, trade_surface
from detente.engine.probe import probe_digest
from detente.engine.version import model_version, source_digest
from detente.shared.release import __version__

LIBRARIES = ("numpy", "scipy", "numba", "pandas", "pyarrow", "pydantic", "matplotlib")
"""Libraries that numbers or files may depend on."""


def identity(config: Config) -> str:
    """Eight hexadecimal digits: configuration (seed included), pilot run, model version, codelist and trade table."""
    return _digits(f"{config.digest()} {pilot.digest(config)}")


def family(config: Config, *, exact: bool) -> str:
    """The identity apart from the number of paths: runs of one family can extend one another."""
    return _digits(f"{config.with_paths(1).digest()} {pilot.digest(config)}" + " exact" * exact)


def _digits(digest: str) -> str:
    text = f"{digest} {model_version()} {outputs.digest()} {trade_surface.digest()}"
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def data_digests() -> dict[str, str]:
    """Digests of the shipped data that every run reads."""
    return {"outputs": outputs.digest(), "trade": trade_surface.digest()}


def model_digests() -> dict[str, str]:
    """Digests of the model's source and of its probe values: runs that agree in both agree in every number."""
    return {"source": source_digest(), "probe": probe_digest()}


def versions() -> dict[str, str]:
    """Versions of the package, the model, Python and LIBRARIES."""
    return {"detente": __version__, "model": model_version(), "python": platform.python_version()} | library_versions()


@cache
def library_versions() -> dict[str, str]:
    """Versions of LIBRARIES as installed."""
    return {name: version(name) for name in LIBRARIES}
