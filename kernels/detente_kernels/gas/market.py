"""The European market of a step: weather, TTF, the balance and its storage, retail prices and the bill."""

import numpy as np

from ..tools.hazards import stamp
from ..tools.jit import inline
from ..tools.processes import filter_step, season_level
from ..tools.special import decay, exp, half_life_decay, log
from ..tools.units import TWH_PER_BCM
from . import balance, passthrough, ttf
from .supply import expected_supply, wave


@inline
def path(p, lane):
    """Normal storage over the year."""
    return balance.Path(
        p.storage_path_mean[lane],
        p.storage_path_cos1[lane],
        p.storage_path_sin1[lane],
        p.storage_path_cos2[lane],
        p.storage_path_sin2[lane],
    )


@inline
def other_lng(p, lane):
    """LNG that is not Russian at the as-of date, bcm a year: what closes the balance."""
    russian = p.turkstream[lane] + p.ukraine_transit[lane] + p.yamal[lane] + p.nord_stream[lane] + p.lng[lane]
    return max(p.demand[lane] - p.other_supply[lane] - russian, 0.0)


@inline
def weather_step(gas, p, draws, tables, t, lane, dt):
    """Weather of this step and what it takes from storage, TWh."""
    weather = balance.anomaly_step(
        gas.anomaly[lane], p.weather_rate[lane], draws.weather_end[lane], draws.weather_mean[lane], dt
    )
    response = balance.weather_response(p.weather_winter[lane], p.weather_summer[lane], tables.winter[t])
    gas.anomaly[lane] = weather.end
    gas.withdrawal[lane] = response * (weather.mean + p.first_winter_anomaly[lane] * tables.first_winter[t]) * dt


@inline
def price_step(gas, p, draws, inputs, tables, t, lane, dt):
    """TTF of this step.

    Base process, storage at its beginning, season, gulf, and the net change of supply since the as-of date.
    """
    params = ttf.Params(
        volatility_level=p.volatility_level[lane],
        volatility_persistence=p.volatility_persistence[lane],
        volatility_noise=p.volatility_noise[lane],
        volatility_cap=p.volatility_cap[lane],
        explained_variance=p.explained_variance[lane],
        largest_move=p.largest_move[lane],
        averaging_memory=p.averaging_memory[lane],
        mean_reversion=p.mean_reversion[lane],
        long_run_log=p.long_run_log[lane],
        storage_gap_effect=p.storage_gap_effect[lane],
        storage_gap_fade=p.storage_gap_fade[lane],
        volatility_gap_effect=p.volatility_gap_effect[lane],
        gulf_price_half_life=p.gulf_price_half_life[lane],
        oil_response=p.oil_response[lane],
        oil_half_life=p.oil_half_life[lane],
        oil_correlation=p.oil_correlation[lane],
        soft_floor=p.soft_floor[lane],
        floor_pull=p.floor_pull[lane],
        ceiling_pull=p.ceiling_pull[lane],
    )
    arrived = wave(p, tables.year[t + 1], lane)
    elasticity = ttf.elasticity_now(p.elasticity_tight[lane], p.elasticity_glut[lane], arrived)
    surplus = p.lng_wave_surplus[lane] * (arrived - wave(p, tables.year[0], lane))
    change = expected_supply(gas, p, inputs.sanctions, tables, lane) - gas.expected_start[lane] + surplus
    season = season_level(p.season_cos[lane], p.season_sin[lane], tables.season[t + 1, 0], tables.season[t + 1, 1])
    season -= season_level(p.season_cos[lane], p.season_sin[lane], tables.season[0, 0], tables.season[0, 1])
    oil = inputs.oil
    ceiling = ttf.soft_ceiling(oil.brent[lane], p.oil_parity[lane], p.soft_ceiling[lane], inputs.money.euro[lane])
    market = ttf.Market(
        log_price=log(gas.ttf[lane]),
        storage_gap=(gas.gap[lane] - gas.supply_gap[lane]) / 10.0,  # the supply effect prices what supply does to it
        season=season,
        gulf_target=ttf.gulf_effect(p.gulf_lng_share[lane], inputs.gulf.severity[lane], elasticity),
        supply_effect=ttf.supply_effect(change, p.world_lng[lane], elasticity),
        weather=p.weather_price_effect[lane] * 100.0 * gas.withdrawal[lane] / p.storage_capacity[lane],
        log_oil=oil.log_mean[lane] - oil.mean_premium[lane],
        oil_shock=oil.shock[lane],
        log_ceiling=log(ceiling),
    )
    state = ttf.State(
        gas.log_base[lane],
        gas.log_variance[lane],
        gas.tightness[lane],
        gas.gulf_premium[lane],
        gas.oil_filter[lane],
        gas.oil_mean[lane],
        gas.oil_effect[lane],
    )
    shocks = ttf.Shocks(
        draws.price[lane], draws.tail[lane], draws.volatility[lane], draws.tail_a[lane], draws.tail_b[lane]
    )
    new = ttf.step(params, state, shocks, market, 1.0 if t == 0 else 0.0, dt)
    gas.log_base[lane] = new.state.log_base
    gas.log_variance[lane] = new.state.log_variance
    gas.tightness[lane] = new.state.tightness
    gas.gulf_premium[lane] = new.state.gulf_premium
    gas.oil_filter[lane] = new.state.oil_filter
    gas.oil_mean[lane] = new.state.oil_mean
    gas.oil_effect[lane] = new.state.oil_effect
    gas.elasticity[lane] = elasticity
    gas.net_supply[lane] = change
    gas.supply_effect[lane] = market.supply_effect
    gas.ttf[lane] = min(max(exp(new.log_mean), p.price_floor[lane]), p.price_ceiling[lane])
    monthly = min(exp(0.5 * new.state.log_variance), p.volatility_cap[lane])
    gas.ttf_volatility[lane] = np.sqrt(12.0 * (1.0 - p.explained_variance[lane])) * monthly


