"""Tariffs: declared chances are what the sampler does, the law's own terms hold, buyers answer as they should, and
oil balances."""

import datetime as dt

import numpy as np
import pytest
from detente.config import loader
from detente.config.schema import Event
from detente.config.vocabulary import Buyer
from detente.engine import sampling
from detente_kernels.tariffs import congress, status

CHINA, INDIA = list(Buyer).index(Buyer.CHINA), list(Buyer).index(Buyer.INDIA)
WEEK = 7.0 / 30.4375
SIGNED = dt.date(2026, 9, 1)


def fixed(**values):
    return {f"tariffs.{name}": value for name, value in values.items()}


def dated(day, **states):
    """A dated event; ``conflict__state="war"`` stands for "conflict.state"."""
    return Event(date=day, set={key.replace("__", "."): value for key, value in states.items()}, source="test")


LAW = dated(SIGNED, tariffs__bill="law")
NO_BILL = fixed(bill_chance=0.0, successor_chance=0.0)
NO_ORDERS = fixed(order_rate=0.0)
NO_ENDS = fixed(bargain_rate=0.0, statute_litigation_rate=0.0, order_litigation_rate=0.0, peace_end_rate=0.0)
DEFIANT = fixed(**{f"defiance_{target}": 1e3 for target in (buyer.key for buyer in Buyer)})
"""Nobody gives way, in whole or in part."""
REFUSING = fixed(talks_restraint=1.0)
"""Talks make no difference: every review has weight 1."""


def by(times, months):
    """Per path, whether an event has happened within so many months."""
    return (np.nan_to_num(times, nan=np.inf) <= months).astype(float)


# --- the bill ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["month", "week"])
def test_p_law_by_the_end_of_the_congress_is_as_declared(sample, still, within, step):
    fields = ["tariffs.law", "tariffs.pending", "tariffs.lapsed"]
    drawn = sample(still | fixed(bill_chance=0.3, successor_introduction_rate=0.0), fields, 6, step=step)
    last = 4 if step == "month" else (dt.date(2027, 1, 3) - dt.date(2026, 9, 1)).days // 7
    within(drawn["tariffs.law"][:, last], 0.3)
    within(drawn["tariffs.law"][:, -1], 0.3)
    months = 4.0 + 2.0 / 31.0 if step == "month" else (last + 5.0 / 7.0) * WEEK
    part = (2 if step == "month" else 8) * drawn.dt
    within(drawn["tariffs.law"][:, round(part / drawn.dt) - 1], 1.0 - 0.7 ** (part / months))
    assert (drawn["tariffs.pending"][:, last - 1] == 1.0 - drawn["tariffs.law"][:, last - 1]).all()
    assert drawn["tariffs.pending"][:, last:].max() == 0.0, "what is not law on 3 January 2027 dies on every path"
    assert (drawn["tariffs.lapsed"][:, last:] == 1.0 - drawn["tariffs.law"][:, last:]).all()


def test_the_drawn_chance_of_the_bill_has_the_mean_of_its_distribution(sample, still, within):
    drawn = sample(still, ["tariffs.law"], 5, scenario="baseline")
    within(drawn["tariffs.law"][:, 4], 0.05)


def test_passage_is_less_likely_while_a_ceasefire_holds(sample, still, within):
    quiet = dated(SIGNED, conflict__state="ceasefire")
    drawn = sample(still | fixed(bill_chance=0.3, peace_pressure=0.2), ["tariffs.law"], 5, events=(quiet,))
    within(drawn["tariffs.law"][:, 4], 1.0 - 0.7**0.2)


