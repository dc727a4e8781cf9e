"""Prices of a step: Brent with the loss of Russian supply, the Urals discount, prices paid and revenue."""

import numpy as np

from ..sanctions import BLOCKING, CRUDE_EU, FLEET, PAYMENT
from ..tools.jit import inline
from ..tools.special import exp, half_life_decay
from ..tools.units import DAYS_PER_MONTH
from . import brent, exports, placement


@inline
def brent_step(oil, p, draws, severity, moment, lane, dt):
    """Brent of this step with the net Russian loss after OPEC's offset.

    ``severity`` is the gulf's, ``moment`` months from the as-of date to the start of the step.
    """
    gross = p.crude_exports[lane] + p.product_exports[lane] - oil.exports[lane]
    oil.offset[lane] = exports.offset_step(
        oil.offset[lane], gross, p.opec_offset[lane], p.spare_capacity[lane], severity, p.opec_half_life[lane], dt
    )
    loss_share = (gross - oil.offset[lane]) / p.world_supply[lane]
    oil.net_loss[lane] = loss_share
    params = brent.Params(
        volatility_level=p.volatility_level[lane],
        volatility_persistence=p.volatility_persistence[lane],
        volatility_noise=p.volatility_noise[lane],
        volatility_scale=p.volatility_scale[lane],
        explained_variance=p.explained_variance[lane],
        shock_tail=p.shock_tail[lane],
        transient_reversion=p.transient_reversion[lane],
        transient_share=p.transient_share[lane],
        factor_correlation=p.factor_correlation[lane],
        drift=p.drift[lane],
        averaging_weight=p.averaging_weight[lane],
        averaging_noise=p.averaging_noise[lane],
        gulf_price_effect=p.gulf_price_effect[lane],
        gulf_price_half_life=p.gulf_price_half_life[lane],
        gulf_volatility_effect=p.gulf_volatility_effect[lane],
        supply_elasticity=p.supply_elasticity[lane],
        demand_elasticity=p.demand_elasticity[lane],
        elasticity_scale=p.elasticity_scale[lane],
        long_run_supply_elasticity=p.long_run_supply_elasticity[lane],
        long_run_demand_elasticity=p.long_run_demand_elasticity[lane],
        elasticity_growth_months=p.elasticity_growth_months[lane],
        price_ceiling=p.price_ceiling[lane],
        ceiling_drift=p.ceiling_drift[lane],
        ceiling_pull=p.ceiling_pull[lane],
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
    new = brent.step(params, state, shocks, severity, loss_share, moment, dt)
    oil.log_base[lane] = new.state.log_base
    oil.transient[lane] = new.state.transient
    oil.log_variance[lane] = new.state.log_variance
    oil.gulf_premium[lane] = new.state.gulf_premium
    oil.supply_effect[lane] = new.state.supply_effect
    oil.slow_loss[lane] = new.state.slow_loss
    oil.momentum[lane] = new.state.momentum
    oil.log_price[lane] = new.log_price
    oil.brent[lane] = exp(new.log_mean)
    oil.log_mean[lane] = new.log_mean
    oil.mean_premium[lane] = new.mean_premium
    oil.shock[lane] = new.shock
    oil.brent_volatility[lane] = np.sqrt(12.0 * p.volatility_scale[lane] * (1.0 - p.explained_variance[lane])) * exp(
        0.5 * new.state.log_variance
    )


@inline
def structural(p, sanctions, transient, severity, lane):
    """Discount with all oil placed, USD/bbl."""
    frictions = exports.Frictions(
        p.freight_floor[lane],
        p.open_discount[lane],
        p.urals_discount_blocking[lane],
        p.blocking_persistent_share[lane],
        p.fleet_premium[lane],
        p.payment_premium[lane],
        p.scarcity_effect[lane],
    )
    pressure = exports.Pressure(
        sanctions.effective[CRUDE_EU, lane],
        sanctions.effective[BLOCKING, lane],
        transient,
        sanctions.effective[FLEET, lane],
        sanctions.effective[PAYMENT, lane],
        severity,
    )
    return exports.structural_discount(frictions, pressure)


@inline
def discount_and_revenue(oil, p, draws, inputs, lane, dt):
    """Discount of this step, Urals on both bases, prices paid and revenue (bn USD a month)."""
    brent_price = oil.brent[lane]
    base = structural(p, inputs.sanctions, oil.blocking_transient[lane], inputs.gulf.severity[lane], lane)
    base += oil.discount_gap[lane]
    largest = exports.bound(brent_price, p.lifting_cost_low[lane], p.lifting_cost_high[lane])
    left = half_life_decay(p.discount_adjustment_half_life[lane], dt)
    crude = placement.discount_with(base, oil.widening[lane], oil.homeless[lane], largest)
    product = placement.discount_with(base, oil.product_widening[lane], oil.product_homeless[lane], largest)
    oil.discount_level[lane] = crude + (oil.discount_level[lane] - crude) * left
    oil.product_level[lane] = product + (oil.product_level[lane] - product) * left
    remaining = half_life_decay(p.discount_noise_half_life[lane], dt)
    sd = p.discount_noise[lane]
    noise = remaining * oil.discount_noise[lane] + sd * np.sqrt(1.0 - remaining * remaining) * draws.discount[lane]
    factor = min(brent_price / p.discount_price_reference[lane], 1.0) * exp(noise - 0.5 * sd * sd)
    discount = min(oil.discount_level[lane] * factor, largest)
    urals = brent_price - discount
    oil.discount_noise[lane] = noise
    oil.discount[lane] = discount
    oil.urals_fob[lane] = urals
    oil.delivered_discount[lane] = discount - p.freight_baltic_india[lane]
    oil.urals_delivered[lane] = urals + p.freight_baltic_india[lane]

    capped = oil.attested_share[lane] * p.price_cap_compliance[lane]
    oil.crude_price[lane] = urals - capped * max(urals - oil.price_cap[lane], 0.0)
    on_products = min(p.product_discount_share[lane] * oil.product_level[lane] * factor, largest)
    oil.product_price[lane] = max(brent_price * (1.0 + p.product_premium[lane]) - on_products, 0.0)
    days = DAYS_PER_MONTH / 1000.0
    oil.revenue[lane] = days * (oil.crude[lane] * oil.crude_price[lane] + oil.products[lane] * oil.product_price[lane])
    oil.total_revenue[lane] += oil.revenue[lane] * dt
    oil.total_exports[lane] += DAYS_PER_MONTH * dt * oil.exports[lane]
    oil.total_brent_value[lane] += days * dt * oil.exports[lane] * brent_price
