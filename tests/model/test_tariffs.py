"""Tariffs in figures and sentences: conditional means, differences from the run without tariffs, absent sections."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import detente
import numpy as np
import pytest
from detente.analysis import closed_forms, tariff_effects
from detente.analysis.estimates import Readings
from detente.analysis.sensitivity import drawn_values
from detente.config import loader
from detente.engine.calendar import Calendar
from detente.report.context import Context
from detente.report.document import document
from detente.report.figures import tariff_brent, tariff_oil, tariff_welfare
from detente.report.plots import labels, published, style
from detente.report.plots.picture import Picture
from detente.report.section import Figure
from detente.report.sections.by_when import by_when_table
from detente.report.sections.finding import likelihood
from detente.report.sections.tariffs import tariff_findings, tariffs
from detente.runs import comparison, runner
from detente.runs.run import Run
from detente.shared import formatting

ON_INDIA = """
schema_version = 1
name = "on-india"
title = "The tariff meets India"
extends = "baseline"
[[event]]
date = 2026-10-01
set = { "tariffs.bill" = "law" }
source = "A test."
[[event]]
date = 2026-11-01
set = { "tariffs.india" = "applied", "tariffs.china" = "applied", "tariffs.eu" = "waived" }
source = "A test."
"""
QUIET = (
    "parameters.tariffs.bill_chance.value=0.0",
    "parameters.tariffs.successor_chance.value=0.0",
    "parameters.tariffs.order_rate.value=0.0",
)
NAMES = ("tariff-road", "tariff-welfare", "tariff-oil", "tariff-brent")
COLLECTED = "United States|Tariff|Applied|Any Buyer"


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Run]:
    output, made = tmp_path_factory.mktemp("tariff runs"), {}
    (output / "on-india.toml").write_text(ON_INDIA, encoding="utf-8")

    def run(name: str, sets: tuple[str, ...] = (), **options) -> Run:
        key = (name, sets, tuple(sorted(options.items())))
        if key not in made:
            chosen = {"paths": 1024, "horizon": 24} | options
            source = str(output / f"{name}.toml") if name == "on-india" else name
            made[key] = runner.run(loader.load(source, sets, **chosen), output=output, keep_paths=1024, force=True)
        return made[key]

    return run


@pytest.fixture(scope="module")
def baseline(make: Callable[..., Run]) -> Run:
    return make("baseline")


@pytest.fixture(scope="module")
def on_india(make: Callable[..., Run]) -> Run:
    return make("on-india")


@pytest.fixture(scope="module")
def pair(on_india: Run, baseline: Run) -> tariff_effects.TariffEffects:
    found = tariff_effects.against_no_tariffs(on_india, [baseline])
    assert found is not None
    return found


@cache
def figures(*runs: Run) -> dict[str, Figure]:
    """The figures of a report by name; their shared numbers are computed once."""
    return {figure.name: figure for figure in document(Context(runs)).figures}


def picture(run: Run, name: str, size: str = "a4", against: tuple[Run, ...] = ()) -> Picture | None:
    with style.drawing(name):
        return figures(run, *against)[name].draw(style.SIZES[size])


# --- Numbers -----------------------------------------------------------------


def test_means_while_collected_are_those_of_the_paths(baseline: Run):
    collected = tariff_effects.Collected(baseline)
    kept = baseline.kept_paths()
    months = kept[kept[COLLECTED] > 0.0]
    assert collected.paths == collected.stored == months["path"].nunique() >= 100
    for variable, region in (
        (tariff_effects.WELFARE, "India"),
        (tariff_effects.WELFARE, "United States"),
        (tariff_effects.BORDER, tariff_effects.US),
        ("Tariff|Applied", "India"),
    ):
        column = f"{region}|{variable}"
        assert kept.loc[kept[COLLECTED] == 0.0, column].abs().max() == 0.0
        assert collected.mean(variable, region).value == pytest.approx(
            float(months[column].astype(float).mean()), rel=1e-4
        )
    low, high = collected.range(tariff_effects.WELFARE, "India")
    assert low < collected.mean(tariff_effects.WELFARE, "India").value < high
    assert (
        0.0
        < collected.mean(tariff_effects.WELFARE, "India").error
        < abs(collected.mean(tariff_effects.WELFARE, "India").value)
    )


def test_the_reference_run_differs_in_tariffs_alone(
    make: Callable[..., Run], on_india: Run, baseline: Run, pair: tariff_effects.TariffEffects
):
    assert pair.reference is baseline and tariff_effects.against_no_tariffs(baseline, [on_india]) is None
    assert tariff_effects.against_no_tariffs(on_india, [make("no-relief"), on_india]) is None
    assert tariff_effects.against_no_tariffs(on_india, [make("baseline", horizon=12)]) is None
    assert (
        tariff_effects.against_no_tariffs(make("on-india", ("parameters.oil.freight_floor.value=9",)), [baseline])
        is None
    )
    paired = comparison.compare(on_india, baseline)
    assert pair.revenue().value == pytest.approx(float(paired.revenue().loc["total", "mean"]))
    assert pair.revenue("q05").value < pair.revenue().value < 0.0
    series = paired.series(tariff_effects.EXPORTS, tariff_effects.RUSSIA)["mean"]
    assert pair.mean(tariff_effects.EXPORTS, tariff_effects.RUSSIA).value == pytest.approx(
        float(series.mean()), rel=1e-3
    )
    assert pair.mean(tariff_effects.BRENT, tariff_effects.WORLD).value > 0.0


def test_congresses_end_in_january_of_odd_years():
    assert tariff_effects.congresses(Calendar(dt.date(2026, 8, 31), 36, "month")) == [
        (dt.date(2027, 1, 3), 119),
        (dt.date(2029, 1, 3), 120),
    ]
    assert tariff_effects.congresses(Calendar(dt.date(2026, 8, 31), 3, "month")) == []


def test_volumes_by_buyer_are_the_facts(baseline: Run):
    volumes = tariff_effects.volumes(baseline.config)
    facts = baseline.config.facts
    assert sum(volumes.values()) == pytest.approx(
        float(facts["oil.crude_exports"].value) + float(facts["oil.product_exports"].value), rel=0.01
    )
    assert volumes["Brazil"] == facts["tariffs.russian_oil_brazil"].value and min(volumes.values()) >= 0.0


def test_the_bill_is_named_by_its_rate(make: Callable[..., Run], baseline: Run):
    assert tariff_effects.bill(baseline.config) == "500% bill"
    run = make("on-india", ("parameters.tariffs.statute_rate.value=1.0",))
    assert "the 100% bill becoming law on" in likelihood(Readings(run)).text
    assert "the 100% bill and orders" in picture(run, "tariff-road").sheet.subtitle


# --- Figures -----------------------------------------------------------------


@pytest.mark.parametrize("size", style.SIZES)
def test_text_never_overlaps(on_india: Run, baseline: Run, size: str):
    for run, against in ((on_india, (baseline,)), (baseline, ())):
        for name in NAMES:
            drawn = picture(run, name, size, against)
            assert drawn is not None and drawn.section == "tariff", name
            assert labels.faults(drawn.sheet.figure) == [], (run.scenario, name)
            assert re.search(r"\d", drawn.alt) and not re.search(r"\bnan\b", drawn.alt)


def test_the_road_is_the_summary_s(baseline: Run):
    drawn = picture(baseline, "tariff-road")
    table = drawn.data
    law = table[table["series"] == "bill is law"]["value"].to_numpy()
    assert law == pytest.approx(baseline.fan("Event|Tariff bill is law")["mean"].to_numpy())
    assert table.loc[table["statistic"] == "date", "time"].dt.date.tolist() == [dt.date(2027, 1, 3)]
    assert "119th Congress ends 3 Jan 2027" in drawn.alt
    end = baseline.events()["tariffs.first_tariff"].notna().mean()
    assert drawn.sheet.title.endswith(f": {formatting.percent(float(end))}")


def test_welfare_in_money_is_the_share_of_gdp(baseline: Run):
    rows = tariff_welfare.welfare_table(tariff_effects.Collected(baseline)).set_index("name")
    money = tariff_effects.gdp()
    assert set(rows.index) == set(money.index) and len(money) == 13
    assert 25_000.0 < money["United States"] < 30_000.0
    assert rows["usd"].to_numpy() == pytest.approx((rows["share"] * money.reindex(rows.index) / 100.0).to_numpy())
    assert rows["usd"].is_monotonic_increasing
    assert (
        rows.loc["India", "met"] > 0.5
        and rows.loc["United Kingdom", "role"] == "other"
        and rows.loc["United States", "role"] == "imposes"
    )


def test_few_paths_with_a_tariff_draw_no_welfare(make: Callable[..., Run]):
    run = make("baseline", paths=128)
    assert tariff_effects.matters(run) and not tariff_effects.Collected(run).enough
    assert picture(run, "tariff-welfare") is None and picture(run, "tariff-brent") is not None


def test_few_kept_paths_draw_no_ranges(baseline: Run, monkeypatch: pytest.MonkeyPatch):
    run = detente.load(baseline.folder)
    kept = baseline.kept_paths()
    monkeypatch.setattr(run, "kept_paths", lambda: kept[kept["path"] < 32])
    drawn = picture(run, "tariff-welfare")
    assert set(drawn.data["statistic"]) == {"mean", "paths"} and "90%" not in drawn.sheet.subtitle
    assert tariff_effects.Collected(run).dropped() is None


def test_oil_by_buyer_adds_up_and_splits_into_lost_and_placed(
    on_india: Run, baseline: Run, pair: tariff_effects.TariffEffects
):
    total = on_india.fan(tariff_effects.DROPPED, tariff_effects.WORLD)["mean"]
    flows = tariff_oil.by_buyer(on_india)
    assert flows.sum(axis=1).to_numpy() == pytest.approx(total.to_numpy(), rel=1e-6)
    assert flows["India"].iloc[-1] > flows["Türkiye"].iloc[-1]
    fate = tariff_oil.against_reference(pair)
    assert (fate["lost"] + fate["placed"]).to_numpy() == pytest.approx(fate["dropped"].to_numpy())
    assert (fate["lost"].iloc[3:] > 0.0).all() and (fate["placed"].iloc[3:] > 0.0).all()
    assert "exports lower by" in picture(on_india, "tariff-oil", against=(baseline,)).alt
    assert "exports lower" not in picture(on_india, "tariff-oil").alt


def test_brent_is_the_closed_form_over_the_run_s_draws(baseline: Run):
    table = tariff_brent.brent_table(drawn_values(baseline.config)).set_index("replaced")
    assert table.loc[1.0, ["q05", "q50", "q95"]].tolist() == [0.0, 0.0, 0.0]
    assert table["q50"].is_monotonic_decreasing and (table["q05"] <= table["q50"]).all()
    pairs = published.elasticities(dt.date(2026, 8, 31))
    drawn = {tuple(row) for row in baseline.config.joints["elasticities"].rows}
    assert {(pair.supply, pair.demand) for pair in pairs} == drawn
    assert published.elasticities(dt.date(2015, 1, 1)) == [pairs[1]]


def test_brent_effect_agrees_with_the_evidence():
    """All of 7.2 mb/d of a world of 104.3 lost, and 3 of it replaced: about +15, +28 and +35%, +9, +15 and +19%."""
    spread = np.array([0.5, 0.275, 0.24])
    assert 100.0 * closed_forms.brent_effect(7.2 / 104.3, spread) == pytest.approx([15.4, 29.7, 34.7], abs=0.1)
    assert 100.0 * closed_forms.brent_effect(4.2 / 104.3, spread) == pytest.approx([8.6, 16.1, 18.7], abs=0.1)
    assert closed_forms.brent_effect(0.0, 0.3) == 0.0
    for share, elasticity in ((-0.1, 0.3), (1.0, 0.3), (0.1, 0.0)):
        with pytest.raises(ValueError):
            closed_forms.brent_effect(share, elasticity)


def test_a_run_without_the_block_or_without_tariffs_draws_none(
    make: Callable[..., Run], baseline: Run, monkeypatch: pytest.MonkeyPatch
):
    quiet = make("baseline", QUIET)
    assert not tariff_effects.matters(quiet) and not set(NAMES) & set(figures(quiet))
    bare = detente.load(baseline.folder)
    events = baseline.events().loc[:, lambda table: ~table.columns.str.startswith("tariffs.")]
    monkeypatch.setattr(bare, "events", lambda: events)
    assert not tariff_effects.matters(bare) and tariffs(Context([bare])) is None


# --- Words -------------------------------------------------------------------


def test_every_sentence_states_its_rows(on_india: Run, baseline: Run, pair: tariff_effects.TariffEffects):
    findings = {finding.key: finding for finding in tariff_findings(Readings(on_india), pair)}
    assert list(findings) == ["tariff-likelihood", "tariff-welfare", "tariff-prices", "tariff-effects"]
    assert "bill is law in all simulations." in findings["tariff-likelihood"].text
    total, exports, brent, dropped = findings["tariff-effects"].rows
    text = findings["tariff-effects"].text
    assert re.search(
        r"revenue is USD\u00a0[\d.]+bn a year lower on average. Its exports are [\d.]+\u00a0mb/d lower", text
    )
    assert total.value < 0.0 and exports.value < 0.0 < brent.value and dropped.value > -exports.value
    alone = [finding.key for finding in tariff_findings(Readings(baseline), None)]
    assert alone[:3] == ["tariff-likelihood", "tariff-welfare", "tariff-prices"]
    for finding in findings.values():
        assert not re.search(r"\bwill\b|\bnan\b|\binf\b|--", finding.text)
        assert all(np.isfinite(row.value) and np.isfinite(row.error) and row.row for row in finding.rows)


def test_the_finding_states_the_assumed_tariffs_and_their_effect(on_india: Run, baseline: Run):
    report = document(Context([on_india, baseline]))
    first, second, third = report.findings[:3]
    assert first.text.startswith(
        "The scenario assumes the 500% bill becoming law on 1\u00a0October\u00a02026, a tariff on China and India from "
        "1\u00a0November\u00a02026 and a waiver for the EU from 1\u00a0November\u00a02026. "
    )
    assert re.match(
        r"Compared with “Baseline.*”, Russia's oil revenue is USD\u00a0[\d.]+bn a year lower on average\.$", second.text
    )
    assert third.text.startswith("The effect on revenue is uncertain: the 90% range")
    own = next(section for section in report.sections if section.key == "tariffs")
    assert [report.numbers[finding.key] for finding in own.findings] == [
        report.findings.index(finding) + 1 for finding in own.findings
    ]


def test_by_when_has_the_rows_of_tariffs(baseline: Run, make: Callable[..., Run]):
    rows = {row[0].text: row for row in by_when_table(Readings(baseline), Context([baseline]).columns).rows}
    heads = list(rows)
    first = heads.index("The 500% bill becomes law")
    assert heads[first : first + 7] == [
        "The 500% bill becomes law",
        "Tariff on any buyer of Russian oil",
        "Tariff on India",
        "Tariff on China",
        "Tariff waiver",
        "Tariff struck down",
        "Snap-back",
    ]
    dates = baseline.events()
    assert rows["Tariff on any buyer of Russian oil"][-1].sort == pytest.approx(
        float((dates["tariffs.first_tariff"] <= 24).mean())
    )


def test_a_difference_within_its_error_is_not_reported(pair: tariff_effects.TariffEffects):
    class Blurred(tariff_effects.TariffEffects):
        def revenue(self, statistic: str = "mean"):
            return replace(pair.revenue(statistic), value=-0.1, error=0.2)

        def mean(self, variable: str, region: str):
            return replace(pair.mean(variable, region), value=0.001, error=0.01)

    blurred = Blurred(pair.run, pair.reference, pair.comparison)
    text = {finding.key: finding for finding in tariff_findings(Readings(pair.run), blurred)}["tariff-effects"].text
    assert text.endswith("oil revenue does not change measurably.")


def test_the_page_has_the_section(on_india: Run, baseline: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from detente.report.page.html import page

    text = page(document(Context([on_india, baseline])), [])
    assert '<section id="tariffs"' in text and 'href="#tariffs"' in text and "Tariffs on buyers of Russian oil" in text
