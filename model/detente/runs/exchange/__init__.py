"""Finished runs in the formats of other tools: forecast hubs, IAMC tables (pyam) and xarray."""
