"""Tariffs: the 500% bill and its clock, other legal routes, what buyers of Russian oil answer, and what a tariff costs
whom.

Order within a step: Congress, then a review of the law, then what the president may do without it; tariffs end by
compliance, by bargain, in court or in peace; buyers answer as soon as a threat is credible, before any legal date; last
the effects on trade, read from a surface that was solved beforehand. Since 20 February 2026 no tariff rests on IEEPA
(Learning Resources v. Trump): what is not a statute runs by s.232 or s.301, or at most
15% for 150 days by s.122. Pure equations: congress.py, response.py and surface.py; who is who: buyers.py; the moves of a
tariff: py.
"""

from typing import NamedTuple

import numpy as np

from ..conflict import CEASEFIRE
from ..tools.hazards import stamp, strikes
from ..tools.jit import inline, kernel
from ..tools.rng import UNIFORM, Stream
from ..tools.special import half_life_decay
from . import buyers, congress, response
from . import surface as trade
from .buyers import BRAZIL, CHINA, EU, INDIA, REGIONS, TURKIYE
from .congress import LAW, ON_OTHERS, ON_THE_LARGEST, PENDING
from .response import COMPLY, NO_ANSWER
from .status import (
    APPLIED,
    BALANCE_MONTHS,
    BY_BALANCE,
    BY_LAW,
    BY_NOTHING,
    BY_ORDER,
    ORDERED,
    UNTOUCHED,
    WAIVED,
    free,
    order,
    waive,
)

_each = ("china", "india", "turkiye", "eu", "brazil", "japan", "korea", "other")
PARAMS = (
    "bill_chance", "successor_chance", "successor_introduction_rate", "peace_pressure",
    "applied_on_any_chance", "applied_on_china_chance", "waived_for_all_chance", "talks_restraint", "breach_multiplier", "breach_months",
    "statute_rate", "implemented_share", "scope", "notice_months", "order_rate", "order_tariff", "balance_share", "balance_tariff",
    "bargain_rate", "statute_litigation_rate", "order_litigation_rate", "peace_end_rate",
    "target_india", "target_turkiye", "target_eu", "target_brazil", "target_japan", "target_korea", "target_other",
    "credence_law", "credence_waived", "credence_ordered", "perceived_loss", "choice_scale", "reroute_premium", "reroute_cut", "evasion",
    "part_china", "part_india", "part_turkiye", "part_eu", "part_brazil", "part_japan", "part_korea", "part_other",
    "defiance_china", "defiance_india", "defiance_turkiye", "defiance_eu", "defiance_brazil", "defiance_japan", "defiance_korea", "defiance_other",
    "cut_half_life", "return_share", "return_half_life", "unplaced_share", "elasticity_short", "elasticity_long", "elasticity_half_life",
    "border_pass_through", "retail_pass_through",
)  # fmt: skip
FACTS = (
    "statute", "us_goods_imports", "us_consumption",
    *(f"us_imports_{name}" for name in _each),
    *(f"russian_oil_{name}" for name in _each[4:7]),
    *(f"oil_imports_{name}" for name in _each),
)  # fmt: skip
STATE = (
    "bill", "congress", "pending", "law", "dead", "review_clock", "breach_left", "determined",
    ("status", 8), ("basis", 8), ("timer", 8), ("tariff", 8), ("applied", 8), ("waived", 8), ("menace", 8),
    ("answer", 8), ("age", 8), ("cut", 8),
    "awake", "any_applied", "months_applied", "cut_china", "cut_india", "cut_turkiye", "cut_eu", "cut_other", "cut_volume", "threat",
    ("welfare", len(REGIONS)), "us_import_price", "us_cpi", "us_revenue", "us_trade_lost", "total_us_revenue",
    "first_law", "first_determination", "first_tariff", "first_tariff_on_china", "first_tariff_on_india", "first_order", "first_waiver",
    "first_struck_down", "first_compliance",
)  # fmt: skip
EVENTS = (*(name for name in STATE if isinstance(name, str) and name.startswith("first_")), "total_us_revenue")
DRAWS = (
    Stream("tariffs.law", (("passage", UNIFORM), ("introduction", UNIFORM), ("review", UNIFORM), ("order", UNIFORM))),
    Stream(
        "tariffs.courts", (("statute_court", UNIFORM), ("order_court", UNIFORM), ("peace", UNIFORM), ("route", UNIFORM))
    ),
    Stream(
        "tariffs.targets",
        (("name_china", UNIFORM), ("name_india", UNIFORM), ("name_turkiye", UNIFORM), ("name_eu", UNIFORM)),
    ),
    Stream(
        "tariffs.others",
        (("name_brazil", UNIFORM), ("name_japan", UNIFORM), ("name_korea", UNIFORM), ("name_other", UNIFORM)),
    ),
    Stream(
        "tariffs.answers",
        (("answer_china", UNIFORM), ("answer_india", UNIFORM), ("answer_turkiye", UNIFORM), ("answer_eu", UNIFORM)),
    ),
    Stream(
        "tariffs.further",
        (("answer_brazil", UNIFORM), ("answer_japan", UNIFORM), ("answer_korea", UNIFORM), ("answer_other", UNIFORM)),
    ),
)
SETTLED = 0.8
"""A buyer that has dropped this share of its Russian oil is taken at its word, and its tariff ends."""


