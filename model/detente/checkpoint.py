"""What a run that may be cut off leaves behind: its state and the event rows of its paths, in a hidden folder beside the run folder's place."""

import os
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from detente.errors import DataError
from detente.simulate import Plan
from detente.state import State, from_file, save_arrays

SECONDS = 60.0
"""Seconds between two saved states."""
ROWS = 65_536
STATE = "state.npz"
EVENTS = "events.bin"
MARK = "event_rows"
"""Array beside the state's: how many rows of events belong to it, and their checksum."""

Receiver = Callable[[np.ndarray, np.ndarray], None]


class Checkpoint:
    """The saved part of one run, for ``simulate`` to fill and to go on from. Event rows are appended as they come and count once a state is saved.

    One process may use a folder at a time. A saved part that is damaged, or of a run that is no kin, is thrown away.
    """

    def __init__(self, folder: Path, made: Plan, receive: Receiver, *, seconds: float = SECONDS) -> None:
        """``receive(events, failed)`` is handed the rows of all paths, those from the saved part first."""
        self.folder = folder
        self.made = made
        self.receive = receive
        self.seconds = seconds
        self.width = made.recorded.event.size + 1
        self.rows = 0
        self.checksum = 0

    def hooks(self) -> dict[str, Any]:
        """Options for ``simulate``: where to start, what to do with events and states. Hands over the saved rows (OSError if the disk fails)."""
        start = self._saved()
        if start is None:
            self.discard()
            self.folder.mkdir(parents=True)
            (self.folder / EVENTS).touch()
        else:
            self._replay(start.paths)
        return {"start": start, "on_events": self._receive, "on_state": self._save, "state_seconds": self.seconds}

    def discard(self) -> None:
        """Remove the saved part, once the run is whole."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _saved(self) -> State | None:
        try:
            state, arrays = from_file(self.folder / STATE)
            rows, checksum = (int(number) for number in arrays[MARK])
        except (DataError, KeyError, ValueError, TypeError):
            return None
        if state.objection(self.made) or rows != state.paths or self._checksum(rows) != checksum:
            return None
        self.rows, self.checksum = rows, checksum
        return state

    def _blocks(self, rows: int) -> Any:
        """The first rows, (rows, 1 + events) each block: step of failure, events."""
        with (self.folder / EVENTS).open("rb") as handle:
            for first in range(0, rows, ROWS):
                wanted = min(ROWS, rows - first)
                block = np.fromfile(handle, np.float64, wanted * self.width)
                if block.size < wanted * self.width:
                    raise EOFError
                yield block.reshape(wanted, self.width)

    def _checksum(self, rows: int) -> int | None:
        """Checksum of the first rows; None if there are fewer."""
        checksum = 0
        try:
            for block in self._blocks(rows):
                checksum = zlib.crc32(block, checksum)
        except (EOFError, OSError):
            return None
        return checksum

    def _replay(self, rows: int) -> None:
        """Hand over saved rows and cut off what came after the state."""
        for block in self._blocks(rows):
            self.receive(np.ascontiguousarray(block[:, 1:].T), block[:, 0].astype(np.int64))
        os.truncate(self.folder / EVENTS, rows * self.width * 8)

    def _receive(self, events: np.ndarray, failed: np.ndarray) -> None:
        block = np.concatenate([failed[:, None].astype(np.float64), events.T], axis=1).tobytes()
        with (self.folder / EVENTS).open("ab") as handle:
            handle.write(block)
        self.rows += failed.size
        self.checksum = zlib.crc32(block, self.checksum)
        self.receive(events, failed)

    def _save(self, state: State) -> None:
        """Save a state after its events are on disk; the last one is left out, since the run is as good as whole."""
        if state.units == self.made.units:
            return
        with (self.folder / EVENTS).open("rb+") as handle:
            os.fsync(handle.fileno())
        save_arrays(self.folder / STATE, state.to_arrays() | {MARK: np.array([self.rows, self.checksum])})
