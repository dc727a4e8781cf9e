"""European gas: differences by path, findings that state them, and their wording where there is no difference."""

import re
from dataclasses import replace
from pathlib import Path

import detente
import numpy as np
import pytest
from detente.analysis.estimates import Reading, Readings
from detente.analysis.gas_costs import MEASURES, GasCosts, gas_costs
from detente.analysis.outcomes import GAS_BILL, GAS_CHANGE, outcomes
from detente.analysis.relief_value import ReliefValue, pair
from detente.analysis.sensitivity import Sensitivity, sensitivity
from detente.report.context import Context
from detente.report.document import document
from detente.report.sections.by_when import by_when_table
from detente.report.sections.finding import gas_effect, likelihood
from detente.report.sections.gas import bill, gas_findings, gas_table
from detente.report.sections.scenarios import levels_table
from detente.report.tables import Cell
from detente.report.wording import title
from detente.shared import formatting

NOTHING = Sensitivity((), 0, {}, {}, {})


@pytest.fixture(scope="module")
def transit(results_folder: Path) -> detente.Run:
    """Gas through Ukraine again, as large as the runs that it is compared with."""
    return detente.run("ukraine-transit-returns", paths=4096, horizon=12, keep_paths=256, output=results_folder)


def _of(run: detente.Run, reference: detente.Run) -> tuple[ReliefValue, GasCosts]:
    relief = pair([run, reference]).of(run)
    assert relief is not None
    found = gas_costs(relief)
    assert found is not None
    return relief, found


@pytest.fixture(scope="module")
def more_gas(transit: detente.Run, compared: list[detente.Run]) -> GasCosts:
    return _of(transit, compared[1])[1]


@pytest.fixture(scope="module")
def no_more_gas(compared: list[detente.Run]) -> GasCosts:
    return _of(*compared)[1]


# --- Numbers ---------------------------------------------------------------


def test_differences_are_those_of_the_tables(more_gas: GasCosts, transit: detente.Run, compared: list[detente.Run]):
    mine, theirs = (run.events() for run in (transit, compared[1]))
    for name, field in (("bill", "gas.total_bill"), ("gas", "gas.total_russian_gas")):
        assert more_gas.amount(name).value == pytest.approx(float((mine[field] - theirs[field]).mean()), rel=1e-5)
    series = detente.compare(transit, compared[1]).series("Inflation|HICP|Gas Effect", "Euro Area").iloc[-1]
    assert more_gas.amount("HICP").value == pytest.approx(series["mean"]) and more_gas.amount(
        "HICP"
    ).error == pytest.approx(series["mc_error"])
    ttf = detente.compare(transit, compared[1]).series("Price|Natural Gas|TTF", "European Union")["mean"].mean()
    assert more_gas.amount("TTF").value == pytest.approx(ttf, rel=1e-6)


def test_more_russian_gas_is_cheaper_gas_in_every_measure(more_gas: GasCosts):
    assert more_gas.amount("gas").value > 0.0
    for name in ("bill", "TTF", "ratio", "HICP", "spending"):
        assert more_gas.amount(name).value < 0.0, name
        low, middle, high = (more_gas.amount(name, statistic).value for statistic in ("q05", "q50", "q95"))
        assert low < middle < high
    mine, theirs = more_gas.russian_gas()
    assert mine.value - theirs.value == pytest.approx(more_gas.amount("gas").value)
    assert not more_gas.same_law


def test_spending_is_price_times_demand(more_gas: GasCosts, transit: detente.Run, compared: list[detente.Run]):
    spent = []
    for run in (transit, compared[1]):
        kept = run.kept_paths()
        value = kept["European Union|Price|Natural Gas|TTF"].astype(float) * kept[
            "European Union|Demand|Natural Gas"
        ].astype(float)
        spent.append(value.mean() * 10.55 / 1000.0)
    assert more_gas.amount("spending").value == pytest.approx(spent[0] - spent[1], rel=1e-6)


def test_errors_of_quantiles_come_from_their_neighbours(more_gas: GasCosts):
    values = np.sort(more_gas.by_path["bill"].to_numpy())
    off = (0.25 / len(values)) ** 0.5
    expected = 0.5 * float(np.quantile(values, 0.5 + off) - np.quantile(values, 0.5 - off))
    assert more_gas.amount("bill", "q50").error == pytest.approx(expected, rel=0.1)


def test_failed_paths_are_left_out(transit: detente.Run, compared: list[detente.Run]):
    run = detente.load(transit.folder)  # its tables are its own, read once
    run.events().loc[5, "failed_at_step"] = 3
    found = _of(run, compared[1])[1]
    assert all(5 not in series.index for series in found.by_path.values())
    assert len(found.by_path["bill"]) == 4095 and len(found.by_path["TTF"]) == 255


