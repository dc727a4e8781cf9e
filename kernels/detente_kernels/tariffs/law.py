"""What may put a tariff on a buyer or take it away: the bill and the reviews of the law, orders, ends, dated events."""

from ..conflict import CEASEFIRE
from ..tools.hazards import stamp, strikes
from ..tools.jit import inline
from . import congress
from .buyers import BRAZIL, BUYERS, CHINA, INDIA, OTHER, TURKIYE
from .congress import LAW, ON_OTHERS, ON_THE_LARGEST, PENDING
from .response import COMPLY
from .status import (
    APPLIED,
    BALANCE_MONTHS,
    BY_BALANCE,
    BY_LAW,
    BY_ORDER,
    ORDERED,
    UNTOUCHED,
    WAIVED,
    free,
    order,
    waive,
)  # fmt: skip

SETTLED = 0.8
"""Share of its Russian oil that a buyer must have dropped for its compliance to end the tariff."""


@inline
def _weight(tariffs, p, inputs, lane):
    """How far Russia counts as refusing.

    Less than 1 while it talks and more while it does not, 1 on average over a war, so that the declared chances hold;
    more after a breach; nothing in a ceasefire that holds.
    """
    conflict, war = inputs.conflict, inputs.war
    if conflict.state[lane] >= CEASEFIRE:
        return 0.0
    if tariffs.breach_left[lane] > 0.0:
        return p.breach_multiplier[lane]
    talking = war.talks_start_rate[lane] / max(war.talks_start_rate[lane] + war.talks_stall_rate[lane], 1e-12)
    return congress.refusal(talking, p.talks_restraint[lane], conflict.talks[lane])


@inline
def statute_step(tariffs, p, draws, inputs, tables, t, lane, dt):
    """Congress and the reviews of the law."""
    conflict = inputs.conflict
    moment = t * dt
    quiet = conflict.state[lane] >= CEASEFIRE
    tariffs.breach_left[lane] = (
        p.breach_months[lane] if conflict.relapsed[lane] == 1.0 else max(tariffs.breach_left[lane] - dt, 0.0)
    )
    was = tariffs.bill[lane]
    if was != LAW:
        bill = congress.Bill(
            p.bill_chance[lane], p.successor_chance[lane], tables.months_at_start, p.successor_introduction_rate[lane]
        )
        clock = congress.congress_step(
            congress.Clock(was, tariffs.congress[lane]),
            bill,
            congress.Session(tables.session_months[t], tables.congress_ends[t]),
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
        tariffs.active[lane] = 1.0
        stamp(tariffs.first_law, lane, True, moment)
    elif tariffs.bill[lane] == LAW:
        _review(tariffs, p, draws, inputs, lane, moment, dt)
    tariffs.pending[lane] = 1.0 if tariffs.bill[lane] == PENDING else 0.0
    tariffs.law[lane] = 1.0 if tariffs.bill[lane] == LAW else 0.0
    tariffs.lapsed[lane] = 1.0 - tariffs.pending[lane] - tariffs.law[lane]


@inline
def _review(tariffs, p, draws, inputs, lane, moment, dt):
    """A review when its ninety days are over, and what a determination orders or waives."""
    tariffs.review_clock[lane] += dt
    if tariffs.review_clock[lane] < congress.REVIEW_MONTHS:
        return
    tariffs.review_clock[lane] -= congress.REVIEW_MONTHS
    weight = _weight(tariffs, p, inputs, lane)
    chances = (p.applied_on_china_chance[lane], p.applied_on_any_chance[lane], p.waived_for_all_chance[lane])
    outcome = congress.review(chances[0], chances[1], chances[2], weight, draws.review[lane])
    if outcome == congress.NOTHING:
        return
    tariffs.determined[lane] = 1.0
    stamp(tariffs.first_determination, lane, True, moment)
    named = 0
    for b in range(len(BUYERS)):
        if tariffs.status[b, lane] == APPLIED and tariffs.tariff[b, lane] >= p.statute_rate[lane]:
            continue
        hit = (
            outcome == ON_THE_LARGEST
            if b == CHINA
            else outcome >= ON_OTHERS and draws.name[b, lane] < p.target[b - 1, lane]
        )
        if hit:
            named += 1
            order(tariffs, b, lane, BY_LAW, p.statute_rate[lane], p.notice_months[lane])
        elif tariffs.status[b, lane] != APPLIED:  # a lower tariff that rests on an order goes on
            waive(tariffs, b, lane, moment)
    if outcome == ON_OTHERS and named == 0:  # at least one: the buyer of the only precedent
        order(tariffs, INDIA, lane, BY_LAW, p.statute_rate[lane], p.notice_months[lane])


@inline
def orders_step(tariffs, p, draws, inputs, lane, moment, dt):
    """Without a law: by s.232 or s.301, or by s.122, on one buyer. The precedent is India, August 2025."""
    weight = _weight(tariffs, p, inputs, lane)
    if weight > 0.0 and strikes(p.order_rate[lane] * weight, dt, draws.order[lane]):
        b = INDIA
        if draws.route[lane] < 0.2:
            b = TURKIYE if draws.route[lane] < 0.1 else BRAZIL
        by_balance = draws.name[OTHER, lane] < p.balance_share[lane]
        rate = p.balance_tariff[lane] if by_balance else p.order_tariff[lane]
        if tariffs.status[b, lane] != APPLIED:
            order(tariffs, b, lane, BY_BALANCE if by_balance else BY_ORDER, rate, p.notice_months[lane])
            stamp(tariffs.first_order, lane, True, moment)


@inline
def ends_step(tariffs, p, draws, conflict, lane, moment, dt):
    """Notices and waivers run out; tariffs end by compliance, by bargain, in court, by lapse or in peace."""
    if tariffs.active[lane] == 0.0:
        return
    by_law = strikes(p.statute_litigation_rate[lane], dt, draws.statute_court[lane])
    by_order = strikes(p.order_litigation_rate[lane], dt, draws.order_court[lane])
    peace = conflict.state[lane] >= CEASEFIRE and strikes(p.peace_end_rate[lane], dt, draws.peace[lane])
    for b in range(len(BUYERS)):
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
            struck or lapsed or peace or (status == APPLIED and strikes(p.bargain_rate[lane], dt, draws.name[b, lane]))
        ):
            free(tariffs, b, lane)


@inline
def pins_step(tariffs, p, tables, t, lane, moment):
    """Dated events of the scenario.

    A tariff that a date applies rests on the law where there is one, else on an order.
    """
    for b in range(len(BUYERS)):
        pinned = tables.pinned_status[t, b]
        if pinned < 0.0:
            continue
        tariffs.active[lane] = 1.0
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
