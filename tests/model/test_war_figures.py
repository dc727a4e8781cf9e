"""Figures on losses, forces, runway, budget and daily additions: the run's own numbers, the model's identity, and
what was known by then."""

import datetime as dt
from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd
import pytest
from detente.analysis import manpower
from detente.analysis.sensitivity import drawn_values
from detente.calibrate.losses import read_claims
from detente.config import loader as config
from detente.report.context import Context
from detente.report.document import document
from detente.report.figures import budget, force_additions, forces, losses, runway
from detente.report.plots import history, labels, style
from detente.report.plots.picture import Picture
from detente.report.section import Figure
from detente.runs import runner
from detente.runs.run import Run
from detente.shared import formatting
from detente_kernels.attrition.stocks import force_step

NAMES = ("losses", "forces", "additions", "runway", "budget")
LOOK_BACK = ("as_of=2025-03-31",)
RUSSIA, UKRAINE = "Russian Federation", "Ukraine"
QUANTILES = ["q05", "q25", "q50", "q75", "q95"]
LAST = dt.date(2026, 8, 31)


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Run]:
    """Small runs, each made once."""
    output, made = tmp_path_factory.mktemp("war runs"), {}

    def run(name: str = "baseline", sets: tuple[str, ...] = (), keep_paths: int = 512, **options) -> Run:
        key = (name, sets, keep_paths, tuple(sorted(options.items())))
        if key not in made:
            made[key] = runner.run(
                config.load(name, sets, **({"paths": 512, "horizon": 24} | options)),
                output=output,
                keep_paths=keep_paths,
            )
        return made[key]

    return run


@pytest.fixture(scope="module")
def baseline(make: Callable[..., Run]) -> Run:
    return make()


@cache
def figures(*runs: Run) -> dict[str, Figure]:
    """The figures of a report by name; their shared numbers are computed once."""
    return {figure.name: figure for figure in document(Context(runs)).figures}


def compose(run: Run, name: str, size: str = "a4") -> Picture | None:
    with style.drawing(name):
        return figures(run)[name].draw(style.SIZES[size])


def picture(run: Run, name: str, size: str = "a4") -> Picture:
    drawn = compose(run, name, size)
    assert drawn is not None
    return drawn


def check_fans(run: Run, data: pd.DataFrame, scales: dict[tuple[str, str], float]) -> None:
    """The model's rows are the summary's quantiles, those of paths are the kept paths, at the steps drawn and in the
    unit drawn."""
    kept = run.kept_paths()
    for (region, variable), scale in scales.items():
        rows = data[(data["region"] == region) & (data["variable"] == variable)]
        model = rows[rows["series"] == "model"].pivot(index="time", columns="statistic", values="value")
        expected = scale * run.fan(variable, region)[QUANTILES]
        assert model.index[-1] == expected.index[-1] and len(model) >= min(len(expected), 12)
        pd.testing.assert_frame_equal(model[QUANTILES], expected.loc[model.index], check_names=False, rtol=1e-5)
        for series, path in rows[rows["statistic"] == "path"].groupby("series"):
            own = kept[kept["path"] == int(str(series).removeprefix("path "))].set_index("time")[f"{region}|{variable}"]
            assert path["value"].to_numpy() == pytest.approx(scale * own.loc[list(path["time"])].to_numpy(), rel=1e-3)


# --- Every one of them -------------------------------------------------------


@pytest.mark.parametrize("size", style.SIZES)
def test_a_look_back_shows_nothing_from_later(make: Callable[..., Run], size: str):
    run = make(sets=LOOK_BACK)
    for name in NAMES:
        drawn = picture(run, name, size)
        assert labels.faults(drawn.sheet.figure) == [], name
        assert drawn.section == "war"
        if "time" in drawn.data:
            seen = drawn.data[drawn.data["statistic"].str.startswith("observed")]
            assert all(date <= run.config.as_of for date in seen["time"].dt.date), name
    claim = picture(run, "losses", size).data
    assert claim.loc[claim["series"] == losses.CLAIM, "time"].max() == pd.Timestamp(2025, 3, 16)
    assert "CSIS" not in set(claim.loc[claim["statistic"] == "observed", "series"])


@pytest.mark.parametrize("name", NAMES)
def test_a_run_without_the_block_has_no_such_figure(baseline: Run, monkeypatch: pytest.MonkeyPatch, name: str):
    summary, kept = baseline.summary(), baseline.kept_paths()
    block = ("War|", "Government", "Sovereign Fund|")
    bare = summary[~summary["variable"].str.startswith(block)]
    monkeypatch.setattr(type(baseline), "summary", lambda self: bare)
    monkeypatch.setattr(
        type(baseline), "kept_paths", lambda self: kept[[c for c in kept if not c.split("|", 1)[-1].startswith(block)]]
    )
    monkeypatch.setattr(manpower, "stated", lambda config: False)
    assert compose(baseline, name) is None


