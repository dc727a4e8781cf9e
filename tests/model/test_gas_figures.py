"""Figures on gas: routes that add up, legal dates of the register, effects that are the closed form over the run's
draws, what was known by then."""

import datetime as dt
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from detente.analysis import sensitivity
from detente.analysis.closed_forms import ttf_effect
from detente.config import loader
from detente.report.context import Context
from detente.report.document import document
from detente.report.figures import gas, gas_effects, gas_routes
from detente.report.plots import history, labels, marks, published, style, timeline
from detente.report.plots.page import Sheet
from detente.report.plots.picture import Picture
from detente.report.section import Figure
from detente.runs import runner
from detente.runs.run import Run
from detente.shared import formatting
from detente.shared.errors import DataError

TRADE = "Russian Federation>European Union"
LOOK_BACK = ("as_of=2025-03-31",)


@pytest.fixture(scope="session")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Run]:
    output, made = tmp_path_factory.mktemp("gas runs"), {}

    def run(name: str, sets: tuple[str, ...] = (), **options) -> Run:
        key = (name, sets, tuple(sorted(options.items())))
        if key not in made:
            chosen = {"paths": 256, "horizon": 24} | options
            made[key] = runner.run(loader.load(name, sets, **chosen), output=output, keep_paths=128, force=True)
        return made[key]

    return run


@pytest.fixture(scope="session")
def baseline(make: Callable[..., Run]) -> Run:
    return make("baseline")


@cache
def figures(*runs: Run) -> dict[str, Figure]:
    """The figures of a report by name; their shared numbers are computed once."""
    return {figure.name: figure for figure in document(Context(runs)).figures}


def picture(run: Run, name: str, size: str = "a4") -> Picture:
    with style.drawing(name):
        drawn = figures(run)[name].draw(style.SIZES[size])
    assert drawn is not None
    return drawn


# --- Routes ------------------------------------------------------------------


def test_routes_add_up_to_the_total_and_begin_at_the_facts(baseline: Run):
    flows = gas_routes.flows_by_route(baseline, timeline.timeline(baseline))
    assert flows.iloc[1:].sum(axis=1).to_numpy() == pytest.approx(
        baseline.fan("Trade|Natural Gas|Volume", TRADE)["mean"].to_numpy(), rel=1e-6
    )
    assert flows.index[0] == baseline.config.as_of
    assert flows.iloc[0]["TurkStream"] == baseline.config.facts["gas.turkstream"].value


def test_legal_dates_are_the_register_s(baseline: Run):
    bans = {
        instrument.in_force: name
        for instrument in baseline.config.instruments
        for channel, name in gas_routes.BANNED.items()
        if instrument.rule == "law" and channel in instrument.channels
    }
    assert bans == {dt.date(2027, 1, 1): "LNG ban", dt.date(2027, 9, 30): "pipeline ban"}
    assert dict(gas_routes.dated(baseline, timeline.timeline(baseline))) == bans
    drawn = picture(baseline, "russian-gas").data
    assert drawn.loc[drawn["statistic"] == "date", "time"].dt.date.tolist() == sorted(bans)


def test_a_ban_that_the_scenario_lifts_is_not_drawn(make: Callable[..., Run]):
    run = make("ukraine-transit-returns")
    dates = gas_routes.dated(run, timeline.timeline(run))
    assert [text for _, text in dates] == ["LNG ban", "pipeline ban lifted", "transit open"]
    assert dates[1][0] == dt.date(2027, 3, 1)


def test_routes_without_gas_are_left_out_and_said(baseline: Run):
    drawn = picture(baseline, "russian-gas")
    assert "Not shown: Yamal-Europe and Nord Stream (no flow)" in drawn.sheet.subtitle
    assert "Nord Stream" not in drawn.alt


def test_history_by_route_holds_only_spans_in_which_all_routes_are_known():
    table = gas_routes.past_by_route(dt.date(2026, 8, 31))
    assert table["until"].iloc[-1] == dt.date(2026, 4, 1)
    assert table.loc[table["since"] == dt.date(2025, 1, 1), "Ukraine transit"].tolist() == [0.0]
    assert table.loc[table["since"] == dt.date(2024, 1, 1), ["TurkStream", "Ukraine transit"]].sum(axis=1).iloc[
        0
    ] == pytest.approx(32.0, abs=0.5)
    assert gas_routes.past_by_route(dt.date(2025, 3, 31))["until"].max() == dt.date(2025, 1, 1)
    assert gas_routes.past_by_route(dt.date(2022, 6, 30)).empty


def test_pipelines_by_month_agree_with_the_yearly_totals():
    months = history.observed("russian_gas_pipelines", dt.date(2026, 8, 31)).set_index("date")["value"]
    by_year = months.groupby([date.year for date in months.index]).mean()
    assert by_year[2022] == pytest.approx(63.8, rel=0.08)
    assert by_year[2023] == pytest.approx(28.3, rel=0.05)


