"""Channels: what the instruments in force add up to in law, and the effective state that follows it with a lag."""

from ..tools.jit import inline
from ..tools.special import half_life_decay
from .lifting import adjust

CHANNELS = ("crude_eu", "blocking", "fleet", "payment", "pipeline_gas_eu", "lng_eu", "technology")
CRUDE_EU, BLOCKING, FLEET, PAYMENT, PIPELINE_GAS_EU, LNG_EU, TECHNOLOGY = range(7)


@inline
def channels_step(sanctions, p, tables, dt):
    """Combine the instruments into channels and let the effective state follow the law with its lag."""
    lanes = sanctions.designation.size
    for c in range(len(CHANNELS)):
        for lane in range(lanes):
            sanctions.legal[c, lane] = 0.0
        for i in range(tables.sender.size):
            weight = tables.weight[i, c]
            if weight != 0.0:
                for lane in range(lanes):
                    sanctions.legal[c, lane] += weight * sanctions.strength[i, lane]
        for lane in range(lanes):
            half_life = p.payment_adjustment_half_life[lane] if c == PAYMENT else p.relief_adjustment_half_life[lane]
            relief_left = half_life_decay(half_life, dt)
            restriction_left = half_life_decay(p.restriction_adjustment_half_life[lane], dt)
            sanctions.effective[c, lane] = adjust(
                sanctions.effective[c, lane], sanctions.legal[c, lane], relief_left, restriction_left
            )
