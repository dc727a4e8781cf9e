"""Gulf: shipping through Hormuz is open or disrupted, for the whole outside world at once.

A two-state semi-Markov process: open -> disrupted at a constant rate, disrupted -> open after a Weibull sojourn. The
severity, the share of a full closure's effect, has a level drawn at onset and moves around it, as a strait reopens in
part and closes again. Exogenous; oil (level, volatility, spare capacity
behind the strait) and later gas read it. The 2026 episode and the judgement behind the rates:
configs/parameters/gulf.toml.
"""

from typing import NamedTuple

import numpy as np

from .tools.hazards import waiting_time
from .tools.jit import inline, kernel
from .tools.rng import NORMAL, UNIFORM, Stream
from .tools.special import half_life_decay

OPEN = 0.0
DISRUPTED = 1.0
LEAST = 0.05
"""Severity of a disruption is never below this: less is an open strait."""

PARAMS = (
    "disruption_rate",
    "reopening_rate",
    "reopening_shape",
    "severity_low",
    "severity_noise",
    "severity_half_life",
)
FACTS = ("state", "severity", "months_in_state")
STATE = ("disrupted", "severity", "clock", "level", "deviation")
EVENTS = ()
DRAWS = (
    Stream(
        "gulf.transition",
        (("exit_first", UNIFORM), ("exit_second", UNIFORM), ("severity", UNIFORM), ("movement", NORMAL)),
    ),
)


class Step(NamedTuple):
    """State (DISRUPTED or OPEN), level of severity, and months in the state, at the end of a step."""

    disrupted: float
    level: float
    clock: float


@inline
def step(p, z, disrupted, level, clock, dt):
    """One step of one path: at most one closure and one reopening within ``dt`` months, at their exact times.

    ``p`` = (disruption rate per month, reopening rate per month, reopening shape, lowest severity); ``z`` = three
    uniforms; ``clock`` months in the state. The level of severity is 0 while open.
    """
    disruption_rate, reopening_rate, reopening_shape, severity_low = p
    left = dt
    for k in range(2):
        uniform = z[0] if k == 0 else z[1]
        if disrupted == DISRUPTED:
            wait = waiting_time(clock, reopening_rate, reopening_shape, 1.0, uniform, left)
        else:
            wait = waiting_time(clock, disruption_rate, 1.0, 1.0, uniform, left)
        if wait >= left:
            break
        left -= wait
        clock = 0.0
        disrupted = 1.0 - disrupted
        level = severity_low + (1.0 - severity_low) * z[2] if disrupted == DISRUPTED else 0.0
    return Step(disrupted, level, clock + left)


@inline
def moved(deviation, noise, half_life, z, dt):
    """Deviation of severity from its level, an AR(1) with standard deviation ``noise``, exact over ``dt`` months."""
    left = half_life_decay(half_life, dt)
    return left * deviation + noise * np.sqrt(1.0 - left * left) * z


@kernel
def start(gulf, p):
    """State of the as-of date, on each path."""
    for lane in range(gulf.clock.size):
        gulf.disrupted[lane] = p.state[lane]
        gulf.severity[lane] = p.severity[lane] * p.state[lane]
        gulf.clock[lane] = p.months_in_state[lane]
        gulf.level[lane] = gulf.severity[lane]
        gulf.deviation[lane] = 0.0


@kernel
def advance(gulf, p, draws, pinned, dt):
    """One step of a block. ``pinned`` is -1, or the state that a dated event of the scenario sets in this step."""
    for lane in range(gulf.clock.size):
        rates = (p.disruption_rate[lane], p.reopening_rate[lane], p.reopening_shape[lane], p.severity_low[lane])
        z = (draws.exit_first[lane], draws.exit_second[lane], draws.severity[lane])
        was = gulf.disrupted[lane]
        new = step(rates, z, was, gulf.level[lane], gulf.clock[lane], dt)
        if pinned >= 0.0:
            drawn = p.severity_low[lane] + (1.0 - p.severity_low[lane]) * z[2]
            level = pinned * (gulf.level[lane] if was == DISRUPTED else drawn)
            new = Step(pinned, level, new.clock if pinned == was else 0.0)
        deviation = moved(
            gulf.deviation[lane], p.severity_noise[lane], p.severity_half_life[lane], draws.movement[lane], dt
        )
        gulf.deviation[lane] = deviation if was == DISRUPTED and new.clock >= dt else 0.0
        gulf.disrupted[lane] = new.disrupted
        gulf.level[lane] = new.level
        gulf.severity[lane] = new.disrupted * min(max(new.level + gulf.deviation[lane], LEAST), 1.0)
        gulf.clock[lane] = new.clock
