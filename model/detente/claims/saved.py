"""Claims answered in a run folder: claims.json and claims.csv, hashed in the manifest as the report's files are."""

import json
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from detente import store
from detente.claims.table import frame
from detente.errors import DataError
from detente.results import Run

DATA, TABLE = "claims.json", "claims.csv"


def save(run: Run, made: dict[str, Any]) -> list[Path]:
    """Write the answers into the folder of a run, each file whole; the manifest forgets the old ones first, so that none is ever called damaged
    (DataError if the folder is in use or cannot be written)."""
    folder = run.folder
    try:
        with FileLock(folder.parent / f".{folder.name}.lock", timeout=0):
            _register(run, {})
            store.replace_file(folder / DATA, store.to_json(made))
            store.replace_file(folder / TABLE, frame(made).to_csv(index=False, float_format="%.10g", lineterminator="\n").encode("utf-8"))
            _register(run, {name: store.digest(folder / name) for name in (DATA, TABLE)})
    except Timeout:
        raise DataError(f"{folder}: another process is writing this folder; wait for it to end.") from None
    except OSError as error:
        raise DataError(f"{folder}: cannot be written ({error.strerror}); copy the run to a folder that can.") from error
    return [folder / DATA, folder / TABLE]


def _register(run: Run, digests: dict[str, str]) -> None:
    manifest = store.read_manifest(run.folder)
    kept = {name: digest for name, digest in manifest.get("report_files", {}).items() if name not in (DATA, TABLE)}
    manifest["report_files"] = kept | digests
    store.replace_file(run.folder / store.MANIFEST, store.to_json(manifest))
    run.manifest["report_files"] = manifest["report_files"]


def read(run: Run) -> dict[str, Any] | None:
    """The answers in a run's folder; None if there are none, or not those that the manifest names."""
    path = run.folder / DATA
    known = run.manifest.get("report_files", {}).get(DATA)
    if known is None or not path.is_file() or store.digest(path) != known:
        return None
    return json.loads(path.read_bytes())
