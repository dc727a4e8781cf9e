"""Numbers about finished runs, each with its error and source; no sentences."""
