"""The structural facts of the evidence that conflict, sanctions and oil must respect, one test each (numbers as in
docs/method.md)."""

import datetime as dt

import numpy as np
import pytest
from detente.config import loader
from detente.engine import outputs, sampling, simulate
from detente.engine import tables as register
from detente.engine.calendar import Calendar
from detente_kernels import tariffs
from detente_kernels.sanctions import lifting
from detente_kernels.tariffs import status

PATHS = 8_192


@pytest.fixture(scope="session")
def run():
    """run(scenario, *sets) -> means (steps,) by (variable, region) and event times (paths,) by field; each asked for
    once."""
    known = {}

    def simulated(scenario, *sets, horizon=36):
        key = (scenario, sets, horizon)
        if key not in known:
            made = simulate.plan(loader.load(scenario, sets, paths=PATHS, horizon=horizon), keep_paths=PATHS)
            collected = []
            result = simulate.simulate(made, jobs=2, on_events=lambda events, _: collected.append(events))
            assert result.failed == 0
            kept = {(v.name, v.region): result.path_values[:, :, k] for k, v in enumerate(made.variables)}
            events = dict(
                zip([entry.field for entry in outputs.events()], np.concatenate(collected, axis=1), strict=True)
            )
            known[key] = (kept, events)
        return known[key]

    return simulated


def series(kept, name):
    """Paths by steps of a variable that stands for one region only."""
    found = [values for (variable, _), values in kept.items() if variable == name]
    assert len(found) == 1, name
    return found[0]


def happened(events, field, months=36.0):
    return np.nan_to_num(events[field], nan=np.inf) <= months


# --- 1. Four lifting actors with different rules ----------------------------------------------------------------------


def test_fact_1_senders_lift_by_their_own_rules():
    loaded = loader.load("baseline")
    rules = {(i.sender, i.rule) for i in loaded.instruments}
    assert {
        ("US", "executive"),
        ("US", "codified"),
        ("US", "statute"),
        ("EU", "unanimity"),
        ("EU", "law"),
        ("UK", "cabinet"),
    } <= rules
    tables = register.tables(loaded, Calendar(loaded.as_of, 36, "month"))
    eu = [
        i
        for i, row in enumerate(register.known_instruments(loaded))
        if row.sender == "EU" and row.rule == "unanimity" and "01-31" in row.renewal
    ]
    renewal_steps = np.flatnonzero(tables.sanctions.renewal[:, eu[0]])
    # sectoral measures: 31 January and 31 July, months 5 and 11 after August 2026
    assert renewal_steps.tolist() == [4, 10, 16, 22, 28, 34]


def test_fact_1_codified_orders_wait_for_the_report_and_longer_in_summer():
    calendar = Calendar(dt.date(2026, 8, 31), 12, "month")
    months = register.tables(loader.load("baseline", horizon=12), calendar).sanctions.review_months
    by_month = {calendar.start(t).month: months[t] for t in range(12)}
    assert by_month[7] == by_month[8] == 2.0
    assert by_month[1] == 1.0


def test_fact_1_us_relief_comes_sooner_than_eu_relief(run):
    _, events = run("baseline")
    us = happened(events, "sanctions.first_broad_US_relief")
    eu = happened(events, "sanctions.first_EU_crude_relief")
    assert us.mean() > 1.5 * eu.mean()


def test_fact_1_statute_rarely_falls_within_the_horizon(run):
    kept, _ = run("coordinated-relief")
    loaded = loader.load("coordinated-relief")
    statutes = [
        i.title for i in loaded.instruments if i.rule == "statute" and i.status == "in force" and i.ends is None
    ]
    assert statutes
    for title in statutes:
        assert series(kept, f"Sanctions|US|{title}|Strength")[:, -1].mean() > 0.9


# --- 2. The EU gas ban is no sanction ---------------------------------------------------------------------------------


def gas_laws():
    return [i for i in loader.load("baseline").instruments if i.rule == "law" and i.channels]


