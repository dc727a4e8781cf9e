"""Runs of different models are never subtracted, pooled or drawn together, whatever sets them side by side."""

import shutil
from collections.abc import Callable
from pathlib import Path

import detente
import pytest
from click.testing import CliRunner
from detente.analysis.feedback import find_without_feedback, split_feedback, without_feedback
from detente.batches.batch import open_batch
from detente.cli import application
from detente.questions.claims import answer, ledger
from detente.report.context import Context
from detente.report.document import document
from detente.runs import manifest, runner
from detente.runs.run import load
from detente.shared.errors import ConfigError

WORDS = "different versions of the model|different probe values"


def of_another_model(run: detente.Run, kind: str) -> detente.Run:
    """The same run in the same folder as another version, source or processor would have made it."""
    content = manifest.read_manifest(run.folder)
    if kind == "version":
        content["versions"] |= {"model": "0.0.9+00000000"}
    else:
        content["digests"] |= {kind: "0" * 64}
    (run.folder / "manifest.json").write_bytes(manifest.sealed(content))
    return detente.load(run.folder)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two scenarios and a run without feedback."""
    root = tmp_path_factory.mktemp("versions")
    runs = [detente.run(name, paths=64, horizon=1, keep_paths=16, output=root) for name in ("baseline", "no-relief")]
    runner.run(without_feedback(runs[0].config), output=root, keep_paths=0)
    return root


@pytest.fixture(params=["version", "source", "probe"])
def pair(request: pytest.FixtureRequest, made: Path, tmp_path: Path) -> tuple[detente.Run, detente.Run]:
    """The baseline, and no-relief of another model."""
    root = Path(shutil.copytree(made, tmp_path / "results"))
    first, second = (detente.load(next(root.glob(f"{name}-????????"))) for name in ("baseline", "no-relief"))
    return first, of_another_model(second, request.param)


def refused(call: Callable[[], object]) -> None:
    with pytest.raises(ConfigError, match=WORDS) as caught:
        call()
    assert "run both again with one installation" in str(caught.value) and caught.value.exit_code == 2


QUESTIONS = (
    "E(Price|Oil|Brent at 2026-09 - Price|Oil|Brent[{other}] at 2026-09)",
    "E(Price|Oil|Brent at 2026-09) - E(Price|Oil|Brent[{other}] at 2026-09)",
    "P(ceasefire) / P(ceasefire[{other}])",
    "E(Total|Oil|Value[{other}])",
    "P(ceasefire | ceasefire[{other}])",
)


@pytest.mark.parametrize("question", QUESTIONS)
def test_questions_on_two_models_are_refused(pair: tuple[detente.Run, detente.Run], question: str) -> None:
    first, second = pair
    text = question.format(other=second.folder.name)
    command = CliRunner().invoke(application, ["ask", str(first.folder), text])
    assert command.exit_code == 2 and "one installation" in command.stderr and command.stdout == ""


def test_comparisons_of_two_models_are_refused(pair: tuple[detente.Run, detente.Run]) -> None:
    refused(lambda: detente.compare(*pair))
    refused(lambda: Context(pair))
    refused(lambda: pair[0].report(compare_with=[pair[1]]))
    command = CliRunner().invoke(application, ["report", *(str(run.folder) for run in pair)])
    assert command.exit_code == 2 and "one installation" in command.stderr
    assert not list(pair[0].folder.glob("figures"))


def test_a_run_without_feedback_of_another_model_is_none(made: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(made, tmp_path / "results"))
    run = detente.load(next(root.glob("baseline-????????")))
    off = find_without_feedback(run)
    assert off is not None and split_feedback(run, [off])[0] is not None
    changed = of_another_model(detente.load(off.folder), "probe")
    assert find_without_feedback(run) is None
    assert split_feedback(run, [changed]) == (None, [changed])


def test_a_run_of_another_model_is_not_answered_by_new_runs(made: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(made, tmp_path / "results"))
    old = of_another_model(detente.load(next(root.glob("baseline-????????"))), "source")
    simulated: list[str] = []

    def simulate(config: object) -> detente.Run:
        simulated.append(config.name)
        raise AssertionError

    answers = answer(load(old.folder), ledger(), simulate)
    assert simulated == []
    assert any("different versions of the model" in one.reason for one in answers)
    command = CliRunner().invoke(application, ["ask", str(old.folder), "E(Total|Oil|Value[maximum-pressure])"])
    assert command.exit_code == 2 and "run it again" in command.stderr
    assert len(list(root.glob("*-????????"))) == 3, "nothing was simulated"


def test_the_report_of_another_model_recomputes_no_draws(made: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(made, tmp_path / "results"))
    run = detente.load(next(root.glob("baseline-????????")))
    recomputed = {"losses", "additions", "gas-effect", "tariff-brent"}
    here = {figure.name for figure in document(Context([run])).figures}
    old = of_another_model(run, "version")
    there = {figure.name for figure in document(Context([old])).figures}
    assert here - there <= recomputed and {"losses", "additions", "gas-effect"} <= here - there
    with pytest.raises(ConfigError, match="run it again"):
        _ = Context([old]).draws


def test_the_tables_of_a_batch_hold_one_model(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("schema_version = 1\nscenarios = ['baseline', 'no-relief']\n[run]\npaths = 16\nhorizon = 1\n")
    done = open_batch(path, output=tmp_path / "results").run()
    of_another_model(detente.load(done.runs["no-relief"].folder), "probe")
    again = open_batch(path, output=tmp_path / "results")
    assert [status.done for status in again.statuses.values()] == [True, False]
    done.work.record.runs = []
    with pytest.raises(ConfigError, match="one installation"):
        from detente.batches import tables

        tables.write(done.folder, done.work.record)
