"""Instruments of the register, one step of each: decisions become law, licences run out, reliefs are dated."""

from typing import NamedTuple

import numpy as np

from ..tools.hazards import stamp
from ..tools.jit import inline
from .channels import BLOCKING, CRUDE_EU, LNG_EU, PIPELINE_GAS_EU
from .lifting import (
    DEAL,
    DORMANT,
    IN_FORCE,
    INITIATIVE,
    LAPSE,
    LAW,
    LICENSED,
    LIFTED,
    NO_ROUTE,
    PRICE,
    UNANIMITY,
    Decision,
    Delay,
    Odds,
    Row,
    decide,
    open_to,
    step,
)  # fmt: skip
from .senders import (
    NEWS_EU_TIGHTENS,
    NEWS_HIGH_PRICE,
    NEWS_LAPSE,
    NEWS_LICENCE,
    NEWS_REVERSAL,
    NEWS_SNAPBACK,
    NEWS_US_TIGHTENS,
    SENDERS,
)  # fmt: skip


class Cell(NamedTuple):
    """An instrument of a path in a step."""

    instrument: int
    lane: int
    step: int


@inline
def _odds(p, draws, tables, t, lane):
    return Odds(
        first=Delay(p.first_relief_days[lane], p.first_relief_log_sd[lane], draws.us_delay[lane]),
        broad=Delay(p.broad_relief_days[lane], p.broad_relief_log_sd[lane], draws.us_delay[lane]),
        eu=Delay(p.eu_act_days[lane], p.eu_act_log_sd[lane], draws.eu_delay[lane]),
        cabinet=Delay(p.cabinet_days[lane], p.cabinet_log_sd[lane], draws.follower_delay[lane]),
        price_days=p.price_licence_days[lane],
        review=tables.review_months[t],
        disapproval=p.codified_disapproval_probability[lane],
        repeal_rate=p.statute_repeal_rate[lane],
        congress=draws.congress[lane],
    )


@inline
def instrument_step(sanctions, at, news, p, draws, stage, tables, dt):
    """One step of one instrument of one path, with what the senders want of it; ``stage`` is the roadmap's."""
    i, lane, t = at.instrument, at.lane, at.step
    s = tables.sender[i]
    rule = tables.rule[i]
    moment = (t + 1) * dt
    row = Row(
        sanctions.status[i, lane],
        sanctions.pending[i, lane],
        sanctions.due[i, lane],
        sanctions.term[i, lane],
        sanctions.route[i, lane],
    )
    before = row
    agreed = sanctions.agreed[s, lane]
    wanted = NO_ROUTE
    if agreed == DEAL and 0.0 < tables.stage[i] <= stage:
        wanted = DEAL
    elif agreed == INITIATIVE and tables.stage[i] > 0.0 and (tables.broad[i] == 0.0 or tables.price_licence[i] == 1.0):
        wanted = INITIATIVE
    if wanted == NO_ROUTE and news & NEWS_LICENCE and tables.price_licence[i] == 1.0:
        wanted = PRICE
    decision = Decision(-1.0, 0.0, NO_ROUTE)
    if wanted != NO_ROUTE and open_to(row, wanted):
        decision = decide(rule, wanted, tables.broad[i], tables.stage_delay[i], _odds(p, draws, tables, t, lane))
    renewal_odds = (
        p.licence_renewal_probability[lane] if news & NEWS_HIGH_PRICE else p.licence_renewal_without_cause[lane]
    )
    if row.route != PRICE and agreed != NO_ROUTE:  # renewed as long as its sender wants the relief
        renewal_odds = 1.0
    row = step(row, decision, tables.licence_months[i], renewal_odds, draws.us_licence[lane], dt)

    if rule == UNANIMITY and tables.renewal[t, i] == 1.0 and news & NEWS_LAPSE and row.status == IN_FORCE:
        # The vote's draw beyond the chance of a lapse is uniform again.
        beyond = (draws.eu_vote[lane] - 1.0) / max(p.eu_lapse_probability[lane], 1e-12) + 1.0
        again = IN_FORCE if beyond < p.lapse_readoption_probability[lane] else -1.0
        row = Row(LIFTED, again, p.lapse_readoption_months[lane], np.inf, LAPSE)
    if (
        rule == LAW
        and news & NEWS_REVERSAL
        and row.status != LIFTED
        and tables.weight[i, PIPELINE_GAS_EU] + tables.weight[i, LNG_EU] > 0.0
    ):
        row = Row(LIFTED, -1.0, 0.0, np.inf, INITIATIVE)
    tightens = news & (NEWS_US_TIGHTENS if s == 0 else NEWS_EU_TIGHTENS)
    if tightens and tables.proposed[i] == 1.0 and row.status == DORMANT and moment >= tables.start_due[i]:
        row = Row(IN_FORCE, -1.0, 0.0, np.inf, NO_ROUTE)
    if news & (NEWS_SNAPBACK << s) and rule != LAW and (row.route == DEAL or row.route == INITIATIVE):
        if row.status == IN_FORCE:  # relief under way is called off
            row = Row(IN_FORCE, -1.0, 0.0, np.inf, NO_ROUTE)
        else:
            row = Row(row.status, IN_FORCE, tables.wind_down[i], row.term, row.route)
            stamp(sanctions.first_snapback, lane, True, moment)
    if moment >= tables.ends[i]:
        row = Row(LIFTED, -1.0, 0.0, np.inf, LAPSE)
    pinned = tables.pinned[t, i]
    if pinned >= 0.0:
        row = Row(pinned, -1.0, 0.0, np.inf, NO_ROUTE if pinned == IN_FORCE else INITIATIVE)

    sanctions.status[i, lane] = row.status
    sanctions.pending[i, lane] = row.pending
    sanctions.due[i, lane] = row.due
    sanctions.term[i, lane] = row.term
    sanctions.route[i, lane] = row.route
    sanctions.strength[i, lane] = (
        1.0 if row.status == IN_FORCE else (1.0 - p.licence_openness[lane] if row.status == LICENSED else 0.0)
    )
    if (row.status != before.status or row.route != before.route) and LICENSED <= row.status <= LIFTED:
        _relief_events(sanctions, at, s, row.route, tables, moment)


