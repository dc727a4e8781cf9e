"""Gas: the published table of effects from the model's own run, the ban that outlives peace, the foreseen end of
transit, and August 2022."""

import datetime as dt
import math

import numpy as np
import pytest
from detente.analysis import closed_forms
from detente.config.schema import Event

INSTANT = {"gas.pipeline_restart_half_life": 0.05, "gas.lng_restart_half_life": 0.05}
LIFTED = Event(date=dt.date(2026, 10, 1), set={"sanctions.EU.pipeline-gas-phase-out": "lifted"}, source="test")
TRANSIT = Event(date=dt.date(2026, 10, 1), set={"gas.ukraine_transit": "open"}, source="test")
FIELDS = ["gas.ttf", "gas.transit", "gas.turkstream", "gas.gap", "gas.supply_gap", "gas.scarcity"]


# --- effects table ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("elasticity", "percents"), [(0.30, (-8, -13, -21, -28)), (0.8, (-3, -5, -8, -12))])
def test_effects_of_russian_gas_in_a_tight_and_in_a_glutted_market(sample, elasticity, percents):
    """Paired runs with and without transit of that volume, all else drawn: the mean ratio against exp(-(q/580)/e) -
    1."""
    fixed = {
        "gas.elasticity_tight": elasticity,
        "gas.elasticity_glut": elasticity,
        "gas.turkstream": 18.0,
        "sanctions.law_reversal_rate": 0.0,
    }
    fixed |= {
        "gas.transit_reopening_rate": 0.0,
        "gas.suspension_rate": 0.0,
        "gas.price_floor": 1e-9,
        "gas.price_ceiling": 1e9,
        # The closed form knows no oil, no band, no volatility of low storage and no injection that follows the price.
        "gas.oil_response": 0.0,
        "gas.floor_pull": 0.0,
        "gas.ceiling_pull": 0.0,
        "gas.volatility_gap_effect": 0.0,
        "gas.storage_price_effect": 0.0,
    }
    without = sample(INSTANT | fixed, FIELDS, 14, paths=4_096, events=(LIFTED,))
    for change, percent in zip((15.0, 25.0, 40.0, 57.0), percents, strict=True):
        more = sample(
            INSTANT | fixed | {"gas.transit_volume": change}, FIELDS, 14, paths=4_096, events=(LIFTED, TRANSIT)
        )
        flows = more["gas.transit"][:, 12] > change - 1e-6  # a ceasefire that breaks ends transit
        assert flows.mean() > 0.9
        truth = closed_forms.ttf_effect(change, elasticity)
        ratio = more["gas.ttf"][flows, 12] / without["gas.ttf"][flows, 12] - 1.0
        assert np.median(ratio) == pytest.approx(truth, rel=1e-6)
        # Where the store or what LNG can reach came to a bound, more gas does more or less than the closed form says;
        # elsewhere exactly as much.
        left = [run["gas.gap"][flows, :13] - run["gas.supply_gap"][flows, :13] for run in (more, without)]
        served = (more["gas.scarcity"][flows, 12] == 0.0) & (without["gas.scarcity"][flows, 12] == 0.0)
        unbound = served & (np.abs(left[0] - left[1]).max(axis=1) < 1e-9)
        assert unbound.mean() > 0.3
        np.testing.assert_allclose(ratio[unbound], truth, rtol=1e-9)
        error = math.hypot(
            *[run["gas.ttf"][flows, 12].std() / run["gas.ttf"][flows, 12].mean() for run in (more, without)]
        ) / math.sqrt(flows.sum())
        assert abs(more["gas.ttf"][flows, 12].mean() / without["gas.ttf"][flows, 12].mean() - 1.0 - truth) < 4.0 * error
        assert round(100.0 * np.median(ratio)) == percent


def test_the_joint_bound_of_transit_and_turkstream_holds(sample):
    drawn = sample(
        INSTANT | {"gas.transit_volume": 140.0, "gas.transit_cap": 140.0},
        FIELDS,
        12,
        paths=1_024,
        events=(LIFTED, TRANSIT),
    )
    assert drawn["gas.turkstream"].max() <= 20.0 + 1e-9
    assert (drawn["gas.turkstream"] + drawn["gas.transit"]).max() <= 75.0 + 1e-9
    assert (drawn["gas.turkstream"] + drawn["gas.transit"])[:, -1].mean() > 70.0


# --- the ban outlives peace -------------------------------------------------------------------------------------------


