"""Names and options as people type them: scenarios in the working folder, outputs, per cent, syntax before runs."""

import json
from pathlib import Path

import detente
import pytest
from click.testing import CliRunner, Result
from detente.cli.app import application
from detente.cli.ask import rendered
from detente.config import loader
from detente.questions import Answer, QuestionError, check_form
from detente.shared.errors import ConfigError
from detente.shared.formatting import listed
from detente.shared.messages import one_of


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*args: object) -> Result:
    return CliRunner().invoke(application, [str(arg) for arg in args], prog_name="detente")


# --- Scenarios ------------------------------------------------------------------------------------------------------


def test_a_new_scenario_runs_by_its_name() -> None:
    assert call("new", "my-idea").exit_code == 0
    assert loader.load("my-idea").name == loader.load("my-idea.toml").name == "my-idea"
    dry = call("run", "my-idea", "-n", "64", "--horizon", "2", "--dry-run", "--no-report")
    assert dry.exit_code == 0 and "my-idea" in dry.stdout
    assert call("validate", "my-idea").exit_code == 0


def test_a_new_scenario_does_not_take_a_shipped_name() -> None:
    refused = call("new", "no-relief")
    assert refused.exit_code == 2 and "my-no-relief" in refused.stderr and not Path("no-relief.toml").exists()
    assert call("new", "my-no-relief").exit_code == 0


def test_an_output_of_new_is_a_folder_or_a_file() -> None:
    Path("ideas").mkdir()
    for output, written in (("ideas", "ideas/my-idea.toml"), ("ideas/other.toml", "ideas/other.toml")):
        told = call("new", "my-idea", "-o", output)
        assert told.stdout.strip() == written and loader.load(written).name == "my-idea"


@pytest.mark.parametrize("command", ["run", "validate"])
def test_a_missing_scenario_says_what_would_help(command: str) -> None:
    missing = call(command, "my-ideal")
    assert missing.exit_code == 2 and '"my-ideal.toml"' in missing.stderr and "detente new" in missing.stderr
    call("new", "my-idea")
    near = call(command, "my-ideal")
    assert near.exit_code == 2 and '"my-idea.toml"' in near.stderr
    Path("idea.tml").write_text("x")
    assert "ends in .toml" in call(command, "idea.tml").stderr
    assert '"ideas.tml"' in call(command, "ideas.tml").stderr


def test_lists_are_not_cut_where_little_is_missing() -> None:
    assert "more" not in one_of(str(k) for k in range(22))
    assert one_of((str(k) for k in range(40)), 12).endswith("and 28 more")
    assert listed(list("abcdef"), 4) == "a, b, c, d, e and f" and listed(list("abcdefg"), 4) == "a, b, c, d and 3 more"


# --- Options --------------------------------------------------------------------------------------------------------


def test_a_rate_with_its_sign() -> None:
    rates = [
        json.loads(call("tariff", "--on", "IND", "--rate", text, "--json").stdout) for text in ("50", "50%", "50 %")
    ]
    assert rates[0] == rates[1] == rates[2] and rates[0]["rate_pct"] == pytest.approx(50.0)
    for text in ("fifty", "nan", "5_0", "٥٠"):
        assert call("tariff", "--on", "IND", "--rate", text).exit_code == 2


def test_a_tariff_on_all_countries_has_its_equilibrium() -> None:
    told = call("tariff", "--on", "all", "--json")
    assert told.exit_code == 0, told.stderr
    answer = json.loads(told.stdout)
    assert len(answer["on"]) == 12 and answer["residual"] < 1e-9
    below = json.loads(call("tariff", "--on", "all", "--rate", "450", "--json").stdout)
    gains = [{row["key"]: row["welfare_pct"] for row in each["countries"]} for each in (below, answer)]
    assert all(gains[0][key] == pytest.approx(gains[1][key], abs=10.0) for key in gains[0])
    beyond = call("tariff", "--on", "all", "--rate", "1e6")
    assert (
        beyond.exit_code == 2 and "no equilibrium was found" in beyond.stderr and "lower the tariffs" in beyond.stderr
    )


