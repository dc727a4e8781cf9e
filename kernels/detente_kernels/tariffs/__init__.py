"""Tariffs: the 500% bill, other legal routes, buyers' responses, and costs.

Order within a step: Congress, then a review of the law, then what the president may do without it; tariffs end by
compliance, by bargain, in court or in peace; buyers answer as soon as a threat is credible, before any legal date; last
the effects on trade, read from a surface that was solved beforehand. Since 20 February 2026 no tariff rests on IEEPA
(Learning Resources v. Trump): what is not a statute runs by s.232 or s.301, or at most
15% for 150 days by s.122. Pure equations: congress.py, response.py and surface.py; buyers and regions: buyers.py; the
moves of a tariff: status.py. The block's records are read and written here, in law.py and in effects.py.
"""

from typing import NamedTuple

import numpy as np

from ..tools.jit import kernel
from ..tools.rng import UNIFORM, Stream
from . import effects, law, surface
from .buyers import BUYERS, REGIONS
from .response import NO_ANSWER
from .status import BY_NOTHING, UNTOUCHED

_N = len(BUYERS)
PARAMS = (
    "bill_chance", "successor_chance", "successor_introduction_rate", "peace_pressure",
    "applied_on_any_chance", "applied_on_china_chance", "waived_for_all_chance", "talks_restraint", "breach_multiplier",
    "breach_months", "statute_rate", "implemented_share", "scope", "notice_months", "order_rate", "order_tariff",
    "balance_share", "balance_tariff", "bargain_rate", "statute_litigation_rate", "order_litigation_rate",
    "peace_end_rate", ("target", _N - 1), "credence_law", "credence_waived", "credence_ordered", "perceived_loss",
    "choice_scale", "reroute_premium", "reroute_cut", "evasion", ("part", _N), ("defiance", _N),
    "cut_half_life", "return_share", "return_half_life", "unplaced_share", "elasticity_short", "elasticity_long",
    "elasticity_half_life", "border_pass_through", "retail_pass_through",
)  # fmt: skip
"""``target`` has a row for each buyer but China, which has a chance of its own."""
FACTS = (
    "statute", "us_goods_imports", "us_consumption", ("us_imports", _N), ("russian_oil", 3), ("oil_imports", _N),
)  # fmt: skip
"""``russian_oil``: Brazil, Japan and Korea; the others' volumes are facts of the oil block."""
STATE = (
    "bill", "congress", "pending", "law", "lapsed", "review_clock", "breach_left", "determined",
    ("status", _N), ("basis", _N), ("timer", _N), ("tariff", _N), ("applied", _N), ("waived", _N), ("credibility", _N),
    ("answer", _N), ("age", _N), ("cut", _N), ("cut_of_market", 5), ("closed_market", 5),
    "active", "any_applied", "months_applied",
    "cut_volume", "threat", ("welfare", len(REGIONS)), "us_import_price", "us_cpi", "us_revenue", "us_trade_lost",
    "total_us_revenue", "first_law", "first_determination", "first_tariff", "first_tariff_on_china",
    "first_tariff_on_india", "first_order", "first_waiver", "first_struck_down", "first_compliance",
)  # fmt: skip
"""``cut_of_market``: share dropped by each buyer of the oil block, whose "other" holds four of the buyers here;
``closed_market``: how far a tariff or its threat keeps it from buying more (0..1)."""
EVENTS = (*(name for name in STATE if isinstance(name, str) and name.startswith("first_")), "total_us_revenue")
DRAWS = (
    Stream("tariffs.law", (("passage", UNIFORM), ("introduction", UNIFORM), ("review", UNIFORM), ("order", UNIFORM))),
    Stream(
        "tariffs.courts", (("statute_court", UNIFORM), ("order_court", UNIFORM), ("peace", UNIFORM), ("route", UNIFORM))
    ),
    Stream("tariffs.targets", (("name", UNIFORM),) * 4),
    Stream("tariffs.others", (("name", UNIFORM),) * 4),
    Stream("tariffs.answers", (("answer", UNIFORM),) * 4),
    Stream("tariffs.further", (("answer", UNIFORM),) * 4),
)
"""``name`` and ``answer`` have a row for each buyer."""


class Tables(NamedTuple):
    """The congressional calendar, dated events, and the trade table's constants."""

    congress_ends: np.ndarray  # (steps,) 1 if a Congress ends in the step
    session_months: np.ndarray  # (steps,) months of the step before that, or all of it
    months_at_start: float  # from the as-of date to the end of the Congress in session
    pinned_bill: np.ndarray  # (steps,) state of the bill that a dated event sets, or -1
    pinned_status: np.ndarray  # (steps, buyers) status that a dated event sets, or -1
    gdp: np.ndarray  # (regions,) bn USD a year
    surface: surface.Surface  # outputs: welfare by region, per cent of its GDP


class Inputs(NamedTuple):
    """Conflict of this step and oil of the last, with the parameters and facts of both."""

    conflict: np.void
    war: np.void
    oil: np.void
    market: np.void


@kernel
def start(tariffs, p):
    """State of the as-of date of each path: no tariff on a buyer for its Russian oil."""
    for lane in range(tariffs.bill.size):
        tariffs.bill[lane] = p.statute[lane]
        tariffs.congress[lane] = 0.0
        tariffs.review_clock[lane] = 0.0
        tariffs.breach_left[lane] = 0.0
        tariffs.determined[lane] = 0.0
        tariffs.months_applied[lane] = 0.0
        tariffs.total_us_revenue[lane] = 0.0
        tariffs.active[lane] = 1.0  # the first step writes every output; later only paths on which something happens
        for b in range(_N):
            tariffs.status[b, lane] = UNTOUCHED
            tariffs.basis[b, lane] = BY_NOTHING
            tariffs.timer[b, lane] = 0.0
            tariffs.tariff[b, lane] = 0.0
            tariffs.credibility[b, lane] = 0.0
            tariffs.answer[b, lane] = NO_ANSWER
            tariffs.age[b, lane] = 0.0
            tariffs.cut[b, lane] = 0.0


@kernel
def advance(tariffs, p, draws, inputs, tables, t, dt):
    """One step of a block: ends, Congress and reviews, orders, dated events, answers, effects."""
    moment = t * dt
    for lane in range(tariffs.bill.size):
        law.ends_step(tariffs, p, draws, inputs.conflict, lane, moment, dt)
        law.statute_step(tariffs, p, draws, inputs, tables, t, lane, dt)
        law.orders_step(tariffs, p, draws, inputs, lane, moment, dt)
        law.pins_step(tariffs, p, tables, t, lane, moment)
        if tariffs.active[lane] == 1.0:
            effects.responses_step(tariffs, p, draws, inputs, tables, lane, moment, dt)
            effects.effects_step(tariffs, p, tables, lane, moment, dt)
