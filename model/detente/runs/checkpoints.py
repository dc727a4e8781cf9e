"""Where a run can go on from: a checkpoint of its own, or the state that a finished run of fewer paths has kept.

A state is what the first paths add up to (``detente.state``); with it go the paths' event dates, which a run writes out
one by one, and how many of them have happened by each step. All of it is bound by checksums, and whatever does not fit
is left aside: then the run begins at its first path.
"""

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from detente_kernels import reductions
from filelock import Timeout

from detente.engine.chunks import Store
from detente.engine.plan import Plan
from detente.engine.state import State
from detente.engine.version import model_version
from detente.runs import arrays, store
from detente.runs.manifest import read_head
from detente.shared.errors import DataError
from detente.shared.paths import make_folder

STATE = "state.parquet"
"""File of a run folder that a larger run of the same configuration goes on from."""
CHECKPOINT = "checkpoint.json"
FEWEST_PATHS = 16_384
"""Below this a batch keeps no state: running the paths again costs less than keeping it."""
PATH_STEPS = 40_000_000
"""Work between two checkpoints, paths times steps: about half a minute on two cores. A run of less has none."""
SECONDS = 60.0
"""Between two checkpoints of a run that others compute, however small: they may be gone at any moment."""
OWN = "its last checkpoint"
Events = Iterator[tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Begun:
    """``state`` of the first paths; ``incidence`` (events, steps) paths on which an event has happened by the end of
    a step; ``files`` with the events of at least these paths, in their order; ``source`` says where it comes from."""

    state: State
    incidence: np.ndarray
    files: tuple[Path, ...]
    columns: Sequence[tuple[str, str]]
    source: str

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
    return max(8, 1 << max(int(PATH_STEPS / (steps * reductions.UNIT)), 1).bit_length() - 1)


def save(path: Path, state: State, incidence: np.ndarray, *, whole_paths: bool) -> None:
    """Write a state; without ``whole_paths`` the values of single paths are left out, for a reader that has them
    elsewhere."""
    kept = state.store.kept.astype(np.float32) if whole_paths else state.store.kept[:0]
    named = replace(state, store=Store(kept, state.store.exact)).to_arrays()
    named["place"] = np.diff(
        named["place"], prepend=named["place"].dtype.type(0)
    )  # steps between places compress to a tenth
    arrays.write(path, named | {"incidence": incidence})


def restore(path: Path) -> tuple[State, np.ndarray]:
    """State and incidence from a file (DataError if it is damaged)."""
    named = arrays.read(path)
    try:
        named["place"] = np.cumsum(named["place"], dtype=named["place"].dtype)
        return State.from_arrays(named), named["incidence"]
    except (KeyError, ValueError, IndexError, TypeError) as error:
        raise DataError(f"{path}: the saved state does not fit together ({error}); delete it and run again.") from error


@dataclass
class Kept:
    """Finished runs of a results folder that have kept their state, found once for all runs of a process."""

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
        return max(fitting, default=(0, None))[1]

    def _scan(self, scenario: str) -> Iterator[tuple[str, int, Path]]:
        for folder in sorted(self.root.glob(f"{scenario}-????????")):
            if (folder / STATE).is_file():
                try:
                    head = read_head(folder)
                except DataError:
                    continue
                if STATE in head["files"] and isinstance(head.get("family"), str):
                    yield head["family"], head["run"]["paths"], folder


def from_run(folder: Path, made: Plan, columns: Sequence[tuple[str, str]]) -> Begun | None:
    """What a finished run of fewer paths has kept (DataError if its files are damaged); None if a plan cannot go on
    from it."""
    manifest = read_head(folder)
    for name in (STATE, "events.parquet", "paths.parquet"):
        store.check_file(folder, name, manifest)
    state, incidence = restore(folder / STATE)
    table = store.read_table(folder / "paths.parquet")
    values = table[[variable.column for variable in made.variables]].to_numpy(np.float32)
    kept = values.reshape(-1, made.grid.steps, len(made.variables))[: state.paths]
    state = replace(state, store=Store(kept, state.store.exact))
    return (
        None if state.objection(made) else Begun(state, incidence, (folder / "events.parquet",), columns, folder.name)
    )


class Checkpoint:
    """A hidden folder beside a run under way: its state and events so far, replaced whole from time to time, gone
    when the run is finished."""

    def __init__(self, final: Path, columns: Sequence[tuple[str, str]]) -> None:
        self.folder = final.parent / f".{final.name}.checkpoint"
        self.columns = columns
        self.parts: list[str] = []
        self.writer: store.EventWriter | None = None

    def load(self, made: Plan) -> Begun | None:
        """What the last checkpoint holds; None if there is none or nothing whole that fits, and then the folder is
        cleared."""
        try:
            content = json.loads((self.folder / CHECKPOINT).read_bytes())
            names = [content["state"], *content["events"]]
            if any(
                Path(name).name != name or store.digest(self.folder / name) != content["files"][name] for name in names
            ):
                raise DataError("damaged")
            state, incidence = restore(self.folder / content["state"])
            if state.objection(made):
                raise DataError("another run's")
        except (DataError, OSError, ValueError, KeyError, TypeError):
            self.remove()
            return None
        self.parts = list(content["events"])
        return Begun(state, incidence, tuple(self.folder / name for name in self.parts), self.columns, OWN)

    def add(self, events: np.ndarray, failed: np.ndarray) -> None:
        """Events of the paths that come next, as a simulation hands them out."""
        if self.writer is None:
            make_folder(self.folder)
            self.parts.append(f"events-{len(self.parts):05}.parquet")
            self.writer = store.EventWriter(self.folder / self.parts[-1], self.columns, {})
        self.writer.add(events, failed)

    def commit(self, state: State, incidence: np.ndarray) -> None:
        """Make this the place to go on from (OSError or DataError if it cannot be written)."""
        if self.writer is not None:
            self.writer.close()
            self.writer = None
            store.flush(self.folder / self.parts[-1])
        name = f"state-{state.units}.parquet"
        save(self.folder / name, state, incidence, whole_paths=True)
        files = {part: store.digest(self.folder / part) for part in (name, *self.parts)}
        content = {"model": model_version(), "state": name, "events": self.parts, "files": files}
        store.replace_file(self.folder / CHECKPOINT, (json.dumps(content, indent=1) + "\n").encode())
        store.flush(self.folder)
        for old in self.folder.glob("state-*.parquet"):
            if old.name != name:
                old.unlink(missing_ok=True)

    def remove(self) -> None:
        """Leave nothing behind."""
        self.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def close(self) -> None:
        """Let go of the open file; what was committed stays."""
        if self.writer is not None:
            self.writer.close()
            self.writer = None


def sweep(root: Path) -> None:
    """Remove checkpoints that nothing goes on from: no whole one was written, or another version of the model wrote
    it, or the run is finished; and nobody is at work."""
    for folder in root.glob(".*.checkpoint"):
        owner = folder.name.removeprefix(".").removesuffix(".checkpoint")
        try:
            stale = (root / owner).is_dir() or json.loads((folder / CHECKPOINT).read_bytes())[
                "model"
            ] != model_version()
        except (OSError, ValueError, KeyError, TypeError):
            stale = True
        if stale:
            with suppress(Timeout, OSError), store.lock(root / f".{owner}.lock"):
                shutil.rmtree(folder, ignore_errors=True)