def test_the_page_of_runs_takes_its_folder_as_an_option(run_copy: Path) -> None:
    root = run_copy.parent
    told = call("index", "-o", root)
    assert told.exit_code == 0 and (root / "index.html").is_file()
    assert call("index", root, "-o", root).exit_code == 2


def test_a_report_is_copied_to_its_output(run_copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "detente.report.write.write", lambda runs, formats: (runs[0].folder / "report.html").write_text("page")
    )
    for output, page in (("out", f"out/{run_copy.name}.html"), ("out/brief.html", "out/brief.html")):
        told = call("report", run_copy, "--alone", "-o", output)
        assert told.exit_code == 0, told.output
        assert told.stdout.strip() == page and Path(page).read_text() == "page"
    named = call("report", run_copy.name, "--alone", "--results", run_copy.parent)
    assert named.exit_code == 0 and named.stdout.strip().endswith(f"{run_copy.name}/report.html")
    Path("file").write_text("x")
    assert call("report", run_copy, "--alone", "-o", "file/page.html").exit_code == 4


def test_a_seed_has_one_name() -> None:
    with pytest.raises(TypeError):
        detente.run(rng=3)
    with pytest.raises(ConfigError, match="seed"):
        detente.run(loader.load("baseline"), seed=3)


# --- Questions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("", "is empty"),
        ("P(ceasefire before 2027", "closing bracket"),
        ("P(ceasefire))", "closes nothing"),
        ("median(Brent at 2027-12)", "Q(0.5, …)"),
        ("Median(Brent)", "Q(0.5, …)"),
        ("mean(Brent in 2027)", "inside a measure"),
        ("E(avg(Brent in 2027))", "mean(…) over time"),
        ("P(maxi(Brent in 2027) > 100)", "max(…)"),
        ("Brent in 2027", "P(condition), E(number)"),
    ],
)
def test_the_form_of_a_question_is_checked_before_a_run_is_read(question: str, message: str) -> None:
    with pytest.raises(QuestionError, match=r".") as caught:
        check_form(question)
    assert message in str(caught.value)
    told = call("ask", "no-such-run", question)
    assert told.exit_code == 2 and message in told.stderr


def test_questions_that_are_right_pass_the_check() -> None:
    for question in (
        "P(NOT (ceasefire) and (relapse) given (tightening))",
        "E(sum(Trade|Oil|Value over 12 months))",
        "-(1 - P(ceasefire)) * 100",
        "P(rank(conflict.ceasefire_rate) > 2/3)",
        "E(2 + 3)",
        "P (ceasefire)",
    ):
        check_form(question)


def test_answers_say_their_unit_and_how_periods_are_read(small_run: detente.Run) -> None:
    asked = call("ask", small_run.folder, "P(ceasefire in 2026-12)")
    assert asked.exit_code == 0 and asked.stdout.rstrip().endswith("percentage points")
    assert "± is one standard error of simulation" in asked.stderr and "the first time that it happens" in asked.stderr
    mean = call("ask", small_run.folder, "P(Brent > 80 over 6 months)")
    assert "its mean over the 6 months from 2026-09 to 2027-02" in mean.stderr
    assert "max(…) asks for any month, min(…) for every month" in mean.stderr
    for plain in ("P(Brent > 80 at 2026-12)", "P(max(Brent over 6 months) > 80)", "P(ceasefire before 2027-01)"):
        assert "Read:" not in call("ask", small_run.folder, plain).stderr


def test_probabilities_in_points_and_numbers_in_their_unit() -> None:
    def answer(question: str, value: float, error: float, unit: str) -> Answer:
        return Answer(question, value, error, unit, "all paths", 100, {"": "run"})

    assert rendered(answer("P(ceasefire)", 0.1634, 0.0043, "1")) == "16% ± 0.4 percentage points"
    assert rendered(answer("P(ceasefire)", 0.0, 1.5e-5, "1")) == "0.00% ± 0.002 percentage points"
    assert rendered(answer("E(Total|Oil|Value)", 58.74, 0.51, "bn USD")) == "59 ± 0.5 bn USD"


def test_one_is_not_many() -> None:
    told = call("run", "-n", "1", "--horizon", "1", "--no-report", "--dry-run")
    assert "1 path of 1 step (1 month by the month)" in told.stdout
