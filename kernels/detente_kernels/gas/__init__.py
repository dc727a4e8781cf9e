"""Gas: Russian flows by route, the European balance and its storage, TTF, and the effects.

Effects are those on power, households, industry, consumer prices and the bill.

Order within a step: law and politics set the routes; the price follows from last step's storage, the gulf and the net
supply change; the balance closes at that price. The EU gas phase-out is ordinary law: no deal reopens it, only new law,
or for four weeks at a time an emergency suspension. Pure equations: routes.py, ttf.py, balance.py and passthrough.py.
The block's records are read and written here, in supply.py and in market.py.
"""

from typing import NamedTuple

import numpy as np

from ..tools.jit import kernel
from ..tools.rng import NORMAL, UNIFORM, Stream
from ..tools.special import exp, half_life_decay, log
from . import balance, market, supply, ttf

PARAMS = (
    "volatility_level", "volatility_persistence", "volatility_noise", "volatility_now", "volatility_cap",
    "explained_variance", "largest_move", "averaging_memory", "mean_reversion", "long_run_log", "season_cos",
    "season_sin", "storage_gap_effect", "storage_gap_fade", "volatility_gap_effect", "weather_price_effect",
    "oil_response", "oil_half_life", "oil_correlation", "soft_floor", "floor_pull", "oil_parity", "soft_ceiling",
    "ceiling_pull", "price_floor", "price_ceiling", "gulf_lng_share", "gulf_price_half_life", "elasticity_tight",
    "elasticity_glut", "world_lng", "lng_wave_begin", "lng_wave_full", "lng_wave_surplus", "lng_wave_growth",
    "turkstream_cap", "transit_cap", "transit_volume", "joint_cap", "yamal_cap", "nord_stream_cap", "lng_cap",
    "pipeline_restart_half_life", "lng_restart_half_life", "transit_reopening_rate", "rerouted_share",
    "anticipation_months", "anticipation_trust", "suspension_price", "suspension_gap", "suspension_rate",
    "suspension_renewal", "suspension_scope", "storage_path_mean", "storage_path_cos1", "storage_path_sin1",
    "storage_path_cos2", "storage_path_sin2", "storage_reversion", "storage_supply_share",
    "storage_adaptation_half_life", "storage_wave_share", "storage_price_effect", "storage_price_half_life",
    "storage_target", "weather_winter", "weather_summer", "weather_rate", "first_winter_anomaly",
    "weather_storage_share", "demand_elasticity", "demand_half_life", "demand_upside", "demand_low", "demand_high",
    "lng_floor_share", "lng_headroom", "lng_elasticity", "regasification", "power_pass_through", "power_noise",
    "power_noise_half_life", "household_pass_through", "household_half_life", "industry_pass_through",
    "industry_half_life", "hicp_pass_through", "hicp_half_life", "bill_share", "gdp_multiplier", "gdp_half_life",
)  # fmt: skip
FACTS = (
    "ttf", "last_innovation", "oil_filter", "oil_mean", "storage", "storage_capacity", "demand", "other_supply",
    "turkstream", "ukraine_transit", "transit_contract_months", "yamal", "nord_stream", "lng", "power", "household",
    "household_ttf", "industry", "industry_ttf",
)  # fmt: skip
STATE = (
    "ttf", "log_base", "log_variance", "ttf_volatility", "tightness", "gulf_premium", "oil_filter", "oil_mean",
    "oil_effect", "supply_effect", "scarcity", "elasticity", "net_supply", "expected_start", "turkstream",
    "transit", "yamal", "nord_stream", "pipeline", "lng", "russian", "turkstream_wanted", "transit_wanted",
    "yamal_wanted", "nord_stream_wanted", "contract_left", "pipeline_closed_at_start", "lng_closed_at_start",
    "suspension_left", "suspended", "stored", "fill", "gap", "supply_gap", "slow_shift", "slow_log_ratio",
    "pipeline_channel", "lng_channel", "anomaly", "withdrawal", "firm", "lng_other", "demand", "unserved",
    "spilled", "felt_log_ratio", "power", "power_noise", "felt_household", "felt_industry", "household", "industry",
    "hicp_first", "hicp_second", "hicp", "bill", "bill_change", "gdp_effect", "total_russian_gas", "total_bill",
    "first_low_storage", "first_suspension", "first_transit", "first_shortage", "first_guard",
)  # fmt: skip
EVENTS = (
    "first_low_storage", "first_suspension", "first_transit", "first_shortage", "total_russian_gas", "total_bill",
    "first_guard",
)  # fmt: skip
DRAWS = (
    Stream("gas.price", (("price", NORMAL), ("tail", NORMAL), ("tail_a", UNIFORM), ("tail_b", UNIFORM))),
    Stream("gas.state", (("volatility", NORMAL), ("weather_end", NORMAL), ("weather_mean", NORMAL), ("power", NORMAL))),
    Stream("gas.politics", (("transit", UNIFORM), ("suspension", UNIFORM), ("renewal", UNIFORM))),
)


