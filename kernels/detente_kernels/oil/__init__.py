"""Oil: Brent, Russian exports by product and buyer, the Urals discount, the price cap and the fleet, and revenue.

Volumes: quota and wells bound the upside; what a buyer drops is offered to others at a wider discount, then stored,
then shut in; restart is slow. Discount (FOB): freight floor + blocking + fleet + payment + bargaining; a blocking jump
decays as workarounds form. Revenue is the sum over product and buyer of volume x price. Pure equations stand in
brent.py and exports.py; this file reads and writes the lanes.
"""

from typing import NamedTuple

import numpy as np

from ..sanctions import BLOCKING, CRUDE_EU, FLEET, PAYMENT
from ..tools.jit import inline, kernel
from ..tools.rng import NORMAL, UNIFORM, Stream
from ..tools.special import exp, half_life_decay, log
from ..tools.units import DAYS_PER_MONTH
from . import brent, exports

BUYERS = ("China", "India", "Türkiye", "EU", "Other")

PARAMS = (
    "volatility_level",
    "volatility_persistence",
    "volatility_noise",
    "volatility_now",
    "volatility_scale",
    "explained_variance",
    "shock_tail",
    "transient_reversion",
    "transient_share",
    "factor_correlation",
    "drift",
    "averaging_weight",
    "averaging_noise",
    "momentum",
    "gulf_price_effect",
    "gulf_price_half_life",
    "gulf_volatility_effect",
    "supply_elasticity",
    "demand_elasticity",
    "elasticity_scale",
    "long_run_supply_elasticity",
    "long_run_demand_elasticity",
    "elasticity_growth_months",
    "opec_offset",
    "opec_half_life",
    "freight_floor",
    "open_discount",
    "urals_discount_blocking",
    "blocking_persistent_share",
    "discount_half_life",
    "fleet_premium",
    "payment_premium",
    "bargaining_slope",
    "designation_jump_share",
    "discount_adjustment_half_life",
    "discount_price_reference",
    "discount_noise",
    "discount_noise_half_life",
    "freight_baltic_india",
    "export_upside",
    "china_blocking_response",
    "india_blocking_response",
    "turkiye_blocking_response",
    "other_blocking_response",
    "eu_return_crude",
    "eu_return_products",
    "eu_return_half_life",
    "absorption",
    "storage_capacity",
    "restart_share",
    "shut_in_price",
    "pipeline_exports",
    "fleet_additions",
    "listing_share",
    "price_cap_margin",
    "price_cap_dynamic",
    "price_cap_compliance",
    "product_premium",
    "product_discount_share",
)
FACTS = (
    "brent",
    "last_return",
    "transient_log",
    "urals_discount",
    "blocking_transient",
    "price_cap",
    "crude_exports",
    "product_exports",
    "crude_share_china",
    "crude_share_india",
    "crude_share_turkiye",
    "crude_share_eu",
    "crude_share_other",
    "product_share_china",
    "product_share_india",
    "product_share_turkiye",
    "product_share_eu",
    "product_share_other",
    "world_supply",
    "shadow_fleet_capacity",
    "stored",
    "shut_in",
)
STATE = (
    "brent",
    "log_price",
    "log_base",
    "transient",
    "log_variance",
    "brent_volatility",
    "gulf_premium",
    "supply_effect",
    "slow_loss",
    "momentum",
    "offset",
    "net_loss",
    "discount_level",
    "discount_noise",
    "discount",
    "urals_fob",
    "delivered_discount",
    "urals_delivered",
    "blocking_transient",
    "blocking_memory",
    "retreat_at_start",
    "price_cap",
    "cap_average",
    "fleet",
    "attested",
    "attested_share",
    "crude_china",
    "crude_india",
    "crude_turkiye",
    "crude_eu",
    "crude_other",
    "crude",
    "product_china",
    "product_india",
    "product_turkiye",
    "product_eu",
    "product_other",
    "products",
    "exports",
    "eu_demand",
    "stored",
    "shut_in",
    "unplaced",
    "crude_price",
    "product_price",
    "revenue",
    "total_revenue",
    "total_exports",
    "total_brent_value",
)
EVENTS = ("total_revenue", "total_exports", "total_brent_value")
DRAWS = (
    Stream("oil.price", (("transient", NORMAL), ("permanent", NORMAL), ("averaging", NORMAL), ("volatility", NORMAL))),
    Stream("oil.tail", (("tail_a", UNIFORM), ("tail_b", UNIFORM), ("tail_c", UNIFORM), ("discount", NORMAL))),
)


class Tables(NamedTuple):
    """``cap_review`` (steps,): 1 if the price cap is reviewed in the step."""

    cap_review: np.ndarray