class Tables(NamedTuple):
    """The congressional calendar, dated events, and the trade table's constants."""

    congress_ends: np.ndarray  # (steps,) 1 if a Congress ends in the step
    alive: np.ndarray  # (steps,) months of the step before that, or all of it
    months_at_start: float  # from the as-of date to the end of the Congress in session
    pinned_bill: np.ndarray  # (steps,) state of the bill that a dated event sets, or -1
    pinned_status: np.ndarray  # (steps, buyers) status that a dated event sets, or -1
    gdp: np.ndarray  # (regions,) bn USD a year
    surface: trade.Surface  # outputs: welfare by region, per cent of its GDP


@kernel
def start(tariffs, p):
    """State of the as-of date on every lane: no tariff on a buyer for its Russian oil."""
    for lane in range(tariffs.bill.size):
        tariffs.bill[lane] = p.statute[lane]
        tariffs.congress[lane] = 0.0
        tariffs.review_clock[lane] = 0.0
        tariffs.breach_left[lane] = 0.0
        tariffs.determined[lane] = 0.0
        tariffs.months_applied[lane] = 0.0
        tariffs.total_us_revenue[lane] = 0.0
        tariffs.awake[lane] = 1.0  # the first step writes every output; then a path sleeps until something happens
        for b in range(8):
            tariffs.status[b, lane] = UNTOUCHED
            tariffs.basis[b, lane] = BY_NOTHING
            tariffs.timer[b, lane] = 0.0
            tariffs.tariff[b, lane] = 0.0
            tariffs.menace[b, lane] = 0.0
            tariffs.answer[b, lane] = NO_ANSWER
            tariffs.age[b, lane] = 0.0
            tariffs.cut[b, lane] = 0.0


@kernel
def advance(tariffs, p, draws, conflict, war, oil, market, tables, t, dt):
    """One step of a block. Reads this step's war and last step's oil; ``war`` and ``market`` are the parameters and
    facts of conflict and oil."""
    moment = t * dt
    for lane in range(tariffs.bill.size):
        _ends(tariffs, p, draws, conflict, lane, moment, dt)
        _statute(tariffs, p, draws, conflict, war, tables, t, lane, dt)
        _orders(tariffs, p, draws, conflict, war, lane, moment, dt)
        _pins(tariffs, p, tables, t, lane, moment)
        if tariffs.awake[lane] == 1.0:
            _answers(tariffs, p, draws, conflict, oil, market, tables, lane, moment, dt)
            _effects(tariffs, p, tables, lane, moment, dt)


