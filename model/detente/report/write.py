"""Writing of figures and report into the folder of a run, completely or not at all."""

import os
from collections.abc import Sequence
from pathlib import Path

from filelock import Timeout

from detente.report import drawing
from detente.report.context import Context
from detente.report.document import document
from detente.report.page.html import page
from detente.report.page.images import SIZES, embed
from detente.runs import hidden, store
from detente.runs.manifest import CLAIMS, FIGURES, PAGE, UNFINISHED
from detente.runs.run import Run
from detente.shared import files
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
        advice = files.remedy(error, "copy the run to a folder that can be written")
        raise DataError(
            f"{folder}: the report could not be written ({error.strerror}), and the run is as it was; {advice}."
        ) from error


def _write(runs: Sequence[Run], folder: Path) -> list[Path]:
    for name in (PAGE, FIGURES):
        if (folder / name).is_symlink():
            raise DataError(f"{folder / name}: is a link, which a report would replace; move it elsewhere.")
    report = document(Context(runs))
    temporary = hidden.create(folder, hidden.REPORTING)
    try:
        new = temporary / "new"
        (new / FIGURES).mkdir(parents=True)
        drawn = drawing.draw(report.figures, new / FIGURES, sizes=SIZES)
        (new / PAGE).write_bytes(page(report, embed(drawn, folder.name)).encode("utf-8"))
        files.flush_all(new)
        _install(runs[0], temporary, folder)
    finally:
        hidden.remove(temporary)
    return [folder / PAGE]


def _install(run: Run, temporary: Path, folder: Path) -> None:
    """Replace the old report by the new one; the manifest is marked as unfinished in between.

    An interruption leaves a valid run, and no file of a report counts as damaged or foreign. Files among the figures
    that no report has written stay where they are.
    """
    new = temporary / "new"
    foreign = [name for name in store.strangers(folder) if name.startswith(f"{FIGURES}/")]
    digests = store.file_digests(new)
    manifest = store.read_manifest(folder)
    claims = {name: known for name, known in manifest.get("report_files", {}).items() if name in CLAIMS}
    for key in ("report_files", UNFINISHED):
        manifest.pop(key, None)
    store.replace_file(folder / store.MANIFEST, store.sealed(manifest | {UNFINISHED: True}))
    old = temporary / "old"
    old.mkdir()
    for name in foreign:
        if not (new / name).exists():
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            os.replace(folder / name, new / name)
    for name in (PAGE, FIGURES):
        if (folder / name).exists():
            os.replace(folder / name, old / name)
        os.replace(new / name, folder / name)
    manifest["report_files"] = digests | claims
    store.replace_file(folder / store.MANIFEST, store.sealed(manifest))
    run.manifest["report_files"] = manifest["report_files"]
