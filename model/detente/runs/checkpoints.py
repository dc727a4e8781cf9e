"""Where a run can continue: from a checkpoint of its own, or from the saved state of a finished run of fewer paths.

A state holds the sums over the first paths (``detente.engine.state``). With it go the event dates of these paths, which
a run writes one by one, and the number of paths on which each event has happened by each step. Everything is bound by
checksums; what does not fit is not used, and the run begins at its first path.
"""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from detente_kernels import reductions
from filelock import Timeout

from detente.engine.chunks import Store
from detente.engine.plan import Plan
from detente.engine.state import State
from detente.engine.version import model_version
from detente.runs import hidden, store
from detente.runs.manifest import read_head
from detente.runs.pairing import installed, model_difference, named, version_differences
from detente.shared import arrays, files
from detente.shared.errors import DataError
from detente.shared.paths import make_folder

STATE = "state.parquet"
"""File of a run folder from which a larger run of the same configuration continues."""
CHECKPOINT = "checkpoint.json"
FEWEST_PATHS = 16_384
"""Below this number a batch keeps no state: running the paths again costs less than keeping it."""
PATH_STEPS = 40_000_000
"""Work between two checkpoints, paths times steps: about half a minute on two cores. A shorter run has none."""
SECONDS = 60.0
"""Between two checkpoints of a run on other computers, however short: they may be gone at any moment."""
OWN = "its last checkpoint"
Events = Iterator[tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]]


@dataclass(frozen=True)
class Start:
    """The first paths of a run, computed before.

    ``state`` of these paths; ``incidence`` (events, steps) paths on which an event has happened by the end of a step;
    ``files`` with the events of at least these paths, in their order; ``source`` says where it comes from; ``versions``
    names libraries that had other versions then, empty if none had.
    """

    state: State
    incidence: npt.NDArray[np.int64]
    files: tuple[Path, ...]
    columns: Sequence[tuple[str, str]]
    source: str
    versions: str = ""

    def events(self) -> Events:
        """Events and failures as a simulation hands them out, of exactly the state's paths."""
        left = self.state.paths
        for path in self.files:
            for events, failed in store.read_events(path, self.columns):
                rows = min(left, failed.size)
                if rows:
                    yield events[:, :rows], failed[:rows]
                left -= rows
        if left:
            raise DataError(f"{self.source}: {left} paths of events are missing; run again with --no-resume.")


def units_between(steps: int) -> int:
    """Units of paths between two checkpoints, a power of two."""
    return int(max(8, 1 << max(int(PATH_STEPS / (steps * reductions.UNIT)), 1).bit_length() - 1))


def save(path: Path, state: State, incidence: npt.NDArray[np.int64], *, kept_in_full: bool) -> None:
    """Write a state.

    Without ``kept_in_full`` the values of single paths are left out, for a reader that has them elsewhere.
    """
    values = state.store.path_values.astype(np.float32) if kept_in_full else state.store.path_values[:0]
    named_arrays = replace(state, store=Store(values, state.store.exact)).to_arrays()
    # Differences between places compress to a tenth.
    named_arrays["place"] = np.diff(named_arrays["place"], prepend=named_arrays["place"].dtype.type(0))
    arrays.write(path, named_arrays | {"incidence": incidence})


def restore(path: Path) -> tuple[State, npt.NDArray[np.int64]]:
    """State and incidence from a file (DataError if it is damaged)."""
    named_arrays = arrays.read(path)
    try:
        named_arrays["place"] = np.cumsum(named_arrays["place"], dtype=named_arrays["place"].dtype)
        return State.from_arrays(named_arrays), named_arrays["incidence"]
    except (KeyError, ValueError, IndexError, TypeError) as error:
        raise DataError(f"{path}: the saved state is inconsistent ({error}); delete it and run again.") from error


@dataclass
class SavedStates:
    """Finished runs of a results folder that have saved their state, searched once for all runs of a process."""

    root: Path
    _known: dict[str, list[tuple[str, int, Path]]] = field(default_factory=dict)

    def add(self, folder: Path, head: dict[str, Any]) -> None:
        """Take in a run that has just been finished."""
        if STATE in head["files"] and "family" in head and head["scenario"] in self._known:
            self._known[head["scenario"]].append((head["family"], head["run"]["paths"], folder))

    def largest(self, scenario: str, family: str, below: int) -> Path | None:
        """The run of a family with the most paths, fewer than ``below``."""
        if scenario not in self._known:
            self._known[scenario] = list(self._scan(scenario))
        fitting = [(paths, folder) for name, paths, folder in self._known[scenario] if name == family and paths < below]
        return max(fitting)[1] if fitting else None

    def _scan(self, scenario: str) -> Iterator[tuple[str, int, Path]]:
        for folder in sorted(self.root.glob(f"{scenario}-????????")):
            if (folder / STATE).is_file():
                try:
                    head = read_head(folder)
                except DataError:
                    continue
                if STATE in head["files"] and isinstance(head.get("family"), str):
                    yield head["family"], head["run"]["paths"], folder


