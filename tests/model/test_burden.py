"""Distribution of costs and effects of feedback: costs add up by declared rules, feedbacks can be switched off one by
one."""

import dataclasses
import re
from pathlib import Path

import detente
import numpy as np
import pandas as pd
import pytest
from detente.analysis import cost_incidence, feedback
from detente.analysis.relief_value import ReliefValue
from detente.analysis.tariff_effects import against_no_tariffs, gdp
from detente.config.loader import load
from detente.report.figures.cost_incidence import cost_incidence_figure, cost_incidence_table
from detente.report.plots.style import SIZES, drawing
from detente.report.sections.cost_incidence import components_table, cost_findings, costs_table
from detente.report.sections.feedback import assumptions_table, changes_table, feedback_findings
from detente.report.sections.relief import losses_findings, losses_tables
from detente.runs.comparison import compare
from detente.runs.identity import identity
from detente.runs.runner import run as simulate
from detente.shared.errors import ConfigError, DataError

PATHS, MONTHS = 2_048, 18


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cost-incidence")


@pytest.fixture(scope="module")
def runs(output: Path) -> dict[str, detente.Run]:
    """A tariff scenario, the same without tariffs, and the first without feedback; few stored paths."""

    def make(name: str, **options) -> detente.Run:
        return simulate(
            load(name, options.pop("sets", ()), paths=PATHS, horizon=MONTHS), output=output, jobs=1, keep_paths=400
        )

    found = {name: make(name) for name in ("bill-on-all-buyers", "no-tariffs")}
    found["off"] = simulate(
        feedback.without_feedback(found["bill-on-all-buyers"].config), output=output, jobs=1, keep_paths=0
    )
    return found


@pytest.fixture(scope="module")
def costs(runs: dict[str, detente.Run]) -> cost_incidence.CostIncidence:
    found = cost_incidence.cost_incidence(runs["bill-on-all-buyers"], runs["no-tariffs"])
    assert found is not None
    return found


# --- Costs ------------------------------------------------------------------------------------------------------------


def test_costs_are_long_by_path_region_and_component(costs: cost_incidence.CostIncidence):
    table = costs.by_path
    assert list(table.columns) == ["path", "region", "component", "usd", "share"]
    assert not table.duplicated(["path", "region", "component"]).any() and table.notna().all().all()
    assert {region: costs.components(region) for region in (cost_incidence.RUSSIA, *cost_incidence.OTHERS)} == {
        "Russian Federation": ["volume", "discount", "Brent", "gas", "tariffs"],
        "China": ["discount", "Brent", "tariffs"],
        "India": ["discount", "Brent", "tariffs"],
        "European Union": ["discount", "Brent", "gas", "tariffs"],
        "United States": ["Brent", "tariffs"],
    }
    money = table["region"].map(gdp()).to_numpy(float)
    np.testing.assert_allclose(table["share"], 100.0 * table["usd"] / money, rtol=1e-12)


def test_russia_s_oil_parts_add_up_to_the_revenue_lost(
    costs: cost_incidence.CostIncidence, runs: dict[str, detente.Run]
):
    table = costs.by_path
    oil = (
        table[(table["region"] == cost_incidence.RUSSIA) & table["component"].isin(["volume", "discount", "Brent"])]
        .groupby("path")["usd"]
        .sum()
    )
    lost = -compare(runs["bill-on-all-buyers"], runs["no-tariffs"]).revenue_by_path()["total"].loc[oil.index]
    np.testing.assert_allclose(oil, lost, atol=2e-3)  # kept paths are float32


