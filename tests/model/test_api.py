"""The Python interface: ``import detente`` and what it offers."""

from pathlib import Path

import detente
import numpy as np
import pytest
from detente.config.loader import load
from detente.runs import runner
from detente.shared.errors import ConfigError, DataError


def test_run_by_name_by_file_and_by_config_is_the_same_run(small_run: detente.Run, tmp_path: Path) -> None:
    configured = detente.run(load("baseline", paths=256, horizon=6), output=tmp_path / "a")
    assert isinstance(configured, detente.Run) and configured.id == small_run.id
    written = detente.run(small_run.folder / "config.toml", output=tmp_path / "b", jobs=1)
    assert (written.folder / "summary.csv").read_bytes() == (small_run.folder / "summary.csv").read_bytes()


def test_run_stays_a_function_after_its_module_is_imported(small_run: detente.Run) -> None:
    assert callable(detente.run) and runner.run is not detente.run and detente.load(small_run.folder).id == small_run.id


def test_seed_and_settings(tmp_path: Path) -> None:
    options = {"paths": 256, "horizon": 2, "output": tmp_path}
    first = detente.run(rng=7, sets={"facts.oil.brent": 70.0}, **options)
    assert first.config.run.seed == 7 and first.config.facts["oil.brent"].value == 70.0
    drawn = detente.run(rng=np.random.default_rng(1), **options)
    assert drawn.config.run.seed == int(np.random.default_rng(1).integers(2**63))
    seen: list[tuple[int, int]] = []
    detente.run(rng=7, force=True, progress=lambda done, of: seen.append((done, of)), **options)
    assert seen[-1] == (256, 256)


def test_a_config_is_run_as_it_is() -> None:
    with pytest.raises(ConfigError, match="a Config is run unchanged; give paths"):
        detente.run(load("baseline"), paths=256)


def test_what_is_not_there() -> None:
    with pytest.raises(DataError):
        detente.load("nowhere")
    with pytest.raises(AttributeError):
        _ = detente.nothing
    assert all(hasattr(detente, name) for name in detente.__all__)
