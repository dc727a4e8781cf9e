"""The ledger: forecasts written down before the outcome, their outcomes and scores."""
