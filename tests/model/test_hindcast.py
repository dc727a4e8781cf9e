"""Hindcasts: scores of single outputs by hand, no look-ahead, blindness, fitted observations, the command."""

import csv
import datetime as dt
import io
import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from detente.cli.app import application
from detente.config.loader import Config, load
from detente.config.schema import FittedOn
from detente.evaluation import events, make_track_record, outcomes, track_record
from detente.evaluation.blindness import blindness, fitted_on, later_evidence
from detente.evaluation.hindcast import Hindcast, dates_with_outcomes, evaluate, hindcast, plan
from detente.evaluation.hindcast_scores import benchmark, effective_number, score
from detente.evaluation.outcomes import Observation, Observed, observed, targets
from detente.shared.errors import DataError

DATE = dt.date(2025, 3, 31)
ORIGIN = np.datetime64("2025-03")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hindcasts")


@pytest.fixture(scope="module")
def past(results: Path) -> Hindcast:
    """Six months from 31 March 2025 on 512 paths."""
    return hindcast([DATE], paths=512, horizon=6, output=results)


def points_of(values: list[float], first: str = "2025-04") -> tuple[Observation, ...]:
    months = np.datetime64(first) + np.arange(len(values))
    return tuple(Observation(month, month, value) for month, value in zip(months, values, strict=True))


# --- one output ------------------------------------------------------------


def test_scores_by_hand():
    known = Observed(targets()[0], points_of([2.0, 9.0]), {})
    paths = np.array([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]])
    found = score(known, known.points, paths, ORIGIN, np.array([False, False]))
    assert found.pit.tolist() == [0.375, 1.0]
    # mean distance to the outcome less half the mean distance of two different members (10/6)
    assert found.crps == pytest.approx([1.0 - 5.0 / 6.0, 2.5 - 5.0 / 6.0])
    assert found.inside(0.9).tolist() == [True, False]
    assert found.no_change is None and found.ratio(found.scored) is None


def test_score_uses_the_realised_value():
    known = observed("brent")
    points = known.after(ORIGIN, ORIGIN + 4)
    paths = np.linspace(50.0, 100.0, 41)[None, :] * np.ones((4, 1))
    first = score(known, points, paths, ORIGIN, np.zeros(4, bool))
    moved = tuple(replace(point, value=point.value + 30.0) for point in points)
    second = score(known, moved, paths, ORIGIN, np.zeros(4, bool))
    assert np.all(second.pit > first.pit) and not np.array_equal(first.crps, second.crps)
    assert np.array_equal(first.quantiles, second.quantiles)


def test_a_fitted_outcome_is_counted_and_not_scored():
    known = Observed(targets()[0], points_of([2.0, 9.0]), {ORIGIN: 2.0})
    paths = np.array([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]])
    summary = score(known, known.points, paths, ORIGIN, np.array([False, True])).summary()
    assert (summary["outcomes"], summary["scored"], summary["fitted"]) == (2, 1, 1)
    assert summary["inside"]["0.9"] == 1 and summary["inside_90_all"] == 1
    assert summary["crps"] == pytest.approx(1.0 / 6.0)


def test_a_mean_over_months_is_scored_as_a_mean(past: Hindcast):
    """From 31 March 2025 pipeline gas has single months, from 2024 on means of two and three."""
    several = [point for point in observed("pipeline").points if not point.single]
    assert several and all(point.last > point.first for point in several)
    run = past.origins[0].run
    column = next(target.output for target in targets() if target.key == "brent")
    kept = run.kept_paths().pivot(index="time", columns="path", values=column).to_numpy(float)
    first = past.origins[0].outputs[0]
    assert first.target.key == "brent"
    assert first.pit == pytest.approx((kept[:6] < first.outcomes[:, None]).mean(axis=1), abs=2e-3)


def test_nothing_after_the_origin_enters_no_change():
    for target in targets():
        known = observed(target.key)
        points = known.after(ORIGIN)
        if not points:
            continue
        later = tuple(replace(p, value=1e9) if p.first > ORIGIN else p for p in known.points)
        anchors = {month: (1e9 if month > ORIGIN else value) for month, value in known.anchors.items()}
        planted = Observed(target, later, anchors)
        first, second = benchmark(known, points, ORIGIN), benchmark(planted, points, ORIGIN)
        assert (first is None) == (second is None)
        if first is not None and second is not None:
            assert first.medians.tobytes() == second.medians.tobytes() and first.crps.tobytes() == second.crps.tobytes()
        assert known.changes(ORIGIN).tobytes() == planted.changes(ORIGIN).tobytes()
        assert known.yearly_changes(ORIGIN).tobytes() == planted.yearly_changes(ORIGIN).tobytes()


def test_season_compares_with_the_last_known_year():
    known = observed("storage")
    found = benchmark(known, known.after(ORIGIN), ORIGIN)
    assert found is not None and found.kind == "season"
    months = known.months
    assert found.medians[0] == months[np.datetime64("2024-04")]
    assert found.medians[16] == months[np.datetime64("2024-08")]  # August 2026: two years back, not from the future