def test_a_successor_is_brought_in_and_may_pass(sample, still, within):
    brought_in = sample(
        still | fixed(bill_chance=0.0, successor_chance=0.0, successor_introduction_rate=0.15), ["tariffs.pending"], 30
    )
    for step in (5, 10, 20, 27):  # the Congress ends in step 4 and the next one in step 28
        within(brought_in["tariffs.pending"][:, step], 1.0 - np.exp(-0.15 * (step - 4)))
    assert brought_in["tariffs.pending"][:, 28].max() == 0.0, "the 120th Congress ends on 3 January 2029"
    at_once = sample(
        still | fixed(bill_chance=0.0, successor_chance=0.5, successor_introduction_rate=50.0), ["tariffs.law"], 18
    )
    assert at_once["tariffs.law"][:, 5].max() == 0.0
    within(at_once["tariffs.law"][:, 17], 1.0 - 0.5 ** (12.0 / 24.0))


# --- reviews of the law -----------------------------------------------------------------------------------------------

REVIEWED = (
    fixed(applied_on_any_chance=0.4, applied_on_china_chance=0.1, waived_for_all_chance=0.0, notice_months=0.05)
    | NO_ORDERS
    | NO_ENDS
)
TARIFFS = ["tariffs.first_determination", "tariffs.first_tariff", "tariffs.first_tariff_on_china"]


@pytest.mark.parametrize("step", ["month", "week"])
def test_chances_within_a_year_of_law_are_as_declared(sample, still, within, step):
    """Ordered within twelve months, four reviews; collected a step after the order at the latest."""
    drawn = sample(still | REVIEWED | REFUSING, TARIFFS, 15, step=step, paths=100_000, events=(LAW,))
    year = 12.0 if step == "month" else 52 * WEEK
    within(by(drawn["tariffs.first_determination"], year), 0.4)
    within(by(drawn["tariffs.first_tariff"], year + drawn.dt), 0.4)
    within(by(drawn["tariffs.first_tariff_on_china"], year + drawn.dt), 0.1)
    reviews = np.unique(drawn["tariffs.first_determination"][np.isfinite(drawn["tariffs.first_determination"])])
    assert reviews[:4] == pytest.approx([3.0, 6.0, 9.0, 12.0] if step == "month" else np.array([13, 26, 39, 52]) * WEEK)


def test_a_determination_may_waive_everybody(sample, still, within):
    drawn = sample(still | REVIEWED | REFUSING | fixed(waived_for_all_chance=0.25), TARIFFS, 14, events=(LAW,))
    within(by(drawn["tariffs.first_determination"], 12.0), 0.4 + 0.6 * 0.25)
    within(by(drawn["tariffs.first_tariff"], 13.0), 0.4)


def test_drawn_chances_keep_the_means_of_their_distributions(sample, still, within):
    unfixed = {key: value for key, value in REVIEWED.items() if "chance" not in key}
    drawn = sample(still | unfixed | REFUSING, TARIFFS, 14, paths=65_536, events=(LAW,))
    chances = sampling.draws(loader.load("no-relief", paths=65_536), 65_536)
    within(by(drawn["tariffs.first_tariff"], 13.0), chances["tariffs.applied_on_any_chance"].mean())
    largest = np.minimum(chances["tariffs.applied_on_china_chance"], chances["tariffs.applied_on_any_chance"])
    within(by(drawn["tariffs.first_tariff_on_china"], 13.0), largest.mean())
    assert largest.mean() == pytest.approx(0.02, abs=0.001)


def test_talks_move_the_reviews_and_keep_the_declared_chance(sample, still, within):
    """Exact over the Markov chain of talks; what talks take from some reviews they give to others, so that the
    declared chance nearly stands."""
    rates = {"conflict.talks_start_rate": 0.15, "conflict.talks_stall_rate": 0.15, "conflict.talks": 0.0}
    stay = 0.5 + 0.5 * np.exp(-0.3)
    month = np.array([[stay, 1.0 - stay], [1.0 - stay, stay]])
    weights = np.array([congress.refusal(0.5, 0.4, talks) for talks in (0.0, 1.0)])
    assert weights.mean() == pytest.approx(1.0) and weights[1] == 0.4
    a_review = 1.0 - 0.6**0.25

    def none_in_a_year(start):
        left = start @ np.linalg.matrix_power(month, 4)
        for _ in range(4):
            left = (left * (1.0 - weights * a_review)) @ np.linalg.matrix_power(month, 3)
        return left.sum()

    drawn = sample(still | REVIEWED | fixed(talks_restraint=0.4) | rates, TARIFFS, 14, events=(LAW,))
    within(
        by(drawn["tariffs.first_determination"], 12.0), 1.0 - none_in_a_year(np.array([1.0, 0.0]))
    )  # talks are stalled at the start
    in_the_long_run = 1.0 - none_in_a_year(np.array([0.5, 0.5]))
    assert 0.38 < in_the_long_run < 0.4, (
        "talks that last make reviews alike, which costs a little of the declared chance"
    )


