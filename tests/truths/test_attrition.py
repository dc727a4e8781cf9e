"""Attrition: the measured law of losses from the model's own run, stocks that close on every path, Roche's identity,
and what each switch does."""

import datetime as dt
import math

import numpy as np
import pytest
from detente.calibrate import counts, losses
from detente.config.schema import Event
from scipy.stats import t as student

EVEN = {"attrition.own_exponent": 0.0, "attrition.enemy_exponent": 0.0, "attrition.mobilisation_rate": 0.0}
"""Losses do not depend on strengths, nobody is mobilised."""
PEACE = Event(date=dt.date(2026, 9, 1), set={"conflict.state": "ceasefire"}, source="test")
NO_RELAPSE = {"conflict.ceasefire_to_war_rate": 0.0, "conflict.ceasefire_to_settlement_rate": 0.0}
PEOPLE = [
    "force_ru", "force_ua", "enlisted_ru", "enlisted_ua", "mobilised", "conscripts_front", "returned_ru",
    "returned_ua", "casualties_ru",
    "casualties_ua", "absent_ua", "demobilised_ru", "demobilised_ua", "net_ru", "net_ua", "called", "killed_ru",
    "named", "named_dead",
    "wounded_ru", "wounded_ua", "killed_ua", "reserve",
]  # fmt: skip
EQUIPMENT = [
    "tanks",
    "tank_store",
    "tanks_lost",
    "tanks_refurbished",
    "vehicles",
    "vehicle_store",
    "vehicles_lost",
    "vehicles_refurbished",
]


def fields(names):
    return [f"attrition.{name}" for name in names]


def with_start(values, first):
    return np.column_stack([np.full(len(values), first), values])


# --- the law of losses ------------------------------------------------------------------------------------------------


def test_the_model_draws_from_the_law_that_was_scored(public_data, sample, still, tmp_path):
    """H8 is measured on the recipe's median and spread; the kernel's months have that median and those quantiles."""
    origin = dt.date(2025, 3, 31)
    fitted, text = losses.calibrate(public_data.claims, origin, public_data.corrections)
    overlay = tmp_path / "losses.toml"
    overlay.write_text(text, encoding="utf-8")
    fixed = {"attrition.long_run_level": fitted.long_run_level, "attrition.level_half_life": 240.0}
    drawn = sample(still | EVEN | fixed, ["attrition.claimed"], 6, paths=65_536, scenario=str(overlay), as_of=origin)
    logs = np.log(drawn["attrition.claimed"])
    for month in (1, 3, 6):
        median, spread = fitted.median(month), fitted.spread(month)
        assert np.median(logs[:, month - 1]) == pytest.approx(median, abs=0.006)
        for level in (0.05, 0.25, 0.75, 0.95):
            quantile = median + spread * math.sqrt(4.0 / 6.0) * student.ppf(level, 6)
            assert np.quantile(logs[:, month - 1], level) == pytest.approx(quantile, abs=0.06 * spread + 0.004), (
                month,
                level,
            )


def test_h8_days_of_a_simulated_year_scatter_as_the_claims_do(sample, still):
    """Fano factor 35 to 70 and lag-1 correlation 0.45 to 0.80 over a year of days, whose law in a month is the
    kernel's; Poisson is rejected."""
    settings = still | EVEN | {"attrition.daily_dispersion": 0.0176}
    drawn = sample(settings, ["attrition.expected", "attrition.claimed"], 12, paths=1_024)
    rng = np.random.default_rng(11)
    years = [counts.simulate_days(np.repeat(path, 30), 1 / 0.0176, 0.369, rng) for path in drawn["attrition.expected"]]
    fano = np.median([counts.fano(days) for days in years])
    assert 35.0 < fano < 70.0
    assert 0.45 < np.median([counts.lag_one(days) for days in years]) < 0.80
    assert max(counts.dispersion_test(days[:30]).p_value for days in years) < 1e-3
    assert np.mean([counts.dispersion_test(days[:30]).p_value < 1e-12 for days in years]) > 0.99
    # Months drawn as one number scatter as much as months added up from days, or more: there is noise of the month
    # itself.
    added = np.array([days.reshape(12, 30).mean(axis=1) for days in years])
    assert np.std(np.log(drawn["attrition.claimed"] / drawn["attrition.expected"])) > 0.97 * np.std(
        np.log(added / drawn["attrition.expected"])
    )


