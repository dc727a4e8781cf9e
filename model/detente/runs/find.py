"""Finished runs on disk: a list, and a run by its folder, name or id."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detente.runs import manifest as manifests
from detente.shared.errors import DataError
from detente.shared.formatting import by_hand
from detente.shared.messages import nearest, quoted
from detente.shared.paths import SLUG, results_root, shown

RUN_NAME = re.compile(rf"{SLUG}-[0-9a-f]{{8}}")


def finished(output: Path | None = None) -> list[dict[str, Any]]:
    """Every run folder under the results folder, the newest first.

    A folder whose manifest cannot be read is listed as damaged. DataError if ``output`` is given and is no folder.
    """
    if output is not None and not output.is_dir():
        raise DataError(f"{shown(output)}: there is no such folder.")
    base = Path(shown(results_root(output)))
    return [{"folder": (base / one.folder.name).as_posix()} | _row(one.head) for one in read_all(results_root(output))]


def _row(head: dict[str, Any] | None) -> dict[str, Any]:
    if head is None:
        empty = {"scenario": "", "paths": None, "horizon": None, "seed": None, "finished": "", "status": "damaged"}
        return empty | {"set_by_hand": ""}
    run = head["run"]
    size = {"paths": run["paths"], "horizon": run["horizon"], "seed": str(run["seed"])}
    state = {"finished": head["finished"], "status": head["status"]}
    return {"scenario": head["scenario"], **size, **state, "set_by_hand": by_hand(head.get("overrides", {}))}


@dataclass(frozen=True)
class RunFolder:
    """A run folder: its manifest without the configuration, or None and what is wrong with it."""

    folder: Path
    head: dict[str, Any] | None
    damage: str = ""

    @property
    def order(self) -> tuple[str, str]:
        """When it was finished, then its name; a damaged one comes before all others."""
        return self.head["finished"] if self.head else "", self.folder.name


def read_all(root: Path) -> list[RunFolder]:
    """Every run folder of a results folder, the newest first, damaged ones last."""
    rows = []
    for folder in folders(root):
        try:
            rows.append(RunFolder(folder, manifests.read_head(folder)))
        except DataError as error:
            rows.append(RunFolder(folder, None, str(error)))
    return sorted(rows, key=lambda one: one.order, reverse=True)


def find(name: str, output: Path | None = None) -> Path:
    """The folder of a run named by its path, its folder's name, or its id of eight digits.

    DataError with the nearest name if there is none.
    """
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
    """Folders of a results folder that are runs by their manifest or by their name, in alphabetical order.

    Empty if ``root`` is no folder.
    """
    if not root.is_dir():
        return []
    with os.scandir(root) as entries:
        names = sorted(entry.name for entry in entries if not entry.name.startswith(".") and entry.is_dir())
    return [path for name in names if is_run(path := root / name)]


def is_run(path: Path) -> bool:
    """Whether a folder is a run by its name or by its manifest, valid or not."""
    return RUN_NAME.fullmatch(path.name) is not None or (path / manifests.MANIFEST).is_file()
