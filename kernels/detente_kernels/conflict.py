"""Conflict: war, partial truce, ceasefire, settlement and relapse, talks, and the gates of the roadmap.

A semi-Markov process with competing Weibull risks. Transitions happen at their exact times within a step
(``tools.hazards.waiting_time``), so a month and a week give the same law up to the covariates, which are held for a
step. Covariates (this month's gulf; last month's tariff threat, fiscal runway and net change of the Russian force; the
roadmap's offer) act as multipliers exp(beta x) on the hazards of ceasefire and settlement. Each is centred by mean and
variance of x among the simulations of a pilot run that are still at war in the same step: they move the hazard between
simulations, not the declared base rate. Relapse is front-loaded
(shape below 1; Fortna 2003, Werner 1999) and scaled by the strength of the agreement and by the force that Russia has
regenerated since. Parameters and their sources: configs/parameters/conflict.toml.
"""

from typing import NamedTuple

import numpy as np

from .tools.hazards import strikes, waiting_time
from .tools.jit import inline, kernel
from .tools.rng import UNIFORM, Stream
from .tools.special import exp, power

WAR = 0.0
TRUCE = 1.0
CEASEFIRE = 2.0
SETTLEMENT = 3.0

PARAMS = (
    "war_to_truce_rate",
    "war_to_truce_shape",
    "ceasefire_rate",
    "war_to_ceasefire_shape",
    "war_to_settlement_rate",
    "war_to_settlement_shape",
    "truce_to_war_rate",
    "truce_to_war_shape",
    "truce_ceasefire_ratio",
    "truce_to_ceasefire_shape",
    "ceasefire_to_war_rate",
    "ceasefire_to_war_shape",
    "ceasefire_to_settlement_rate",
    "ceasefire_to_settlement_shape",
    "settlement_to_war_rate",
    "settlement_to_war_shape",
    "agreement_strength_multiplier",
    "contested_outcome_multiplier",
    "talks_start_rate",
    "talks_stall_rate",
    "talks_ratio",
    "talks_rank",
    "talks_conclusion_rate",
    "withdrawal_rate",
    "relief_offer_effect",
    "gulf_effect",
    "threat_effect",
    "runway_effect",
    "net_force_effect",
    "regeneration_effect",
)
FACTS = ("state", "months_in_state", "talks")
STATE = (
    "state",
    "clock",
    "war_ceasefire_rate",
    "truce_ceasefire_rate",
    "exposed",
    ("pressures", 5),
    "talks",
    "talks_concluded",
    "withdrawal_verified",
    "quiet",
    "stage",
    "relapsed",
    "in_war",
    "in_truce",
    "in_ceasefire",
    "in_settlement",
    "first_truce",
    "first_ceasefire",
    "first_settlement",
    "first_relapse",
    "first_stage",
)
EVENTS = ("first_truce", "first_ceasefire", "first_settlement", "first_relapse", "first_stage")
DRAWS = (
    Stream("conflict.first", (("risk_a1", UNIFORM), ("risk_b1", UNIFORM), ("risk_c1", UNIFORM), ("talks", UNIFORM))),
    Stream(
        "conflict.second", (("risk_a2", UNIFORM), ("risk_b2", UNIFORM), ("risk_c2", UNIFORM), ("conclusion", UNIFORM))
    ),
    Stream(
        "conflict.third", (("risk_a3", UNIFORM), ("risk_b3", UNIFORM), ("risk_c3", UNIFORM), ("withdrawal", UNIFORM))
    ),
)


class Tables(NamedTuple):
    """What the scenario sets.

    ``pinned`` (steps,) state or -1; ``gate_*`` (stages,): months of quiet, verified withdrawal and concluded talks
    needed; ``relief_on_offer`` 1 if the roadmap offers any easing; ``feedback`` 1 or 0; ``pressure_mean`` and
    ``pressure_variance`` (steps, 5): of relief on offer, gulf, threat, shortage of reserves and growth of the Russian
    force, among the simulations of the pilot run that are still at war; zeros do not centre.
    """

    pinned: np.ndarray
    gate_months: np.ndarray
    gate_withdrawal: np.ndarray
    gate_talks: np.ndarray
    relief_on_offer: float
    feedback: float
    pressure_mean: np.ndarray
    pressure_variance: np.ndarray


class Risks(NamedTuple):
    """The eight transitions of one path: rate (per month) and shape of each, before multipliers."""

    war_truce: tuple
    war_ceasefire: tuple
    war_settlement: tuple
    truce_war: tuple
    truce_ceasefire: tuple
    ceasefire_war: tuple
    ceasefire_settlement: tuple
    settlement_war: tuple


