"""Attrition: losses of both sides, recruits and returns, equipment, and regeneration.

Regeneration is the growth of the Russian force in a ceasefire.

The level of claims is a measured series; true losses depend on the source that is believed and on what it counts, both
switches. Losses become additions after a ceasefire only if recruits outnumber those sent home: a result of the
stocks, not an assumption. Country and month level only. Pure equations:
losses.py and stocks.py. People in thousands, flows a month; claims in persons a day.
"""

from typing import NamedTuple

import numpy as np

from ..conflict import CEASEFIRE, SETTLEMENT, TRUCE
from ..tools.hazards import stamp, strikes
from ..tools.jit import inline, kernel
from ..tools.processes import runway
from ..tools.rng import NORMAL, UNIFORM, Stream
from ..tools.special import exp, half_life_decay, power
from ..tools.units import DAYS_PER_MONTH
from . import losses, stocks

PARAMS = (
    "level_noise", "shock_precision", "level_half_life", "long_run_level", "daily_dispersion", "daily_correlation",
    "truce_intensity", "ceasefire_intensity", "own_exponent", "enemy_exponent", "shared_swing", "source",
    "definition", "claim_bias", "uk_bias", "csis_bias", "named_per_claim", "capture_ratio", "killed_share",
    "killed_share_ua", "returned_share", "return_months", "bonus_elasticity", "peace_enlistment", "demobilisation",
    "mobilisation_rate", "mobilisation_size", "conscript_intake", "conscript_front_share", "absence_ua",
    "tank_production", "tank_refurbishment", "tank_loss_rate", "vehicle_production", "vehicle_refurbishment",
    "vehicle_loss_rate",
)  # fmt: skip
FACTS = (
    "level_now", "recent_deviation", "loss_ratio", "force_ru", "force_ua", "enlistment_ru", "enlistment_ua",
    "reserve", "named_dead", "tanks", "tank_store", "vehicles", "vehicle_store",
)  # fmt: skip
STATE = (
    "log_level", "swing_ua", "expected", "claimed", "uk", "csis", "named", "named_dead", "casualties_ru",
    "casualties_ua", "killed_ru", "killed_ua", "returned_ru", "returned_ua", "wounded_ru", "wounded_ua", "force_ru",
    "force_ua", "enlisted_ru", "enlisted_ua", "mobilised", "called", "conscripts_front", "reserve", "absent_ua",
    "demobilised_ru", "demobilised_ua", "net_ru", "net_ua", "net_share", "net_share_start", "trend_ru", "trend_ua",
    "runway_ru", "runway_ua", "quiet_force", "regenerated", "additions", "casualties_start", "tanks", "tank_store",
    "tanks_lost", "tanks_refurbished", "vehicles", "vehicle_store", "vehicles_lost", "vehicles_refurbished",
    "total_casualties_ru", "total_casualties_ua", "total_killed_ru", "first_mobilisation", "first_guard",
)  # fmt: skip
EVENTS = ("first_mobilisation", "total_casualties_ru", "total_casualties_ua", "total_killed_ru", "first_guard")
DRAWS = (
    Stream("attrition.level", (("level", NORMAL), ("noise", NORMAL), ("level_ua", NORMAL), ("noise_ua", NORMAL))),
    Stream("attrition.days", (("days", NORMAL), ("days_ua", NORMAL), ("mobilisation", UNIFORM))),
)
GENERAL_STAFF, UK_MOD, CSIS, NAMED_DEAD = 0.0, 1.0, 2.0, 3.0
"""Sources on Russian losses; ``source`` says which of them is believed."""
CASUALTIES, KILLED = 0.0, 1.0
"""What a claim counts (``definition``): killed and wounded, or, as some officials have it since December 2025, the
killed alone."""
SETTLED = 0.1
"""Losses under a settlement, relative to those under a ceasefire."""
MOBILISATION_HALF_LIFE = 1.5
"""Months in which half of those called up arrive: 300,000 were called in some five weeks from 21 September 2022."""
CONSCRIPTION = 12.0
"""Months that a Russian conscript serves."""
THIN = 0.75
"""Share of the force of the as-of date at which manpower counts as run out."""
LONGEST = 120.0
"""Months; a runway is not counted beyond."""
SMALLEST = 0.01
"""Guard: a force below this share of the as-of date's counts as this much where changes are measured against it."""
SMOOTHING = 3.0
"""Half-life in months of the net change that the manpower runway looks at."""


