"""Finished runs on disk: a list of them, and a run by its folder, its name or its id."""

import os
import re
from pathlib import Path
from typing import Any

from detente import manifest as manifests
from detente.errors import DataError
from detente.places import SLUG, results_root, shown
from detente.wording import nearest, quoted

RUN_NAME = re.compile(rf"{SLUG}-[0-9a-f]{{8}}")


def finished(output: Path | None = None) -> list[dict[str, Any]]:
    """Every run folder under the results folder, the newest first; a folder whose manifest cannot be read is listed as damaged.

    DataError if ``output`` is given and is no folder.
    """
    if output is not None and not output.is_dir():
        raise DataError(f"{shown(output)}: there is no such folder.")
    return [row for row, _ in read_all(results_root(output))]


def read_all(root: Path) -> list[tuple[dict[str, Any], dict[str, Any] | None]]:
    """A row for each run folder as ``finished`` gives it, and the manifest without its configuration (None if it cannot be read)."""
    found: list[tuple[dict[str, Any], dict[str, Any] | None]] = []
    base = Path(shown(root))
    for folder in folders(root):
        name = (base / folder.name).as_posix()
        try:
            head = manifests.read_head(folder)
        except DataError:
            found.append(({"folder": name, "scenario": "", "paths": None, "horizon": None, "seed": None, "finished": "", "status": "damaged"}, None))
            continue
        run = head["run"]
        row = {"folder": name, "scenario": head["scenario"], "paths": run["paths"], "horizon": run["horizon"], "seed": str(run["seed"])}
        found.append((row | {"finished": head["finished"], "status": head["status"]}, head))
    return sorted(found, key=lambda entry: (entry[0]["finished"], entry[0]["folder"]), reverse=True)


def find(name: str, output: Path | None = None) -> Path:
    """The folder of a run named by its path, its folder's name, or its id of eight digits (DataError with the nearest one if there is none)."""
    path = Path(name)
    if path.is_dir():
        return path
    root = results_root(output)
    known = {folder.name: folder for folder in folders(root)}
    chosen = known.get(name) or next((folder for key, folder in known.items() if key.rpartition("-")[2] == name), None)
    if chosen is not None:
        return chosen
    near = nearest(path.name, known)
    hint = f"the nearest one is {quoted(near)}" if near else "detente list runs shows what is there"
    raise DataError(f"{quoted(name, marks=False)}: there is no such run folder, here or in {shown(root)}; {hint}.")


def folders(root: Path) -> list[Path]:
    """Folders of a results folder that are runs by their manifest or by their name, in alphabetical order (none if ``root`` is no folder)."""
    if not root.is_dir():
        return []
    with os.scandir(root) as entries:
        names = sorted(entry.name for entry in entries if not entry.name.startswith(".") and entry.is_dir())
    return [path for name in names if is_run(path := root / name)]


def is_run(path: Path) -> bool:
    """Whether a folder is a run by its name or by its manifest, sound or not."""
    return RUN_NAME.fullmatch(path.name) is not None or (path / manifests.MANIFEST).is_file()