def test_no_review_bites_in_a_ceasefire(sample, still):
    certain = still | REVIEWED | REFUSING | fixed(applied_on_any_chance=0.9999)
    quiet = dated(SIGNED, tariffs__bill="law", conflict__state="ceasefire")
    drawn = sample(certain, [*TARIFFS, "tariffs.threat"], 24, paths=4_096, events=(quiet,))
    assert not np.isfinite(drawn["tariffs.first_determination"]).any()
    assert drawn["tariffs.threat"].max() == 0.0
    again = (
        quiet,
        dated(dt.date(2026, 10, 1), conflict__state="war"),
        dated(dt.date(2026, 11, 1), conflict__state="ceasefire"),
    )
    drawn = sample(certain, TARIFFS, 24, paths=4_096, events=again)
    assert not np.isfinite(drawn["tariffs.first_determination"]).any(), "a breach counts in war only"


def test_a_breach_makes_a_tariff_more_likely_for_as_long_as_it_counts(sample, still, within):
    events = (
        dated(SIGNED, tariffs__bill="law", conflict__state="ceasefire"),
        dated(dt.date(2026, 11, 1), conflict__state="war"),
    )
    some = still | REVIEWED | REFUSING | fixed(applied_on_any_chance=0.2, breach_multiplier=3.0, breach_months=6.0)
    drawn = sample(some, TARIFFS, 10, events=events)["tariffs.first_determination"]
    a_review = 1.0 - 0.8**0.25
    for month, weight in ((3.0, 3.0), (6.0, 3.0), (9.0, 1.0)):
        left = drawn[np.nan_to_num(drawn, nan=np.inf) >= month]
        within((left == month).astype(float), weight * a_review)


def test_china_is_hit_by_its_own_draw_or_not_at_all(sample):
    often = fixed(applied_on_china_chance=0.0, applied_on_any_chance=0.9, order_rate=0.3)
    drawn = sample(often, TARIFFS, 36, paths=16_384, scenario="baseline", events=(LAW,))
    assert by(drawn["tariffs.first_tariff"], 36.0).mean() > 0.9
    assert not np.isfinite(drawn["tariffs.first_tariff_on_china"]).any()


# --- terms of law -----------------------------------------------------------------------------------------------------


def spells(on):
    """Lengths, in steps, of unbroken spells that have ended, over all paths."""
    edges = np.diff(np.pad(on.astype(int), ((0, 0), (1, 1))), axis=1)
    begins, ends = np.argwhere(edges == 1), np.argwhere(edges == -1)
    return (ends[:, 1] - begins[:, 1])[ends[:, 1] < on.shape[1]]


@pytest.mark.parametrize(("step", "longest"), [("month", 5), ("week", 22)])
def test_s122_gives_at_most_15_per_cent_for_150_days(sample, still, step, longest):
    """150 days are 4.93 months and 21.4 weeks: a tariff ends with the step in which it lapses."""
    rows = [f"tariffs.{field}[{b}]" for field in ("status", "basis", "tariff") for b in range(8)]
    ordered = still | NO_BILL | NO_ENDS | DEFIANT | fixed(order_rate=0.3, balance_share=1.0, notice_months=0.05)
    drawn = sample(ordered, rows, 24, step=step, paths=2_048)
    seen = 0
    for b in range(8):
        applied = drawn[f"tariffs.status[{b}]"] == status.APPLIED
        assert (drawn[f"tariffs.basis[{b}]"][applied] == status.BY_BALANCE).all()
        assert drawn[f"tariffs.tariff[{b}]"].max() <= 0.15
        lasted = spells(applied)
        seen += lasted.size
        assert lasted.size == 0 or lasted.max() == longest
    assert seen > 2_048
    assert loader.load("baseline").parameters["tariffs.balance_tariff"].bounds == (0.0, 0.15)