@inline
def _params(p, lane):
    """Law of the level of claims on one path."""
    noise = p.level_noise[lane] / np.sqrt(p.shock_precision[lane])
    return losses.Params(
        noise, p.level_half_life[lane], p.long_run_level[lane], p.daily_dispersion[lane], p.daily_correlation[lane]
    )


@inline
def _truth(p, lane):
    """Casualties for each person claimed, by the source that is believed and by what the claim counts."""
    source = p.source[lane]
    share = p.killed_share[lane]
    ratio = p.claim_bias[lane]
    if source == UK_MOD:
        ratio = p.uk_bias[lane]
    elif source == CSIS:
        ratio = p.csis_bias[lane]
    elif source == NAMED_DEAD:
        return p.named_per_claim[lane] / (p.capture_ratio[lane] * share)
    return ratio / share if p.definition[lane] == KILLED else ratio


@inline
def _intensity(p, state, lane):
    """Losses by state of the conflict, relative to war."""
    if state == SETTLEMENT:
        return SETTLED * p.ceasefire_intensity[lane]
    if state == CEASEFIRE:
        return p.ceasefire_intensity[lane]
    return p.truce_intensity[lane] if state == TRUCE else 1.0


@kernel
def start(attrition, p, conflict):
    """State of the as-of date of each path, from the facts; the wounded in care are those of a steady war."""
    for lane in range(attrition.claimed.size):
        claimed = exp(p.level_now[lane]) * _intensity(p, conflict.state[lane], lane)
        months = DAYS_PER_MONTH / 1000.0
        attrition.log_level[lane] = p.level_now[lane]
        attrition.swing_ua[lane] = 0.0
        attrition.claimed[lane] = attrition.expected[lane] = claimed
        attrition.casualties_ru[lane] = claimed * _truth(p, lane) * months
        attrition.casualties_ua[lane] = attrition.casualties_ru[lane] / p.loss_ratio[lane]
        attrition.casualties_start[lane] = max(attrition.casualties_ru[lane], 1e-6)
        attrition.killed_ru[lane] = p.killed_share[lane] * attrition.casualties_ru[lane]
        attrition.killed_ua[lane] = p.killed_share_ua[lane] * attrition.casualties_ua[lane]
        wounded_ru = attrition.casualties_ru[lane] - attrition.killed_ru[lane]
        wounded_ua = attrition.casualties_ua[lane] - attrition.killed_ua[lane]
        attrition.wounded_ru[lane] = wounded_ru * p.return_months[lane]
        attrition.wounded_ua[lane] = wounded_ua * p.return_months[lane]
        attrition.named_dead[lane] = p.named_dead[lane]
        attrition.force_ru[lane] = p.force_ru[lane]
        attrition.force_ua[lane] = p.force_ua[lane]
        quiet = conflict.state[lane] >= CEASEFIRE
        share = p.peace_enlistment[lane] if quiet else 1.0
        attrition.enlisted_ru[lane] = p.enlistment_ru[lane] * share
        attrition.enlisted_ua[lane] = p.enlistment_ua[lane] * share
        home = p.demobilisation[lane] if quiet else 0.0
        absent = 0.0 if quiet else p.absence_ua[lane]
        net_ru = (
            attrition.enlisted_ru[lane]
            + p.returned_share[lane] * wounded_ru
            - attrition.casualties_ru[lane]
            - home * p.force_ru[lane]
        )
        net_ua = (
            attrition.enlisted_ua[lane]
            + p.returned_share[lane] * wounded_ua
            - attrition.casualties_ua[lane]
            - home * p.force_ua[lane]
            - absent
        )
        attrition.net_ru[lane] = attrition.trend_ru[lane] = net_ru
        attrition.net_ua[lane] = attrition.trend_ua[lane] = net_ua
        attrition.net_share[lane] = attrition.net_share_start[lane] = 100.0 * net_ru / max(p.force_ru[lane], 1e-9)
        attrition.called[lane] = 0.0
        attrition.reserve[lane] = p.reserve[lane]
        attrition.quiet_force[lane] = p.force_ru[lane] if quiet else 0.0
        attrition.regenerated[lane] = 0.0
        attrition.tanks[lane] = p.tanks[lane]
        attrition.tank_store[lane] = p.tank_store[lane]
        attrition.vehicles[lane] = p.vehicles[lane]
        attrition.vehicle_store[lane] = p.vehicle_store[lane]
        attrition.total_casualties_ru[lane] = 0.0
        attrition.total_casualties_ua[lane] = 0.0
        attrition.total_killed_ru[lane] = 0.0
        _runways(attrition, p, lane)


