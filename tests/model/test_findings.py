"""Sentences say what the rows behind them say."""

import re
from dataclasses import replace

import detente
import numpy as np
import pytest
from detente.analysis.estimates import Reading, Readings
from detente.analysis.outcomes import GAS_BILL, OIL_REVENUE, PEACE, RELIEF, URALS, outcomes
from detente.analysis.relief_value import PARTS, ReliefValue, pair
from detente.analysis.sensitivity import Sensitivity, sensitivity
from detente.report import context as context_module
from detente.report import wording
from detente.report.context import Context
from detente.report.document import document
from detente.report.plots import style
from detente.report.sections.finding import levels, likelihood, relief_effect, uncertainty
from detente.report.sections.relief import relief_findings, total
from detente.report.sections.sensitivity import explained_finding
from detente.shared import formatting
from detente.shared.errors import ConfigError

BRENT = ("Price|Oil|Brent", "World")


@pytest.fixture(scope="module")
def readings(compared: list[detente.Run]) -> Readings:
    return Readings(compared[0])


@pytest.fixture(scope="module")
def relief(compared: list[detente.Run]) -> ReliefValue:
    found = pair(compared).of(compared[0])
    assert found is not None
    return found


@pytest.fixture(scope="module")
def moved(compared: list[detente.Run]) -> Sensitivity:
    return sensitivity(compared[0].config, outcomes(compared[0], compared[1]))


# --- Numbers with their rows -----------------------------------------------


def test_readings_agree_with_the_summary_and_with_the_events(readings: Readings):
    for months in (3, 6, 12):
        counted = readings.happened("conflict.first_ceasefire", months)
        assert counted.value == pytest.approx(
            readings.level("Event|First ceasefire", "World", months, "mean").value, abs=1e-12
        )
        assert counted.error == pytest.approx((counted.value * (1 - counted.value) / 4096) ** 0.5, rel=0.2)
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


# --- Revenue effect of relief ----------------------------------------------


def test_components_add_up_and_match_the_outcome(relief: ReliefValue, compared: list[detente.Run]):
    parts = [relief.part(name).value for name in PARTS]
    assert sum(parts[:3]) == pytest.approx(parts[3], rel=1e-6)
    by_path = outcomes(compared[0], compared[1])[RELIEF].values
    assert by_path.mean() == pytest.approx(parts[3], rel=1e-5)


def test_the_last_level_is_taken_where_it_is_known_best(relief: ReliefValue):
    for variable in (wording.BRENT, wording.DISCOUNT, wording.VOLUME):
        last = relief.at_the_end(*variable)
        mine, theirs = (Readings(run).level(*variable, 12, "mean") for run in (relief.run, relief.reference))
        assert last.error <= (mine.error**2 + theirs.error**2) ** 0.5 + 1e-12
        assert abs(last.value - (mine.value - theirs.value)) < 5.0 * (mine.error + theirs.error)


def test_the_same_but_for_relief(relief: ReliefValue):
    assert relief.other_differences == []


def test_a_run_that_cannot_be_paired_is_named(compared: list[detente.Run], small_run: detente.Run):
    pairing = pair([small_run, compared[1]])
    assert pairing.values == ()
    assert pairing.notes == (
        f"{small_run.folder.name} differs from {compared[1].folder.name} in date, size, seed or model version.",
    )
    assert pair([compared[0]]).reference is None


# --- Sentences -------------------------------------------------------------


def numbers(text: str) -> set[str]:
    return set(re.findall(rf"{formatting.MINUS}?[\d,]*\d(?:\.\d+)?", text))


def test_the_finding_states_its_rows(readings: Readings, relief: ReliefValue):
    events = likelihood(readings)
    ceasefire, any_route, deal = events.rows
    for row in (ceasefire, any_route, deal):
        assert formatting.calibrated(row.value) in events.text
    assert formatting.day(readings.end(12)) in events.text
    effect = relief_effect(relief)
    mean, volume, discount, brent = effect.rows
    assert formatting.rounded(abs(mean.value), mean.error, 0.1) in numbers(effect.text)
    for part in (volume, discount, brent):
        assert formatting.rounded(part.value, part.error, 0.1) in numbers(effect.text)
    assert effect.text.startswith("Compared with no relief, Russia's oil revenue is USD\u00a0")


def test_without_a_reference_run_the_finding_states_levels(readings: Readings):
    finding = levels(readings)
    assert "the median Urals discount moves from" in finding.text
    assert len([row for row in finding.rows if "q50" in row.row]) == 4


def test_excluded_events_are_not_called_unlikely(compared: list[detente.Run]):
    text = likelihood(Readings(compared[1])).text
    assert "US oil relief does not occur in any simulation." in text and "exceptionally" not in text