def test_a_configuration_without_the_parameters_is_told(baseline: Run):
    assert manpower.stated(baseline.config)
    bare = {key: record for key, record in baseline.config.parameters.items() if key != "attrition.capture_ratio"}

    class Older:
        parameters, facts = bare, baseline.config.facts

    assert not manpower.stated(Older())


def test_without_kept_paths_there_are_fans_but_no_runway(make: Callable[..., Run]):
    run = make(keep_paths=0, paths=128, horizon=6)
    assert compose(run, "runway") is None
    for name in ("losses", "forces", "budget"):
        drawn = picture(run, name)
        assert not (drawn.data["statistic"] == "path").any()
        assert "example paths" not in drawn.sheet.subtitle


# --- Losses ------------------------------------------------------------------


def test_losses_are_the_summary_s(baseline: Run):
    drawn = picture(baseline, "losses")
    check_fans(baseline, drawn.data, {(RUSSIA, losses.CASUALTIES): 1.0, (UKRAINE, losses.CASUALTIES): 1.0})
    table = baseline.fan(losses.CASUALTIES, RUSSIA)
    first, last = (
        formatting.rounded(1000.0 * table["q50"].iloc[k], 1000.0 * table["mc_error_q50"].iloc[k], 1000.0)
        for k in (0, -1)
    )
    assert drawn.sheet.title == f"Median Russian casualties fall from {first} to {last} a month by August\u00a02028"
    assert [reading.value for reading in drawn.readings] == [
        1000.0 * table["q50"].iloc[-1],
        1000.0 * table["q50"].iloc[0],
    ]


def test_history_is_what_was_claimed():
    claimed = history.observed("losses_claimed", LAST)
    assert claimed["date"].iloc[0] == dt.date(2022, 3, 16) and claimed["date"].iloc[-1] == dt.date(2026, 7, 16)
    assert len(claimed) == 53
    by_month = claimed.set_index("date")["value"]
    assert by_month[dt.date(2024, 12, 16)] == 1585.0
    uk = history.observed("losses_uk_mod", LAST).set_index("date")["value"]
    assert (uk / by_month - 1.0).dropna().abs().median() < 0.015


def test_history_is_the_data_set_s_monthly_mean(public_data):
    months, rates = read_claims(public_data.claims, public_data.corrections).rates()
    table = history.observed("losses_claimed", LAST)
    assert [date.strftime("%Y-%m") for date in table["date"]] == [str(month) for month in months]
    assert table["value"].to_numpy() == pytest.approx(rates, abs=0.5)


def test_totals_are_the_last_ones_known():
    known = history.totals("losses_total_ukraine", dt.date(2025, 3, 31)).iloc[-1]
    assert (known["who"], known["high"]) == ("US officials", 307.5)
    known = history.totals("losses_total_russia", LAST).iloc[-1]
    assert (known["who"], known["low"], known["until"]) == ("CSIS", 1490.0, dt.date(2026, 7, 1))
    assert history.totals("losses_total_ukraine", dt.date(2022, 6, 1)).empty
    # A mean a month of the whole war: 1.49 million over 52 months.
    table = losses._mean(history.totals("losses_total_russia", LAST))
    assert table is not None and table["low"].iloc[0] == pytest.approx(1490.0 / 52.2, rel=0.01)


def test_sources_are_the_claim_times_their_priors(baseline: Run):
    values = drawn_values(baseline.config)
    table = losses.by_source(baseline.config, values).set_index("source")
    claim = np.exp(values["attrition.level_now"]) * 30.4375 / 1000.0
    named = values["attrition.named_per_claim"] / (values["attrition.capture_ratio"] * values["attrition.killed_share"])
    for name, ratio in (
        ("General Staff", values["attrition.claim_bias"]),
        ("CSIS", values["attrition.csis_bias"]),
        ("dead known by name", named),
    ):
        assert table.loc[name, ["q05", "q50", "q95"]].tolist() == pytest.approx(
            np.quantile(claim * ratio, [0.05, 0.5, 0.95]).tolist()
        )
    assert table["used"].tolist() == [True, False, False, False]
    data = picture(baseline, "losses").data
    rows = data[data["series"] == "UK MoD"].set_index("statistic")["value"]
    assert rows[["q05", "q50", "q95"]].tolist() == pytest.approx(table.loc["UK MoD", ["q05", "q50", "q95"]].tolist())