class Inputs(NamedTuple):
    """State of this step's conflict and budget."""

    conflict: np.void
    fiscal: np.void


@kernel
def advance(attrition, p, draws, inputs, t, dt):
    """One step of a block: losses under this step's war, at the strengths of the last; then people, then equipment."""
    for lane in range(attrition.claimed.size):
        _losses(attrition, p, draws, inputs.conflict, t, lane, dt)
    for lane in range(attrition.claimed.size):
        _people(attrition, p, draws, inputs, t, lane, dt)
    for lane in range(attrition.claimed.size):
        _equipment(attrition, p, lane, dt)


@inline
def _losses(attrition, p, draws, conflict, t, lane, dt):
    """Claims and casualties that the strengths would suffer in this step (thousand a month.

    Cut in ``_people`` at what is there).
    """
    law = _params(p, lane)
    first = 1.0 if t == 0 else 0.0
    level = losses.level_step(law, attrition.log_level[lane], draws.level[lane], first, dt)
    own_share = 1.0 - p.shared_swing[lane] * p.shared_swing[lane]
    swing = losses.swing_step(
        law, attrition.swing_ua[lane], own_share, draws.level_ua[lane], 0.5 * dt if t == 0 else dt
    )
    known = losses.recent_share(t * dt, dt) * p.recent_deviation[lane]
    intensity = _intensity(p, conflict.state[lane], lane)
    russia = attrition.force_ru[lane] / max(p.force_ru[lane], 1e-9)
    ukraine = attrition.force_ua[lane] / max(p.force_ua[lane], 1e-9)
    own, enemy = p.own_exponent[lane], p.enemy_exponent[lane]
    days = DAYS_PER_MONTH * dt

    mean = exp(level + known)
    noise_sd = np.sqrt(losses.month_noise(law, mean, DAYS_PER_MONTH, dt))
    expected = mean * intensity * losses.scale(russia, own, ukraine, enemy)
    counted = losses.count(
        expected * exp(noise_sd * draws.noise[lane]), days, law.dispersion, law.correlation, draws.days[lane]
    )
    attrition.log_level[lane] = level
    attrition.expected[lane] = expected
    attrition.claimed[lane] = counted / days
    attrition.casualties_ru[lane] = counted / dt * _truth(p, lane) / 1000.0

    of_war = exp(p.level_now[lane]) * _truth(p, lane) / p.loss_ratio[lane]
    mean = of_war * exp(p.shared_swing[lane] * (level - p.level_now[lane] + known) + swing)
    noise_sd = np.sqrt(losses.month_noise(law, mean, DAYS_PER_MONTH, dt))
    expected = mean * intensity * losses.scale(ukraine, own, russia, enemy)
    counted = losses.count(
        expected * exp(noise_sd * draws.noise_ua[lane]), days, law.dispersion, law.correlation, draws.days_ua[lane]
    )
    attrition.swing_ua[lane] = swing
    attrition.casualties_ua[lane] = counted / dt / 1000.0