def test_a_peace_deal_alone_leaves_the_gas_ban_standing(sample):
    peace = Event(date=dt.date(2026, 10, 1), set={"conflict.state": "settlement"}, source="test")
    quiet = {"sanctions.law_reversal_rate": 0.0, "gas.suspension_rate": 0.0, "gas.transit_reopening_rate": 1.0}
    fields = [
        "gas.russian",
        "gas.pipeline",
        "gas.lng",
        "gas.transit",
        "conflict.state",
        "sanctions.first_EU_crude_relief",
    ]
    drawn = sample(quiet, fields, 36, paths=4_096, scenario="coordinated-relief", events=(peace,))
    assert (drawn["conflict.state"][:, 12] >= 2.0).mean() > 0.5
    assert np.isfinite(drawn["sanctions.first_EU_crude_relief"]).mean() > 0.3, "the deal should ease oil"
    assert drawn["gas.lng"][:, 12].max() < 0.1 * 16.0, "LNG is barred from January 2027 (step 4)"
    assert drawn["gas.pipeline"][:, 30].max() < 0.1 * 20.0, "pipeline gas is barred from September 2027 (step 12)"
    assert drawn["gas.transit"].max() <= 15.0 + 1e-9


def test_new_law_reopens_what_it_repeals_and_nothing_else(sample):
    fields = ["gas.turkstream", "gas.transit", "gas.lng"]
    drawn = sample({}, fields, 30, paths=1_024, scenario="eu-reopens-turkstream-only")
    assert drawn["gas.turkstream"][:, -1].mean() > 15.0
    assert drawn["gas.transit"].max() == 0.0
    # LNG comes back under an emergency suspension only, which never lets in all of it
    assert np.median(drawn["gas.lng"][:, 12:]) < 0.05


def test_a_suspension_lasts_four_weeks(sample):
    decreed = Event(date=dt.date(2028, 1, 1), set={"gas.suspension": "decreed"}, source="test")
    never = {"gas.suspension_rate": 0.0, "gas.suspension_renewal": 0.0, "sanctions.law_reversal_rate": 0.0} | INSTANT
    for step in ("month", "week"):
        drawn = sample(never, ["gas.suspended", "gas.russian"], 24, paths=256, step=step, events=(decreed,))
        assert drawn["gas.suspended"].sum(axis=1) * drawn.dt == pytest.approx(28.0 / 30.4375)
        open_steps = drawn["gas.suspended"][0] > 0.5
        assert drawn["gas.russian"][:, open_steps].mean() > 5.0
        assert drawn["gas.russian"][:, -3:].max() < 0.5


# --- mass balance on every path ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("scenario", ["baseline", "cold-winter-low-storage", "emergency-suspension"])
@pytest.mark.parametrize("step", ["month", "week"])
def test_mass_balance_closes_on_every_path_and_step(sample, scenario, step):
    fields = ["gas.stored", "gas.firm", "gas.spilled", "gas.lng_other", "gas.demand", "gas.fill"]
    drawn = sample(
        {"gas.storage": 60.0, "gas.storage_capacity": 1130.0}, fields, 24, paths=2_048, step=step, scenario=scenario
    )
    a_year = 10.55 * drawn.dt / 12.0
    stored = np.column_stack([np.full(2_048, 678.0), drawn["gas.stored"]])
    flow = (drawn["gas.firm"] - drawn["gas.spilled"] + drawn["gas.lng_other"] - drawn["gas.demand"]) * a_year
    np.testing.assert_allclose(np.diff(stored, axis=1), flow, atol=1e-9)
    assert stored.min() >= 0.0 and stored.max() <= 1130.0
    np.testing.assert_allclose(drawn["gas.fill"], drawn["gas.stored"] / 11.30, atol=1e-9)


# --- events of the past -----------------------------------------------------------------------------------------------


def test_e6_h10_a_foreseen_end_of_transit_moves_the_price_little(sample):
    """15 bcm a year of transit end in three months, as everybody knows: most of it is in the price before, under 5%
    on the event."""
    fields = ["gas.transit", "gas.supply_effect"]
    tight = {
        "gas.elasticity_tight": 0.30,
        "gas.elasticity_glut": 0.30,
        "gas.lng_wave_surplus": 0.0,
        "sanctions.law_reversal_rate": 0.0,
    }
    ends = tight | {"gas.transit_reopening_rate": 0.0, "gas.ukraine_transit": 15.0, "gas.transit_contract_months": 6.0}
    start = dt.date(2024, 6, 30)
    drawn = sample(ends, fields, 9, paths=4_096, as_of=start)
    transit, effect = drawn["gas.transit"], drawn["gas.supply_effect"]
    assert transit[:, 4].min() == 15.0 and transit[:, 5].max() == 0.0
    jump = np.expm1(effect[:, 5] - effect[:, 4])
    before = np.expm1(effect[:, 4])
    assert 0.0 < jump.mean() < 0.05 and np.quantile(jump, 0.95) < 0.05
    assert before.mean() > jump.mean(), "most of it comes before the event"
    surprise = sample(ends | {"gas.anticipation_trust": 0.0}, fields, 9, paths=256, as_of=start)["gas.supply_effect"]
    assert np.expm1(surprise[0, 5] - surprise[0, 4]) == pytest.approx(
        1.0 / (1.0 + closed_forms.ttf_effect(15.0, 0.30)) - 1.0, rel=1e-9
    )


