"""The as-of date as an option: the same layer as in a scenario file, part of the id, in the title."""

import datetime as dt
from pathlib import Path

import detente
import pytest
from click.testing import CliRunner
from detente.batches.schema import read_batch
from detente.batches.tasks import Configurer, prepare
from detente.batches.units import expand
from detente.cli.app import application
from detente.config.loader import load
from detente.runs.identity import identity
from detente.shared.errors import ConfigError
from detente.shared.paths import config_roots

DATE = dt.date(2025, 3, 31)


def invoke(*arguments: str):
    return CliRunner().invoke(application, list(arguments))


def test_option_setting_and_scenario_file_are_one(tmp_path: Path):
    by_option, by_set = load("baseline", as_of=DATE), load("baseline", [f"as_of={DATE}"])
    file = tmp_path / "baseline-then.toml"
    file.write_text(f'schema_version = 1\nname = "baseline"\nas_of = {DATE}\n')
    assert by_option.as_of == DATE and by_option.facts["oil.brent"].value == 77.23
    assert by_option.digest() == by_set.digest() == load(file).digest()
    assert identity(by_option) == identity(by_set) != identity(load("baseline"))
    assert by_option.origins["as_of"] == f"--as-of {DATE}"


def test_title_names_a_date_that_is_not_the_scenario_s(tmp_path: Path):
    assert load("baseline", as_of=DATE).title.endswith("as of 31 March 2025")
    assert "as of" not in load("baseline").title
    file = tmp_path / "then.toml"
    file.write_text(f'schema_version = 1\ntitle = "Then"\nas_of = {DATE}\n')
    assert load(file).title == "Then"
    assert load(file, as_of=dt.date(2025, 9, 30)).title == "Then, as of 30 September 2025"


def test_effective_configuration_keeps_its_date(tmp_path: Path):
    file = tmp_path / "config.toml"
    file.write_text(load("baseline", as_of=DATE).to_toml(), encoding="utf-8")
    assert load(file).title.endswith("as of 31 March 2025")
    with pytest.raises(ConfigError, match="holds the facts of its own as_of"):
        load(file, as_of=dt.date(2025, 9, 30))


def test_date_without_facts_is_refused_with_the_dates_that_have_them():
    result = invoke("run", "--as-of", "2025-04-01", "--dry-run")
    assert result.exit_code == 2
    assert "--as-of 2025-04-01: there are no facts" in result.output and "2025-03-31" in result.output
    result = invoke("run", "--as-of", "March", "--dry-run")
    assert result.exit_code == 2 and "write it as YYYY-MM-DD" in result.output


def batch_dates(path: Path, as_of: dt.date | None = None) -> dict[str, dt.date]:
    configurer = Configurer(config_roots(), 16, as_of)
    tasks = prepare(expand(*read_batch(path)), configurer, None)
    return {task.name: configurer.config(task.unit).as_of for task in tasks}


def test_batch_file_and_option_set_the_date(tmp_path: Path):
    file = tmp_path / "dates.toml"
    file.write_text(
        'schema_version = 1\nas_of = 2025-03-31\nscenarios = ["baseline"]\n'
        '[run]\nhorizon = 6\n[[case]]\nname = "later"\nas_of = 2025-09-30\n'
    )
    assert batch_dates(file) == {"baseline": DATE, "later": dt.date(2025, 9, 30)}
    assert set(batch_dates(file, dt.date(2026, 2, 28)).values()) == {dt.date(2026, 2, 28)}
    result = invoke("batch", str(file), "--as-of", "2025-04-01", "--dry-run")
    assert result.exit_code == 2 and "there are no facts for as_of = 2025-04-01" in result.output


def test_python_takes_a_date_or_its_text(tmp_path: Path):
    run = detente.run("baseline", as_of="2025-03-31", paths=16, horizon=1, output=tmp_path)
    assert run.config.as_of == DATE
    assert detente.run("baseline", as_of=DATE, paths=16, horizon=1, output=tmp_path).id == run.id
    with pytest.raises(ConfigError, match="YYYY-MM-DD"):
        detente.run("baseline", as_of="31.3.2025", output=tmp_path)
