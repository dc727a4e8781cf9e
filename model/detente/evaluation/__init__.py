"""Forecast evaluation: observed outcomes, scores, and backtests of the price and loss recipes."""
