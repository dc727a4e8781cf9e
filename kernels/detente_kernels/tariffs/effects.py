"""What buyers answer to a tariff or its threat, and what tariffs in force cost: welfare, US prices, revenue, trade."""

from ..conflict import CEASEFIRE
from ..oil.volumes import OTHER as OTHER_MARKETS
from ..tools.hazards import stamp
from ..tools.jit import inline
from ..tools.special import half_life_decay
from . import buyers, response
from . import surface as trade
from .buyers import BUYERS, CHINA, EU, INDIA, REGIONS
from .congress import LAW
from .response import COMPLY, NO_ANSWER
from .status import APPLIED, BY_LAW, ORDERED, UNTOUCHED, WAIVED


@inline
def _elasticity(tariffs, p, lane):
    """Trade elasticity of the months since tariffs began to apply.

    From short to long (Boehm, Levchenko and Pandalai-Nayar 2023).
    """
    short = p.elasticity_short[lane]
    return short + (p.elasticity_long[lane] - short) * (
        1.0 - half_life_decay(p.elasticity_half_life[lane], tariffs.months_applied[lane])
    )


@inline
def _effective_rate(tariffs, p, b, lane):
    """Tariff that importers pay on all goods of a buyer (1.0 = 100%).

    What is implemented of the statutory rate on what the scope covers.
    """
    return tariffs.tariff[b, lane] * p.implemented_share[lane] * p.scope[lane]


@inline
def _credibility(tariffs, p, conflict, b, lane):
    """Credibility of a tariff on a buyer, 0 to 1."""
    status = tariffs.status[b, lane]
    if status == APPLIED:
        return 1.0
    if status == ORDERED:
        return p.credence_ordered[lane]
    if status == WAIVED:
        return p.credence_waived[lane]
    at_odds = tariffs.bill[lane] == LAW and conflict.state[lane] < CEASEFIRE
    return p.credence_law[lane] if at_odds else 0.0


@inline
def responses_step(tariffs, p, draws, inputs, tables, lane, moment, dt):
    """Buyers answer when a threat becomes more credible and keep their answer until it is gone.

    What they drop is phased in and partly comes back. A buyer that cuts takes none of what others drop, and one under a
    credible threat the less the more credible it is.
    """
    conflict, oil, market = inputs.conflict, inputs.oil, inputs.market
    spread = 1.0 / max(market.supply_elasticity[lane] + market.demand_elasticity[lane], 0.05)
    dropped = 0.0
    threat = 0.0
    others = 0.0
    others_volume = 0.0
    for b in range(len(BUYERS)):
        credibility = _credibility(tariffs, p, conflict, b, lane)
        before = tariffs.credibility[b, lane]
        tariffs.credibility[b, lane] = credibility
        volume = buyers.volume(p, market, b, lane)
        if b > EU:
            others_volume += volume
        threat += volume * credibility
        if credibility == 0.0 and tariffs.cut[b, lane] < 1e-9:
            tariffs.answer[b, lane] = NO_ANSWER
            tariffs.cut[b, lane] = 0.0
            continue
        part = p.part[b, lane]
        if credibility > before and tariffs.answer[b, lane] != COMPLY:
            rate = tariffs.tariff[b, lane] if tariffs.tariff[b, lane] > 0.0 else p.statute_rate[lane]
            effective = rate * p.implemented_share[lane] * p.scope[lane]
            at = trade.place(tables.surface, effective, p.elasticity_long[lane])
            loss = p.perceived_loss[lane] * max(-trade.read(tables.surface, 1 << b, at, buyers.region(b)), 0.0)
            rise = oil.brent[lane] * p.unplaced_share[lane] * volume / market.world_supply[lane] * spread
            gdp = tables.gdp[buyers.region(b)]
            purchase = response.Purchase(volume, oil.delivered_discount[lane], p.oil_imports[b, lane], rise, gdp)
            threat_on_buyer = response.Threat(p.defiance[b, lane], loss, credibility)
            options = response.Options(part, p.evasion[lane], p.reroute_premium[lane])
            c = response.costs(purchase, threat_on_buyer, options)
            tariffs.answer[b, lane] = response.choose(c, p.choice_scale[lane], draws.answer[b, lane])
            tariffs.age[b, lane] = 0.0
            stamp(tariffs.first_compliance, lane, b < EU and tariffs.answer[b, lane] == COMPLY, moment)
        elif credibility == 0.0:
            tariffs.answer[b, lane] = NO_ANSWER
        tariffs.age[b, lane] += dt
        wanted = response.wanted_cut(
            tariffs.answer[b, lane],
            tariffs.age[b, lane],
            part,
            p.reroute_cut[lane],
            p.return_share[lane],
            p.return_half_life[lane],
        )
        tariffs.cut[b, lane] = response.cut_step(
            tariffs.cut[b, lane], wanted, p.cut_half_life[lane], p.return_half_life[lane], dt
        )
        dropped += tariffs.cut[b, lane] * volume
        if b > EU:
            others += tariffs.cut[b, lane] * volume
    closed_imports = 0.0
    other_imports = 0.0
    for b in range(len(BUYERS)):
        closed = 1.0 if tariffs.cut[b, lane] > 0.0 else tariffs.credibility[b, lane]
        if b > EU:
            closed_imports += closed * p.oil_imports[b, lane]
            other_imports += p.oil_imports[b, lane]
        else:
            tariffs.cut_of_market[b, lane] = tariffs.cut[b, lane]
            tariffs.closed_market[b, lane] = closed
    tariffs.closed_market[OTHER_MARKETS, lane] = closed_imports / max(other_imports, 1e-12)
    tariffs.cut_of_market[OTHER_MARKETS, lane] = others / max(others_volume, 1e-12)
    tariffs.cut_volume[lane] = dropped
    exported = max(market.crude_exports[lane] + market.product_exports[lane], 1e-12)
    tariffs.threat[lane] = min(threat / exported, 1.0)


