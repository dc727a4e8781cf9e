"""Run folders on disk: written completely or not at all, hashed file by file, checked when read.

A run is written into a hidden folder beside its final place, every file is flushed to disk, and the folder is renamed.
A crash leaves only the hidden folder, which the next run removes by its marker (``detente.runs.hidden``).
``detente.runs.manifest`` is the part that needs no pandas.
"""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from detente.runs import hidden
from detente.runs.manifest import MANIFEST as MANIFEST
from detente.runs.manifest import check_file as check_file
from detente.runs.manifest import damage as damage
from detente.runs.manifest import digest as digest
from detente.runs.manifest import file_digests as file_digests
from detente.runs.manifest import read_head as read_head
from detente.runs.manifest import read_manifest as read_manifest
from detente.runs.manifest import run_damage as run_damage
from detente.runs.manifest import sealed as sealed
from detente.runs.manifest import strangers as strangers
from detente.runs.manifest import unsealed as unsealed
from detente.shared import files
from detente.shared.errors import DataError
from detente.shared.messages import quoted
from detente.shared.paths import make_folder
from detente.shared.spreadsheet import DIGITS, csv_text

ROW_GROUP = 65_536
LONGEST_LOCK = 300
"""Bytes of a lock file: a process number and the name of a computer."""
RUN = "run"
"""The run inside a hidden folder, beside the marker."""


def lock(path: Path, timeout: float = 0.0) -> FileLock:
    """A lock between processes, whose file is not writable for all (Timeout when another process holds it).

    DataError if something else has the name of the file.
    """
    if os.path.lexists(path) and not _is_lock(path):
        raise DataError(hidden.foreign(path))
    with suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o664))
    return FileLock(path, timeout=timeout)


def _is_lock(path: Path) -> bool:
    """Whether a file is empty, or holds the process number that locks are marked with where systems have none."""
    if not files.plain_file(path) or path.stat().st_size > LONGEST_LOCK:
        return False
    content = path.read_bytes()
    return not content or content.split(b"\n")[0].strip().isdigit()


def sweep(results: Path) -> None:
    """Clear what killed runs left in a results folder, unless a process holds the lock.

    Partial folders are removed; a run that was moved away for a replacement that was never finished is put back.
    Nothing without our name and marker is touched."""
    files.clear(results)
    for replaced, final in hidden.leftovers(results, hidden.REPLACED):
        with suppress(Timeout, OSError, DataError), lock(results / f".{final.name}.lock"):
            _settle(replaced, final)
    for kind in (hidden.WRITING, hidden.REPORTING):
        for partial, final in hidden.leftovers(results, kind):
            with suppress(Timeout, OSError, DataError), lock(results / f".{final.name}.lock"):
                hidden.remove(partial)


def _settle(replaced: Path, final: Path) -> None:
    """Put a run that was moved away back if its place is empty, else remove it."""
    if (replaced / RUN).exists() and not os.path.lexists(final):
        os.replace(replaced / RUN, final)
    hidden.remove(replaced)


def must_be_replaceable(final: Path) -> None:
    """Refuse to replace a run folder that is a link, or holds files that are not of a run (DataError)."""
    if final.is_symlink() or (final.exists() and not final.is_dir()):
        raise DataError(hidden.foreign(final))
    if final.is_dir() and (names := strangers(final)):
        listed = ", ".join(quoted(name, marks=False) for name in names[:3])
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        raise DataError(
            f"{final}: holds files that no run has written ({listed}{more}), which a new run would delete; "
            "move them elsewhere and repeat the command."
        )


@contextmanager
def new_folder(final: Path) -> Iterator[Path]:
    """A new folder that is renamed to ``final`` at the end of the block, and removed on an error.

    DataError if it cannot be written, or if it would replace files that no run has written.
    """
    must_be_replaceable(final)
    try:
        make_folder(final.parent)
        temporary = hidden.create(final, hidden.WRITING)
        (temporary / RUN).mkdir()
    except OSError as error:
        advice = files.remedy(error, "choose another folder with --output")
        raise DataError(f"{final.parent}: cannot be written ({error.strerror}); {advice}.") from error
    try:
        yield temporary / RUN
        files.flush_all(temporary / RUN)
        _put_in_place(temporary / RUN, final)
        files.flush_names(final.parent)
    except OSError as error:
        advice = files.remedy(error, "choose another folder with --output")
        raise DataError(f"{final}: could not be written ({error.strerror}), and nothing was kept; {advice}.") from error
    finally:
        hidden.remove(temporary)


def _put_in_place(run: Path, final: Path) -> None:
    """Rename a finished folder; a run that is there already is moved away first, and back if that fails."""
    must_be_replaceable(final)
    if not final.exists():
        os.replace(run, final)
        return
    replaced = hidden.create(final, hidden.REPLACED)
    os.replace(final, replaced / RUN)
    try:
        os.replace(run, final)
    finally:
        _settle(replaced, final)