@pytest.mark.parametrize("state", ["war", "partial truce", "ceasefire", "settlement"])
def test_losses_follow_the_state_of_the_conflict(sample, still, state):
    event = Event(date=dt.date(2026, 9, 1), set={"conflict.state": state}, source="test")
    settings = still | EVEN | NO_RELAPSE | {"attrition.truce_intensity": 0.9, "attrition.ceasefire_intensity": 0.03}
    drawn = sample(settings, fields(["claimed", "casualties_ru", "casualties_ua"]), 3, paths=4_096, events=(event,))
    expected = {"war": 1.0, "partial truce": 0.9, "ceasefire": 0.03, "settlement": 0.003}[state]
    for name in ("claimed", "casualties_ru", "casualties_ua"):
        at_war = {"claimed": 1365.0, "casualties_ru": 41.5, "casualties_ua": 12.8}[name]
        assert np.median(drawn[f"attrition.{name}"][:, 0]) == pytest.approx(at_war * expected, rel=0.06)


# --- stocks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scenario", ["baseline", "coordinated-relief", "snap-back"])
@pytest.mark.parametrize("step", ["month", "week"])
def test_stocks_close_on_every_path_and_step(sample, scenario, step):
    starts = {
        "force_ru": 650.0,
        "force_ua": 880.0,
        "reserve": 295.0,
        "named_dead": 210.0,
        "tanks": 2900.0,
        "tank_store": 1400.0,
    }
    starts |= {"vehicles": 10_500.0, "vehicle_store": 4_500.0}
    fixed = {f"attrition.{name}": value for name, value in starts.items()} | {"attrition.conscript_front_share": 0.2}
    fixed |= {
        "attrition.tank_production": 20.0,
        "attrition.vehicle_production": 45.0,
        "attrition.mobilisation_rate": 0.02,
    }
    drawn = sample(fixed, fields(PEOPLE + EQUIPMENT), 24, paths=2_048, step=step, scenario=scenario)
    v = {name: drawn[f"attrition.{name}"] for name in PEOPLE + EQUIPMENT}

    def change(name: str) -> np.ndarray:
        return np.diff(with_start(v[name], starts[name]), axis=1)

    russia = (
        v["enlisted_ru"]
        + v["mobilised"]
        + v["conscripts_front"]
        + v["returned_ru"]
        - v["casualties_ru"]
        - v["demobilised_ru"]
    )
    ukraine = v["enlisted_ua"] + v["returned_ua"] - v["casualties_ua"] - v["absent_ua"] - v["demobilised_ua"]
    np.testing.assert_allclose(change("force_ru"), russia * drawn.dt, atol=1e-9)
    np.testing.assert_allclose(change("force_ua"), ukraine * drawn.dt, atol=1e-9)
    np.testing.assert_allclose(v["net_ru"], russia, atol=1e-9)
    np.testing.assert_allclose(v["net_ua"], ukraine, atol=1e-9)
    np.testing.assert_allclose(change("named_dead"), v["named"] * drawn.dt, atol=1e-9)
    np.testing.assert_allclose(change("tanks"), (20.0 + v["tanks_refurbished"] - v["tanks_lost"]) * drawn.dt, atol=1e-8)
    np.testing.assert_allclose(change("tank_store"), -v["tanks_refurbished"] * drawn.dt, atol=1e-9)
    np.testing.assert_allclose(
        change("vehicles"), (45.0 + v["vehicles_refurbished"] - v["vehicles_lost"]) * drawn.dt, atol=1e-8
    )
    np.testing.assert_allclose(change("vehicle_store"), -v["vehicles_refurbished"] * drawn.dt, atol=1e-9)
    for name in PEOPLE + EQUIPMENT:
        if not name.startswith("net"):
            # What is lost is the difference of nearly equal stocks, and may round below zero.
            assert v[name].min() >= (-1e-9 if name.endswith("_lost") else 0.0), name
    assert (v["killed_ru"] <= v["casualties_ru"]).all() and (v["returned_ru"] >= 0.0).all()


def test_a_force_that_is_lost_entirely_stays_at_zero(sample, still):
    ruin = (
        still
        | EVEN
        | {
            "attrition.force_ru": 60.0,
            "attrition.enlistment_ru": 1.0,
            "attrition.returned_share": 0.0,
            "attrition.level_noise": 0.0,
        }
    )
    drawn = sample(
        ruin | {"attrition.claim_bias": 1.0, "fiscal.bonus_revenue_elasticity": 0.0},
        fields(["force_ru", "casualties_ru"]),
        6,
        paths=256,
    )
    assert drawn["attrition.force_ru"][:, 2:].max() == 0.0
    np.testing.assert_allclose(drawn["attrition.casualties_ru"][:, 3:], 1.0, atol=0.05)