class Step(NamedTuple):
    """State at the end of a step, and what happened in it.

    ``clock`` in months; ``*_at`` are months from the step's start to each first entry, inf if none.
    """

    state: float
    clock: float
    truce_at: float
    ceasefire_at: float
    settlement_at: float
    relapse_at: float


@inline
def _risks(state, risks, onset, relapse):
    """The up to three risks of a state as ((rate, shape, multiplier, destination), ...)."""
    never = (0.0, 1.0, 0.0, WAR)
    if state == WAR:
        r, c, s = risks.war_truce, risks.war_ceasefire, risks.war_settlement
        return (r[0], r[1], 1.0, TRUCE), (c[0], c[1], onset, CEASEFIRE), (s[0], s[1], onset, SETTLEMENT)
    if state == TRUCE:
        r, c = risks.truce_war, risks.truce_ceasefire
        return (r[0], r[1], 1.0, WAR), (c[0], c[1], onset, CEASEFIRE), never
    if state == CEASEFIRE:
        r, c = risks.ceasefire_war, risks.ceasefire_settlement
        return (r[0], r[1], relapse, WAR), (c[0], c[1], 1.0, SETTLEMENT), never
    r = risks.settlement_war
    return (r[0], r[1], relapse, WAR), never, never


@inline
def step(risks, z, state, clock, onset, relapse, dt):
    """One step of one path.

    Up to three transitions at their exact times; a fourth within a month waits for the next step.

    ``z`` = nine uniforms (three risks by three transitions); ``onset`` and ``relapse`` multiply the hazards of peace
    and of war's return.
    """
    truce_at = np.inf
    ceasefire_at = np.inf
    settlement_at = np.inf
    relapse_at = np.inf
    elapsed = 0.0
    for k in range(3):
        first, second, third = _risks(state, risks, onset, relapse)
        left = dt - elapsed
        wait_a = waiting_time(clock, first[0], first[1], first[2], z[3 * k], left)
        wait_b = waiting_time(clock, second[0], second[1], second[2], z[3 * k + 1], left)
        wait_c = waiting_time(clock, third[0], third[1], third[2], z[3 * k + 2], left)
        wait = min(wait_a, min(wait_b, wait_c))
        if elapsed + wait >= dt:
            break
        elapsed += wait
        target = first[3] if wait_a == wait else (second[3] if wait_b == wait else third[3])
        if target == WAR and state >= CEASEFIRE:
            relapse_at = min(relapse_at, elapsed)
        if target == TRUCE:
            truce_at = min(truce_at, elapsed)
        elif target == CEASEFIRE:
            ceasefire_at = min(ceasefire_at, elapsed)
        elif target == SETTLEMENT:
            settlement_at = min(settlement_at, elapsed)
        state = target
        clock = 0.0
    return Step(state, clock + dt - elapsed, truce_at, ceasefire_at, settlement_at, relapse_at)


@inline
def talks_step(active, start_rate, stall_rate, uniform, dt):
    """Talks stalled (0) or active (1): exact transition of a two-state Markov chain over ``dt`` months."""
    total = start_rate + stall_rate
    gone = 1.0 - exp(-total * dt)
    leave = gone * (stall_rate if active == 1.0 else start_rate) / max(total, 1e-300)
    return 1.0 - active if uniform < leave else active


LARGEST_NET = 3.0
"""Per cent of the Russian force a month: a faster change than any of this war has no larger effect on the war."""
DRAWN = 2.0
"""State of the talks at the start: drawn by their long-run share."""
DECLARED = 12.0
"""Months ahead in which a hazard that depends on duration has the declared rate on average."""


@inline
def scale_rate(rate, shape, months):
    """Weibull rate whose mean hazard over the next DECLARED months is ``rate``, after ``months`` in the state."""
    if shape == 1.0 or rate <= 0.0:
        return rate
    return power(DECLARED * rate / (power(months + DECLARED, shape) - power(max(months, 1e-9), shape)), 1.0 / shape)


@inline
def truce_share(begins, ends, now):
    """Mean share of the next DECLARED months in a truce.

    Truces begin and end at these rates; ``now`` is 1 if there is one.
    """
    both = max(begins + ends, 1e-12)
    long_run = begins / both
    return long_run + (now - long_run) * (1.0 - exp(-both * DECLARED)) / (both * DECLARED)


@inline
def route_rates(total, settlement, truce_ratio, in_truce):
    """Hazards (war, truce) of a ceasefire that make ``total`` a month over all routes.

    A truce has ``truce_ratio`` times the total. War has what is left, given the share of months ``in_truce`` and the
    hazard of a ``settlement`` straight from war.
    """
    from_truce = truce_ratio * total
    return max((total - in_truce * from_truce) / max(1.0 - in_truce, 1e-9) - settlement, 0.0), from_truce


