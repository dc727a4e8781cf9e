"""The machine: cores that this process may use."""

import os


def available_cores() -> int:
    """Cores that this process may run on, at least one; fewer than the machine has where the system limits them."""
    if hasattr(os, "sched_getaffinity"):
        return max(len(os.sched_getaffinity(0)), 1)
    return os.cpu_count() or 1


def threads(jobs: int | None) -> int:
    """Threads for a computation: as many as requested, at most all cores; more would compute no faster."""
    return min(jobs or available_cores(), available_cores())