# --- Roche's identity -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("share", "home", "truth"), [(0.5, 0.03, -3.0), (1.0, 0.01, 26.5)])
def test_roche_losses_become_additions_only_if_recruits_outnumber_the_demobilised(sample, still, share, home, truth):
    """Block D: 33,000 a month and a force of 650,000; the two settings turn the sign of the claim."""
    settings = (
        still
        | EVEN
        | NO_RELAPSE
        | {"attrition.peace_enlistment": share, "attrition.demobilisation": home, "attrition.enlistment_ru": 33.0}
    )
    settings |= {
        "attrition.force_ru": 650.0,
        "attrition.ceasefire_intensity": 0.0,
        "attrition.returned_share": 0.0,
        "fiscal.recruit_limit": 0.1,
    }
    drawn = sample(
        settings | {"fiscal.bonus_revenue_elasticity": 0.0},
        fields(["net_ru", "additions"]),
        2,
        paths=256,
        events=(PEACE,),
    )
    np.testing.assert_allclose(drawn["attrition.net_ru"][:, 0], 33.0 * share - 650.0 * -math.expm1(-home), atol=1e-9)
    assert drawn["attrition.net_ru"][0, 0] == pytest.approx(truth, abs=0.35)
    np.testing.assert_allclose(drawn["attrition.additions"], drawn["attrition.net_ru"] * 1000.0 / 30.4375)


# --- switches ---------------------------------------------------------------------------------------------------------


def test_each_witness_gives_its_own_truth(sample, still):
    settings = (
        still
        | EVEN
        | {
            "attrition.claim_bias": 1.1,
            "attrition.uk_bias": 0.9,
            "attrition.csis_bias": 0.8,
            "attrition.killed_share": 0.25,
        }
    )
    settings |= {"attrition.named_per_claim": 0.125, "attrition.capture_ratio": 0.5}
    asked = fields(["claimed", "casualties_ru", "killed_ru", "uk", "csis"])
    ratio = {}
    for source, truth in {"general staff": 1.1, "uk mod": 0.9, "csis": 0.8, "named dead": 1.0}.items():
        drawn = sample(settings | {"attrition.source": source}, asked, 3, paths=512)
        ratio[source] = drawn["attrition.casualties_ru"] / drawn["attrition.claimed"] * 1000.0 / 30.4375
        np.testing.assert_allclose(ratio[source], truth)
        np.testing.assert_allclose(drawn["attrition.killed_ru"], 0.25 * drawn["attrition.casualties_ru"])
        np.testing.assert_allclose(drawn["attrition.uk"] * 0.9, drawn["attrition.csis"] * 0.8)
    drawn = sample(settings | {"attrition.definition": "killed only"}, asked, 3, paths=512)
    np.testing.assert_allclose(drawn["attrition.killed_ru"] * 1000.0 / 30.4375, 1.1 * drawn["attrition.claimed"])


def test_conscripts_stay_in_the_reserve_unless_sent(sample, still):
    settings = still | EVEN | {"attrition.conscript_intake": 24.0, "attrition.reserve": 288.0}
    kept = sample(settings, fields(["reserve", "conscripts_front", "force_ru"]), 12, paths=256)
    sent = sample(
        settings | {"attrition.conscript_front_share": 0.25},
        fields(["reserve", "conscripts_front", "force_ru"]),
        12,
        paths=256,
    )
    assert kept["attrition.conscripts_front"].max() == 0.0
    np.testing.assert_allclose(kept["attrition.reserve"], 288.0)
    np.testing.assert_allclose(sent["attrition.conscripts_front"], 6.0)
    assert sent["attrition.reserve"][:, -1].max() < 260.0
    np.testing.assert_allclose(sent["attrition.force_ru"][:, -1] - kept["attrition.force_ru"][:, -1], 72.0, atol=1e-6)


