"""The Python interface: ``import detente`` and what it offers."""

from pathlib import Path

import detente
import numpy as np
import pytest
from detente.api import results
from detente.api.comparisons import comparisons
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
    first = detente.run(seed=7, sets={"facts.oil.brent": 70.0}, **options)
    assert first.config.run.seed == 7 and first.config.facts["oil.brent"].value == 70.0
    drawn = detente.run(seed=np.random.default_rng(1), **options)
    assert drawn.config.run.seed == int(np.random.default_rng(1).integers(2**63))
    seen: list[tuple[int, int]] = []
    detente.run(seed=7, force=True, progress=lambda done, of: seen.append((done, of)), **options)
    assert seen[-1] == (256, 256)


def test_a_config_is_run_unchanged() -> None:
    with pytest.raises(ConfigError, match="a Config is run unchanged; give paths"):
        detente.run(load("baseline"), paths=256)


def test_what_is_not_there() -> None:
    with pytest.raises(DataError):
        detente.load("nowhere")
    with pytest.raises(AttributeError):
        _ = detente.nothing
    assert all(hasattr(detente, name) for name in detente.__all__)


# --- Comparison runs and report ---------------------------------------------------------------------------------------

OWN = """
schema_version = 1
name = "own"
title = "A scenario of its own file"
[parameters.oil.product_discount_share]
value = 0.25
source = "A test."
[report]
compare = ["no-relief"]
"""


@pytest.fixture
def reported(monkeypatch: pytest.MonkeyPatch) -> list[list[detente.Run]]:
    """The runs of each report that is written; nothing is drawn."""
    calls: list[list[detente.Run]] = []

    def write(runs: list[detente.Run], formats: tuple[str, ...]) -> list[Path]:
        calls.append(runs)
        return [runs[0].folder / "report.html"]

    monkeypatch.setattr(results, "write", write)
    return calls


def test_a_report_makes_its_comparison_runs_once(reported: list[list[detente.Run]], tmp_path: Path) -> None:
    run = detente.run(
        "us-first-relief", paths=256, horizon=4, keep_paths=16, sets={"facts.oil.brent": 80.0}, output=tmp_path
    )
    assert run.report() == run.folder / "report.html"
    runs = reported[0]
    names = ["us-first-relief", "no-relief", "coordinated-relief", "us-first-relief-no-feedback"]
    assert [one.scenario for one in runs] == names
    assert all(one.config.facts["oil.brent"].value == 80.0 and one.config.run == run.config.run for one in runs)
    assert [one.config.conflict_feedback for one in runs] == [True, True, True, False]
    assert [one.manifest["options"]["keep_paths"] for one in runs] == [16, 16, 16, 0]
    finished = [one.manifest["finished"] for one in runs]
    detente.load(run.folder).report()
    assert [one.manifest["finished"] for one in reported[1]] == finished, "runs that exist are not made again"
    run.report([])
    assert [one.scenario for one in reported[2]] == ["us-first-relief"]


def test_the_rule_is_the_same_before_and_after_the_run(tmp_path: Path) -> None:
    """Of a scenario from a file, comparison runs take over what was set by hand, and nothing of the file."""
    file = tmp_path / "own.toml"
    file.write_text(OWN, encoding="utf-8")
    config = load(file, ["facts.oil.brent=80"], paths=256, horizon=3)
    finished = detente.run(config, keep_paths=0, output=tmp_path).config
    planned, later = comparisons(config), comparisons(finished)
    assert [one.config.digest() for one in planned] == [one.config.digest() for one in later]
    other, without = planned
    shipped = load("no-relief", paths=256, horizon=3)
    assert other.config.facts["oil.brent"].value == 80.0
    assert (
        other.config.parameters["oil.product_discount_share"].value
        == shipped.parameters["oil.product_discount_share"].value
        != 0.25
    )
    assert without.config.parameters["oil.product_discount_share"].value == 0.25 and not without.stores_paths
    assert len(comparisons(load("baseline", ["conflict.feedback=false"], paths=256, horizon=12))) == 3


def test_a_run_of_another_model_has_no_comparison_runs(reported: list[list[detente.Run]], run_copy: Path) -> None:
    run, sentences = detente.load(run_copy), []
    run.manifest["versions"]["model"] = "0.0.1+abcdef01"
    run.report(say=sentences.append)
    assert [one.id for one in reported[0]] == [run.id] and "another version" in sentences[0]
