"""A batch's own folder: which unit is which run, what became of each, a traceback for each that failed, and the tables
over all of them.

The runs themselves say whether they are finished; the record here remembers what a unit was called and which runs it
has been before, so that one can be told why it is to be run again.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from filelock import Timeout

from detente.runs import store
from detente.runs.find import RUN_NAME
from detente.shared.errors import BusyError, DataError
from detente.shared.paths import make_folder, results_root

RECORD = "batch.json"
ERRORS = "errors"
EARLIER = 5
"""Runs that a unit has been before, as many as are remembered."""
PATIENCE = 60.0
"""Seconds for which the folder may be taken by another process."""
State = Literal["done", "failed", "to do"]


@dataclass
class Entry:
    """What is remembered of a unit: its run's ``id`` and ``folder``, the ``earlier`` ids, what is particular about
    it and what became of it."""

    name: str
    run: str
    folder: str
    scenario: str
    seed: int
    paths: int
    horizon: int
    settings: dict[str, Any]
    same: list[str] = field(default_factory=list)
    earlier: list[str] = field(default_factory=list)
    state: State = "to do"
    error: str = ""
    seconds: float | None = None


@dataclass
class Record:
    """The record of a batch. ``files``: SHA-256 of the tables over all units, by name; ``runs``: the runs that these
    tables were made from."""

    name: str
    title: str = ""
    entries: dict[str, Entry] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    runs: list[str] = field(default_factory=list)

    def to_bytes(self) -> bytes:
        units = [asdict(entry) for entry in self.entries.values()]
        content = {"name": self.name, "title": self.title, "files": self.files, "runs": self.runs, "units": units}
        return store.sealed(json.loads(json.dumps(content, default=str)))


class Folder:
    """``results/<name>-batch``."""

    def __init__(self, name: str, output: Path | None) -> None:
        self.path = results_root(output) / f"{name}-batch"
        self.name = name

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Held while files of the folder are replaced, for moments only: two processes may work through one batch side
        by side.

        BusyError if another process keeps it for a minute, DataError if the folder cannot be written.
        """
        try:
            make_folder(self.path)
            with store.lock(self.path.parent / f".{self.path.name}.lock", timeout=PATIENCE):
                yield
        except Timeout:
            raise BusyError(
                f"{self.path}: another process has been writing this folder for a minute; wait for it to end."
            ) from None
        except OSError as error:
            raise DataError(
                f"{self.path}: cannot be written ({error.strerror}); free some space, or choose another folder with --output."
            ) from error

    def read(self) -> Record | None:
        """The record, or None if there is none that can be read: then nothing is known of earlier runs, which harms
        nothing."""
        try:
            raw = (self.path / RECORD).read_bytes()
            content = store.unsealed(raw)
            entries = [Entry(**entry) for entry in content["units"]]
            if not all(RUN_NAME.fullmatch(entry.folder) for entry in entries if entry.folder):
                return None
            files = {str(name): str(digest) for name, digest in content["files"].items()}
            return Record(
                content["name"],
                content["title"],
                {entry.name: entry for entry in entries},
                files,
                list(content["runs"]),
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def write(self, record: Record) -> None:
        """Replace the record (DataError if it cannot be written)."""
        self.replace(RECORD, record.to_bytes())

    def replace(self, name: str, content: bytes) -> None:
        """Replace a file of the folder whole (DataError if it cannot be written)."""
        try:
            make_folder((self.path / name).parent)
        except OSError as error:
            raise DataError(
                f"{self.path}: cannot be written ({error.strerror}); choose another folder with --output."
            ) from error
        store.replace_file(self.path / name, content)

    def error_file(self, unit: str) -> Path:
        """Where the traceback of a failed unit is kept."""
        return self.path / ERRORS / f"{unit}.txt"

    def forget_errors(self, kept: Iterable[str]) -> None:
        """Remove the tracebacks of units that have not failed this time."""
        names = {self.error_file(unit).name for unit in kept}
        with suppress(OSError):
            for path in (self.path / ERRORS).glob("*.txt"):
                if path.name not in names:
                    path.unlink(missing_ok=True)
            (self.path / ERRORS).rmdir()