@inline
def _recruits(attrition, p, draws, inputs, t, lane, dt):
    """Enlisted within the budget for them, mobilised, and conscripts sent to the front (thousand a month)."""
    conflict, fiscal = inputs.conflict, inputs.fiscal
    quiet = conflict.state[lane] >= CEASEFIRE
    share = p.peace_enlistment[lane] if quiet else 1.0
    willing = p.enlistment_ru[lane] * share * power(fiscal.bonus[lane], p.bonus_elasticity[lane])
    attrition.enlisted_ru[lane] = min(willing, fiscal.recruit_budget[lane] / max(fiscal.cost_per_recruit[lane], 1e-9))
    attrition.enlisted_ua[lane] = p.enlistment_ua[lane] * share
    if not quiet and strikes(p.mobilisation_rate[lane], dt, draws.mobilisation[lane]):
        attrition.called[lane] += p.mobilisation_size[lane]
        stamp(attrition.first_mobilisation, lane, True, t * dt)
    arrivals = stocks.drain(attrition.called[lane], 0.0, 0.69314718055994531 / MOBILISATION_HALF_LIFE, dt)
    attrition.called[lane] = arrivals.stock
    attrition.mobilised[lane] = arrivals.outflow
    intake = p.conscript_intake[lane]
    attrition.conscripts_front[lane] = p.conscript_front_share[lane] * intake
    attrition.reserve[lane] = stocks.drain(
        attrition.reserve[lane], intake - attrition.conscripts_front[lane], 1.0 / CONSCRIPTION, dt
    ).stock


@inline
def _people(attrition, p, draws, inputs, t, lane, dt):
    """Forces of both sides: recruits and returning wounded come; the lost, the absent and the demobilised go."""
    conflict = inputs.conflict
    _recruits(attrition, p, draws, inputs, t, lane, dt)
    quiet = conflict.state[lane] >= CEASEFIRE
    home = p.demobilisation[lane] if quiet else 0.0
    rate = 1.0 / p.return_months[lane]
    healed_ru = stocks.drain(attrition.wounded_ru[lane], 0.0, rate, dt)
    healed_ua = stocks.drain(attrition.wounded_ua[lane], 0.0, rate, dt)
    attrition.returned_ru[lane] = p.returned_share[lane] * healed_ru.outflow
    attrition.returned_ua[lane] = p.returned_share[lane] * healed_ua.outflow
    if quiet and (attrition.quiet_force[lane] == 0.0 or conflict.relapsed[lane] == 1.0):
        attrition.quiet_force[lane] = attrition.force_ru[lane]

    before = attrition.force_ru[lane]
    inflow = (
        attrition.enlisted_ru[lane]
        + attrition.mobilised[lane]
        + attrition.conscripts_front[lane]
        + attrition.returned_ru[lane]
    )
    russia = stocks.force_step(before, inflow, attrition.casualties_ru[lane], 0.0, home, dt)
    attrition.force_ru[lane] = russia.force
    attrition.casualties_ru[lane] = russia.casualties
    attrition.demobilised_ru[lane] = russia.demobilised
    attrition.net_ru[lane] = russia.net
    smallest = SMALLEST * p.force_ru[lane]
    attrition.net_share[lane] = 100.0 * russia.net / max(before, smallest)
    attrition.additions[lane] = russia.net * 1000.0 / DAYS_PER_MONTH

    inflow = attrition.enlisted_ua[lane] + attrition.returned_ua[lane]
    absence = 0.0 if quiet else p.absence_ua[lane]
    ukraine = stocks.force_step(attrition.force_ua[lane], inflow, attrition.casualties_ua[lane], absence, home, dt)
    attrition.force_ua[lane] = ukraine.force
    attrition.casualties_ua[lane] = ukraine.casualties
    attrition.absent_ua[lane] = ukraine.absent
    attrition.demobilised_ua[lane] = ukraine.demobilised
    attrition.net_ua[lane] = ukraine.net

    _killed_and_wounded(attrition, p, healed_ru, healed_ua, lane, dt)
    remaining = half_life_decay(SMOOTHING, dt)
    attrition.trend_ru[lane] = russia.net + (attrition.trend_ru[lane] - russia.net) * remaining
    attrition.trend_ua[lane] = ukraine.net + (attrition.trend_ua[lane] - ukraine.net) * remaining
    _runways(attrition, p, lane)
    if not quiet:
        attrition.quiet_force[lane] = 0.0
    attrition.regenerated[lane] = russia.force / max(attrition.quiet_force[lane], smallest) - 1.0 if quiet else 0.0
    held = before < smallest or attrition.log_level[lane] >= losses.HIGHEST_LEVEL
    stamp(attrition.first_guard, lane, held, (t + 1) * dt)