def test_each_party_bears_what_is_declared_for_it(costs: cost_incidence.CostIncidence, runs: dict[str, detente.Run]):
    """By hand from the kept paths: net imports times Brent, crude bought times the delivered discount, welfare times
    GDP."""
    both = [
        run.kept_paths().astype({"path": int}).set_index("path")
        for run in (runs["bill-on-all-buyers"], runs["no-tariffs"])
    ]
    net = {party.region: party.net_oil_imports for party in cost_incidence.parties()}
    part = costs.by_path.set_index(["region", "component", "path"])["usd"].sort_index()

    def mean(values: pd.Series) -> pd.Series:
        return values.astype(float).groupby(level=0).mean()

    brent = [mean(table["World|Price|Oil|Brent"]) for table in both]
    for region in cost_incidence.OTHERS:
        np.testing.assert_allclose(part[region, "Brent"], 0.36525 * net[region] * (brent[0] - brent[1]), atol=1e-4)
        welfare = [mean(table[f"{region}|Welfare|Tariff Effect"]) for table in both]
        np.testing.assert_allclose(
            part[region, "tariffs"], -gdp()[region] / 100.0 * (welfare[0] - welfare[1]), atol=1e-4
        )
    india = "Russian Federation>India"
    bought, discount = f"{india}|Trade|Oil|Crude|Volume", f"{india}|Price|Oil|Urals|Delivered Discount"
    gained = [mean(table[bought].astype(float) * table[discount]) for table in both]
    np.testing.assert_allclose(part["India", "discount"], -0.36525 * (gained[0] - gained[1]), atol=1e-3)
    assert net["United States"] < 0.0 and net[cost_incidence.RUSSIA] is None


def test_a_run_against_itself_costs_nothing_and_burdens_nobody(runs: dict[str, detente.Run]):
    same = cost_incidence.CostIncidence(
        runs["no-tariffs"], runs["no-tariffs"], cost_incidence.costs_by_path(runs["no-tariffs"], runs["no-tariffs"])
    )
    assert float(same.by_path["usd"].abs().max()) == 0.0
    assert {
        same.exceeds_russia(region, unit).value
        for region in (*cost_incidence.OTHERS, cost_incidence.TOGETHER)
        for unit in cost_incidence.UNITS
    } == {0.0}
    first, second = cost_findings(same)
    assert first.text.endswith("no country sees a measurable difference.")
    assert second.text.startswith("On average Russia neither gains nor loses")


def test_swapping_the_runs_swaps_the_sign(costs: cost_incidence.CostIncidence, runs: dict[str, detente.Run]):
    back = cost_incidence.costs_by_path(runs["no-tariffs"], runs["bill-on-all-buyers"])
    np.testing.assert_allclose(back["usd"], -costs.by_path["usd"], atol=1e-9)


def test_claim_13_depends_on_the_unit(costs: cost_incidence.CostIncidence):
    """With the bill used to the letter others lose more in dollars and less relative to GDP."""
    assert costs.exceeds_russia(cost_incidence.TOGETHER, "usd").value > 0.5
    assert costs.exceeds_russia(cost_incidence.TOGETHER, "share").value < 0.1
    assert costs.exceeds_russia("China", "usd").value > costs.exceeds_russia("China", "share").value + 0.3
    texts = {finding.key: finding.text for finding in cost_findings(costs)}
    assert re.search(
        r"In dollars, .* lose more than Russia in \d\d% of simulations. "
        r"Relative to GDP, they do so in (no|<?\d% of) sim",
        texts["cost-comparison"],
    )
    assert re.match(r"The discount on Russian crude accounts for \d\d% of Russia's loss", texts["cost-channels"])
    assert all(finding.rows for finding in cost_findings(costs))


def test_more_than_russia_asks_for_a_loss(costs: cost_incidence.CostIncidence):
    """Where all gain, none is hurt more."""
    gains = costs.by_path.assign(
        usd=-costs.by_path["usd"].abs() - (costs.by_path["region"] == cost_incidence.RUSSIA), share=-1.0
    )
    turned = dataclasses.replace(costs, by_path=gains)
    assert turned.exceeds_russia("China", "usd").value == 0.0


def test_errors_follow_the_number_of_paths(costs: cost_incidence.CostIncidence):
    cost = costs.cost("China")
    values = costs.totals["usd"]["China"]
    # One path more at the largest deviation adds a little where few paths decide.
    assert cost.error == pytest.approx(float(values.std(ddof=0)) / 400**0.5, rel=0.05) and costs.paths == 400
    low, high = (costs.cost("China", "usd", statistic) for statistic in ("q05", "q95"))
    assert low.value < cost.value < high.value and low.error > 0.0