@kernel
def start(oil, p, sanctions, gulf):
    """State of the as-of date on every lane, from the facts."""
    for lane in range(oil.brent.size):
        premium = p.gulf_price_effect[lane] * gulf.severity[lane]
        price = p.brent[lane]
        discount = p.urals_discount[lane]
        oil.brent[lane] = price
        oil.log_price[lane] = log(price)
        oil.log_base[lane] = log(price) - premium
        oil.transient[lane] = p.transient_log[lane]
        oil.log_variance[lane] = p.volatility_now[lane]
        oil.brent_volatility[lane] = np.sqrt(
            12.0 * p.volatility_scale[lane] * (1.0 - p.explained_variance[lane])
        ) * exp(0.5 * p.volatility_now[lane])
        oil.gulf_premium[lane] = premium
        oil.supply_effect[lane] = 0.0
        oil.slow_loss[lane] = 0.0
        oil.momentum[lane] = p.momentum[lane] / p.averaging_weight[lane] * p.last_return[lane]
        oil.offset[lane] = 0.0
        oil.net_loss[lane] = 0.0
        oil.discount_level[lane] = discount
        oil.discount_noise[lane] = 0.0
        oil.discount[lane] = discount
        oil.urals_fob[lane] = price - discount
        oil.delivered_discount[lane] = discount - p.freight_baltic_india[lane]
        oil.urals_delivered[lane] = price - discount + p.freight_baltic_india[lane]
        oil.blocking_transient[lane] = p.blocking_transient[lane]
        oil.blocking_memory[lane] = sanctions.effective[BLOCKING, lane]
        oil.retreat_at_start[lane] = sanctions.effective[BLOCKING, lane] * p.blocking_transient[lane]
        oil.price_cap[lane] = p.price_cap[lane]
        oil.cap_average[lane] = price - discount
        oil.fleet[lane] = p.shadow_fleet_capacity[lane]
        oil.stored[lane] = p.stored[lane]
        oil.shut_in[lane] = p.shut_in[lane]
        oil.eu_demand[lane] = 0.0
        oil.total_revenue[lane] = 0.0
        oil.total_exports[lane] = 0.0
        oil.total_brent_value[lane] = 0.0


@kernel
def advance(oil, p, draws, sanctions, tariffs, gulf, tables, t, dt):
    """One step of a block: discount and volumes on last month's prices, then Brent with the loss they make, then
    prices and revenue."""
    review = tables.cap_review[t]
    for lane in range(oil.brent.size):
        _volumes(oil, p, sanctions, tariffs, review, lane, dt)
    for lane in range(oil.brent.size):
        _brent(oil, p, draws, gulf, 1.0 if t == 0 else 0.0, lane, dt)
    for lane in range(oil.brent.size):
        _discount_and_revenue(oil, p, draws, sanctions, lane, dt)


