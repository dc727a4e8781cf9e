"""A run and the run without relief beside it: large enough for shares of the spread, small enough for every machine."""

from pathlib import Path

import detente
import pytest


@pytest.fixture(scope="session")
def results_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("results of reports")


@pytest.fixture(scope="session")
def compared(results_folder: Path) -> list[detente.Run]:
    """The baseline and no-relief, 4,096 paths of 12 months; read only."""
    return [
        detente.run(name, paths=4096, horizon=12, keep_paths=256, output=results_folder)
        for name in ("baseline", "no-relief")
    ]
