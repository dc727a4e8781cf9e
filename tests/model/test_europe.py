"""What relief is worth to Europe: numbers path by path, sentences that say them, and plain words where there is no
difference."""

import re
from dataclasses import replace
from pathlib import Path

import detente
import numpy as np
import pytest
from detente.analysis.estimates import Reading, Readings
from detente.analysis.gas_costs import MEASURES, Europe, europe
from detente.analysis.outcomes import GAS_BILL, GAS_WORTH, outcomes
from detente.analysis.relief_value import Worth, pair
from detente.analysis.sensitivity import Influence, influence
from detente.report import findings
from detente.report.briefing import brief
from detente.report.sections import tables
from detente.report.sections.gas import bill, europes
from detente.shared import formatting

NOTHING = Influence((), 0, {}, {}, {})


@pytest.fixture(scope="module")
def transit(results_folder: Path) -> detente.Run:
    """Gas through Ukraine again, as large as the runs that it is compared with."""
    return detente.run("ukraine-transit-returns", paths=4096, horizon=12, keep_paths=256, output=results_folder)


def _of(run: detente.Run, yardstick: detente.Run) -> tuple[Worth, Europe]:
    worth = pair([run, yardstick]).of(run)
    assert worth is not None
    found = europe(worth)
    assert found is not None
    return worth, found


@pytest.fixture(scope="module")
def more_gas(transit: detente.Run, compared: list[detente.Run]) -> Europe:
    return _of(transit, compared[1])[1]


@pytest.fixture(scope="module")
def no_more_gas(compared: list[detente.Run]) -> Europe:
    return _of(*compared)[1]


# --- Numbers ---------------------------------------------------------------


def test_differences_are_those_of_the_tables(more_gas: Europe, transit: detente.Run, compared: list[detente.Run]):
    mine, theirs = (run.events() for run in (transit, compared[1]))
    for name, field in (("bill", "gas.total_bill"), ("gas", "gas.total_russian_gas")):
        assert more_gas.amount(name).value == pytest.approx(float((mine[field] - theirs[field]).mean()), rel=1e-5)
    series = detente.compare(transit, compared[1]).series("Inflation|HICP|Gas Effect", "Euro Area").iloc[-1]
    assert more_gas.amount("HICP").value == pytest.approx(series["mean"]) and more_gas.amount(
        "HICP"
    ).error == pytest.approx(series["mc_error"])
    ttf = detente.compare(transit, compared[1]).series("Price|Natural Gas|TTF", "European Union")["mean"].mean()
    assert more_gas.amount("TTF").value == pytest.approx(ttf, rel=1e-6)


def test_more_russian_gas_is_cheaper_gas_in_every_measure(more_gas: Europe):
    assert more_gas.amount("gas").value > 0.0
    for name in ("bill", "TTF", "ratio", "HICP", "spending"):
        assert more_gas.amount(name).value < 0.0, name
        low, middle, high = (more_gas.amount(name, statistic).value for statistic in ("q05", "q50", "q95"))
        assert low < middle < high
    mine, theirs = more_gas.russian_gas()
    assert mine.value - theirs.value == pytest.approx(more_gas.amount("gas").value)
    assert not more_gas.same_law


def test_spending_is_price_times_demand(more_gas: Europe, transit: detente.Run, compared: list[detente.Run]):
    spent = []
    for run in (transit, compared[1]):
        kept = run.kept_paths()
        value = kept["European Union|Price|Natural Gas|TTF"].astype(float) * kept[
            "European Union|Demand|Natural Gas"
        ].astype(float)
        spent.append(value.mean() * 10.55 / 1000.0)
    assert more_gas.amount("spending").value == pytest.approx(spent[0] - spent[1], rel=1e-6)


def test_errors_of_quantiles_come_from_their_neighbours(more_gas: Europe):
    values = np.sort(more_gas.by_path["bill"].to_numpy())
    off = (0.25 / len(values)) ** 0.5
    expected = 0.5 * float(np.quantile(values, 0.5 + off) - np.quantile(values, 0.5 - off))
    assert more_gas.amount("bill", "q50").error == pytest.approx(expected)


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
    worth = pair(bare).of(bare[0])
    assert worth is not None and europe(worth) is None
    assert GAS_BILL in outcomes(*bare) and GAS_WORTH not in outcomes(*bare)
    found = brief(bare)
    assert found.europe == () and found.europe_tables == () and "gas bill" not in found.answer.text


# --- Sentences -------------------------------------------------------------


