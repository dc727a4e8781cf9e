"""Gas: Russian flows by route, the European balance and its storage, TTF, and what reaches power, households, industry,
prices and the bill.

Order within a step: law and politics set the routes; the price follows from last step's storage, the gulf and the net
supply change; the balance closes at that price. The EU gas phase-out is ordinary law: no deal reopens it, only new law,
or for four weeks at a time an emergency suspension. Pure equations stand in routes.py, ttf.py, balance.py and
passthrough.py; this file reads and writes the lanes.
"""

from typing import NamedTuple

import numpy as np

from ..conflict import CEASEFIRE
from ..sanctions import LNG_EU, PIPELINE_GAS_EU
from ..sanctions.lifting import IN_FORCE as LAW_IN_FORCE
from ..tools.hazards import stamp, strikes
from ..tools.jit import inline, kernel
from ..tools.processes import season_level
from ..tools.rng import NORMAL, UNIFORM, Stream
from ..tools.special import decay, exp, half_life_decay, log
from ..tools.units import DAYS_PER_MONTH, TWH_PER_BCM
from . import balance, passthrough, routes, ttf

PARAMS = (
    "volatility_level", "volatility_persistence", "volatility_noise", "volatility_now", "volatility_cap", "explained_variance", "largest_move",
    "averaging_memory", "mean_reversion", "long_run_log", "season_cos", "season_sin", "storage_gap_effect", "storage_gap_fade",
    "weather_price_effect", "price_floor", "price_ceiling", "gulf_lng_share", "gulf_price_half_life", "elasticity_tight", "elasticity_glut",
    "world_lng", "lng_wave_begin", "lng_wave_full", "lng_wave_surplus", "lng_wave_growth", "turkstream_cap", "transit_cap", "transit_volume",
    "joint_cap", "yamal_cap", "nord_stream_cap", "lng_cap", "pipeline_restart_half_life", "lng_restart_half_life", "transit_reopening_rate",
    "rerouted_share", "anticipation_months", "anticipation_trust", "suspension_price", "suspension_gap", "suspension_rate", "suspension_renewal",
    "suspension_scope", "storage_path_mean", "storage_path_cos1", "storage_path_sin1", "storage_path_cos2", "storage_path_sin2",
    "storage_reversion", "storage_supply_share", "storage_target", "weather_winter", "weather_summer", "weather_rate", "first_winter_anomaly",
    "weather_storage_share", "demand_elasticity", "demand_half_life", "demand_upside", "lng_floor_share", "lng_headroom", "lng_elasticity",
    "regasification", "power_pass_through", "power_noise", "power_noise_half_life", "household_pass_through", "household_half_life",
    "industry_pass_through", "industry_half_life", "hicp_pass_through", "hicp_half_life", "bill_share", "gdp_multiplier", "gdp_half_life",
)  # fmt: skip
FACTS = (
    "ttf", "last_innovation", "storage", "storage_capacity", "demand", "other_supply", "turkstream", "ukraine_transit",
    "transit_contract_months", "yamal", "nord_stream", "lng", "power", "household", "household_ttf", "industry", "industry_ttf",
)  # fmt: skip
STATE = (
    "ttf", "log_base", "log_variance", "ttf_volatility", "tightness", "gulf_premium", "supply_effect", "scarcity", "elasticity", "net_supply",
    "expected_start", "turkstream", "transit", "yamal", "nord_stream", "pipeline", "lng", "russian", "turkstream_wanted", "transit_wanted",
    "yamal_wanted", "nord_stream_wanted", "contract_left", "pipeline_closed_at_start", "lng_closed_at_start", "suspension_left", "suspended",
    "stored", "fill", "gap", "supply_gap", "anomaly", "withdrawal", "firm", "lng_other", "demand", "unserved", "spilled", "felt_log_ratio", "power",
    "power_noise", "felt_household", "felt_industry", "household", "industry", "hicp_first", "hicp_second", "hicp", "bill", "bill_change",
    "gdp_effect", "total_russian_gas", "total_bill", "first_low_storage", "first_suspension", "first_transit", "first_shortage",
)  # fmt: skip
EVENTS = ("first_low_storage", "first_suspension", "first_transit", "first_shortage", "total_russian_gas", "total_bill")
DRAWS = (
    Stream("gas.price", (("price", NORMAL), ("tail", NORMAL), ("tail_a", UNIFORM), ("tail_b", UNIFORM))),
    Stream("gas.state", (("volatility", NORMAL), ("weather_end", NORMAL), ("weather_mean", NORMAL), ("power", NORMAL))),
    Stream("gas.politics", (("transit", UNIFORM), ("suspension", UNIFORM), ("renewal", UNIFORM))),
)
ROUTES = ("turkstream", "ukraine_transit", "yamal", "nord_stream")
"""Pipelines whose state a dated event may set; ``Tables.pinned_route`` has a column for each."""
CLOSED, OPEN = 0.0, 1.0
SUSPENSION_MONTHS = 28.0 / DAYS_PER_MONTH
"""An emergency suspension lasts four weeks (Regulation (EU) 2026/261)."""
SHORTEST_WAVE = 1.0 / 12.0


