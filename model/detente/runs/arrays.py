"""Named arrays in one compressed file: numbers and words only, nothing in it can be executed."""

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from detente.shared.errors import DataError

KINDS = "biufU"
_SCHEMA = pa.schema(
    [("name", pa.string()), ("dtype", pa.string()), ("shape", pa.list_(pa.int64())), ("data", pa.large_binary())]
)


def write(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write arrays of numbers or words, one row each, and flush the file to disk (OSError if it cannot be written)."""
    rows = [
        {"name": name, "dtype": a.dtype.str, "shape": list(a.shape), "data": np.ascontiguousarray(a).tobytes()}
        for name, a in arrays.items()
    ]
    pq.write_table(pa.Table.from_pylist(rows, _SCHEMA), path, compression="zstd", use_dictionary=False)
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read(path: Path) -> dict[str, np.ndarray]:
    """The arrays of a file (DataError if it is missing or damaged)."""
    try:
        rows = pq.read_table(path).to_pylist()
        return {row["name"]: _array(row["dtype"], row["shape"], row["data"]) for row in rows}
    except (OSError, ValueError, TypeError, KeyError, pa.ArrowException) as error:
        raise DataError(
            f"{path}: the saved arrays are missing or damaged ({str(error).splitlines()[0]}); delete the file and run again."
        ) from error


def _array(kind: str, shape: list[int], data: bytes) -> np.ndarray:
    dtype = np.dtype(kind)
    if dtype.kind not in KINDS:
        raise ValueError(f"an array of kind {dtype.kind}")
    return np.frombuffer(data, dtype).reshape(shape).copy()