def test_uncertainty_names_the_range_and_the_assumption(readings: Readings, relief: ReliefValue, moved: Sensitivity):
    finding = uncertainty(readings, relief, moved)
    low, high = relief.part("total", "q05"), relief.part("total", "q95")
    assert low.value >= 0.0, "the range of these runs does not cross zero"
    span = formatting.span(low.value, high.value, (low.error, high.error), 0.1)
    assert f"the 90% range is a rise of {formatting.quantity(span, wording.MONEY)}." in finding.text
    leader = moved.leader(RELIEF)
    assert (leader is None) == ("depends most on" not in finding.text)
    bare = uncertainty(readings, None, Sensitivity((), 0, {}, {}, {}))
    assert "USD/bbl for Brent" in bare.text and "depends most on" not in bare.text


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (-2.0, 3.0, "90% range runs from a fall of {2.0} to a rise of {3.0}"),
        (-20.0, -0.5, "90% range is a fall of {0.5 to 20.0}"),
        (0.5, 20.0, "90% range is a rise of {0.5 to 20.0}"),
    ],
)
def test_a_range_states_its_direction(relief: ReliefValue, low: float, high: float, text: str):
    class Given(ReliefValue):
        def part(self, name: str, statistic: str = "mean") -> Reading:
            return Reading({"q05": low, "q95": high}[statistic], 0.01, "table", "row")

    given = Given(relief.run, relief.reference, relief.comparison)
    finding = uncertainty(Readings(relief.run), given, Sensitivity((), 0, {}, {}, {}))
    wanted = re.sub(r"\{(.*?)\}", lambda match: formatting.quantity(match[1], wording.MONEY), text)
    assert finding.text == f"The effect on revenue is uncertain: the {wanted}."


def test_directions_follow_signs(relief: ReliefValue):
    class Turned(ReliefValue):
        def part(self, name: str, statistic: str = "mean") -> Reading:
            value = {"volume": -2.0, "discount": 3.0, "Brent": 0.004, "total": -1.0}[name]
            return replace(relief.part(name, statistic), value=value, error=0.001)

        def at_the_end(self, variable: str, region: str) -> Reading:
            value = {"Trade|Oil|Volume": -0.2, "Price|Oil|Brent": 0.01}.get(variable, -4.0)
            return Reading(value, 0.001, "summary.parquet", "row")

    turned = Turned(relief.run, relief.reference, relief.comparison)
    texts = {finding.key: finding.text for finding in relief_findings(turned)}
    assert texts["relief-volume"] == (
        "Volume lowers revenue by USD\u00a02.0bn a year. In August\u00a02027, exports are 0.20 mb/d lower on average."
    )
    assert texts["relief-discount"] == (
        "The discount raises revenue by USD\u00a03.0bn a year. "
        "In August\u00a02027, the Urals FOB discount is 4.0 USD/bbl narrower on average."
    )
    assert texts["relief-brent"] == "The Brent price raises revenue by less than USD\u00a00.1bn a year."
    assert total(turned, subject=True).text == (
        f"Russia's oil revenue is USD\u00a01.0bn a year lower on average than in “{wording.title(relief.reference)}” "
        "(median 1.0; 90% range 1.0 to 1.0)."
    )


def test_a_difference_within_its_error_is_not_reported(relief: ReliefValue):
    class Blurred(ReliefValue):
        def part(self, name: str, statistic: str = "mean") -> Reading:
            return replace(relief.part(name, statistic), value=1.0, error=0.6)

    blurred = Blurred(relief.run, relief.reference, relief.comparison)
    assert "does not differ measurably" in total(blurred).text
    assert relief_findings(blurred)[1].text.startswith("Volume does not change revenue measurably.")


def test_every_number_of_a_report_is_computed_once(compared: list[detente.Run], monkeypatch: pytest.MonkeyPatch):
    """Text and figures of a whole report share simulated values, counterfactuals and pairing."""
    calls: list[str] = []
    for name in ("drawn_values", "against_no_tariffs", "default_counterfactual", "pair", "sensitivity", "stories"):
        whole = getattr(context_module, name)

        def counted(*arguments, name=name, whole=whole, **options):
            calls.append(name)
            return whole(*arguments, **options)

        monkeypatch.setattr(context_module, name, counted)
    report = document(Context(compared))
    for figure in report.figures:
        with style.drawing(figure.name):
            figure.draw(style.SIZES["a4"])
    assert sorted(calls) == sorted(set(calls)) and len(calls) == 6


def test_every_finding_has_numbers_and_no_word_of_certainty(compared: list[detente.Run]):
    findings = document(Context(compared)).findings
    assert len({finding.key for finding in findings}) == len(findings) > 10
    for finding in findings:
        assert finding.rows, finding.text
        assert not re.search(r"\bwill\b|\bnan\b|\binf\b|detente |--", finding.text), finding.text
        assert finding.text.endswith(".") and ".." not in finding.text
        assert all(np.isfinite(row.value) and np.isfinite(row.error) and row.row for row in finding.rows)


def test_the_share_explained_is_stated(moved: Sensitivity):
    finding = explained_finding(moved)
    assert finding is not None
    if moved.explained[RELIEF]:
        assert formatting.percent(moved.explained[RELIEF]) in finding.text
    assert explained_finding(Sensitivity((), 0, {}, {}, {})) is None


def test_outcomes_leave_failed_paths_out(compared: list[detente.Run]):
    run = detente.load(compared[0].folder)  # its tables are its own, read once
    run.events().loc[5, "failed_at_step"] = 3
    found = outcomes(run)
    assert set(found) == {OIL_REVENUE, URALS, PEACE, GAS_BILL}
    for target in found.values():
        assert np.isnan(target.values[5]) and np.isfinite(np.delete(target.values, 5)).all()
    assert found[URALS].values.size == 256
