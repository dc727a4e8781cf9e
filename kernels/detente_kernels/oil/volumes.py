"""Volumes of a step: what each buyer wants, what the fleet can carry, and where the crude and the products go."""

import numpy as np

from ..conflict import WAR
from ..sanctions import BLOCKING, CRUDE_EU, FLEET
from ..tools.jit import inline
from ..tools.special import exp, half_life_decay, log
from . import exports, placement

EU, OTHER = 3, 4
"""Rows of ``BUYERS``: China, India, Türkiye, EU, other."""
MARKETS = 5


@inline
def row(b):
    """Row of a buyer among those with a room and a response of their own, which are all but the EU."""
    return b if b < EU else b - 1


@inline
def imports(trade, b, lane):
    """All oil imports of a buyer, mb/d; those of the others are Brazil's, Japan's, Korea's and the rest's."""
    if b < OTHER:
        return trade.oil_imports[b, lane]
    total = 0.0
    for k in range(OTHER, trade.oil_imports.shape[0]):
        total += trade.oil_imports[k, lane]
    return total


@inline
def _threat(oil, p, sanctions, lane, dt):
    """Recent blocking, the threat to buyers, and the unexplained part of the discount."""
    remaining = half_life_decay(p.discount_half_life[lane], dt)
    before = oil.threat[lane]
    new = exports.blocking_step(
        oil.blocking_transient[lane],
        oil.blocking_memory[lane],
        sanctions.effective[BLOCKING, lane],
        p.designation_jump_share[lane] * sanctions.designation[lane],
        p.blocking_reference[lane],
        remaining,
    )
    oil.blocking_transient[lane] = new.transient
    oil.blocking_memory[lane] = new.memory
    oil.threat[lane] = new.threat
    oil.discount_gap[lane] = exports.gap_step(oil.discount_gap[lane], new.threat, before, remaining)


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
def _damage(oil, p, draws, conflict, lane, dt):
    """Capacity of refineries and ports lost to the war; attacks pause in an energy truce and in a ceasefire."""
    left = half_life_decay(p.damage_half_life[lane], dt)
    sd = p.damage_noise[lane]
    deviation = left * oil.damage_deviation[lane] + sd * np.sqrt(1.0 - left * left) * draws.damage[lane]
    oil.damage_deviation[lane] = deviation
    war = 1.0 if conflict.state[lane] == WAR else 0.0
    usual = p.war_damage[lane] * p.refinery_damage[lane]
    oil.damage[lane] = exports.damage_step(
        oil.damage[lane], usual, deviation - 0.5 * sd * sd, war, p.damage_half_life[lane], dt
    )


@inline
def _demand(oil, p, inputs, lane):
    """Crude that regular buyers want and the room of each, mb/d, into ``crude_to`` and ``crude_room``; both sums.

    A buyer wants its share of the as-of date, more as the threat of that date fades and less under a new one, and what
    has become established. In a scarcity worse than on the as-of date it wants part of its room as well. Under a tariff
    it drops its cut of all that. ``crude_most``: what it takes at most.
    """
    tariffs, trade = inputs.tariffs, inputs.trade
    crude0, products0 = p.crude_exports[lane], p.product_exports[lane]
    threat = oil.threat[lane]
    scarcity = p.scarcity_pull[lane] * max(inputs.gulf.severity[lane] - oil.severity_at_start[lane], 0.0)
    wanted, total_room = 0.0, 0.0
    for b in range(MARKETS):
        start = p.crude_share[b, lane] * crude0
        uncut = 1.0 - tariffs.cut_of_market[b, lane]
        if b == EU:
            oil.crude_to[b, lane] = (start + p.eu_return_crude[lane] * oil.eu_demand[lane]) * uncut
        else:
            k = row(b)
            response = p.blocking_response[k, lane]
            largest = p.largest_share[k, lane] * imports(trade, b, lane)
            most = max(largest - max(oil.products_to[b, lane], p.product_share[b, lane] * products0), start)
            own = start * max(1.0 - response * threat, 0.0) / max(1.0 - response * oil.threat_at_start[lane], 0.1)
            own = min(own, most)
            regular = min(own + oil.crude_established[k, lane], most)
            closed = placement.closed(p.room_response[lane] * response * threat, tariffs.closed_market[b, lane])
            free = (1.0 - p.product_room_share[lane]) * placement.room(most, regular, closed)
            pulled = min(scarcity, 1.0) * free
            oil.crude_own[k, lane] = own * uncut
            oil.crude_most[k, lane] = most
            oil.crude_room[k, lane] = (free - pulled) * (oil.openness[lane] if b == OTHER else 1.0)
            oil.closed[k, lane] = closed
            oil.crude_to[b, lane] = (regular + pulled) * uncut
            total_room += oil.crude_room[k, lane]
        wanted += oil.crude_to[b, lane]
    return wanted, total_room


