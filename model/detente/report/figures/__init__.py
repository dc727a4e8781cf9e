"""Figures of a report: each function takes plain data and a size and returns a picture."""
