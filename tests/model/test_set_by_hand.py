"""Values set by hand over a scenario are visible wherever the run is: report, figures, lists, pages, tables."""

import json
from pathlib import Path

import detente
import pytest
from click.testing import CliRunner
from detente.analysis.feedback import without_feedback
from detente.api.comparisons import comparisons
from detente.batches.batch import open_batch
from detente.cli import application
from detente.config import loader
from detente.report.context import Context
from detente.report.document import document
from detente.report.page import index_page
from detente.report.plots.timeline import foot
from detente.report.sections.annex import manifest as runs_table
from detente.report.wording import assumed, title
from detente.runs import find, runner
from detente.runs.companions import companion

TINY = dict(paths=16, horizon=1)
SETS = ("facts.oil.brent=55", "conflict.feedback=false")
GIVEN = {"facts.oil.brent": "55", "conflict.feedback": "false"}
TEXT = "conflict.feedback = false; facts.oil.brent = 55"


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> detente.Run:
    """The baseline with two values set by hand, and the baseline itself beside it."""
    root = tmp_path_factory.mktemp("by hand")
    detente.run("baseline", output=root, **TINY)
    return detente.run("baseline", sets=SETS, output=root, **TINY)


@pytest.mark.parametrize("sets", [SETS, {"facts.oil.brent": 55.0, "conflict.feedback": False}], ids=["texts", "dict"])
def test_a_configuration_knows_what_is_set_by_hand(sets: object) -> None:
    config = loader.load("baseline", sets, **TINY)
    assert dict(config.overrides) == GIVEN
    assert loader.load("baseline", ["title=Mine", "run.horizon=2"], **TINY).overrides == {}
    spread = loader.load("baseline", ['facts.oil.brent.dist={kind="uniform", min=50, max=60}'])
    assert dict(spread.overrides) == {"facts.oil.brent.dist": '{ kind = "uniform", min = 50, max = 60 }'}


def test_it_survives_the_effective_configuration_and_changes_no_identity() -> None:
    config = loader.load("baseline", SETS, **TINY)
    again = loader.load_effective(config.to_toml(), "config.toml")
    assert again.overrides == config.overrides and again.digest() == config.digest()
    assert "overrides" not in config.canonical() and "[overrides]" not in loader.load("baseline").to_toml()


def test_an_effective_configuration_takes_further_values(changed: detente.Run) -> None:
    config = loader.load(changed.folder / "config.toml", ["facts.gas.ttf=30"])
    assert dict(config.overrides) == GIVEN | {"facts.gas.ttf": "30"}


def test_comparison_runs_carry_the_values_and_say_so() -> None:
    config = loader.load("us-first-relief", SETS, paths=16, horizon=6)
    for one in (companion(config, "no-relief"), *(found.config for found in comparisons(config))):
        assert dict(one.overrides) == GIVEN, one.name
    other = companion(loader.load("baseline", ["facts.oil.brent=55"], **TINY), "no-relief")
    assert other.origins["facts.oil.brent.value"] == "--set facts.oil.brent=55"
    assert dict(without_feedback(loader.load("baseline", ["facts.oil.brent=55"])).overrides) == {
        "facts.oil.brent": "55"
    }


def test_the_report_names_them(changed: detente.Run) -> None:
    context = Context([changed])
    page = document(context)
    assert page.title.endswith(", with 2 values set by hand")
    assert page.head["Set by hand"] == TEXT
    assert "Start prices that the run sets and nobody observed: Brent 55 USD/bbl, fixed." in page.given
    assert "last prices: TTF of" in page.given and "Brent of" not in page.given
    folders = [one.folder for one in find.read_all(changed.folder.parent) if one.folder != changed.folder]
    plain = document(Context([detente.load(folders[0])]))
    assert "Set by hand" not in plain.head and "set by hand" not in plain.title + plain.given
    assert "last prices: Brent of" in plain.given and "nobody observed" not in plain.given
    cell = runs_table([changed]).rows[0][0]
    assert "2 values set by hand" in cell.text and TEXT in cell.note


def test_figures_name_them(changed: detente.Run) -> None:
    assert f"(set by hand: {TEXT})" in foot(changed)
    assert assumed(changed.config, "oil.brent") and not assumed(changed.config, "gas.ttf")
    flow = next(key for key in changed.config.facts if key.startswith("gas.turkstream"))
    assert not assumed(changed.config, flow)


def test_a_price_that_a_scenario_sets_is_no_observation(tmp_path: Path) -> None:
    path = tmp_path / "cheap.toml"
    path.write_text('schema_version = 1\n[facts.oil.brent]\nvalue = 55.0\nsource = "an assumption"\n')
    run = runner.run(loader.load(path, **TINY), output=tmp_path)
    page = document(Context([detente.load(run.folder)]))
    assert "nobody observed: Brent 55 USD/bbl" in page.given and "Brent of" not in page.given
    assert "set by hand" not in page.title and run.overrides == {}


def test_lists_and_pages_name_them(changed: detente.Run) -> None:
    root = changed.folder.parent
    rows = {Path(row["folder"]).name: row["set_by_hand"] for row in find.finished(root)}
    assert sorted(rows.values()) == ["", TEXT] and rows[changed.folder.name] == TEXT
    listed = CliRunner().invoke(application, ["list", "runs", "-o", str(root)])
    assert listed.stdout.count(TEXT) == 1
    assert index_page.text(root).count(f"Set by hand: {TEXT}") == 1
    again = CliRunner().invoke(
        application,
        ["run", "-n", "16", "--horizon", "1", "--no-report", "--json", "-o", str(root)]
        + [word for text in SETS for word in ("--set", text)],
    )
    assert json.loads(again.stdout)["set_by_hand"] == GIVEN


def test_a_batch_names_them(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        "schema_version = 1\nscenarios = ['baseline']\n[run]\npaths = 16\nhorizon = 1\n"
        "[grid]\n'facts.oil.brent' = [55.0, 60.0]\n"
    )
    done = open_batch(path, output=tmp_path / "results").run()
    assert [run.overrides for run in done.runs.values()] == [
        {"facts.oil.brent": f"{price:g}"} for price in (55.0, 60.0)
    ]
    page = (done.path / "comparison.html").read_text()
    for price in (55.0, 60.0):
        assert f"set by hand: facts.oil.brent = {price:g}" in page
    assert all(title(run).endswith(", with 1 value set by hand") for run in done.runs.values())
    assert index_page.text(tmp_path / "results").count("Set by hand: facts.oil.brent = ") == 2
