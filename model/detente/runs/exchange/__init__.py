"""Finished runs in the formats of other tools: forecast hubs, IAMC tables (pyam) and xarray."""

HUB_LEVELS = (0.01, 0.025, *(round(0.05 * k, 2) for k in range(1, 20)), 0.975, 0.99)
"""Levels of the quantiles that forecast hubs exchange, and that backtests and the ledger write."""
