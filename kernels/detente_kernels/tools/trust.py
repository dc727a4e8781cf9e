"""Whether others may write where compiled code is read from.

numba's cache is pickled code: whoever can write its folder runs programs in the name of all who read it.
"""

import os
import stat
from functools import cache

OTHERS = stat.S_IWGRP | stat.S_IWOTH


class UntrustedCacheError(Exception):
    """A folder of compiled code that others may write; the message names it and the remedy."""

    exit_code = 4


@cache
def check(folder: str) -> None:
    """Refuse a cache folder that others may write (UntrustedCacheError).

    The folder, its compiled files and every folder above must belong to this user or the administrator and be closed
    to others; above it, folders in which each user may only delete own files (sticky) are accepted. Systems without
    user numbers are not checked.
    """
    if not hasattr(os, "getuid"):
        return
    given, real = os.path.abspath(folder), os.path.realpath(folder)
    for path in dict.fromkeys((real, given, *_above(real), *_above(given))):
        _check(path, os.stat(path), above=path not in (given, real))
    with os.scandir(real) as entries:
        for entry in entries:
            if entry.name.endswith((".nbi", ".nbc")):
                _check(entry.path, entry.stat(follow_symlinks=False), above=False)


def _above(path: str) -> list[str]:
    folders = []
    while (parent := os.path.dirname(path)) != path:
        folders.append(parent)
        path = parent
    return folders


def _check(path: str, status: os.stat_result, *, above: bool) -> None:
    mode = status.st_mode
    if status.st_uid not in (0, os.getuid()):
        raise UntrustedCacheError(
            f"{path}: belongs to another user, and compiled code is read from there; name a folder of your own in "
            "NUMBA_CACHE_DIR, such as ~/.cache/detente-compiled."
        )
    open_to = mode & (stat.S_IWOTH if _private(status.st_gid) else OTHERS)
    if open_to and not stat.S_ISLNK(mode) and not (above and mode & stat.S_ISVTX):
        remedy = (
            f"run: chmod go-w '{path}'"
            if status.st_uid == os.getuid()
            else "name another folder in NUMBA_CACHE_DIR, such as ~/.cache/detente-compiled"
        )
        raise UntrustedCacheError(
            f"{path}: other users may write there, and compiled code is read from there; {remedy}"
        )


@cache
def _private(group: int) -> bool:
    """Whether a group is the user's own: it has the user's name and no other member, as many systems set up."""
    import grp
    import pwd

    try:
        name = pwd.getpwuid(os.getuid()).pw_name
        entry = grp.getgrgid(group)
    except KeyError:
        return False
    return entry.gr_name == name and not set(entry.gr_mem) - {name}
