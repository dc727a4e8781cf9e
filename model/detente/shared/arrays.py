"""Named arrays in one compressed parquet file, the only file format of arrays: numbers and text, nothing executable.

Every array stands with its SHA-256, so that a damaged file is refused rather than read as other numbers.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from detente.shared.errors import DataError
from detente.shared.files import flush

KINDS = "biufU"
"""NumPy kinds that a file may hold."""
_SCHEMA = pa.schema(
    [
        ("name", pa.string()),
        ("dtype", pa.string()),
        ("shape", pa.list_(pa.int64())),
        ("data", pa.large_binary()),
        ("sha256", pa.string()),
    ]
)


def write(path: Path, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write arrays of numbers or text, one row each, and flush the file to disk (OSError if it cannot be written)."""
    rows = []
    for name, array in arrays.items():
        row = {"name": name, "dtype": array.dtype.str, "shape": list(array.shape)}
        data = np.ascontiguousarray(array).tobytes()
        rows.append(row | {"data": data, "sha256": _digest(row, data)})
    pq.write_table(pa.Table.from_pylist(rows, _SCHEMA), path, compression="zstd", use_dictionary=False)
    flush(path)


def read(path: Path) -> dict[str, npt.NDArray[Any]]:
    """The arrays of a file (DataError if it is missing or damaged)."""
    try:
        return {row["name"]: _array(row) for row in pq.read_table(path).to_pylist()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, pa.ArrowException) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise DataError(
            f"{path}: the saved arrays are missing or damaged ({reason}); delete the file and run again."
        ) from error


def _array(row: dict[str, Any]) -> npt.NDArray[Any]:
    if _digest(row, row["data"]) != row["sha256"]:
        raise ValueError(f"the content of {row['name']} is not what was written")
    dtype = np.dtype(row["dtype"])
    if dtype.kind not in KINDS:
        raise ValueError(f"an array of kind {dtype.kind}")
    return np.frombuffer(row["data"], dtype).reshape(row["shape"]).copy()


def _digest(row: Mapping[str, Any], data: bytes) -> str:
    """SHA-256 over name, type, shape and content of an array."""
    digest = hashlib.sha256(f"{row['name']}\n{row['dtype']}\n{list(row['shape'])}\n".encode())
    digest.update(data)
    return digest.hexdigest()
