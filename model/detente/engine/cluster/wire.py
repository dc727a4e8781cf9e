"""Messages between client and workers.

Orders and chunks as plain numbers, text and compressed arrays, which the receiver checks before it uses them.
"""

import hashlib
import io
import zipfile
from typing import Any

import numpy as np
import pyarrow as pa
from detente_kernels import reductions, world
from detente_kernels.tools.sobol import SCRAMBLES

from detente.engine.chunks import Cells, Chunk, Store
from detente.engine.plan import Plan
from detente.engine.sums import Partial, Sums

CODEC = "zstd"


def pack(arrays: dict[str, np.ndarray]) -> bytes:
    """Named arrays in NumPy's own file format, with checksums, compressed.

    They are compressed as they are written, so that no second copy is held.
    """
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, CODEC) as stream:
        np.savez(stream, **arrays)  # type: ignore[arg-type]
    return bytes(sink.getvalue())


def unpack(content: bytes) -> dict[str, np.ndarray]:
    """The arrays of ``pack`` (ValueError if this is something else); nothing in it is executed."""
    try:
        with (
            pa.CompressedInputStream(pa.BufferReader(content), CODEC) as stream,
            np.load(io.BytesIO(stream.read()), allow_pickle=False) as file,
        ):
            return {name: file[name] for name in file.files}
    except (
        OSError,
        ValueError,
        TypeError,
        AttributeError,
        EOFError,
        KeyError,
        NotImplementedError,
        zipfile.BadZipFile,
    ) as error:
        raise ValueError(f"no arrays: {error}") from error


def chunk_to_arrays(chunk: Chunk) -> dict[str, np.ndarray]:
    """A chunk that carries its own bins and values of single paths.

    Places of bins as distances, which compress well.
    """
    assert chunk.cells is not None and chunk.store is not None
    sums = [partial.sums for partial in chunk.partials]
    return {
        "span": np.array([chunk.first_unit, chunk.units]),
        "levels": np.array([partial.level for partial in chunk.partials]),
        "paths": np.stack([part.paths for part in sums]),
        "total": np.stack([part.total for part in sums]),
        "square": np.stack([part.square for part in sums]),
        "events": chunk.events,
        "failed": chunk.failed,
        "distance": np.diff(chunk.cells.place, prepend=chunk.cells.place.dtype.type(0)),
        "number": chunk.cells.number,
        "kept": chunk.store.path_values,
        "exact": chunk.store.exact,
    }


def chunk_from_arrays(arrays: dict[str, np.ndarray], plan: Plan, first_unit: int, units: int) -> Chunk:
    """The chunk of a plan that ``chunk_to_arrays`` described.

    ValueError, KeyError or TypeError if these arrays describe another, or none.
    """
    first_path = first_unit * reductions.UNIT
    paths = min(units * reductions.UNIT, plan.grid.paths - first_path)
    steps, width, partials = plan.grid.steps, plan.width, len(arrays["levels"])
    expected = {
        "span": (2,),
        "paths": (partials, SCRAMBLES, steps),
        "total": (partials, SCRAMBLES, steps, width),
        "square": (partials, SCRAMBLES, steps, width),
        "events": (world.EVENT_ROWS.size, paths),
        "failed": (paths,),
        "number": arrays["distance"].shape,
        "kept": (min(max(plan.keep - first_path, 0), paths), steps, plan.recorded.all.size),
        "exact": (plan.ranked, steps, paths if plan.exact else 0),
    }
    if wrong := [name for name, shape in expected.items() if arrays[name].shape != shape]:
        raise ValueError(f"{', '.join(wrong)} of another shape")
    levels = [int(level) for level in arrays["levels"]]
    place = np.cumsum(arrays["distance"], dtype=arrays["distance"].dtype)
    if (
        list(arrays["span"]) != [first_unit, units]
        or sum(1 << level for level in levels) != units
        or place[-1] >= steps * plan.ranked * reductions.BINS
    ):
        raise ValueError("another chunk than the one asked for")
    sums = zip(arrays["paths"], arrays["total"], arrays["square"], strict=True)
    partial = tuple(Partial(level, Sums(*parts)) for level, parts in zip(levels, sums, strict=True))
    store = Store(arrays["kept"], arrays["exact"], first_path)
    return Chunk(first_unit, units, partial, arrays["events"], arrays["failed"], Cells(place, arrays["number"]), store)


def order(text: bytes, lineage: str, keep: int, exact: bool, versions: dict[str, str]) -> dict[str, Any]:
    """All that a worker needs to rebuild a plan.

    The effective configuration as compressed TOML, the lineage that must come out, output options.

    ``digest`` names the plan in the worker's memory.
    """
    digest = hashlib.sha256(text + f"{lineage} {keep} {exact}".encode()).hexdigest()
    return {"text": text, "lineage": lineage, "keep": keep, "exact": exact, "versions": versions, "digest": digest}


def compress(text: str) -> bytes:
    """Text as compressed bytes."""
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, CODEC) as stream:
        stream.write(text.encode())
    return bytes(sink.getvalue())


def decompress(content: bytes) -> str:
    """Text of ``compress``."""
    with pa.CompressedInputStream(pa.BufferReader(content), CODEC) as stream:
        return bytes(stream.read()).decode()
