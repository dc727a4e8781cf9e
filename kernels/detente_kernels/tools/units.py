"""Units that several submodels share."""

DAYS_PER_MONTH = 30.4375
"""Mean length of a month: 365.25 / 12."""
MWH_PER_MMBTU = 0.29307107
"""Megawatt hours in a million British thermal units."""
MMBTU_PER_BARREL = 5.8
"""Energy of a barrel of crude oil, as in oil-indexed gas contracts."""
TWH_PER_BCM = 10.55
"""Gross calorific value, 10.55 kWh a cubic metre: the usual figure of European grid operators (recalled)."""
