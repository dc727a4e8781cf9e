"""Folders: the configuration that ships with détente, the user's own, results and the cache.

Configuration is looked up in roots, the first one that has a file wins:

1. ``./configs`` of the folder the user works in, so that an own scenario or parameter file needs no installation;
2. the configuration that ships with the package: ``detente/configs`` in a wheel, the repository's ``configs`` in a
checkout.

A caller may name one root instead, which is then the only one.
"""

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from detente.shared.errors import DataError

PACKAGE = Path(__file__).resolve().parents[1]
CACHE = "DETENTE_CACHE"
"""Environment variable that names another cache folder."""
SLUG = r"[a-z0-9][a-z0-9-]{0,59}"
"""Names of scenarios, and so of folders: no dots, slashes, spaces or capitals, so that no name leads elsewhere on any
system."""


def shipped_configs(package: Path = PACKAGE) -> Path:
    """The configuration that belongs to the package: inside it when installed from a wheel, beside it in a checkout."""
    for candidate in (package / "configs", package.parent.parent / "configs"):
        if (candidate / "parameters").is_dir():
            return candidate
    raise DataError(
        f"{package / 'configs'}: the configuration that ships with détente is missing; install détente again."
    )


def shipped_docs(package: Path = PACKAGE) -> Path:
    """The documentation that belongs to the package: inside it when installed from a wheel, beside it in a checkout."""
    for candidate in (package / "docs", package.parent.parent / "docs"):
        if (candidate / "method.md").is_file():
            return candidate
    raise DataError(f"{package / 'docs'}: the documentation that ships with détente is missing; install détente again.")


def working_folder() -> Path:
    """The folder that the user works in (DataError if it has been deleted)."""
    try:
        return Path.cwd()
    except OSError:
        raise DataError(
            "the working folder does not exist any more; change to an existing folder and repeat the command."
        ) from None


def config_roots(
    configs: Path | None = None, *, working: Path | None = None, package: Path = PACKAGE
) -> tuple[Path, ...]:
    """Folders to look in, first one first; ``configs`` alone when given (DataError if it is no folder)."""
    if configs is not None:
        if not configs.is_dir():
            raise DataError(f"{configs}: there is no such configuration folder.")
        return (configs,)
    own, shipped = (working or working_folder()) / "configs", shipped_configs(package)
    if own.is_dir() and own.resolve() != shipped.resolve():
        return (own, shipped)
    return (shipped,)


def find(relative: str, roots: Iterable[Path]) -> Path | None:
    """The first file ``relative`` (such as ``facts/2026-08-31.toml``) among the roots, or None."""
    return next((root / relative for root in roots if (root / relative).is_file()), None)


def listing(folder: str, roots: Iterable[Path]) -> dict[str, Path]:
    """Every ``*.toml`` of a folder over all roots, by its name without the ending, in alphabetical order.

    An earlier root hides a later one.
    """
    files: dict[str, Path] = {}
    for root in roots:
        for path in sorted((root / folder).glob("*.toml")):
            if path.is_file():
                files.setdefault(path.stem, path)
    return dict(sorted(files.items()))


def shown(path: Path, roots: Iterable[Path] = ()) -> str:
    """A path for messages.

    ``configs/…`` within a root, relative to the working folder where possible, else as it was given.
    """
    try:
        resolved = path.resolve()
    except (OSError, RuntimeError):  # a link that leads to itself
        return path.as_posix()
    for root in roots:
        if resolved.is_relative_to(root.resolve()):
            return f"{root.resolve().name}/{resolved.relative_to(root.resolve()).as_posix()}"
    if path.is_absolute() and path.is_relative_to(working_folder()):
        return path.relative_to(working_folder()).as_posix()
    return path.as_posix()


def results_root(output: Path | None = None) -> Path:
    """Folder that holds run folders: ``output`` when given, else ``results`` in the working folder.

    It need not exist yet.
    """
    return output if output is not None else working_folder() / "results"


def cache_folder() -> Path:
    """Folder of what is computed once a machine: that of DETENTE_CACHE, else the user's cache folder.

    It need not exist yet.
    """
    named = os.environ.get(CACHE)
    if named:
        return Path(named)
    import platformdirs

    return Path(platformdirs.user_cache_dir("detente"))


def make_folder(path: Path) -> None:
    """Make a folder and those above it, by the user's mask but never writable for all (OSError if that fails)."""
    if not path.is_dir():
        make_folder(path.parent)
        path.mkdir(mode=0o775, exist_ok=True)


def tighten(path: Path) -> None:
    """Remove the permission of all users to write a file or folder, which an empty mask has given.

    File systems without permissions are left as they are.
    """
    mode = path.stat().st_mode
    if mode & 0o002:
        with suppress(OSError):
            path.chmod(stat.S_IMODE(mode) & ~0o002)


def run_folder(scenario: str, run_id: str, output: Path | None = None) -> Path:
    """Folder of one run, ``results/<scenario>-<id8>``; ``run_id`` is the run's eight hexadecimal digits."""
    return results_root(output) / f"{scenario}-{run_id}"