class Tables(NamedTuple):
    """Calendar and dated events. Row 0 of ``year``, ``angles`` and ``season`` is the as-of date, row t + 1 belongs
    to step t."""

    year: np.ndarray  # (steps + 1,) decimal year at the end of the step
    angles: np.ndarray  # (steps + 1, 4) cos and sin of the year's angle at the end of the step, and of twice that angle
    season: (
        np.ndarray
    )  # (steps + 1, 2) cos and sin of the year's angle at the middle of the step, the middle of January being a twelfth
    winter: (
        np.ndarray
    )  # (steps,) cos that is 1 in the middle of January and -1 in the middle of July, at the middle of the step
    first_winter: np.ndarray  # (steps,) 1 from November to March of the first winter that begins in the run
    target_check: np.ndarray  # (steps,) 1 if 1 November falls into the step: storage is measured against its target
    pinned_route: np.ndarray  # (steps, routes) OPEN or CLOSED by a dated event, or -1
    pinned_suspension: np.ndarray  # (steps,) 1 a suspension is decreed, 0 ended, or -1
    pipeline_law: int  # row of the register that bans pipeline gas, or -1
    lng_law: int


@inline
def _path(p, lane):
    return balance.Path(
        p.storage_path_mean[lane],
        p.storage_path_cos1[lane],
        p.storage_path_sin1[lane],
        p.storage_path_cos2[lane],
        p.storage_path_sin2[lane],
    )


@inline
def _wave(p, year, lane):
    """Share of the LNG wave that has come in, 0..1."""
    length = max(p.lng_wave_full[lane] - p.lng_wave_begin[lane], SHORTEST_WAVE)
    return min(max((year - p.lng_wave_begin[lane]) / length, 0.0), 1.0)


@inline
def _foreseen_ban(sanctions, p, row, lane):
    """Share of a legal ban on one kind of gas that the price already holds."""
    if row < 0:
        return 0.0
    if sanctions.status[row, lane] == LAW_IN_FORCE:
        return p.anticipation_trust[lane]
    if sanctions.pending[row, lane] == LAW_IN_FORCE:
        return routes.foreseen(sanctions.due[row, lane], p.anticipation_months[lane], p.anticipation_trust[lane])
    return 0.0


@inline
def _expected_supply(gas, p, sanctions, tables, lane):
    """Russian gas that counts for the price now (bcm a year). A suspended law is not priced as a ban."""
    standing = 1.0 - gas.suspended[lane]
    contract = routes.foreseen(gas.contract_left[lane], p.anticipation_months[lane], p.anticipation_trust[lane])
    flows = routes.Flows(gas.turkstream[lane], gas.transit[lane], gas.yamal[lane], gas.nord_stream[lane], gas.lng[lane])
    return routes.expected_supply(
        flows,
        standing * _foreseen_ban(sanctions, p, tables.pipeline_law, lane),
        contract,
        standing * _foreseen_ban(sanctions, p, tables.lng_law, lane),
        p.rerouted_share[lane],
    )


