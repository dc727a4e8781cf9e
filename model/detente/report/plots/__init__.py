"""The drawing toolkit of the figures."""