@pytest.mark.parametrize(("step", "steps"), [("month", 6), ("week", 26)])
def test_a_waiver_lasts_180_days(sample, still, step, steps):
    """180 days are 5.91 months and 25.7 weeks."""
    none = still | NO_ORDERS | fixed(applied_on_any_chance=0.0, applied_on_china_chance=0.0, waived_for_all_chance=0.0)
    waived = dated(dt.date(2026, 10, 1), tariffs__china="waived")
    drawn = sample(none, ["tariffs.waived[0]", "tariffs.waived[1]"], 12, step=step, paths=256, events=(LAW, waived))
    assert (spells(drawn["tariffs.waived[0]"] == 1.0) == steps).all()
    assert drawn["tariffs.waived[0]"].sum() == 256 * steps
    assert drawn["tariffs.waived[1]"].max() == 0.0


def test_the_law_raises_a_lower_tariff_and_a_lower_order_changes_nothing(sample, still):
    ends = (
        still
        | NO_BILL
        | NO_ENDS
        | DEFIANT
        | REFUSING
        | fixed(order_tariff=0.25, statute_rate=5.0, balance_share=0.0, notice_months=3.0)
    )
    hit = ends | NO_ORDERS | fixed(applied_on_any_chance=0.9999, applied_on_china_chance=0.0, target_india=1.0)
    drawn = sample(
        hit,
        ["tariffs.tariff[1]", "tariffs.basis[1]"],
        20,
        paths=512,
        events=(LAW, dated(SIGNED, tariffs__india="applied")),
    )
    assert (drawn["tariffs.tariff[1]"][:, 0] == 5.0).all(), "applied under a law that stands"
    before = (dated(SIGNED, tariffs__india="applied"), dated(dt.date(2026, 10, 1), tariffs__bill="law"))
    drawn = sample(hit, ["tariffs.tariff[1]", "tariffs.basis[1]"], 30, paths=512, events=before)
    assert (drawn["tariffs.tariff[1]"][:, :4] == 0.25).all()
    assert (drawn["tariffs.tariff[1]"][:, -1] == 5.0).all() and (
        drawn["tariffs.basis[1]"][:, -1] == status.BY_LAW
    ).all()
    reordered = ends | fixed(applied_on_any_chance=0.0, applied_on_china_chance=0.0, order_rate=5.0)
    drawn = sample(
        reordered,
        ["tariffs.status[1]", "tariffs.tariff[1]"],
        8,
        paths=512,
        events=(LAW, dated(SIGNED, tariffs__india="ordered")),
    )
    assert (drawn["tariffs.tariff[1]"] == 5.0).all()
    assert (drawn["tariffs.status[1]"][:, 3] == status.APPLIED).all(), "another order does not start the notice anew"


# --- what buyers answer -----------------------------------------------------------------------------------------------

OBLIGING = fixed(defiance_india=0.0, choice_scale=0.001, perceived_loss=20.0, implemented_share=0.5)
"""India complies: refusing is dear and giving way is free."""


