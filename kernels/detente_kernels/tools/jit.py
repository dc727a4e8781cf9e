"""The one owner of ``njit``.

Options common to all kernels, and a disk cache that notices an edit anywhere in this package.

numba stamps a cached function with its own source file only, so that an edit to a helper in another file silently keeps
the old machine code (numba issue 1833). Here every cached function is stamped with a digest over all kernel sources.
"""

import hashlib
from pathlib import Path

import numba
from numba import njit

BLOCK = 128
"""Paths simulated side by side (lanes). A block of state, parameters and draws stays in a core's second-level cache."""

_OPTIONS = {"nogil": True, "error_model": "numpy", "fastmath": False}


def source_digest() -> str:
    """SHA-256 over the names and the bytes of all modules of this package, folders included."""
    package = Path(__file__).parents[1]
    digest = hashlib.sha256(numba.__version__.encode())
    for path in sorted(package.rglob("*.py")):
        digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


_DIGEST = source_digest()


def kernel(function):
    """Compile a kernel that Python calls: cached on disk under the stamp of the whole package."""
    compiled = njit(cache=True, **_OPTIONS)(function)
    # The stamp is compared when the cache's index is read; numba has no public way to widen it beyond one file.
    compiled._cache._cache_file._source_stamp = _DIGEST
    return compiled


def compiled(function) -> bool:
    """Whether machine code of a kernel, made from the present sources, is on disk; reads the cache's index only."""
    return bool(function._cache._cache_file._load_index())


def inline(function):
    """Compile a function that kernels call in their inner loops.

    Folded into its callers by LLVM, never cached by itself.
    """
    return njit(forceinline=True, **_OPTIONS)(function)
