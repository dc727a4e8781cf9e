"""Channels: what the instruments in force add up to in law, and the effective state that follows it with a lag.

A price-triggered licence frees cargoes that are afloat: what it frees follows within weeks, other relief within months.
"""

import numpy as np

from ..tools.jit import inline
from ..tools.special import half_life_decay
from .lifting import LICENSED, PRICE, adjust

CHANNELS = ("crude_eu", "blocking", "fleet", "payment", "pipeline_gas_eu", "lng_eu", "technology")
CRUDE_EU, BLOCKING, FLEET, PAYMENT, PIPELINE_GAS_EU, LNG_EU, TECHNOLOGY = range(7)


@inline
def channels_step(sanctions, p, tables, dt):
    """Combine the instruments into channels and let the effective state follow the law with its lag."""
    lanes = sanctions.designation.size
    before = np.empty(lanes)
    afloat = np.empty(lanes)
    for c in range(len(CHANNELS)):
        for lane in range(lanes):
            before[lane] = sanctions.legal[c, lane]
            afloat[lane] = 0.0
            sanctions.legal[c, lane] = 0.0
        for i in range(tables.sender.size):
            weight = tables.weight[i, c]
            if weight != 0.0:
                for lane in range(lanes):
                    sanctions.legal[c, lane] += weight * sanctions.strength[i, lane]
                    if sanctions.status[i, lane] == LICENSED and sanctions.route[i, lane] == PRICE:
                        afloat[lane] += weight * (1.0 - sanctions.strength[i, lane])
        for lane in range(lanes):
            half_life = p.payment_adjustment_half_life[lane] if c == PAYMENT else p.relief_adjustment_half_life[lane]
            relief_left = half_life_decay(half_life, dt)
            restriction_left = half_life_decay(p.restriction_adjustment_half_life[lane], dt)
            freed = sanctions.licensed[c, lane]
            follows = adjust(
                sanctions.effective[c, lane] + freed,
                sanctions.legal[c, lane] + afloat[lane],
                relief_left,
                restriction_left,
            )
            # A licence that other relief takes over hands its part over at that relief's pace.
            taken_over = afloat[lane] < freed and sanctions.legal[c, lane] <= before[lane]
            licence_left = relief_left if taken_over else half_life_decay(p.licence_adjustment_half_life[lane], dt)
            freed = afloat[lane] + (freed - afloat[lane]) * licence_left
            sanctions.licensed[c, lane] = freed
            sanctions.effective[c, lane] = max(follows - freed, 0.0)