def from_run(folder: Path, plan: Plan, columns: Sequence[tuple[str, str]]) -> Start | None:
    """The first paths of a plan from a finished run; None if the plan cannot continue from it.

    DataError if its files are damaged, or if another model made it.
    """
    manifest = read_head(folder)
    versions = _versions(manifest, folder.name)
    for name in (STATE, "events.parquet", "paths.parquet"):
        store.check_file(folder, name, manifest)
    state, incidence = restore(folder / STATE)
    table = store.read_table(folder / "paths.parquet")
    values = table[[variable.column for variable in plan.variables]].to_numpy(np.float32)
    paths = values.reshape(-1, plan.grid.steps, len(plan.variables))[: state.paths]
    state = replace(state, store=Store(paths, state.store.exact))
    if state.objection(plan):
        return None
    return Start(state, incidence, (folder / "events.parquet",), columns, folder.name, versions)


def _versions(origin: dict[str, Any], name: str) -> str:
    """Libraries of other versions than the installed ones, in words (DataError if another model origin it)."""
    here = installed()
    difference = model_difference(origin, here)
    if difference:
        raise DataError(f"{name}: it and this installation have {difference}, so the run cannot continue from it.")
    return named(version_differences(origin, here))


class Checkpoint:
    """A hidden folder beside a run under way: its state and events so far.

    It is replaced in one step from time to time, and removed when the run is finished. ``obstructed``: somebody else's
    folder or file has its name, so that nothing can be saved.
    """

    def __init__(self, final: Path, columns: Sequence[tuple[str, str]]) -> None:
        self.final = final
        self.folder = hidden.place(final, hidden.CHECKPOINT)
        self.columns = columns
        self.parts: list[str] = []
        self.writer: store.EventWriter | None = None

    @property
    def obstructed(self) -> bool:
        """Whether the folder's place is taken by something that is not ours."""
        return os.path.lexists(self.folder) and not hidden.owned(self.folder)

    def load(self, plan: Plan) -> Start | None:
        """The last checkpoint; None if there is none that fits, and then the folder is cleared.

        DataError if another model wrote it; the folder is cleared then too.
        """
        try:
            content = json.loads((self.folder / CHECKPOINT).read_bytes())
            names = [content["state"], *content["events"]]
            if not hidden.owned(self.folder) or any(
                Path(name).name != name or store.digest(self.folder / name) != content["files"][name] for name in names
            ):
                raise DataError("damaged")
            origin = {"versions": dict(content["versions"]), "digests": dict(content["digests"])}
            state, incidence = restore(self.folder / content["state"])
        except (DataError, OSError, ValueError, KeyError, TypeError):
            self.remove()
            return None
        try:
            versions = _versions(origin, OWN)
        except DataError:
            self.remove()
            raise
        if state.objection(plan):
            self.remove()
            return None
        self.parts = list(content["events"])
        files = tuple(self.folder / name for name in self.parts)
        return Start(state, incidence, files, self.columns, OWN, versions)

    def add(self, events: npt.NDArray[np.float64], failed: npt.NDArray[np.int64]) -> None:
        """Events of the paths that come next, as a simulation hands them out."""
        if self.writer is None:
            if not hidden.owned(self.folder):
                make_folder(self.folder.parent)
                hidden.create(self.final, hidden.CHECKPOINT)
            self.parts.append(f"events-{len(self.parts):05}.parquet")
            self.writer = store.EventWriter(self.folder / self.parts[-1], self.columns, {})
        self.writer.add(events, failed)

    def commit(self, state: State, incidence: npt.NDArray[np.int64]) -> None:
        """Make this the place to continue from (OSError or DataError if it cannot be written)."""
        if self.writer is not None:
            self.writer.close()
            self.writer = None
            files.flush(self.folder / self.parts[-1])
        name = f"state-{state.units}.parquet"
        save(self.folder / name, state, incidence, kept_in_full=True)
        digests = {part: store.digest(self.folder / part) for part in (name, *self.parts)}
        content = installed() | {"model": model_version(), "state": name, "events": self.parts, "files": digests}
        store.replace_file(self.folder / CHECKPOINT, (json.dumps(content, indent=1) + "\n").encode())
        files.flush_names(self.folder)
        for old in self.folder.glob("state-*.parquet"):
            if old.name != name:
                old.unlink(missing_ok=True)

    def remove(self) -> None:
        """Delete the folder if it is ours."""
        self.close()
        hidden.remove(self.folder)

    def close(self) -> None:
        """Close the open file; what was committed stays."""
        if self.writer is not None:
            self.writer.close()
            self.writer = None


def sweep(root: Path) -> None:
    """Remove checkpoints that no run can continue from, unless a process is at work there.

    These are incomplete ones, those of another version of the model, and those of finished runs.
    """
    for folder, final in hidden.leftovers(root, hidden.CHECKPOINT):
        try:
            content = json.loads((folder / CHECKPOINT).read_bytes())
            stale = final.is_dir() or content["model"] != model_version()
        except (OSError, ValueError, KeyError, TypeError):
            stale = True
        if stale:
            with suppress(Timeout, OSError, DataError), store.lock(root / f".{final.name}.lock"):
                hidden.remove(folder)