def test_runs_without_gas_say_nothing_of_europe(compared: list[detente.Run], monkeypatch: pytest.MonkeyPatch):
    bare = [detente.load(run.folder) for run in compared]
    without = bare[1].events().drop(columns=["gas.total_bill"])
    monkeypatch.setattr(bare[1], "events", lambda: without)
    relief = pair(bare).of(bare[0])
    assert relief is not None and gas_costs(relief) is None
    assert GAS_BILL in outcomes(*bare) and GAS_CHANGE not in outcomes(*bare)
    report = document(Context(bare))
    assert not [finding for finding in report.findings if "gas bill" in finding.text]
    assert not [table for section in report.sections for table in section.tables if table.key == "gas"]


# --- Sentences -------------------------------------------------------------


def test_relief_without_new_gas_law_does_not_lower_europes_bill(no_more_gas: GasCosts):
    first, second, *rest = gas_findings(no_more_gas, NOTHING)
    assert first.text == (
        "Europe's gas bill does not change measurably. "
        "Sanctions relief does not affect the EU gas phase-out law in the model."
    )
    assert second.text == "Russian gas flows, TTF and consumer prices do not change measurably."
    assert rest == [] and len(second.rows) == 3


def test_the_finding_states_the_effect_on_the_bill(transit: detente.Run, more_gas: GasCosts, no_more_gas: GasCosts):
    assert gas_effect(no_more_gas).text == "Europe's gas bill does not change measurably."
    finding, median = gas_effect(more_gas), more_gas.amount("bill", "q50")
    amount = formatting.rounded(abs(median.value), median.error, 0.01)
    assert finding.text == f"Europe's gas bill is {amount}% of GDP a year lower in the median."
    assert finding.rows == (median,)
    assert likelihood(Readings(transit)).text.startswith(
        "The scenario assumes a ceasefire from 1\u00a0December\u00a02026, the import ban on Russian pipeline gas "
        "lifted from 1\u00a0March\u00a02027 and gas transit through Ukraine open from 1\u00a0May\u00a02027. "
    )


def test_every_sentence_states_its_rows(more_gas: GasCosts):
    findings = {finding.key: finding for finding in gas_findings(more_gas, NOTHING)}
    assert list(findings) == ["gas-bill-ukraine-transit-returns", "gas-flows", "gas-ttf", "gas-hicp"]
    mean, median, low, high, money = findings["gas-bill-ukraine-transit-returns"].rows
    text = findings["gas-bill-ukraine-transit-returns"].text
    amount = formatting.rounded(abs(mean.value), mean.error, 0.01)
    assert f"{amount}% of GDP a year lower on average than in “{title(more_gas.reference)}”" in text
    middle = formatting.rounded(-median.value, median.error, 0.01)
    ends = formatting.span(-high.value, -low.value, (high.error, low.error), 0.01)
    assert f"(median {middle}; 90% range {ends})." in text
    spent = formatting.quantity(formatting.rounded(abs(money.value), money.error, 0.1), "bn EUR a year")
    assert text.endswith(f"At the hub price, EU gas use costs {spent} less.")
    gas, mine, theirs = findings["gas-flows"].rows
    levels = [formatting.rounded(row.value, row.error, 0.1) for row in (mine, theirs)]
    assert gas.value > 0.0 and findings["gas-flows"].text.endswith(
        f"bcm a year higher on average: {levels[0]} instead of {levels[1]}."
    )
    ttf, hicp = findings["gas-ttf"].text, findings["gas-hicp"].text
    assert re.search(r"TTF is [\d.]+\u00a0EUR/MWh lower on average .* and \d+% lower in the median\.", ttf)
    assert re.search(r"consumer prices are 0\.\d+\u00a0points lower in August\u00a02027\.", hicp)
    for finding in findings.values():
        assert not re.search(r"\bwill\b|\bnan\b|\binf\b|--", finding.text)
        assert all(np.isfinite(row.value) and np.isfinite(row.error) and row.row for row in finding.rows)


def test_directions_follow_signs(more_gas: GasCosts):
    class Turned(GasCosts):
        def amount(self, name: str, statistic: str = "mean") -> Reading:
            value = {"bill": 0.5, "gas": -3.0, "TTF": 4.0, "ratio": 0.1, "HICP": 0.2, "spending": 20.0}[name]
            return replace(more_gas.amount(name, statistic), value=value, error=0.001)

    turned = Turned(more_gas.run, more_gas.reference, more_gas.comparison)
    texts = " ".join(finding.text for finding in gas_findings(turned, NOTHING))
    for part in (
        "0.50% of GDP a year higher",
        "EUR\u00a020.0bn a year more",
        "3.0\u00a0bcm a year lower",
        "TTF is 4.0\u00a0EUR/MWh higher",
        "10% higher",
        "0.20\u00a0points higher",
    ):
        assert part in texts
    assert bill(turned).text.startswith(f"In “{title(turned.run)}”, Europe's gas bill is 0.50% of GDP")