def test_recruits_follow_pay_and_end_with_the_money(sample, still):
    asked = ["attrition.enlisted_ru", "fiscal.bonus", "fiscal.recruit_budget", "fiscal.cost_per_recruit"]
    drawn = sample(
        still
        | EVEN
        | {"attrition.bonus_elasticity": 0.5, "attrition.enlistment_ru": 33.0, "fiscal.recruit_limit": 0.2}
        | {"fiscal.windfall_share": 0.0, "fiscal.consolidation": 0.0},
        asked,
        12,
        paths=1_024,
    )
    np.testing.assert_allclose(drawn["attrition.enlisted_ru"], 33.0 * np.sqrt(drawn["fiscal.bonus"]))
    poor = sample(
        still
        | EVEN
        | {"fiscal.recruit_limit": 0.005, "attrition.enlistment_ru": 33.0, "attrition.bonus_elasticity": 0.5},
        asked,
        12,
        paths=1_024,
    )
    affordable = poor["fiscal.recruit_budget"] / poor["fiscal.cost_per_recruit"]
    willing = 33.0 * np.sqrt(poor["fiscal.bonus"])
    np.testing.assert_allclose(poor["attrition.enlisted_ru"], np.minimum(willing, affordable))
    assert (affordable < willing).mean() > 0.99
    assert poor["attrition.enlisted_ru"].max() < 33.0


def test_a_mobilisation_brings_all_it_called(sample, still):
    asked = fields(["mobilised", "called", "first_mobilisation"])
    drawn = sample(
        still | {"attrition.mobilisation_rate": 0.02, "attrition.mobilisation_size": 300.0}, asked, 36, paths=8_192
    )
    happened = np.isfinite(drawn["attrition.first_mobilisation"])
    assert happened.mean() == pytest.approx(1.0 - math.exp(-0.72), abs=0.025)
    came = drawn["attrition.mobilised"].sum(axis=1) + drawn["attrition.called"][:, -1]
    np.testing.assert_allclose(came / 300.0, np.round(came / 300.0), atol=1e-9)
    assert (came[happened] >= 300.0 - 1e-9).all() and came[~happened].max() == 0.0


# --- feedback ---------------------------------------------------------------------------------------------------------


def test_money_and_forces_move_the_hazard_of_peace_with_their_sign(sample, still):
    """With a hazard of 3% a month, twice the log effect at full pressure; the covariates are differences from the
    as-of date."""
    base = still | EVEN | {"conflict.ceasefire_rate": 0.03, "conflict.war_to_ceasefire_shape": 1.0} | NO_RELAPSE
    broke = base | {
        "fiscal.consolidation": 0.0,
        "fiscal.liquid_reserve": 1.0,
        "fiscal.borrowing": 1.0,
        "fiscal.nominal_growth": 0.1,
    }
    asked = ["conflict.first_ceasefire", "fiscal.pressure", "attrition.net_share"]
    share = {}
    for effect in (0.0, 1.0):
        drawn = sample(broke | {"conflict.runway_effect": effect}, asked, 24, paths=16_384)
        share[effect] = np.isfinite(drawn["conflict.first_ceasefire"]).mean()
        assert drawn["fiscal.pressure"][:, -1].mean() > 0.5
    assert share[0.0] == pytest.approx(1.0 - math.exp(-0.72), abs=0.02)
    growing = base | {
        "attrition.enlistment_ru": 33.0,
        "attrition.mobilisation_rate": 0.5,
        "attrition.mobilisation_size": 100.0,
    }
    ended = [
        np.isfinite(
            sample(growing | {"conflict.net_force_effect": effect}, asked, 24, paths=16_384)["conflict.first_ceasefire"]
        ).mean()
        for effect in (0.0, -0.3)
    ]
    assert ended[1] < ended[0] - 0.05, "a side that gains strength fights on"


def test_a_regenerated_force_makes_relapse_likelier(sample, still):
    base = (
        still
        | EVEN
        | {
            "conflict.ceasefire_to_war_rate": 0.01,
            "conflict.ceasefire_to_war_shape": 1.0,
            "attrition.enlistment_ru": 40.0,
        }
    )
    base |= {"attrition.peace_enlistment": 1.0, "attrition.demobilisation": 0.0}
    asked = ["conflict.first_relapse", "attrition.regenerated"]
    broke = []
    for effect in (0.0, 1.0):
        drawn = sample(base | {"conflict.regeneration_effect": effect}, asked, 36, paths=16_384, events=(PEACE,))
        broke.append(np.isfinite(drawn["conflict.first_relapse"]).mean())
        assert drawn["attrition.regenerated"][:, 11].max() > 0.5
    assert broke[0] == pytest.approx(1.0 - math.exp(-0.36), abs=0.02)
    assert broke[1] > broke[0] + 0.1
