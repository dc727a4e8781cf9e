"""Gulf: shipping through Hormuz is open or disrupted, for the whole outside world at once.

A two-state semi-Markov process: open -> disrupted at a constant rate, disrupted -> open after a Weibull sojourn. The
severity, the share of a full closure's effect, is drawn at onset. Exogenous; oil (level, volatility, spare capacity
behind the strait) and later gas read it. The 2026 episode and the judgement behind the rates:
configs/parameters/gulf.toml.
"""

from typing import NamedTuple

from .tools.hazards import waiting_time
from .tools.jit import inline, kernel
from .tools.rng import UNIFORM, Stream

OPEN = 0.0
DISRUPTED = 1.0

PARAMS = ("disruption_rate", "reopening_rate", "reopening_shape", "severity_low")
FACTS = ("state", "severity", "months_in_state")
STATE = ("disrupted", "severity", "clock")
EVENTS = ()
DRAWS = (Stream("gulf.transition", (("exit_first", UNIFORM), ("exit_second", UNIFORM), ("severity", UNIFORM))),)


class Step(NamedTuple):
    """State (DISRUPTED or OPEN), severity, and months in the state, at the end of a step."""

    disrupted: float
    severity: float
    clock: float


@inline
def step(p, z, disrupted, severity, clock, dt):
    """One step of one path: at most one closure and one reopening within ``dt`` months, at their exact times.

    ``p`` = (disruption rate per month, reopening rate per month, reopening shape, lowest severity); ``z`` = three
    uniforms; ``clock`` months in the state. Severity is 0 while open.
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
        severity = severity_low + (1.0 - severity_low) * z[2] if disrupted == DISRUPTED else 0.0
    return Step(disrupted, severity, clock + left)


@kernel
def start(gulf, p):
    """State of the as-of date, on each path."""
    for lane in range(gulf.clock.size):
        gulf.disrupted[lane] = p.state[lane]
        gulf.severity[lane] = p.severity[lane] * p.state[lane]
        gulf.clock[lane] = p.months_in_state[lane]


@kernel
def advance(gulf, p, draws, pinned, dt):
    """One step of a block. ``pinned`` is -1, or the state that a dated event of the scenario sets in this step."""
    for lane in range(gulf.clock.size):
        rates = (p.disruption_rate[lane], p.reopening_rate[lane], p.reopening_shape[lane], p.severity_low[lane])
        z = (draws.exit_first[lane], draws.exit_second[lane], draws.severity[lane])
        new = step(rates, z, gulf.disrupted[lane], gulf.severity[lane], gulf.clock[lane], dt)
        if pinned >= 0.0:
            drawn = p.severity_low[lane] + (1.0 - p.severity_low[lane]) * z[2]
            severity = pinned * (gulf.severity[lane] if gulf.disrupted[lane] == DISRUPTED else drawn)
            clock = new.clock if pinned == gulf.disrupted[lane] else 0.0
            new = Step(pinned, severity, clock)
        gulf.disrupted[lane] = new.disrupted
        gulf.severity[lane] = new.severity
        gulf.clock[lane] = new.clock