@inline
def _add_up(gas, lane):
    gas.pipeline[lane] = gas.turkstream[lane] + gas.transit[lane] + gas.yamal[lane] + gas.nord_stream[lane]
    gas.russian[lane] = gas.pipeline[lane] + gas.lng[lane]


@kernel
def start(gas, p, sanctions, gulf, tables):
    """State of the as-of date on every lane, from the facts."""
    for lane in range(gas.ttf.size):
        elasticity = ttf.elasticity_now(
            p.elasticity_tight[lane], p.elasticity_glut[lane], _wave(p, tables.year[0], lane)
        )
        premium = ttf.gulf_effect(p.gulf_lng_share[lane], gulf.severity[lane], elasticity)
        price = p.ttf[lane]
        gas.ttf[lane] = price
        gas.log_base[lane] = log(price) - premium + p.averaging_memory[lane] * p.last_innovation[lane]
        gas.log_variance[lane] = p.volatility_now[lane]
        gas.ttf_volatility[lane] = np.sqrt(12.0) * exp(0.5 * p.volatility_now[lane])
        gas.tightness[lane] = 0.0
        gas.gulf_premium[lane] = premium
        gas.supply_effect[lane] = 0.0
        gas.elasticity[lane] = elasticity
        gas.net_supply[lane] = 0.0
        _start_flows(gas, p, sanctions, tables, lane)
        gas.stored[lane] = p.storage[lane] * p.storage_capacity[lane] / 100.0
        gas.fill[lane] = p.storage[lane]
        normal = balance.normal_fill(_path(p, lane), tables.angles[0])
        gas.gap[lane] = p.storage[lane] - normal
        gas.supply_gap[lane] = 0.0
        gas.anomaly[lane] = 0.0
        gas.felt_log_ratio[lane] = 0.0
        gas.power[lane] = p.power[lane]
        gas.power_noise[lane] = 0.0
        gas.felt_household[lane] = p.household_ttf[lane]
        gas.felt_industry[lane] = p.industry_ttf[lane]
        gas.household[lane] = p.household[lane]
        gas.industry[lane] = p.industry[lane]
        gas.hicp_first[lane] = 0.0
        gas.hicp_second[lane] = 0.0
        gas.bill[lane] = p.bill_share[lane] * price
        gas.gdp_effect[lane] = 0.0
        gas.total_russian_gas[lane] = 0.0
        gas.total_bill[lane] = 0.0


@inline
def _start_flows(gas, p, sanctions, tables, lane):
    gas.turkstream[lane] = gas.turkstream_wanted[lane] = p.turkstream[lane]
    gas.transit[lane] = gas.transit_wanted[lane] = p.ukraine_transit[lane]
    gas.yamal[lane] = gas.yamal_wanted[lane] = p.yamal[lane]
    gas.nord_stream[lane] = gas.nord_stream_wanted[lane] = p.nord_stream[lane]
    gas.lng[lane] = p.lng[lane]
    gas.contract_left[lane] = p.transit_contract_months[lane] if p.transit_contract_months[lane] > 0.0 else np.inf
    gas.pipeline_closed_at_start[lane] = sanctions.effective[PIPELINE_GAS_EU, lane]
    gas.lng_closed_at_start[lane] = sanctions.effective[LNG_EU, lane]
    gas.suspension_left[lane] = 0.0
    gas.suspended[lane] = 0.0
    _add_up(gas, lane)
    gas.expected_start[lane] = _expected_supply(gas, p, sanctions, tables, lane)