def test_switches_on_source_and_definition_reach_the_figure(make: Callable[..., Run], baseline: Run):
    sets = ("parameters.attrition.source.value=named dead", "parameters.attrition.definition.value=killed only")
    run = make(sets=sets, horizon=6)
    values = drawn_values(run.config)
    table = losses.by_source(run.config, values).set_index("source")
    assert table["used"].tolist() == [False, False, False, True]
    plain = losses.by_source(baseline.config, drawn_values(baseline.config)).set_index("source")
    assert table.loc["General Staff", "q50"] == pytest.approx(plain.loc["General Staff", "q50"] / 0.40, rel=0.05)
    assert table.loc["dead known by name", "q50"] == pytest.approx(plain.loc["dead known by name", "q50"], rel=1e-9)
    # The first month of the run is by the source that it uses.
    assert run.fan(losses.CASUALTIES, RUSSIA)["q50"].iloc[0] == pytest.approx(
        np.median(manpower.casualties(values)), rel=0.05
    )


# --- Forces and budget -------------------------------------------------------


def test_forces_are_the_summary_s(baseline: Run):
    parts = [*forces.FORCES, *(part for pair in forces.EQUIPMENT for part in pair)]
    drawn = picture(baseline, "forces")
    check_fans(baseline, drawn.data, {(part.region, part.variable): part.scale for part in parts})
    assert len(set(zip(drawn.data["region"], drawn.data["variable"], strict=True))) == 6
    end = baseline.fan("War|Force", RUSSIA).iloc[-1]
    force = formatting.rounded(1000.0 * end["q50"], 1000.0 * end["mc_error_q50"], 1000.0)
    assert f"from 650,000 to {force}" in drawn.sheet.title


def test_the_budget_is_the_summary_s(baseline: Run):
    drawn = picture(baseline, "budget")
    check_fans(
        baseline,
        drawn.data,
        {(RUSSIA, budget.REVENUE): 0.012, (RUSSIA, budget.DEFICIT): 1.0, (RUSSIA, budget.RESERVE): 0.001},
    )
    rows = drawn.data[drawn.data["variable"] == budget.EXHAUSTED].set_index("time")["value"]
    chance = baseline.fan(budget.EXHAUSTED)["mean"]
    assert rows.to_numpy() == pytest.approx(chance.to_numpy())
    assert drawn.sheet.title.endswith(f": {formatting.percent(float(chance.iloc[-1]))}")
    years = drawn.data[drawn.data["series"] == "year"]
    assert set(years.loc[years["variable"] == budget.REVENUE, "value"]) >= {8.48, 11.13}


def test_a_surplus_is_called_one(baseline: Run, monkeypatch: pytest.MonkeyPatch):
    fan, surplus = baseline.fan, {"q50": -1.25, "mc_error_q50": 0.01}
    monkeypatch.setattr(
        type(baseline),
        "fan",
        lambda self, variable, region=None: (
            fan(variable, region).assign(**surplus) if variable == budget.DEFICIT else fan(variable, region)
        ),
    )
    assert "surplus in August\u00a02028: 1.2% of GDP" in picture(baseline, "budget").sheet.subtitle


# --- Runway ------------------------------------------------------------------


def test_runways_are_counted_on_the_kept_paths(baseline: Run):
    kept = baseline.kept_paths()
    column = f"{UKRAINE}|War|Manpower Runway"
    table = runway.table_of(kept, column)
    assert table[[*runway.SHARES]].sum(axis=1).to_numpy() == pytest.approx(1.0)
    last = kept[kept["time"] == kept["time"].max()]
    quiet = (last[f"{UKRAINE}|Conflict|Ceasefire"] + last[f"{UKRAINE}|Conflict|Settlement"]) > 0.5
    assert table["no war"].iloc[-1] == pytest.approx(quiet.mean())
    assert table["under 12"].iloc[-1] == pytest.approx(((last[column] < 12.0) & ~quiet).mean())
    assert table["median"].iloc[-1] == pytest.approx(last.loc[~quiet, column].median())
    assert runway.short(table) == pytest.approx((last.loc[~quiet, column] < 12.0).mean())
    data = picture(baseline, "runway").data
    rows = data[(data["variable"] == column) & (data["series"] == "under 12")].set_index("time")["value"]
    assert rows.to_numpy() == pytest.approx(table["under 12"].to_numpy())


def test_where_the_war_has_stopped_the_title_says_so(make: Callable[..., Run]):
    run = make("coordinated-relief", ("parameters.conflict.ceasefire_to_war_rate.value=0.0",), horizon=12)
    drawn = picture(run, "runway")
    assert "war has stopped" in drawn.sheet.title and drawn.readings
    assert labels.faults(drawn.sheet.figure) == []


