"""Sentences say what the rows behind them say."""

import re
from dataclasses import replace

import detente
import numpy as np
import pytest
from detente.analysis.estimates import Reading, Readings
from detente.analysis.outcomes import GAS_BILL, INCOME, LEVEL, PEACE, WORTH, outcomes
from detente.analysis.relief_value import PARTS, Worth, pair
from detente.analysis.sensitivity import Influence, influence
from detente.report import findings
from detente.shared import formatting
from detente.shared.errors import ConfigError

BRENT = ("Price|Oil|Brent", "World")


@pytest.fixture(scope="module")
def readings(compared: list[detente.Run]) -> Readings:
    return Readings(compared[0])


@pytest.fixture(scope="module")
def worth(compared: list[detente.Run]) -> Worth:
    found = pair(compared).of(compared[0])
    assert found is not None
    return found


@pytest.fixture(scope="module")
def moved(compared: list[detente.Run]) -> Influence:
    return influence(compared[0].config, outcomes(compared[0], compared[1]))


# --- Numbers with their rows -----------------------------------------------


def test_readings_agree_with_the_summary_and_with_the_events(readings: Readings):
    for months in (3, 6, 12):
        counted = readings.happened("conflict.first_ceasefire", months)
        assert counted.value == pytest.approx(
            readings.level("Event|First ceasefire", "World", months, "mean").value, abs=1e-12
        )
        assert counted.error == pytest.approx((counted.value * (1 - counted.value) / 4096) ** 0.5)
    table = readings.run.summary()
    row = table[(table["variable"] == BRENT[0]) & (table["statistic"] == "q50")].set_index("time")["value"]
    assert readings.level(*BRENT, 12, "q50").value == row.iloc[11]


def test_a_threshold_has_two_sides(readings: Readings):
    above, below = readings.above(*BRENT, 12, 100.0), readings.below(*BRENT, 12, 100.0)
    assert above.value + below.value == pytest.approx(1.0)
    assert 0.0 < above.value < 1.0


def test_a_condition_counts_within_the_paths_that_meet_it(readings: Readings):
    events = readings.run.events()
    ceasefire, relapse = events["conflict.first_ceasefire"], events["conflict.first_relapse"]
    given = ceasefire <= 12
    expected = ((relapse <= 12) & (relapse >= ceasefire) & given).sum() / given.sum()
    found = readings.followed("conflict.first_relapse", "conflict.first_ceasefire", 12)
    assert found is not None and found.value == pytest.approx(expected)
    assert readings.followed("conflict.first_relapse", "sanctions.first_UK_relief", 1) is None


def test_routes_to_relief_add_up(readings: Readings):
    oil, deal = "sanctions.first_oil_relief", "sanctions.first_oil_relief_by_deal"
    dates = readings.run.events()
    first_by_deal = float(((dates[oil] <= 12) & (dates[deal] == dates[oil])).mean())
    assert readings.happened_without(oil, deal, 12).value + first_by_deal == pytest.approx(
        readings.happened(oil, 12).value
    )


def test_milestones_follow_the_horizon(compared: list[detente.Run]):
    for horizon, expected in (
        (1, [1]),
        (6, [3, 6]),
        (12, [3, 6, 12]),
        (30, [3, 6, 12, 24, 30]),
        (60, [3, 6, 12, 24, 36, 60]),
    ):
        one = Readings(compared[0])
        one.horizon = horizon
        assert one.milestones() == expected
        assert one.compared() == ([12, horizon] if horizon > 12 else [horizon])


def test_a_statistic_that_is_not_there_is_said_so(readings: Readings):
    with pytest.raises(ConfigError, match="p_above_61"):
        readings.above(*BRENT, 12, 61.0)


# --- What relief is worth --------------------------------------------------


def test_the_parts_of_worth_add_up_and_match_the_outcome(worth: Worth, compared: list[detente.Run]):
    parts = [worth.part(name).value for name in PARTS]
    assert sum(parts[:3]) == pytest.approx(parts[3], rel=1e-6)
    by_path = outcomes(compared[0], compared[1])[WORTH].values
    assert by_path.mean() == pytest.approx(parts[3], rel=1e-5)


def test_the_last_level_is_taken_where_it_is_known_best(worth: Worth):
    for variable in (findings.BRENT, findings.DISCOUNT, findings.VOLUME):
        last = worth.at_the_end(*variable)
        mine, theirs = (Readings(run).level(*variable, 12, "mean") for run in (worth.run, worth.yardstick))
        assert last.error <= (mine.error**2 + theirs.error**2) ** 0.5 + 1e-12
        assert abs(last.value - (mine.value - theirs.value)) < 5.0 * (mine.error + theirs.error)


def test_the_same_but_for_relief(worth: Worth):
    assert worth.beyond_relief == []


def test_a_run_that_cannot_be_paired_is_named(compared: list[detente.Run], small_run: detente.Run):
    pairing = pair([small_run, compared[1]])
    assert pairing.worths == () and "run.horizon" in pairing.notes[0]
    assert pair([compared[0]]).yardstick is None


