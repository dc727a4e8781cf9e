"""Senders: what each of them wants of its instruments in a step.

Relief by deal, price or initiative; snap-back, tightening, a failed vote.

Functions of one path that read and write the senders' part of the sanctions record; instruments.py
moves the instruments.
"""

from typing import NamedTuple

from ..conflict import CEASEFIRE
from ..tools.hazards import stamp, strikes
from ..tools.jit import inline
from .lifting import DEAL, INITIATIVE, NO_ROUTE

SENDERS = ("US", "EU", "UK", "CA", "JP")
NEWS_LICENCE, NEWS_HIGH_PRICE, NEWS_LAPSE, NEWS_REVERSAL = 1, 2, 4, 8
NEWS_US_TIGHTENS, NEWS_EU_TIGHTENS, NEWS_SNAPBACK = 16, 32, 64
NEWS_TIGHTENING = NEWS_US_TIGHTENS | NEWS_EU_TIGHTENS


class Occasion(NamedTuple):
    """The step: whether an EU renewal falls into it, months from the as-of date to its end, and its length."""

    renewal: bool
    moment: float
    dt: float


@inline
def _decisions(sanctions, p, draws, conflict, leader, occasion, lane):
    """Which senders have come to want relief, by which route, before any instrument moves.

    Returns the US and EU tightening flags. ``leader`` (senders,) is whom a sender follows, or itself.
    """
    renewal_now, dt = occasion.renewal, occasion.dt
    for s in range(len(SENDERS)):
        sanctions.barred[s, lane] = max(sanctions.barred[s, lane] - dt, 0.0)
    deal_on = conflict.stage[lane] >= 1.0
    agreed_us = sanctions.agreed[0, lane]
    agreed_eu = sanctions.agreed[1, lane]
    if agreed_us == NO_ROUTE and sanctions.barred[0, lane] == 0.0:
        if deal_on:
            if draws.us_decision[lane] < p.us_agreement_probability[lane]:
                agreed_us = DEAL
            else:
                sanctions.barred[0, lane] = 12.0  # refused: asked again in a year
        elif strikes(p.us_initiative_rate[lane], dt, draws.initiative[lane]):
            agreed_us = INITIATIVE
    elif agreed_us == INITIATIVE and deal_on:
        agreed_us = DEAL
    if agreed_eu == NO_ROUTE:
        consensus = deal_on and strikes(p.eu_consensus_rate[lane], dt, draws.eu_decision[lane])
        initiative = (not deal_on) and strikes(p.eu_initiative_rate[lane], dt, draws.eu_decision[lane])
        may_vote = sanctions.barred[1, lane] == 0.0 or renewal_now
        if may_vote and (consensus or initiative):
            if draws.eu_vote[lane] < p.eu_veto_probability[lane]:
                sanctions.barred[1, lane] = 6.0  # one veto: not before the next renewal
            else:
                agreed_eu = DEAL if consensus else INITIATIVE
    sanctions.agreed[0, lane] = agreed_us
    sanctions.agreed[1, lane] = agreed_eu
    for s in range(2, len(SENDERS)):
        led = sanctions.agreed[leader[s], lane]
        if sanctions.agreed[s, lane] == NO_ROUTE and sanctions.barred[s, lane] == 0.0 and led != NO_ROUTE:
            if draws.follower_decision[lane] < p.follower_probability[lane]:
                sanctions.agreed[s, lane] = led
            else:
                sanctions.barred[s, lane] = 6.0
    pace = 1.0 if conflict.state[lane] < CEASEFIRE else p.tightening_in_ceasefire[lane]
    us = agreed_us == NO_ROUTE and strikes(p.us_tightening_rate[lane] * pace, dt, draws.us_tightening[lane])
    eu = agreed_eu == NO_ROUTE and strikes(p.eu_tightening_rate[lane] * pace, dt, draws.eu_tightening[lane])
    return us, eu


@inline
def _snapbacks(sanctions, p, draws, conflict, lane, dt):
    """Which senders snap back now: on relapse with a chance of their own, or by a reversal of policy.

    A bit mask over senders.
    """
    relapsed = conflict.relapsed[lane] == 1.0
    reversal = strikes(p.relief_reversal_rate[lane], dt, draws.reversal[lane])
    mask = 0
    for s in range(len(SENDERS)):
        if sanctions.agreed[s, lane] != NO_ROUTE:
            chance = p.us_snapback_probability[lane] if s == 0 else p.eu_snapback_probability[lane]
            draw = draws.us_snapback[lane] if s == 0 else draws.eu_snapback[lane]
            if (relapsed and draw < chance) or (reversal and s == 0):
                mask |= 1 << s
                sanctions.agreed[s, lane] = NO_ROUTE
                sanctions.barred[s, lane] = p.snapback_cooling[lane]
    return mask


@inline
def news_of(sanctions, p, draws, inputs, leader, occasion, lane):
    """Decisions, snap-backs, tightenings and licences of one path in this step, as bits of NEWS_*."""
    conflict, oil, dt = inputs.conflict, inputs.oil, occasion.dt
    us_tightens, eu_tightens = _decisions(sanctions, p, draws, conflict, leader, occasion, lane)
    news = _snapbacks(sanctions, p, draws, conflict, lane, dt) * NEWS_SNAPBACK
    sanctions.designation[lane] = (1.0 if us_tightens else 0.0) + (0.5 if eu_tightens else 0.0)
    if us_tightens:
        news |= NEWS_US_TIGHTENS
    if eu_tightens:
        news |= NEWS_EU_TIGHTENS
    if us_tightens or eu_tightens:
        stamp(sanctions.first_tightening, lane, True, occasion.moment)
    if oil.brent[lane] > p.price_trigger[lane]:
        news |= NEWS_HIGH_PRICE
        if strikes(p.price_licence_rate[lane], dt, draws.us_licence[lane]):
            news |= NEWS_LICENCE
    if draws.eu_vote[lane] > 1.0 - p.eu_lapse_probability[lane]:
        news |= NEWS_LAPSE
    if strikes(p.law_reversal_rate[lane], dt, draws.law[lane]):
        news |= NEWS_REVERSAL
    return news
