"""The ledger: forecasts, outcomes and scores, and that no line can change, vanish or move unseen."""

import datetime as dt
import json
import random
import shutil
from pathlib import Path

import detente
import numpy as np
import pytest
from click.testing import CliRunner
from detente.cli.app import application
from detente.config import loader
from detente.evaluation.ledger import lines as ledger
from detente.evaluation.ledger.freeze import LEVELS, freeze
from detente.evaluation.ledger.questions import Question, read_questions
from detente.evaluation.ledger.resolve import Outcome, due, read_outcomes, resolve, scored, summary
from detente.questions import names, parse
from detente.shared.errors import CheckError, ConfigError, DataError

TODAY = dt.date(2026, 11, 28)
BINARY = Question(
    key="peace", title="Ceasefire", group="war", ask="P(ceasefire by 2027-06)", rule="Yes if.", where="Press",
    resolves=dt.date(2027, 7, 1), base_rate=0.2, base_source="Past wars.",
)  # fmt: skip
NUMBER = Question(
    key="brent", title="Brent", group="oil", quantity="Price|Oil|Brent in 2027-06", rule="Mean.", where="EIA",
    resolves=dt.date(2027, 7, 10), latest="oil.brent",
)  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger" / "ledger.jsonl"


@pytest.fixture
def frozen(compared: list[detente.Run], path: Path) -> Path:
    freeze(compared[0], (BINARY, NUMBER), path, today=TODAY)
    return path


def written(path: Path, number: int) -> Path:
    """A ledger of plain lines."""
    ledger.append(path, [{"kind": "forecast", "text": f"line {k}"} for k in range(number)])
    return path


def test_every_shipped_question_can_be_read():
    questions = read_questions()
    config = loader.load("baseline")
    known = names(config, {})
    for question in questions:
        parse(question.ask or f"E({question.quantity})", known)
        assert question.latest is None or question.latest in config.facts
        assert question.resolves > config.as_of
    assert len(questions) >= 40
    assert len({question.group for question in questions}) == 6


def test_freeze_registers_what_the_run_answers(compared: list[detente.Run], frozen: Path):
    binary, number = ledger.read_lines(frozen)
    assert binary["forecast"]["probability"] == compared[0].ask("P(ceasefire by 2027-06)").value
    assert binary["run"]["id"] == compared[0].manifest["id"] and binary["made"] == "2026-11-28"
    quantiles = list(number["forecast"]["quantiles"].values())
    assert len(quantiles) == len(LEVELS) == 23 and quantiles == sorted(quantiles)
    values = compared[0].kept_paths().pivot(index="path", columns="time", values="World|Price|Oil|Brent")["2027-06-01"]
    assert quantiles[11] == pytest.approx(np.median(values))
    assert number["forecast"]["no_change"] == compared[0].config.facts["oil.brent"].value


def test_a_question_is_registered_once_per_run_and_never_redefined(compared: list[detente.Run], frozen: Path):
    again = freeze(compared[0], (BINARY, NUMBER), frozen, today=TODAY)
    assert not again.lines and len(again.left_out) == 2
    changed = BINARY.model_copy(update={"rule": "Another rule."})
    with pytest.raises(ConfigError, match="give the new question a new key"):
        freeze(compared[0], (changed,), frozen, today=TODAY)


def test_questions_past_or_beyond_the_horizon_are_left_out(compared: list[detente.Run], path: Path):
    late = NUMBER.model_copy(update={"key": "late", "quantity": "Price|Oil|Brent in 2028-06"})
    past = BINARY.model_copy(update={"key": "past", "resolves": TODAY})
    frozen = freeze(compared[0], (late, past), path, today=TODAY)
    assert not frozen.lines and not path.exists()
    assert "beyond the horizon" in frozen.left_out[0] and "has passed" in frozen.left_out[1]


def test_another_scenario_is_registered_with_its_assumptions_only(compared: list[detente.Run], path: Path):
    with pytest.raises(ConfigError, match="--conditional"):
        freeze(compared[1], (BINARY,), path, today=TODAY)
    line = freeze(compared[1], (BINARY,), path, conditional=True, today=TODAY).lines[0]
    assert line["assumptions"]
    resolve(path, [Outcome("peace", 0.0, dt.date(2027, 7, 1), "press")], today=dt.date(2027, 7, 2))
    assert scored(ledger.read_lines(path))[0].conditional and summary(ledger.read_lines(path))["scored"] == 0


