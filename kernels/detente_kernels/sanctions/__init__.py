"""Sanctions: a register of instruments on a legal calendar, six rules of lifting, three ways to relief, snap-back, and
channels with lags.

Each row of the register (data, not code) has a sender, a rule, dates and weights on channels. A sender comes to want
relief by a *deal* (a stage of the roadmap is reached and the sender agrees), by *price* (Brent above a trigger: general
licences, no deal needed) or by an *initiative* of its own; an EU act can also *lapse* at a renewal. What the sender
wants, the rule of each instrument turns into law, with its own delay and friction; what the law allows, a channel's
effective state follows with an adjustment lag, slower towards trade than away from it. The rules of one instrument
stand in lifting.py; this file reads and writes the lanes. Parameters and their sources:
configs/parameters/sanctions.toml.
"""

from typing import NamedTuple

import numpy as np

from ..tools.jit import inline, kernel
from ..tools.rng import NORMAL, UNIFORM, Stream
from ..tools.special import half_life_decay
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
    Odds,
    Row,
    adjust,
    decide,
    open_to,
    step,
)
from .senders import (
    NEWS_DEAR,
    NEWS_EU_TIGHTENS,
    NEWS_LAPSE,
    NEWS_LICENCE,
    NEWS_REVERSAL,
    NEWS_SNAPBACK,
    NEWS_TIGHTENING,
    NEWS_US_TIGHTENS,
    SENDERS,
    news_of,
    stamp,
)

CHANNELS = ("crude_eu", "blocking", "fleet", "payment", "pipeline_gas_eu", "lng_eu", "technology")
CRUDE_EU, BLOCKING, FLEET, PAYMENT, PIPELINE_GAS_EU, LNG_EU, TECHNOLOGY = range(7)
CAPACITY = 48
"""Rows of the register that a compiled kernel can hold; the register may use fewer."""


PARAMS = (
    "us_agreement_probability",
    "us_initiative_rate",
    "us_tightening_rate",
    "us_snapback_probability",
    "eu_consensus_rate",
    "eu_veto_probability",
    "eu_initiative_rate",
    "eu_lapse_probability",
    "eu_tightening_rate",
    "eu_snapback_probability",
    "follower_probability",
    "first_relief_days",
    "first_relief_log_sd",
    "broad_relief_days",
    "broad_relief_log_sd",
    "eu_act_days",
    "eu_act_log_sd",
    "cabinet_days",
    "cabinet_log_sd",
    "codified_disapproval_probability",
    "statute_repeal_rate",
    "law_reversal_rate",
    "price_trigger",
    "price_licence_rate",
    "price_licence_days",
    "licence_renewal_probability",
    "licence_renewal_without_cause",
    "licence_openness",
    "relief_reversal_rate",
    "snapback_cooling",
    "relief_adjustment_half_life",
    "payment_adjustment_half_life",
    "restriction_adjustment_half_life",
)
FACTS = ()
STATE = (
    ("status", CAPACITY),
    ("strength", CAPACITY),
    ("pending", CAPACITY),
    ("due", CAPACITY),
    ("term", CAPACITY),
    ("route", CAPACITY),
    ("agreed", len(SENDERS)),
    ("barred", len(SENDERS)),
    ("eased", len(SENDERS)),
    ("legal", len(CHANNELS)),
    ("effective", len(CHANNELS)),
    "designation",
    "first_US_relief",
    "first_US_relief_route",
    "first_EU_relief",
    "first_EU_relief_route",
    "first_UK_relief",
    "first_UK_relief_route",
    "first_CA_relief",
    "first_CA_relief_route",
    "first_JP_relief",
    "first_JP_relief_route",
    "first_price_licence",
    "first_oil_relief",
    "first_oil_relief_by_deal",
    "first_broad_US_relief",
    "first_EU_crude_relief",
    "first_EU_gas_reversal",
    "first_snapback",
    "first_tightening",
)
EVENTS = tuple(name for name in STATE if isinstance(name, str) and name.startswith("first_"))
DRAWS = (
    Stream(
        "sanctions.US",
        (("us_delay", NORMAL), ("us_decision", UNIFORM), ("us_licence", UNIFORM), ("us_snapback", UNIFORM)),
    ),
    Stream(
        "sanctions.EU", (("eu_delay", NORMAL), ("eu_decision", UNIFORM), ("eu_vote", UNIFORM), ("eu_snapback", UNIFORM))
    ),
    Stream(
        "sanctions.followers",
        (("follower_delay", NORMAL), ("follower_decision", UNIFORM), ("reversal", UNIFORM), ("law", UNIFORM)),
    ),
    Stream(
        "sanctions.tightening",
        (("us_tightening", UNIFORM), ("eu_tightening", UNIFORM), ("congress", UNIFORM), ("initiative", UNIFORM)),
    ),
)


