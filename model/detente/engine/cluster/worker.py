"""What workers run: ``versions`` and ``compute``, given plain numbers, text and bytes.

Everything heavy is imported when they are called.

A worker rebuilds the plan from the configuration's text and keeps the last few; scratch memory belongs to a thread.
"""

import threading
from collections import OrderedDict
from typing import Any

from detente.shared.errors import DataError

PLANS = 4
_plans: OrderedDict[str, Any] = OrderedDict()
_lock = threading.Lock()
_own = threading.local()


def dask_setup(_: Any) -> None:
    """Called by dask in the processes of "--cluster local": Ctrl-C is for the client, which ends them."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)


def versions() -> dict[str, str]:
    """Versions that must agree on all machines for the bits to agree."""
    import platform
    from importlib.metadata import version

    from detente.engine.version import model_version

    packages = {name: version(name) for name in ("numba", "numpy", "scipy")}
    return {"détente": model_version(), "Python": ".".join(platform.python_version_tuple()[:2])} | packages


def differences(there: dict[str, str], here: dict[str, str]) -> str:
    """What another machine has in another version, as a phrase; empty if nothing."""
    names = [name for name in here if there.get(name) != here[name]]
    return ", ".join(f"{name} {there.get(name, 'missing')} there and {here[name]} here" for name in names)


def compute(order: dict[str, Any], first_unit: int, units: int) -> bytes:
    """Simulate a chunk of an order (``wire.order``) and return it packed.

    DataError if this worker cannot give the required bits.
    """
    from detente.engine.cluster import wire

    chunk = _worker(order).run_alone(first_unit, units)
    return wire.pack(wire.chunk_to_arrays(chunk))


def _worker(order: dict[str, Any]) -> Any:
    """Worker of this thread for an order; the one before is released."""
    from detente.engine.chunks import Worker

    if getattr(_own, "digest", None) != order["digest"]:
        _own.digest = _own.worker = None
        _own.worker = Worker(_plan(order))
        _own.digest = order["digest"]
    return _own.worker


def _plan(order: dict[str, Any]) -> Any:
    with _lock:
        if order["digest"] not in _plans:
            _plans[order["digest"]] = _build(order)
            while len(_plans) > PLANS:
                _plans.popitem(last=False)
        _plans.move_to_end(order["digest"])
        return _plans[order["digest"]]


def _build(order: dict[str, Any]) -> Any:
    from detente.config.loader import load_effective
    from detente.engine.cluster import wire
    from detente.engine.plan import plan
    from detente.engine.state import lineage

    # Asked of every worker before the run, and again here for those that join later.
    if others := differences(order["versions"], versions()):
        raise DataError(
            f"{_address()}: this worker has other versions ({others}); install the same détente on all machines."
        )
    config = load_effective(wire.decompress(order["text"]), "the configuration sent by the client")
    rebuilt = plan(config, keep_paths=order["keep"], exact=order["exact"])
    if lineage(rebuilt) != order["lineage"]:
        raise DataError(
            f"{_address()}: this worker reads the configuration differently; "
            "its configs/variables.toml must be the same as here."
        )
    return rebuilt


def _address() -> str:
    from distributed import get_worker

    try:
        return str(get_worker().address)
    except ValueError:
        return "this process"