def test_any_changed_byte_is_found(path: Path):
    written(path, 12)
    originals = {file: file.read_bytes() for file in (path, path.with_name(path.name + ledger.HASHES))}
    random.seed(20261128)
    edits = 0
    while edits < 500:
        file = random.choice(list(originals))
        content = bytearray(originals[file])
        place, kind = random.randrange(len(content)), random.choice(("change", "remove", "insert"))
        if kind == "change":
            content[place] = random.randrange(256)
        elif kind == "remove":
            del content[place]
        else:
            content.insert(place, random.randrange(256))
        if bytes(content) == originals[file]:
            continue
        file.write_bytes(content)
        assert ledger.faults(path), (file.name, place, kind, bytes(content[max(place - 20, 0) : place + 20]))
        file.write_bytes(originals[file])
        edits += 1
    assert not ledger.faults(path)


@pytest.mark.parametrize("lost", [0, 5, 11])
def test_a_lost_line_is_found(path: Path, lost: int):
    lines = written(path, 12).read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:lost] + lines[lost + 1 :]))
    assert any("lost" in one for one in ledger.faults(path))
    with pytest.raises(CheckError, match="Restore"):
        ledger.append(path, [{"kind": "forecast"}])
    assert path.read_text() == "".join(lines[:lost] + lines[lost + 1 :])


def test_a_moved_or_repeated_line_is_found(path: Path):
    lines = written(path, 5).read_text().splitlines(keepends=True)
    for other in ([*lines[1:3], lines[0], *lines[3:]], [*lines, lines[4]], [*lines[:3], lines[4], lines[3]]):
        path.write_text("".join(other))
        assert ledger.faults(path)


def test_a_crash_before_the_list_of_hashes_loses_nothing(path: Path):
    written(path, 3)
    hashes = path.with_name(path.name + ledger.HASHES)
    before = hashes.read_bytes()
    ledger.append(path, [{"kind": "forecast", "text": "last"}])
    hashes.write_bytes(before)
    assert not ledger.faults(path)
    ledger.append(path, [{"kind": "forecast", "text": "after"}])
    assert not ledger.faults(path) and len(hashes.read_text().splitlines()) == 5


def test_two_copies_merge_without_losing_a_line(tmp_path: Path):
    ours, theirs = tmp_path / "a" / "ledger.jsonl", tmp_path / "b" / "ledger.jsonl"
    written(ours, 3)
    shutil.copytree(ours.parent, theirs.parent)
    ledger.append(ours, [{"kind": "forecast", "text": f"ours {k}"} for k in range(2)])
    ledger.append(theirs, [{"kind": "forecast", "text": f"theirs {k}"} for k in range(2)])
    assert [line["text"] for line in ledger.merged(ours, theirs)] == ["theirs 0", "theirs 1"]
    texts = [line["text"] for line in ledger.read_lines(ours)]
    assert texts == ["line 0", "line 1", "line 2", "ours 0", "ours 1", "theirs 0", "theirs 1"]
    assert ledger.merged(ours, theirs) == []
    union = [*ours.read_text().splitlines(keepends=True)[:5], *theirs.read_text().splitlines(keepends=True)[3:]]
    hashes = [json.loads(line)["hash"] + "\n" for line in union]
    theirs.write_text("".join(union))
    theirs.with_name(theirs.name + ledger.HASHES).write_text("".join(hashes))
    assert not ledger.faults(theirs)


def test_scores_are_those_computed_by_hand(frozen: Path):
    outcomes = [
        Outcome("peace", 1.0, dt.date(2027, 3, 1), "press"),
        Outcome("brent", 70.0, dt.date(2027, 7, 10), "EIA"),
    ]
    resolve(frozen, outcomes, today=dt.date(2027, 7, 11))
    lines = ledger.read_lines(frozen)
    binary, number = scored(lines)
    p = lines[0]["forecast"]["probability"]
    assert binary.brier == pytest.approx((1.0 - p) ** 2) and binary.benchmark == pytest.approx(0.8**2)
    assert binary.log == pytest.approx(-np.log(p))
    assert number.benchmark == pytest.approx(abs(lines[1]["forecast"]["no_change"] - 70.0))
    levels = np.array(LEVELS)
    quantiles = np.array(list(lines[1]["forecast"]["quantiles"].values()))
    pinball = np.where(quantiles <= 70.0, levels * (70.0 - quantiles), (1.0 - levels) * (quantiles - 70.0))
    assert number.crps == pytest.approx(2.0 * pinball.mean(), rel=0.15)
    totals = summary(lines)
    assert totals["scored"] == 2 and totals["brier_skill"] == pytest.approx(1.0 - binary.brier / 0.64)