@inline
def balance_step(gas, p, gulf, tables, t, lane, dt):
    """Demand at this step's price, storage after its weather, and the LNG that closes the account (TWh in the step)."""
    if tables.target_check[t] == 1.0:
        stamp(gas.first_low_storage, lane, gas.fill[lane] < p.storage_target[lane], t * dt)
    log_ratio = log(gas.ttf[lane] / p.ttf[lane])
    felt = passthrough.lag(gas.felt_log_ratio[lane], log_ratio, p.demand_half_life[lane], dt)
    withdrawal = gas.withdrawal[lane]
    capacity = p.storage_capacity[lane]
    a_year = TWH_PER_BCM * dt / 12.0  # TWh in the step of a flow of 1 bcm a year
    normal = path(p, lane)
    begin, end = balance.normal_fill(normal, tables.angles[t]), balance.normal_fill(normal, tables.angles[t + 1])
    russian_pipeline = p.turkstream[lane] + p.ukraine_transit[lane] + p.yamal[lane] + p.nord_stream[lane]
    others = other_lng(p, lane)
    share, severity = p.gulf_lng_share[lane], gulf.severity[lane]
    arrived = wave(p, tables.year[t + 1], lane)
    shift = gas.russian[lane] - russian_pipeline - p.lng[lane] - share * severity * others
    # Buyers adapt: what counts is the change against its slow mean. New LNG fills storage as lost gas empties it.
    shift += p.storage_wave_share[lane] * p.lng_wave_surplus[lane] * (arrived - wave(p, tables.year[0], lane))
    usual = filter_step(gas.slow_shift[lane], shift, p.storage_adaptation_half_life[lane], dt)
    gas.slow_shift[lane] = usual.end
    held_back = p.storage_supply_share[lane] * (shift - usual.mean) * a_year
    later = filter_step(gas.slow_log_ratio[lane], log_ratio, p.storage_price_half_life[lane], dt)
    gas.slow_log_ratio[lane] = later.end
    dear = balance.price_withdrawal(p.storage_price_effect[lane], log_ratio, later.mean, capacity, dt)
    reversion = p.storage_reversion[lane]
    taken = withdrawal + dear
    planned = balance.planned_store(gas.stored[lane], capacity, begin, end, reversion, taken - held_back, dt)
    without = balance.planned_store(gas.stored[lane], capacity, begin, end, reversion, taken, dt)
    gas.supply_gap[lane] = gas.supply_gap[lane] * decay(reversion, dt) + 100.0 * (planned - without) / capacity
    # In a normal month supply is even over the year and storage carries the season.
    normal_demand = p.demand[lane] * a_year - (end - begin) * capacity / 100.0
    wanted = normal_demand * balance.price_response(felt, p.demand_elasticity[lane], p.demand_upside[lane])
    wanted += withdrawal / p.weather_storage_share[lane]
    demand = balance.bounded_demand(wanted, max(normal_demand, 0.0), p.demand_low[lane], p.demand_high[lane])
    grown = 1.0 + p.lng_wave_growth[lane] * arrived
    # High prices attract cargoes, and prices are low when cargoes are many.
    reach = p.lng_headroom[lane] * grown * exp(p.lng_elasticity[lane] * abs(log_ratio)) * (1.0 - share * severity)
    ceiling = min(others * reach, max(p.regasification[lane] - gas.lng[lane], 0.0))
    firm = (p.other_supply[lane] + gas.russian[lane]) * a_year
    floor = min(p.lng_floor_share[lane] * others, ceiling)
    account = balance.Account(gas.stored[lane], capacity, planned, demand, firm, floor * a_year, ceiling * a_year)
    new = balance.close(account)

    gas.scarcity[lane] = ttf.scarcity(new.unserved, demand, p.demand_elasticity[lane])
    gas.ttf[lane] = min(gas.ttf[lane] * exp(gas.scarcity[lane]), p.price_ceiling[lane])

    gas.stored[lane] = new.stored
    gas.fill[lane] = 100.0 * new.stored / capacity
    gas.gap[lane] = gas.fill[lane] - end
    gas.felt_log_ratio[lane] = felt
    gas.firm[lane] = firm / a_year
    gas.lng_other[lane] = new.lng / a_year
    gas.demand[lane] = new.served / a_year
    gas.unserved[lane] = new.unserved / a_year
    gas.spilled[lane] = new.spilled / a_year
    stamp(gas.first_shortage, lane, new.unserved > 0.0, (t + 1) * dt)
    at_limit = gas.ttf[lane] <= p.price_floor[lane] or gas.ttf[lane] >= p.price_ceiling[lane]
    stamp(gas.first_guard, lane, demand != wanted or at_limit, (t + 1) * dt)