def test_runs_that_do_not_fit_are_refused(runs: dict[str, detente.Run], output: Path):
    with pytest.raises(ConfigError, match="keep-paths"):
        cost_incidence.costs_by_path(runs["bill-on-all-buyers"], runs["off"])
    assert cost_incidence.cost_incidence(runs["bill-on-all-buyers"], runs["off"]) is None
    other = simulate(load("no-tariffs", paths=256, horizon=MONTHS), output=output, jobs=1, keep_paths=0)
    with pytest.raises(ConfigError, match=r"run\.paths"):
        cost_incidence.costs_by_path(runs["bill-on-all-buyers"], other)


def test_the_table_of_parties_is_complete(tmp_path: Path):
    (tmp_path / "cost-incidence.toml").write_text(
        'schema_version = 1\n[[party]]\nregion = "China"\nnet_oil_imports = 11.8\n'
        'source = "s"\nconfidence = "RC"\nas_of = 2026-08-31\n'
    )
    with pytest.raises(DataError, match="India, European Union, United States"):
        cost_incidence.parties(tmp_path)
    with pytest.raises(DataError, match="missing"):
        cost_incidence.parties(tmp_path / "..")


def test_the_default_counterfactual_is_the_same_scenario_without_tariffs(runs: dict[str, detente.Run]):
    effects = against_no_tariffs(runs["bill-on-all-buyers"], [runs["no-tariffs"]])
    assert effects is not None
    assert cost_incidence.default_counterfactual(effects, None) is runs["no-tariffs"]
    assert against_no_tariffs(runs["no-tariffs"], [runs["bill-on-all-buyers"]]) is None
    assert cost_incidence.default_counterfactual(None, None) is None


def test_the_figure_shows_both_units_with_ranges(costs: cost_incidence.CostIncidence):
    assert cost_incidence_figure(None, SIZES["a4"]) is None
    for size in SIZES.values():
        with drawing("cost-incidence"):
            picture = cost_incidence_figure(costs, size)
        assert picture is not None and picture.name == "cost-incidence"
        texts = [text.get_text() for text in picture.sheet.figure.texts]
        assert {"USD bn a year", "% of GDP a year", "Russia", "China", "EU", "US"} <= set(texts)
    table = cost_incidence_table(costs)
    shown = picture.data.set_index(["region", "statistic", "unit"])["value"]
    assert shown["China", "mean", "USD bn a year"] == table.set_index("region").loc["China", "usd_mean"]
    assert "Relative to GDP" in picture.sheet.subtitle and "China +" in picture.alt


def test_the_tables_say_what_is_counted(costs: cost_incidence.CostIncidence):
    first, second = costs_table(costs), components_table(costs)
    assert [row[0].text for row in first.rows][:2] == ["Russia", "China"] and len(first.rows) == 6
    assert "Revenue, not profit" in second.note and len(second.columns) == 6


# --- Feedback ---------------------------------------------------------------------------------------------------------


def test_the_run_without_feedback_differs_in_feedback_alone(runs: dict[str, detente.Run]):
    config = runs["bill-on-all-buyers"].config
    off = feedback.without_feedback(config)
    mine, theirs = config.canonical(), off.canonical()
    assert {key for key in mine if mine[key] != theirs[key]} == {"name", "conflict"} and theirs["conflict"] == {
        "feedback": False
    }
    assert off.name == "bill-on-all-buyers-no-feedback" and identity(off) != identity(config)
    long = dataclasses.replace(config, name="a" * 60)
    assert len(feedback.without_feedback(long).name) == 60


def test_the_run_without_feedback_is_told_from_the_others(runs: dict[str, detente.Run]):
    subject = runs["bill-on-all-buyers"]
    assert feedback.find_without_feedback(subject).id == runs["off"].id
    assert (
        feedback.find_without_feedback(runs["no-tariffs"]) is None
        and feedback.find_without_feedback(runs["off"]) is None
    )
    found, rest = feedback.split_feedback(subject, [runs["no-tariffs"], runs["off"]])
    assert found is not None and found.reference is runs["off"] and rest == [runs["no-tariffs"]]
    assert feedback.split_feedback(subject, [runs["no-tariffs"]]) == (None, [runs["no-tariffs"]])
    assert feedback.split_feedback(runs["off"], [subject]) == (None, [subject])


