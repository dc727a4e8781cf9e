"""Files on disk: flushed as well as the system can, replaced in one step, never written over what is not ours."""

import errno
import hashlib
import os
import platform
import re
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from detente.shared.paths import tighten

FULL = {errno.ENOSPC, errno.EDQUOT}
"""Error numbers of a full disk, or of a used-up quota."""
UNSUPPORTED = {
    errno.EACCES,
    errno.EBADF,
    errno.EINVAL,
    errno.EISDIR,
    errno.ENOSYS,
    errno.ENOTSUP,
    errno.EOPNOTSUPP,
    errno.EPERM,
}
"""What Windows and some network and shared file systems answer when a folder is opened or flushed."""
PARTIAL = ".partial"
_TEMPORARY = re.compile(r"\.(.+)\.([0-9a-f]{12})([0-9a-f]{8})\.partial", re.DOTALL)


def flush(path: Path) -> None:
    """Write a file to the disk now, through a handle that may write (OSError if the disk fails).

    File systems without a flush are left to their own schedule.
    """
    _synchronise(os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0)))


def flush_names(folder: Path) -> None:
    """Write the names in a folder to the disk now, where the system can do that (OSError if the disk fails)."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        if error.errno not in UNSUPPORTED:
            raise
        return
    _synchronise(handle)


def _synchronise(handle: int) -> None:
    """Flush an open file or folder where the system can do that, and close it."""
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in UNSUPPORTED:
            raise
    finally:
        os.close(handle)


def flush_all(folder: Path) -> None:
    """Flush a folder with all its files, and make none of them writable for all."""
    for path in (*sorted(folder.rglob("*")), folder):
        tighten(path)
        if path.is_dir():
            flush_names(path)
        else:
            flush(path)


def temporary(path: Path) -> Path:
    """A new name beside a file or folder for its successor while that is made.

    The name holds this process and a check of name, process and computer, so that what a killed process left can be
    told from other people's files.
    """
    process = f"{os.getpid():08x}{secrets.token_hex(2)}"
    return path.with_name(f".{path.name}.{process}{_check(path.name, process)}{PARTIAL}")


def clear(folder: Path) -> None:
    """Remove what killed processes of this computer left in a folder under names of ``temporary``."""
    with suppress(OSError):
        for entry in list(os.scandir(folder)):
            name = _TEMPORARY.fullmatch(entry.name)
            if name is None or name[3] != _check(name[1], name[2]) or _runs(int(name[2][:8], 16)):
                continue
            with suppress(OSError):
                if entry.is_dir(follow_symlinks=False):
                    shutil.rmtree(entry.path)
                elif entry.is_file(follow_symlinks=False):
                    os.unlink(entry.path)


def _check(name: str, process: str) -> str:
    return hashlib.sha256(f"{platform.node()}\0{process}\0{name}".encode()).hexdigest()[:8]


def _runs(process: int) -> bool:
    """Whether a process of this computer is alive, or cannot be asked."""
    if os.name == "nt":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A new file beside another that replaces it if the block succeeds, and is removed if not.

    Its name is new, so that no file is written over. What killed processes left beside it is removed.
    """
    clear(path.parent)
    hidden = temporary(path)
    os.close(os.open(hidden, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    try:
        yield hidden
        tighten(hidden)
        flush(hidden)
        os.replace(hidden, path)
    except BaseException:
        with suppress(OSError):
            hidden.unlink(missing_ok=True)
        raise


def replace(path: Path, content: bytes) -> None:
    """Replace one file in one step: a temporary file in the same folder, flush, rename (OSError if that fails)."""
    with replacing(path) as hidden:
        hidden.write_bytes(content)


def write_sealed(path: Path, content: bytes) -> None:
    """Keep a computed content under its checksum, which also holds the file's name (OSError if that fails)."""
    replace(path, _seal(path, content) + content)


def read_sealed(path: Path) -> bytes | None:
    """What ``write_sealed`` wrote; None if the file is missing, damaged, altered or has another name."""
    try:
        raw = path.read_bytes()
    except OSError:
        return None
    seal, newline, content = raw.partition(b"\n")
    return content if seal + newline == _seal(path, content) else None


def _seal(path: Path, content: bytes) -> bytes:
    return hashlib.sha256(path.name.encode() + b"\0" + content).hexdigest().encode() + b"\n"


def remedy(error: OSError, elsewhere: str) -> str:
    """What to do after a failed write: ``free some space, or`` on a full disk, then ``elsewhere``."""
    return f"free some space, or {elsewhere}" if error.errno in FULL else elsewhere


def plain_file(path: Path) -> bool:
    """Whether a path is a file itself, not a link to one."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def plain_folder(path: Path) -> bool:
    """Whether a path is a folder itself, not a link to one."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False