class Tables(NamedTuple):
    """The register and the scenario as arrays: (n,) by instrument, (steps,) or (steps, n) by date; see
    ``detente.register``."""

    sender: np.ndarray
    rule: np.ndarray
    stage: np.ndarray  # roadmap stage that eases the instrument, from 1; 0 = none
    stage_delay: np.ndarray  # months added by the stage
    broad: np.ndarray  # 1 if relief is broad, 0 if it comes first
    price_licence: np.ndarray
    licence_months: np.ndarray  # 0 = no expiry
    wind_down: np.ndarray  # months
    start_status: np.ndarray
    start_pending: np.ndarray
    start_due: np.ndarray  # months from the as-of date at which it falls due; of a proposed instrument, at which it can be imposed at the earliest
    ends: np.ndarray  # months from the as-of date at which the instrument lapses by itself; inf = never
    proposed: np.ndarray  # 1 if a tightening can impose it
    weight: np.ndarray  # (n, channels)
    renewal: np.ndarray  # (steps, n): 1 if a renewal falls in the step
    review_months: np.ndarray  # (steps,): congressional review of a codified instrument, 30 or 60 days
    pinned: np.ndarray  # (steps, n): status set by a dated event, or -1
    leader: np.ndarray  # (senders,): sender that a follower follows, or itself


@kernel
def start(sanctions, tables):
    """Legal state of the as-of date; channels begin at their legal state."""
    n = tables.sender.size
    for lane in range(sanctions.designation.size):
        for i in range(n):
            sanctions.status[i, lane] = tables.start_status[i]
            sanctions.pending[i, lane] = tables.start_pending[i]
            sanctions.due[i, lane] = tables.start_due[i]
            sanctions.term[i, lane] = np.inf
            sanctions.route[i, lane] = NO_ROUTE
            sanctions.strength[i, lane] = 1.0 if tables.start_status[i] == IN_FORCE else 0.0
        for s in range(len(SENDERS)):
            sanctions.agreed[s, lane] = NO_ROUTE
            sanctions.barred[s, lane] = 0.0
            sanctions.eased[s, lane] = 0.0
        sanctions.designation[lane] = 0.0
        for c in range(len(CHANNELS)):
            sanctions.effective[c, lane] = 0.0
            for i in range(n):
                sanctions.effective[c, lane] += tables.weight[i, c] * sanctions.strength[i, lane]
            sanctions.legal[c, lane] = sanctions.effective[c, lane]


@kernel
def advance(sanctions, p, draws, conflict, oil, tables, t, dt):
    """One step of a block. Reads conflict of this month and oil (Brent) of the last."""
    n = tables.sender.size
    lanes = sanctions.designation.size
    moment = (t + 1) * dt
    vote = False
    for i in range(n):
        vote |= tables.renewal[t, i] == 1.0
    news = np.empty(lanes, np.int64)  # what happened to the senders of a path: bits of NEWS_*
    for lane in range(lanes):
        news[lane] = news_of(sanctions, lane, p, draws, conflict, oil, tables, vote, moment, dt)
    for i in range(n):
        s = tables.sender[i]
        watched = NEWS_TIGHTENING | (NEWS_SNAPBACK << s)
        if tables.rule[i] == UNANIMITY and tables.renewal[t, i] == 1.0:
            watched |= NEWS_LAPSE
        if tables.rule[i] == LAW:
            watched |= NEWS_REVERSAL
        if tables.price_licence[i] == 1.0:
            watched |= NEWS_LICENCE
        touched = tables.pinned[t, i] >= 0.0 or moment >= tables.ends[i]
        negotiable = tables.stage[i] > 0.0
        for lane in range(lanes):
            # Most rows rest on most paths: nothing pending, no licence running, no wish of the sender that is not met,
            # no news.
            status = sanctions.status[i, lane]
            running = status == LICENSED and sanctions.term[i, lane] < np.inf
            moving = running or sanctions.pending[i, lane] >= 0.0 or (news[lane] & watched) != 0
            agreed = sanctions.agreed[s, lane]
            reached = tables.stage[i] <= conflict.stage[lane] or agreed == INITIATIVE
            unmet = status == IN_FORCE or (status == LICENSED and sanctions.route[i, lane] == PRICE)
            if touched or moving or (negotiable and agreed != NO_ROUTE and reached and unmet):
                _instrument(sanctions, lane, i, news[lane], p, draws, conflict, tables, t, dt)
    _eased(sanctions, tables)
    _channels(sanctions, p, tables, dt)