@inline
def _crude_to_buyers(oil, p, wanted, room, new, lane, dt):
    """What each buyer takes in the step, before noise, and what of it becomes established."""
    shared = new.regular / max(wanted, 1e-12)
    taken_up = new.search.placed / max(room, 1e-12)
    for b in range(MARKETS):
        taken = oil.crude_to[b, lane] * shared
        if b != EU:
            k = row(b)
            taken += taken_up * oil.crude_room[k, lane]
            beyond = max(taken - oil.crude_own[k, lane], 0.0)
            oil.crude_established[k, lane] = placement.settle(
                oil.crude_established[k, lane], beyond, oil.closed[k, lane], p.settling_half_life[lane], dt
            )
        oil.crude_to[b, lane] = taken


@inline
def _noise(oil, p, draws, tariffs, lane, dt):
    """Noise of buyers' months: AR(1) of each buyer's log, which changes no total and leads beyond no buyer's room.

    A buyer that cuts under a tariff has none. What is too much comes from all in proportion, what is missing goes to
    those with room left.
    """
    left = half_life_decay(p.buyer_noise_half_life[lane], dt)
    sd = p.buyer_noise[lane]
    excess, noisy_total, free = 0.0, 0.0, 0.0
    for b in range(MARKETS):
        if b == EU:
            continue
        k = row(b)
        noise = left * oil.buyer_noise[k, lane] + sd * np.sqrt(1.0 - left * left) * draws.buyer[k, lane]
        oil.buyer_noise[k, lane] = noise
        if tariffs.cut_of_market[b, lane] == 0.0:
            taken = oil.crude_to[b, lane]
            oil.crude_most[k, lane] = max(oil.crude_most[k, lane], taken)
            noisy = min(taken * exp(noise), oil.crude_most[k, lane])
            excess += noisy - taken
            noisy_total += noisy
            free += oil.crude_most[k, lane] - noisy
            oil.crude_to[b, lane] = noisy
    for b in range(MARKETS):
        if b != EU and tariffs.cut_of_market[b, lane] == 0.0:
            noisy = oil.crude_to[b, lane]
            if excess > 0.0:
                oil.crude_to[b, lane] = noisy * (1.0 - excess / max(noisy_total, 1e-12))
            else:
                oil.crude_to[b, lane] = noisy - excess * (oil.crude_most[row(b), lane] - noisy) / max(free, 1e-12)


@inline
def _products(oil, p, inputs, lane, dt):
    """Products by buyer, mb/d, with rooms of their own.

    Buyers want their share of what refineries make undamaged; the EU's return comes out of the others' share. What
    finds no room is not refined.
    """
    tariffs, trade = inputs.tariffs, inputs.trade
    products0 = p.product_exports[lane]
    offered = max(products0 + p.refinery_damage[lane] - oil.damage[lane], 0.0)
    undamaged = products0 + p.refinery_damage[lane]
    back = min(p.eu_return_products[lane] * oil.eu_demand[lane], p.product_share[OTHER, lane] * undamaged)
    wanted, room = 0.0, 0.0
    for b in range(MARKETS):
        own = p.product_share[b, lane] * undamaged
        uncut = 1.0 - tariffs.cut_of_market[b, lane]
        if b == EU:
            oil.products_to[b, lane] = (own + back) * uncut
        else:
            k = row(b)
            largest = p.largest_share[k, lane] * imports(trade, b, lane)
            most = max(largest - oil.crude_to[b, lane], p.product_share[b, lane] * products0)
            own = min(own - back if b == OTHER else own, most)
            regular = min(own + oil.product_established[k, lane], most)
            free = p.product_room_share[lane] * placement.room(most, regular, oil.closed[k, lane])
            oil.product_own[k, lane] = own * uncut
            oil.product_room[k, lane] = free
            oil.products_to[b, lane] = regular * uncut
            room += free
        wanted += oil.products_to[b, lane]
    direct = min(offered, wanted)
    outcome = placement.search(offered - direct, 0.0, room, p.placement_slope[lane])
    shared, taken_up = direct / max(wanted, 1e-12), outcome.placed / max(room, 1e-12)
    total = 0.0
    for b in range(MARKETS):
        taken = oil.products_to[b, lane] * shared
        if b != EU:
            k = row(b)
            taken += taken_up * oil.product_room[k, lane]
            beyond = max(taken - oil.product_own[k, lane], 0.0)
            oil.product_established[k, lane] = placement.settle(
                oil.product_established[k, lane], beyond, oil.closed[k, lane], p.settling_half_life[lane], dt
            )
        oil.products_to[b, lane] = taken
        total += taken
    oil.products[lane] = total
    oil.product_widening[lane] = outcome.widening
    oil.product_homeless[lane] = outcome.homeless