@kernel
def advance(gas, p, draws, conflict, sanctions, gulf, tables, t, dt):
    """One step of a block: routes under this step's law and war, then the price, then the balance at that price,
    then what it does in Europe."""
    for lane in range(gas.ttf.size):
        _suspension(gas, p, draws, sanctions, tables, t, lane, dt)
    for lane in range(gas.ttf.size):
        _flows(gas, p, draws, conflict, sanctions, tables, t, lane, dt)
    for lane in range(gas.ttf.size):
        _weather(gas, p, draws, tables, t, lane, dt)
        _price(gas, p, draws, sanctions, gulf, tables, t, lane, dt)
    for lane in range(gas.ttf.size):
        _balance(gas, p, gulf, tables, t, lane, dt)
    for lane in range(gas.ttf.size):
        _europe(gas, p, draws, lane, dt)


@inline
def _suspension(gas, p, draws, sanctions, tables, t, lane, dt):
    """Emergency suspension of the ban: four weeks, renewable, when gas is very dear or storage very low.
    ``suspended`` is the share of the step."""
    crisis = gas.ttf[lane] > p.suspension_price[lane] or gas.gap[lane] < -p.suspension_gap[lane]
    banned = max(sanctions.effective[PIPELINE_GAS_EU, lane], sanctions.effective[LNG_EU, lane]) > 0.5
    left = gas.suspension_left[lane]
    if left <= 1e-9 and banned and crisis:
        running = gas.suspended[lane] > 0.0
        renewed = running and draws.renewal[lane] < p.suspension_renewal[lane]
        begun = not running and strikes(p.suspension_rate[lane], dt, draws.suspension[lane])
        left = SUSPENSION_MONTHS if renewed or begun else 0.0
    pinned = tables.pinned_suspension[t]
    if pinned >= 0.0:
        left = pinned * max(left, SUSPENSION_MONTHS)
    gas.suspended[lane] = min(left, dt) / dt
    gas.suspension_left[lane] = max(left - dt, 0.0)
    stamp(gas.first_suspension, lane, left > 0.0, t * dt)


@inline
def _pin_routes(gas, p, tables, t, lane):
    """Dated events of the scenario open a route at what it can carry, or close it."""
    pinned = tables.pinned_route[t]
    if pinned[0] >= 0.0:
        gas.turkstream_wanted[lane] = p.turkstream[lane] if pinned[0] == OPEN else 0.0
    if pinned[1] >= 0.0:
        gas.transit_wanted[lane] = p.transit_volume[lane] if pinned[1] == OPEN else 0.0
        gas.contract_left[lane] = np.inf
    if pinned[2] >= 0.0:
        gas.yamal_wanted[lane] = p.yamal_cap[lane] if pinned[2] == OPEN else 0.0
    if pinned[3] >= 0.0:
        gas.nord_stream_wanted[lane] = p.nord_stream_cap[lane] if pinned[3] == OPEN else 0.0