def test_fact_2_a_peace_deal_leaves_the_gas_law_standing(run):
    calm = "parameters.sanctions.law_reversal_rate.value=0.0"
    kept, events = run("coordinated-relief", calm)
    assert happened(events, "sanctions.first_EU_crude_relief").mean() > 0.7, (
        "the scenario should ease the crude embargo"
    )
    assert not happened(events, "sanctions.first_EU_gas_reversal").any()
    for law in gas_laws():
        strength = series(kept, f"Sanctions|EU|{law.title}|Strength")
        assert np.all(strength[:, 14:] == 1.0), law.title


def test_fact_2_an_eu_lapse_leaves_the_gas_law_standing(run):
    certain = (
        "parameters.sanctions.eu_lapse_probability.value=1.0",
        "parameters.sanctions.lapse_readoption_probability.value=0.0",
        "parameters.sanctions.law_reversal_rate.value=0.0",
    )
    kept, events = run("baseline", *certain)
    assert happened(events, "sanctions.first_EU_relief", 6.0).all(), (
        "every sectoral measure lapses at the first renewal"
    )
    for law in gas_laws():
        assert np.all(series(kept, f"Sanctions|EU|{law.title}|Strength")[:, 14:] == 1.0)


def test_fact_2_and_16_gas_law_starts_on_its_dates(run):
    kept, _ = run("no-relief", "parameters.sanctions.law_reversal_rate.value=0.0")
    lng = next(i for i in gas_laws() if "lng_eu" in i.channels)
    pipeline = next(i for i in gas_laws() if "pipeline_gas_eu" in i.channels)
    assert (lng.in_force, pipeline.in_force) == (dt.date(2027, 1, 1), dt.date(2027, 9, 30))
    for law, first_step in ((lng, 4), (pipeline, 12)):  # January 2027 is step 4, September 2027 step 12
        strength = series(kept, f"Sanctions|EU|{law.title}|Strength")
        assert np.all(strength[:, :first_step] == 0.0)
        assert np.all(strength[:, first_step:] == 1.0)


# --- 3. No secondary tariff under IEEPA -------------------------------------------------------------------------------


def test_fact_3_a_tariff_rests_on_the_statute_or_on_other_acts_and_never_on_ieepa(run):
    """Three grounds and no fourth; without the law a tariff under s.122 is at most 15%, and one under s.232 or s.301
    no emergency power."""
    grounds = {name: getattr(status, name) for name in dir(status) if name.startswith("BY_")}
    assert set(grounds) == {"BY_NOTHING", "BY_LAW", "BY_ORDER", "BY_BALANCE"}
    assert not [name for name in tariffs.PARAMS + tariffs.FACTS if "ieepa" in name or "emergency" in name]
    closed = (
        "parameters.tariffs.bill_chance.value=0.0",
        "parameters.tariffs.successor_chance.value=0.0",
        "parameters.tariffs.order_rate.value=0.0",
    )
    kept, events = run("baseline", *closed)
    assert not happened(events, "tariffs.first_tariff").any(), "no statute and no order: no tariff"
    assert series(kept, "Tariff|Threat").max() == 0.0


# --- 4. Relief without a deal, at high oil prices ---------------------------------------------------------------------


def test_fact_4_price_triggered_licences_need_no_deal(run):
    _, events = run("price-triggered-licences")
    licensed = happened(events, "sanctions.first_price_licence", 12.0)
    assert licensed.mean() > 0.6
    no_peace_yet = ~happened(events, "conflict.first_ceasefire", 12.0)
    assert (licensed & no_peace_yet).mean() > 0.5
    assert not happened(events, "sanctions.first_oil_relief_by_deal").any()
    routes = events["sanctions.first_US_relief_route"][licensed]
    assert np.all(routes == lifting.PRICE)


def test_fact_4_cheap_oil_brings_no_licences(run):
    _, events = run("baseline", "facts.oil.brent=45.0", "facts.gulf.state=open", "facts.gulf.severity=0.0", horizon=6)
    assert happened(events, "sanctions.first_price_licence").mean() < 0.05


