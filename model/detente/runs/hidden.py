"""Hidden folders of runs under way: made with a marker, recognised by it, and only then removed.

A hidden folder is called ``.<run>.<kind>`` and holds the file ``MARKER``, written first, with the folder's own name in
it. Whatever lacks the name, the marker or its content belongs to somebody else and is never touched; links are never
followed.
"""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from detente.runs.find import RUN_NAME
from detente.shared import files
from detente.shared.errors import DataError
from detente.shared.messages import quoted

MARKER = "detente-temporary.txt"
WRITING, REPORTING, REPLACED, CHECKPOINT = "partial", "report.partial", "replaced", "checkpoint"
"""Kinds: a run being written, a report being written, a run moved away for its successor, a checkpoint."""
_NAME = re.compile(rf"\.({RUN_NAME.pattern})\.({WRITING}|{REPORTING}|{REPLACED}|{CHECKPOINT})")


def place(final: Path, kind: str) -> Path:
    """The hidden folder of a kind beside a run folder."""
    return final.parent / f".{final.name}.{kind}"


def create(final: Path, kind: str) -> Path:
    """A new hidden folder with its marker, in place of one that was left behind.

    DataError if somebody else's folder, file or link has its name.
    """
    folder = place(final, kind)
    files.clear(folder.parent)
    remove(folder)
    if os.path.lexists(folder):
        raise DataError(foreign(folder))
    new = files.temporary(folder)
    new.mkdir()
    try:
        (new / MARKER).write_bytes(_mark(folder))
        files.flush(new / MARKER)
        os.rename(new, folder)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    return folder


def owned(folder: Path) -> bool:
    """Whether a hidden folder is one of ours: name, folder and marker.

    A power cut may leave the beginning of a marker, which is as good.
    """
    marker = folder / MARKER
    if _NAME.fullmatch(folder.name) is None or not files.plain_folder(folder) or not files.plain_file(marker):
        return False
    try:
        return marker.stat().st_size < 1_000 and _mark(folder).startswith(marker.read_bytes())
    except OSError:
        return False


def remove(folder: Path) -> None:
    """Remove a hidden folder if it is ours; its marker goes last, so that an interruption leaves it recognisable."""
    if not owned(folder):
        return
    with suppress(OSError):
        for entry in list(os.scandir(folder)):
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            elif entry.name != MARKER:
                os.unlink(entry.path)
        last = files.temporary(folder)
        os.rename(folder, last)
        (last / MARKER).unlink()
        last.rmdir()


def leftovers(results: Path, kind: str) -> Iterator[tuple[Path, Path]]:
    """Hidden folders of a kind in a results folder that are ours, each with the place of its run."""
    with suppress(OSError):
        for name in sorted(os.listdir(results)):
            matched = _NAME.fullmatch(name)
            if matched is not None and matched[2] == kind and owned(results / name):
                yield results / name, results / matched[1]


def foreign(path: Path) -> str:
    """The sentence on something of somebody else's in the place of a hidden folder."""
    return (
        f"{quoted(path, marks=False, limit=300)}: stands in the way and was not made by détente; "
        "move it elsewhere, or choose another folder with --output."
    )


def _mark(folder: Path) -> bytes:
    return f"Temporary folder {folder.name} of détente. The next run in this results folder removes it.\n".encode()