@inline
def _weight(tariffs, p, conflict, war, lane):
    """How far Russia counts as refusing: less than 1 while it talks and more while it does not, 1 on average over a
    war, so that the declared chances hold; more after a breach; nothing in a ceasefire that holds. ``war`` are the
    parameters of the conflict."""
    if conflict.state[lane] >= CEASEFIRE:
        return 0.0
    if tariffs.breach_left[lane] > 0.0:
        return p.breach_multiplier[lane]
    talking = war.talks_start_rate[lane] / max(war.talks_start_rate[lane] + war.talks_stall_rate[lane], 1e-12)
    return congress.refusal(talking, p.talks_restraint[lane], conflict.talks[lane])


@inline
def _statute(tariffs, p, draws, conflict, war, tables, t, lane, dt):
    """Congress and the reviews of the law."""
    moment = t * dt
    quiet = conflict.state[lane] >= CEASEFIRE
    tariffs.breach_left[lane] = (
        p.breach_months[lane] if conflict.relapsed[lane] == 1.0 else max(tariffs.breach_left[lane] - dt, 0.0)
    )
    was = tariffs.bill[lane]
    if was != LAW:
        clock = congress.congress_step(
            congress.Clock(was, tariffs.congress[lane]),
            p.bill_chance[lane],
            p.successor_chance[lane],
            tables.months_at_start,
            p.successor_introduction_rate[lane],
            tables.alive[t],
            tables.congress_ends[t],
            p.peace_pressure[lane] if quiet else 1.0,
            draws.passage[lane],
            draws.introduction[lane],
            dt,
        )
        tariffs.bill[lane] = clock.state
        tariffs.congress[lane] = clock.congress
    if tables.pinned_bill[t] >= 0.0:
        tariffs.bill[lane] = tables.pinned_bill[t]
    if tariffs.bill[lane] == LAW and was != LAW:
        tariffs.review_clock[lane] = 0.0
        tariffs.awake[lane] = 1.0
        stamp(tariffs.first_law, lane, True, moment)
    elif tariffs.bill[lane] == LAW:
        _review(tariffs, p, draws, conflict, war, lane, moment, dt)
    tariffs.pending[lane] = 1.0 if tariffs.bill[lane] == PENDING else 0.0
    tariffs.law[lane] = 1.0 if tariffs.bill[lane] == LAW else 0.0
    tariffs.dead[lane] = 1.0 - tariffs.pending[lane] - tariffs.law[lane]


@inline
def _review(tariffs, p, draws, conflict, war, lane, moment, dt):
    tariffs.review_clock[lane] += dt
    if tariffs.review_clock[lane] < congress.REVIEW_MONTHS:
        return
    tariffs.review_clock[lane] -= congress.REVIEW_MONTHS
    weight = _weight(tariffs, p, conflict, war, lane)
    chances = (p.applied_on_china_chance[lane], p.applied_on_any_chance[lane], p.waived_for_all_chance[lane])
    outcome = congress.review(chances[0], chances[1], chances[2], weight, draws.review[lane])
    if outcome == congress.NOTHING:
        return
    tariffs.determined[lane] = 1.0
    stamp(tariffs.first_determination, lane, True, moment)
    named = 0
    for b in range(8):
        if tariffs.status[b, lane] == APPLIED and tariffs.tariff[b, lane] >= p.statute_rate[lane]:
            continue
        hit = (
            outcome == ON_THE_LARGEST
            if b == CHINA
            else outcome >= ON_OTHERS and buyers.name(draws, b, lane) < buyers.chance_named(p, b, lane)
        )
        if hit:
            named += 1
            order(tariffs, b, lane, BY_LAW, p.statute_rate[lane], p.notice_months[lane])
        elif tariffs.status[b, lane] != APPLIED:  # a lower tariff that rests on an order goes on
            waive(tariffs, b, lane, moment)
    if outcome == ON_OTHERS and named == 0:  # on somebody: the buyer of the only precedent
        order(tariffs, INDIA, lane, BY_LAW, p.statute_rate[lane], p.notice_months[lane])