@inline
def advance(oil, p, draws, inputs, review, lane, dt):
    """Exports by buyer of this step, given last step's prices and this step's law."""
    effective = inputs.sanctions.effective
    _threat(oil, p, inputs.sanctions, lane, dt)
    _cap_and_fleet(oil, p, inputs.sanctions.designation[lane], review, lane, dt)
    _damage(oil, p, draws, inputs.conflict, lane, dt)
    open_eu = max(1.0 - effective[CRUDE_EU, lane], 0.0)
    oil.eu_demand[lane] = open_eu + (oil.eu_demand[lane] - open_eu) * half_life_decay(p.eu_return_half_life[lane], dt)
    wanted, room = _demand(oil, p, inputs, lane)

    upside = p.export_upside[lane] * min(max(oil.blocking_at_start[lane] - effective[BLOCKING, lane], 0.0), 1.0)
    low, high = p.lifting_cost_low[lane], p.lifting_cost_high[lane]
    uncovered = exports.uncovered(oil.urals_fob[lane], low, high)
    idle = half_life_decay(p.shut_in_half_life[lane], dt)
    oil.uneconomic[lane] = uncovered + (oil.uneconomic[lane] - uncovered) * idle
    not_refined = p.damage_to_crude[lane] * (oil.damage[lane] - p.refinery_damage[lane])
    capacity = max(p.crude_exports[lane] + p.shut_in[lane] + upside + not_refined, 0.0)
    offered = max(capacity - oil.shut_in[lane], 0.0) * (1.0 - oil.uneconomic[lane])
    products = p.product_exports[lane] + p.refinery_damage[lane] - oil.damage[lane]
    beside_crude = products - p.pipeline_exports[lane]
    from_store = placement.releasable(oil.stored[lane], dt)
    fleet, friction, urals, cap = oil.fleet[lane], effective[FLEET, lane], oil.urals_fob[lane], oil.price_cap[lane]
    can_carry, _ = exports.carry(offered + from_store + beside_crude, fleet, friction, urals, cap, high)
    ceiling = max(can_carry + p.pipeline_exports[lane] - products, 0.0)
    restart = 1.0 - exp(dt / 3.0 * log(1.0 - p.restart_share[lane]))
    stock = placement.Stock(oil.stored[lane], p.storage_capacity[lane], oil.shut_in[lane], p.shut_in[lane], restart)
    new = placement.place(offered, wanted, room, ceiling, p.placement_slope[lane], stock, dt)
    _crude_to_buyers(oil, p, wanted, room, new, lane, dt)
    _noise(oil, p, draws, inputs.tariffs, lane, dt)
    crude = 0.0
    for b in range(MARKETS):
        crude += oil.crude_to[b, lane]
    searching = new.search.placed + new.search.homeless
    oil.openness[lane] = placement.opening_step(
        oil.openness[lane], p.new_market_openness[lane], searching, p.opening_half_life[lane], dt
    )
    oil.crude[lane] = crude
    oil.stored[lane] = new.stored
    oil.shut_in[lane] = new.shut_in
    oil.widening[lane] = new.search.widening
    oil.homeless[lane] = new.search.homeless

    _products(oil, p, inputs, lane, dt)
    oil.exports[lane] = oil.crude[lane] + oil.products[lane]
    seaborne = max(oil.exports[lane] - p.pipeline_exports[lane], 0.0)
    _, attested = exports.carry(seaborne, fleet, friction, urals, cap, high)
    oil.attested[lane] = attested
    oil.attested_share[lane] = min(attested / max(seaborne, 1e-12), 1.0)