@inline
def effects_step(tariffs, p, tables, lane, moment, dt):
    """Welfare by region from the surface; US import prices, consumer prices and revenue from the law of large tariffs.

    A set of buyers shares one rate in the surface: those under the law make one set, those under an order another, and
    the effects of both are added.
    """
    by_law, by_order = 0, 0
    law_rate, order_rate = 0.0, 0.0
    active = tariffs.bill[lane] == LAW
    for b in range(len(BUYERS)):
        on = tariffs.status[b, lane] == APPLIED
        tariffs.applied[b, lane] = 1.0 if on else 0.0
        tariffs.waived[b, lane] = 1.0 if tariffs.status[b, lane] == WAIVED else 0.0
        active = active or tariffs.status[b, lane] != UNTOUCHED or tariffs.cut[b, lane] > 0.0
        if on and tariffs.basis[b, lane] == BY_LAW:
            by_law |= 1 << b
            law_rate = max(law_rate, _effective_rate(tariffs, p, b, lane))
        elif on:
            by_order |= 1 << b
            order_rate = max(order_rate, _effective_rate(tariffs, p, b, lane))
    any_on = by_law != 0 or by_order != 0
    tariffs.active[lane] = 1.0 if active else 0.0
    tariffs.any_applied[lane] = 1.0 if any_on else 0.0
    tariffs.us_import_price[lane] = 0.0
    tariffs.us_cpi[lane] = 0.0
    tariffs.us_revenue[lane] = 0.0
    tariffs.us_trade_lost[lane] = 0.0
    elasticity = _elasticity(tariffs, p, lane)
    law_at = trade.place(tables.surface, law_rate, elasticity)
    order_at = trade.place(tables.surface, order_rate, elasticity)
    for r in range(len(REGIONS)):  # the empty set has no effect
        effect = (
            trade.read(tables.surface, by_law, law_at, r) + trade.read(tables.surface, by_order, order_at, r)
            if any_on
            else 0.0
        )
        tariffs.welfare[r, lane] = effect
    if not any_on:
        tariffs.months_applied[lane] = 0.0
        return
    tariffs.months_applied[lane] += dt
    for b in range(len(BUYERS)):
        if tariffs.applied[b, lane] == 1.0:
            _us_side(tariffs, p, b, elasticity, lane)
    tariffs.total_us_revenue[lane] += tariffs.us_revenue[lane] * dt / 12.0
    stamp(tariffs.first_tariff, lane, True, moment)
    stamp(tariffs.first_tariff_on_china, lane, tariffs.applied[CHINA, lane] == 1.0, moment)
    stamp(tariffs.first_tariff_on_india, lane, tariffs.applied[INDIA, lane] == 1.0, moment)


@inline
def _us_side(tariffs, p, b, elasticity, lane):
    """Effects of a tariff on one buyer in the US.

    Adds to import prices and consumer prices (per cent), revenue and lost trade (bn USD a year).
    """
    rate = _effective_rate(tariffs, p, b, lane)
    imports = p.us_imports[b, lane]
    lost = response.trade_lost(rate, elasticity)
    basket = imports * (1.0 - 0.5 * lost)  # halfway between what was bought before and after
    tariffs.us_import_price[lane] += 100.0 * p.border_pass_through[lane] * rate * basket / p.us_goods_imports[lane]
    tariffs.us_cpi[lane] += 100.0 * p.retail_pass_through[lane] * rate * basket / p.us_consumption[lane]
    tariffs.us_revenue[lane] += rate * imports * (1.0 - lost)
    tariffs.us_trade_lost[lane] += imports * lost
