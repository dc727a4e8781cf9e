"""Writing of figures and report into the folder of a run, completely or not at all."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from filelock import Timeout

from detente.report import drawing
from detente.report.context import Context
from detente.report.document import document
from detente.report.page.html import page
from detente.report.page.images import SIZES, embed
from detente.runs import store
from detente.runs.manifest import CLAIMS, FIGURES, PAGE, UNFINISHED
from detente.runs.run import Run
from detente.shared.errors import ConfigError, DataError

FORMATS = ("html",)


def write(runs: Sequence[Run], formats: Sequence[str] = ("html",)) -> list[Path]:
    """Write the report of the first run, compared with the others, into its folder.

    Files are built in a hidden folder and moved into place; the manifest marks the change before and after, so that no
    file counts as damaged at any moment.

    Parameters
    ----------
    runs
        The run of the report, then its comparison runs.
    formats
        Names of ``FORMATS``.

    Returns
    -------
    list of Path
        The files of the report, without figures.

    Raises
    ------
    ConfigError
        For an unknown format.
    DataError
        If the folder is in use or cannot be written.
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


def _write(runs: Sequence[Run], folder: Path) -> list[Path]:
    hidden, unfinished = folder.parent / f".{folder.name}.report.partial", folder / f".{store.MANIFEST}.partial"
    shutil.rmtree(hidden, ignore_errors=True)
    hidden.mkdir()
    try:
        report = document(Context(runs))
        (hidden / FIGURES).mkdir()
        drawn = drawing.draw(report.figures, hidden / FIGURES, sizes=SIZES)
        (hidden / PAGE).write_bytes(page(report, embed(drawn, folder.name)).encode("utf-8"))
        store.flush_all(hidden)
        _install(runs[0], hidden, folder)
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
        unfinished.unlink(missing_ok=True)
    return [folder / PAGE]


def _install(run: Run, hidden: Path, folder: Path) -> None:
    """Replace the old report by the new one; the manifest is marked as unfinished in between.

    An interruption leaves a valid run, and no file of a report counts as damaged or foreign.
    """
    digests = store.file_digests(hidden)
    manifest = store.read_manifest(folder)
    claims = {name: known for name, known in manifest.get("report_files", {}).items() if name in CLAIMS}
    for key in ("report_files", UNFINISHED):
        manifest.pop(key, None)
    store.replace_file(folder / store.MANIFEST, store.sealed(manifest | {UNFINISHED: True}))
    old = hidden / "old"
    old.mkdir()
    for name in (PAGE, FIGURES):
        if (folder / name).exists():
            os.replace(folder / name, old / name)
        os.replace(hidden / name, folder / name)
    manifest["report_files"] = digests | claims
    store.replace_file(folder / store.MANIFEST, store.sealed(manifest))
    run.manifest["report_files"] = manifest["report_files"]
