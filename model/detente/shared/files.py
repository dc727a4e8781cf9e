"""Files on disk: flushed as well as the system can, replaced in one step, never written over what is not ours."""

import errno
import hashlib
import os
import secrets
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


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A new file beside another that replaces it if the block succeeds, and is removed if not.

    Its name is new, so that no file is written over.
    """
    hidden = path.with_name(f".{path.name}.{secrets.token_hex(4)}{PARTIAL}")
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
