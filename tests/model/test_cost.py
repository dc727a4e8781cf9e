"""Estimates of cost: one measured speed for runs and batches, kept under a checksum, and every part of a command."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from detente.cli import application
from detente.config import loader
from detente.engine import simulate
from detente.runs import cost, runner, speed, warmup
from detente.shared.paths import CACHE

BATCH = "schema_version = 1\nscenarios = ['baseline']\nseeds = [1, 2, 3]\n[run]\npaths = 65536\n"


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No measurements, in an empty working folder; kernels and surface count as kept."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(warmup, "cold", lambda: False)
    monkeypatch.setattr(warmup, "unsolved", lambda: False)
    monkeypatch.setattr(speed, "cache_folder", lambda: tmp_path / "cache")
    return tmp_path / "cache"


def call(*arguments: object) -> Result:
    return CliRunner().invoke(application, [str(one) for one in arguments])


def told(*arguments: object) -> dict:
    return json.loads(call(*arguments, "--dry-run", "--json").stdout)


def test_runs_and_batches_share_one_speed(tmp_path: Path) -> None:
    (tmp_path / "three.toml").write_text(BATCH)
    for measured in (None, 250.0, 4_000.0):
        if measured is not None:
            for _ in range(speed.KEPT):
                speed.note(speed.PATH_STEP, measured)
        run, batch = told("run", "--no-report", "-j", 1), told("batch", "three.toml", "--no-report", "-j", 1)
        assert run["nanoseconds_per_path_step"] == batch["nanoseconds_per_path_step"] == (measured or 1_500.0)
        assert batch["seconds"] == pytest.approx(3.0 * run["seconds"], abs=0.3)
        expected = 65_536 * 36 * run["nanoseconds_per_path_step"] * 1e-9 + cost.SECONDS_PER_RUN
        assert run["seconds"] == pytest.approx(expected, abs=0.1)


def test_an_assumption_is_called_one(tmp_path: Path) -> None:
    (tmp_path / "three.toml").write_text(BATCH)
    words = "an assumption, nothing is measured on this computer yet"
    assert words in call("run", "--dry-run").stdout and words in call("batch", "three.toml", "--dry-run").stderr
    speed.note(speed.PATH_STEP, 700.0)
    for text in (call("run", "--dry-run").stdout, call("batch", "three.toml", "--dry-run").stderr):
        assert "700 ns per path and step on one core, measured on 1 earlier run" in text and words not in text


def test_every_part_of_a_command_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    alone, whole = told("run", "--no-report"), told("run")
    assert set(part for part in alone if part.startswith("seconds_")) == {"seconds_simulation"}
    names = {"seconds_simulation", "seconds_comparison_runs", "seconds_drawing"}
    assert {part for part in whole if part.startswith("seconds_")} == names
    assert whole["seconds"] == pytest.approx(sum(whole[name] for name in names), abs=0.2)
    assert whole["seconds_comparison_runs"] == pytest.approx(4.0 * whole["seconds_simulation"], abs=0.4)
    assert whole["seconds_drawing"] == speed.ASSUMED[speed.DRAWING]
    monkeypatch.setattr(warmup, "cold", lambda: True)
    monkeypatch.setattr(warmup, "unsolved", lambda: True)
    cold = told("run")
    assert cold["seconds_compiling"] == speed.ASSUMED[speed.COMPILING] + speed.ASSUMED[speed.SOLVING]
    assert cold["seconds"] == pytest.approx(whole["seconds"] + cold["seconds_compiling"], abs=0.2)


def test_what_is_there_costs_nothing(tmp_path: Path) -> None:
    size = ("-n", 16, "--horizon", 1)
    before = told("run", *size)
    assert call("run", *size, "--no-report").exit_code == 0
    after = told("run", *size)
    assert "seconds_simulation" in before and "seconds_simulation" not in after
    assert after["seconds_comparison_runs"] == before["seconds_comparison_runs"]
    assert told("run", *size, "--force")["seconds_simulation"] == before["seconds_simulation"]


def test_long_runs_are_measured_and_short_ones_are_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runner.run(loader.load("baseline", paths=16, horizon=1), output=tmp_path)
    assert speed.pace(speed.PATH_STEP).measurements == 0
    monkeypatch.setattr(speed, "LEAST", 4_096)
    run = runner.run(loader.load("baseline", paths=4_096, horizon=1), output=tmp_path, jobs=1)
    measured = speed.pace(speed.PATH_STEP)
    seconds = run.manifest["wall_seconds"]
    assert measured.measurements == 1 and measured.value == pytest.approx(1e9 * seconds / 4_096, rel=0.05, abs=2e5)


def test_measurements_are_medians_of_the_newest(empty_cache: Path) -> None:
    for value in [9_000.0] * 5 + [100.0] * speed.KEPT:
        speed.note(speed.PATH_STEP, value)
    assert speed.pace(speed.PATH_STEP) == speed.Pace(100.0, speed.KEPT)
    with speed.timed(speed.DRAWING):
        pass
    assert 0.0 < speed.pace(speed.DRAWING).value < 5.0
    with pytest.raises(KeyError), speed.timed(speed.COMPILING):
        raise KeyError
    assert speed.pace(speed.COMPILING) == speed.Pace(speed.ASSUMED[speed.COMPILING], 0)


@pytest.mark.parametrize("damage", ["altered", "noise", "another model", "another name"])
def test_measurements_are_believed_under_their_checksum_only(
    empty_cache: Path, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    speed.note(speed.PATH_STEP, 100.0)
    (path,) = empty_cache.iterdir()
    if damage == "altered":
        path.write_bytes(path.read_bytes().replace(b"100.0", b"900.0"))
    elif damage == "noise":
        path.write_bytes(b"\xff\xfe{")
    elif damage == "another model":
        monkeypatch.setattr(speed, "model_version", lambda: "another")
    else:
        monkeypatch.setattr(speed.platform, "node", lambda: "another")
        path.rename(speed._path())
    assert speed.pace(speed.PATH_STEP) == speed.Pace(speed.ASSUMED[speed.PATH_STEP], 0)


def test_a_cache_that_cannot_be_written_costs_the_measurement_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(speed, "cache_folder", lambda: tmp_path / "file" / "cache")
    speed.note(speed.PATH_STEP, 100.0)
    assert speed.pace(speed.PATH_STEP).measurements == 0


def test_more_cores_than_chunks_do_not_help() -> None:
    assert [cost.cores_used(units, 8) for units in (1, 8, 9, 64, 1_000)] == [1, 1, 2, 8, 8]
    small, large = (
        simulate.plan(loader.load("baseline", paths=paths, horizon=6), keep_paths=0) for paths in (2_048, 1_000_000)
    )
    one, two = (cost.estimate(large, jobs).seconds - cost.SECONDS_PER_RUN for jobs in (1, 2))
    assert one == pytest.approx(2.0 * two)
    assert cost.estimate(small, 1).seconds == cost.estimate(small, 8).seconds


def test_cache_variable_names_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from detente.shared.paths import cache_folder

    monkeypatch.setattr(speed, "cache_folder", cache_folder)
    monkeypatch.setenv(CACHE, str(tmp_path / "mine"))
    speed.note(speed.PATH_STEP, 100.0)
    assert len(list((tmp_path / "mine").glob("speed-*.json"))) == 1