def test_compliance_ends_the_tariff(sample, still):
    fields = [
        "tariffs.answer[1]",
        "tariffs.cut[1]",
        "tariffs.applied[1]",
        "tariffs.waived[1]",
        "tariffs.first_compliance",
    ]
    quiet = (
        still
        | OBLIGING
        | NO_ORDERS
        | NO_ENDS
        | fixed(applied_on_any_chance=0.0, applied_on_china_chance=0.0, waived_for_all_chance=0.0)
    )
    drawn = sample(quiet, fields, 12, paths=1_024, events=(LAW, dated(dt.date(2026, 10, 1), tariffs__india="applied")))
    complied = np.isfinite(drawn["tariffs.first_compliance"])
    assert complied.mean() > 0.98, "where the discount is very wide, refusing can still pay"
    applied, waived, cut = (drawn[f"tariffs.{name}[1]"][complied] for name in ("applied", "waived", "cut"))
    assert applied[:, 1].min() == 1.0 and applied[:, 6:].max() == 0.0
    assert waived[:, 6].min() == 1.0
    assert cut[:, -1].min() > 0.99, "the law stands behind the promise"


def test_cuts_are_shares_and_part_of_a_partial_one_returns(sample, still):
    cuts = [f"tariffs.cut[{b}]" for b in range(8)]
    drawn = sample({}, cuts, 36, paths=4_096, scenario="bill-on-all-buyers")
    assert all(drawn[cut].min() >= 0.0 and drawn[cut].max() <= 1.0 for cut in cuts)
    part = fixed(part_india=0.4, return_share=0.6, return_half_life=3.0, cut_half_life=0.7) | fixed(
        credence_ordered=0.7
    )
    ordered = dated(SIGNED, tariffs__india="ordered")
    settings = still | NO_BILL | NO_ORDERS | NO_ENDS | part | fixed(notice_months=100.0)
    drawn = sample(settings, ["tariffs.answer[1]", "tariffs.cut[1]"], 36, paths=4_096, events=(ordered,))
    cut = drawn["tariffs.cut[1]"][drawn["tariffs.answer[1]"][:, 0] == 2.0]
    assert len(cut) > 100
    assert (cut == cut[0]).all() and 0.2 < cut.max() < 0.4
    assert cut[0, -1] == pytest.approx(0.4 * (1.0 - 0.6), rel=0.01)


def test_a_cut_returns_when_the_threat_is_gone(sample, still):
    events = (dated(SIGNED, tariffs__india="ordered"), dated(dt.date(2027, 3, 1), tariffs__india="none"))
    settings = (
        still
        | OBLIGING
        | NO_BILL
        | NO_ORDERS
        | NO_ENDS
        | fixed(return_half_life=3.0, notice_months=100.0, order_tariff=5.0)
    )
    drawn = sample(settings, ["tariffs.cut[1]", "tariffs.waived[1]"], 18, paths=256, events=events)["tariffs.cut[1]"]
    assert drawn[:, 4].min() > 0.9
    np.testing.assert_allclose(drawn[:, 7:] / drawn[:, 6:-1], 0.5 ** (1.0 / 3.0), rtol=1e-9)


def test_buyers_cut_before_the_legal_date(sample, still):
    """Ordered and not collected for four months: those who cut at all have begun before, most of it is done by then."""
    settings = still | NO_BILL | NO_ORDERS | NO_ENDS | fixed(notice_months=4.0, order_tariff=5.0)
    fields = ["tariffs.status[1]", "tariffs.cut[1]", "tariffs.applied[1]", "oil.crude_india"]
    drawn = sample(settings, fields, 8, paths=8_192, events=(dated(SIGNED, tariffs__india="ordered"),))
    without = sample(settings, fields, 8, paths=8_192)
    before = drawn["tariffs.applied[1]"][:, :4]
    assert before.max() == 0.0
    assert drawn["tariffs.cut[1]"][:, 0].mean() > 0.1
    cutting = drawn["tariffs.cut[1]"][:, 3] > 0.01
    assert 0.2 < cutting.mean() < 1.0
    less = drawn["oil.crude_india"][:, 3] < without["oil.crude_india"][:, 3]
    # Who cuts by half takes less in every case; a small cut can be offset by the wider discount that the order brings.
    assert less[drawn["tariffs.cut[1]"][:, 3] > 0.5].all() and less[cutting].mean() > 0.75