def test_a_difference_within_its_error_is_not_reported(more_gas: GasCosts):
    class Blurred(GasCosts):
        def amount(self, name: str, statistic: str = "mean") -> Reading:
            resolution = MEASURES[name].resolution
            return replace(more_gas.amount(name, statistic), value=-resolution, error=resolution)

    first, second = gas_findings(Blurred(more_gas.run, more_gas.reference, more_gas.comparison), NOTHING)
    assert first.text == "Europe's gas bill does not change measurably.", "the law differs between these runs"
    assert second.text == "Russian gas flows, TTF and consumer prices do not change measurably."


def test_the_main_sensitivity_of_the_bill_is_named(
    transit: detente.Run, compared: list[detente.Run], more_gas: GasCosts
):
    targets = outcomes(transit, compared[1])
    assert GAS_CHANGE in targets
    change = targets[GAS_CHANGE].values
    assert np.nanmax(change) < 50.0 and np.nanmean(change) < 0.0
    moved = sensitivity(transit.config, targets)
    leader = moved.leader(GAS_CHANGE)
    assert leader is not None and leader.keys[0].startswith(("gas.", "facts.gas.", "sanctions.")), leader
    last = gas_findings(more_gas, moved)[-1]
    assert last.key == "gas-sensitivity" and f"“{formatting.key_in_words(leader.keys[0])}”" in last.text
    assert "% on average in the lowest fifth of its range" in last.text


# --- Tables ----------------------------------------------------------------


def rows_of(run: detente.Run) -> dict[str, tuple[Cell, ...]]:
    """Rows of the table of probabilities by their heads."""
    return {str(row[0].text): row for row in by_when_table(Readings(run), Context([run]).columns).rows}


def test_by_when_has_the_rows_of_gas(compared: list[detente.Run]):
    rows = rows_of(compared[0])
    assert list(rows).index("EU gas law reversed") + 1 == list(rows).index("Emergency suspension of the EU gas ban")
    assert rows["EU gas storage below target"][0].note == "under 75% of capacity on a 1 November"
    dates = compared[0].events()
    assert rows["EU gas storage below target"][-1].sort == pytest.approx(
        float((dates["gas.first_low_storage"] <= 12).mean())
    )
    both = rows["TTF above 60 EUR/MWh"][-1].sort + rows["TTF below 25 EUR/MWh"][-1].sort
    assert 0.0 < both < 1.0


def test_a_shortage_is_listed_if_a_path_has_one(compared: list[detente.Run]):
    run = detente.load(compared[0].folder)
    run.events()["gas.first_shortage"] = np.nan
    assert "Gas shortage in Europe" not in rows_of(run)
    run.events().loc[7, "gas.first_shortage"] = 6.0
    rows = rows_of(run)
    assert [cell.text for cell in rows["Gas shortage in Europe"][1:]] == ["0%", "<1%", "<1%"]


def test_rows_and_columns_of_a_block_that_a_run_lacks_are_absent(
    compared: list[detente.Run], monkeypatch: pytest.MonkeyPatch
):
    run = detente.load(compared[0].folder)
    events = run.events().loc[:, lambda table: ~table.columns.str.startswith("gas.")]
    summary = run.summary().loc[lambda table: ~table["variable"].str.contains("Gas")]
    monkeypatch.setattr(run, "events", lambda: events)
    monkeypatch.setattr(run, "summary", lambda: summary)
    heads = list(rows_of(run))
    assert not [head for head in heads if re.search("TTF|storage|shortage|suspension", head)]
    assert [column.text for column in levels_table([run], 12).columns][-1] == "Oil revenue"
    beside = levels_table([run, compared[1]], 12)
    assert [column.text for column in beside.columns][-2:] == ["TTF", "Gas bill"]
    assert beside.rows[0][-1].text == "–" and beside.rows[1][-1].text != "–"


def test_europe_has_a_row_a_scenario(more_gas: GasCosts, no_more_gas: GasCosts):
    table = gas_table([more_gas, no_more_gas])
    first, second = table.rows
    assert [cell.text for cell in second[1:5]] == ["0.0", "0.0", "0.00", "0.00"]
    assert first[2].note.startswith(formatting.MINUS) and first[2].note.endswith("%")
    assert all("±" in cell.title for cell in (*first[1:6], first[7]))
    assert "EUR 10/MWh is 0.3% of GDP" in table.note and "256 stored paths" in table.note


def test_with_few_stored_paths_only_totals_are_reported(compared: list[detente.Run], tmp_path: Path):
    runs = [
        detente.run(name, paths=1024, horizon=12, keep_paths=50, output=tmp_path)
        for name in ("ukraine-transit-returns", "no-relief")
    ]
    found = _of(*runs)[1]
    assert set(found.by_path) == {"bill", "gas"}
    assert [finding.key for finding in gas_findings(found, NOTHING)] == [
        "gas-bill-ukraine-transit-returns",
        "gas-flows",
    ]
    assert [cell.text for cell in gas_table([found]).rows[0]].count("–") == 3
