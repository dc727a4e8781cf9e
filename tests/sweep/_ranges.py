"""Physical ranges of the state: which fields may be negative, and which are shares.

Everything else is a price, a volume, a stock, a capacity, a count or a time: never below zero. A new field is held to
that until it is named here.
"""

import numpy as np

LARGEST = 1e7
"""No value of the state exceeds this in its unit (USD/bbl, mb/d, bcm, TWh, bn RUB, thousand persons, months)."""

UNBOUNDED = ("gas.contract_left", "sanctions.term")
"""Months left, infinite where there is no end: checked for their sign alone, at the end of the run."""

SIGNED = (
    # logarithms, and log effects
    "oil.log_price", "oil.log_base", "oil.transient", "oil.log_variance", "oil.supply_effect", "oil.momentum",
    "oil.discount_noise", "oil.shock", "oil.log_mean",
    "gas.log_base", "gas.log_variance",
    "gas.oil_effect", "gas.oil_filter", "gas.oil_mean", "gas.slow_log_ratio", "gas.tightness", "gas.supply_effect",
    "gas.felt_log_ratio", "gas.power_noise", "gas.hicp_first", "gas.hicp_second", "fiscal.log_rouble",
    "fiscal.felt_revenue", "fiscal.brent_start", "attrition.log_level", "attrition.swing_ua",
    # differences and net flows: against the as-of date, a normal level, a target or another basis
    "oil.net_loss", "oil.slow_loss", "oil.offset", "oil.buyer_noise", "gulf.deviation", "conflict.pressures",
    "oil.discount", "oil.discount_level", "oil.product_level",
    "oil.discount_gap",  # Urals may stand above Brent, as in May 2020
    "oil.damage_deviation", "gas.slow_shift", "fiscal.windfall",
    "oil.delivered_discount", "oil.retreat_at_start", "gas.net_supply", "gas.gap",
    "gas.supply_gap", "gas.anomaly", "gas.withdrawal", "gas.hicp", "gas.bill_change", "gas.gdp_effect",
    "tariffs.welfare", "attrition.net_ru", "attrition.net_ua", "attrition.net_share", "attrition.net_share_start",
    "attrition.trend_ru", "attrition.trend_ua", "attrition.regenerated", "attrition.additions",
    # balances of the budget: a surplus is a negative deficit
    "fiscal.deficit", "fiscal.deficit_share", "fiscal.total_deficit", "fiscal.drawn", "fiscal.need",
    # a code that is -1 for "nothing pending"
    "sanctions.pending",
)  # fmt: skip

SHARES = (
    "gulf.severity", "sanctions.strength", "sanctions.eased",
    "tariffs.credibility", "tariffs.cut", "tariffs.cut_of_market", "tariffs.threat",
    "oil.attested_share", "oil.eu_demand", "gas.suspended", "fiscal.pressure", "fiscal.peace_cut",
)  # fmt: skip
ROUNDING = 1e-9
"""Relative rounding that a sum of parts may show."""


def faults(field: str, values: np.ndarray) -> list[str]:
    """What is wrong with the values of a field, (paths, steps): not finite, negative, not a share, too large."""
    found = []
    low, high = float(values.min()), float(values.max())
    if not np.isfinite(low) or not np.isfinite(high):
        return [f"{field} not finite"]
    if field not in SIGNED and low < -ROUNDING * max(high, 1.0):
        found.append(f"{field} negative ({low:.4g})")
    if field in SHARES and (high > 1.0 + ROUNDING):
        found.append(f"{field} above 1 ({high:.4g})")
    if max(abs(low), abs(high)) > LARGEST:
        found.append(f"{field} too large ({low if -low > high else high:.4g})")
    return found
