"""Russian gas of a step: suspension of the ban, routes under law and war, and the supply that the price counts on."""

import numpy as np

from ..conflict import CEASEFIRE
from ..sanctions import LNG_EU, PIPELINE_GAS_EU
from ..sanctions.lifting import IN_FORCE as LAW_IN_FORCE
from ..tools.hazards import stamp, strikes
from ..tools.jit import inline
from ..tools.units import DAYS_PER_MONTH
from . import routes

ROUTES = ("turkstream", "ukraine_transit", "yamal", "nord_stream")
"""Pipelines whose state a dated event may set; ``Tables.pinned_route`` has a column for each."""
CLOSED, OPEN = 0.0, 1.0
SUSPENSION_MONTHS = 28.0 / DAYS_PER_MONTH
"""An emergency suspension lasts four weeks (Regulation (EU) 2026/261)."""
SHORTEST_WAVE = 1.0 / 12.0


@inline
def wave(p, year, lane):
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
def expected_supply(gas, p, sanctions, tables, lane):
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
    """Pipeline gas and all Russian gas."""
    gas.pipeline[lane] = gas.turkstream[lane] + gas.transit[lane] + gas.yamal[lane] + gas.nord_stream[lane]
    gas.russian[lane] = gas.pipeline[lane] + gas.lng[lane]


@inline
def start(gas, p, sanctions, tables, lane):
    """Flows of the as-of date, and what is closed then."""
    gas.turkstream[lane] = gas.turkstream_wanted[lane] = p.turkstream[lane]
    gas.transit[lane] = gas.transit_wanted[lane] = p.ukraine_transit[lane]
    gas.yamal[lane] = gas.yamal_wanted[lane] = p.yamal[lane]
    gas.nord_stream[lane] = gas.nord_stream_wanted[lane] = p.nord_stream[lane]
    gas.lng[lane] = p.lng[lane]
    gas.contract_left[lane] = p.transit_contract_months[lane] if p.transit_contract_months[lane] > 0.0 else np.inf
    gas.pipeline_closed_at_start[lane] = sanctions.effective[PIPELINE_GAS_EU, lane]
    gas.lng_closed_at_start[lane] = sanctions.effective[LNG_EU, lane]
    gas.pipeline_channel[lane] = sanctions.effective[PIPELINE_GAS_EU, lane]
    gas.lng_channel[lane] = sanctions.effective[LNG_EU, lane]
    gas.suspension_left[lane] = 0.0
    gas.suspended[lane] = 0.0
    _add_up(gas, lane)
    gas.expected_start[lane] = expected_supply(gas, p, sanctions, tables, lane)


@inline
def suspension_step(gas, p, draws, sanctions, tables, t, lane, dt):
    """Emergency suspension of the ban: four weeks, renewable, when prices are very high or storage is very low.

    ``suspended`` is the share of the step.
    """
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
def _closed(now, before, later):
    """Mean of a channel over a step of which the share ``later`` lies before the date of the law."""
    return now + later * (before - now)


@inline
def flows_step(gas, p, draws, inputs, tables, t, lane, dt):
    """Routes of this step.

    Transit returns only in peace, with the law open, by a political decision or on a date of the scenario.
    """
    conflict, sanctions = inputs.conflict, inputs.sanctions
    left = gas.contract_left[lane] - dt
    if left <= 1e-9:
        gas.transit_wanted[lane] = 0.0
        left = np.inf
    gas.contract_left[lane] = left
    suspension = p.suspension_scope[lane] * gas.suspended[lane]
    # A step that contains the law's date is weighted by its days.
    pipeline = _closed(sanctions.effective[PIPELINE_GAS_EU, lane], gas.pipeline_channel[lane], tables.law_later[t, 0])
    lng = _closed(sanctions.effective[LNG_EU, lane], gas.lng_channel[lane], tables.law_later[t, 1])
    gas.pipeline_channel[lane] = sanctions.effective[PIPELINE_GAS_EU, lane]
    gas.lng_channel[lane] = sanctions.effective[LNG_EU, lane]
    pipeline_open = max(routes.openness(pipeline, gas.pipeline_closed_at_start[lane]), suspension)
    lng_open = max(routes.openness(lng, gas.lng_closed_at_start[lane]), suspension)
    quiet = conflict.state[lane] >= CEASEFIRE
    legal = sanctions.effective[PIPELINE_GAS_EU, lane] < 0.5
    # A contract outlasted the war once, an agreement of peace would not.
    if conflict.relapsed[lane] == 1.0 and left == np.inf:
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
