"""The batch folder: record of units and runs, tracebacks of failures, and the tables over all units.

Run folders show which runs are finished. The record stores unit names and earlier runs, from which ``--explain``
derives why a unit has to be run again.
"""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from filelock import Timeout

from detente.runs import store
from detente.runs.find import RUN_NAME
from detente.shared import files
from detente.shared.errors import BusyError, DataError
from detente.shared.paths import make_folder, results_root

RECORD = "batch.json"
ERRORS = "errors"
TABLES = SUMMARY, SUMMARY_CSV, UNITS, PAGE = "summary.parquet", "summary.csv", "units.csv", "comparison.html"
"""Tables over all units, and the page."""
EARLIER = 5
"""Most earlier runs stored per unit."""
PATIENCE = 60.0
"""Seconds to wait while another process writes the folder."""
State = Literal["done", "failed", "to do"]


@dataclass
class Entry:
    """Record of one unit: id and folder of its run, earlier ids, settings, state and error."""

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
    """Record of a batch. ``files``: SHA-256 of its tables by name; ``runs``: the runs behind these tables."""

    name: str
    title: str = ""
    entries: dict[str, Entry] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    runs: list[str] = field(default_factory=list)

    def to_bytes(self) -> bytes:
        """The record as JSON with a digest of itself."""
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
        """Hold the lock of the folder while files are replaced; two processes may run one batch together.

        Raises BusyError after a minute, DataError if the folder cannot be written.
        """
        try:
            make_folder(self.path)
            with store.lock(self.path.parent / f".{self.path.name}.lock", timeout=PATIENCE):
                yield
        except Timeout:
            raise BusyError(f"{self.path}: locked by another process for a minute; wait for it to end.") from None
        except OSError as error:
            advice = files.remedy(error, "choose another folder with --output")
            raise DataError(f"{self.path}: cannot be written ({error.strerror}); {advice}.") from error

    def read(self) -> Record | None:
        """The record, or None if there is no readable one; then earlier runs are unknown."""
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
        """Replace a file of the folder atomically (DataError if it cannot be written)."""
        try:
            make_folder((self.path / name).parent)
        except OSError as error:
            raise DataError(
                f"{self.path}: cannot be written ({error.strerror}); choose another folder with --output."
            ) from error
        store.replace_file(self.path / name, content)

    def error_file(self, unit: str) -> Path:
        """Path of the traceback of a failed unit."""
        return self.path / ERRORS / f"{unit}.txt"

    def forget_errors(self, failed: Iterable[str]) -> None:
        """Remove the tracebacks of units that did not fail this time; other files stay."""
        names = {self.error_file(unit).name for unit in failed}
        with suppress(OSError):
            for path in (self.path / ERRORS).glob("*.txt"):
                if path.name not in names and self._traceback(path):
                    path.unlink(missing_ok=True)
            (self.path / ERRORS).rmdir()

    @staticmethod
    def _traceback(path: Path) -> bool:
        """Whether a file is the traceback of the unit that it is named after."""
        head = f"unit: {path.stem}\n".encode(errors="backslashreplace")
        return files.plain_file(path) and path.read_bytes()[: len(head)] == head

    def must_be_ours(self) -> None:
        """Refuse a folder that is a link, or holds tables of the same names but no record of a batch (DataError)."""
        taken = self.path.is_symlink() or (self.path.exists() and not self.path.is_dir())
        if not taken and not (self.path / RECORD).is_file():
            taken = any(os.path.lexists(self.path / name) for name in TABLES)
        if taken:
            raise DataError(
                f"{self.path}: holds files that no batch has written and that this one would replace; "
                "rename the folder, or give the batch another name."
            )
