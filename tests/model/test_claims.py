"""The claims ledger: every question parses, verdicts follow the declared rules, and the report shows them."""

import json
from pathlib import Path

import detente
import pandas as pd
import pytest
from detente.cli.app import application
from detente.config import loader
from detente.config.toml import read as read_toml
from detente.config.validation import check
from detente.questions import Names, names, parse, parse_condition
from detente.questions.claims import answer, document, frame, ledger, read, save
from detente.questions.claims.ledger import Claim, Ledger, Rule
from detente.questions.claims.text import answer_text, effect_text, lines, number, tally
from detente.questions.claims.verdicts import Effect, by_rule, constants, judge
from detente.report.context import Context
from detente.report.figures.claims import claims as claims_figure
from detente.report.figures.claims import place
from detente.report.plots.labels import faults
from detente.report.plots.style import SIZES, drawing
from detente.report.sections.claims import claims as claims_section
from detente.runs import integrity, runner, store
from detente.runs.companions import Settings, companion, settings
from detente.runs.run import Run
from detente.shared.errors import ConfigError

LEDGER = Path(__file__).resolve().parents[2] / "configs" / "claims.toml"
LEAST_QUESTIONS = 26


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A baseline as long as the ledger asks, and few paths."""
    return detente.run("baseline", paths=1024, horizon=36, keep_paths=1024, output=tmp_path_factory.mktemp("claims"))


@pytest.fixture(scope="module")
def answered(run: Run) -> dict:
    def make(asked: loader.Config) -> Run:
        return runner.run(asked, output=run.folder.parent, keep_paths=1024)

    answered = document(answer(run, ledger(), make), ledger(), run.folder.name)
    save(run, answered)
    return answered


@pytest.fixture(scope="module")
def baseline() -> loader.Config:
    return loader.load("baseline")


@pytest.fixture(scope="module")
def known(baseline: loader.Config) -> Names:
    return names(baseline, constants(36))


def entry(answered: dict, number_of: int) -> dict:
    return next(one for one in answered["claims"] if one["number"] == number_of)


# --- The ledger -------------------------------------------------------------------------------------------------------


def test_the_ledger_holds_every_claim_once() -> None:
    assert sorted(claim.number for claim in ledger().claim) == list(range(1, 35))
    assert sum(claim.ask is not None for claim in ledger().claim) >= LEAST_QUESTIONS
    assert all(claim.untestable for claim in ledger().claim if claim.ask is None and claim.by_fact is None)


@pytest.mark.parametrize("claim", ledger().claim, ids=lambda claim: str(claim.number))
def test_questions_parse_and_name_existing_scenarios(claim: Claim, baseline: loader.Config, known: Names) -> None:
    scenarios = {*loader.scenario_titles(), *(each.name for each in ledger().run)}
    for question in claim.questions:
        parse(question, known)
        assert {part.partition("]")[0] for part in question.split("[")[1:]} <= scenarios
    for each in claim.depends_on:
        if each.parameter is not None:
            parse_condition(f"rank({each.parameter}) < 1/3", known)
            record = (baseline.parameters | baseline.facts)[each.parameter]
            assert record.dist is not None, f"{each.parameter} is fixed, so no claim can depend on it"


def test_an_unknown_key_of_the_ledger_is_rejected_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "claims.toml"
    path.write_text(
        LEDGER.read_text(encoding="utf-8").replace('\nreads = "some US relief within a year"', '\nraeds = "x"'),
        encoding="utf-8",
    )
    with pytest.raises(ConfigError, match=r"claims.toml, line \d+.*raeds.*reads"):
        check(Ledger, read_toml(path, "claims.toml"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ask": None}, "one of ask, by_fact and untestable"),
        ({"untestable": "no"}, "one of ask, by_fact and untestable"),
        ({"reads": None}, "needs reads"),
    ],
)
def test_a_claim_has_exactly_one_kind_of_answer(change: dict, message: str) -> None:
    complete = ledger().claim[0].model_dump()
    with pytest.raises(ValueError, match=message):
        Claim.model_validate({key: value for key, value in (complete | change).items() if value is not None})


# --- Verdicts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "error", "expected"),
    [
        (0.9, 0.01, ("supported", False)),
        (0.7, 0.02, ("supported", True)),
        (0.5, 0.01, ("depends", False)),
        (0.1, 0.01, ("contradicted", False)),
    ],
)
def test_verdicts_follow_the_limits(value: float, error: float, expected: tuple) -> None:
    assert by_rule(value, error, Rule()) == expected


def test_the_supported_limit_may_be_the_lower_one() -> None:
    rule = Rule(supported=0.03, contradicted=0.1)
    assert [by_rule(value, 0.0, rule)[0] for value in (-0.2, 0.03, 0.05, 0.2)] == [
        "supported",
        "supported",
        "depends",
        "contradicted",
    ]


def test_an_assumption_decides_only_across_the_midpoint() -> None:
    def effect(low: float, high: float) -> Effect:
        return Effect("x", "x", "low", "high", low, 0.01, high, 0.01)

    assert judge(0.8, 0.01, Rule(), [effect(0.6, 0.95)]).verdict == "supported"
    assert judge(0.8, 0.01, Rule(), [effect(0.3, 0.95)]).verdict == "depends"
    assert judge(0.5, 0.01, Rule(), [effect(0.49, 0.51)]).effect is None
    assert judge(0.1, 0.01, Rule(), [], assumed=True).verdict == "depends"
    deciding = judge(0.5, 0.01, Rule(), [effect(0.55, 0.99), effect(0.4, 0.6)]).effect
    assert deciding is not None and deciding.low == 0.4


# --- Answers from a small run -----------------------------------------------------------------------------------------


def test_most_claims_are_answered_by_a_question(answered: dict) -> None:
    tested = [one for one in answered["claims"] if one["value"] is not None]
    assert len(tested) >= LEAST_QUESTIONS
    assert all(one["mc_error"] >= 0.0 and one["runs"] and one["paths"] for one in tested)
    assert all(0.0 <= one["value"] <= 1.0 for one in tested if one["probability"])
    assert all(one["reason"] for one in answered["claims"] if one["verdict"] == "untestable")


def test_verdicts_agree_with_the_evidence(answered: dict) -> None:
    assert (
        entry(answered, 15)["verdict"]
        == entry(answered, 24)["verdict"]
        == entry(answered, 14)["verdict"]
        == "supported"
    )
    assert entry(answered, 3)["verdict"] == entry(answered, 9)["verdict"] == "contradicted"
    roche = entry(answered, 26)
    assert roche["verdict"] == "depends" and roche["depends_on"]["parameter"] in (
        "attrition.demobilisation",
        "attrition.peace_enlistment",
    )
    in_dollars = entry(answered, 13)
    assert (
        in_dollars["verdict"] == "depends"
        and in_dollars["depends_on"]["low"] < 0.1 < 0.6 < in_dollars["depends_on"]["high"]
    )
    gates = {each["says"]: each["value"] for each in entry(answered, 3)["also"]}
    assert gates["first stage reached, withdrawal required"] < gates["first stage reached, withdrawal not required"]


def test_answers_are_those_of_the_tables(run: Run, answered: dict) -> None:
    relief = run.events()["sanctions.first_US_relief"].astype(float)
    assert entry(answered, 1)["value"] == pytest.approx((relief <= 12).mean(), abs=1e-12)
    folder = run.folder.parent / entry(answered, 16)["runs"]["look-back"]
    look_back = detente.load(folder)
    assert str(look_back.config.as_of) == "2025-03-31" and look_back.scenario == "look-back"


def test_a_claim_beyond_the_horizon_is_untestable(small_run: Run, run_copy: Path) -> None:
    short = detente.load(run_copy)

    def make(asked: loader.Config) -> Run:
        return runner.run(asked, output=run_copy.parent, keep_paths=256)

    found = document(
        answer(short, ledger().model_copy(update={"claim": (ledger().claim[0],)}), make), ledger(), short.folder.name
    )["claims"][0]
    assert found["verdict"] == "untestable" and "ends after 6 months" in found["reason"]


def test_comparison_runs_inherit_settings(run: Run, tmp_path: Path) -> None:
    changed = detente.run(
        "baseline",
        paths=128,
        horizon=6,
        sets=["parameters.oil.freight_floor=10", "conflict.feedback=false"],
        output=tmp_path,
    )
    assert settings(run.config) == Settings({}, {})
    beside = companion(changed.config, "no-relief")
    assert beside.parameters["oil.freight_floor"].value == 10.0 and beside.conflict_feedback is False
    assert beside.run == changed.config.run and beside.name == "no-relief"
    other_date = companion(changed.config, "baseline", as_of=pd.Timestamp("2025-03-31").date(), name="look-back")
    assert other_date.parameters["oil.freight_floor"].value != 10.0 and other_date.name == "look-back"
    with pytest.raises(ConfigError, match="the nearest valid one"):
        companion(changed.config, "no-releif")


# --- Words, files, figure, report -------------------------------------------------------------------------------------


def test_answers_are_saved_with_checksums(run: Run, answered: dict) -> None:
    assert integrity.check(run.folder).damage == []
    assert read(run) == json.loads(json.dumps(answered))
    rows = pd.read_csv(run.folder / "claims.csv")
    assert len(rows) == 34 and list(rows.columns) == list(frame(answered).columns)
    assert set(store.read_manifest(run.folder)["report_files"]) >= {"claims.json", "claims.csv"}


def test_changed_answers_are_not_read(run_copy: Path, answered: dict) -> None:
    copy = detente.load(run_copy)
    assert read(copy) is None and claims_section(Context([copy])) is None
    save(copy, answered)
    assert read(copy) is not None and claims_section(Context([copy])) is not None
    (run_copy / "claims.json").write_text("{}", encoding="utf-8")
    changed = detente.load(run_copy)
    assert read(changed) is None and claims_section(Context([changed])) is None


def test_text_of_answers(answered: dict) -> None:
    assert number(0.7122, 0.008, "1", probability=True) == "71% ± 1%"
    assert number(0.0, 0.0002, "1", probability=True) == "0% ± <1%"
    assert answer_text(entry(answered, 5)).endswith("points")
    assert effect_text(entry(answered, 26)).startswith("Depends on attrition.")
    assert tally(answered["claims"]).count(" ") > 5 and "7 cannot be tested" in tally(answered["claims"])
    assert {"says", "source", "answer", "rule", "question", "from", "assumption", "also", "note", "run"} <= {
        label for label, _ in lines(entry(answered, 26))
    }


@pytest.mark.parametrize("size", SIZES)
def test_the_figure_shows_every_claim_without_overlapping_text(run: Run, answered: dict, size: str) -> None:
    with drawing("claims"):
        picture = claims_figure(run, SIZES[size])
    assert picture is not None and faults(picture.sheet.figure) == []
    assert len(picture.data) == 34 and set(picture.data["verdict"]) <= {
        "supported",
        "contradicted",
        "depends",
        "untestable",
    }
    written = {text.get_text() for text in picture.sheet.figure.texts}
    assert all(one["short"] in written for one in answered["claims"] if one["verdict"] != "untestable")


def test_places_on_the_scale() -> None:
    share = {"probability": True, "supported_at": 0.6667, "contradicted_at": 0.3333}
    points = {"probability": False, "supported_at": 0.03, "contradicted_at": 0.1}
    assert place(share, 0.4) == 0.4
    assert [round(place(points, value), 4) for value in (0.03, 0.1, 0.065, -9.0, 9.0)] == [
        0.6667,
        0.3333,
        0.5,
        1.0,
        0.0,
    ]


def test_the_section_of_the_report(run: Run, answered: dict) -> None:
    section = claims_section(Context([run]))
    assert section is not None and section.note == ""
    (table,) = section.tables
    assert len(table.rows) == 34
    assert table.rows[0][0].text.startswith("1. ") and "supported" in table.note


def test_commands(
    run: Run, answered: dict, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def said(*words: str) -> str:
        with pytest.raises(SystemExit) as ended:
            application([*words, "-q"], standalone_mode=True)
        assert ended.value.code == 0
        return capsys.readouterr().out

    folder = str(run.folder)
    assert said("ask", folder, "P(US relief within 12 months)").strip().endswith("percentage points")
    assert (
        json.loads(said("ask", folder, "E(Total|Oil|Value[no-relief] - Total|Oil|Value)", "--json"))["unit"] == "bn USD"
    )
    for width in ("80", "120"):
        monkeypatch.setenv("COLUMNS", width)
        table = said("claims", folder)
        assert max(map(len, table.splitlines())) <= int(width) and "depends" in table and "Peach" in table
    assert "attrition.demobilisation" in said("claims", folder, "--only", "26")
    assert len(said("claims", folder, "--csv").splitlines()) == 35
