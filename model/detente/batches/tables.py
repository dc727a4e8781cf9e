"""Tables over all finished units of a batch: statistics (parquet, CSV), units (CSV) and a comparison page."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from detente.batches.record import PAGE, SUMMARY, SUMMARY_CSV, UNITS, Entry, Folder, Record
from detente.config.overrides import setting_text
from detente.config.writing import dump_value
from detente.report.page.batch_page import OUTCOMES, Row, Statistics, overview
from detente.runs import store
from detente.runs.manifest import read_head
from detente.runs.pairing import must_share_model
from detente.shared import files
from detente.shared.errors import DataError
from detente.shared.formatting import by_hand
from detente.shared.spreadsheet import csv_text, harmless_table

COLUMN = "batch_unit"
"""Column with the name of the batch unit; ``unit`` is the unit of measurement."""
IN_CSV = ("mean", "mc_error", "q05", "q25", "q50", "q75", "q95")


def write(folder: Folder, record: Record) -> bool:
    """Write the tables over all finished units unless they are up to date; returns whether they were written.

    Raises DataError if the summary of a run is corrupted or the folder cannot be written.
    """
    entries = list(record.entries.values())
    done = [entry for entry in entries if entry.state == "done"]
    made_from = [f"{entry.name} {entry.folder} {entry.state} {entry.error}" for entry in entries]
    if record.runs == made_from and all(
        _is(folder.path / name, record.files.get(name)) for name in (SUMMARY, SUMMARY_CSV, UNITS, PAGE)
    ):
        return False
    folder.replace(UNITS, csv_text(units_table(entries)).encode())
    with _replacing(folder.path / SUMMARY) as long, _replacing(folder.path / SUMMARY_CSV) as short:
        outcomes = _write_both(done, folder.path.parent, long, short)
    rows = [Row(entry.name, _note(entry), entry.folder, outcomes.get(entry.name, {}), entry.error) for entry in entries]
    folder.replace(PAGE, overview(record.title or record.name, rows).encode())
    record.runs = made_from
    record.files = {name: store.digest(folder.path / name) for name in (SUMMARY, SUMMARY_CSV, UNITS, PAGE)}
    return True


def _note(entry: Entry) -> str:
    """Size, and the values that the batch file sets over the scenario."""
    note = f"{entry.paths:,} paths, seed {entry.seed}"
    settings = {key: setting_text(value) for key, value in entry.settings.items() if not key.startswith("run.")}
    return f"{note}; set by hand: {by_hand(settings)};" if settings else note


def units_table(entries: Iterable[Entry]) -> pd.DataFrame:
    """One row per unit: run, state, size, and a column for every key that some unit sets."""
    entries = list(entries)
    keys = list(dict.fromkeys(key for entry in entries for key in entry.settings))
    columns: dict[str, Callable[[Entry], Any]] = {
        COLUMN: lambda entry: entry.name,
        "run": lambda entry: entry.folder,
        "state": lambda entry: entry.state,
        "scenario": lambda entry: entry.scenario,
        "seed": lambda entry: entry.seed,
        "paths": lambda entry: entry.paths,
        "horizon": lambda entry: entry.horizon,
    }
    table = {name: [read(entry) for entry in entries] for name, read in columns.items()}
    table |= {key: [_cell(entry.settings.get(key)) for entry in entries] for key in keys}
    table |= {"same_as_this": [" ".join(entry.same) for entry in entries], "error": [entry.error for entry in entries]}
    return pd.DataFrame(table)


def _cell(value: Any) -> Any:
    """A setting in a table: numbers unchanged, all else as TOML, in which quotes prevent spreadsheet formulas."""
    if value is None:
        return None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else dump_value(value)


def _is(path: Path, digest: str | None) -> bool:
    try:
        return digest is not None and store.digest(path) == digest
    except DataError:
        return False


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A hidden file that replaces another if the block succeeds (DataError if it cannot be written)."""
    try:
        with files.replacing(path) as hidden:
            yield hidden
    except OSError as error:
        advice = files.remedy(error, "make the folder writable")
        raise DataError(
            f"{path}: cannot be written ({error.strerror}), and the runs are kept; {advice}, and repeat the command."
        ) from error


def _write_both(entries: list[Entry], results: Path, long: Path, short: Path) -> dict[str, Statistics]:
    """Stream the summaries of all units into one parquet and one CSV file, in constant memory.

    ConfigError if different models made them. Returns the statistics of ``OUTCOMES`` at the end of each unit's horizon.
    """
    outcomes: dict[str, Statistics] = {}
    parquet: pq.ParquetWriter | None = None
    csv: pacsv.CSVWriter | None = None
    wanted = pa.array(IN_CSV)
    heads = [read_head(results / entry.folder) for entry in entries]
    for entry, head in zip(entries, heads, strict=True):
        must_share_model(heads[0], head, (entries[0].folder, entry.folder))
    try:
        for entry, head in zip(entries, heads, strict=True):
            table = _summary(results / entry.folder, entry.name, head)
            if parquet is None:
                parquet = pq.ParquetWriter(long, table.schema, compression="zstd")
                csv = pacsv.CSVWriter(short, table.schema, write_options=pacsv.WriteOptions(quoting_style="needed"))
            parquet.write_table(table)
            usual = table.filter(pc.is_in(table["statistic"], wanted))
            if csv is not None:
                csv.write_table(harmless_table(usual))
            outcomes[entry.name] = _outcomes(usual)
        if not entries:
            pq.write_table(pa.table({COLUMN: pa.array([], pa.string())}), long)
            short.write_text(f"{COLUMN}\n", encoding="utf-8")
    finally:
        for writer in (parquet, csv):
            if writer is not None:
                writer.close()
    return outcomes


def _outcomes(table: pa.Table) -> Statistics:
    """Values of ``OUTCOMES`` by variable, region and statistic."""
    last = pc.max(table["time"])
    asked = pc.and_(
        pc.equal(table["time"], last), pc.is_in(table["variable"], pa.array([outcome.variable for outcome in OUTCOMES]))
    )
    rows = table.filter(asked).select(["variable", "region", "statistic", "value"]).to_pylist()
    return {(row["variable"], row["region"], row["statistic"]): row["value"] for row in rows}


def _summary(folder: Path, name: str, head: dict[str, Any]) -> pa.Table:
    """The summary of a run with the unit name as first column."""
    store.check_file(folder, SUMMARY, head)
    try:
        table = pq.read_table(folder / SUMMARY).replace_schema_metadata(None)
    except (OSError, pa.ArrowException, ValueError) as error:
        raise DataError(
            f"{folder / SUMMARY}: the file cannot be read ({str(error).splitlines()[0]}); repeat the command."
        ) from error
    return table.add_column(0, COLUMN, pa.repeat(pa.scalar(name, pa.string()), table.num_rows))
