"""Sanctions: a register of instruments, rules of lifting, ways to relief, and channels.

Instruments follow a legal calendar and six rules; relief comes in three ways and may snap back; channels lag the law.

Each row of the register (data, not code) has a sender, a rule, dates and weights on channels. A sender comes to want
relief by a *deal* (a stage of the roadmap is reached and the sender agrees), by *price* (Brent above a trigger: general
licences, no deal needed) or by an *initiative* of its own; an EU act can also *lapse* at a renewal. What the sender
wants, the rule of each instrument turns into law, with its own delay and friction; what the law allows, a channel's
effective state follows with an adjustment lag, slower towards trade than away from it. Senders: senders.py; one
instrument: instruments.py, by the rules of lifting.py; channels: channels.py. Parameters and their sources:
configs/parameters/sanctions.toml.
"""

from typing import NamedTuple

import numpy as np

from ..tools.jit import kernel
from ..tools.rng import NORMAL, UNIFORM, Stream
from .channels import (
    BLOCKING,
    CHANNELS,
    CRUDE_EU,
    FLEET,
    LNG_EU,
    PAYMENT,
    PIPELINE_GAS_EU,
    TECHNOLOGY,
    channels_step,
)  # fmt: skip
from .instruments import Cell, instrument_step, mark_eased
from .lifting import IN_FORCE, INITIATIVE, LAW, LICENSED, NO_ROUTE, PRICE, UNANIMITY
from .senders import (
    NEWS_LAPSE,
    NEWS_LICENCE,
    NEWS_REVERSAL,
    NEWS_SNAPBACK,
    NEWS_TIGHTENING,
    SENDERS,
    Occasion,
    news_of,
)  # fmt: skip

__all__ = [
    "BLOCKING", "CAPACITY", "CHANNELS", "CRUDE_EU", "FLEET", "LNG_EU", "PAYMENT", "PIPELINE_GAS_EU", "SENDERS",
    "TECHNOLOGY", "Inputs", "Tables", "advance", "start",
]  # fmt: skip

CAPACITY = 48
"""Rows of the register that a compiled kernel can hold; the register may use fewer."""
PARAMS = (
    "us_agreement_probability", "us_initiative_rate", "us_tightening_rate", "us_snapback_probability",
    "eu_consensus_rate", "eu_veto_probability", "eu_initiative_rate", "eu_lapse_probability", "eu_tightening_rate",
    "eu_snapback_probability", "follower_probability", "first_relief_days", "first_relief_log_sd",
    "broad_relief_days", "broad_relief_log_sd", "eu_act_days", "eu_act_log_sd", "cabinet_days", "cabinet_log_sd",
    "codified_disapproval_probability", "statute_repeal_rate", "law_reversal_rate", "price_trigger",
    "price_licence_rate", "price_licence_days", "licence_renewal_probability", "licence_renewal_without_cause",
    "licence_openness", "relief_reversal_rate", "snapback_cooling", "relief_adjustment_half_life",
    "payment_adjustment_half_life", "restriction_adjustment_half_life", "licence_adjustment_half_life",
    "tightening_in_ceasefire", "lapse_readoption_probability", "lapse_readoption_months",
)  # fmt: skip
FACTS = ()
STATE = (
    ("status", CAPACITY), ("strength", CAPACITY), ("pending", CAPACITY), ("due", CAPACITY), ("term", CAPACITY),
    ("route", CAPACITY), ("agreed", len(SENDERS)), ("barred", len(SENDERS)), ("eased", len(SENDERS)),
    ("legal", len(CHANNELS)), ("effective", len(CHANNELS)), ("licensed", len(CHANNELS)),
    "designation", "first_US_relief",
    "first_US_relief_route", "first_EU_relief", "first_EU_relief_route", "first_UK_relief", "first_UK_relief_route",
    "first_CA_relief", "first_CA_relief_route", "first_JP_relief", "first_JP_relief_route", "first_price_licence",
    "first_oil_relief", "first_oil_relief_by_deal", "first_broad_US_relief", "first_EU_crude_relief",
    "first_EU_gas_reversal", "first_snapback", "first_tightening",
)  # fmt: skip
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
    """The register and the scenario as arrays.

    (n,) by instrument, (steps,) or (steps, n) by date; see ``detente.engine.tables``.
    """

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
    start_due: (
        np.ndarray
    )  # months from the as-of date to its due date; if proposed, to the earliest day it can be imposed
    ends: np.ndarray  # months from the as-of date at which the instrument lapses by itself; inf = never
    proposed: np.ndarray  # 1 if a tightening can impose it
    weight: np.ndarray  # (n, channels)
    renewal: np.ndarray  # (steps, n): 1 if a renewal falls in the step
    review_months: np.ndarray  # (steps,): congressional review of a codified instrument, 30 or 60 days
    pinned: np.ndarray  # (steps, n): status set by a dated event, or -1
    leader: np.ndarray  # (senders,): sender that a follower follows, or itself


class Inputs(NamedTuple):
    """State of this step's conflict and of last step's oil."""

    conflict: np.void
    oil: np.void


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
            sanctions.licensed[c, lane] = 0.0
            for i in range(n):
                sanctions.effective[c, lane] += tables.weight[i, c] * sanctions.strength[i, lane]
            sanctions.legal[c, lane] = sanctions.effective[c, lane]


@kernel
def advance(sanctions, p, draws, inputs, tables, t, dt):
    """One step of a block. Brent is last step's."""
    conflict = inputs.conflict
    n = tables.sender.size
    lanes = sanctions.designation.size
    moment = (t + 1) * dt
    vote = False
    for i in range(n):
        vote |= tables.renewal[t, i] == 1.0
    occasion = Occasion(vote, moment, dt)
    news = np.empty(lanes, np.int64)  # decisions of the senders of each path: bits of NEWS_*
    for lane in range(lanes):
        news[lane] = news_of(sanctions, p, draws, inputs, tables.leader, occasion, lane)
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
            # Most instruments do not change in most steps: nothing pending, no licence running, no decision of the
            # sender that is not carried out, no news.
            status = sanctions.status[i, lane]
            running = status == LICENSED and sanctions.term[i, lane] < np.inf
            moving = running or sanctions.pending[i, lane] >= 0.0 or (news[lane] & watched) != 0
            agreed = sanctions.agreed[s, lane]
            reached = tables.stage[i] <= conflict.stage[lane] or agreed == INITIATIVE
            unmet = status == IN_FORCE or (status == LICENSED and sanctions.route[i, lane] == PRICE)
            if touched or moving or (negotiable and agreed != NO_ROUTE and reached and unmet):
                instrument_step(sanctions, Cell(i, lane, t), news[lane], p, draws, conflict.stage[lane], tables, dt)
    mark_eased(sanctions, tables)
    channels_step(sanctions, p, tables, dt)
