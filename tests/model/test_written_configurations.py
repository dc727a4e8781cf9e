"""Every command that writes a configuration writes one that a run loads, or ends in a sentence and writes nothing."""

import warnings
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from detente.cli.app import application
from detente.config.loader import load

from tests.sweep import data_files


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def call(*args: str) -> Result:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return CliRunner().invoke(application, [*args])


def write(block: str) -> None:
    header, rows = data_files.clean(block)
    Path("data.csv").write_text(data_files.text_of(list(header), [list(row) for row in rows]))


@pytest.mark.parametrize("block", data_files.BLOCKS)
def test_a_calibration_writes_a_scenario_that_loads(block: str) -> None:
    write(block)
    done = call("calibrate", block, "--data", "data.csv", "-o", f"{block}-now.toml")
    assert done.exit_code == 0, done.output
    config = load(Path(f"{block}-now.toml"))
    changed = [record for record in config.parameters.values() if "data.csv" in record.source]
    assert changed and all(record.unit for record in changed)


def test_a_new_scenario_loads() -> None:
    assert call("new", "my-idea").exit_code == 0
    assert load(Path("my-idea.toml")).name == "my-idea"


@pytest.mark.parametrize("name", ["brent_now.toml", "brent-now", "Brent.toml", "brent.json.toml"])
def test_a_name_that_no_run_can_have_is_refused_before_estimating(name: str) -> None:
    done = call("calibrate", "oil", "--data", "missing.csv", "-o", name)
    assert (
        done.exit_code == 2 and "cannot name a scenario file" in done.output and "there is no such" not in done.output
    )
    assert not Path(name).exists()


def test_an_estimate_outside_the_bounds_ends_in_a_sentence() -> None:
    rng = np.random.default_rng(1)
    months = np.arange("2012-01", "2023-01", dtype="datetime64[M]")
    noise = 25.0 * np.exp(rng.normal(0.0, 1.0, months.size).clip(-1.1, 1.1))
    lines = [f"{month}-01,{price:.3f}" for month, price in zip(months, noise, strict=True)]
    Path("noise.csv").write_text("\n".join(["date,gas_europe_eur_mwh", *lines]) + "\n")
    done = call("calibrate", "gas", "--data", "noise.csv", "-o", "gas-now.toml")
    if done.exit_code == 0:
        assert load(Path("gas-now.toml")).name == "gas-now"
    else:
        assert done.exit_code == 4 and "noise.csv" in done.output and not Path("gas-now.toml").exists()
    many = "\n".join(["date,gas_europe_eur_mwh", *(f"{month}-01,{9_000.0 + k}" for k, month in enumerate(months))])
    Path("unit.csv").write_text(many + "\n")
    done = call("calibrate", "gas", "--data", "unit.csv", "-o", "gas-now.toml", "--force")
    assert done.exit_code == 4 and "unit.csv: the estimate cannot be used, because" in done.output


def test_a_straight_line_of_claims_ends_in_a_sentence() -> None:
    days = np.arange("2023-01-01", "2025-01-01", dtype="datetime64[D]")
    lines = [f"{day},{100_000 + 1_000 * k}" for k, day in enumerate(days)]
    Path("line.csv").write_text("\n".join(["date,personnel", *lines]) + "\n")
    done = call("calibrate", "losses", "--data", "line.csv")
    assert done.exit_code == 4 and "line.csv: the daily claims" in done.output and "interpolated" in done.output