@inline
def _flows(gas, p, draws, conflict, sanctions, tables, t, lane, dt):
    """Routes of this step. Transit returns only in peace, with the law open, by a political decision or on a date of
    the scenario."""
    left = gas.contract_left[lane] - dt
    if left <= 1e-9:
        gas.transit_wanted[lane] = 0.0
        left = np.inf
    gas.contract_left[lane] = left
    suspension = p.suspension_scope[lane] * gas.suspended[lane]
    pipeline_open = max(
        routes.openness(sanctions.effective[PIPELINE_GAS_EU, lane], gas.pipeline_closed_at_start[lane]), suspension
    )
    lng_open = max(routes.openness(sanctions.effective[LNG_EU, lane], gas.lng_closed_at_start[lane]), suspension)
    quiet = conflict.state[lane] >= CEASEFIRE
    legal = sanctions.effective[PIPELINE_GAS_EU, lane] < 0.5
    if (
        conflict.relapsed[lane] == 1.0 and left == np.inf
    ):  # a contract outlasted the war once, an agreement of peace would not
        gas.transit_wanted[lane] = 0.0
    elif (
        quiet
        and legal
        and gas.transit_wanted[lane] == 0.0
        and strikes(p.transit_reopening_rate[lane], dt, draws.transit[lane])
    ):
        gas.transit_wanted[lane] = p.transit_volume[lane]
    _pin_routes(gas, p, tables, t, lane)

    before = gas.transit[lane]
    now = routes.Flows(gas.turkstream[lane], before, gas.yamal[lane], gas.nord_stream[lane], gas.lng[lane])
    targets = routes.Flows(
        pipeline_open * gas.turkstream_wanted[lane],
        pipeline_open * gas.transit_wanted[lane],
        pipeline_open * gas.yamal_wanted[lane],
        pipeline_open * gas.nord_stream_wanted[lane],
        lng_open * p.lng[lane],
    )
    caps = routes.Caps(
        p.turkstream_cap[lane],
        p.transit_cap[lane],
        p.yamal_cap[lane],
        p.nord_stream_cap[lane],
        p.lng_cap[lane],
        p.joint_cap[lane],
    )
    new = routes.step(now, targets, caps, p.pipeline_restart_half_life[lane], p.lng_restart_half_life[lane], dt)
    gas.turkstream[lane] = new.turkstream
    gas.transit[lane] = new.transit
    gas.yamal[lane] = new.yamal
    gas.nord_stream[lane] = new.nord_stream
    gas.lng[lane] = new.lng
    _add_up(gas, lane)
    gas.total_russian_gas[lane] += gas.russian[lane] * dt / 12.0
    stamp(gas.first_transit, lane, before == 0.0 and new.transit > 0.0, (t + 1) * dt)


@inline
def _weather(gas, p, draws, tables, t, lane, dt):
    """Weather of this step and what it takes from storage, TWh."""
    weather = balance.anomaly_step(
        gas.anomaly[lane], p.weather_rate[lane], draws.weather_end[lane], draws.weather_mean[lane], dt
    )
    response = balance.weather_response(p.weather_winter[lane], p.weather_summer[lane], tables.winter[t])
    gas.anomaly[lane] = weather.end
    gas.withdrawal[lane] = response * (weather.mean + p.first_winter_anomaly[lane] * tables.first_winter[t]) * dt


@inline
def _price(gas, p, draws, sanctions, gulf, tables, t, lane, dt):
    """TTF of this step: base process, storage at its beginning, season, gulf, and the net change of supply since the
    as-of date."""
    params = ttf.Params(
        p.volatility_level[lane],
        p.volatility_persistence[lane],
        p.volatility_noise[lane],
        p.volatility_cap[lane],
        p.explained_variance[lane],
        p.largest_move[lane],
        p.averaging_memory[lane],
        p.mean_reversion[lane],
        p.long_run_log[lane],
        p.storage_gap_effect[lane],
        p.storage_gap_fade[lane],
        p.gulf_price_half_life[lane],
    )
    wave = _wave(p, tables.year[t + 1], lane)
    elasticity = ttf.elasticity_now(p.elasticity_tight[lane], p.elasticity_glut[lane], wave)
    surplus = p.lng_wave_surplus[lane] * (wave - _wave(p, tables.year[0], lane))
    change = _expected_supply(gas, p, sanctions, tables, lane) - gas.expected_start[lane] + surplus
    season = season_level(p.season_cos[lane], p.season_sin[lane], tables.season[t + 1, 0], tables.season[t + 1, 1])
    season -= season_level(p.season_cos[lane], p.season_sin[lane], tables.season[0, 0], tables.season[0, 1])
    market = ttf.Market(
        (gas.gap[lane] - gas.supply_gap[lane])
        / 10.0,  # what supply does to the store, the supply effect prices already
        season,
        ttf.gulf_effect(p.gulf_lng_share[lane], gulf.severity[lane], elasticity),
        ttf.supply_effect(change, p.world_lng[lane], elasticity),
        p.weather_price_effect[lane] * 100.0 * gas.withdrawal[lane] / p.storage_capacity[lane],
    )
    state = ttf.State(gas.log_base[lane], gas.log_variance[lane], gas.tightness[lane], gas.gulf_premium[lane])
    shocks = ttf.Shocks(
        draws.price[lane], draws.tail[lane], draws.volatility[lane], draws.tail_a[lane], draws.tail_b[lane]
    )
    new = ttf.step(params, state, shocks, market, 1.0 if t == 0 else 0.0, dt)
    gas.log_base[lane] = new.state.log_base
    gas.log_variance[lane] = new.state.log_variance
    gas.tightness[lane] = new.state.tightness
    gas.gulf_premium[lane] = new.state.gulf_premium
    gas.elasticity[lane] = elasticity
    gas.net_supply[lane] = change
    gas.supply_effect[lane] = market.supply_effect
    gas.ttf[lane] = min(max(exp(new.log_mean), p.price_floor[lane]), p.price_ceiling[lane])
    monthly = min(exp(0.5 * new.state.log_variance), p.volatility_cap[lane])
    gas.ttf_volatility[lane] = np.sqrt(12.0 * (1.0 - p.explained_variance[lane])) * monthly