@inline
def _orders(tariffs, p, draws, conflict, war, lane, moment, dt):
    """Without a law: by s.232 or s.301, or by s.122, on one buyer. The precedent is India, August 2025."""
    weight = _weight(tariffs, p, conflict, war, lane)
    if weight > 0.0 and strikes(p.order_rate[lane] * weight, dt, draws.order[lane]):
        b = INDIA
        if draws.route[lane] < 0.2:
            b = TURKIYE if draws.route[lane] < 0.1 else BRAZIL
        by_balance = draws.name_other[lane] < p.balance_share[lane]
        rate = p.balance_tariff[lane] if by_balance else p.order_tariff[lane]
        if tariffs.status[b, lane] != APPLIED:
            order(tariffs, b, lane, BY_BALANCE if by_balance else BY_ORDER, rate, p.notice_months[lane])
            stamp(tariffs.first_order, lane, True, moment)


@inline
def _ends(tariffs, p, draws, conflict, lane, moment, dt):
    """Notices and waivers run out; tariffs end by compliance, by bargain, in court, by lapse or in peace."""
    if tariffs.awake[lane] == 0.0:
        return
    by_law = strikes(p.statute_litigation_rate[lane], dt, draws.statute_court[lane])
    by_order = strikes(p.order_litigation_rate[lane], dt, draws.order_court[lane])
    peace = conflict.state[lane] >= CEASEFIRE and strikes(p.peace_end_rate[lane], dt, draws.peace[lane])
    for b in range(8):
        status = tariffs.status[b, lane]
        if status == UNTOUCHED:
            continue
        left = tariffs.timer[b, lane] - dt
        tariffs.timer[b, lane] = max(left, 0.0)
        if status == ORDERED and left <= 1e-9:
            tariffs.status[b, lane] = APPLIED
            tariffs.timer[b, lane] = BALANCE_MONTHS if tariffs.basis[b, lane] == BY_BALANCE else 0.0
            continue
        if status == WAIVED:
            if left <= 1e-9:
                free(tariffs, b, lane)
            continue
        struck = status == APPLIED and (
            (tariffs.basis[b, lane] == BY_LAW and by_law) or (tariffs.basis[b, lane] >= BY_ORDER and by_order)
        )
        lapsed = status == APPLIED and tariffs.basis[b, lane] == BY_BALANCE and left <= 1e-9
        complied = tariffs.answer[b, lane] == COMPLY and tariffs.cut[b, lane] >= SETTLED
        stamp(tariffs.first_struck_down, lane, struck, moment)
        if complied:
            waive(tariffs, b, lane, moment)
        elif (
            struck
            or lapsed
            or peace
            or (status == APPLIED and strikes(p.bargain_rate[lane], dt, buyers.name(draws, b, lane)))
        ):
            free(tariffs, b, lane)


@inline
def _pins(tariffs, p, tables, t, lane, moment):
    """Dated events of the scenario. A tariff that a date applies rests on the law where there is one, else on an
    order."""
    for b in range(8):
        pinned = tables.pinned_status[t, b]
        if pinned < 0.0:
            continue
        tariffs.awake[lane] = 1.0
        if pinned in (ORDERED, APPLIED):
            by_law = tariffs.bill[lane] == LAW
            tariffs.basis[b, lane] = BY_LAW if by_law else BY_ORDER
            tariffs.tariff[b, lane] = p.statute_rate[lane] if by_law else p.order_tariff[lane]
            tariffs.timer[b, lane] = 0.0 if pinned == APPLIED else p.notice_months[lane]
            tariffs.status[b, lane] = pinned
        elif pinned == WAIVED:
            waive(tariffs, b, lane, moment)
        else:
            free(tariffs, b, lane)


@inline
def _elasticity(tariffs, p, lane):
    """Trade elasticity of the months since tariffs began to apply: from short to long (Boehm, Levchenko and
    Pandalai-Nayar 2023)."""
    short = p.elasticity_short[lane]
    return short + (p.elasticity_long[lane] - short) * (
        1.0 - half_life_decay(p.elasticity_half_life[lane], tariffs.months_applied[lane])
    )


