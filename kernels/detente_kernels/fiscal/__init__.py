"""Fiscal: Russia's oil and gas revenue, the rouble, the deficit and the liquid reserve.

Also how long the reserve lasts, and what recruits and casualties cost.

Tax follows the price of the month before; the deficit is met by borrowing first, then from the reserve. What recruits
are paid follows revenue, and what they and death benefits cost comes back into the deficit. Pure equations:
budget.py. Money: bn RUB a month.
"""

from typing import NamedTuple

import numpy as np

from ..conflict import CEASEFIRE
from ..tools.hazards import stamp
from ..tools.jit import inline, kernel
from ..tools.processes import runway
from ..tools.rng import NORMAL, Stream
from ..tools.special import exp, half_life_decay, log
from ..tools.units import DAYS_PER_MONTH, TWH_PER_BCM
from . import budget

PARAMS = (
    "revenue_reference", "sensitivity", "tax_price_gap", "tax_floor_discount", "tax_floor_share", "gas_duty_share",
    "rouble_noise", "rouble_half_life", "rouble_oil_beta", "rouble_drift", "nominal_growth", "borrowing",
    "peace_saving", "peace_saving_half_life", "windfall_share", "windfall_half_life", "consolidation",
    "consolidation_half_life", "rouble_exhausted_beta", "sign_on_cost", "death_benefit", "recruit_limit",
    "bonus_revenue_elasticity",
)  # fmt: skip
FACTS = ("rouble", "tax_price", "other_revenue", "spending", "liquid_reserve", "other_fossil_exports", "euro", "gdp")
SLOTS = 6
"""Steps that accruals are kept for: a month's lag at steps of a week and more."""
STATE = (
    ("accrued", SLOTS), "log_rouble", "rouble", "brent_start", "gas_start", "tax_price", "oil_gas_revenue",
    "revenue_start", "felt_revenue", "other_revenue", "spending", "windfall", "consolidated", "peace_cut",
    "war_pay", "war_pay_start", "deficit", "deficit_share", "borrowed", "drawn", "unfunded", "reserve", "need",
    "runway", "pressure", "pressure_start", "bonus", "cost_per_recruit", "recruit_budget", "fossil_exports",
    "total_oil_gas_revenue", "total_deficit", "first_exhausted",
)  # fmt: skip
EVENTS = ("first_exhausted", "total_oil_gas_revenue", "total_deficit")
DRAWS = (Stream("fiscal.month", (("rouble", NORMAL),)),)
SMOOTHING = 3.0
"""Half-life in months of the revenue and the need of money that decisions look at: one month's tax payment is no
trend."""
BILLIONS = 1000.0 / 12.0
"""trn RUB a year in bn RUB a month."""


@inline
def _gas_value(gas, lane):
    """Pipeline gas to Europe at the price of the hub, mn EUR a year."""
    return gas.pipeline[lane] * TWH_PER_BCM * gas.ttf[lane]


@inline
def _accrual(fiscal, p, gas, volume, lane):
    """Revenue that this month's prices bring next month, trn RUB a year."""
    oil = budget.accrual(
        fiscal.tax_price[lane], fiscal.rouble[lane], volume, p.revenue_reference[lane], p.sensitivity[lane]
    )
    duty = (
        p.gas_duty_share[lane]
        * (_gas_value(gas, lane) - fiscal.gas_start[lane])
        * p.euro[lane]
        * fiscal.rouble[lane]
        / 1e6
    )
    return max(oil + duty, 0.0)


@inline
def _war_pay(fiscal, p, attrition, lane):
    """Sign-on pay and death benefits, bn RUB a month (thousand persons times mn RUB)."""
    return (
        attrition.enlisted_ru[lane] * fiscal.cost_per_recruit[lane] + attrition.killed_ru[lane] * p.death_benefit[lane]
    )


@inline
def _financing(fiscal, p, months, dt, lane):
    """Deficit as borrowed, drawn and unfunded; returns the reserve that is left."""
    capacity = BILLIONS * budget.grown(p.borrowing[lane], p.nominal_growth[lane], months)
    new = budget.finance(fiscal.deficit[lane], fiscal.reserve[lane], capacity, dt)
    fiscal.borrowed[lane] = new.borrowed
    fiscal.drawn[lane] = new.drawn
    fiscal.unfunded[lane] = new.unfunded
    need = new.drawn + new.unfunded
    fiscal.need[lane] = need + (fiscal.need[lane] - need) * half_life_decay(SMOOTHING, dt)
    return new.reserve