def test_relief_without_new_gas_law_does_not_lower_europes_bill(no_more_gas: Europe):
    first, second, *rest = europes(no_more_gas, NOTHING)
    assert first.text == (
        "Europe's gas bill is the same, to within 0.01% of GDP a year, as in “No sanctions relief”: on every path "
        "the EU's gas law stands or "
        "falls as it does there."
    )
    assert (
        second.text.startswith("So are Russian gas to Europe (0.1\u00a0bcm a year), TTF (")
        and "consumer prices" in second.text
    )
    assert rest == []


def test_the_answer_says_what_happens_to_the_bill(
    transit: detente.Run, compared: list[detente.Run], more_gas: Europe, no_more_gas: Europe
):
    worth, _ = _of(*compared)
    assert findings.answer(Readings(compared[0]), worth, no_more_gas).text.endswith(
        "and Europe's gas bill is the same."
    )
    worth, _ = _of(transit, compared[1])
    found = findings.answer(Readings(transit), worth, more_gas)
    median = more_gas.amount("bill", "q50")
    amount = formatting.rounded(abs(median.value), median.error, 0.01)
    assert found.text.endswith(f"and Europe's gas bill is {amount}% of GDP a year lower on the median path.")
    assert found.rows[-1] == median
    assert found.text.startswith(
        "Given a ceasefire from 1\u00a0December\u00a02026 on, the import ban on Russian pipeline gas lifted from "
        "1\u00a0March\u00a02027 on and "
        "gas transit through Ukraine open from 1\u00a0May\u00a02027 on, by "
    )


def test_every_sentence_says_its_rows(more_gas: Europe):
    said = {finding.key: finding for finding in europes(more_gas, NOTHING)}
    assert list(said) == ["europe-bill-ukraine-transit-returns", "europe-gas", "europe-ttf", "europe-hicp"]
    mean, median, low, high, money = said["europe-bill-ukraine-transit-returns"].rows
    text = said["europe-bill-ukraine-transit-returns"].text
    assert (
        f"{formatting.rounded(abs(mean.value), mean.error, 0.01)}% of GDP a year lower than in “No sanctions relief”"
        in text
    )
    assert f"half of the paths lie above {formatting.rounded(median.value, median.error, 0.01)}" in text
    assert formatting.span(low.value, high.value, (low.error, high.error), 0.01, "and") in text
    assert f"costs {formatting.rounded(abs(money.value), money.error, 0.1)}\u00a0bn EUR a year less" in text
    gas, mine, theirs = said["europe-gas"].rows
    assert (
        f"{formatting.rounded(mine.value, mine.error, 0.1)} instead of "
        f"{formatting.rounded(theirs.value, theirs.error, 0.1)}" in said["europe-gas"].text
    )
    assert gas.value > 0.0 and " more Russian gas a year reaches Europe" in said["europe-gas"].text
    assert re.search(
        r"TTF is [\d.]+\u00a0EUR/MWh lower .* and \d+% lower on the median path\.", said["europe-ttf"].text
    )
    assert re.search(r"consumer prices are 0\.\d+\u00a0points lower in August\u00a02027\.", said["europe-hicp"].text)
    for finding in said.values():
        assert not re.search(r"\bwill\b|\bnan\b|\binf\b|--", finding.text)
        assert all(np.isfinite(row.value) and np.isfinite(row.error) and row.row for row in finding.rows)


def test_directions_follow_signs(more_gas: Europe):
    class Turned(Europe):
        def amount(self, name: str, statistic: str = "mean") -> Reading:
            value = {"bill": 0.5, "gas": -3.0, "TTF": 4.0, "ratio": 0.1, "HICP": 0.2, "spending": 20.0}[name]
            return replace(more_gas.amount(name, statistic), value=value, error=0.001)

    turned = Turned(more_gas.run, more_gas.yardstick, more_gas.comparison)
    texts = " ".join(finding.text for finding in europes(turned, NOTHING))
    for said in (
        "0.50% of GDP a year higher",
        "20.0\u00a0bn EUR a year more",
        "3.0\u00a0bcm less Russian",
        "TTF is 4.0\u00a0EUR/MWh higher",
        "10% higher",
        "0.20\u00a0points higher",
    ):
        assert said in texts
    assert bill(turned).text.startswith(
        "In “Ceasefire, new EU law, and gas through Ukraine again” Europe's gas bill is 0.50% of GDP"
    )


def test_a_difference_within_its_error_is_not_told(more_gas: Europe):
    class Blurred(Europe):
        def amount(self, name: str, statistic: str = "mean") -> Reading:
            return replace(more_gas.amount(name, statistic), value=-MEASURES[name].finest, error=MEASURES[name].finest)

    first, second = europes(Blurred(more_gas.run, more_gas.yardstick, more_gas.comparison), NOTHING)
    assert (
        first.text
        == "Europe's gas bill is the same, to the digits that the simulation knows, as in “No sanctions relief”."
    )
    assert second.text.startswith(
        "So are Russian gas to Europe (0.2\u00a0bcm a year), TTF (0.2\u00a0EUR/MWh) and consumer prices "
        "(0.02\u00a0points)"
    )