def replace_file(path: Path, content: bytes) -> None:
    """Replace one file of a finished run in one step (DataError if it cannot be written)."""
    try:
        files.replace(path, content)
    except OSError as error:
        advice = files.remedy(error, "make the folder writable")
        raise DataError(
            f"{path}: could not be written ({error.strerror}), and the file is as it was; {advice}."
        ) from error


def write_table(frame: pd.DataFrame, path: Path, metadata: dict[str, str]) -> None:
    """A parquet file with the run's identity in its schema; equal frames give equal bytes."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    table = table.replace_schema_metadata({b"detente": json.dumps(metadata, sort_keys=True).encode()})
    pq.write_table(table, path, compression="zstd", row_group_size=ROW_GROUP)


def write_csv(frame: pd.DataFrame, path: Path, digits: int = DIGITS) -> None:
    """Write a CSV file; no cell can be taken for a formula, numbers have ``digits`` significant digits."""
    path.write_text(csv_text(frame, digits), encoding="utf-8", newline="")


class EventWriter:
    """Streams event dates and totals to a parquet file.

    Row groups have a fixed size, so that the bytes do not depend on chunks.
    """

    def __init__(self, path: Path, columns: Sequence[tuple[str, str]], metadata: dict[str, str]) -> None:
        """``columns``: (name, kind) with kind date, route or total; see ``detente.engine.outputs``."""
        self.kinds = columns
        fields = [pa.field("path", pa.int64()), pa.field("failed_at_step", pa.int16())]
        fields += [pa.field(name, pa.int8() if kind == "route" else pa.float32()) for name, kind in columns]
        schema = pa.schema(fields, metadata={b"detente": json.dumps(metadata, sort_keys=True).encode()})
        self.schema = schema
        self.writer = pq.ParquetWriter(path, schema, compression="zstd")
        self.waiting: list[tuple[np.ndarray, np.ndarray]] = []
        self.held = 0
        self.written = 0

    def add(self, events: np.ndarray, failed: np.ndarray) -> None:
        """Add paths.

        ``events`` (columns, paths); NaN means never. ``failed`` (paths,): step of failure from 1, or 0; values of
        failed paths are left out.
        """
        self.waiting.append((events, failed))
        self.held += failed.size
        while self.held >= ROW_GROUP:
            self._write(ROW_GROUP)

    def _write(self, rows: int) -> None:
        events = np.concatenate([e for e, _ in self.waiting], axis=1)
        failed = np.concatenate([f for _, f in self.waiting])
        arrays = [pa.array(np.arange(self.written, self.written + rows)), pa.array(failed[:rows].astype(np.int16))]
        for values, (_, kind) in zip(events, self.kinds, strict=True):
            missing = np.isnan(values[:rows]) | (failed[:rows] != 0)
            part = np.where(missing, 0.0, values[:rows])
            if kind == "route":
                arrays.append(pa.array(part.astype(np.int8), mask=missing))
            else:
                arrays.append(pa.array(part.astype(np.float32), mask=missing))
        self.writer.write_table(pa.Table.from_arrays(arrays, schema=self.schema), row_group_size=ROW_GROUP)
        self.waiting = [(events[:, rows:], failed[rows:])]
        self.held -= rows
        self.written += rows

    def close(self) -> None:
        """Write the remaining paths and close the file."""
        if self.held:
            self._write(self.held)
        self.writer.close()


def read_events(path: Path, columns: Sequence[tuple[str, str]]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """What ``EventWriter`` wrote, group by group.

    Events (columns, paths) with NaN for never and for failed paths, and (paths,) steps of failure. DataError if the
    file is damaged.
    """
    try:
        with pq.ParquetFile(path) as file:
            for group in range(file.num_row_groups):
                table = file.read_row_group(group)
                events = np.stack([table[name].to_numpy().astype(np.float64) for name, _ in columns])
                yield events, table["failed_at_step"].to_numpy().astype(np.int64)
    except (OSError, pa.ArrowException, ValueError, KeyError) as error:
        raise DataError(
            f"{path}: the file is missing or damaged ({str(error).splitlines()[0]}); run again with --no-resume."
        ) from error


def read_table(path: Path, columns: list[str] | None = None) -> pd.DataFrame:
    """Read a parquet file of a run folder; its dates are datetime64.

    DataError with the fix if the file is missing or damaged.
    """
    try:
        return _dated(pq.read_table(path, columns=columns).to_pandas(date_as_object=False))
    except FileNotFoundError:
        raise DataError(
            f"{path}: the file is missing; run the scenario again, or see detente validate {path.parent}."
        ) from None
    except (OSError, pa.ArrowException, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise DataError(
            f"{path}: the file is damaged ({reason}); detente run {path.parent / 'config.toml'} --force makes it again."
        ) from error


def _dated(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with its time as datetime64, in files that hold it as text too."""
    if "time" not in frame or pd.api.types.is_datetime64_dtype(frame["time"]):
        return frame
    return frame.assign(time=pd.to_datetime(frame["time"], format="%Y-%m-%d").astype("datetime64[ms]"))