@inline
def _shortness(fiscal, lane):
    """Runway of the reserve and the pressure that it puts on policy."""
    fiscal.runway[lane] = runway(fiscal.reserve[lane], 0.0, fiscal.need[lane], budget.LONGEST)
    fiscal.pressure[lane] = budget.pressure(fiscal.runway[lane])


@kernel
def start(fiscal, p, oil, gas, attrition):
    """State of the as-of date of each path, from the facts."""
    for lane in range(fiscal.rouble.size):
        fiscal.log_rouble[lane] = 0.0
        fiscal.rouble[lane] = p.rouble[lane]
        fiscal.brent_start[lane] = log(oil.brent[lane])
        fiscal.gas_start[lane] = _gas_value(gas, lane)
        fiscal.tax_price[lane] = p.tax_price[lane]
        accrued = _accrual(fiscal, p, gas, 1.0, lane)
        for k in range(SLOTS):
            fiscal.accrued[k, lane] = accrued
        fiscal.oil_gas_revenue[lane] = BILLIONS * accrued
        fiscal.revenue_start[lane] = max(BILLIONS * accrued, 1.0)
        fiscal.felt_revenue[lane] = 0.0
        fiscal.bonus[lane] = 1.0
        fiscal.cost_per_recruit[lane] = p.sign_on_cost[lane]
        fiscal.peace_cut[lane] = 0.0
        fiscal.windfall[lane] = 0.0
        fiscal.consolidated[lane] = 0.0
        fiscal.war_pay_start[lane] = _war_pay(fiscal, p, attrition, lane)
        fiscal.war_pay[lane] = fiscal.war_pay_start[lane]
        fiscal.reserve[lane] = 1000.0 * p.liquid_reserve[lane]
        fiscal.other_revenue[lane] = BILLIONS * p.other_revenue[lane]
        fiscal.spending[lane] = BILLIONS * p.spending[lane]
        fiscal.deficit[lane] = fiscal.spending[lane] - fiscal.other_revenue[lane] - fiscal.oil_gas_revenue[lane]
        fiscal.deficit_share[lane] = 100.0 * fiscal.deficit[lane] / (BILLIONS * p.gdp[lane])
        fiscal.need[lane] = fiscal.deficit[lane] - min(max(fiscal.deficit[lane], 0.0), BILLIONS * p.borrowing[lane])
        _shortness(fiscal, lane)
        fiscal.pressure_start[lane] = fiscal.pressure[lane]
        fiscal.recruit_budget[lane] = p.recruit_limit[lane] * fiscal.spending[lane]
        fiscal.total_oil_gas_revenue[lane] = 0.0
        fiscal.total_deficit[lane] = 0.0


class Inputs(NamedTuple):
    """State of this step's conflict, oil and gas, facts of oil, and last step's losses and recruits."""

    conflict: np.void
    oil: np.void
    market: np.void
    gas: np.void
    attrition: np.void


@kernel
def advance(fiscal, p, draws, inputs, feedback, t, dt):
    """One step of a block: prices of this step, revenue of a month ago, then what it pays for.

    ``feedback`` 1 lets the bonus follow revenue; 0 leaves it as it was.
    """
    oil, gas = inputs.oil, inputs.gas
    for lane in range(fiscal.rouble.size):
        _revenue(fiscal, p, draws, inputs, t, lane, dt)
    for lane in range(fiscal.rouble.size):
        _accounts(fiscal, p, inputs, feedback, t, lane, dt)
    for lane in range(fiscal.rouble.size):
        daily = 1000.0 / DAYS_PER_MONTH / p.euro[lane]
        europe = (gas.pipeline[lane] + gas.lng[lane]) * TWH_PER_BCM * gas.ttf[lane] / (12.0 * DAYS_PER_MONTH)
        fiscal.fossil_exports[lane] = (oil.revenue[lane] + p.other_fossil_exports[lane]) * daily + europe