@inline
def europe_step(gas, p, draws, lane, dt):
    """Power, retail prices, consumer prices, bill and output effect of this step."""
    price, start_price = gas.ttf[lane], p.ttf[lane]
    lags = passthrough.Lags(
        gas.felt_household[lane], gas.felt_industry[lane], gas.hicp_first[lane], gas.hicp_second[lane]
    )
    half_lives = passthrough.HalfLives(p.household_half_life[lane], p.industry_half_life[lane], p.hicp_half_life[lane])
    new = passthrough.step(lags, half_lives, price, log(price / start_price), dt)
    gas.felt_household[lane] = new.household
    gas.felt_industry[lane] = new.industry
    gas.hicp_first[lane] = new.log_first
    gas.hicp_second[lane] = new.log_second
    gas.household[lane] = passthrough.passed_on(
        p.household[lane], p.household_pass_through[lane], new.household, p.household_ttf[lane]
    )
    gas.industry[lane] = passthrough.passed_on(
        p.industry[lane], p.industry_pass_through[lane], new.industry, p.industry_ttf[lane]
    )
    remaining = half_life_decay(p.power_noise_half_life[lane], dt)
    sd = p.power_noise[lane]
    noise = remaining * gas.power_noise[lane] + sd * np.sqrt(1.0 - remaining * remaining) * draws.power[lane]
    gas.power_noise[lane] = noise
    gas.power[lane] = passthrough.passed_on(p.power[lane], p.power_pass_through[lane], price, start_price) * exp(
        noise - 0.5 * sd * sd
    )
    gas.hicp[lane] = passthrough.hicp_effect(p.hicp_pass_through[lane], new.log_second)
    gas.bill[lane] = (
        p.bill_share[lane]
        * price
        * balance.price_response(gas.felt_log_ratio[lane], p.demand_elasticity[lane], p.demand_upside[lane])
    )
    gas.bill_change[lane] = gas.bill[lane] - p.bill_share[lane] * start_price
    gas.gdp_effect[lane] = passthrough.lag(
        gas.gdp_effect[lane], -p.gdp_multiplier[lane] * gas.bill_change[lane], p.gdp_half_life[lane], dt
    )
    gas.total_bill[lane] += gas.bill[lane] * dt / 12.0