def test_effects_of_feedback_are_paired(runs: dict[str, detente.Run]):
    pair = feedback.FeedbackEffects(runs["bill-on-all-buyers"], runs["off"])
    closed, opened, difference = pair.probability(feedback.CEASEFIRE, MONTHS)
    assert difference.value == pytest.approx(closed.value - opened.value)
    assert difference.error < (closed.error**2 + opened.error**2) ** 0.5
    assert pair.dates == (12, MONTHS)
    for quantity in pair.quantities:
        closed, opened, difference = pair.mean(quantity)
        assert difference.value == pytest.approx(closed.value - opened.value) and difference.error < closed.error
    texts = {finding.key: finding for finding in feedback_findings(pair)}
    assert set(texts) == {"feedback-ceasefire", "feedback-amounts", "feedback-reserve"} and all(
        finding.rows for finding in texts.values()
    )


@pytest.mark.parametrize("key", [one.key for one in feedback.FEEDBACKS])
def test_each_feedback_has_a_distribution_and_a_switch(key: str):
    """Setting it to 0 leaves no draw, and it is one of those that conflict.feedback rules."""
    record = load("baseline").parameters[key]
    assert record.dist is not None and record.source and record.confidence
    off = load("baseline", [f"parameters.{key}=0"]).parameters[key]
    assert (off.value, off.dist) == (0.0, None)


def test_all_effects_at_zero_equal_feedback_off(output: Path):
    """One by one to 0 is the same world as the switch, to the bit."""
    size = {"paths": 512, "horizon": MONTHS}
    zero = simulate(
        load("baseline", [f"parameters.{one.key}=0" for one in feedback.FEEDBACKS], **size),
        output=output,
        jobs=1,
        keep_paths=0,
    )
    closed = load("baseline", **size)
    fixed = load(
        "baseline", [*[f"parameters.{one.key}=0" for one in feedback.FEEDBACKS], "conflict.feedback=false"], **size
    )
    switched = simulate(fixed, output=output, jobs=1, keep_paths=0)
    pd.testing.assert_frame_equal(zero.events(), switched.events())
    one_on = simulate(
        load("baseline", [f"parameters.{one.key}=0" for one in feedback.FEEDBACKS[1:]], **size),
        output=output,
        jobs=1,
        keep_paths=0,
    )
    assert not one_on.events()["conflict.first_ceasefire"].equals(zero.events()["conflict.first_ceasefire"])
    assert closed.conflict_feedback


def test_the_assumptions_are_shown_with_range_and_source():
    table = assumptions_table(load("baseline", ["parameters.conflict.gulf_effect=0"]))
    assert [row[0].note for row in table.rows] == [one.key for one in feedback.FEEDBACKS]
    by_key = {row[0].note: row for row in table.rows}
    assert by_key["conflict.gulf_effect"][1].note == "fixed"
    assert by_key["conflict.runway_effect"][1].note.startswith("90% range: −0.2")
    assert all("judgement" in row[3].note for row in table.rows if row[0].note != "conflict.gulf_effect")


# --- Losses against no relief -----------------------------------------------------------------------------------------


def test_losses_are_reported_where_they_differ(runs: dict[str, detente.Run]):
    pair = ReliefValue(
        runs["bill-on-all-buyers"], runs["no-tariffs"], compare(runs["bill-on-all-buyers"], runs["no-tariffs"])
    )
    finding = losses_findings(pair)[0]
    mine, theirs = (
        run.events()["attrition.total_casualties_ru"].astype(float).mean() for run in (pair.run, pair.reference)
    )
    assert finding.rows[0].value == pytest.approx(mine - theirs, rel=1e-4)
    same = ReliefValue(runs["no-tariffs"], runs["no-tariffs"], compare(runs["no-tariffs"], runs["no-tariffs"]))
    assert losses_findings(same)[0].text == "Casualties do not differ measurably."
    assert [row[1].text for row in losses_tables([same])[0].rows] == ["0.0"]


def test_the_table_of_feedback_shows_levels_to_the_digits_of_their_difference(runs: dict[str, detente.Run]):
    table = changes_table(feedback.FeedbackEffects(runs["bill-on-all-buyers"], runs["off"]))
    row = next(row for row in table.rows if row[0].text == "Russian oil revenue")
    closed, opened, difference = (float(cell.text.replace("−", "-")) for cell in row[1:])
    step = 10.0 ** -len(row[1].text.partition(".")[2])
    assert closed - opened == pytest.approx(difference, abs=1.05 * step)