@inline
def _killed_and_wounded(attrition, p, healed_ru, healed_ua, lane, dt):
    """Killed, wounded who enter care, and what each source would publish.

    Those who come in this step leave care from the next one on.
    """
    attrition.killed_ru[lane] = p.killed_share[lane] * attrition.casualties_ru[lane]
    attrition.killed_ua[lane] = p.killed_share_ua[lane] * attrition.casualties_ua[lane]
    attrition.wounded_ru[lane] = healed_ru.stock + (attrition.casualties_ru[lane] - attrition.killed_ru[lane]) * dt
    attrition.wounded_ua[lane] = healed_ua.stock + (attrition.casualties_ua[lane] - attrition.killed_ua[lane]) * dt
    attrition.named[lane] = p.capture_ratio[lane] * attrition.killed_ru[lane]
    attrition.named_dead[lane] += attrition.named[lane] * dt
    # A source publishes true losses over its bias: uk_bias is true over published.
    true_a_day = attrition.casualties_ru[lane] * 1000.0 / DAYS_PER_MONTH
    attrition.uk[lane] = true_a_day / p.uk_bias[lane]
    attrition.csis[lane] = true_a_day / p.csis_bias[lane]
    attrition.total_casualties_ru[lane] += attrition.casualties_ru[lane] * dt
    attrition.total_casualties_ua[lane] += attrition.casualties_ua[lane] * dt
    attrition.total_killed_ru[lane] += attrition.killed_ru[lane] * dt


@inline
def _runways(attrition, p, lane):
    """Months until manpower runs out at the trend of the last months, on both sides."""
    attrition.runway_ru[lane] = runway(
        attrition.force_ru[lane], THIN * p.force_ru[lane], -attrition.trend_ru[lane], LONGEST
    )
    attrition.runway_ua[lane] = runway(
        attrition.force_ua[lane], THIN * p.force_ua[lane], -attrition.trend_ua[lane], LONGEST
    )


@inline
def _equipment(attrition, p, lane, dt):
    """Tanks and armoured vehicles: losses go with those of people, refurbishment with what the store still holds."""
    ratio = attrition.casualties_ru[lane] / attrition.casualties_start[lane]
    tanks = stocks.equipment_step(
        attrition.tanks[lane],
        attrition.tank_store[lane],
        p.tank_production[lane],
        p.tank_refurbishment[lane],
        p.tank_loss_rate[lane] * ratio,
        dt,
    )
    attrition.tanks[lane] = tanks.stock
    attrition.tank_store[lane] = tanks.store
    attrition.tanks_refurbished[lane] = tanks.refurbished
    attrition.tanks_lost[lane] = tanks.lost
    vehicles = stocks.equipment_step(
        attrition.vehicles[lane],
        attrition.vehicle_store[lane],
        p.vehicle_production[lane],
        p.vehicle_refurbishment[lane],
        p.vehicle_loss_rate[lane] * ratio,
        dt,
    )
    attrition.vehicles[lane] = vehicles.stock
    attrition.vehicle_store[lane] = vehicles.store
    attrition.vehicles_refurbished[lane] = vehicles.refurbished
    attrition.vehicles_lost[lane] = vehicles.lost
