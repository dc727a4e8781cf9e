"""Settings of the compiler in the environment, checked before it is imported."""

import os

from detente.shared.errors import ConfigError
from detente.shared.messages import quoted


def check_environment() -> None:
    """Refuse settings of numba with which no kernel can run (ConfigError with the remedy)."""
    disabled = os.environ.get("NUMBA_DISABLE_JIT", "").strip()
    if disabled not in ("", "0"):
        raise ConfigError(
            f"NUMBA_DISABLE_JIT is {quoted(disabled)}, which turns off the compiler that the model needs; "
            "remove it: unset NUMBA_DISABLE_JIT"
        )
    threads = os.environ.get("NUMBA_NUM_THREADS", "").strip()
    if threads and not (threads.isascii() and threads.isdigit() and int(threads) > 0):
        raise ConfigError(
            f"NUMBA_NUM_THREADS is {quoted(threads)}, and numba accepts only whole numbers from 1; "
            "remove it: unset NUMBA_NUM_THREADS"
        )