def test_outcomes_planted_after_the_origin_change_no_byte_of_the_forecast(
    past: Hindcast, monkeypatch: pytest.MonkeyPatch
):
    before = past.origins[0]

    def planted(key: str) -> Observed:
        known = observed(key)
        later = tuple(replace(p, value=1e6 * p.value) if p.first > ORIGIN else p for p in known.points)
        return Observed(known.target, later, known.anchors)

    monkeypatch.setattr("detente.evaluation.hindcast.observed", planted)
    config = plan(DATE, paths=512, horizon=6)
    assert config.digest() == before.run.config.digest()
    after = evaluate(before.run)
    for one, two in zip(before.outputs, after.outputs, strict=True):
        assert one.quantiles.tobytes() == two.quantiles.tobytes()
    assert np.all(after.outputs[0].pit == 1.0)


def test_effective_number_of_dependent_months():
    rng = np.random.default_rng(3)
    independent = rng.random((10, 20_000)) < 0.9
    assert effective_number(independent) == pytest.approx(10.0, rel=0.05)
    assert effective_number(np.repeat(independent[:1], 10, axis=0)) == pytest.approx(1.0, rel=0.05)


# --- what the run knew of the future ---------------------------------------


def two_records(source: str) -> Config:
    """The baseline of 31 March 2025 with two simulated records: one of the date, one later."""
    config = load("baseline", as_of=DATE)
    drawn = next(record for record in config.parameters.values() if record.drawn)
    own = drawn.model_copy(update={"as_of": DATE, "source": "Then", "fitted_on": None})
    late = drawn.model_copy(update={"as_of": dt.date(2026, 8, 31), "source": source, "fitted_on": None})
    fixed = late.model_copy(update={"dist": None})
    return replace(config, parameters={"oil.own": own, "oil.late": late, "oil.fixed": fixed}, facts={})


def test_blindness_of_a_constructed_case():
    config = two_records("Brent from March to June 2025.")
    rng = np.random.default_rng(4)
    draws = pd.DataFrame(rng.standard_normal((400, 2)), columns=["oil.own", "oil.late"])
    outputs = {
        "moved": ("oil", draws["oil.late"].to_numpy() + 0.1 * rng.standard_normal(400)),
        "free": ("gas", draws["oil.own"].to_numpy()),
    }
    found = blindness(config, draws, outputs)
    summary = found.summary()
    assert (summary["drawn"], summary["drawn_late"], summary["drawn_late_naming_later_events"]) == (2, 1, 1)
    assert (summary["records"], summary["late"]) == (3, 2)
    moved, free = found.touches
    assert moved.measurable == ("parameters.oil.late",) and moved.own_block == 1 and moved.explained > 0.9
    assert free.measurable == () and free.own_block == 0


@pytest.mark.parametrize(
    "source, later",
    [
        ("Peak of 2 April 2026.", True),
        ("Law of March 2025 and the year 2024.", False),
        ("From March to June 2025.", True),
        ("Capacity by 2030 (IEA 2024).", False),
    ],
)
def test_later_evidence_is_read_from_dates(source: str, later: bool):
    assert later_evidence(two_records(source).parameters["oil.late"], DATE) is later


def test_records_of_the_date_replace_later_ones():
    then, now = load("baseline", as_of=DATE), load("baseline")
    key = "conflict.war_to_ceasefire_rate"
    assert now.parameters[key].fitted_on and now.parameters[key].as_of > DATE
    assert then.parameters[key].fitted_on is None and then.parameters[key].as_of == DATE


def test_fitted_outcomes_cover_their_months():
    config = load("baseline", as_of=DATE)
    assert fitted_on(config, "brent", dt.date(2026, 4, 1), dt.date(2026, 4, 1))
    assert not fitted_on(config, "brent", dt.date(2025, 4, 1), dt.date(2025, 4, 1))
    assert fitted_on(config, "discount", dt.date(2025, 8, 1), dt.date(2025, 10, 1))  # a mean that reaches into the span
    assert "parameters.tariffs.bargain_rate" in fitted_on(config, "india-tariff-ends")
    fixed = load("baseline", {"parameters.tariffs.bargain_rate": 0.1}, as_of=DATE)
    assert fitted_on(fixed, "india-tariff-ends") == []


def test_every_mark_names_an_outcome_or_a_question():
    known = {target.key for target in targets()} | {one.id for one in events.questions()}
    marks = [mark for record in load("baseline").parameters.values() for mark in record.fitted_on or ()]
    assert marks and {mark.outcome for mark in marks} <= known
    assert FittedOn(outcome="brent").covers("brent", dt.date(2030, 1, 1))


# --- the whole -------------------------------------------------------------


