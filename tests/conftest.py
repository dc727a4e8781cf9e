"""Shared by all tests: one small finished run, since compiling the kernels for the first time takes half a minute."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import detente
import pytest
from detente.runs import warmup
from detente.shared.paths import CACHE
from filelock import FileLock


@pytest.fixture(scope="session", autouse=True)
def cache_folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache of the tests' own, so that the user's is neither read nor filled: the trade surface is solved in it once
    (some ten seconds).

    It is shared by the processes of a session and kept by pytest for the next one; without pytest's cache it lasts as
    long as the session.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    kept = getattr(request.config, "cache", None)
    folder = Path(kept.mkdir("detente")) if kept else shared / "cache"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CACHE, str(folder))
        if len({item.path.parent for item in request.session.items}) > 1:  # not for a few tests, which may need neither
            with FileLock(shared / "warming.lock"):  # one process compiles, the others read what it left on disk
                warmup.warm()
        yield folder


@pytest.fixture(autouse=True)
def same_numbers(request: pytest.FixtureRequest) -> None:
    """A test draws the same numbers from its module's ``RNG`` whatever ran before it: which process runs what is not
    known beforehand."""
    module = request.module
    if hasattr(module, "RNG"):
        START.setdefault(module.__name__, module.RNG.bit_generator.state)
        module.RNG.bit_generator.state = START[module.__name__]


START: dict[str, Any] = {}


@pytest.fixture(scope="session")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> "detente.Run":
    """A finished run of the baseline, 256 paths of 6 months; read only."""
    return detente.run("baseline", paths=256, horizon=6, output=tmp_path_factory.mktemp("results"))


@pytest.fixture
def run_copy(small_run: "detente.Run", tmp_path: Path) -> Path:
    """The folder of a finished run that a test may damage, in a results folder of its own."""
    return Path(shutil.copytree(small_run.folder, tmp_path / "results" / small_run.folder.name))