# --- 5. Physical caps -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scenario", ["coordinated-relief", "us-first-relief", "baseline"])
def test_fact_5_relief_adds_at_most_the_spare_barrels(run, scenario):
    kept, _ = run(scenario)
    drawn = sampling.draws(loader.load(scenario, paths=PATHS), PATHS)
    most = drawn["oil.crude_exports"] + drawn["oil.shut_in"] + drawn["oil.export_upside"]
    release = drawn["oil.storage_capacity"] / (2 * 30.4375)  # stocks that leave storage over about two months
    crude = next(
        v for (name, region), v in kept.items() if name == "Trade|Oil|Crude|Volume" and region == "Russian Federation"
    )
    assert np.all(crude <= (most + release)[:, None] + 1e-9)
    assert drawn["oil.export_upside"].max() <= 0.6


# --- 6, 7, 8. Discount: fungible oil, two bases, a freight floor ------------------------------------------------------


def test_fact_6_relief_moves_the_discount_and_hardly_the_volume(run):
    relief, _ = run("coordinated-relief")
    none, _ = run("no-relief")
    volume = series_total(relief, "Trade|Oil|Volume") - series_total(none, "Trade|Oil|Volume")
    assert 0.0 < volume[:, 18:].mean() < 0.8
    years = slice(18, 36)
    price_part = 7.0 * 30.4375 / 1000 * (discount(none)[:, years] - discount(relief)[:, years]).mean()
    volume_part = volume[:, years].mean() * 30.4375 / 1000 * series(none, "Price|Oil|Urals|FOB")[:, years].mean()
    assert price_part > volume_part


def series_total(kept, name):
    return kept[(name, "Russian Federation")]


def discount(kept):
    return series(kept, "Price|Oil|Urals|FOB Discount")


def test_fact_7_revenue_is_paid_on_the_fob_basis(run):
    kept, _ = run("baseline")
    fob, delivered = series(kept, "Price|Oil|Urals|FOB"), series(kept, "Price|Oil|Urals|Delivered")
    freight = delivered - fob
    assert np.all(freight > 5.0), "delivered is dearer than FOB by the freight"
    np.testing.assert_allclose(
        series(kept, "Price|Oil|Urals|FOB Discount") - series(kept, "Price|Oil|Urals|Delivered Discount"),
        freight,
        atol=1e-9,
    )
    assert np.all(series(kept, "Price|Oil|Crude|Received") <= fob + 1e-9)


def test_fact_8_us_only_relief_stops_at_the_freight_floor(run):
    certain = (
        "parameters.sanctions.us_snapback_probability.value=0.0",
        "parameters.sanctions.relief_reversal_rate.value=0.0",
    )
    floor = sampling.draws(loader.load("us-first-relief", certain, paths=PATHS), PATHS)["oil.freight_floor"]
    kept, events = run("us-first-relief", *certain)
    eased = happened(events, "sanctions.first_broad_US_relief", 18.0) & ~happened(
        events, "sanctions.first_EU_crude_relief"
    )
    assert eased.mean() > 0.5
    noise = series(kept, "Price|Oil|Brent") < 60.0  # below this all parts of the discount shrink with Brent
    level = np.where(noise, np.nan, discount(kept))[eased, 30:]
    above = np.nanmean(level - floor[eased, None])
    assert 0.0 < above < 8.0, "US relief leaves the freight floor and what the EU and UK still block"


def test_fact_8_coordinated_relief_goes_below_the_floor(run):
    us, _ = run("us-first-relief")
    together, _ = run("coordinated-relief")
    none, _ = run("no-relief")
    late = slice(24, 36)
    assert discount(together)[:, late].mean() < 8.0 < discount(us)[:, late].mean() < discount(none)[:, late].mean()


# --- 10. Elasticities in pairs ----------------------------------------------------------------------------------------


def test_fact_10_elasticities_are_drawn_as_pairs():
    loaded = loader.load("baseline", paths=PATHS)
    drawn = sampling.draws(loaded, PATHS)
    pairs = {*zip(drawn["oil.supply_elasticity"], drawn["oil.demand_elasticity"], strict=True)}
    assert pairs == {tuple(row) for row in loaded.joints["elasticities"].rows}