@inline
def _revenue(fiscal, p, draws, inputs, t, lane, dt):
    """Rouble and taxable price of this step.

    Oil and gas revenue from the prices a month ago (interpolated between steps of other lengths).
    """
    oil, market, gas = inputs.oil, inputs.market, inputs.gas
    months = (t + 1) * dt
    fiscal.log_rouble[lane] = budget.rouble_step(
        fiscal.log_rouble[lane], p.rouble_noise[lane], p.rouble_half_life[lane], draws.rouble[lane], dt
    )
    # Without a reserve nothing stands between the oil price and the rouble; the shortness is last step's.
    short = budget.shortage(fiscal.runway[lane])
    beta = p.rouble_oil_beta[lane] + short * max(p.rouble_exhausted_beta[lane] - p.rouble_oil_beta[lane], 0.0)
    with_oil = beta * (log(oil.brent[lane]) - fiscal.brent_start[lane])
    fiscal.rouble[lane] = budget.grown(p.rouble[lane], p.rouble_drift[lane], months) * exp(
        fiscal.log_rouble[lane] - with_oil
    )

    lag = 1.0 / dt
    slots = min(int(lag + 1e-9), SLOTS - 1)
    part = max(lag - slots, 0.0)
    due = (1.0 - part) * fiscal.accrued[slots - 1, lane] + part * fiscal.accrued[slots, lane]
    for k in range(SLOTS - 1, 0, -1):
        fiscal.accrued[k, lane] = fiscal.accrued[k - 1, lane]
    floor, share = p.tax_floor_discount[lane], p.tax_floor_share[lane]
    fiscal.tax_price[lane] = budget.tax_price(oil.urals_fob[lane], oil.brent[lane], p.tax_price_gap[lane], floor, share)
    volume = oil.exports[lane] / max(market.crude_exports[lane] + market.product_exports[lane], 1e-9)
    fiscal.accrued[0, lane] = _accrual(fiscal, p, gas, volume, lane)
    fiscal.oil_gas_revenue[lane] = BILLIONS * due


@inline
def _accounts(fiscal, p, inputs, feedback, t, lane, dt):
    """Revenue, spending, deficit and its financing; then the pay that recruits are offered."""
    conflict, attrition = inputs.conflict, inputs.attrition
    months = (t + 1) * dt
    growth = p.nominal_growth[lane]
    revenue = fiscal.oil_gas_revenue[lane]
    fiscal.other_revenue[lane] = BILLIONS * budget.grown(p.other_revenue[lane], growth, months)
    goal = p.peace_saving[lane] if conflict.state[lane] >= CEASEFIRE else 0.0
    fiscal.peace_cut[lane] = goal + (fiscal.peace_cut[lane] - goal) * half_life_decay(
        p.peace_saving_half_life[lane], dt
    )
    fiscal.war_pay[lane] = _war_pay(fiscal, p, attrition, lane)
    planned = BILLIONS * budget.grown(p.spending[lane], growth, months) * (1.0 - fiscal.peace_cut[lane])
    surplus = revenue - budget.grown(fiscal.revenue_start[lane], growth, months)
    fiscal.windfall[lane] = surplus + (fiscal.windfall[lane] - surplus) * half_life_decay(
        p.windfall_half_life[lane], dt
    )
    cut = p.consolidation[lane] * budget.shortage(fiscal.runway[lane])
    fiscal.consolidated[lane] = cut + (fiscal.consolidated[lane] - cut) * half_life_decay(
        p.consolidation_half_life[lane], dt
    )
    planned = planned * (1.0 - fiscal.consolidated[lane]) + p.windfall_share[lane] * fiscal.windfall[lane]
    fiscal.spending[lane] = max(planned + fiscal.war_pay[lane] - fiscal.war_pay_start[lane], 0.0)
    fiscal.deficit[lane] = fiscal.spending[lane] - fiscal.other_revenue[lane] - revenue
    fiscal.deficit_share[lane] = 100.0 * fiscal.deficit[lane] / (BILLIONS * budget.grown(p.gdp[lane], growth, months))
    fiscal.reserve[lane] = _financing(fiscal, p, months, dt, lane)
    _shortness(fiscal, lane)
    stamp(fiscal.first_exhausted, lane, fiscal.unfunded[lane] > 0.0, (t + 1) * dt)

    ratio = log(max(revenue, 1.0) / fiscal.revenue_start[lane])
    fiscal.felt_revenue[lane] = ratio + (fiscal.felt_revenue[lane] - ratio) * half_life_decay(SMOOTHING, dt)
    fiscal.bonus[lane] = exp(feedback * p.bonus_revenue_elasticity[lane] * fiscal.felt_revenue[lane])
    fiscal.cost_per_recruit[lane] = p.sign_on_cost[lane] * fiscal.bonus[lane]
    fiscal.recruit_budget[lane] = p.recruit_limit[lane] * max(fiscal.spending[lane] - fiscal.unfunded[lane], 0.0)
    fiscal.total_oil_gas_revenue[lane] += revenue * dt
    fiscal.total_deficit[lane] += fiscal.deficit[lane] * dt