def test_a_finished_run_is_found_by_its_id(past: Hindcast, results: Path):
    folder = past.origins[0].run.folder
    written = (folder / "manifest.json").stat().st_mtime_ns
    again = hindcast([DATE], paths=512, horizon=6, output=results)
    assert again.origins[0].run.folder == folder and (folder / "manifest.json").stat().st_mtime_ns == written
    assert again.csv() == past.csv()


def test_rows_and_summary_agree(past: Hindcast):
    rows = pd.DataFrame(csv.DictReader(io.StringIO(past.csv())))
    summary = past.summary()
    assert len(rows) == sum(row["outcomes"] for row in summary["origins"][0]["outputs"])
    brent = rows[rows["output"] == "brent"]
    assert list(brent["month"]) == [f"2025-{month:02d}" for month in range(4, 10)]
    assert (brent["inside_90"] == "True").sum() == summary["origins"][0]["outputs"][0]["inside_90_all"]
    assert summary["all"]["scored"] + summary["all"]["fitted"] == len(rows)


def test_questions_are_asked_of_the_last_date_before_them(past: Hindcast):
    asked = {one.question.id: one for one in past.origins[0].events}
    assert "ceasefire-june-2025" in asked and "ceasefire-2024" not in asked and "ceasefire-june-2026" not in asked
    answer = asked["ceasefire-june-2025"]
    dates = past.origins[0].run.events()
    share = float((dates["conflict.first_ceasefire"] <= 3).mean())
    assert answer.probability == pytest.approx((share * 512 + 0.5) / 513, abs=1e-9)
    summary = events.event_summary([answer])
    assert summary["model_brier"] == pytest.approx(answer.probability**2)
    assert summary["model_log"] == pytest.approx(-math.log(1.0 - answer.probability))


def test_dates_have_outcomes():
    dates = dates_with_outcomes()
    assert DATE in dates and dt.date(2026, 8, 31) not in dates
    with pytest.raises(DataError, match="no outcomes after 2026-08-31"):
        plan(dt.date(2026, 8, 31))


def test_record_keeps_its_date_and_the_summary_of_another_version(past: Hindcast):
    settings = {"2025-03-31": "0" * 16}
    first = make_track_record.build(past, (), settings, None, dt.date(2026, 11, 1))
    same = make_track_record.build(past, (), settings, first, dt.date(2026, 11, 30))
    assert track_record.to_toml(first) == track_record.to_toml(same) and first.before == ()
    older = first.model_copy(update={"model_version": "0.0.1+aaaaaaaa"})
    newer = make_track_record.build(past, (), settings, older, dt.date(2026, 11, 30))
    assert newer.date == dt.date(2026, 11, 30) and newer.before == (first.summary,)
    third = make_track_record.build(
        past, (), settings, newer.model_copy(update={"model_version": "0.0.2+bbbbbbbb"}), dt.date(2026, 12, 1)
    )
    assert third.before == newer.before  # a version with the same scores as the one before it is not listed
    assert newer.summary.forecasts == sum(each.scored + each.fitted for each in newer.origin[0].output)


# --- the command -----------------------------------------------------------


def invoke(*arguments: str):
    return CliRunner().invoke(application, ["hindcast", *arguments])


def test_command_prints_tables_json_and_csv(past: Hindcast, results: Path, tmp_path: Path):
    common = ["2025-03-31", "-n", "512", "--horizon", "6", "-o", str(results)]
    table = invoke(*common, "--csv", str(tmp_path / "scores.csv"))
    assert table.exit_code == 0, table.output
    assert "simulated records are dated after" in table.output and "EU gas storage" in table.output
    assert (tmp_path / "scores.csv").read_text() == past.csv()
    answer = json.loads(invoke(*common, "--json", "-q").stdout)
    assert answer["origins"][0]["outputs"] == json.loads(json.dumps(past.summary()["origins"][0]["outputs"]))
    refused = invoke(*common, "--csv", str(tmp_path / "scores.csv"))
    assert refused.exit_code == 4 and "--force" in refused.output


@pytest.mark.parametrize(
    "arguments, code, text",
    [
        (["2025-04-01"], 2, "no facts for as_of = 2025-04-01"),
        (["2026-08-31"], 4, "no outcomes after 2026-08-31"),
        (["yesterday"], 2, "YYYY-MM-DD"),
        (["2025-03-31", "-n", "1"], 2, "minimum is 2"),
    ],
)
def test_command_refuses(arguments: list[str], code: int, text: str):
    result = invoke(*arguments)
    assert result.exit_code == code and text in result.output


def test_reading_outcomes_names_the_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "observed.csv").write_text("series,month,to,value\ncrude_to_india,2025,,1.0\n")
    monkeypatch.setattr(outcomes, "outcome_file", lambda name: tmp_path / name)
    outcomes.observed.cache_clear()
    try:
        with pytest.raises(DataError, match=r"observed\.csv, line 2"):
            outcomes.observed("india")
    finally:
        outcomes.observed.cache_clear()
