"""Routes: Russian gas to Europe by pipe and ship, each behind the law, a physical cap and a restart lag.

And what the market expects of it.

Flows are yearly rates in bcm. Law closes a route at the pace of its channel; what reopens comes back with a lag of its
own. A legal end that is known beforehand is priced in beforehand: the event itself brings little news. Parameters and
their sources: configs/parameters/gas.toml.
"""

from typing import NamedTuple

from ..tools.jit import inline
from ..tools.special import half_life_decay


class Flows(NamedTuple):
    """Russian gas to Europe, bcm a year."""

    turkstream: float
    transit: float
    yamal: float
    nord_stream: float
    lng: float


class Caps(NamedTuple):
    """What the routes can carry, bcm a year; ``joint`` bounds TurkStream and the Ukraine transit together."""

    turkstream: float
    transit: float
    yamal: float
    nord_stream: float
    lng: float
    joint: float


@inline
def openness(closed, closed_at_start):
    """Share of a route's starting flow that a channel lets through.

    1 as at the as-of date, 0 when the channel is closed by law.

    If the channel was already shut at the start, the flow that it is measured against is what came before: then plainly
    1 - closed.
    """
    reference = 1.0 - closed_at_start if closed_at_start < 0.5 else 1.0
    return min(max((1.0 - closed) / reference, 0.0), 1.0)


@inline
def follow(flow, target, half_life, dt):
    """A flow falls with its target and rises to it with a restart lag (half-life in months)."""
    return min(target, target + (flow - target) * half_life_decay(half_life, dt))


@inline
def step(flows, targets, caps, half_life, lng_half_life, dt):
    """One step of all routes.

    Toward their targets, each within its cap, TurkStream and transit within their joint bound.
    """
    turkstream = follow(flows.turkstream, min(targets.turkstream, caps.turkstream, caps.joint), half_life, dt)
    transit = follow(flows.transit, min(targets.transit, caps.transit, caps.joint - turkstream), half_life, dt)
    yamal = follow(flows.yamal, min(targets.yamal, caps.yamal), half_life, dt)
    nord_stream = follow(flows.nord_stream, min(targets.nord_stream, caps.nord_stream), half_life, dt)
    return Flows(
        turkstream, transit, yamal, nord_stream, follow(flows.lng, min(targets.lng, caps.lng), lng_half_life, dt)
    )


@inline
def foreseen(months_left, horizon, trust):
    """Share of a coming loss that the price already holds.

    Grows evenly over the ``horizon`` months before the date, up to ``trust``.
    """
    return trust * min(max(1.0 - months_left / horizon, 0.0), 1.0)


@inline
def expected_supply(flows, pipeline_loss, transit_loss, lng_loss, rerouted):
    """Russian gas that counts for the price, bcm a year.

    Flows less the foreseen share of their loss; LNG that Europe bars goes elsewhere in part.
    """
    pipeline = (flows.turkstream + flows.yamal + flows.nord_stream) * (1.0 - pipeline_loss)
    transit = flows.transit * (1.0 - pipeline_loss) * (1.0 - transit_loss)
    return pipeline + transit + flows.lng * (1.0 - lng_loss) * (1.0 - rerouted)