@inline
def _balance(gas, p, gulf, tables, t, lane, dt):
    """Demand at this step's price, storage after its weather, and the LNG that closes the account (TWh in the step)."""
    if tables.target_check[t] == 1.0:
        stamp(gas.first_low_storage, lane, gas.fill[lane] < p.storage_target[lane], t * dt)
    log_ratio = log(gas.ttf[lane] / p.ttf[lane])
    felt = passthrough.lag(gas.felt_log_ratio[lane], log_ratio, p.demand_half_life[lane], dt)
    withdrawal = gas.withdrawal[lane]
    capacity = p.storage_capacity[lane]
    a_year = TWH_PER_BCM * dt / 12.0  # TWh in the step of a flow of 1 bcm a year
    path = _path(p, lane)
    begin, end = balance.normal_fill(path, tables.angles[t]), balance.normal_fill(path, tables.angles[t + 1])
    russian_pipeline = p.turkstream[lane] + p.ukraine_transit[lane] + p.yamal[lane] + p.nord_stream[lane]
    other_lng = max(p.demand[lane] - p.other_supply[lane] - russian_pipeline - p.lng[lane], 0.0)
    share, severity = p.gulf_lng_share[lane], gulf.severity[lane]
    wave = _wave(p, tables.year[t + 1], lane)
    shift = gas.russian[lane] - russian_pipeline - p.lng[lane] - share * severity * other_lng
    kept_back = p.storage_supply_share[lane] * shift * a_year
    reversion = p.storage_reversion[lane]
    planned = balance.planned_store(gas.stored[lane], capacity, begin, end, reversion, withdrawal - kept_back, dt)
    without = balance.planned_store(gas.stored[lane], capacity, begin, end, reversion, withdrawal, dt)
    gas.supply_gap[lane] = gas.supply_gap[lane] * decay(reversion, dt) + 100.0 * (planned - without) / capacity
    # In a normal month supply is even over the year and storage carries the season.
    normal_demand = p.demand[lane] * a_year - (end - begin) * capacity / 100.0
    demand = max(
        normal_demand * balance.price_response(felt, p.demand_elasticity[lane], p.demand_upside[lane])
        + withdrawal / p.weather_storage_share[lane],
        0.0,
    )
    grown = 1.0 + p.lng_wave_growth[lane] * wave
    # Dear gas draws cargoes, and gas is cheap because there are many.
    reach = p.lng_headroom[lane] * grown * exp(p.lng_elasticity[lane] * abs(log_ratio)) * (1.0 - share * severity)
    ceiling = min(other_lng * reach, max(p.regasification[lane] - gas.lng[lane], 0.0))
    firm = (p.other_supply[lane] + gas.russian[lane]) * a_year
    floor = min(p.lng_floor_share[lane] * other_lng, ceiling)
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


@inline
def _europe(gas, p, draws, lane, dt):
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
    kept = half_life_decay(p.power_noise_half_life[lane], dt)
    sd = p.power_noise[lane]
    noise = kept * gas.power_noise[lane] + sd * np.sqrt(1.0 - kept * kept) * draws.power[lane]
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