@inline
def active_share(start_rate, stall_rate):
    """Long-run share of months with talks."""
    return start_rate / max(start_rate + stall_rate, 1e-300)


@inline
def talks_multiplier(active, ratio, share):
    """Multiplier of the hazards of peace: ``ratio`` times higher with talks than without, 1 in the long-run mean."""
    return (ratio if active == 1.0 else 1.0) / (share * ratio + 1.0 - share)


@inline
def centred(effect, level, mean, variance):
    """Log multiplier of a pressure, with mean one over levels of this mean and variance (exactly so if normal)."""
    return effect * (level - mean) - 0.5 * effect * effect * variance


@inline
def stages_reached(stage, quiet, withdrawal, talks_concluded, tables):
    """How many roadmap stages are reached.

    Gates are passed in order; ``quiet`` is the months of ceasefire or settlement so far.
    """
    n = int(stage)
    while n < tables.gate_months.size:
        if (
            quiet < tables.gate_months[n]
            or withdrawal < tables.gate_withdrawal[n]
            or talks_concluded < tables.gate_talks[n]
        ):
            break
        n += 1
    return float(n)


@kernel
def start(conflict, p):
    """State of the as-of date, on each path."""
    for lane in range(conflict.clock.size):
        conflict.state[lane] = p.state[lane]
        conflict.clock[lane] = p.months_in_state[lane]
        known = p.talks[lane]
        share = active_share(p.talks_start_rate[lane], p.talks_stall_rate[lane])
        drawn = 1.0 if p.talks_rank[lane] < share else 0.0
        conflict.talks[lane] = drawn if known == DRAWN else known
        conflict.exposed[lane] = 1.0 if p.state[lane] < CEASEFIRE else 0.0
        routes = route_rates(
            p.ceasefire_rate[lane],
            p.war_to_settlement_rate[lane],
            p.truce_ceasefire_ratio[lane],
            truce_share(p.war_to_truce_rate[lane], p.truce_to_war_rate[lane], 1.0 if p.state[lane] == TRUCE else 0.0),
        )
        at_war = p.months_in_state[lane] if p.state[lane] == WAR else 0.0
        conflict.war_ceasefire_rate[lane] = scale_rate(routes[0], p.war_to_ceasefire_shape[lane], at_war)
        conflict.truce_ceasefire_rate[lane] = routes[1]
        conflict.talks_concluded[lane] = 0.0
        conflict.withdrawal_verified[lane] = 0.0
        conflict.quiet[lane] = p.months_in_state[lane] if p.state[lane] >= CEASEFIRE else 0.0
        conflict.stage[lane] = 0.0
        conflict.relapsed[lane] = 0.0
        _occupancy(conflict, lane)


@inline
def _occupancy(conflict, lane):
    """Indicators of the four states."""
    state = conflict.state[lane]
    conflict.in_war[lane] = 1.0 if state == WAR else 0.0
    conflict.in_truce[lane] = 1.0 if state == TRUCE else 0.0
    conflict.in_ceasefire[lane] = 1.0 if state == CEASEFIRE else 0.0
    conflict.in_settlement[lane] = 1.0 if state == SETTLEMENT else 0.0


@inline
def _pin(now, pinned, dt):
    """A dated event of the scenario sets the state at the start of the step."""
    if pinned < 0.0 or pinned == now.state:
        return now
    return Step(
        pinned,
        dt,
        0.0 if pinned == TRUCE else np.inf,
        0.0 if pinned == CEASEFIRE else np.inf,
        0.0 if pinned == SETTLEMENT else np.inf,
        0.0 if pinned == WAR and now.state >= CEASEFIRE else np.inf,
    )


@inline
def _stamp(current, moment, at):
    """Keep the first time of an event: NaN until it happens."""
    return moment + at if current != current and at < np.inf else current


class Inputs(NamedTuple):
    """State of this step's gulf, and of last step's tariffs, budget and forces."""

    gulf: np.void
    tariffs: np.void
    fiscal: np.void
    attrition: np.void