def test_the_assumption_that_the_bill_turns_on_is_named(
    transit: detente.Run, compared: list[detente.Run], more_gas: Europe
):
    targets = outcomes(transit, compared[1])
    assert GAS_WORTH in targets and GAS_WORTH not in outcomes(*compared)
    change = targets[GAS_WORTH].values
    assert np.nanmax(change) < 50.0 and np.nanmean(change) < 0.0
    moved = influence(transit.config, targets)
    leader = moved.leader(GAS_WORTH)
    assert leader is not None and leader.keys[0].startswith(("gas.", "facts.gas.", "sanctions.")), leader
    last = europes(more_gas, moved)[-1]
    assert (
        last.key == "europe-turns"
        and formatting.key_in_words(leader.keys[0]) in last.text
        and "% on average over its lowest fifth" in last.text
    )


# --- Tables ----------------------------------------------------------------


def test_by_when_has_the_rows_of_gas(compared: list[detente.Run]):
    readings = Readings(compared[0])
    rows = {row[0].text: row for row in tables.by_when(readings).rows}
    assert list(rows).index("EU gas law reversed") + 1 == list(rows).index("Emergency suspension of the EU's gas ban")
    assert rows["EU gas storage below target"][0].note == "under 75% of capacity, on a 1 November by then"
    dates = compared[0].events()
    assert rows["EU gas storage below target"][-1].sort == pytest.approx(
        float((dates["gas.first_low_storage"] <= 12).mean())
    )
    both = rows["TTF above 60 EUR/MWh"][-1].sort + rows["TTF below 25 EUR/MWh"][-1].sort
    assert 0.0 < both < 1.0


def test_a_shortage_is_listed_if_a_path_has_one(compared: list[detente.Run]):
    run = detente.load(compared[0].folder)
    run.events()["gas.first_shortage"] = np.nan
    assert "Gas shortage in Europe" not in {row[0].text for row in tables.by_when(Readings(run)).rows}
    run.events().loc[7, "gas.first_shortage"] = 6.0
    rows = {row[0].text: row for row in tables.by_when(Readings(run)).rows}
    assert [cell.text for cell in rows["Gas shortage in Europe"][1:]] == ["0%", "<1%", "<1%"]


def test_rows_and_columns_of_a_block_that_a_run_lacks_are_absent(
    compared: list[detente.Run], monkeypatch: pytest.MonkeyPatch
):
    run = detente.load(compared[0].folder)
    events = run.events().loc[:, lambda table: ~table.columns.str.startswith("gas.")]
    summary = run.summary().loc[lambda table: ~table["variable"].str.contains("Gas")]
    monkeypatch.setattr(run, "events", lambda: events)
    monkeypatch.setattr(run, "summary", lambda: summary)
    heads = [row[0].text for row in tables.by_when(Readings(run)).rows]
    assert not [head for head in heads if re.search("TTF|storage|shortage|suspension", head)]
    assert [column.text for column in tables.side_by_side([run], 12).columns][-1] == "Oil revenue"
    beside = tables.side_by_side([run, compared[1]], 12)
    assert [column.text for column in beside.columns][-2:] == ["TTF", "Gas bill"]
    assert beside.rows[0][-1].text == "–" and beside.rows[1][-1].text != "–"


def test_europe_has_a_row_a_scenario(more_gas: Europe, no_more_gas: Europe):
    table = tables.europe_table([more_gas, no_more_gas])
    first, second = table.rows
    assert [cell.text for cell in second[1:5]] == ["0.0", "0.0", "0.00", "0.00"]
    assert first[2].note.startswith(formatting.MINUS) and first[2].note.endswith("%")
    assert all("±" in cell.title for cell in (*first[1:6], first[7]))
    assert "EUR 10/MWh is 0.3% of GDP" in table.note and "256 whole paths" in table.note


def test_with_few_whole_paths_only_totals_are_told(compared: list[detente.Run], tmp_path: Path):
    runs = [
        detente.run(name, paths=1024, horizon=12, keep_paths=50, output=tmp_path)
        for name in ("ukraine-transit-returns", "no-relief")
    ]
    found = _of(*runs)[1]
    assert set(found.by_path) == {"bill", "gas"}
    assert [finding.key for finding in europes(found, NOTHING)] == ["europe-bill-ukraine-transit-returns", "europe-gas"]
    assert [cell.text for cell in tables.europe_table([found]).rows[0]].count("–") == 3
