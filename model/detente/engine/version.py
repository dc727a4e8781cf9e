"""Version of the model: a digest of the syntax trees of every module that decides a published number.

The digest covers the packages ``engine``, ``config`` and ``trade`` and all kernels, found by walking their folders.
Comments, docstrings and layout are left out, and the digest does not depend on the version of Python.
"""

import ast
import hashlib
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from detente.shared.files import read_sealed, write_sealed
from detente.shared.paths import PACKAGE, cache_folder, make_folder
from detente.shared.release import __version__

PACKAGES = ("engine", "config", "trade")
"""Packages beside the kernels that decide a published number."""
KERNELS = "detente_kernels"
_LEFT_OUT = {"ctx", "kind", "type_comment"}
"""Fields of a syntax tree that say nothing about what is computed."""


@cache
def model_version() -> str:
    """Version of the package with the first eight digits of the source digest, ``0.1.0+1a2b3c4d``."""
    return f"{__version__}+{source_digest()[:8]}"


@cache
def source_digest() -> str:
    """SHA-256 over the syntax trees of PACKAGES and the kernels, 64 hexadecimal digits."""
    return digest_of(roots())


def roots() -> dict[str, Path]:
    """Folders under the source digest, by name."""
    spec = find_spec(KERNELS)
    if spec is None or not spec.submodule_search_locations:
        raise ImportError(f"the package {KERNELS} is missing; install détente again")
    return {name: PACKAGE / name for name in PACKAGES} | {KERNELS: Path(spec.submodule_search_locations[0])}


def digest_of(folders: dict[str, Path]) -> str:
    """SHA-256 over the names and syntax trees of all modules of some folders.

    Parsing takes a few hundred milliseconds, so the digest is kept in the cache folder under the digest of the bytes.
    """
    sources = [(name, path.read_bytes()) for name, path in modules(folders)]
    stamp = hashlib.sha256()
    for name, source in sources:
        stamp.update(f"{name} {len(source)}\n".encode() + source)
    path = cache_folder() / f"source-{stamp.hexdigest()[:32]}.txt"
    known = _read(path)
    if known is None:
        known = syntax_digest(sources)
        _write(path, known)
    return known


def modules(folders: dict[str, Path]) -> Iterator[tuple[str, Path]]:
    """Every module below some folders: its name from there, such as ``engine/cluster/wire.py``, and its file."""
    for root, folder in folders.items():
        for path in sorted(folder.rglob("*.py"), key=lambda path: path.relative_to(folder).as_posix()):
            yield f"{root}/{path.relative_to(folder).as_posix()}", path


def syntax_digest(sources: Iterable[tuple[str, bytes]]) -> str:
    """SHA-256 over the names and syntax trees of modules."""
    digest = hashlib.sha256()
    for name, source in sources:
        digest.update(f"{name} {module_digest(source)}\n".encode())
    return digest.hexdigest()


def module_digest(source: bytes) -> str:
    """SHA-256 over the syntax tree of one module."""
    return hashlib.sha256(_outline(ast.parse(source)).encode()).hexdigest()


def _outline(node: Any) -> str:
    """A syntax tree as text, without positions, docstrings and empty fields (these differ between Pythons)."""
    if isinstance(node, list):
        return f"[{','.join([_outline(item) for item in node if not _is_docstring(item)])}]"
    if not isinstance(node, ast.AST):
        return repr(node)
    parts = [type(node).__name__]
    for name in node._fields:
        value = getattr(node, name, None)
        if value is not None and value != [] and name not in _LEFT_OUT:
            parts.append(f"{name}={_outline(value)}")
    return f"({' '.join(parts)})"


def _is_docstring(node: Any) -> bool:
    """Whether a statement is a text by itself: the docstring of a module, class, function or constant."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _read(path: Path) -> str | None:
    """A digest from the cache; None if its checksum does not hold."""
    content = read_sealed(path)
    return content.decode() if content is not None and re.fullmatch(rb"[0-9a-f]{64}", content) else None


def _write(path: Path, digest: str) -> None:
    """Keep a digest in the cache; a cache that cannot be written costs time and nothing else."""
    with suppress(OSError):
        make_folder(path.parent)
        write_sealed(path, digest.encode())
