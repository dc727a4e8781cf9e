"""Finished runs on disk: a list of them, and a run by its folder, its name or its id."""

from pathlib import Path
from typing import Any

from detente import store
from detente.errors import DataError
from detente.places import results_root, shown
from detente.wording import nearest, quoted


def finished(output: Path | None = None) -> list[dict[str, Any]]:
    """Every run folder under the results folder, the newest first; a folder whose manifest cannot be read is listed as damaged.

    DataError if ``output`` is given and is no folder.
    """
    root = results_root(output)
    if output is not None and not output.is_dir():
        raise DataError(f"{shown(output)}: there is no such folder.")
    rows = []
    for folder in _folders(root):
        try:
            manifest = store.read_manifest(folder)
        except DataError:
            rows.append({"folder": shown(folder), "scenario": "", "paths": None, "horizon": None, "seed": None, "finished": "", "status": "damaged"})
            continue
        run = manifest["config"]["run"]
        rows.append(
            {
                "folder": shown(folder),
                "scenario": manifest["scenario"],
                "paths": run["paths"],
                "horizon": run["horizon"],
                "seed": str(run["seed"]),
                "finished": manifest.get("finished", ""),
                "status": manifest.get("status", ""),
            }
        )
    return sorted(rows, key=lambda row: row["finished"], reverse=True)


def find(name: str, output: Path | None = None) -> Path:
    """The folder of a run named by its path, its folder's name, or its id of eight digits (DataError with the nearest one if there is none)."""
    path = Path(name)
    if path.is_dir():
        return path
    root = results_root(output)
    known = {folder.name: folder for folder in _folders(root)}
    chosen = known.get(name) or next((folder for key, folder in known.items() if key.rpartition("-")[2] == name), None)
    if chosen is not None:
        return chosen
    near = nearest(path.name, known)
    hint = f"the nearest one is {quoted(near)}" if near else "detente list runs shows what is there"
    raise DataError(f"{quoted(name, marks=False)}: there is no such run folder, here or in {shown(root)}; {hint}.")


def _folders(root: Path) -> list[Path]:
    if not root.is_dir():
        return []
    return sorted(folder for folder in root.iterdir() if not folder.name.startswith(".") and (folder / store.MANIFEST).is_file())
