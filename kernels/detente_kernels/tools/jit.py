"""The one owner of ``njit``.

Options common to all kernels, and a disk cache that notices an edit anywhere in this package.

numba stamps a cached function with its own source file only, so that an edit to a helper in another file silently keeps
the old machine code (numba issue 1833). Here every cached function is stamped with a digest over all kernel sources.
"""

import hashlib
from functools import partial
from pathlib import Path

import numba
from numba import njit

from detente_kernels.tools import trust

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
    """Compile a kernel that Python calls: cached on disk under the stamp of the whole package.

    Without a folder that can be written it is compiled in each process. A folder that others may write is refused
    before anything is read from it.
    """
    if numba.config.DISABLE_JIT:
        raise ImportError("NUMBA_DISABLE_JIT turns off the compiler that the kernels need; unset it")
    try:
        compiled = njit(cache=True, **_OPTIONS)(function)
    except RuntimeError:  # numba has found no folder to write to
        return njit(**_OPTIONS)(function)
    file = compiled._cache._cache_file
    # The stamp is compared when the cache's index is read; numba has no public way to widen it beyond one file.
    file._source_stamp = _DIGEST
    file._load_index = partial(_trusted_index, file._load_index, compiled._cache.cache_path)
    return compiled


def _trusted_index(load, folder: str):
    """The index of a cache, read before any of its code, unless others may write the folder.

    An index of other sources may name types that are gone; it counts as empty.
    """
    trust.check(folder)
    try:
        return load()
    except (AttributeError, ImportError):
        return {}


def cached(function) -> bool:
    """Whether machine code of a kernel is kept on disk; not where no folder can be written."""
    return function._cache.cache_path is not None


def compiled(function) -> bool:
    """Whether machine code of a kernel, made from the present sources, is on disk; reads the cache's index only."""
    return cached(function) and bool(function._cache._cache_file._load_index())


def inline(function):
    """Compile a function that kernels call in their inner loops.

    Folded into its callers by LLVM, never cached by itself.
    """
    return njit(forceinline=True, **_OPTIONS)(function)