# --- 13. War, truce, ceasefire, settlement and relapse are states of their own ----------------------------------------


def test_fact_13_states_are_apart_and_add_up(run):
    kept, events = run("baseline")
    states = [series(kept, f"Conflict|{name}") for name in ("War", "Partial Truce", "Ceasefire", "Settlement")]
    np.testing.assert_array_equal(sum(states), np.ones_like(states[0]))
    assert all(state.mean() > 0.01 for state in states)
    assert happened(events, "conflict.first_relapse").mean() > 0.02


def test_fact_13_relief_may_precede_follow_or_ignore_peace(run):
    _, events = run("baseline")
    relief = np.nan_to_num(events["sanctions.first_US_relief"], nan=np.inf)
    peace = np.nan_to_num(events["conflict.first_ceasefire"], nan=np.inf)
    assert ((relief < peace) & np.isfinite(peace)).mean() > 0.05
    assert ((relief > peace) & np.isfinite(relief)).mean() > 0.02
    assert (np.isfinite(relief) & np.isinf(peace)).mean() > 0.05


def test_relapse_is_front_loaded(run):
    _, events = run("us-first-relief")
    lasted = events["conflict.first_relapse"] - events["conflict.first_ceasefire"]
    lasted = lasted[~np.isnan(lasted)]
    assert (lasted <= 6).sum() > 1.2 * ((lasted > 6) & (lasted <= 12)).sum()


# --- 14. Large tariffs ------------------------------------------------------------------------------------------------


def test_fact_14_large_tariffs_stop_what_their_power_says_and_half_of_them_is_collected(run):
    """India under 500%: what is lost is 1 - (1 + implemented)^(-e), never more than all; revenue is paid on what is
    left."""
    calm = [
        f"parameters.tariffs.{name}.value=0.0"
        for name in ("order_rate", "bargain_rate", "statute_litigation_rate", "peace_end_rate")
    ]
    calm += [
        f"parameters.tariffs.{name}.value=0.0"
        for name in ("applied_on_any_chance", "applied_on_china_chance", "waived_for_all_chance")
    ]
    short = ("parameters.tariffs.elasticity_half_life.value=240.0", "parameters.tariffs.defiance_india.value=20.0")
    sets = (*calm, *short, "parameters.tariffs.notice_months.value=0.5")
    kept, _ = run("bill-on-india", *sets, horizon=9)
    drawn = sampling.draws(loader.load("bill-on-india", sets, paths=PATHS), PATHS)
    bought = drawn["tariffs.us_imports_india"]
    implemented, elasticity = 5.0 * drawn["tariffs.implemented_share"], drawn["tariffs.elasticity_short"]
    assert drawn["tariffs.implemented_share"].min() >= 0.45 and drawn["tariffs.implemented_share"].max() <= 0.65
    on = kept[("Tariff|Applied", "India")][:, 7] == 1.0  # April 2027, first month
    assert on.mean() > 0.8
    lost = series(kept, "Trade|Imports Lost to Tariffs")[on, 7]
    np.testing.assert_allclose(lost, (bought * (1.0 - (1.0 + implemented) ** -elasticity))[on], rtol=1e-9)
    assert (lost < bought[on]).all()
    np.testing.assert_allclose(
        series(kept, "Revenue|Tariffs on Buyers")[on, 7], (implemented * bought)[on] - implemented[on] * lost, rtol=1e-9
    )


# --- 15. Central-bank assets and trade status are outside any energy path ---------------------------------------------


def test_fact_15_assets_and_trade_status_carry_no_energy_channel():
    loaded = loader.load("baseline")
    rows = [i for i in loaded.instruments if i.name in ("central-bank-assets", "trade-status")]
    assert len(rows) == 2
    assert all(not row.channels for row in rows)
    eased = {(sender, name) for stage in loaded.stages for sender, names in stage.eases.items() for name in names}
    assert not {(row.sender, row.name) for row in rows} & eased


