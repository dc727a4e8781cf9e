"""Oil: Brent, Russian exports by product and buyer, the Urals discount, the price cap and the fleet, and revenue.

Volumes: quota and wells bound the upside; what a buyer drops is offered to others at a wider discount, then stored,
then shut in; restart is slow. Discount (FOB): freight floor + blocking + fleet + payment + bargaining; a blocking jump
decays as workarounds form. Revenue is the sum over product and buyer of volume x price. Pure equations: brent.py and
exports.py. The block's records are read and written here, in volumes.py and in prices.py.
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
    "discount_half_life", "fleet_premium", "payment_premium", "bargaining_slope", "designation_jump_share",
    "discount_adjustment_half_life", "discount_price_reference", "discount_noise", "discount_noise_half_life",
    "freight_baltic_india", "export_upside", ("blocking_response", 4), "eu_return_crude", "eu_return_products",
    "eu_return_half_life", "absorption", "storage_capacity", "restart_share", "shut_in_price", "pipeline_exports",
    "fleet_additions", "listing_share", "price_cap_margin", "price_cap_dynamic", "price_cap_compliance",
    "product_premium", "product_discount_share",
)  # fmt: skip
FACTS = (
    "brent", "last_return", "transient_log", "urals_discount", "blocking_transient", "price_cap", "crude_exports",
    "product_exports", ("crude_share", len(BUYERS)), ("product_share", len(BUYERS)), "world_supply",
    "shadow_fleet_capacity", "stored", "shut_in",
)  # fmt: skip
STATE = (
    "brent", "log_price", "log_base", "transient", "log_variance", "brent_volatility", "gulf_premium",
    "supply_effect", "slow_loss", "momentum", "offset", "net_loss", "discount_level", "discount_noise", "discount",
    "urals_fob", "delivered_discount", "urals_delivered", "blocking_transient", "blocking_memory",
    "retreat_at_start", "price_cap", "cap_average", "fleet", "attested", "attested_share", ("crude_to", len(BUYERS)),
    "crude", ("products_to", len(BUYERS)), "products", "exports", "eu_demand", "stored", "shut_in", "unplaced",
    "crude_price", "product_price", "revenue", "total_revenue", "total_exports", "total_brent_value",
    "first_guard",
)  # fmt: skip
EVENTS = ("total_revenue", "total_exports", "total_brent_value", "first_guard")
DRAWS = (
    Stream("oil.price", (("transient", NORMAL), ("permanent", NORMAL), ("averaging", NORMAL), ("volatility", NORMAL))),
    Stream("oil.tail", (("tail_a", UNIFORM), ("tail_b", UNIFORM), ("tail_c", UNIFORM), ("discount", NORMAL))),
)


class Tables(NamedTuple):
    """``cap_review`` (steps,): 1 if the price cap is reviewed in the step."""

    cap_review: np.ndarray


class Inputs(NamedTuple):
    """State of other submodels in this step: channels, cuts of buyers under a tariff, severity of a disruption."""

    sanctions: np.void
    tariffs: np.void
    gulf: np.void


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
def advance(oil, p, draws, inputs, tables, t, dt):
    """One step of a block.

    Volumes at last step's prices, then Brent with the loss they make, then discount and revenue.
    """
    review = tables.cap_review[t]
    for lane in range(oil.brent.size):
        volumes.advance(oil, p, inputs, review, lane, dt)
    for lane in range(oil.brent.size):
        prices.brent_step(oil, p, draws, inputs.gulf.severity[lane], 1.0 if t == 0 else 0.0, lane, dt)
    for lane in range(oil.brent.size):
        prices.discount_and_revenue(oil, p, draws, inputs.sanctions, lane, dt)
    for lane in range(oil.brent.size):
        held = brent.at_a_guard(oil.brent[lane], oil.log_base[lane], oil.log_variance[lane])
        stamp(oil.first_guard, lane, held or oil.urals_fob[lane] <= 0.0, (t + 1) * dt)