def test_another_outcome_gives_another_score(frozen: Path, tmp_path: Path):
    copy = tmp_path / "copy" / "ledger.jsonl"
    shutil.copytree(frozen.parent, copy.parent)
    for file, value in ((frozen, 70.0), (copy, 140.0)):
        resolve(file, [Outcome("brent", value, dt.date(2027, 7, 10), "EIA")], today=dt.date(2027, 7, 11))
    assert scored(ledger.read_lines(frozen))[0].crps != scored(ledger.read_lines(copy))[0].crps


def test_outcomes_are_entered_once_and_corrected_by_a_new_line(frozen: Path):
    day = dt.date(2027, 7, 12)
    outcome = Outcome("peace", 0.0, dt.date(2027, 7, 1), "press")
    assert len(resolve(frozen, [outcome], today=day)) == 1 and resolve(frozen, [outcome], today=day) == []
    other = Outcome("peace", 1.0, dt.date(2027, 6, 20), "press")
    with pytest.raises(ConfigError, match="--correct"):
        resolve(frozen, [other], today=day)
    line = resolve(frozen, [other], correct=True, today=day)[0]
    assert line["corrects"] == ledger.read_lines(frozen)[2]["hash"]
    assert scored(ledger.read_lines(frozen))[0].outcome == 1.0
    assert [one["question"]["key"] for one in due(ledger.read_lines(frozen), day)] == ["brent"]


@pytest.mark.parametrize(
    ("outcome", "message"),
    [
        (Outcome("peace", 0.0, dt.date(2027, 6, 1), "press"), "only yes can come earlier"),
        (Outcome("peace", 0.4, dt.date(2027, 7, 1), "press"), "yes or no"),
        (Outcome("brent", 70.0, dt.date(2027, 9, 1), "EIA"), "after today"),
        (Outcome("pease", 1.0, dt.date(2027, 7, 1), "press"), "peace"),
    ],
)
def test_an_impossible_outcome_is_refused(frozen: Path, outcome: Outcome, message: str):
    with pytest.raises(ConfigError, match=message):
        resolve(frozen, [outcome], today=dt.date(2027, 8, 1))
    assert len(ledger.read_lines(frozen)) == 2


def test_all_faults_of_a_file_of_outcomes_come_at_once(tmp_path: Path):
    file = tmp_path / "outcomes.csv"
    rows = ["peace,perhaps,2027-07-01,press", "brent,7_0,2027-07-10,EIA", "brent,70,10.7.2027,EIA", "brent,70"]
    file.write_text("\n".join(["question,outcome,date,source", *rows, "peace,yes,2027-01-01,press"]))
    with pytest.raises(DataError) as caught:
        read_outcomes(file)
    assert all(f"line {number}" in str(caught.value) for number in (2, 3, 4, 5))


def test_the_commands_work_as_documented(compared: list[detente.Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    run = CliRunner()
    questions = tmp_path / "mine.toml"
    questions.write_text(
        'schema_version = 1\n[[question]]\nkey = "peace"\ntitle = "Ceasefire"\ngroup = "war"\n'
        'ask = "P(ceasefire by 2027-06)"\nrule = "Yes if."\nwhere = "Press"\nresolves = 2027-07-01\n'
    )
    result = run.invoke(application, ["freeze", str(compared[0].folder), "--questions", str(questions)])
    assert result.exit_code == 0 and "peace" in result.stdout, result.output
    assert run.invoke(application, ["ledger", "--check"]).exit_code == 0
    assert "peace" in run.invoke(application, ["ledger"]).stdout
    template = run.invoke(application, ["resolve"])
    assert template.stdout == "question,outcome,date,source\n"
    file = tmp_path / "ledger" / "ledger.jsonl"
    file.write_text(file.read_text().replace("Press", "press"))
    damaged = run.invoke(application, ["ledger", "--check"])
    assert damaged.exit_code == 5 and "line 1 was changed" in damaged.output