JUNE_2022 = {
    "gulf.state": "open",
    "gulf.severity": 0.0,
    # Price recipe in EUR/MWh to June 2022 (detente calibrate gas)
    "gas.volatility_level": -3.8303,
    "gas.volatility_persistence": 0.9178,
    "gas.volatility_noise": 0.1778,
    "gas.volatility_now": -3.0039,
    "gas.averaging_memory": 0.2928,
    "gas.season_cos": -0.0163,
    "gas.season_sin": -0.0396,
    "gas.storage_gap_effect": -0.0198,
    "gas.oil_filter": 4.557,  # Brent as at its start: no move is on its way
    "gas.oil_mean": 4.557,
    "gas.storage_path_mean": 62.2263,
    "gas.storage_path_cos1": 2.7875,
    "gas.storage_path_sin1": -23.9759,
    "gas.storage_path_cos2": 2.1849,
    "gas.storage_path_sin2": -3.7129,
    "gas.storage_reversion": 0.1104,
    "gas.weather_winter": 45.1691,
    "gas.weather_summer": 13.6208,
    "gas.weather_rate": 1.1502,
    "gas.last_innovation": 0.1305,
    "gas.ttf": 108.37,
    # GIE AGSI+, 30 June 2022; flows of June 2022: Nord Stream at 40%, transit by one line, TurkStream, no Yamal
    # (recalled)
    "gas.storage": 58.19,
    "gas.storage_capacity": 1111.1,
    "gas.demand": 380.0,
    "gas.other_supply": 190.0,
    "gas.turkstream": 12.0,
    "gas.ukraine_transit": 15.0,
    "gas.nord_stream": 24.0,
    "gas.lng": 19.0,
}  # fmt: skip


def test_h7_august_2022_was_a_tail_and_not_impossible(sample):
    """Run frozen at the end of June 2022: the chance that gas averages more than 60 USD/mmbtu in August lies between
    1% and 15%."""
    drawn = sample(JUNE_2022, ["gas.ttf"], 2, paths=65_536, as_of=dt.date(2022, 6, 30))
    dollars_per_euro = 1.05658  # ECB, mean of June 2022
    threshold = 60.0 / 0.29307107 / dollars_per_euro
    chance = (drawn["gas.ttf"][:, 1] > threshold).mean()
    assert 0.01 < chance < 0.15, f"P = {chance:.3f} at {threshold:.0f} EUR/MWh"


# --- dispersion -------------------------------------------------------------------------------------------------------

RECIPE_ALONE = {
    "gas.explained_variance": 0.0,
    "gas.gulf_lng_share": 0.0,
    "gas.lng_wave_surplus": 0.0,
    "gas.world_lng": 1e9,  # no change of supply is felt
    "gas.weather_price_effect": 0.0,
    "gas.price_floor": 1e-9,
    "gas.price_ceiling": 1e9,
    "gas.weather_winter": 0.0,
    "gas.weather_summer": 0.0,
    "gas.storage_path_mean": 64.14,
    "gas.storage_reversion": 1e-9,  # the storage gap of the origin stays, as in the recipe
    "gas.storage_supply_share": 0.0,
    "gas.suspension_rate": 0.0,
    "gas.storage_price_effect": 0.0,
    "gas.storage_wave_share": 0.0,
}


def test_the_structural_price_is_as_wide_as_the_recipe_alone(sample):
    """What gulf, storage and supply add to the spread is taken out of the base process: neither more nor less than
    the measured recipe."""
    months = np.array([1, 3, 6, 12, 24, 36]) - 1

    def widths(settings):
        logs = np.log(sample(settings, ["gas.ttf"], 36, paths=16_384, scenario="baseline")["gas.ttf"][:, months])
        return np.diff(np.quantile(logs, (0.05, 0.95), axis=0), axis=0)[0]

    ratios = widths({}) / widths(RECIPE_ALONE)
    assert (ratios > 0.93).all() and (ratios < 1.08).all(), ratios