@inline
def _volumes(oil, p, sanctions, tariffs, review, lane, dt):
    """Exports by buyer of this step, given last step's prices and this step's law."""
    blocking = sanctions.effective[BLOCKING, lane]
    decay_share = half_life_decay(p.discount_half_life[lane], dt)
    designation = p.designation_jump_share[lane] * sanctions.designation[lane]
    transient, memory = exports.blocking_step(
        oil.blocking_transient[lane], oil.blocking_memory[lane], blocking, designation, decay_share
    )
    oil.blocking_transient[lane] = transient
    oil.blocking_memory[lane] = memory

    cap, average = exports.cap_step(
        oil.price_cap[lane],
        oil.cap_average[lane],
        oil.urals_fob[lane],
        p.price_cap_margin[lane],
        p.price_cap_dynamic[lane],
        review,
        dt,
    )
    oil.price_cap[lane] = cap
    oil.cap_average[lane] = average
    listed = 1.0 - p.listing_share[lane] * sanctions.designation[lane]
    oil.fleet[lane] = (oil.fleet[lane] + p.fleet_additions[lane] * dt) * listed

    crude0 = p.crude_exports[lane]
    open_eu = max(1.0 - sanctions.effective[CRUDE_EU, lane], 0.0)
    oil.eu_demand[lane] = open_eu + (oil.eu_demand[lane] - open_eu) * half_life_decay(p.eu_return_half_life[lane], dt)
    # Buyers' retreat from blocked sellers, relative to the as-of date, when the shares were seen.
    retreat = blocking * transient - oil.retreat_at_start[lane]
    china = max(p.crude_share_china[lane] * (1.0 - p.china_blocking_response[lane] * retreat), 0.0) * crude0
    india = max(p.crude_share_india[lane] * (1.0 - p.india_blocking_response[lane] * retreat), 0.0) * crude0
    turkiye = max(p.crude_share_turkiye[lane] * (1.0 - p.turkiye_blocking_response[lane] * retreat), 0.0) * crude0
    other = max(p.crude_share_other[lane] * (1.0 - p.other_blocking_response[lane] * retreat), 0.0) * crude0
    eu = p.crude_share_eu[lane] * crude0 + p.eu_return_crude[lane] * oil.eu_demand[lane]
    # What buyers drop under a tariff or its threat comes on top; it is offered to the others.
    china *= 1.0 - tariffs.cut_china[lane]
    india *= 1.0 - tariffs.cut_india[lane]
    turkiye *= 1.0 - tariffs.cut_turkiye[lane]
    other *= 1.0 - tariffs.cut_other[lane]
    eu *= 1.0 - tariffs.cut_eu[lane]
    demand = china + india + turkiye + other + eu

    upside = p.export_upside[lane] * max(1.0 - blocking, 0.0)
    worth = exports.price_response(oil.urals_fob[lane], p.shut_in_price[lane])
    offered = max(crude0 + p.shut_in[lane] + upside - oil.shut_in[lane], 0.0) * worth
    products0 = p.product_exports[lane]
    seaborne = offered + products0 - p.pipeline_exports[lane]
    can_carry, attested = exports.carry(
        seaborne, oil.fleet[lane], sanctions.effective[FLEET, lane], oil.urals_fob[lane], cap, p.shut_in_price[lane]
    )
    ceiling = max(can_carry + p.pipeline_exports[lane] - products0, 0.0)
    restart = 1.0 - exp(dt / 3.0 * log(1.0 - p.restart_share[lane]))
    stock = exports.Stock(oil.stored[lane], p.storage_capacity[lane], oil.shut_in[lane], restart)
    new = exports.place(offered, demand + upside, max(crude0 - demand, 0.0), p.absorption[lane], ceiling, stock, dt)
    share = new.placed / max(demand, 1e-12)
    oil.crude_china[lane] = china * share
    oil.crude_india[lane] = india * share
    oil.crude_turkiye[lane] = turkiye * share
    oil.crude_eu[lane] = eu * share
    oil.crude_other[lane] = other * share
    oil.crude[lane] = (
        oil.crude_china[lane]
        + oil.crude_india[lane]
        + oil.crude_turkiye[lane]
        + oil.crude_eu[lane]
        + oil.crude_other[lane]
    )
    oil.stored[lane] = new.stored
    oil.shut_in[lane] = new.shut_in
    oil.unplaced[lane] = new.unplaced

    back = min(p.eu_return_products[lane] * oil.eu_demand[lane], p.product_share_other[lane] * products0)
    china_products = p.product_share_china[lane] * products0 * (1.0 - tariffs.cut_china[lane])
    india_products = p.product_share_india[lane] * products0 * (1.0 - tariffs.cut_india[lane])
    turkiye_products = p.product_share_turkiye[lane] * products0 * (1.0 - tariffs.cut_turkiye[lane])
    eu_products = (p.product_share_eu[lane] * products0 + back) * (1.0 - tariffs.cut_eu[lane])
    other_products = (p.product_share_other[lane] * products0 - back) * (1.0 - tariffs.cut_other[lane])
    dropped = products0 - china_products - india_products - turkiye_products - eu_products - other_products
    oil.product_china[lane] = china_products
    oil.product_india[lane] = india_products
    oil.product_turkiye[lane] = turkiye_products
    oil.product_eu[lane] = eu_products
    oil.product_other[lane] = other_products + p.absorption[lane] * dropped
    oil.products[lane] = (
        oil.product_china[lane]
        + oil.product_india[lane]
        + oil.product_turkiye[lane]
        + oil.product_eu[lane]
        + oil.product_other[lane]
    )
    oil.exports[lane] = oil.crude[lane] + oil.products[lane]
    oil.attested[lane] = attested
    oil.attested_share[lane] = min(attested / max(seaborne, 1e-12), 1.0)