@kernel
def advance(conflict, p, draws, inputs, tables, t, dt):
    """One step of a block; ``t`` counts steps from 0.

    Budget and forces act by their change since the as-of date, which the base rates reflect already; relief on offer
    and feedback come with the tables.
    """
    gulf, tariffs, fiscal, attrition = inputs.gulf, inputs.tariffs, inputs.fiscal, inputs.attrition
    moment = t * dt
    for lane in range(conflict.clock.size):
        risks = Risks(
            (p.war_to_truce_rate[lane], p.war_to_truce_shape[lane]),
            (conflict.war_ceasefire_rate[lane], p.war_to_ceasefire_shape[lane]),
            (p.war_to_settlement_rate[lane], p.war_to_settlement_shape[lane]),
            (p.truce_to_war_rate[lane], p.truce_to_war_shape[lane]),
            (conflict.truce_ceasefire_rate[lane], p.truce_to_ceasefire_shape[lane]),
            (p.ceasefire_to_war_rate[lane], p.ceasefire_to_war_shape[lane]),
            (p.ceasefire_to_settlement_rate[lane], p.ceasefire_to_settlement_shape[lane]),
            (p.settlement_to_war_rate[lane], p.settlement_to_war_shape[lane]),
        )
        z = (
            draws.risk_a1[lane],
            draws.risk_b1[lane],
            draws.risk_c1[lane],
            draws.risk_a2[lane],
            draws.risk_b2[lane],
            draws.risk_c2[lane],
            draws.risk_a3[lane],
            draws.risk_b3[lane],
            draws.risk_c3[lane],
        )
        grown = attrition.net_share[lane] - attrition.net_share_start[lane]
        exposed = 1.0 if conflict.state[lane] < CEASEFIRE else 0.0
        conflict.exposed[lane] = exposed
        effects = (
            p.relief_offer_effect[lane],
            p.gulf_effect[lane],
            p.threat_effect[lane],
            p.runway_effect[lane],
            p.net_force_effect[lane],
        )
        levels = (
            tables.relief_on_offer,
            gulf.severity[lane],
            tariffs.threat[lane],
            fiscal.pressure[lane] - fiscal.pressure_start[lane],
            min(max(grown, -LARGEST_NET), LARGEST_NET),
        )
        onset = 0.0
        for k in range(len(levels)):
            conflict.pressures[k, lane] = exposed * levels[k]
            onset += centred(effects[k], levels[k], tables.pressure_mean[t, k], tables.pressure_variance[t, k])
        share = active_share(p.talks_start_rate[lane], p.talks_stall_rate[lane])
        talking = talks_multiplier(conflict.talks[lane], p.talks_ratio[lane], share)
        onset = talking * exp(tables.feedback * onset)
        regained = exp(tables.feedback * p.regeneration_effect[lane] * attrition.regenerated[lane])
        relapse = p.agreement_strength_multiplier[lane] * p.contested_outcome_multiplier[lane] * regained
        was = conflict.state[lane]
        new = step(risks, z, was, conflict.clock[lane], onset, relapse, dt)
        pinned = tables.pinned[t]
        if pinned >= 0.0:
            new = _pin(Step(was, conflict.clock[lane] + dt, np.inf, np.inf, np.inf, np.inf), pinned, dt)

        conflict.first_truce[lane] = _stamp(conflict.first_truce[lane], moment, new.truce_at)
        conflict.first_ceasefire[lane] = _stamp(conflict.first_ceasefire[lane], moment, new.ceasefire_at)
        conflict.first_settlement[lane] = _stamp(conflict.first_settlement[lane], moment, new.settlement_at)
        conflict.first_relapse[lane] = _stamp(conflict.first_relapse[lane], moment, new.relapse_at)

        relapsed = 1.0 if new.relapse_at < np.inf else 0.0
        if new.state < CEASEFIRE:
            conflict.quiet[lane] = 0.0
        elif relapsed == 1.0 or was < CEASEFIRE:
            conflict.quiet[lane] = new.clock
        else:
            conflict.quiet[lane] += dt
        conflict.relapsed[lane] = relapsed
        conflict.state[lane] = new.state
        conflict.clock[lane] = new.clock

        talks = talks_step(
            conflict.talks[lane], p.talks_start_rate[lane], p.talks_stall_rate[lane], draws.talks[lane], dt
        )
        concluded = conflict.talks_concluded[lane]
        if talks == 1.0 and strikes(p.talks_conclusion_rate[lane], dt, draws.conclusion[lane]):
            concluded = 1.0
        verified = conflict.withdrawal_verified[lane]
        if new.state >= CEASEFIRE and strikes(p.withdrawal_rate[lane], dt, draws.withdrawal[lane]):
            verified = 1.0
        stage = conflict.stage[lane]
        if relapsed == 1.0:  # war's return undoes what was agreed
            talks = 0.0
            concluded = 0.0
            verified = 0.0
            stage = 0.0
        conflict.talks[lane] = talks
        conflict.talks_concluded[lane] = concluded
        conflict.withdrawal_verified[lane] = verified
        conflict.stage[lane] = stages_reached(stage, conflict.quiet[lane], verified, concluded, tables)
        if conflict.stage[lane] >= 1.0:
            conflict.first_stage[lane] = _stamp(conflict.first_stage[lane], moment, dt)
        _occupancy(conflict, lane)