@inline
def _felt(tariffs, p, b, lane):
    """Tariff that importers feel on all goods of a buyer (1.0 = 100%): what is implemented of the statutory rate on
    what the scope covers."""
    return tariffs.tariff[b, lane] * p.implemented_share[lane] * p.scope[lane]


@inline
def _menace(tariffs, p, conflict, b, lane):
    """How sure a buyer is of a tariff, 0 to 1."""
    status = tariffs.status[b, lane]
    if status == APPLIED:
        return 1.0
    if status == ORDERED:
        return p.credence_ordered[lane]
    if status == WAIVED:
        return p.credence_waived[lane]
    at_odds = tariffs.bill[lane] == LAW and conflict.state[lane] < CEASEFIRE
    return p.credence_law[lane] if at_odds else 0.0


@inline
def _answers(tariffs, p, draws, conflict, oil, market, tables, lane, moment, dt):
    """Buyers answer when a threat becomes more credible and keep their answer until it is gone; what they drop is
    phased in and partly comes back."""
    spread = 1.0 / max(market.supply_elasticity[lane] + market.demand_elasticity[lane], 0.05)
    dropped = 0.0
    threat = 0.0
    others = 0.0
    others_volume = 0.0
    for b in range(8):
        menace = _menace(tariffs, p, conflict, b, lane)
        before = tariffs.menace[b, lane]
        tariffs.menace[b, lane] = menace
        volume = buyers.volume(p, market, b, lane)
        if b > EU:
            others_volume += volume
        threat += volume * menace
        if menace == 0.0 and tariffs.cut[b, lane] < 1e-9:
            tariffs.answer[b, lane] = NO_ANSWER
            tariffs.cut[b, lane] = 0.0
            continue
        part, defiance, imports, _ = buyers.of(p, b, lane)
        if menace > before and tariffs.answer[b, lane] != COMPLY:
            rate = tariffs.tariff[b, lane] if tariffs.tariff[b, lane] > 0.0 else p.statute_rate[lane]
            felt = rate * p.implemented_share[lane] * p.scope[lane]
            at = trade.place(tables.surface, felt, p.elasticity_long[lane])
            loss = p.perceived_loss[lane] * max(-trade.read(tables.surface, 1 << b, at, buyers.region(b)), 0.0)
            rise = oil.brent[lane] * p.unplaced_share[lane] * volume / market.world_supply[lane] * spread
            gdp = tables.gdp[buyers.region(b)]
            c = response.costs(
                volume,
                oil.delivered_discount[lane],
                imports,
                rise,
                gdp,
                defiance,
                loss,
                menace,
                part,
                p.evasion[lane],
                p.reroute_premium[lane],
            )
            tariffs.answer[b, lane] = response.choose(c, p.choice_scale[lane], buyers.uniform(draws, b, lane))
            tariffs.age[b, lane] = 0.0
            stamp(tariffs.first_compliance, lane, b < EU and tariffs.answer[b, lane] == COMPLY, moment)
        elif menace == 0.0:
            tariffs.answer[b, lane] = NO_ANSWER
        tariffs.age[b, lane] += dt
        wanted = response.wanted_cut(
            tariffs.answer[b, lane],
            tariffs.age[b, lane],
            part,
            p.reroute_cut[lane],
            p.return_share[lane],
            p.return_half_life[lane],
        )
        tariffs.cut[b, lane] = response.cut_step(
            tariffs.cut[b, lane], wanted, p.cut_half_life[lane], p.return_half_life[lane], dt
        )
        dropped += tariffs.cut[b, lane] * volume
        if b > EU:
            others += tariffs.cut[b, lane] * volume
    tariffs.cut_china[lane] = tariffs.cut[CHINA, lane]
    tariffs.cut_india[lane] = tariffs.cut[INDIA, lane]
    tariffs.cut_turkiye[lane] = tariffs.cut[TURKIYE, lane]
    tariffs.cut_eu[lane] = tariffs.cut[EU, lane]
    tariffs.cut_other[lane] = others / max(others_volume, 1e-12)
    tariffs.cut_volume[lane] = dropped
    tariffs.threat[lane] = threat / max(market.crude_exports[lane] + market.product_exports[lane], 1e-12)