# --- Effect on TTF -----------------------------------------------------------


def test_effects_are_the_closed_form_over_the_run_s_draws(baseline: Run):
    table = gas_effects.effect_table(sensitivity.drawn_values(baseline.config)).set_index(["market", "volume"])
    values = sensitivity.drawn_values(baseline.config)
    direct = [
        100.0 * ttf_effect(40.0, e, volume=v)
        for e, v in zip(values["gas.elasticity_tight"], values["gas.world_lng"], strict=True)
    ]
    row = table.loc[("tight", 40.0)]
    assert row[["q05", "q50", "q95"]].tolist() == pytest.approx(
        np.quantile(direct, [0.05, 0.5, 0.95]).tolist(), abs=0.05
    )
    assert (table["q05"] <= table["q50"]).all() and (table["q50"] <= table["q95"]).all()
    assert (table.loc["tight", "q50"] < table.loc["glut", "q50"]).all()


def test_effects_follow_the_scenario(make: Callable[..., Run]):
    sets = ("parameters.gas.elasticity_tight.value=0.3", "parameters.gas.elasticity_glut.value=0.8")
    table = gas_effects.effect_table(sensitivity.drawn_values(make("baseline", sets).config)).set_index(
        ["market", "volume"]
    )["q50"]
    assert [round(value) for value in table.loc["tight"]] == [-8, -13, -21, -28]
    assert [round(value) for value in table.loc["glut"]] == [-3, -5, -8, -12]
    title = picture(make("baseline", sets), "gas-effect").sheet.title
    assert "lowers TTF by 21% now, 8% after" in title


def test_published_claims_stand_with_author_year_and_source(baseline: Run):
    table = picture(baseline, "gas-effect").data
    rows = table[table["statistic"] == "published"]
    assert {"Blas, Bloomberg 2025", "Columbia, in The Economist 2025", "Chyong and Henderson 2024"} == set(
        rows["series"]
    )
    assert rows["source"].notna().all() and rows["confidence"].notna().all()
    assert rows.loc[rows["series"] == "Chyong and Henderson 2024", "value"].isna().all()


def test_only_what_was_published_by_then_is_shown(make: Callable[..., Run]):
    assert [claim.year for claim in published.effects(dt.date(2025, 1, 1))] == [2024]
    assert published.effects(dt.date(2020, 1, 1)) == []
    table = picture(make("baseline", LOOK_BACK), "gas-effect").data
    assert (table["time"].dropna().dt.date <= dt.date(2025, 3, 31)).all()


EFFECT = """\
[[ttf_effect]]
who = "A"
year = 2025
published = 2025-01-01
about = "x"
claim = "x"
kind = "estimate"
source = "s"
confidence = "V"
"""
RULE = """\
[[storage_rule]]
name = "r"
announced = 2022-06-29
first = 2023-01-01
last = 2025-12-31
target = 90.0
window = ["11-01", "11-01"]
source = "s"
confidence = "V"
"""


@pytest.mark.parametrize(
    "text, said",
    [
        (EFFECT.replace("year = 2025", "year = 2026"), "before year"),
        (EFFECT.replace('who = "A"', "who = 3"), "who"),
        (EFFECT.replace('confidence = "V"', 'confidence = "W"'), "confidence"),
        (RULE.replace("last = 2025", "last = 2020"), "last must not be before first"),
        (RULE.replace('"11-01"]', '"10-01"]'), "window"),
        (RULE.replace("target = 90.0", "target = 90.0\nleast = 95.0"), "least"),
    ],
    ids=[
        "published before its year",
        "no text",
        "no such tag",
        "ends before it begins",
        "window turned round",
        "least above target",
    ],
)
def test_a_broken_file_of_published_claims_is_refused(tmp_path: Path, text: str, said: str):
    (tmp_path / "published.toml").write_text(text, encoding="utf-8")
    assert text not in (EFFECT, RULE)
    with pytest.raises(DataError, match=said):
        published.effects(dt.date(2026, 8, 31), tmp_path)


def test_a_missing_file_of_published_claims_is_said(tmp_path: Path):
    with pytest.raises(DataError, match="published"):
        published.effects(dt.date(2026, 8, 31), tmp_path)


# --- Storage -----------------------------------------------------------------


def test_the_range_of_past_years_is_that_of_month_ends():
    known = history.observed("eu_storage", dt.date(2026, 8, 31))
    table = gas.past_range(known)
    assert table.index.tolist() == list(range(1, 13))
    assert table.loc[3, "min"] == 26.4 and table.loc[10, "max"] == 99.2
    assert gas.past_range(known.iloc[:20]).empty


