"""détente: scenario model of sanctions relief for Russia, energy markets, public finances and the war.

>>> import detente
>>> run = detente.run("baseline", paths=65_536, seed=7)
>>> run.fan("Price|Oil|Brent")
>>> run.report()

Public names are imported when they are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from detente.shared.release import __version__

if TYPE_CHECKING:
    from detente import trade
    from detente.api.functions import batch, run
    from detente.api.results import Run, load
    from detente.batches.batch import Batch
    from detente.runs.comparison import Comparison, compare

__all__ = ["Batch", "Comparison", "Run", "__version__", "batch", "compare", "load", "run", "trade"]

_PLACES = {
    "Batch": "detente.batches.batch",
    "Comparison": "detente.runs.comparison",
    "Run": "detente.api.results",
    "batch": "detente.api.functions",
    "compare": "detente.runs.comparison",
    "load": "detente.api.results",
    "run": "detente.api.functions",
}


def __getattr__(name: str) -> Any:
    if name == "trade":
        return import_module("detente.trade")
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import_module("detente.shared.compiler").check_environment()
    value = getattr(import_module(_PLACES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
