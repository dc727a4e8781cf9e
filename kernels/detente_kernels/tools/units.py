"""Units that several submodels share."""

DAYS_PER_MONTH = 30.4375
"""Mean length of a month: 365.25 / 12."""
TWH_PER_BCM = 10.55
"""Gross calorific value, 10.55 kWh a cubic metre: the usual figure of European grid operators (recalled)."""
