"""Oil: Brent, Russian exports by product and buyer, the Urals discount, the price cap and the fleet, and revenue.

Volumes: quota and wells bound the upside; what a buyer drops is offered to others at a wider discount, then stored,
then shut in; restart is slow. Discount (FOB): freight floor + blocking + fleet + payment + what it takes to place the
oil. Revenue is the sum over product and buyer of volume x price. Pure equations: brent.py, exports.py and placement.py.
The block's records are read and written here, in volumes.py and in prices.py.
"""

from typing import NamedTuple

import numpy as np

from ..sanctions import BLOCKING
from ..tools.hazards import stamp
from ..tools.jit import kernel
from ..tools.rng import NORMAL, UNIFORM, Stream
from ..tools.special import exp, log
from . import brent, prices, volumes

BUYERS = ("China", "India", "Türkiye", "EU", "Other")

PARAMS = (
    "volatility_level", "volatility_persistence", "volatility_noise", "volatility_now", "volatility_scale",
    "explained_variance", "shock_tail", "transient_reversion", "transient_share", "factor_correlation", "drift",
    "averaging_weight", "averaging_noise", "momentum", "gulf_price_effect", "gulf_price_half_life",
    "gulf_volatility_effect", "supply_elasticity", "demand_elasticity", "elasticity_scale",
    "long_run_supply_elasticity", "long_run_demand_elasticity", "elasticity_growth_months", "opec_offset",
    "opec_half_life", "freight_floor", "open_discount", "urals_discount_blocking", "blocking_persistent_share",
    "discount_half_life", "fleet_premium", "payment_premium", "placement_slope", "designation_jump_share",
    "discount_adjustment_half_life", "discount_price_reference", "discount_noise", "discount_noise_half_life",
    "freight_baltic_india", "export_upside", ("blocking_response", 4), "eu_return_crude", "eu_return_products",
    "eu_return_half_life", "settling_half_life", "storage_capacity", "restart_share", "lifting_cost_high",
    "pipeline_exports",
    "fleet_additions", "listing_share", "price_cap_margin", "price_cap_dynamic", "price_cap_compliance",
    "product_premium", "product_discount_share", "price_ceiling", "ceiling_drift", "ceiling_pull",
    "lifting_cost_low", "shut_in_half_life", "spare_capacity", "scarcity_effect", "scarcity_pull", "blocking_reference",
    "room_response", "product_room_share", "opening_half_life", "new_market_openness", ("largest_share", 4),
    "buyer_noise", "buyer_noise_half_life", "war_damage", "damage_noise", "damage_half_life", "damage_to_crude",
)  # fmt: skip
FACTS = (
    "brent", "last_return", "transient_log", "urals_discount", "blocking_transient", "price_cap", "crude_exports",
    "product_exports", ("crude_share", len(BUYERS)), ("product_share", len(BUYERS)), "world_supply",
    "shadow_fleet_capacity", "stored", "shut_in", "refinery_damage",
)  # fmt: skip
STATE = (
    "brent", "log_price", "log_base", "transient", "log_variance", "brent_volatility", "gulf_premium",
    "supply_effect", "slow_loss", "momentum", "offset", "net_loss", "discount_level", "discount_noise", "discount",
    "urals_fob", "delivered_discount", "urals_delivered", "blocking_transient", "blocking_memory", "threat",
    "threat_at_start", "severity_at_start", "blocking_at_start", "discount_gap", "price_cap", "cap_average",
    "fleet", "attested", "attested_share", ("crude_to", len(BUYERS)), "crude", ("products_to", len(BUYERS)),
    "products", "exports", "eu_demand", "stored", "shut_in", "uneconomic", "crude_price", "product_price",
    "revenue", "total_revenue", "total_exports", "total_brent_value", "log_mean", "mean_premium", "shock",
    "widening", "homeless", "product_level", "product_widening", "product_homeless", "openness", ("closed", 4),
    ("crude_own", 4), ("crude_most", 4), ("crude_room", 4), ("crude_established", 4), ("product_own", 4),
    ("product_room", 4), ("product_established", 4), ("buyer_noise", 4), "damage", "damage_deviation",
    "first_guard",
)  # fmt: skip
"""``log_mean``: log of the step's mean Brent; ``mean_premium``: the gulf premium in it; ``shock``: its standard normal.
Fields of four rows: China, India, Türkiye, others."""
EVENTS = ("total_revenue", "total_exports", "total_brent_value", "first_guard")
DRAWS = (
    Stream("oil.price", (("transient", NORMAL), ("permanent", NORMAL), ("averaging", NORMAL), ("volatility", NORMAL))),
    Stream("oil.tail", (("tail_a", UNIFORM), ("tail_b", UNIFORM), ("tail_c", UNIFORM), ("discount", NORMAL))),
    Stream("oil.buyers", (("buyer", NORMAL),) * 4),
    Stream("oil.damage", (("damage", NORMAL),)),
)