@inline
def _effects(tariffs, p, tables, lane, moment, dt):
    """Welfare by region from the surface; US import prices, consumer prices and revenue from the law of large
    tariffs. A set of buyers shares one rate in the surface: those under the law make one set, those under an order
    another, and the effects of both are added."""
    by_law, by_order = 0, 0
    law_felt, order_felt = 0.0, 0.0
    stirring = tariffs.bill[lane] == LAW
    for b in range(8):
        on = tariffs.status[b, lane] == APPLIED
        tariffs.applied[b, lane] = 1.0 if on else 0.0
        tariffs.waived[b, lane] = 1.0 if tariffs.status[b, lane] == WAIVED else 0.0
        stirring = stirring or tariffs.status[b, lane] != UNTOUCHED or tariffs.cut[b, lane] > 0.0
        if on and tariffs.basis[b, lane] == BY_LAW:
            by_law |= 1 << b
            law_felt = max(law_felt, _felt(tariffs, p, b, lane))
        elif on:
            by_order |= 1 << b
            order_felt = max(order_felt, _felt(tariffs, p, b, lane))
    any_on = by_law != 0 or by_order != 0
    tariffs.awake[lane] = 1.0 if stirring else 0.0
    tariffs.any_applied[lane] = 1.0 if any_on else 0.0
    tariffs.us_import_price[lane] = 0.0
    tariffs.us_cpi[lane] = 0.0
    tariffs.us_revenue[lane] = 0.0
    tariffs.us_trade_lost[lane] = 0.0
    elasticity = _elasticity(tariffs, p, lane)
    law_at = trade.place(tables.surface, law_felt, elasticity)
    order_at = trade.place(tables.surface, order_felt, elasticity)
    for r in range(len(REGIONS)):  # nobody is a set too, without effect
        effect = (
            trade.read(tables.surface, by_law, law_at, r) + trade.read(tables.surface, by_order, order_at, r)
            if any_on
            else 0.0
        )
        tariffs.welfare[r, lane] = effect
    if not any_on:
        tariffs.months_applied[lane] = 0.0
        return
    tariffs.months_applied[lane] += dt
    for b in range(8):
        if tariffs.applied[b, lane] == 1.0:
            _us_side(tariffs, p, b, elasticity, lane)
    tariffs.total_us_revenue[lane] += tariffs.us_revenue[lane] * dt / 12.0
    stamp(tariffs.first_tariff, lane, True, moment)
    stamp(tariffs.first_tariff_on_china, lane, tariffs.applied[CHINA, lane] == 1.0, moment)
    stamp(tariffs.first_tariff_on_india, lane, tariffs.applied[INDIA, lane] == 1.0, moment)


@inline
def _us_side(tariffs, p, b, elasticity, lane):
    """What a tariff on one buyer adds to US import prices and consumer prices (per cent), revenue and lost trade (bn
    USD a year)."""
    rate = _felt(tariffs, p, b, lane)
    _, _, _, imports = buyers.of(p, b, lane)
    lost = response.trade_lost(rate, elasticity)
    basket = imports * (1.0 - 0.5 * lost)  # halfway between what was bought before and after
    tariffs.us_import_price[lane] += 100.0 * p.border_pass_through[lane] * rate * basket / p.us_goods_imports[lane]
    tariffs.us_cpi[lane] += 100.0 * p.retail_pass_through[lane] * rate * basket / p.us_consumption[lane]
    tariffs.us_revenue[lane] += rate * imports * (1.0 - lost)
    tariffs.us_trade_lost[lane] += imports * lost