def test_legal_windows_are_those_known_by_then():
    assert [window.end for window in published.storage_windows(dt.date(2026, 8, 31))][-2:] == [
        dt.date(2026, 12, 1),
        dt.date(2027, 12, 1),
    ]
    now = published.storage_windows(dt.date(2026, 8, 31))[-1]
    assert (now.begin, now.least, now.target) == (dt.date(2027, 10, 1), 75.0, 90.0)
    before = published.storage_windows(dt.date(2025, 3, 31))[-1]
    assert (before.begin, before.end, before.least) == (dt.date(2025, 11, 1), dt.date(2025, 11, 1), 90.0)


def test_the_title_on_storage_says_the_first_check(baseline: Run):
    step, date = gas.first_check(baseline)
    assert date == dt.date(2026, 11, 1)
    table = baseline.fan("Storage|Natural Gas|Fill", "European Union")
    assert table.index[step].date() == date
    fan = gas.storage(baseline)
    filled = table.iloc[step - 1]
    said = formatting.rounded(filled["q50"], filled["mc_error_q50"], 1.0)
    assert f"{said}% on 1\u00a0November\u00a02026" in fan.title
    assert fan.readings[0].value == filled["q50"]
    short = baseline.fan("Event|Storage below target")["mean"].iloc[step]
    assert f"less than 75% on 1\u00a0November\u00a02026: {formatting.percent(float(short))}" in fan.alt


def test_a_run_that_ends_before_november_says_where_it_ends(make: Callable[..., Run]):
    run = make("baseline", horizon=1)
    assert gas.first_check(run) is None
    assert "90% range" in gas.storage(run).title


# --- Europe ------------------------------------------------------------------


def test_effects_on_europe_are_the_summary_s(baseline: Run):
    table = picture(baseline, "europe").data
    model = table[table["series"] == "model"]
    for variable in ("Inflation|HICP|Gas Effect", "Bill|Natural Gas|Change", "GDP|Gas Effect"):
        wide = model[model["variable"] == variable].pivot(index="time", columns="statistic", values="value")
        expected = baseline.fan(variable, "Euro Area")[["q05", "q25", "q50", "q75", "q95"]]
        pd.testing.assert_frame_equal(wide, expected, check_names=False)


@pytest.mark.parametrize(
    "end, said",
    [
        (-3.0, "lowers euro-area consumer prices by 3"),
        (3.0, "raises euro-area consumer prices by 3"),
        (0.01, "hardly moves"),
    ],
)
def test_the_title_on_europe_knows_up_from_down(baseline: Run, monkeypatch: pytest.MonkeyPatch, end: float, said: str):
    fan = baseline.fan
    monkeypatch.setattr(
        type(baseline), "fan", lambda self, variable, region=None: fan(variable, region).assign(q50=end)
    )
    assert said in picture(baseline, "europe").sheet.title


# --- Look back, and names at dates --------------------------------------------


@pytest.mark.parametrize("size", style.SIZES)
def test_a_look_back_shows_nothing_from_later(make: Callable[..., Run], size: str):
    run = make("baseline", LOOK_BACK)
    for name in ("ttf", "storage", "russian-gas", "gas-effect", "europe"):
        drawn = picture(run, name, size)
        assert labels.faults(drawn.sheet.figure) == [], name
        seen = drawn.data[drawn.data["statistic"] == "observed"]
        assert all(date <= run.config.as_of for date in seen["time"].dt.date), name
        if "until" in drawn.data:
            assert all(date <= run.config.as_of for date in seen["until"].dropna().dt.date)
    assert "Dates: none" in picture(run, "russian-gas").alt


def test_names_of_dates_cross_no_pole():
    day = dt.date(2027, 1, 1)
    dates = [
        (day, "LNG ban"),
        (day + dt.timedelta(days=60), "pipeline ban lifted"),
        (day + dt.timedelta(days=120), "transit open"),
    ]
    with style.drawing("a test"):
        sheet = Sheet(style.SIZES["a4"], "A title", "A subtitle", "A foot")
        panel = sheet.panel((0.5, 1.0, 5.0, 3.5), (day.toordinal() - 600.0, day.toordinal() + 900.0), (0.0, 1.0))
        clutter = labels.Clutter()
        assert marks.flags(panel, dates, clutter)
        assert labels.faults(sheet.figure) == []
        poles = [float(panel.x(date.toordinal())) for date, _ in dates]
        for number, box in enumerate(clutter.boxes):
            for other, pole in enumerate(poles):
                assert other == number or not box[0] < pole < box[2] or clutter.boxes[other][3] <= box[1] + 1e-9
        assert not marks.flags(sheet.panel((0.5, 0.5, 1.0, 0.9), panel.xlim, (0.0, 1.0)), dates, labels.Clutter())
