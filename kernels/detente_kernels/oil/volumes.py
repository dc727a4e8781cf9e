"""Volumes of a step: what each buyer wants, what the fleet can carry, and where the crude and the products go."""

from ..sanctions import BLOCKING, CRUDE_EU, FLEET
from ..tools.jit import inline
from ..tools.special import exp, half_life_decay, log
from . import exports

EU, OTHER = 3, 4
"""Rows of ``BUYERS``: China, India, Türkiye, EU, other."""
MARKETS = 5


@inline
def _cap_and_fleet(oil, p, designation, review, lane, dt):
    """Price cap after a review, and the shadow fleet after additions and listings."""
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
    not_listed = max(1.0 - p.listing_share[lane] * designation, 0.0)
    oil.fleet[lane] = (oil.fleet[lane] + p.fleet_additions[lane] * dt) * not_listed


@inline
def _demand(oil, p, tariffs, retreat, lane):
    """Crude that buyers want, mb/d: each buyer's into ``crude_to``; returns the sum.

    ``retreat`` is the retreat from blocked sellers relative to the as-of date, to which the shares belong. What buyers
    drop under a tariff or its threat comes on top; it is offered to the others.
    """
    crude0 = p.crude_exports[lane]
    demand = 0.0
    for k in range(MARKETS - 1):
        b = k if k < EU else OTHER
        wanted = max(p.crude_share[b, lane] * (1.0 - p.blocking_response[k, lane] * retreat), 0.0) * crude0
        oil.crude_to[b, lane] = wanted * (1.0 - tariffs.cut_of_market[b, lane])
        demand += oil.crude_to[b, lane]
    eu = p.crude_share[EU, lane] * crude0 + p.eu_return_crude[lane] * oil.eu_demand[lane]
    oil.crude_to[EU, lane] = eu * (1.0 - tariffs.cut_of_market[EU, lane])
    return demand + oil.crude_to[EU, lane]


@inline
def _products(oil, p, tariffs, lane):
    """Products by buyer, mb/d: the EU's return comes out of the others' share; others absorb part of the cuts."""
    products0 = p.product_exports[lane]
    back = min(p.eu_return_products[lane] * oil.eu_demand[lane], p.product_share[OTHER, lane] * products0)
    dropped = products0
    for b in range(MARKETS):
        share = p.product_share[b, lane] * products0
        share = share + back if b == EU else (share - back if b == OTHER else share)
        oil.products_to[b, lane] = share * (1.0 - tariffs.cut_of_market[b, lane])
        dropped -= oil.products_to[b, lane]
    oil.products_to[OTHER, lane] += p.absorption[lane] * dropped
    total = 0.0
    for b in range(MARKETS):
        total += oil.products_to[b, lane]
    oil.products[lane] = total


@inline
def advance(oil, p, inputs, review, lane, dt):
    """Exports by buyer of this step, given last step's prices and this step's law."""
    effective = inputs.sanctions.effective
    blocking = effective[BLOCKING, lane]
    decay_share = half_life_decay(p.discount_half_life[lane], dt)
    designation = inputs.sanctions.designation[lane]
    transient, memory = exports.blocking_step(
        oil.blocking_transient[lane],
        oil.blocking_memory[lane],
        blocking,
        p.designation_jump_share[lane] * designation,
        decay_share,
    )
    oil.blocking_transient[lane] = transient
    oil.blocking_memory[lane] = memory
    _cap_and_fleet(oil, p, designation, review, lane, dt)

    crude0 = p.crude_exports[lane]
    open_eu = max(1.0 - effective[CRUDE_EU, lane], 0.0)
    oil.eu_demand[lane] = open_eu + (oil.eu_demand[lane] - open_eu) * half_life_decay(p.eu_return_half_life[lane], dt)
    demand = _demand(oil, p, inputs.tariffs, blocking * transient - oil.retreat_at_start[lane], lane)

    upside = p.export_upside[lane] * max(1.0 - blocking, 0.0)
    producing = exports.price_response(oil.urals_fob[lane], p.shut_in_price[lane])
    offered = max(crude0 + p.shut_in[lane] + upside - oil.shut_in[lane], 0.0) * producing
    products0 = p.product_exports[lane]
    seaborne = offered + products0 - p.pipeline_exports[lane]
    can_carry, attested = exports.carry(
        seaborne,
        oil.fleet[lane],
        effective[FLEET, lane],
        oil.urals_fob[lane],
        oil.price_cap[lane],
        p.shut_in_price[lane],
    )
    ceiling = max(can_carry + p.pipeline_exports[lane] - products0, 0.0)
    restart = 1.0 - exp(dt / 3.0 * log(1.0 - p.restart_share[lane]))
    stock = exports.Stock(oil.stored[lane], p.storage_capacity[lane], oil.shut_in[lane], restart)
    new = exports.place(offered, demand + upside, max(crude0 - demand, 0.0), p.absorption[lane], ceiling, stock, dt)
    share = new.placed / max(demand, 1e-12)
    crude = 0.0
    for b in range(MARKETS):
        oil.crude_to[b, lane] *= share
        crude += oil.crude_to[b, lane]
    oil.crude[lane] = crude
    oil.stored[lane] = new.stored
    oil.shut_in[lane] = new.shut_in
    oil.unplaced[lane] = new.unplaced

    _products(oil, p, inputs.tariffs, lane)
    oil.exports[lane] = oil.crude[lane] + oil.products[lane]
    oil.attested[lane] = attested
    oil.attested_share[lane] = min(attested / max(seaborne, 1e-12), 1.0)
