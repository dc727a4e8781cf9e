"""Figures and briefing of finished runs, written into the first run's folder whole or not at all."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from filelock import Timeout

from detente.analysis.feedback import separate
from detente.report.briefing import brief
from detente.report.page.html import page
from detente.report.page.images import SIZES, embed
from detente.runs import store
from detente.runs.manifest import CLAIMS, FIGURES, PAGE, UNFINISHED
from detente.runs.run import Run
from detente.shared.errors import ConfigError, DataError

FORMATS = ("html",)


def write(runs: list[Run], formats: Sequence[str] = ("html",)) -> list[Path]:
    """Draw the figures and write the report of the first run, with the others set beside it; returns the files of the
    report proper.

    Everything is built in a hidden folder and then moved into place; the manifest learns the hashes in between, so that
    at no moment does the folder hold a file that the manifest calls damaged. ConfigError for an unknown format,
    DataError if the folder cannot be written or is in use.
    """
    for name in formats:
        if name not in FORMATS:
            raise ConfigError(f"{name} is no format of a report; valid: {', '.join(FORMATS)}.")
    folder = runs[0].folder
    try:
        with store.lock(folder.parent / f".{folder.name}.lock"):
            return _write(runs, folder)
    except Timeout:
        raise DataError(f"{folder}: another process is writing this folder; wait for it to end.") from None
    except OSError as error:
        reason = f"the report could not be written ({error.strerror}); the run is as it was"
        raise DataError(
            f"{folder}: {reason}. Free some space, or copy the run to a folder that can be written."
        ) from error


def _write(runs: list[Run], folder: Path) -> list[Path]:
    from detente.report.figures.book import draw

    hidden, unfinished = folder.parent / f".{folder.name}.report.partial", folder / f".{store.MANIFEST}.partial"
    shutil.rmtree(hidden, ignore_errors=True)
    hidden.mkdir()
    try:
        loop, others = separate(runs[0], runs[1:])
        drawn = draw(runs[0], others, hidden / FIGURES, sizes=SIZES)
        (hidden / PAGE).write_bytes(page(brief([runs[0], *others], loop), embed(drawn, folder.name)).encode("utf-8"))
        store.flush_all(hidden)
        _install(runs[0], hidden, folder)
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
        unfinished.unlink(missing_ok=True)
    return [folder / PAGE]


def _install(run: Run, hidden: Path, folder: Path) -> None:
    """Move the old report out and the new one in; the manifest says so before the first move and takes it back after
    the last one.

    Whatever interrupts this, the run is whole, and no file of a report counts as damaged or foreign.
    """
    digests = store.file_digests(hidden)
    manifest = store.read_manifest(folder)
    kept = {name: known for name, known in manifest.get("report_files", {}).items() if name in CLAIMS}
    for key in ("report_files", UNFINISHED):
        manifest.pop(key, None)
    store.replace_file(folder / store.MANIFEST, store.sealed(manifest | {UNFINISHED: True}))
    old = hidden / "old"
    old.mkdir()
    for name in (PAGE, FIGURES):
        if (folder / name).exists():
            os.replace(folder / name, old / name)
        os.replace(hidden / name, folder / name)
    manifest["report_files"] = digests | kept
    store.replace_file(folder / store.MANIFEST, store.sealed(manifest))
    run.manifest["report_files"] = manifest["report_files"]