# --- history ----------------------------------------------------------------------------------------------------------


def test_h3_the_indian_tariff_of_august_2025_hardly_moved_crude(sample):
    """Information to 31 July 2025, +25% from 27 August: India's imports of Russian crude fall by less than 25% in
    the three months after it."""
    shares = loader.load("baseline", ("as_of=2025-03-31",)).facts
    facts = {key: record.value for key, record in shares.items() if key.startswith("oil.") and "share" in key}
    facts |= fixed(order_tariff=0.25, order_rate=0.0) | NO_BILL
    hit = dated(dt.date(2025, 8, 27), tariffs__india="applied")
    run = {"as_of": dt.date(2025, 7, 31), "paths": 16_384, "scenario": "baseline"}
    drawn = sample(facts, ["oil.crude_india"], 4, events=(hit,), **run)["oil.crude_india"]
    without = sample(facts, ["oil.crude_india"], 4, **run)["oil.crude_india"]
    response = 1.0 - drawn[:, 1:4].mean(axis=0) / without[:, 1:4].mean(axis=0)  # September, October, November 2025
    assert (response > 0.0).all() and (response < 0.25).all(), response
    assert np.median(1.0 - drawn[:, 3] / without[:, 3]) < 0.05, "seen: about none"


# --- couplings --------------------------------------------------------------------------------------------------------

BUYERS = ("china", "india", "turkiye", "eu", "other")


@pytest.mark.parametrize("scenario", ["bill-on-all-buyers", "tariff-struck-down"])
@pytest.mark.parametrize("step", ["month", "week"])
def test_oil_balances_under_cuts(sample, scenario, step):
    fields = [f"oil.{kind}_{buyer}" for kind in ("crude", "product") for buyer in BUYERS]
    fields += [
        "oil.crude",
        "oil.products",
        "oil.exports",
        "oil.revenue",
        "oil.crude_price",
        "oil.product_price",
        "oil.stored",
        "oil.shut_in",
    ]
    drawn = sample({}, [*fields, "tariffs.cut_volume"], 24, paths=2_048, step=step, scenario=scenario)
    assert drawn["tariffs.cut_volume"].max() > 0.5
    crude, products = (sum(drawn[f"oil.{kind}_{buyer}"] for buyer in BUYERS) for kind in ("crude", "product"))
    np.testing.assert_allclose(crude, drawn["oil.crude"], rtol=1e-12)
    np.testing.assert_allclose(products, drawn["oil.products"], rtol=1e-12)
    np.testing.assert_allclose(crude + products, drawn["oil.exports"], rtol=1e-12)
    value = drawn["oil.crude"] * drawn["oil.crude_price"] + drawn["oil.products"] * drawn["oil.product_price"]
    np.testing.assert_allclose(value * 30.4375 / 1000.0, drawn["oil.revenue"], rtol=1e-9)
    assert min(drawn[field].min() for field in fields if "price" not in field) >= 0.0


def test_what_one_buyer_drops_others_take_in_part(sample, still):
    """India complies: others take a part of what it leaves, the rest is stored or shut in, and oil becomes dearer."""
    settings = still | OBLIGING | NO_BILL | NO_ORDERS | NO_ENDS | fixed(order_tariff=5.0, notice_months=100.0)
    fields = ["oil.crude_india", "oil.crude_china", "oil.crude", "oil.shut_in", "oil.stored", "oil.brent"]
    drawn = sample(settings, fields, 12, paths=2_048, events=(dated(SIGNED, tariffs__india="ordered"),))
    without = sample(settings, fields, 12, paths=2_048)
    change = {field: drawn[field][:, 3].mean() - without[field][:, 3].mean() for field in fields}
    assert change["oil.crude_india"] < -1.0 and change["oil.crude_china"] > 0.3
    assert change["oil.crude_india"] < change["oil.crude"] < -0.2
    assert change["oil.shut_in"] + change["oil.stored"] > 0.1 and change["oil.brent"] > 0.0