@inline
def _relief_events(sanctions, at, s, route, tables, moment):
    """Stamp the first relief of a sender with its route, and the reliefs that are published by name."""
    i, lane = at.instrument, at.lane
    if s == 0:
        if stamp(sanctions.first_US_relief, lane, True, moment):
            sanctions.first_US_relief_route[lane] = route
        stamp(sanctions.first_broad_US_relief, lane, tables.broad[i] == 1.0 and route != PRICE, moment)
        on_oil = tables.weight[i, BLOCKING] >= 0.1
        stamp(sanctions.first_oil_relief, lane, on_oil, moment)
        stamp(sanctions.first_oil_relief_by_deal, lane, on_oil and route == DEAL, moment)
        stamp(sanctions.first_price_licence, lane, route == PRICE, moment)
    elif s == 1:
        if tables.rule[i] == LAW:
            stamp(sanctions.first_EU_gas_reversal, lane, True, moment)
        elif stamp(sanctions.first_EU_relief, lane, True, moment):
            sanctions.first_EU_relief_route[lane] = route
        stamp(sanctions.first_EU_crude_relief, lane, tables.weight[i, CRUDE_EU] >= 0.25, moment)
    elif s == 2:
        if stamp(sanctions.first_UK_relief, lane, True, moment):
            sanctions.first_UK_relief_route[lane] = route
    elif s == 3:
        if stamp(sanctions.first_CA_relief, lane, True, moment):
            sanctions.first_CA_relief_route[lane] = route
    elif stamp(sanctions.first_JP_relief, lane, True, moment):
        sanctions.first_JP_relief_route[lane] = route


@inline
def mark_eased(sanctions, tables):
    """Flag the senders with at least one instrument relieved.

    The EU's gas law is not a sanction and does not count.
    """
    lanes = sanctions.designation.size
    for s in range(len(SENDERS)):
        for lane in range(lanes):
            sanctions.eased[s, lane] = 0.0
    for i in range(tables.sender.size):
        if tables.rule[i] == LAW:
            continue
        s = tables.sender[i]
        for lane in range(lanes):
            status = sanctions.status[i, lane]
            relieved = 1.0 if LICENSED <= status <= LIFTED else 0.0
            sanctions.eased[s, lane] = max(sanctions.eased[s, lane], relieved)