class Tables(NamedTuple):
    """Calendar and dated events.

    Row 0 of ``year``, ``angles`` and ``season`` is the as-of date, row t + 1 belongs to step t.
    """

    year: np.ndarray  # (steps + 1,) decimal year at the end of the step
    angles: np.ndarray  # (steps + 1, 4) cos and sin of the year's angle at the end of the step, and of twice that angle
    season: np.ndarray  # (steps + 1, 2) cos and sin of the angle at the middle of the step, mid-January being a twelfth
    winter: np.ndarray  # (steps,) cos that is 1 in mid-January and -1 in mid-July, at the middle of the step
    first_winter: np.ndarray  # (steps,) 1 from November to March of the first winter that begins in the run
    target_check: np.ndarray  # (steps,) 1 if 1 November falls into the step: storage is measured against its target
    pinned_route: np.ndarray  # (steps, routes) OPEN or CLOSED by a dated event, or -1
    law_later: np.ndarray  # (steps, 2) share of the step before the date on which the law on pipeline gas or LNG acts
    pinned_suspension: np.ndarray  # (steps,) 1 a suspension is decreed, 0 ended, or -1
    pipeline_law: int  # row of the register that bans pipeline gas, or -1
    lng_law: int


class Inputs(NamedTuple):
    """State of other submodels in this step: war, channels and instruments, severity of a disruption, Brent.

    ``money`` holds the facts of the fiscal block, for dollars per euro.
    """

    conflict: np.void
    sanctions: np.void
    gulf: np.void
    oil: np.void
    money: np.void


@kernel
def start(gas, p, sanctions, gulf, oil, tables):
    """State of the as-of date of each path, from the facts.

    The filter of Brent is that of the observed months, which hold the gulf's premium of the as-of date.
    """
    for lane in range(gas.ttf.size):
        elasticity = ttf.elasticity_now(
            p.elasticity_tight[lane], p.elasticity_glut[lane], supply.wave(p, tables.year[0], lane)
        )
        premium = ttf.gulf_effect(p.gulf_lng_share[lane], gulf.severity[lane], elasticity)
        price = p.ttf[lane]
        gas.ttf[lane] = price
        gas.log_base[lane] = log(price) - premium + p.averaging_memory[lane] * p.last_innovation[lane]
        gas.log_variance[lane] = p.volatility_now[lane]
        gas.ttf_volatility[lane] = np.sqrt(12.0) * exp(0.5 * p.volatility_now[lane])
        gas.tightness[lane] = 0.0
        gas.gulf_premium[lane] = premium
        gas.oil_filter[lane] = p.oil_filter[lane] - oil.gulf_premium[lane]
        gas.oil_mean[lane] = p.oil_mean[lane] - oil.gulf_premium[lane]
        gas.oil_effect[lane] = 0.0
        gas.supply_effect[lane] = 0.0
        gas.elasticity[lane] = elasticity
        gas.net_supply[lane] = 0.0
        supply.start(gas, p, sanctions, tables, lane)
        gas.stored[lane] = p.storage[lane] * p.storage_capacity[lane] / 100.0
        gas.fill[lane] = p.storage[lane]
        normal = balance.normal_fill(market.path(p, lane), tables.angles[0])
        gas.gap[lane] = p.storage[lane] - normal
        gas.supply_gap[lane] = 0.0
        # The storage has adapted to a disruption as far as it has lasted.
        adapted = 1.0 - half_life_decay(p.storage_adaptation_half_life[lane], gulf.clock[lane])
        lost = p.gulf_lng_share[lane] * gulf.severity[lane] * market.other_lng(p, lane)
        gas.slow_shift[lane] = -adapted * lost
        gas.slow_log_ratio[lane] = 0.0
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


@kernel
def advance(gas, p, draws, inputs, tables, t, dt):
    """One step of a block.

    Routes under this step's law and war, then the price, then the balance at that price, then its effects in Europe.
    """
    for lane in range(gas.ttf.size):
        supply.suspension_step(gas, p, draws, inputs.sanctions, tables, t, lane, dt)
    for lane in range(gas.ttf.size):
        supply.flows_step(gas, p, draws, inputs, tables, t, lane, dt)
    for lane in range(gas.ttf.size):
        market.weather_step(gas, p, draws, tables, t, lane, dt)
        market.price_step(gas, p, draws, inputs, tables, t, lane, dt)
    for lane in range(gas.ttf.size):
        market.balance_step(gas, p, inputs.gulf, tables, t, lane, dt)
    for lane in range(gas.ttf.size):
        market.europe_step(gas, p, draws, lane, dt)