@inline
def _odds(p, draws, tables, t, lane):
    return Odds(
        p.first_relief_days[lane],
        p.first_relief_log_sd[lane],
        p.broad_relief_days[lane],
        p.broad_relief_log_sd[lane],
        draws.us_delay[lane],
        p.eu_act_days[lane],
        p.eu_act_log_sd[lane],
        draws.eu_delay[lane],
        p.cabinet_days[lane],
        p.cabinet_log_sd[lane],
        draws.follower_delay[lane],
        p.price_licence_days[lane],
        tables.review_months[t],
        p.codified_disapproval_probability[lane],
        p.statute_repeal_rate[lane],
        draws.congress[lane],
    )


@inline
def _instrument(sanctions, lane, i, news, p, draws, conflict, tables, t, dt):
    """One step of one instrument of one path, with what the senders want of it."""
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
    if agreed == DEAL and 0.0 < tables.stage[i] <= conflict.stage[lane]:
        wanted = DEAL
    elif agreed == INITIATIVE and tables.stage[i] > 0.0 and (tables.broad[i] == 0.0 or tables.price_licence[i] == 1.0):
        wanted = INITIATIVE
    if wanted == NO_ROUTE and news & NEWS_LICENCE and tables.price_licence[i] == 1.0:
        wanted = PRICE
    decision = Decision(-1.0, 0.0, NO_ROUTE)
    if wanted != NO_ROUTE and open_to(row, wanted):
        decision = decide(rule, wanted, tables.broad[i], tables.stage_delay[i], _odds(p, draws, tables, t, lane))
    renewal_odds = p.licence_renewal_probability[lane] if news & NEWS_DEAR else p.licence_renewal_without_cause[lane]
    if (
        row.route != PRICE and agreed != NO_ROUTE
    ):  # while its sender still wants the relief, its licence is renewed as a matter of course
        renewal_odds = 1.0
    row = step(row, decision, tables.licence_months[i], renewal_odds, draws.us_licence[lane], dt)

    if rule == UNANIMITY and tables.renewal[t, i] == 1.0 and news & NEWS_LAPSE and row.status == IN_FORCE:
        row = Row(LIFTED, -1.0, 0.0, np.inf, LAPSE)
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
        _relief_events(sanctions, lane, i, s, row.route, tables, moment)


@inline
def _eased(sanctions, tables):
    """Flag the senders of whose instruments one at least is relieved. The EU's gas law is not a sanction and does
    not count."""
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


@inline
def _relief_events(sanctions, lane, i, s, route, tables, moment):
    """Stamp the first relief of a sender with its route, and the reliefs that a reader asks for by name."""
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
def _channels(sanctions, p, tables, dt):
    """Combine the instruments into channels and let the effective state follow the law with its lag."""
    lanes = sanctions.designation.size
    for c in range(len(CHANNELS)):
        for lane in range(lanes):
            sanctions.legal[c, lane] = 0.0
        for i in range(tables.sender.size):
            weight = tables.weight[i, c]
            if weight != 0.0:
                for lane in range(lanes):
                    sanctions.legal[c, lane] += weight * sanctions.strength[i, lane]
        for lane in range(lanes):
            half_life = p.payment_adjustment_half_life[lane] if c == PAYMENT else p.relief_adjustment_half_life[lane]
            relief_left = half_life_decay(half_life, dt)
            restriction_left = half_life_decay(p.restriction_adjustment_half_life[lane], dt)
            sanctions.effective[c, lane] = adjust(
                sanctions.effective[c, lane], sanctions.legal[c, lane], relief_left, restriction_left
            )