# --- Sentences -------------------------------------------------------------


def numbers(text: str) -> set[str]:
    return set(re.findall(rf"{formatting.MINUS}?[\d,]*\d(?:\.\d+)?", text))


def test_the_answer_says_its_rows(readings: Readings, worth: Worth):
    found = findings.answer(readings, worth)
    ceasefire, anyhow, _, total, volume, discount, brent = found.rows
    assert formatting.calibrated(ceasefire.value) in found.text and formatting.calibrated(anyhow.value) in found.text
    assert formatting.rounded(abs(total.value), total.error, 0.1) in numbers(found.text)
    for part in (volume, discount, brent):
        assert formatting.rounded(part.value, part.error, 0.1) in numbers(found.text)
    assert formatting.day(readings.end(12)) in found.text
    assert found.text.count(". ") == 0 and found.text.endswith(".")


def test_without_a_yardstick_the_answer_says_where_prices_go(readings: Readings):
    found = findings.answer(readings, None)
    assert "median Urals discount" in found.text
    assert len([row for row in found.rows if "q50" in row.row]) == 4


def test_what_the_scenario_excludes_is_not_called_unlikely(compared: list[detente.Run]):
    text = findings.answer(Readings(compared[1]), None).text
    assert "no path has US oil relief" in text and "exceptionally" not in text


def test_the_doubt_names_the_spread_and_the_assumption(readings: Readings, worth: Worth, moved: Influence):
    found = findings.doubt(readings, worth, moved)
    low, high = worth.part("total", "q05"), worth.part("total", "q95")
    assert formatting.span(low.value, high.value, (low.error, high.error), 0.1, "and") in found.text
    leader = moved.leader(WORTH)
    assert (leader is None) == ("drawn assumptions" not in found.text)
    bare = findings.doubt(readings, None, Influence((), 0, {}, {}, {}))
    assert "Brent is between" in bare.text and "drawn assumptions" not in bare.text


def test_directions_follow_signs(worth: Worth):
    class Turned(Worth):
        def part(self, name: str, statistic: str = "mean") -> Reading:
            return replace(
                worth.part(name, statistic),
                value={"volume": -2.0, "discount": 3.0, "Brent": 0.004, "total": 1.0}[name],
                error=0.001,
            )

        def at_the_end(self, variable: str, region: str) -> Reading:
            return Reading(
                {"Trade|Oil|Volume": -0.2, "Price|Oil|Brent": 0.01}.get(variable, -4.0), 0.001, "summary.parquet", "row"
            )

    said = {
        finding.key: finding.text for finding in findings.worths(Turned(worth.run, worth.yardstick, worth.comparison))
    }
    assert (
        said["worth-volume"]
        == "Volume takes away USD\u00a02.0bn a year: in August\u00a02027 exports are 0.20 mb/d lower on average."
    )
    assert (
        said["worth-discount"].startswith("The discount adds 3.0") and "4.0 USD/bbl narrower" in said["worth-discount"]
    )
    assert said["worth-brent"] == "The price of Brent changes revenue by less than 0.1 bn USD a year."


def test_a_difference_within_its_error_is_not_told(worth: Worth):
    class Blurred(Worth):
        def part(self, name: str, statistic: str = "mean") -> Reading:
            return replace(worth.part(name, statistic), value=1.0, error=0.6)

    blurred = Blurred(worth.run, worth.yardstick, worth.comparison)
    assert "the same, to the digits that the simulation knows" in findings.total(blurred).text
    assert "by nothing that the simulation can tell" in findings.worths(blurred)[1].text


def test_every_sentence_has_rows_and_no_word_of_certainty(readings: Readings, worth: Worth, moved: Influence):
    said = [findings.answer(readings, worth), findings.doubt(readings, worth, moved), *findings.worths(worth)]
    for finding in said:
        assert finding.rows, finding.text
        assert not re.search(r"\bwill\b|nan|inf\b", finding.text), finding.text
        assert all(np.isfinite(row.value) and np.isfinite(row.error) and row.row for row in finding.rows)


def test_chance_is_said_with_the_share(moved: Influence):
    found = findings.chance(moved)
    assert found is not None
    if moved.explained[WORTH]:
        assert formatting.percent(moved.explained[WORTH]) in found.text
    assert findings.chance(Influence((), 0, {}, {}, {})) is None


def test_outcomes_leave_failed_paths_out(compared: list[detente.Run]):
    run = detente.load(compared[0].folder)  # its tables are its own, read once
    run.events().loc[5, "failed_at_step"] = 3
    found = outcomes(run)
    assert set(found) == {INCOME, LEVEL, PEACE, GAS_BILL}
    for target in found.values():
        assert np.isnan(target.values[5]) and np.isfinite(np.delete(target.values, 5)).all()
    assert found[LEVEL].values.size == 256
