"""Claims answered in a run folder: claims.json and claims.csv, hashed in the manifest as the report's files are."""

import json
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from detente.questions.claims.table import frame
from detente.runs import store
from detente.runs.manifest import CLAIMS, UNFINISHED
from detente.runs.run import Run
from detente.shared.errors import DataError
from detente.shared.spreadsheet import csv_text

DATA, TABLE = CLAIMS


def save(run: Run, made: dict[str, Any]) -> list[Path]:
    """Write the answers into the folder of a run, each file whole; the manifest says so before the first and takes
    it back after the last, so that neither ever counts as damaged (DataError if the folder is in use or cannot be
    written)."""
    folder = run.folder
    try:
        with FileLock(folder.parent / f".{folder.name}.lock", timeout=0):
            manifest = store.read_manifest(folder)
            store.replace_file(folder / store.MANIFEST, store.sealed(manifest | {UNFINISHED: True}))
            store.replace_file(folder / DATA, _json(made))
            store.replace_file(folder / TABLE, csv_text(frame(made)).encode("utf-8"))
            manifest["report_files"] = manifest.get("report_files", {}) | {
                name: store.digest(folder / name) for name in CLAIMS
            }
            store.replace_file(folder / store.MANIFEST, store.sealed(manifest))
    except Timeout:
        raise DataError(f"{folder}: another process is writing this folder; wait for it to end.") from None
    except OSError as error:
        raise DataError(
            f"{folder}: cannot be written ({error.strerror}); copy the run to a folder that can."
        ) from error
    run.manifest["report_files"] = manifest["report_files"]
    return [folder / DATA, folder / TABLE]


def _json(made: dict[str, Any]) -> bytes:
    return (json.dumps(made, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8")


def read(run: Run) -> dict[str, Any] | None:
    """The answers in a run's folder; None if there are none, or not those that the manifest names."""
    path = run.folder / DATA
    known = run.manifest.get("report_files", {}).get(DATA)
    if known is None or not path.is_file() or store.digest(path) != known:
        return None
    return json.loads(path.read_bytes())
