"""Files that a user names, read safely: regular files only, up to a size."""

import os
import stat
from pathlib import Path

from detente.shared.errors import DataError
from detente.shared.messages import file_name

MEGABYTE = 1_000_000
DATA_BYTES = 50 * MEGABYTE
"""Largest file of data; decades of daily values of a hundred series."""


def read_bytes(path: Path, most: int = DATA_BYTES, shown: str | None = None, advice: str = "") -> bytes:
    """The content of a regular file.

    A pipe or device is refused without waiting for it, so that reading always ends.

    Parameters
    ----------
    path : file, or a link to one.
    most : largest size in bytes.
    shown : its name in messages.
    advice : ends the messages, without a full stop.

    Raises
    ------
    DataError : there is no such file, it is a folder, a pipe or a device, larger than ``most``, or cannot be read.
    """
    name = file_name(shown if shown is not None else Path(path).as_posix())
    end = f"; {advice}." if advice else "."
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        raise DataError(f"{name}: there is no such file{end}") from None
    except (OSError, ValueError) as error:
        raise DataError(f"{name}: this file cannot be read ({_reason(error)}){end}") from None
    try:
        status = os.fstat(handle)
        if stat.S_ISDIR(status.st_mode):
            raise DataError(f"{name}: this is a folder{end}")
        if not stat.S_ISREG(status.st_mode):
            raise DataError(f"{name}: this is not a regular file but a pipe or a device{end}")
        raw = b"" if status.st_size > most else _read(handle, most + 1)
        if max(status.st_size, len(raw)) > most:
            raise DataError(f"{name}: this file is larger than {most / MEGABYTE:g} MB{end}")
        return raw
    except OSError as error:
        raise DataError(f"{name}: this file cannot be read ({_reason(error)}){end}") from None
    finally:
        os.close(handle)


def _read(handle: int, most: int) -> bytes:
    parts, size = [], 0
    while size < most and (part := os.read(handle, min(most - size, MEGABYTE))):
        parts.append(part)
        size += len(part)
    return b"".join(parts)


def _reason(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)