# --- 16. Dated cliffs -------------------------------------------------------------------------------------------------


def test_fact_16_renewals_fall_in_the_steps_of_their_dates():
    for step in ("month", "week"):
        calendar = Calendar(dt.date(2026, 8, 31), 12, step)
        steps = [t for t in range(calendar.steps) if calendar.falls(("01-31",), t)]
        assert len(steps) == 1
        begin, end = calendar.start(steps[0]), calendar.start(steps[0] + 1)
        assert begin <= dt.date(2027, 1, 31) < end


def test_fact_16_every_bill_dies_with_the_119th_congress(run):
    ends = register.tables(loader.load("baseline"), Calendar(dt.date(2026, 8, 31), 36, "month")).tariffs.congress_ends
    assert np.flatnonzero(ends).tolist() == [4, 28], "3 January 2027 and 2029"
    kept, _ = run("baseline")
    law, pending, dead = (series(kept, f"Tariff|Bill|{state}") for state in ("Law", "Pending", "Dead"))
    np.testing.assert_array_equal(law + pending + dead, 1.0)
    assert (pending[:, 3] == 1.0 - law[:, 3]).all() and (dead[:, 4] == 1.0 - law[:, 4]).all()
    assert 0.03 < law[:, 4].mean() < 0.07


# --- As an economist reads it -----------------------------------------------------------------------------------------


def test_revenue_gain_of_relief_comes_mostly_through_the_discount(run):
    _, relief = run("coordinated-relief")
    _, none = run("no-relief")
    volume = {k: e["oil.total_exports"] / 1000 for k, e in (("a", relief), ("b", none))}
    price = {k: e["oil.total_revenue"] / volume[k] for k, e in (("a", relief), ("b", none))}
    brent = {k: e["oil.total_brent_value"] / volume[k] for k, e in (("a", relief), ("b", none))}
    middle = 0.5 * (volume["a"] + volume["b"])
    by_discount = middle * ((brent["b"] - price["b"]) - (brent["a"] - price["a"]))
    by_volume = (volume["a"] - volume["b"]) * 0.5 * (price["a"] + price["b"])
    assert by_volume.mean() > 0.0
    assert by_discount.mean() > 0.6 * (by_discount.mean() + by_volume.mean())


def test_revenue_is_the_sum_of_volume_times_price(run):
    kept, _ = run("baseline")
    crude = kept[("Trade|Oil|Crude|Volume", "Russian Federation")] * series(kept, "Price|Oil|Crude|Received")
    products = kept[("Trade|Oil|Product|Volume", "Russian Federation")] * series(kept, "Price|Oil|Product|Received")
    np.testing.assert_allclose(series_total(kept, "Trade|Oil|Value"), (crude + products) * 30.4375 / 1000, rtol=1e-12)
    for product in ("Crude", "Product"):
        buyers = sum(v for (name, region), v in kept.items() if name == f"Trade|Oil|{product}|Volume" and ">" in region)
        np.testing.assert_allclose(buyers, kept[(f"Trade|Oil|{product}|Volume", "Russian Federation")], rtol=1e-12)


def test_maximum_pressure_costs_volume_and_price(run):
    pressed, _ = run("maximum-pressure")
    none, _ = run("no-relief")
    assert (
        series_total(pressed, "Trade|Oil|Value")[:, 12:].mean()
        < 0.95 * series_total(none, "Trade|Oil|Value")[:, 12:].mean()
    )
    assert series(pressed, "Price|Oil|Brent")[:, 12:].mean() > series(none, "Price|Oil|Brent")[:, 12:].mean()


def test_a_licence_that_comes_and_goes_does_not_make_russia_poorer(run):
    """Price-triggered licences and nothing else different: revenue is no lower in the mean, and on few paths."""
    _, given = run("price-triggered-licences")
    _, none = run("price-triggered-licences", "parameters.sanctions.price_licence_rate.value=0.0")
    gain = given["oil.total_revenue"] - none["oil.total_revenue"]
    assert gain.mean() > 0.0
    assert (gain < -1.0).mean() < 0.15
