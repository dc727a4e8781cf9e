"""Shared by all tests: one small finished run, since compiling the kernels for the first time takes half a minute."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import detente
import pytest
from detente import surface


@pytest.fixture(scope="session", autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache of the session's own: the trade surface is solved once (some ten seconds), and the user's cache is neither read nor filled."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        patch.setenv(surface.FOLDER, str(folder))
        yield folder


@pytest.fixture(scope="session")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> "detente.Run":
    """A finished run of the baseline, 256 paths of 6 months; read only."""
    return detente.run("baseline", paths=256, horizon=6, output=tmp_path_factory.mktemp("results"))


@pytest.fixture
def run_copy(small_run: "detente.Run", tmp_path: Path) -> Path:
    """The folder of a finished run that a test may damage, in a results folder of its own."""
    return Path(shutil.copytree(small_run.folder, tmp_path / "results" / small_run.folder.name))