class Tables(NamedTuple):
    """``cap_review`` (steps,): 1 if the price cap is reviewed in the step."""

    cap_review: np.ndarray


class Inputs(NamedTuple):
    """State of other submodels in this step, and the parameters and facts of the tariffs block.

    Channels, cuts of buyers under a tariff, severity of a disruption, war; all oil imports of the buyers.
    """

    sanctions: np.void
    tariffs: np.void
    gulf: np.void
    conflict: np.void
    trade: np.void


@kernel
def start(oil, p, sanctions, gulf):
    """State of the as-of date of each path, from the facts."""
    for lane in range(oil.brent.size):
        premium = p.gulf_price_effect[lane] * gulf.severity[lane]
        price = p.brent[lane]
        discount = min(p.urals_discount[lane], price)
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
        oil.threat[lane] = p.blocking_transient[lane]
        oil.threat_at_start[lane] = p.blocking_transient[lane]
        oil.blocking_at_start[lane] = sanctions.effective[BLOCKING, lane]
        oil.severity_at_start[lane] = gulf.severity[lane]
        base = prices.structural(p, sanctions, p.blocking_transient[lane], gulf.severity[lane], lane)
        oil.discount_gap[lane] = discount - base
        oil.product_level[lane] = discount
        oil.openness[lane] = p.new_market_openness[lane]
        oil.damage[lane] = p.refinery_damage[lane]
        oil.damage_deviation[lane] = 0.0
        oil.uneconomic[lane] = 0.0
        for k in range(4):
            oil.crude_established[k, lane] = 0.0
            oil.product_established[k, lane] = 0.0
            oil.buyer_noise[k, lane] = 0.0
        for b in range(len(BUYERS)):
            oil.products_to[b, lane] = p.product_share[b, lane] * p.product_exports[lane]
        oil.price_cap[lane] = p.price_cap[lane]
        oil.cap_average[lane] = price - discount
        oil.fleet[lane] = p.shadow_fleet_capacity[lane]
        oil.stored[lane] = p.stored[lane]
        oil.shut_in[lane] = p.shut_in[lane]
        oil.eu_demand[lane] = 0.0
        oil.total_revenue[lane] = 0.0
        oil.total_exports[lane] = 0.0
        oil.total_brent_value[lane] = 0.0
        oil.log_mean[lane] = log(price)
        oil.mean_premium[lane] = premium
        oil.shock[lane] = 0.0


@kernel
def advance(oil, p, draws, inputs, tables, t, dt):
    """One step of a block.

    Volumes at last step's prices, then Brent with the loss they make, then discount and revenue.
    """
    review = tables.cap_review[t]
    for lane in range(oil.brent.size):
        volumes.advance(oil, p, draws, inputs, review, lane, dt)
    for lane in range(oil.brent.size):
        prices.brent_step(oil, p, draws, inputs.gulf.severity[lane], t * dt, lane, dt)
    for lane in range(oil.brent.size):
        prices.discount_and_revenue(oil, p, draws, inputs, lane, dt)
    for lane in range(oil.brent.size):
        held = brent.at_a_guard(oil.log_mean[lane], oil.log_base[lane], oil.log_variance[lane])
        stamp(oil.first_guard, lane, held or oil.urals_fob[lane] <= 0.0, (t + 1) * dt)