# --- Daily additions ---------------------------------------------------------


@pytest.mark.parametrize(("share", "home", "truth"), [(0.5, 0.03, -3.0), (1.0, 0.01, 26.5)])
def test_the_identity_of_block_d(share: float, home: float, truth: float):
    """33,000 recruits and a force of 650,000: about -3,000 and +26,000 a month; with the casualties of a ceasefire,
    900 a month less."""
    values = manpower.central(config.load("baseline"))
    still = values | {"attrition.ceasefire_intensity": 0.0}
    month = manpower.a_month(manpower.daily_additions(still, share, home))
    assert month == pytest.approx(33.0 * share - 650.0 * -np.expm1(-home), abs=1e-9)
    assert month == pytest.approx(truth, abs=0.35)
    assert manpower.a_month(manpower.daily_additions(values, share, home)) == pytest.approx(month - 0.879, abs=0.01)


def test_additions_are_the_kernel_s(baseline: Run):
    """The identity is a month of the kernel's force with the casualties of a ceasefire and their wounded coming
    back."""
    values = manpower.central(baseline.config)
    for share, home in ((0.5, 0.03), (1.0, 0.01), (0.0, 0.06), (1.5, 0.0)):
        lost = float(manpower.casualties(values)) * values["attrition.ceasefire_intensity"]
        back = values["attrition.returned_share"] * (1.0 - values["attrition.killed_share"]) * lost
        month = force_step(
            values["attrition.force_ru"], share * values["attrition.enlistment_ru"] + back, lost, 0.0, home, 1.0
        )
        assert manpower.a_month(manpower.daily_additions(values, share, home)) == pytest.approx(month.net, abs=1e-9)


def test_recruits_are_no_more_than_can_be_paid():
    values = manpower.central(config.load("baseline")) | {"fiscal.recruit_limit": 0.001}
    paid = 0.001 * values["fiscal.spending"] * 1000.0 / 12.0 / values["fiscal.sign_on_cost"]
    assert paid < values["attrition.enlistment_ru"]
    assert manpower.a_month(manpower.daily_additions(values, 1.0, 0.0)) == pytest.approx(
        paid - manpower.net_losses(values)
    )


def test_the_surface_and_its_zero_line(baseline: Run):
    values, draws = manpower.central(baseline.config), drawn_values(baseline.config)
    drawn = picture(baseline, "additions")
    table = drawn.data
    setting = table[table["series"] == "setting"].set_index("recruits")["value"]
    assert (
        setting[0.5] == pytest.approx(float(manpower.daily_additions(values, 0.5, 0.03)))
        and -130.0 < setting[0.5] < -100.0
    )
    assert 820.0 < setting[1.0] < 870.0
    zero = table[(table["series"] == "zero line") & table["sent_home"].between(0.0, 0.06)]
    assert len(zero) > 10
    assert manpower.daily_additions(values, zero["recruits"].to_numpy(), zero["sent_home"].to_numpy()) == pytest.approx(
        0.0, abs=1e-6
    )
    gains = manpower.daily_additions(draws)
    assert f"grows in {100 * (gains > 0).mean():.0f}% of simulations" in drawn.sheet.title
    assert table.loc[table["statistic"] == "p_above_0", "value"].iloc[0] == pytest.approx((gains > 0).mean())
    cloud = table[table["series"] == "draw"]
    assert cloud["recruits"].to_numpy() == pytest.approx(draws["attrition.peace_enlistment"][: len(cloud)])


@pytest.mark.parametrize(
    "other",
    [
        {"attrition.enlistment_ru": 5.0},
        {"attrition.enlistment_ru": 90.0, "attrition.force_ru": 300.0},
        {"attrition.peace_enlistment": 2.0, "attrition.demobilisation": 0.2},
    ],
    ids=["hardly a recruit", "a small force and many recruits", "prior outside the plot"],
)
def test_unusual_facts_have_a_surface_too(baseline: Run, monkeypatch: pytest.MonkeyPatch, other: dict[str, float]):
    values, draws = manpower.central(baseline.config), drawn_values(baseline.config)
    monkeypatch.setattr(manpower, "central", lambda config: values | other)
    changed = {**draws, **{key: np.full(baseline.paths, value) for key, value in other.items()}}
    for size in style.SIZES.values():
        with style.drawing("additions"):
            drawn = force_additions.additions(baseline, changed, size)
        assert drawn is not None and labels.faults(drawn.sheet.figure) == []
