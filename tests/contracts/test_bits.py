"""Equal inputs give equal bytes, whatever the threads, chunks, number of paths and instruction set."""

import hashlib
import os
import subprocess
import sys

import pandas as pd
import pytest
from detente.config import loader
from detente.runs import runner

SIZE = dict(paths=20_000, horizon=12)
FILES = ("summary.parquet", "summary.csv", "events.parquet", "paths.parquet")


def hashes(folder) -> dict[str, str]:
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES}


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    return runner.run(
        loader.load("baseline", **SIZE), output=tmp_path_factory.mktemp("reference"), jobs=1, keep_paths=300
    )


@pytest.mark.parametrize(("jobs", "chunk_units"), [(2, 8), (1, 1), (2, 3)])
def test_threads_and_chunks_leave_no_trace(reference, tmp_path, jobs, chunk_units):
    other = runner.run(
        loader.load("baseline", **SIZE), output=tmp_path, jobs=jobs, chunk_units=chunk_units, keep_paths=300
    )
    assert other.id == reference.id
    assert hashes(other.folder) == hashes(reference.folder)


def test_more_paths_keep_the_first_ones(reference, tmp_path):
    more = runner.run(loader.load("baseline", paths=30_001, horizon=12), output=tmp_path, keep_paths=300)
    pd.testing.assert_frame_equal(more.events().iloc[: SIZE["paths"]], reference.events())
    pd.testing.assert_frame_equal(more.kept_paths(), reference.kept_paths())


def test_scenarios_share_their_random_numbers(reference, tmp_path):
    """Until something differs, path i is the same in both scenarios."""
    other = runner.run(loader.load("no-relief", **SIZE), output=tmp_path, keep_paths=300)
    first = [
        run.kept_paths().query("time == time.min()")["World|Gulf|Severity"].to_numpy() for run in (reference, other)
    ]
    assert (first[0] == first[1]).all()


def test_another_seed_gives_other_numbers(reference, tmp_path):
    other = runner.run(loader.load("baseline", seed=7, **SIZE), output=tmp_path)
    assert other.id != reference.id
    assert hashes(other.folder)["events.parquet"] != hashes(reference.folder)["events.parquet"]


SCRIPT = """
import sys
from pathlib import Path
from detente.config import loader
from detente.runs import runner
runner.run(loader.load("baseline", paths=2_048, horizon=6), output=Path(sys.argv[1]), keep_paths=64)
"""


def test_same_bytes_on_other_instruction_sets(request, tmp_path):
    """Kernels compiled for a processor without AVX-512 give the bytes of those compiled for this one, the ones that all
    runs use.

    The former are kept in pytest's cache, if there is one: numba compiles them again as soon as any source of the
    kernels changes.
    """
    cache = getattr(request.config, "cache", None)
    elsewhere = cache.mkdir("kernels-haswell") if cache else tmp_path / "cache"
    host = {key: value for key, value in os.environ.items() if key not in ("NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES")}
    other = host | {"NUMBA_CACHE_DIR": str(elsewhere), "NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": ""}
    digests = []
    for name, environment in (("host", host), ("haswell", other)):
        output = tmp_path / name
        subprocess.run([sys.executable, "-c", SCRIPT, str(output)], env=environment, check=True, capture_output=True)
        folder = next(path for path in output.iterdir() if path.is_dir() and not path.name.startswith("."))
        digests.append(
            {
                name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
                for name in ("summary.parquet", "summary.csv", "events.parquet")
            }
        )
    assert digests[0] == digests[1]