@inline
def _brent(oil, p, draws, gulf, first, lane, dt):
    """Brent of this step with the net Russian loss after OPEC's offset."""
    severity = gulf.severity[lane]
    oil.offset[lane] = exports.offset_step(oil.offset[lane], p.opec_offset[lane], severity, p.opec_half_life[lane], dt)
    gross = p.crude_exports[lane] + p.product_exports[lane] - oil.exports[lane]
    loss_share = gross * (1.0 - oil.offset[lane]) / p.world_supply[lane]
    oil.net_loss[lane] = loss_share
    params = brent.Params(
        p.volatility_level[lane],
        p.volatility_persistence[lane],
        p.volatility_noise[lane],
        p.volatility_scale[lane],
        p.explained_variance[lane],
        p.shock_tail[lane],
        p.transient_reversion[lane],
        p.transient_share[lane],
        p.factor_correlation[lane],
        p.drift[lane],
        p.averaging_weight[lane],
        p.averaging_noise[lane],
        p.gulf_price_effect[lane],
        p.gulf_price_half_life[lane],
        p.gulf_volatility_effect[lane],
        p.supply_elasticity[lane],
        p.demand_elasticity[lane],
        p.elasticity_scale[lane],
        p.long_run_supply_elasticity[lane],
        p.long_run_demand_elasticity[lane],
        p.elasticity_growth_months[lane],
    )
    state = brent.State(
        oil.log_base[lane],
        oil.transient[lane],
        oil.log_variance[lane],
        oil.gulf_premium[lane],
        oil.supply_effect[lane],
        oil.slow_loss[lane],
        oil.momentum[lane],
    )
    shocks = brent.Shocks(
        draws.transient[lane],
        draws.permanent[lane],
        draws.averaging[lane],
        draws.volatility[lane],
        draws.tail_a[lane],
        draws.tail_b[lane],
        draws.tail_c[lane],
    )
    new = brent.step(params, state, shocks, severity, loss_share, first, dt)
    oil.log_base[lane] = new.state.log_base
    oil.transient[lane] = new.state.transient
    oil.log_variance[lane] = new.state.log_variance
    oil.gulf_premium[lane] = new.state.gulf_premium
    oil.supply_effect[lane] = new.state.supply_effect
    oil.slow_loss[lane] = new.state.slow_loss
    oil.momentum[lane] = new.state.momentum
    oil.log_price[lane] = new.log_price
    oil.brent[lane] = new.mean_price
    oil.brent_volatility[lane] = np.sqrt(12.0 * p.volatility_scale[lane] * (1.0 - p.explained_variance[lane])) * exp(
        0.5 * new.state.log_variance
    )


@inline
def _discount_and_revenue(oil, p, draws, sanctions, lane, dt):
    """Discount of this step, Urals on both bases, prices paid and revenue (bn USD a month)."""
    offered = oil.crude[lane] + oil.unplaced[lane]
    frictions = exports.Frictions(
        p.freight_floor[lane],
        p.open_discount[lane],
        p.urals_discount_blocking[lane],
        p.blocking_persistent_share[lane],
        p.fleet_premium[lane],
        p.payment_premium[lane],
        p.bargaining_slope[lane],
    )
    pressure = exports.Pressure(
        sanctions.effective[CRUDE_EU, lane],
        sanctions.effective[BLOCKING, lane],
        oil.blocking_transient[lane],
        sanctions.effective[FLEET, lane],
        sanctions.effective[PAYMENT, lane],
        oil.unplaced[lane] / max(offered, 1e-12),
    )
    target = exports.discount_target(frictions, pressure)
    level = target + (oil.discount_level[lane] - target) * half_life_decay(p.discount_adjustment_half_life[lane], dt)
    kept = half_life_decay(p.discount_noise_half_life[lane], dt)
    sd = p.discount_noise[lane]
    noise = kept * oil.discount_noise[lane] + sd * np.sqrt(1.0 - kept * kept) * draws.discount[lane]
    cheap = min(oil.brent[lane] / p.discount_price_reference[lane], 1.0)
    discount = level * cheap * exp(noise - 0.5 * sd * sd)
    urals = oil.brent[lane] - discount
    oil.discount_level[lane] = level
    oil.discount_noise[lane] = noise
    oil.discount[lane] = discount
    oil.urals_fob[lane] = urals
    oil.delivered_discount[lane] = discount - p.freight_baltic_india[lane]
    oil.urals_delivered[lane] = urals + p.freight_baltic_india[lane]

    capped = oil.attested_share[lane] * p.price_cap_compliance[lane]
    oil.crude_price[lane] = urals - capped * max(urals - oil.price_cap[lane], 0.0)
    oil.product_price[lane] = max(
        oil.brent[lane] * (1.0 + p.product_premium[lane]) - p.product_discount_share[lane] * discount, 0.0
    )
    days = DAYS_PER_MONTH / 1000.0
    oil.revenue[lane] = days * (oil.crude[lane] * oil.crude_price[lane] + oil.products[lane] * oil.product_price[lane])
    oil.total_revenue[lane] += oil.revenue[lane] * dt
    oil.total_exports[lane] += DAYS_PER_MONTH * dt * oil.exports[lane]
    oil.total_brent_value[lane] += days * dt * oil.exports[lane] * oil.brent[lane]
